//! Commands: what a person, or the host for one, has done to a subject.

mod read;

pub(super) use read::{FIELDS, command};

use super::InputError;
use super::wire::invalid;
use crate::decision::{About, Lifted, ReviewOutcome, Spared};
use crate::schema::{EntityId, Schema};
use crate::value::{Duration, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a person does to a subject. It is an input like an event: applied in order of time, and answered with decisions.
///
/// Tags, lists and rules stand by name. One that the rulebook does not know is no error of the input: the command is refused by a
/// decision, so that the refusal is on record.
///
/// ```
/// use tagwarden::{Engine, Input, Reader, Rulebook, TimeUnit};
/// let rulebook = Rulebook::compile("entity customer  list blacklist")?;
/// let reader = Reader::new(rulebook.schema(), TimeUnit::Millis);
/// let mut engine = Engine::new(&rulebook);
/// let line = br#"{"command":"list","time":"2026-01-01T00:00:00Z","actor":"u7","customer":"c1","list":"blacklist","for":"7d","reason":"threats"}"#;
/// let decisions = engine.apply(&reader.json(line)?)?;
/// assert_eq!(decisions[0].kind(), "listed");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(clippy::exhaustive_structs, reason = "hosts build it")]
pub struct Command {
    /// When it was given.
    pub time: Timestamp,
    /// An identifier that the host gave it, for recognising duplicates.
    pub id: Option<Arc<str>>,
    /// The kind of subject.
    pub entity: EntityId,
    /// The subject's key.
    pub subject: Arc<str>,
    /// Who gives it: an identifier of the host's. Not empty.
    pub actor: Arc<str>,
    /// In which role, for a rulebook with `role` lines.
    pub role: Option<Arc<str>>,
    /// Why, in the actor's words. Not empty.
    pub reason: Arc<str>,
    /// What is to be done.
    pub kind: CommandKind,
}

/// What a [`Command`] does. [The guide](crate::guide::commands) says what comes of each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum CommandKind {
    /// Tags the subject.
    Tag {
        /// The tag.
        tag: Arc<str>,
        /// When it begins; at once where absent.
        start: Option<Timestamp>,
        /// How long it holds.
        term: Term,
    },
    /// Ends a tag, whoever gave it.
    Untag {
        /// The tag.
        tag: Arc<str>,
    },
    /// Adds the subject to a list.
    List {
        /// The list.
        list: Arc<str>,
        /// The level; may be absent for a list with one level.
        level: Option<u8>,
        /// The category.
        category: Option<Arc<str>>,
        /// When it begins; at once where absent.
        start: Option<Timestamp>,
        /// How long it holds.
        term: Term,
        /// How often it is to be reviewed; as the list says where absent.
        review: Option<Duration>,
    },
    /// Ends an entry, whoever made it.
    Release {
        /// The list.
        list: Arc<str>,
    },
    /// Changes the level of an entry.
    Level {
        /// The list.
        list: Arc<str>,
        /// The level that it has from now on.
        level: u8,
    },
    /// Has an entry not count for a while. It comes back by itself.
    Suspend {
        /// The list.
        list: Arc<str>,
        /// For how long. [`Term::Usual`] for a session only.
        term: Term,
        /// The session that it is for.
        session: Option<Arc<str>>,
    },
    /// Has a suspended entry count again.
    Resume {
        /// The list.
        list: Arc<str>,
        /// Only what this session has suspended; everything where absent.
        session: Option<Arc<str>>,
    },
    /// Has a proposal carried out.
    Approve {
        /// Its number, as in the decision that proposed it.
        proposal: u32,
    },
    /// Refuses a proposal.
    Reject {
        /// Its number.
        proposal: u32,
    },
    /// Closes a proposal that nobody has decided in time.
    Lapse {
        /// Its number.
        proposal: u32,
    },
    /// Records a review of an entry.
    Review {
        /// The list.
        list: Arc<str>,
        /// What came of it.
        outcome: ReviewOutcome,
        /// When the next one falls due.
        next: Option<Timestamp>,
        /// How often it is to be reviewed from now on.
        review: Option<Duration>,
    },
    /// Records that the subject appeals against a tag or an entry.
    Appeal {
        /// Against what.
        against: About,
    },
    /// Decides an appeal.
    Settle {
        /// Against what it was.
        against: About,
        /// Whether it is granted: then the tag or entry ends.
        granted: bool,
    },
    /// Marks what a rule has set as wrong: it ends, and the rule may not set it again on this subject until that is lifted.
    Wrong {
        /// The rule.
        rule: Arc<str>,
        /// What it has set.
        about: About,
    },
    /// Spares the subject a rule, a tag or a list.
    Exempt {
        /// From what.
        from: Spared,
        /// Until when.
        term: Term,
    },
    /// Ends an exemption or takes back a mark.
    Lift {
        /// What.
        what: Lifted,
    },
    /// The subject is the same customer as another one, and is from now on known as that.
    Merge {
        /// The key of the other one.
        into: Arc<str>,
    },
    /// Removes every trace of the subject.
    Forget,
}

/// How long something holds that a person sets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(clippy::exhaustive_enums, reason = "hosts build it")]
pub enum Term {
    /// As the rulebook says for the tag or list; without an end where it says nothing.
    #[default]
    Usual,
    /// Without an end.
    Forever,
    /// For so long from its start.
    For(Duration),
    /// Up to, and not including, a time.
    Until(Timestamp),
}

impl Command {
    /// Its name on the wire: `tag`, `release`, …
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.kind.name()
    }

    /// Checks what a command must have whatever the rulebook says: a known entity, a key, an actor and a reason.
    ///
    /// # Errors
    /// [`InputError::Invalid`] with the path to the first field that is wrong.
    pub fn validate(&self, schema: &Schema) -> Result<(), InputError> {
        let Some(entity) = schema.entities.get(usize::from(self.entity.0)) else {
            return Err(invalid("entity", "an entity of the rulebook", format!("entity {}", self.entity.0)));
        };
        let named = [(&**entity, &self.subject), ("actor", &self.actor), ("reason", &self.reason)];
        for (path, text) in named {
            if text.trim().is_empty() {
                return Err(invalid(path, "a string that is not empty", format!("{text:?}")));
            }
        }
        Ok(())
    }

    /// Its texts, for the limit on them.
    pub(crate) fn texts(&self) -> [&str; 4] {
        [&self.subject, &self.actor, &self.reason, self.role.as_deref().unwrap_or_default()]
    }
}

impl CommandKind {
    /// Its name on the wire: `tag`, `release`, …
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            CommandKind::Tag { .. } => "tag",
            CommandKind::Untag { .. } => "untag",
            CommandKind::List { .. } => "list",
            CommandKind::Release { .. } => "release",
            CommandKind::Level { .. } => "level",
            CommandKind::Suspend { .. } => "suspend",
            CommandKind::Resume { .. } => "resume",
            CommandKind::Approve { .. } => "approve",
            CommandKind::Reject { .. } => "reject",
            CommandKind::Lapse { .. } => "lapse",
            CommandKind::Review { .. } => "review",
            CommandKind::Appeal { .. } => "appeal",
            CommandKind::Settle { .. } => "settle",
            CommandKind::Wrong { .. } => "wrong",
            CommandKind::Exempt { .. } => "exempt",
            CommandKind::Lift { .. } => "lift",
            CommandKind::Merge { .. } => "merge",
            CommandKind::Forget => "forget",
        }
    }
}
