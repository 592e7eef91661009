//! Grants: what holds a tag or a list entry, since when, until when, and why.

use crate::check::tree::Target;
use crate::decision::Reason;
use crate::window::NEVER;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One action of one rule: the owner of at most one grant a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Owner {
    /// Index in the plan's rules of the entity.
    pub(crate) rule: u32,
    /// Index in the rule's actions.
    pub(crate) action: u32,
}

/// A grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Grant {
    pub(crate) owner: Owner,
    pub(crate) target: Target,
    pub(crate) level: u8,
    pub(crate) category: Option<Arc<str>>,
    /// Whether only the shadow of a rule gave it: nothing can read it.
    pub(crate) shadow: bool,
    /// When it was made.
    pub(crate) since: i64,
    pub(crate) start: i64,
    /// First instant at which it is over; [`NEVER`] where only something else can end it.
    pub(crate) end: i64,
    /// Whether it has started.
    pub(crate) live: bool,
    /// Of a shadow's grant: whether it has been announced.
    pub(crate) announced: bool,
    /// Order among all grants of the subject, by when it was made.
    pub(crate) made: u64,
    /// Likewise, by when it was made or renewed.
    pub(crate) set: u64,
    pub(crate) review: Option<crate::value::Duration>,
    /// How many reviews have fallen due, and when the next one does.
    pub(crate) reviews: u32,
    pub(crate) next_review: i64,
    #[serde(with = "crate::decision::saved::reason")]
    pub(crate) reason: Arc<Reason>,
}

impl Grant {
    /// When the clock next changes something about it.
    pub(crate) fn next_change(&self) -> i64 {
        let start = if self.live { NEVER } else { self.start };
        let review = if self.live { self.next_review } else { NEVER };
        self.end.min(start).min(review)
    }
}

/// What has been announced of a tag or a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Announced {
    pub(crate) target: Target,
    /// 0 for a tag.
    pub(crate) level: u8,
    /// Since when it has been present without a break.
    pub(crate) since: i64,
}

/// The grants of a subject and what has been announced of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Grants {
    pub(crate) all: Vec<Grant>,
    pub(crate) announced: Vec<Announced>,
    /// Counts makings and renewals.
    pub(crate) counter: u64,
    /// Counts proposals: a number is never given twice.
    pub(crate) proposals: u32,
}

impl Grants {
    pub(crate) const fn new() -> Grants {
        Grants { all: Vec::new(), announced: Vec::new(), counter: 0, proposals: 0 }
    }

    pub(crate) fn of(&self, owner: Owner, shadow: bool) -> Option<&Grant> {
        self.all.iter().find(|grant| grant.owner == owner && grant.shadow == shadow)
    }

    /// The live grants in force of a target, in the order in which they were made.
    pub(crate) fn live(&self, target: Target) -> impl Iterator<Item = &Grant> {
        self.all.iter().filter(move |grant| grant.live && !grant.shadow && grant.target == target)
    }

    pub(crate) fn announced(&self, target: Target) -> Option<Announced> {
        self.announced.iter().copied().find(|announced| announced.target == target)
    }

    /// The strictest level among the live grants of a list.
    pub(crate) fn level(&self, target: Target) -> Option<u8> {
        self.live(target).map(|grant| grant.level).min()
    }

    /// The latest end among the live grants of a target (and, for a list, of a level); `None` where one has no fixed end.
    pub(crate) fn until(&self, target: Target, level: u8) -> Option<i64> {
        self.live(target)
            .filter(|grant| grant.level == level)
            .map(|grant| grant.end)
            .max()
            .filter(|end| *end != NEVER)
    }

    pub(crate) fn next_change(&self) -> i64 {
        self.all.iter().map(Grant::next_change).min().unwrap_or(NEVER)
    }

    pub(crate) fn next_proposal(&mut self) -> u32 {
        self.proposals = self.proposals.saturating_add(1);
        self.proposals
    }

    pub(crate) fn next_number(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }
}
