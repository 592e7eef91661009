//! Grants: what holds a tag or a list entry, since when, until when, and why.

mod people;

pub(crate) use people::{Appeal, Exemption, Mark, People, Suspension};

use crate::check::tree::Target;
use crate::decision::Reason;
use crate::window::NEVER;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// In the place of a rule: a person gave it. The action is then a number of its own.
pub(crate) const PERSON: u32 = u32::MAX - 1;

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
    /// Whether it has started and is not suspended.
    pub(crate) live: bool,
    /// Of a shadow's grant: whether it has been announced.
    pub(crate) announced: bool,
    /// Order among all grants of the subject, by when it was made.
    pub(crate) made: u64,
    /// Likewise, by when it was made or renewed.
    pub(crate) set: u64,
    pub(crate) review: Option<crate::value::Duration>,
    /// From when reviews are counted, the number of the next one, and when it falls due.
    pub(crate) review_from: i64,
    pub(crate) reviews: u32,
    pub(crate) next_review: i64,
    /// It is not live as long as it is suspended.
    pub(crate) suspension: Option<Box<Suspension>>,
    #[serde(with = "crate::decision::saved::reason")]
    pub(crate) reason: Arc<Reason>,
}

impl Grant {
    /// When the clock next changes something about it.
    pub(crate) fn next_change(&self) -> i64 {
        let start = if self.live { NEVER } else { self.begins() };
        let review = if self.live { self.next_review } else { NEVER };
        self.end.min(start).min(review)
    }

    /// Of one that is not live: when it becomes so.
    pub(crate) fn begins(&self) -> i64 {
        self.suspension.as_ref().map_or(self.start, |suspension| suspension.until.max(self.start))
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
    pub(crate) people: Option<Box<People>>,
}

impl Grants {
    pub(crate) const fn new() -> Grants {
        Grants { all: Vec::new(), announced: Vec::new(), counter: 0, proposals: 0, people: None }
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
        let people = self.people.as_ref().map_or(NEVER, |people| people.next_change());
        self.all.iter().map(Grant::next_change).fold(people, i64::min)
    }

    /// The grants in force of a target that are not over, also those that are suspended or have not started.
    pub(crate) fn standing(&self, target: Target) -> impl Iterator<Item = &Grant> {
        self.all.iter().filter(move |grant| !grant.shadow && grant.target == target)
    }

    /// What people have decided, to be changed. Afterwards [`Grants::settle_people`] must be told.
    pub(crate) fn people_mut(&mut self) -> &mut People {
        self.people.get_or_insert_default()
    }

    /// Drops what people have decided where that is nothing any more.
    pub(crate) fn settle_people(&mut self) {
        if self.people.as_ref().is_some_and(|people| people.is_empty()) {
            self.people = None;
        }
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
