//! What the engine answers: decisions and their reasons.

pub(crate) mod saved;

mod json;
mod keep;
mod people;

pub use keep::{Keep, Kept};
pub use people::{About, By, Lifted, Refusal, ReviewOutcome, Spared, Verb};

use crate::value::{Timestamp, Value};
use std::fmt;
use std::sync::Arc;

/// A change, or something that a rule wants done, with the reason for it.
///
/// As JSON the keys stand always in the same order: `time`, `kind`, `entity`, `subject`, `rule`, `version`, `shadow`
/// where true, then what the kind has, then `reason`. Times are RFC 3339 in UTC; exact decimals are strings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The instant of the change.
    pub time: Timestamp,
    /// The kind of subject.
    pub entity: Arc<str>,
    /// The subject's key.
    pub subject: Arc<str>,
    /// The rule that made it; `None` for what a person or the host asked for.
    pub rule: Option<RuleRef>,
    /// Whether the rule is a shadow for this subject: nothing has changed.
    pub shadow: bool,
    /// What changed.
    pub change: Change,
    /// Why.
    pub reason: Arc<Reason>,
}

/// A decision as a sink gets it. Nothing of it is copied, and its reason is put together only where somebody asks for it.
///
/// ```
/// # use tagwarden::{Engine, Event, Rulebook, Timestamp};
/// # let rulebook = Rulebook::compile("entity customer event login(customer) {} rule all { on login then emit seen }")?;
/// # let event = Event {
/// #     event: rulebook.schema().event("login").ok_or("declared")?,
/// #     time: "2026-01-01T00:00:00Z".parse::<Timestamp>()?,
/// #     id: None,
/// #     keys: vec!["c1".into()],
/// #     fields: Vec::new(),
/// # };
/// let mut engine = Engine::new(&rulebook);
/// let mut kept = Vec::new();
/// engine.process_into(&event, &mut |decision| {
///     if decision.kind() == "emitted" {
///         kept.push(decision.to_decision());
///     }
/// })?;
/// assert_eq!(kept.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct DecisionRef<'a> {
    /// The instant of the change.
    pub time: Timestamp,
    /// The kind of subject.
    pub entity: &'a Arc<str>,
    /// The subject's key.
    pub subject: &'a Arc<str>,
    /// The rule that made it.
    pub rule: Option<&'a RuleRef>,
    /// Whether the rule is a shadow for this subject: nothing has changed.
    pub shadow: bool,
    /// What changed.
    pub change: &'a Change,
    pub(crate) why: &'a dyn Why,
}

/// What can put a reason together.
pub(crate) trait Why {
    fn reason(&self) -> Arc<Reason>;
}

impl Why for Arc<Reason> {
    fn reason(&self) -> Arc<Reason> {
        Arc::clone(self)
    }
}

impl Decision {
    /// That every trace of a subject has been removed.
    pub(crate) fn forgotten(clock: Option<Timestamp>, entity: &str, key: &str) -> Decision {
        Decision {
            time: clock.unwrap_or(Timestamp::MIN),
            entity: entity.into(),
            subject: key.into(),
            rule: None,
            shadow: false,
            change: Change::Forgotten,
            reason: Arc::new(Reason::default()),
        }
    }
}

impl DecisionRef<'_> {
    /// Why. It costs what the reason is long, the first time that it is asked for.
    #[must_use]
    pub fn reason(&self) -> Arc<Reason> {
        self.why.reason()
    }

    /// A decision that can be kept.
    #[must_use]
    pub fn to_decision(&self) -> Decision {
        Decision {
            time: self.time,
            entity: Arc::clone(self.entity),
            subject: Arc::clone(self.subject),
            rule: self.rule.cloned(),
            shadow: self.shadow,
            change: self.change.clone(),
            reason: self.reason(),
        }
    }
}

impl fmt::Debug for DecisionRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_decision().fmt(f)
    }
}

/// A rule's name and version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleRef {
    /// Its name.
    pub name: Arc<str>,
    /// A hash of its text: 16 hexadecimal digits.
    pub version: Arc<str>,
}

/// What a [`Decision`] changes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// A tag is now shown.
    Tagged {
        /// The tag.
        tag: Arc<str>,
        /// When it ends, as far as the clock alone decides that.
        until: Option<Timestamp>,
    },
    /// A tag is no longer shown.
    Untagged {
        /// The tag.
        tag: Arc<str>,
        /// What ended it.
        cause: EndCause,
    },
    /// The subject is now on a list.
    Listed {
        /// The list.
        list: Arc<str>,
        /// The strictest level among its grants.
        level: u8,
        /// The category of the grant that made it so.
        category: Option<Arc<str>>,
        /// When it ends, as far as the clock alone decides that.
        until: Option<Timestamp>,
    },
    /// The strictest level of an entry changed.
    LevelChanged {
        /// The list.
        list: Arc<str>,
        /// The level now.
        level: u8,
        /// The level before.
        from: u8,
    },
    /// The subject is no longer on a list.
    Unlisted {
        /// The list.
        list: Arc<str>,
        /// What ended it.
        cause: EndCause,
    },
    /// A score was changed.
    Scored {
        /// The score.
        score: Arc<str>,
        /// Its value now.
        value: crate::Decimal,
    },
    /// A person is asked to decide.
    Proposed {
        /// Its number among the proposals of the subject, by which a command names it; 0, and left out in JSON, for a shadow's.
        proposal: u32,
        /// What it would do.
        action: ProposedAction,
    },
    /// A guard stopped an addition.
    Withheld(ProposedAction),
    /// A message for a channel.
    Notified {
        /// The channel.
        channel: Arc<str>,
        /// The text, where the rule gives one.
        text: Option<Arc<str>>,
    },
    /// An entry is due for review.
    ReviewDue {
        /// The list.
        list: Arc<str>,
        /// The entry's level.
        level: u8,
    },
    /// An event for the host.
    Emitted {
        /// Its name.
        name: Arc<str>,
        /// Its fields, in the order written; absent values are left out.
        fields: Vec<(Arc<str>, Value)>,
    },
    /// What a person has set begins later.
    Planned {
        /// The tag or list.
        about: About,
        /// The level of the entry; 0, and left out in JSON, for a tag.
        level: u8,
        /// When it begins.
        start: Timestamp,
        /// When it ends, as far as the clock alone decides that.
        until: Option<Timestamp>,
    },
    /// What a person has set was there already, and is now held by that person as well, or differently.
    Renewed {
        /// The tag or list.
        about: About,
        /// The strictest level of the entry; 0, and left out in JSON, for a tag.
        level: u8,
        /// When it ends, as far as the clock alone decides that.
        until: Option<Timestamp>,
    },
    /// An entry does not count for a while: the subject is not on the list.
    Suspended {
        /// The list.
        list: Arc<str>,
        /// When it comes back by itself.
        until: Timestamp,
        /// The session that it is suspended for.
        session: Option<Arc<str>>,
    },
    /// A suspended entry counts again: the subject is on the list.
    Resumed {
        /// The list.
        list: Arc<str>,
        /// The strictest level among its grants.
        level: u8,
    },
    /// A person has had a proposal carried out.
    Approved {
        /// Its number.
        proposal: u32,
        /// What it does.
        action: ProposedAction,
    },
    /// A person has refused a proposal.
    Rejected {
        /// Its number.
        proposal: u32,
        /// What it would have done.
        action: ProposedAction,
    },
    /// A proposal is closed without a decision.
    Lapsed {
        /// Its number.
        proposal: u32,
        /// What it would have done.
        action: ProposedAction,
    },
    /// An entry was reviewed.
    Reviewed {
        /// The list.
        list: Arc<str>,
        /// What came of it.
        outcome: ReviewOutcome,
        /// When the next review falls due.
        next: Option<Timestamp>,
    },
    /// The subject appeals.
    Appealed(About),
    /// An appeal is decided.
    Settled {
        /// Against what it was.
        about: About,
        /// Whether it is granted.
        granted: bool,
    },
    /// A rule was wrong to set something, and may not set it again on this subject.
    MarkedWrong {
        /// The rule.
        rule: Arc<str>,
        /// What it may not set.
        about: About,
    },
    /// The subject is spared something.
    Exempted {
        /// What.
        from: Spared,
        /// Until when; without an end where absent.
        until: Option<Timestamp>,
    },
    /// An exemption or a mark is over.
    Lifted {
        /// Which.
        what: Lifted,
        /// What ended it.
        cause: EndCause,
    },
    /// The subject is the same customer as another one, and is from now on known as that.
    Merged {
        /// The key of the other one.
        into: Arc<str>,
    },
    /// A person's command, or look, was refused. Nothing has changed.
    Refused {
        /// The name of the command; `view` for a look.
        command: &'static str,
        /// Why, for programs.
        code: Refusal,
        /// Why, for people.
        why: Arc<str>,
    },
    /// Every trace of the subject is gone.
    Forgotten,
}

/// What a proposal would do, or what a guard withheld.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProposedAction {
    /// To tag.
    Tag {
        /// The tag.
        tag: Arc<str>,
    },
    /// To end a tag.
    Untag {
        /// The tag.
        tag: Arc<str>,
    },
    /// To add to a list.
    Add {
        /// The list.
        list: Arc<str>,
        /// The level.
        level: u8,
        /// The category.
        category: Option<Arc<str>>,
    },
    /// To remove from a list.
    Remove {
        /// The list.
        list: Arc<str>,
    },
    /// To change the level of an entry.
    Level {
        /// The list.
        list: Arc<str>,
        /// The level that it would have.
        level: u8,
    },
    /// To change a score.
    Score {
        /// The score.
        score: Arc<str>,
        /// The value that it would have.
        value: crate::Decimal,
    },
    /// To send a message.
    Notify {
        /// The channel.
        channel: Arc<str>,
        /// The text, where the rule gives one.
        text: Option<Arc<str>>,
    },
    /// To emit an event.
    Emit {
        /// Its name.
        name: Arc<str>,
        /// Its fields, in the order written; absent values are left out.
        fields: Vec<(Arc<str>, Value)>,
    },
}

/// What ended a tag or a list entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EndCause {
    /// Its life ran out.
    Expired,
    /// The event or condition of its `until` came.
    Until,
    /// The condition of its `while` rule no longer holds.
    Withdrawn,
    /// A rule's `untag` or `remove from`, or a person's `untag`, `release` or `lift`.
    Removed,
    /// Another tag of its group is shown instead.
    Superseded,
    /// A reload has taken its rule away.
    RuleGone,
    /// A person has marked it as wrong.
    Wrong,
    /// A person has granted an appeal against it.
    Appeal,
    /// A person has reviewed it and let it go.
    Review,
}

/// Why a decision was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reason {
    /// The rule's `because`, filled in, or the reason that a person gave.
    pub text: Option<Arc<str>>,
    /// Each part of the condition that mattered.
    pub because: Vec<Evidence>,
    /// The person whose command it was; the text is then theirs.
    pub by: Option<Box<By>>,
}

/// One comparison or predicate that mattered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The text of the expression: the left side of a comparison, or the whole predicate.
    pub expr: Arc<str>,
    /// Its value.
    pub value: Shown,
    /// The comparison, and what the value was compared with.
    pub than: Option<(&'static str, Shown)>,
    /// Whether the comparison or predicate holds.
    pub holds: bool,
    /// How many events were counted.
    pub events: Option<u64>,
    /// The time of the first of them.
    pub first: Option<Timestamp>,
    /// The time of the last of them.
    pub last: Option<Timestamp>,
    /// Until when a window that was read is warming: a reload has started it, and it is not yet full.
    pub warming_until: Option<Timestamp>,
    /// Keyword hits.
    pub hits: Vec<KeywordHit>,
}

/// A value as a reason shows it. Its text is made only when somebody reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The value.
    Value(Value),
    /// There was none: shown as `none`.
    Absent,
    /// It is private: shown as `•••`.
    Masked,
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Shown::Value(value) => value.fmt(f),
            Shown::Absent => f.write_str("none"),
            Shown::Masked => f.write_str(MASK),
        }
    }
}

impl From<Option<Value>> for Shown {
    fn from(value: Option<Value>) -> Self {
        value.map_or(Shown::Absent, Shown::Value)
    }
}

impl From<&str> for Shown {
    fn from(text: &str) -> Self {
        Shown::Value(text.into())
    }
}

/// What stands where a private value would be shown.
pub(crate) const MASK: &str = "•••";

/// A keyword that was hit.
///
/// As JSON: `pattern`, `category`, `text`, `start`, `end`, `bytes`, `utf16`, `undone`, `except`; what is absent or empty is
/// left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[allow(clippy::exhaustive_structs, reason = "plain data")]
pub struct KeywordHit {
    /// Offset of the first character hit, in code points of the original text.
    pub start: u32,
    /// Offset behind the last character hit, in code points.
    pub end: u32,
    /// The same two offsets in bytes of UTF-8.
    pub bytes: (u32, u32),
    /// The same two offsets in UTF-16 units.
    pub utf16: (u32, u32),
    /// The pattern as written; `•••` where the text is private.
    pub pattern: Arc<str>,
    /// Its category.
    pub category: Option<Arc<str>>,
    /// The part of the original text that was hit; `•••` where the text is private.
    pub text: Arc<str>,
    /// What had to be undone to find it, in the words of the language: `case`, `width`, `script`, `invisible`,
    /// `separators`, `repeats`, `leet`, `lookalikes`, `sound`. Empty where the text has the pattern as written.
    pub undone: Vec<&'static str>,
    /// The `except` phrase that the hit lies in, so that it does not count; `•••` where the text is private.
    pub except: Option<Arc<str>>,
}
