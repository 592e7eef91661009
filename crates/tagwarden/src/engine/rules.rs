//! Step 3 of an instant: one rule runs.

use super::eval::Hand;
use super::instant::Instant;
use super::pick::Pick;
use crate::decision::{EndCause, Reason};
use crate::grants::Owner;
use crate::plan::{ActionPlan, LifePlan, RulePlan, StreamId, TriggerPlan};
use crate::state::RuleState;
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
    pub(super) reason: &'f Arc<Reason>,
    /// The text of each action's message, filled in before the first action; empty where no action has one.
    pub(super) texts: &'f [Option<Arc<str>>],
}

impl Firing<'_> {
    /// The text of an action's message.
    pub(super) fn text(&self, owner: Owner) -> Option<Arc<str>> {
        self.texts.get(owner.action as usize).cloned().flatten()
    }
}

impl Instant<'_> {
    pub(super) fn run_rule(&mut self, rule: u32) {
        let entity = self.entity;
        let Some(plan) = entity.rules.get(rule as usize) else { return };
        let Some(state) = self.subject.rules.get(rule as usize).copied() else { return };
        if plan.ends_by_itself && !self.subject.grants.all.is_empty() {
            self.end_by_until(rule, plan, state.shadow);
        }
        match &plan.trigger {
            TriggerPlan::On(stream) => self.run_on(rule, plan, state, *stream),
            TriggerPlan::When => {
                let holds = self.condition(plan, Hand::Nothing);
                if holds != state.held {
                    self.set_held(rule, holds);
                }
                if holds && !state.held {
                    self.fire(rule, plan, state, None, Hand::Nothing);
                }
            }
            TriggerPlan::While => self.run_while(rule, plan, state),
            TriggerPlan::Every(_) => {
                let Some(due) = Timestamp::from_micros(state.due).filter(|due| *due <= self.now) else {
                    return;
                };
                self.schedule(rule, due);
                let hand = Hand::Clock(due);
                if self.condition(plan, hand) {
                    self.fire(rule, plan, state, None, hand);
                }
            }
        }
    }

    fn active(&self, plan: &RulePlan) -> bool {
        plan.active_from.is_none_or(|from| from <= self.now)
            && plan.active_until.is_none_or(|until| self.now < until)
    }

    fn condition(&self, plan: &RulePlan, hand: Hand<'_>) -> bool {
        self.active(plan)
            && plan.condition.as_ref().is_none_or(|condition| self.view().holds(condition, hand))
    }

    fn set_held(&mut self, rule: u32, held: bool) {
        if let Some(state) = self.subject.rules.get_mut(rule as usize) {
            state.held = held;
        }
    }

    fn run_on(&mut self, rule: u32, plan: &RulePlan, state: RuleState, stream: StreamId) {
        let count = self.scratch.picks.get(stream.index()).map_or(0, Vec::len);
        for at in 0..count {
            let Some(pick) = self.scratch.picks.get(stream.index()).and_then(|picks| picks.get(at)).cloned()
            else {
                return;
            };
            let event = self.event;
            let hand = match &pick {
                Pick::Event => event.map_or(Hand::Nothing, Hand::Event),
                Pick::Held(held) => Hand::Held(held),
            };
            if self.condition(plan, hand) {
                // An earlier pick of this instant may have started the cooldown.
                let fired = self.subject.rules.get(rule as usize).map_or(state.fired, |state| state.fired);
                self.fire(rule, plan, RuleState { fired, ..state }, Some(stream), hand);
            }
        }
    }

    fn fire(
        &mut self,
        rule: u32,
        plan: &RulePlan,
        state: RuleState,
        picked: Option<StreamId>,
        hand: Hand<'_>,
    ) {
        if let (Some(pause), Some(fired)) = (plan.at_most_once_per, Timestamp::from_micros(state.fired))
            && self.plan.tree.zone.add(fired, pause).is_none_or(|free| self.now < free)
        {
            return;
        }
        if let Some(state) = self.subject.rules.get_mut(rule as usize) {
            state.fired = self.now.micros();
        }
        let reason = Arc::new(self.reason(plan, picked, hand));
        let texts: Vec<Option<Arc<str>>> = if plan.actions.iter().any(|action| action.text().is_some()) {
            plan.actions.iter().map(|action| Some(self.view().fill(action.text()?, hand))).collect()
        } else {
            Vec::new()
        };
        let firing = Firing { rule, plan, shadow: state.shadow, hand, reason: &reason, texts: &texts };
        for (at, action) in plan.actions.iter().enumerate() {
            self.act(firing, Owner { rule, action: at as u32 }, action);
        }
    }

    /// Why a rule fires.
    fn reason(&self, plan: &RulePlan, picked: Option<StreamId>, hand: Hand<'_>) -> Reason {
        let view = self.view();
        let mut because = Vec::new();
        if let Some(stream) = picked {
            view.explain_pick(stream, hand, &mut because);
        }
        if let Some(condition) = &plan.condition {
            view.explain(condition, hand, true, &mut because);
        }
        Reason { text: plan.because.as_ref().map(|text| view.fill(text, hand)), because }
    }

    fn run_while(&mut self, rule: u32, plan: &RulePlan, state: RuleState) {
        let holds = self.condition(plan, Hand::Nothing);
        if holds != state.held {
            self.set_held(rule, holds);
        }
        if holds && !state.held {
            if let Some(state) = self.subject.rules.get_mut(rule as usize) {
                state.withheld = 0;
            }
            self.fire(rule, plan, state, None, Hand::Nothing);
        } else if holds && state.withheld != 0 {
            let reason = Arc::new(self.reason(plan, None, Hand::Nothing));
            let (hand, texts) = (Hand::Nothing, &[][..]);
            let firing = Firing { rule, plan, shadow: state.shadow, hand, reason: &reason, texts };
            for (at, action) in plan.actions.iter().enumerate().take(64) {
                if state.withheld & (1 << at) != 0 {
                    self.retry(firing, Owner { rule, action: at as u32 }, action);
                }
            }
        } else if !holds && state.held {
            let mut because = Vec::new();
            if let Some(condition) = &plan.condition {
                let view = self.view();
                // Outside its time a rule is withdrawn though the condition itself may still hold.
                if !view.holds(condition, Hand::Nothing) {
                    view.explain(condition, Hand::Nothing, false, &mut because);
                }
            }
            let reason = Arc::new(Reason { text: None, because });
            for at in 0..plan.actions.len() {
                let owner = Owner { rule, action: at as u32 };
                self.end_owned(owner, state.shadow, EndCause::Withdrawn, &reason);
            }
        }
    }

    /// Ends the rule's own grants whose `until` holds.
    fn end_by_until(&mut self, rule: u32, plan: &RulePlan, shadow: bool) {
        for (at, action) in plan.actions.iter().enumerate() {
            let ActionPlan::Grant(grant) = action else { continue };
            let owner = Owner { rule, action: at as u32 };
            if self.subject.grants.of(owner, shadow).is_none() {
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
            LifePlan::UntilOn(stream) => {
                self.scratch.picks.get(stream.index()).is_some_and(|picks| !picks.is_empty())
            }
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
                let pick = self.scratch.picks.get(stream.index()).and_then(|picks| picks.first());
                if let Some(pick) = pick {
                    self.view().explain_pick(*stream, self.hand(pick), &mut because);
                }
            }
            LifePlan::Until(condition) => self.view().explain(condition, Hand::Nothing, true, &mut because),
            _ => {}
        }
        Some(Reason { text: None, because })
    }
}
