//! What people's commands name, and what decisions say of people.

use crate::value::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Who gave a command, and when.
///
/// As JSON: `actor`, `role` (left out where there is none), `time`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "plain data")]
pub struct By {
    /// Who.
    pub actor: Arc<str>,
    /// In which role.
    pub role: Option<Arc<str>>,
    /// When.
    pub time: Timestamp,
}

/// What a person's decision is about: a tag, or an entry on a list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(clippy::exhaustive_enums, reason = "hosts build it")]
pub enum About {
    /// A tag.
    Tag(Arc<str>),
    /// An entry on a list.
    List(Arc<str>),
}

/// What a subject can be spared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(clippy::exhaustive_enums, reason = "hosts build it")]
pub enum Spared {
    /// All that a rule does.
    Rule(Arc<str>),
    /// That rules set a tag.
    Tag(Arc<str>),
    /// That rules add it to a list.
    List(Arc<str>),
}

/// What is lifted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(clippy::exhaustive_enums, reason = "hosts build it")]
pub enum Lifted {
    /// The mark that a rule was wrong to set something.
    Mark {
        /// The rule.
        rule: Arc<str>,
        /// What it had set.
        about: About,
    },
    /// An exemption.
    Exemption(Spared),
}

/// What came of a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(clippy::exhaustive_enums, reason = "hosts build it")]
pub enum ReviewOutcome {
    /// The entry stays as it is.
    Keep,
    /// Its level changes.
    Change {
        /// The level that it has from now on.
        level: u8,
    },
    /// It ends.
    Release,
}

/// Why a command, or a look at a subject, was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Refusal {
    /// The role may not do this, is not one of the rulebook's, or is not given.
    Role,
    /// Another person has to approve it.
    SecondPerson,
    /// Nothing is known of the subject.
    UnknownSubject,
    /// The rulebook has no such tag.
    UnknownTag,
    /// The rulebook has no such list.
    UnknownList,
    /// The list has no such level, or has several and none is given.
    UnknownLevel,
    /// The list has categories, and this is none of them.
    UnknownCategory,
    /// The rulebook has no such rule for the subject, or the rule does not set this.
    UnknownRule,
    /// There is nothing to do it to: no such tag, entry, proposal, appeal, mark or exemption, or it is over.
    Absent,
    /// It is so already.
    Already,
    /// The end is not after the start, or a time lies in the past.
    Time,
}

impl Refusal {
    /// Every code, for those who list them.
    pub const ALL: [Refusal; 11] = [
        Refusal::Role,
        Refusal::SecondPerson,
        Refusal::UnknownSubject,
        Refusal::UnknownTag,
        Refusal::UnknownList,
        Refusal::UnknownLevel,
        Refusal::UnknownCategory,
        Refusal::UnknownRule,
        Refusal::Absent,
        Refusal::Already,
        Refusal::Time,
    ];

    /// The code as in the JSON form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Refusal::Role => "role",
            Refusal::SecondPerson => "second_person",
            Refusal::UnknownSubject => "unknown_subject",
            Refusal::UnknownTag => "unknown_tag",
            Refusal::UnknownList => "unknown_list",
            Refusal::UnknownLevel => "unknown_level",
            Refusal::UnknownCategory => "unknown_category",
            Refusal::UnknownRule => "unknown_rule",
            Refusal::Absent => "absent",
            Refusal::Already => "already",
            Refusal::Time => "time",
        }
    }
}

impl About {
    /// The field that names it in JSON, and its name.
    #[must_use]
    pub const fn named(&self) -> (&'static str, &Arc<str>) {
        match self {
            About::Tag(name) => ("tag", name),
            About::List(name) => ("list", name),
        }
    }
}

impl Spared {
    /// The field that names it in JSON, and its name.
    #[must_use]
    pub const fn named(&self) -> (&'static str, &Arc<str>) {
        match self {
            Spared::Rule(name) => ("rule", name),
            Spared::Tag(name) => ("tag", name),
            Spared::List(name) => ("list", name),
        }
    }
}

impl ReviewOutcome {
    /// Its word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            ReviewOutcome::Keep => "keep",
            ReviewOutcome::Change { .. } => "change",
            ReviewOutcome::Release => "release",
        }
    }
}

/// What a role may be allowed to do: the words of `role NAME may …`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Verb {
    /// To look at a subject.
    View,
    /// To tag and untag.
    Tag,
    /// To add to a list, and to change the level of its entries.
    List,
    /// To end entries.
    Release,
    /// To suspend entries, and have them count again.
    Suspend,
    /// To approve, reject and close proposals.
    Approve,
    /// To record reviews, and decide appeals.
    Review,
    /// To record that a subject appeals.
    Appeal,
    /// To spare subjects rules, tags and lists, and to mark what a rule has set as wrong.
    Exempt,
    /// To say that two subjects are one.
    Merge,
    /// To have subjects forgotten.
    Forget,
    /// To take data out.
    Export,
}

impl Verb {
    /// Every verb, in the order in which messages name them.
    pub const ALL: [Verb; 12] = [
        Verb::View,
        Verb::Tag,
        Verb::List,
        Verb::Release,
        Verb::Suspend,
        Verb::Approve,
        Verb::Review,
        Verb::Appeal,
        Verb::Exempt,
        Verb::Merge,
        Verb::Forget,
        Verb::Export,
    ];

    /// Its word in a rulebook.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Verb::View => "view",
            Verb::Tag => "tag",
            Verb::List => "list",
            Verb::Release => "release",
            Verb::Suspend => "suspend",
            Verb::Approve => "approve",
            Verb::Review => "review",
            Verb::Appeal => "appeal",
            Verb::Exempt => "exempt",
            Verb::Merge => "merge",
            Verb::Forget => "forget",
            Verb::Export => "export",
        }
    }

    /// The verb of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Verb> {
        Verb::ALL.into_iter().find(|verb| verb.as_str() == word)
    }
}
