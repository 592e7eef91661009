//! One instant of one subject: what has run out ends, the input is applied, the rules run, what is gone is announced.

use super::announce::Ended;
use super::eval::{Hand, View, Warming};
use super::pick::Pick;
use crate::check::tree::{ScoreId, Target};
use crate::decision::{Change, Decision, EndCause, Reason, RuleRef};
use crate::event::Event;
use crate::grants::{Grant, Owner};
use crate::plan::{EntityPlan, LeafKind, Plan, Readers, StreamId, TriggerPlan};
use crate::state::Subject;
use crate::value::Timestamp;
use crate::window::NEVER;
use std::cell::Cell;
use std::sync::Arc;

/// What instants share, so that they need not allocate it.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// The rules to run, one bit each.
    dirty: Vec<u64>,
    /// What each stream has picked at this instant.
    pub(super) picks: Vec<Vec<Pick>>,
    picked: Vec<StreamId>,
    pub(super) ended: Vec<Ended>,
    pub(super) saturated: Cell<bool>,
    pub(super) no_reason: Arc<Reason>,
}

/// A subject at an instant, to be changed.
pub(crate) struct Instant<'a> {
    pub(super) plan: &'a Plan,
    pub(super) entity: &'a EntityPlan,
    pub(super) subject: &'a mut Subject,
    pub(super) now: Timestamp,
    pub(super) event: Option<&'a Event>,
    pub(super) orphans: &'a [RuleRef],
    pub(super) warming: &'a Warming,
    pub(super) scratch: &'a mut Scratch,
    pub(super) hash_key: &'a [u8; 16],
    pub(super) sink: &'a mut dyn FnMut(Decision),
}

impl<'a> Instant<'a> {
    pub(crate) fn run(mut self) {
        self.prepare();
        self.run_out();
        self.apply();
        self.run_rules();
        self.announce_endings();
        self.set_clock();
    }

    /// Ends grants whose rules are gone.
    pub(super) fn end_gone(mut self, owners: &[(Owner, bool)]) {
        self.prepare();
        let reason = self.scratch.no_reason.clone();
        for (owner, shadow) in owners {
            self.end_owned(*owner, *shadow, EndCause::RuleGone, &reason);
        }
        self.announce_endings();
    }

    pub(super) fn view(&self) -> View<'_> {
        View {
            plan: self.plan,
            entity: self.entity,
            subject: self.subject,
            now: self.now,
            warming: self.warming,
            saturated: &self.scratch.saturated,
        }
    }

    fn prepare(&mut self) {
        let scratch = &mut *self.scratch;
        scratch.dirty.clear();
        scratch.dirty.resize(self.entity.rules.len().div_ceil(64), 0);
        if scratch.picks.len() < self.entity.streams.len() {
            scratch.picks.resize_with(self.entity.streams.len(), Vec::new);
        }
        for stream in scratch.picked.drain(..) {
            if let Some(picks) = scratch.picks.get_mut(stream.index()) {
                picks.clear();
            }
        }
        scratch.ended.clear();
        if self.subject.fresh {
            // A condition that is true at the first instant rises there, whatever it reads.
            self.subject.fresh = false;
            let rules = self.entity.rules.len();
            for (at, word) in scratch.dirty.iter_mut().enumerate() {
                *word = u64::MAX >> 64_usize.saturating_sub(rules - at * 64).min(63);
            }
            let before = self.now.checked_add_micros(-1).unwrap_or(Timestamp::MIN);
            for rule in &self.entity.scheduled {
                // A reload keeps what is due next: it must not come twice.
                if self.subject.rules.get(*rule as usize).is_some_and(|state| state.due == NEVER) {
                    self.schedule(*rule, before);
                }
            }
        }
    }

    pub(super) fn mark(&mut self, readers: &Readers) {
        for rule in readers {
            if let Some(word) = self.scratch.dirty.get_mut(*rule as usize / 64) {
                *word |= 1 << (rule % 64);
            }
        }
    }

    /// Has the rules look again that read a tag or a list.
    pub(super) fn mark_target(&mut self, target: Target) {
        let entity = self.entity;
        let readers = match target {
            Target::Tag(tag) => entity.tag_readers.get(tag.index()),
            Target::List(list) => entity.list_readers.get(list.index()),
        };
        if let Some(readers) = readers {
            self.mark(readers);
        }
    }

    pub(super) fn mark_score(&mut self, score: ScoreId) {
        let entity = self.entity;
        if let Some(readers) = entity.score_readers.get(score.index()) {
            self.mark(readers);
        }
    }

    pub(super) fn note_pick(&mut self, stream: StreamId, pick: Pick) {
        let entity = self.entity;
        if let Some(picks) = self.scratch.picks.get_mut(stream.index()) {
            if picks.is_empty() {
                self.scratch.picked.push(stream);
            }
            picks.push(pick);
        }
        if let Some(stream) = entity.streams.get(stream.index()) {
            self.mark(&stream.readers);
        }
    }

    /// Step 1: what has run out by now ends.
    fn run_out(&mut self) {
        let now = self.now.micros();
        let entity = self.entity;
        if self.subject.next_leave <= now {
            self.leave_windows(now);
        }
        for (leaf, plan) in entity.leaves.iter().enumerate() {
            if self.subject.leaves.get(leaf).is_some_and(|due| *due <= now) {
                self.mark(&plan.readers);
            }
        }
        if self.subject.grants.next_change() <= now {
            self.run_out_grants(now);
        }
        self.mark(&entity.bounded);
        for rule in &entity.scheduled {
            if self.subject.rules.get(*rule as usize).is_some_and(|state| state.due <= now) {
                self.mark(&vec![*rule]);
            }
        }
    }

    fn leave_windows(&mut self, now: i64) {
        let entity = self.entity;
        for (at, slot) in entity.slots.iter().enumerate() {
            let Some(change) = self.subject.changes.get_mut(at).filter(|change| **change <= now) else {
                continue;
            };
            let (series, window) = (slot.series as usize, slot.window as usize);
            let (Some(state), Some(series)) =
                (self.subject.series.get_mut(series), entity.series.get(series))
            else {
                continue;
            };
            state.leave(&series.plan, window, now);
            *change = state.next_change(&series.plan, window);
            if let Some(window) = series.windows.get(window) {
                self.mark(&window.readers);
            }
        }
    }

    fn run_out_grants(&mut self, now: i64) {
        let mut over = Vec::new();
        self.subject.grants.all.retain(|grant| {
            if grant.end <= now {
                over.push(grant.clone());
            }
            grant.end > now
        });
        for grant in over {
            let reason = self.scratch.no_reason.clone();
            self.note_ending(&grant, grant.owner.rule, EndCause::Expired, reason);
        }
        // One after the other, in the order in which they were made, each announced before the next starts.
        let waits = |grant: &Grant| !grant.live && grant.start <= now;
        while let Some(grant) = self.subject.grants.all.iter_mut().find(|grant| waits(grant)) {
            grant.live = true;
            let (owner, shadow) = (grant.owner, grant.shadow);
            self.announce_grant(owner, shadow, false);
        }
        self.fall_due_for_review(now);
    }

    fn fall_due_for_review(&mut self, now: i64) {
        let zone = self.plan.tree.zone;
        let mut due = Vec::new();
        for grant in self.subject.grants.all.iter_mut().filter(|grant| grant.live && grant.next_review <= now)
        {
            due.push((grant.owner.rule, grant.shadow, grant.target, grant.level, grant.reason.clone()));
            grant.reviews += 1;
            grant.next_review = review_time(zone, grant.start, grant.review, grant.reviews + 1);
        }
        for (rule, shadow, target, level, reason) in due {
            let Target::List(list) = target else { continue };
            let level = if shadow { level } else { self.subject.grants.level(target).unwrap_or(level) };
            let Some(list) = self.plan.tree.lists.get(list.index()) else { continue };
            self.decide(rule, shadow, Change::ReviewDue { list: list.name.clone(), level }, &reason);
        }
    }

    /// Step 2: the input is applied.
    fn apply(&mut self) {
        if self.event.is_some() && self.subject.first_event == NEVER {
            self.subject.first_event = self.now.micros();
        }
        self.pick();
    }

    /// Step 3: the rules that may be concerned run, in order.
    fn run_rules(&mut self) {
        let mut word = 0;
        while let Some(bits) = self.scratch.dirty.get_mut(word) {
            if *bits == 0 {
                word += 1;
                continue;
            }
            // A rule marks only later ones, since those that read what it sets come after it.
            let bit = bits.trailing_zeros();
            *bits &= *bits - 1;
            self.run_rule(word as u32 * 64 + bit);
        }
    }

    /// Hands a decision out.
    pub(super) fn decide(&mut self, rule: u32, shadow: bool, change: Change, reason: &Arc<Reason>) {
        let rule = match rule.checked_sub(super::FIRST_ORPHAN) {
            Some(orphan) => self.orphans.get(orphan as usize),
            None => self.entity.rules.get(rule as usize).map(|rule| &rule.reference),
        };
        let (Some(rule), Some(entity)) =
            (rule, self.plan.tree.schema.entities.get(usize::from(self.subject.entity.0)))
        else {
            return;
        };
        (self.sink)(Decision {
            time: self.now,
            entity: entity.clone(),
            subject: self.subject.key.clone(),
            rule: Some(rule.clone()),
            shadow,
            change,
            reason: Arc::clone(reason),
        });
    }

    /// Sets the next time of a rule's schedule after `time`.
    pub(super) fn schedule(&mut self, rule: u32, time: Timestamp) {
        let Some(TriggerPlan::Every(schedule)) =
            self.entity.rules.get(rule as usize).map(|rule| &rule.trigger)
        else {
            return;
        };
        if let Some(state) = self.subject.rules.get_mut(rule as usize) {
            state.due = self.plan.tree.zone.next(*schedule, time).map_or(NEVER, Timestamp::micros);
        }
    }

    /// Works out when the clock alone next changes something that a rule or a reader could see.
    fn set_clock(&mut self) {
        let now = self.now.micros();
        let entity = self.entity;
        let mut wake = self.subject.grants.next_change();
        let mut next_leave = NEVER;
        for (slot, change) in entity.slots.iter().zip(&self.subject.changes) {
            next_leave = next_leave.min(*change);
            wake = if slot.wakes { wake.min(*change) } else { wake };
        }
        self.subject.next_leave = next_leave;
        for (at, leaf) in entity.leaves.iter().enumerate() {
            let due = self.leaf_due(leaf.kind);
            if let Some(state) = self.subject.leaves.get_mut(at) {
                *state = due;
            }
            wake = wake.min(due);
        }
        for stream in &entity.deadlines {
            let sequence =
                self.subject.streams.get(stream.index()).and_then(|stream| stream.sequence.as_ref());
            wake = wake
                .min(sequence.and_then(|state| state.pending.front()).map_or(NEVER, |held| held.deadline));
        }
        for rule in &entity.scheduled {
            wake = wake.min(self.subject.rules.get(*rule as usize).map_or(NEVER, |state| state.due));
        }
        for rule in &entity.bounded {
            if let Some(rule) = entity.rules.get(*rule as usize) {
                let bounds = [rule.active_from, rule.active_until].into_iter().flatten();
                wake = bounds.map(Timestamp::micros).filter(|bound| *bound > now).fold(wake, i64::min);
            }
        }
        // At the end of time nothing is due any more.
        self.subject.wake = if wake <= now || wake > Timestamp::MAX.micros() { NEVER } else { wake };
    }

    /// When a leaf next changes; [`NEVER`] where the clock alone does not change it.
    fn leaf_due(&self, leaf: LeafKind) -> i64 {
        let now = self.now.micros();
        let zone = self.plan.tree.zone;
        let later = |time: i64| if time > now { time } else { NEVER };
        match leaf {
            LeafKind::Quiet(quiet) => self.view().quiet_since(quiet).map_or(NEVER, later),
            LeafKind::Elapsed(stream, length) => {
                let last = self.subject.streams.get(stream.index()).and_then(|stream| stream.last);
                let reached = last.and_then(Timestamp::from_micros).and_then(|last| zone.add(last, length));
                // Equal at one instant, greater from the next one on.
                reached.map(Timestamp::micros).map_or(NEVER, |at| if at == now { at + 1 } else { later(at) })
            }
            LeafKind::TaggedFor(tag, length) => {
                let since = self.subject.grants.announced(Target::Tag(tag)).map(|announced| announced.since);
                let since = since.and_then(Timestamp::from_micros);
                since.and_then(|since| zone.add(since, length)).map_or(NEVER, |at| later(at.micros()))
            }
            LeafKind::ScoreAgainst(score, than) => self.view().score_crossing(score, than),
            LeafKind::Midnight => zone.period_end(crate::value::Period::Day, self.now).micros(),
        }
    }

    /// The hand of a pick.
    pub(super) fn hand<'p>(&self, pick: &'p Pick) -> Hand<'p>
    where
        'a: 'p,
    {
        match pick {
            Pick::Event => self.event.map_or(Hand::Nothing, Hand::Event),
            Pick::Held(held) => Hand::Held(held),
        }
    }
}

/// When the review with a number falls due, counted from 1.
pub(super) fn review_time(
    zone: crate::value::Zone,
    start: i64,
    every: Option<crate::value::Duration>,
    number: u32,
) -> i64 {
    let Some((every, start)) = every.zip(Timestamp::from_micros(start)) else { return NEVER };
    let (Some(months), Some(micros)) =
        (every.months().checked_mul(number), every.micros().checked_mul(i64::from(number)))
    else {
        return NEVER;
    };
    zone.add(start, crate::value::Duration::new(months, micros)).map_or(NEVER, Timestamp::micros)
}
