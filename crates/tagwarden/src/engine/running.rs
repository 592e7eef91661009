//! What moves: the clock, the subjects, and what is due.

use super::ahead::Coming;
use super::eval::Warming;
use super::instant::{Instant, Scratch};
use super::sweep::Sweeper;
use super::table::{Table, hash};
use crate::decision::{DecisionRef, RuleRef};
use crate::event::{Event, InputError};
use crate::limits::Limits;
use crate::plan::Plan;
use crate::schema::{EntityId, EventType};
use crate::state::{Fresh, Subject};
use crate::value::Timestamp;
use crate::window::NEVER;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

/// After how many events of a subject those that it holds are counted: counting is dear.
pub(super) const COUNT_EVERY: u16 = 256;

/// Where decisions go.
pub(super) type Sink<'s> = dyn FnMut(&DecisionRef<'_>) + 's;

#[derive(Debug, Default)]
pub(super) struct Running {
    /// Time of the last instant, and whether a tick has closed it.
    pub(super) clock: Option<Timestamp>,
    pub(super) closed: bool,
    pub(super) table: Table,
    /// The subject of the last event.
    pub(super) latest: u32,
    /// Due times, each with its subject. A subject stands here at most once with the time in `Subject::queued`.
    pub(super) due: BinaryHeap<Reverse<(i64, u32)>>,
    pub(super) scratch: Scratch,
    pub(super) saturations: u64,
    /// Rules that a reload has left behind, whose grants live on.
    pub(super) orphans: Vec<RuleRef>,
    /// Windows that a reload has started empty.
    pub(super) warming: Warming,
    pub(super) sweeper: Sweeper,
    pub(super) hash_key: [u8; 16],
    /// Whether every firing is noted, not only those that a cooldown needs.
    pub(super) watched: bool,
    /// Whether people have ever spared a subject a rule.
    pub(super) exempting: bool,
}

impl Running {
    /// Forgets everything but the key of hashes, and keeps the memory.
    pub(super) fn restart(&mut self) {
        (self.clock, self.closed, self.saturations) = (None, false, 0);
        self.table.clear();
        self.due.clear();
        self.orphans.clear();
        self.warming = Warming::default();
        self.sweeper.restart();
        self.exempting = false;
    }

    pub(super) fn check_order(&self, time: Timestamp) -> Result<(), InputError> {
        match self.clock {
            Some(clock) if time < clock || (time == clock && self.closed) => {
                Err(InputError::Late { time, clock })
            }
            _ => Ok(()),
        }
    }

    /// Whether the subjects of an event may grow.
    pub(super) fn check_limits(&self, plan: &Plan, limits: &Limits, event: &Event) -> Result<(), InputError> {
        let Some(ty) = plan.tree.schema.event_type(event.event) else { return Ok(()) };
        let mut known = self.table.len();
        for (entity, key) in ty.entities.iter().zip(&event.keys) {
            known += usize::from(self.check_subject(plan, limits, (*entity, key), event.time, known)?);
        }
        Ok(())
    }

    /// Whether a subject may take in an event, where so many subjects are known in all: whether it is a new one.
    pub(super) fn check_subject(
        &self,
        plan: &Plan,
        limits: &Limits,
        (entity, key): (EntityId, &str),
        now: Timestamp,
        known: usize,
    ) -> Result<bool, InputError> {
        match self.table.find(entity, key) {
            Some(at) => self.check_held(plan, limits, at, now).map(|()| false),
            None => check_subjects(limits, known).map(|()| true),
        }
    }

    #[inline]
    fn check_held(&self, plan: &Plan, limits: &Limits, at: u32, now: Timestamp) -> Result<(), InputError> {
        // Few events can come in between two counts.
        match self.table.get(at).filter(|subject| subject.uncounted >= COUNT_EVERY) {
            None => Ok(()),
            Some(subject) => self.count_held(plan, limits, subject, now),
        }
    }

    #[cold]
    fn count_held(
        &self,
        plan: &Plan,
        limits: &Limits,
        subject: &Subject,
        now: Timestamp,
    ) -> Result<(), InputError> {
        match plan.entity(subject.entity) {
            Some(entity) if subject.held_events(entity, now.micros()) >= limits.held_events => {
                Err(InputError::Limit { limit: "held events of a subject", most: limits.held_events as u64 })
            }
            _ => Ok(()),
        }
    }

    /// Applies an event that stands the checks of order. `found`: the number of its subject, if it has been looked up.
    ///
    /// # Errors
    /// A limit, if `limits` are given. Nothing has changed then.
    #[inline]
    pub(super) fn apply(
        &mut self,
        plan: &Plan,
        limits: Option<&Limits>,
        (event, ty): (&Event, &EventType),
        found: Option<u32>,
        sink: &mut Sink<'_>,
    ) -> Result<(), InputError> {
        let alone = alone(ty, event);
        let found = match (alone, found) {
            (Some((entity, key)), None) => self.find_again(entity, key),
            (_, found) => found,
        };
        match (limits, alone, found) {
            (None, ..) => {}
            (Some(limits), None, _) => self.check_limits(plan, limits, event)?,
            (Some(limits), Some(_), None) => check_subjects(limits, self.table.len())?,
            (Some(limits), Some(_), Some(at)) => self.check_held(plan, limits, at, event.time)?,
        }
        let before = event.time.micros() - 1;
        if self.may_be_due(before) && self.clock.is_none_or(|clock| clock < event.time) {
            let most = limits.map_or(usize::MAX, |limits| limits.decisions);
            if !self.run_due(plan, before, most, sink) {
                return Err(self.unfinished(event.time));
            }
        }
        self.clock = Some(event.time);
        self.closed = false;
        match alone {
            Some(subject) => self.concern(plan, event, subject, found, sink),
            None => {
                for (entity, key) in ty.entities.iter().zip(&event.keys) {
                    let found = self.table.find(*entity, key);
                    self.concern(plan, event, (*entity, key), found, sink);
                }
            }
        }
        self.settle(plan, event.time);
        Ok(())
    }

    /// The number of a subject. Where events come subject by subject, it is the last one.
    #[inline]
    fn find_again(&self, entity: EntityId, key: &Arc<str>) -> Option<u32> {
        let is = |subject: &Subject| Arc::ptr_eq(&subject.key, key) && subject.entity == entity;
        if self.table.get(self.latest).is_some_and(is) {
            Some(self.latest)
        } else {
            self.table.find(entity, key)
        }
    }

    /// Whether something may be due up to a time: what was due may have moved away since.
    #[inline]
    fn may_be_due(&self, until: i64) -> bool {
        self.due.peek().is_some_and(|Reverse((time, _))| *time <= until)
    }

    /// Applies an event to one of the subjects that it is about; `found`: its number, if it is known.
    #[inline]
    pub(super) fn concern(
        &mut self,
        plan: &Plan,
        event: &Event,
        (entity, key): (EntityId, &Arc<str>),
        found: Option<u32>,
        sink: &mut Sink<'_>,
    ) {
        let at = found.unwrap_or_else(|| self.table.add(Subject::new(entity, key.clone())));
        self.latest = at;
        self.sweeper.hear(at);
        let (Some(subject), Some(planned)) = (self.table.get_mut(at), plan.entity(entity)) else { return };
        subject.uncounted = if subject.uncounted >= COUNT_EVERY { 0 } else { subject.uncounted + 1 };
        // An event that no selector picks changes nothing for a subject for which nothing is due.
        if planned.feeds(event.event) || subject.fresh != Fresh::No || subject.wake <= event.time.micros() {
            self.instant(plan, at, event.time, Some(event), sink);
        }
    }

    /// What is to be done once an event has been applied to all its subjects.
    #[inline]
    pub(super) fn settle(&mut self, plan: &Plan, time: Timestamp) {
        // No text outlives its event.
        self.scratch.scanner.get_mut().clear();
        self.sweep_after_event(plan, time);
    }

    /// That a call has made as many decisions as it may, though more are due by `time`.
    pub(super) fn unfinished(&self, time: Timestamp) -> InputError {
        InputError::Unfinished { clock: self.clock.unwrap_or(time), decisions: Vec::new() }
    }

    /// Has everything happen that is due up to a time; `false` if it had to stop before, after so many decisions.
    pub(super) fn run_due(&mut self, plan: &Plan, until: i64, most: usize, sink: &mut Sink<'_>) -> bool {
        while let Some((now, at)) = self.next_due(until) {
            if self.scratch.decisions >= most {
                return false;
            }
            self.fall_due(plan, now, at, sink);
        }
        true
    }

    /// The next subject for which something is due up to a time, and when.
    pub(super) fn next_due(&mut self, until: i64) -> Option<(Timestamp, u32)> {
        while let Some(&Reverse((time, at))) = self.due.peek() {
            if time > until {
                break;
            }
            if let Some(subject) = self.table.get_mut(at).filter(|subject| subject.queued == time) {
                if subject.wake <= time
                    && let Some(now) = Timestamp::from_micros(time)
                {
                    return Some((now, at));
                }
                // What was due has moved away since.
                subject.queued = NEVER;
                self.due.pop();
                self.queue(at);
            } else {
                self.due.pop();
            }
        }
        None
    }

    /// Has happen what [`Running::next_due`] has named.
    pub(super) fn fall_due(&mut self, plan: &Plan, now: Timestamp, at: u32, sink: &mut Sink<'_>) {
        self.due.pop();
        if let Some(subject) = self.table.get_mut(at) {
            subject.queued = NEVER;
        }
        self.instant(plan, at, now, None, sink);
        self.clock = Some(now);
    }

    #[inline]
    fn instant(&mut self, plan: &Plan, at: u32, now: Timestamp, event: Option<&Event>, sink: &mut Sink<'_>) {
        let Some(subject) = self.table.get_mut(at) else { return };
        let Some(entity) = plan.entity(subject.entity) else { return };
        Instant {
            plan,
            entity,
            subject: &mut *subject,
            now,
            event,
            orphans: &self.orphans,
            warming: &self.warming,
            scratch: &mut self.scratch,
            hash_key: &self.hash_key,
            watched: self.watched,
            exempting: self.exempting,
            sink,
        }
        .run();
        self.saturations += u64::from(self.scratch.saturated.take());
        let time = subject.wake;
        if time < subject.queued {
            subject.queued = time;
            self.due.push(Reverse((time, at)));
        }
    }

    /// Takes over a subject that was elsewhere before.
    #[cfg(feature = "rayon")]
    pub(super) fn take_over(&mut self, mut subject: Subject) {
        subject.queued = NEVER;
        let at = self.table.add(subject);
        self.queue(at);
    }

    /// Puts a subject into the queue of due times, if it does not stand there early enough.
    pub(super) fn queue(&mut self, at: u32) {
        let Some(subject) = self.table.get_mut(at) else { return };
        let time = subject.wake;
        if time < subject.queued {
            subject.queued = time;
            self.due.push(Reverse((time, at)));
        }
    }
}

pub(super) fn check_subjects(limits: &Limits, known: usize) -> Result<(), InputError> {
    if known < limits.subjects {
        return Ok(());
    }
    Err(InputError::Limit { limit: "subjects", most: limits.subjects as u64 })
}

/// An event with the subject that it is about, if it is about one alone.
pub(super) fn coming<'e>(plan: &Plan, event: &'e Event) -> Option<Coming<'e>> {
    let (entity, key) = alone(plan.tree.schema.event_type(event.event)?, event)?;
    Some(Coming { event, entity, key, hash: hash(entity, key) })
}

/// The subject that an event is about, if it is about one alone: nearly every event is, and then it is looked up once.
#[inline]
fn alone<'e>(ty: &EventType, event: &'e Event) -> Option<(EntityId, &'e Arc<str>)> {
    match (ty.entities.as_slice(), event.keys.as_slice()) {
        ([entity], [key]) => Some((*entity, key)),
        _ => None,
    }
}
