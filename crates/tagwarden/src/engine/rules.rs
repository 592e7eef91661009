//! Step 3 of an instant: one rule runs.

use super::cause::{Cause, Told};
use super::eval::{Hand, View, holds};
use super::instant::Instant;
use super::pick::Pick;
use crate::decision::{DecisionRef, EndCause, Reason};
use crate::event::Event;
use crate::grants::Owner;
use crate::plan::{ActionPlan, Bound, LifePlan, RulePlan, Stream, StreamId, TriggerPlan};
use crate::state::share;
use crate::value::Timestamp;
use std::sync::Arc;

/// A rule that fires, and what about.
#[derive(Clone, Copy)]
pub(super) struct Firing<'f> {
    /// Index in the plan.
    pub(super) rule: u32,
    pub(super) plan: &'f RulePlan,
    /// Whether it is a shadow for this subject.
    pub(super) shadow: bool,
    pub(super) hand: Hand<'f>,
    pub(super) cause: &'f Cause<'f>,
    /// The text of each action's message, filled in before the first action; empty where no action has one.
    pub(super) texts: &'f [Option<Arc<str>>],
}

impl Firing<'_> {
    /// The text of an action's message.
    pub(super) fn text(&self, owner: Owner) -> Option<Arc<str>> {
        self.texts.get(owner.action as usize).cloned().flatten()
    }
}

impl<'a> Instant<'a> {
    /// Has the rules run that fire at what has been picked and whose bounds hold. Most rules at most events have one that does
    /// not, so the bounds are looked at in a row.
    #[inline]
    pub(super) fn look_at_bounds(&mut self) {
        let entity = self.entity;
        let scratch = &mut *self.scratch;
        let mut firing = scratch.picks.streams().iter().filter_map(|id| {
            let stream = entity.streams.get(id.index())?;
            (!stream.fires.is_empty()).then_some((*id, stream))
        });
        let (first, more) = (firing.next(), firing.next());
        if let (Some((id, stream)), None, Some(event)) = (first, more, self.event)
            && stream.fires_plainly
            && scratch.dirty.is_empty()
            && !(self.watched | self.exempting)
        {
            return self.fire_plainly(id, stream, event);
        }
        for (_, stream) in first.into_iter().chain(more).chain(firing) {
            for (rule, bound) in &stream.fires {
                if holds(self.subject, bound, self.now) {
                    scratch.dirty.mark(*rule);
                }
            }
        }
    }

    /// Fires rules that do nothing but emit: nothing else can have to run because of it.
    #[inline]
    fn fire_plainly(&mut self, id: StreamId, stream: &'a Stream, event: &'a Event) {
        let subject = &*self.subject;
        let Some(entity) = self.plan.tree.schema.entities.get(usize::from(subject.entity.0)) else { return };
        let view = View {
            plan: self.plan,
            entity: self.entity,
            subject,
            now: self.now,
            warming: self.warming,
            saturated: &self.scratch.saturated,
            scanner: &self.scratch.scanner,
        };
        let Some((_, Bound { page, .. })) = stream.fires.first() else { return };
        let (page, now) = (subject.page(*page), self.now.micros());
        for (rule, bound) in &stream.fires {
            if !bound.holds(page, now) {
                continue;
            }
            let Some(plan) = self.entity.rules.get(*rule as usize) else { continue };
            let cause = Cause::new(plan, Some(id), Hand::Event(event));
            let told = Told { cause: &cause, view: &view };
            for action in &plan.actions {
                if let ActionPlan::Emit { bare, .. } = action {
                    self.scratch.decisions += 1;
                    (self.sink)(&DecisionRef {
                        time: self.now,
                        entity,
                        subject: &subject.key,
                        rule: Some(&plan.reference),
                        shadow: false,
                        change: bare,
                        why: &told,
                    });
                }
            }
        }
    }

    pub(super) fn run_rule(&mut self, rule: u32, plan: &'a RulePlan) {
        if plan.ends_by_itself && !self.subject.grants().all.is_empty() {
            self.end_by_until(rule, plan);
        }
        match &plan.trigger {
            TriggerPlan::On(stream) => self.run_on(rule, plan, *stream),
            TriggerPlan::When => {
                let holds = self.condition(plan, Hand::Nothing);
                let held = self.subject.held(rule);
                if holds != held {
                    self.subject.set_held(rule, holds);
                }
                if holds && !held {
                    self.fire(rule, plan, None, Hand::Nothing);
                }
            }
            TriggerPlan::While => self.run_while(rule, plan),
            TriggerPlan::Every(_) => {
                let due = self.subject.more().due.get(rule).copied().and_then(Timestamp::from_micros);
                let Some(due) = due.filter(|due| *due <= self.now) else { return };
                self.schedule(rule, due);
                let hand = Hand::Clock(due);
                if self.condition(plan, hand) {
                    self.fire(rule, plan, None, hand);
                }
            }
        }
    }

    fn is_shadow(&self, plan: &RulePlan) -> bool {
        is_shadow(plan, &self.subject.key)
    }

    pub(super) fn active(&self, plan: &RulePlan) -> bool {
        plan.active_from.is_none_or(|from| from <= self.now)
            && plan.active_until.is_none_or(|until| self.now < until)
    }

    fn condition(&self, plan: &RulePlan, hand: Hand<'_>) -> bool {
        self.active(plan)
            && plan.condition.as_ref().is_none_or(|condition| self.view().fulfils(condition, hand))
    }

    fn run_on(&mut self, rule: u32, plan: &RulePlan, stream: StreamId) {
        let mut at = 0;
        while let Some(pick) = self.scratch.picks.get(stream, at) {
            at += 1;
            let event = self.event;
            let hand = match &pick {
                Pick::Event => event.map_or(Hand::Nothing, Hand::Event),
                Pick::Held(held) => Hand::Held(held),
            };
            if self.condition(plan, hand) {
                self.fire(rule, plan, Some(stream), hand);
            }
        }
    }

    pub(super) fn fire(&mut self, rule: u32, plan: &RulePlan, picked: Option<StreamId>, hand: Hand<'_>) {
        if let Some(pause) = plan.at_most_once_per {
            let fired = self.subject.more().fired.get(rule).copied().and_then(Timestamp::from_micros);
            let free = |fired| self.plan.tree.zone.add(fired, pause);
            if fired.is_some_and(|fired| free(fired).is_none_or(|free| self.now < free)) {
                return;
            }
        }
        if plan.at_most_once_per.is_some() || self.watched {
            self.subject.more_mut().fired.set(rule, self.now.micros());
        }
        let cause = Cause::new(plan, picked, hand);
        if plan.shows_own_work {
            cause.reason(&self.view());
        }
        let texts: Vec<Option<Arc<str>>> = if plan.speaks {
            plan.actions.iter().map(|action| Some(self.view().fill(action.text()?, hand))).collect()
        } else {
            Vec::new()
        };
        let shadow = self.is_shadow(plan);
        let firing = Firing { rule, plan, shadow, hand, cause: &cause, texts: &texts };
        for (at, action) in plan.actions.iter().enumerate() {
            self.act(firing, Owner { rule, action: at as u32 }, action);
        }
    }

    fn run_while(&mut self, rule: u32, plan: &RulePlan) {
        let holds = self.condition(plan, Hand::Nothing);
        let held = self.subject.held(rule);
        if holds != held {
            self.subject.set_held(rule, holds);
        }
        let withheld = self.subject.more().withheld.get(rule).copied().unwrap_or(0);
        if holds && !held {
            if withheld != 0 {
                self.subject.more_mut().withheld.remove(rule);
            }
            self.fire(rule, plan, None, Hand::Nothing);
        } else if holds && withheld != 0 {
            let cause = Cause::new(plan, None, Hand::Nothing);
            cause.reason(&self.view());
            let shadow = self.is_shadow(plan);
            let firing = Firing { rule, plan, shadow, hand: Hand::Nothing, cause: &cause, texts: &[] };
            for (at, action) in plan.actions.iter().enumerate().take(64) {
                if withheld & (1 << at) != 0 {
                    self.retry(firing, Owner { rule, action: at as u32 }, action);
                }
            }
        } else if !holds && held {
            self.withdraw_all(rule, plan);
        }
    }

    /// Ends what a `while` rule holds.
    fn withdraw_all(&mut self, rule: u32, plan: &RulePlan) {
        let shadow = self.is_shadow(plan);
        let owner = |at: usize| Owner { rule, action: at as u32 };
        if !(0..plan.actions.len()).any(|at| self.subject.grants().of(owner(at), shadow).is_some()) {
            return;
        }
        let mut because = Vec::new();
        if let Some(condition) = &plan.condition {
            let view = self.view();
            // Outside its time a rule is withdrawn though the condition itself may still hold.
            if !view.fulfils(condition, Hand::Nothing) {
                view.explain(&condition.node, Hand::Nothing, false, &mut because);
            }
        }
        let reason = Arc::new(Reason { text: None, because, by: None });
        for at in 0..plan.actions.len() {
            self.end_owned(owner(at), shadow, EndCause::Withdrawn, &reason);
        }
    }

    /// Ends the rule's own grants whose `until` holds.
    fn end_by_until(&mut self, rule: u32, plan: &RulePlan) {
        let shadow = self.is_shadow(plan);
        for (at, action) in plan.actions.iter().enumerate() {
            let ActionPlan::Grant(grant) = action else { continue };
            let owner = Owner { rule, action: at as u32 };
            if self.subject.grants().of(owner, shadow).is_none() {
                continue;
            }
            if let Some(reason) = self.until_reason(&grant.life) {
                self.end_owned(owner, shadow, EndCause::Until, &Arc::new(reason));
            }
        }
    }

    /// Whether the event or condition of an `until` is there, and why.
    pub(super) fn until_holds(&self, life: &LifePlan) -> bool {
        match life {
            LifePlan::UntilOn(stream) => self.scratch.picks.has(*stream),
            LifePlan::Until(condition) => self.view().holds(condition, Hand::Nothing),
            _ => false,
        }
    }

    fn until_reason(&self, life: &LifePlan) -> Option<Reason> {
        if !self.until_holds(life) {
            return None;
        }
        let mut because = Vec::new();
        match life {
            LifePlan::UntilOn(stream) => {
                let pick = self.scratch.picks.get(*stream, 0);
                if let Some(pick) = pick {
                    self.view().explain_pick(*stream, self.hand(&pick), &mut because);
                }
            }
            LifePlan::Until(condition) => self.view().explain(condition, Hand::Nothing, true, &mut because),
            _ => {}
        }
        Some(Reason { text: None, because, by: None })
    }
}

/// Whether a rule is a shadow for a subject.
pub(super) fn is_shadow(plan: &RulePlan, key: &str) -> bool {
    let outside = |part| share(&plan.reference.name, key) >= part;
    plan.shadow || plan.rollout.is_some_and(outside)
}
