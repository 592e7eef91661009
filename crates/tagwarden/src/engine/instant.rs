//! One instant of one subject: what has run out ends, the input is applied, the rules run, what is gone is announced.

use super::announce::Ended;
use super::cause::{Cause, Told};
use super::dirty::Dirty;
use super::eval::{Hand, View, Warming, hold};
use super::pick::Picks;
use crate::check::tree::{ScoreId, Target};
use crate::decision::{Change, DecisionRef, EndCause, Reason, RuleRef, Why};
use crate::event::Event;
use crate::grants::{Grant, Owner, PERSON};
use crate::plan::{EntityPlan, LeafKind, Plan, StreamId, TriggerPlan, Watchers};
use crate::state::{Fresh, Subject};
use crate::text::Scanner;
use crate::value::Timestamp;
use crate::window::{Gone, NEVER};
use std::cell::{Cell, RefCell};
use std::sync::Arc;

/// What instants share, so that they need not allocate it.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    pub(super) dirty: Dirty,
    /// What the streams have picked at this instant.
    pub(super) picks: Picks,
    /// The streams that the event at hand may feed.
    pub(super) found: Vec<StreamId>,
    /// Leaves whose time has to be worked out anew.
    moved: Vec<u32>,
    /// Whether it must be worked out anew when windows of the subject next change.
    pub(super) stale: bool,
    /// How many decisions the call has made.
    pub(super) decisions: usize,
    pub(super) ended: Vec<Ended>,
    pub(super) saturated: Cell<bool>,
    pub(super) scanner: RefCell<Scanner>,
    pub(super) no_reason: Arc<Reason>,
}

/// Who handed out decisions is told why only if asked.
#[derive(Clone, Copy)]
pub(super) enum Because<'b> {
    Fired(&'b Cause<'b>),
    Known(&'b Arc<Reason>),
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
    /// Whether every firing is noted, not only those that a cooldown needs.
    pub(super) watched: bool,
    /// Whether people may have spared some subject a rule.
    pub(super) exempting: bool,
    pub(super) sink: &'a mut dyn FnMut(&DecisionRef<'_>),
}

impl<'a> Instant<'a> {
    #[inline]
    pub(crate) fn run(mut self) {
        self.prepare();
        self.run_out();
        self.apply();
        self.run_rules();
        self.announce_endings();
        self.set_clock();
    }

    /// An instant at which something else than an event happens: after what has run out, and before the rules run.
    pub(super) fn run_with(mut self, input: impl FnOnce(&mut Self)) {
        self.prepare();
        self.run_out();
        if !self.entity.quiets.is_empty() && self.subject.more().first_event.is_none() {
            self.subject.more_mut().first_event = Some(self.now.micros());
        }
        self.apply();
        input(&mut self);
        self.run_rules();
        self.announce_endings();
        self.set_clock();
    }

    /// Has every rule look again.
    pub(super) fn mark_all_rules(&mut self) {
        for rule in 0..self.entity.rules.len() {
            self.scratch.dirty.mark(rule as u32);
        }
        self.scratch.moved.extend(0..self.entity.leaves.len() as u32);
    }

    /// Ends grants whose rules are gone.
    pub(super) fn end_gone(mut self, owners: &[(Owner, bool)]) {
        self.prepare();
        let reason = self.scratch.no_reason.clone();
        for (owner, shadow) in owners {
            self.end_owned(*owner, *shadow, EndCause::RuleGone, &reason);
        }
        self.announce_endings();
        self.scratch.dirty.clear();
    }

    #[inline]
    pub(super) fn view(&self) -> View<'_> {
        View {
            plan: self.plan,
            entity: self.entity,
            subject: self.subject,
            now: self.now,
            warming: self.warming,
            saturated: &self.scratch.saturated,
            scanner: &self.scratch.scanner,
        }
    }

    #[inline]
    fn prepare(&mut self) {
        let entity = self.entity;
        let scratch = &mut *self.scratch;
        if scratch.picks.room() < entity.streams.len() || scratch.dirty.len() < entity.rules.len() {
            scratch.dirty.reserve(entity.rules.len());
            scratch.picks.reserve(entity.streams.len());
        }
        scratch.picks.clear();
        scratch.moved.clear();
        scratch.stale = false;
        if self.subject.fresh != Fresh::No {
            self.begin();
        }
    }

    /// The first instant of a subject under its rules.
    fn begin(&mut self) {
        let entity = self.entity;
        if self.subject.fresh == Fresh::New {
            for rule in entity.initial.get_or_init(|| super::status::initial(self.plan, entity)) {
                self.scratch.dirty.mark(*rule);
            }
        } else {
            for rule in 0..entity.rules.len() {
                self.scratch.dirty.mark(rule as u32);
            }
        }
        self.subject.fresh = Fresh::No;
        self.scratch.moved.extend(0..entity.leaves.len() as u32);
        let before = self.now.checked_add_micros(-1).unwrap_or(Timestamp::MIN);
        for rule in &entity.scheduled {
            // A reload keeps what is due next: it must not come twice.
            if self.subject.more().due.get(*rule).is_none() {
                self.schedule(*rule, before);
            }
        }
    }

    /// Has those look again that watch what has changed.
    pub(super) fn mark(&mut self, watchers: &Watchers) {
        self.scratch.dirty.mark_all(&watchers.rules);
        if !watchers.leaves.is_empty() {
            self.scratch.moved.extend_from_slice(&watchers.leaves);
        }
    }

    /// Has the rules look again that read a tag or a list.
    pub(super) fn mark_target(&mut self, target: Target) {
        let entity = self.entity;
        let watchers = match target {
            Target::Tag(tag) => entity.tag_readers.get(tag.index()),
            Target::List(list) => entity.list_readers.get(list.index()),
        };
        if let Some(watchers) = watchers {
            self.mark(watchers);
        }
    }

    /// Has the times be worked out anew that depend on since when a tag has been there.
    pub(super) fn move_leaves(&mut self, target: Target) {
        if let Target::Tag(tag) = target
            && let Some(watchers) = self.entity.tag_readers.get(tag.index())
        {
            self.scratch.moved.extend_from_slice(&watchers.leaves);
        }
    }

    pub(super) fn mark_score(&mut self, score: ScoreId) {
        let entity = self.entity;
        if let Some(watchers) = entity.score_readers.get(score.index()) {
            self.mark(watchers);
        }
    }

    /// Step 1: what has run out by now ends.
    #[inline]
    fn run_out(&mut self) {
        let now = self.now.micros();
        self.leave_windows(now);
        if !self.subject.has_more() {
            return;
        }
        let entity = self.entity;
        let more = self.subject.more();
        let scratch = &mut *self.scratch;
        for (leaf, _) in more.leaves.iter().filter(|(_, due)| **due <= now) {
            scratch.moved.push(leaf);
            if let Some(leaf) = entity.leaves.get(leaf as usize) {
                scratch.dirty.mark_all(&leaf.readers);
            }
        }
        for (rule, _) in more.due.iter().filter(|(_, due)| **due <= now) {
            scratch.dirty.mark(rule);
        }
        if more.grants.next_change() <= now {
            self.run_out_grants(now);
        }
    }

    #[inline]
    fn leave_windows(&mut self, now: i64) {
        let (entity, dirty) = (self.entity, &mut self.scratch.dirty);
        self.subject.leave(entity, self.plan.tree.zone, now, |page, gone| {
            let Some(page) = entity.pages.get(page as usize) else { return };
            let readers = match gone {
                Gone::Window(window) => page.readers.get(window),
                Gone::Bound(bound) => page.bound_readers.get(bound),
            };
            if let Some(readers) = readers {
                dirty.mark_all(readers);
            }
        });
    }

    fn run_out_grants(&mut self, now: i64) {
        let mut over = Vec::new();
        self.subject.grants_mut().all.retain(|grant| {
            if grant.end <= now {
                over.push(grant.clone());
            }
            grant.end > now
        });
        for grant in over {
            let person = grant.owner.rule == PERSON;
            let reason = Arc::clone(if person { &grant.reason } else { &self.scratch.no_reason });
            self.note_ending(&grant, grant.owner.rule, EndCause::Expired, reason);
        }
        self.start_waiting(now);
        self.fall_due_for_review(now);
        self.run_out_exemptions(now);
    }

    /// One after the other, in the order in which they were made, each announced before the next starts.
    pub(super) fn start_waiting(&mut self, now: i64) {
        let waits = |grant: &Grant| !grant.live && grant.begins() <= now;
        while let Some(at) = self.subject.grants().all.iter().position(waits) {
            let Some(grant) = self.subject.grants().all.get(at) else { return };
            let (target, owner, shadow) = (grant.target, grant.owner, grant.shadow);
            if grant.suspension.is_some() {
                self.come_back(target, |suspension| suspension.until <= now, None);
                continue;
            }
            let present = matches!(target, Target::Tag(tag) if self.view().present(tag));
            if let Some(grant) = self.subject.grants_mut().all.get_mut(at) {
                grant.live = true;
            }
            self.announce_grant(owner, shadow, present);
        }
    }

    /// Tells which entries that count are to be reviewed by now.
    pub(super) fn fall_due_for_review(&mut self, now: i64) {
        let zone = self.plan.tree.zone;
        let mut due = Vec::new();
        for grant in
            self.subject.grants_mut().all.iter_mut().filter(|grant| grant.live && grant.next_review <= now)
        {
            due.push((grant.owner.rule, grant.shadow, grant.target, grant.level, grant.reason.clone()));
            // Those that fell due while it was suspended are one.
            while grant.next_review <= now {
                grant.reviews += 1;
                grant.next_review = review_time(zone, grant.review_from, grant.review, grant.reviews);
            }
        }
        for (rule, shadow, target, level, reason) in due {
            let Target::List(list) = target else { continue };
            let level = if shadow { level } else { self.subject.grants().level(target).unwrap_or(level) };
            let Some(list) = self.plan.tree.lists.get(list.index()) else { continue };
            let change = Change::ReviewDue { list: list.name.clone(), level };
            self.decide(rule, shadow, &change, Because::Known(&reason));
        }
    }

    /// Step 2: the input is applied.
    #[inline]
    fn apply(&mut self) {
        if self.event.is_some() && !self.entity.quiets.is_empty() && self.subject.more().first_event.is_none()
        {
            self.subject.more_mut().first_event = Some(self.now.micros());
        }
        self.pick();
    }

    /// Step 3: the rules that may be concerned run, in order. A rule marks only later ones, since those that read what it sets
    /// come after it.
    #[inline]
    fn run_rules(&mut self) {
        let entity = self.entity;
        self.look_at_bounds();
        while let Some(rule) = self.scratch.dirty.pop() {
            let Some(plan) = entity.rules.get(rule as usize) else { continue };
            if let Some((stream, bounds)) = plan.bounds() {
                if !hold(self.subject, bounds, self.now) {
                    continue;
                }
                if let Some(event) = self.event.filter(|_| self.scratch.picks.has_event(stream)) {
                    if self.active(plan) {
                        self.fire(rule, plan, Some(stream), Hand::Event(event));
                    }
                    continue;
                }
            }
            self.run_rule(rule, plan);
        }
    }

    /// Hands a decision out.
    pub(super) fn decide(&mut self, rule: u32, shadow: bool, change: &Change, because: Because<'_>) {
        let person = rule == PERSON;
        let rule = match rule.checked_sub(super::FIRST_ORPHAN) {
            Some(orphan) => self.orphans.get(orphan as usize),
            None => self.entity.rules.get(rule as usize).map(|rule| &rule.reference),
        };
        let Some(entity) = self.plan.tree.schema.entities.get(usize::from(self.subject.entity.0)) else {
            return;
        };
        if rule.is_none() && !person {
            return;
        }
        self.scratch.decisions += 1;
        let subject = &*self.subject;
        let tell = |why: &dyn Why, sink: &mut dyn FnMut(&DecisionRef<'_>)| {
            let (time, subject) = (self.now, &subject.key);
            sink(&DecisionRef { time, entity, subject, rule, shadow, change, why });
        };
        match because {
            Because::Known(reason) => tell(reason, self.sink),
            Because::Fired(cause) => {
                let view = View {
                    plan: self.plan,
                    entity: self.entity,
                    subject,
                    now: self.now,
                    warming: self.warming,
                    saturated: &self.scratch.saturated,
                    scanner: &self.scratch.scanner,
                };
                tell(&Told { cause, view: &view }, self.sink);
            }
        }
    }

    /// Sets the next time of a rule's schedule after `time`.
    pub(super) fn schedule(&mut self, rule: u32, time: Timestamp) {
        let Some(TriggerPlan::Every(schedule)) =
            self.entity.rules.get(rule as usize).map(|rule| &rule.trigger)
        else {
            return;
        };
        let due = self.plan.tree.zone.next(*schedule, time).map_or(NEVER, Timestamp::micros);
        self.subject.more_mut().due.set(rule, due);
    }

    /// Works out when the clock alone next changes something that a rule or a reader could see.
    #[inline]
    fn set_clock(&mut self) {
        let now = self.now.micros();
        let entity = self.entity;
        let mut moved = std::mem::take(&mut self.scratch.moved);
        for at in &moved {
            let Some(leaf) = entity.leaves.get(*at as usize) else { continue };
            match self.leaf_due(leaf.kind) {
                NEVER if !self.subject.has_more() => {}
                NEVER => {
                    self.subject.more_mut().leaves.remove(*at);
                }
                due => self.subject.more_mut().leaves.set(*at, due),
            }
        }
        moved.clear();
        self.scratch.moved = moved;
        let stale = std::mem::take(&mut self.scratch.stale);
        if stale {
            self.subject.refresh(entity);
        }
        let mut wake = self.subject.next_leave();
        if self.subject.has_more() {
            let more = self.subject.more();
            wake = more.sequences.iter().fold(wake, |wake, (_, sequence)| wake.min(sequence.deadline()));
            wake = more.leaves.least(more.due.least(wake)).min(more.grants.next_change());
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
                let last = self.subject.more().lasts.get(stream.0).copied();
                let reached = last.and_then(Timestamp::from_micros).and_then(|last| zone.add(last, length));
                // Equal at one instant, greater from the next one on.
                reached.map(Timestamp::micros).map_or(NEVER, |at| if at == now { at + 1 } else { later(at) })
            }
            LeafKind::TaggedFor(tag, length) => {
                let since =
                    self.subject.grants().announced(Target::Tag(tag)).map(|announced| announced.since);
                let since = since.and_then(Timestamp::from_micros);
                since.and_then(|since| zone.add(since, length)).map_or(NEVER, |at| later(at.micros()))
            }
            LeafKind::ScoreAgainst(score, than) => self.view().score_crossing(score, than),
            LeafKind::Midnight => zone.period_end(crate::value::Period::Day, self.now).micros(),
            LeafKind::Bound(time) => later(time.micros()),
        }
    }

    /// The hand of a pick.
    pub(super) fn hand<'p>(&self, pick: &'p super::pick::Pick) -> Hand<'p>
    where
        'a: 'p,
    {
        match pick {
            super::pick::Pick::Event => self.event.map_or(Hand::Nothing, Hand::Event),
            super::pick::Pick::Held(held) => Hand::Held(held),
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
