//! One subject.

use super::Sparse;
use crate::grants::{Grants, Owner};
use crate::plan::EntityPlan;
use crate::schema::{EntityId, EventId};
use crate::small::head;
use crate::value::{Decimal, Timestamp, Value, Zone};
use crate::window::{Gone, NEVER, Page, PagePlan};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Everything that is remembered of one subject. What every subject has stands here; what only some have is made when it is
/// first needed, and dropped when it is empty.
///
/// It fills two lines of the processor's cache: an event finds all that is its own with one look at memory, and goes on from there
/// to the logs.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[repr(align(64))]
pub(crate) struct Subject {
    pub(crate) key: Arc<str>,
    /// The beginning of the key, so that another one is told from it without a look elsewhere.
    #[serde(skip)]
    head: u64,
    pub(crate) entity: EntityId,
    pub(crate) fresh: Fresh,
    /// Events since the number of held ones was last counted.
    pub(crate) uncounted: u16,
    /// The next instant at which the clock alone may change something that is read.
    pub(crate) wake: i64,
    /// The time with which it stands in the queue of due times; [`NEVER`] where it does not.
    #[serde(skip, default = "never")]
    pub(crate) queued: i64,
    /// Which of the first 64 rules have a condition that held when it was last looked at.
    held: u64,
    /// The page of windows that was there first, which most subjects have alone: not even of ten thousand rules do many concern one.
    page: Option<Page>,
    /// Which page that is; [`NO_PAGE`] for none.
    page_at: u16,
    more: Option<Box<More>>,
}

const NO_PAGE: u16 = u16::MAX;

const fn never() -> i64 {
    NEVER
}

/// Which rules must be looked at though nothing that they read has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Fresh {
    /// No rule has run yet: a condition that is true at the first instant rises there.
    New,
    /// A reload has brought new rules.
    Reloaded,
    No,
}

/// What only some subjects have.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct More {
    /// Time of its first event, where somebody asks how long it has been quiet.
    pub(crate) first_event: Option<i64>,
    /// The other pages, and when something next leaves any of them, and one that somebody must act upon.
    pages: Sparse<Page>,
    next: i64,
    wake: i64,
    /// Rules from the 65th on whose condition held when it was last looked at.
    held: Sparse<()>,
    /// Time of the last pick of streams that are asked for it.
    pub(crate) lasts: Sparse<i64>,
    /// For each `no S for D`, the end of the last pick's hold.
    pub(crate) quiets: Sparse<i64>,
    /// When leaves of the plan next change by the clock alone.
    pub(crate) leaves: Sparse<i64>,
    /// When rules with a cooldown last fired.
    pub(crate) fired: Sparse<i64>,
    /// The next time of schedules.
    pub(crate) due: Sparse<i64>,
    /// Which of the first 64 actions of a `while` rule a guard withheld.
    pub(crate) withheld: Sparse<u64>,
    /// What `after` and `without` remember.
    pub(crate) sequences: Sparse<SequenceState>,
    pub(crate) grants: Grants,
    pub(crate) scores: Sparse<ScoreState>,
    pub(crate) proposals: Vec<Proposal>,
    /// When messages last went out to it, oldest first.
    pub(crate) contacts: VecDeque<i64>,
}

const NOTHING: More = More {
    first_event: None,
    pages: Sparse::new(),
    next: NEVER,
    wake: NEVER,
    held: Sparse::new(),
    lasts: Sparse::new(),
    quiets: Sparse::new(),
    leaves: Sparse::new(),
    fired: Sparse::new(),
    due: Sparse::new(),
    withheld: Sparse::new(),
    sequences: Sparse::new(),
    grants: Grants::new(),
    scores: Sparse::new(),
    proposals: Vec::new(),
    contacts: VecDeque::new(),
};

static EMPTY: More = NOTHING;

/// What `after` and `without` remember.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SequenceState {
    /// `after`: until when the last other pick counts, for each value that must match.
    pub(crate) open: BTreeMap<Option<Value>, i64>,
    /// `without`: picks that wait for their deadline.
    pub(crate) pending: VecDeque<Held>,
    /// The latest deadline so far: none comes before an earlier one.
    pub(crate) latest: Option<i64>,
}

impl SequenceState {
    /// The first deadline.
    pub(crate) fn deadline(&self) -> i64 {
        self.pending.front().map_or(NEVER, |held| held.deadline)
    }
}

/// An event that waits for a deadline. Private fields are kept as keyed hashes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Held {
    pub(crate) deadline: i64,
    pub(crate) event: EventId,
    /// The event's own time.
    pub(crate) time: Timestamp,
    pub(crate) fields: Arc<[Option<Value>]>,
    /// The value that must match; absent matches nothing.
    pub(crate) matching: Option<Value>,
}

/// A score at its last change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ScoreState {
    pub(crate) at: i64,
    pub(crate) value: Decimal,
}

/// A proposal that nobody has decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Proposal {
    /// Its number among those of the subject, from 1; 0 for a shadow's.
    pub(crate) number: u32,
    pub(crate) owner: Owner,
    pub(crate) shadow: bool,
    pub(crate) since: i64,
    #[serde(with = "crate::decision::saved::action")]
    pub(crate) action: crate::decision::ProposedAction,
    /// What a person has asked for.
    pub(crate) command: Option<Box<crate::event::CommandKind>>,
    #[serde(with = "crate::decision::saved::reason")]
    pub(crate) reason: Arc<crate::decision::Reason>,
}

impl Subject {
    pub(crate) fn new(entity: EntityId, key: Arc<str>) -> Subject {
        Subject {
            head: head(key.as_bytes()),
            key,
            entity,
            fresh: Fresh::New,
            uncounted: 0,
            wake: NEVER,
            queued: NEVER,
            held: 0,
            page: None,
            page_at: NO_PAGE,
            more: None,
        }
    }

    /// Of one that comes from outside: works out what is not saved.
    pub(crate) fn restored(mut self) -> Subject {
        self.head = head(self.key.as_bytes());
        self
    }

    /// Whether this is its key.
    #[inline]
    pub(crate) fn has_key(&self, key: &str) -> bool {
        self.key.len() == key.len()
            && self.head == head(key.as_bytes())
            && (key.len() <= 8 || *self.key == *key)
    }

    /// What only some subjects have, to be read.
    pub(crate) fn more(&self) -> &More {
        self.more.as_deref().unwrap_or(&EMPTY)
    }

    /// What only some subjects have, to be written.
    pub(crate) fn more_mut(&mut self) -> &mut More {
        self.more.get_or_insert_with(|| Box::new(NOTHING))
    }

    /// Whether there is anything beside windows, so that looking for it is worth while.
    #[inline]
    pub(crate) fn has_more(&self) -> bool {
        self.more.is_some()
    }

    pub(crate) fn grants(&self) -> &Grants {
        &self.more().grants
    }

    pub(crate) fn grants_mut(&mut self) -> &mut Grants {
        &mut self.more_mut().grants
    }

    /// Whether the condition of a rule held when it was last looked at.
    pub(crate) fn held(&self, rule: u32) -> bool {
        match 1_u64.checked_shl(rule) {
            Some(bit) => self.held & bit != 0,
            None => self.more().held.get(rule).is_some(),
        }
    }

    pub(crate) fn set_held(&mut self, rule: u32, held: bool) {
        match (1_u64.checked_shl(rule), held) {
            (Some(bit), true) => self.held |= bit,
            (Some(bit), false) => self.held &= !bit,
            (None, true) => self.more_mut().held.set(rule, ()),
            (None, false) => {
                if let Some(more) = &mut self.more {
                    more.held.remove(rule);
                }
            }
        }
    }

    #[inline]
    pub(crate) fn page(&self, at: u32) -> Option<&Page> {
        if at == u32::from(self.page_at) { self.page.as_ref() } else { self.more().pages.get(at) }
    }

    /// Reads both of its lines.
    pub(crate) fn touch(&self) -> i64 {
        self.head as i64 ^ self.wake ^ self.page.as_ref().map_or(0, |page| page.next)
    }

    /// The page that was there first.
    pub(crate) fn first_page(&self) -> Option<(u32, &Page)> {
        self.page.as_ref().map(|page| (u32::from(self.page_at), page))
    }

    /// A page to be changed, made where it is not there. Afterwards [`Subject::settle`] must be told.
    #[inline]
    pub(crate) fn page_mut(&mut self, at: u32, plan: &PagePlan) -> Option<&mut Page> {
        if at == u32::from(self.page_at) && self.page.is_some() {
            return self.page.as_mut();
        }
        self.other_page(at, plan)
    }

    #[inline(never)]
    fn other_page(&mut self, at: u32, plan: &PagePlan) -> Option<&mut Page> {
        if self.page.is_none()
            && let Ok(first) = u16::try_from(at)
            && first != NO_PAGE
            && self.more().pages.get(at).is_none()
        {
            self.page_at = first;
            return Some(self.page.insert(Page::new(plan)));
        }
        self.more_mut().pages.get_or_insert_with(at, || Page::new(plan))
    }

    /// Notes when windows of a page that has changed next change by themselves.
    #[inline]
    pub(crate) fn settle(&mut self, at: u32) {
        if at != u32::from(self.page_at)
            && let Some(more) = &mut self.more
            && let Some(page) = more.pages.get(at)
        {
            (more.next, more.wake) = (more.next.min(page.next), more.wake.min(page.wake));
        }
    }

    /// Takes out of the windows what has left by `now`, and names the page and the window of each that something has left.
    #[inline]
    pub(crate) fn leave(
        &mut self,
        entity: &EntityPlan,
        zone: Zone,
        now: i64,
        mut gone: impl FnMut(u32, Gone),
    ) {
        let first = usize::from(self.page_at);
        if let (Some(page), Some(plan)) = (&mut self.page, entity.pages.get(first))
            && page.next <= now
        {
            page.leave(&plan.plan, zone, now, |what| gone(first as u32, what));
        }
        let Some(more) = self.more.as_mut().filter(|more| more.next <= now) else { return };
        (more.next, more.wake) = (NEVER, NEVER);
        for (at, page) in more.pages.iter_mut() {
            if let Some(plan) = entity.pages.get(at as usize).filter(|_| page.next <= now) {
                page.leave(&plan.plan, zone, now, |what| gone(at, what));
            }
            (more.next, more.wake) = (more.next.min(page.next), more.wake.min(page.wake));
        }
    }

    pub(crate) fn pages(&self) -> impl Iterator<Item = (u32, &Page)> {
        let first = self.page.iter().map(|page| (u32::from(self.page_at), page));
        first.chain(self.more().pages.iter())
    }

    /// When something that somebody must act upon next leaves a window or ceases to hold.
    #[inline]
    pub(crate) fn next_leave(&self) -> i64 {
        let more = self.more.as_ref().map_or(NEVER, |more| more.wake);
        self.page.as_ref().map_or(more, |page| page.wake.min(more))
    }

    /// Works out anew when its windows next change.
    pub(crate) fn refresh(&mut self, entity: &EntityPlan) {
        if let (Some(page), Some(plan)) = (&mut self.page, entity.pages.get(usize::from(self.page_at))) {
            page.refresh(&plan.plan);
        }
        let Some(more) = self.more.as_mut().filter(|more| !more.pages.is_empty()) else { return };
        (more.next, more.wake) = (NEVER, NEVER);
        for (at, page) in more.pages.iter_mut() {
            if let Some(plan) = entity.pages.get(at as usize) {
                page.refresh(&plan.plan);
            }
            (more.next, more.wake) = (more.next.min(page.next), more.wake.min(page.wake));
        }
    }

    /// Gives back the memory of what has left its windows, and of what is empty.
    ///
    /// Nothing may be due by `now`.
    pub(crate) fn shed(&mut self, entity: &EntityPlan, zone: Zone, now: i64) {
        self.leave(entity, zone, now, |_, _| {});
        let keep = |at: u32, page: &mut Page| {
            let Some(plan) = entity.pages.get(at as usize) else { return true };
            page.tidy(&plan.plan, now);
            !page.is_empty()
        };
        let first = u32::from(self.page_at);
        if self.page.as_mut().is_some_and(|page| !keep(first, page)) {
            (self.page, self.page_at) = (None, NO_PAGE);
        }
        if let Some(more) = &mut self.more {
            if !more.pages.is_empty() {
                more.pages.retain(keep);
            }
            if more.is_empty() {
                self.more = None;
            }
        }
    }

    /// Whether it has no windows that hold anything.
    pub(crate) fn is_idle(&self) -> bool {
        self.page.is_none() && self.more().pages.is_empty()
    }

    /// How many events and values its windows hold at a time.
    pub(crate) fn held_events(&self, entity: &EntityPlan, now: i64) -> usize {
        let sequences = self.more().sequences.iter();
        let pages = self.pages().filter_map(|(at, page)| Some((entity.pages.get(at as usize)?, page)));
        pages.map(|(plan, page)| page.held(&plan.plan, now)).sum::<usize>()
            + sequences.map(|(_, sequence)| sequence.open.len() + sequence.pending.len()).sum::<usize>()
    }

    /// Whether its indices lie within bounds: of a subject that comes from outside.
    pub(crate) fn fits(&self, bounds: &Bounds) -> bool {
        let more = self.more();
        more.pages.fits(bounds.pages)
            && self.page.is_some() == (self.page_at != NO_PAGE)
            && more.pages.get(u32::from(self.page_at)).is_none()
            && more.held.fits(bounds.rules)
            && more.lasts.fits(bounds.streams)
            && more.quiets.fits(bounds.quiets)
            && more.leaves.fits(bounds.leaves)
            && more.fired.fits(bounds.rules)
            && more.due.fits(bounds.rules)
            && more.withheld.fits(bounds.rules)
            && more.sequences.fits(bounds.streams)
            && more.scores.fits(bounds.scores)
            && more.grants.counter < u64::MAX / 2
            && (bounds.rules >= 64 || self.held >> bounds.rules == 0)
            && self.wake >= Timestamp::MIN.micros()
    }
}

/// How many there are of everything that a subject names by index.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) pages: usize,
    pub(crate) rules: usize,
    pub(crate) streams: usize,
    pub(crate) quiets: usize,
    pub(crate) leaves: usize,
    pub(crate) scores: usize,
}

impl More {
    fn is_empty(&self) -> bool {
        self.first_event.is_none()
            && self.pages.is_empty()
            && self.held.is_empty()
            && self.lasts.is_empty()
            && self.quiets.is_empty()
            && self.leaves.is_empty()
            && self.fired.is_empty()
            && self.due.is_empty()
            && self.withheld.is_empty()
            && self.sequences.is_empty()
            && self.grants.all.is_empty()
            && self.grants.announced.is_empty()
            && self.grants.proposals == 0
            && self.grants.people.is_none()
            && self.scores.is_empty()
            && self.proposals.is_empty()
            && self.contacts.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_wakes_before_time_begins_is_refused() {
        let bounds = Bounds { pages: 0, rules: 0, streams: 0, quiets: 0, leaves: 0, scores: 0 };
        let mut subject = Subject::new(EntityId(0), "c1".into());
        assert!(subject.fits(&bounds));
        subject.wake = Timestamp::MIN.micros() - 1;
        assert!(!subject.fits(&bounds));
    }

    #[test]
    fn it_fills_two_lines_of_cache() {
        assert_eq!(size_of::<Option<Subject>>(), 128);
    }
}
