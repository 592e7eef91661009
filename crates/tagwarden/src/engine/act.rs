//! What rules do: grants, scores, messages, proposals.

use super::eval::Hand;
use super::instant::{Because, Instant, review_time};
use super::rules::Firing;
use crate::check::tree::{GuardKind, ScoreChange, ScoreId, TagId, Target};
use crate::decision::{Change, EndCause, MASK, ProposedAction};
use crate::grants::{Grant, Owner, PERSON};
use crate::plan::{ActionPlan, GrantPlan, LifePlan, Node, TriggerPlan};
use crate::state::{Proposal, ScoreState};
use crate::value::{Decimal, Timestamp, Value};
use crate::window::NEVER;
use std::sync::Arc;

impl Instant<'_> {
    pub(super) fn act(&mut self, firing: Firing<'_>, owner: Owner, action: &ActionPlan) {
        if self.exempting && self.held_back(firing, owner, action) {
            return;
        }
        match action {
            ActionPlan::Grant(grant) => self.add(firing, owner, grant, false),
            ActionPlan::Untag(tag) => self.remove(firing, Target::Tag(*tag)),
            ActionPlan::Remove(list) => self.remove(firing, Target::List(*list)),
            ActionPlan::Score { score, change, amount } => {
                let value = self.changed_score(*score, *change, amount, firing.hand);
                if !firing.shadow {
                    let state = ScoreState { at: self.now.micros(), value };
                    self.subject.more_mut().scores.set(score.0, state);
                    self.mark_score(*score);
                }
                if let Some(score) = self.plan.tree.scores.get(score.index()) {
                    let change = Change::Scored { score: score.name.clone(), value };
                    self.decide(firing.rule, firing.shadow, &change, Because::Fired(firing.cause));
                }
            }
            ActionPlan::Notify { channel, .. } => {
                let change = Change::Notified { channel: channel.clone(), text: firing.text(owner) };
                self.decide(firing.rule, firing.shadow, &change, Because::Fired(firing.cause));
            }
            ActionPlan::Emit { fields, bare, .. } if fields.is_empty() => {
                self.decide(firing.rule, firing.shadow, bare, Because::Fired(firing.cause));
            }
            ActionPlan::Emit { name, fields, .. } => {
                let change = Change::Emitted { name: name.clone(), fields: self.fields(fields, firing.hand) };
                self.decide(firing.rule, firing.shadow, &change, Because::Fired(firing.cause));
            }
            ActionPlan::Propose(inner) => self.propose(firing, owner, inner),
        }
    }

    fn fields(&self, fields: &[(Arc<str>, Node)], hand: Hand<'_>) -> Vec<(Arc<str>, Value)> {
        let value = |node: &Node| {
            let value = self.view().value(node, hand)?;
            Some(if node.private { MASK.into() } else { value })
        };
        fields.iter().filter_map(|(name, node)| Some((name.clone(), value(node)?))).collect()
    }

    fn changed_score(&self, score: ScoreId, change: ScoreChange, amount: &Node, hand: Hand<'_>) -> Decimal {
        let view = self.view();
        let now = view.score(score);
        let amount = match view.value(amount, hand) {
            Some(Value::Number(number)) => number,
            _ => Decimal::ZERO,
        };
        let (value, saturated) = match change {
            ScoreChange::Add => now.overflowing_add(amount),
            ScoreChange::Subtract => now.overflowing_sub(amount),
            ScoreChange::Set => (amount, false),
        };
        if saturated {
            self.scratch.saturated.set(true);
        }
        self.plan.tree.scores.get(score.index()).map_or(value, |plan| value.clamp(plan.min, plan.max))
    }

    /// What an action would do.
    pub(super) fn proposed(
        &self,
        firing: Firing<'_>,
        owner: Owner,
        action: &ActionPlan,
    ) -> Option<ProposedAction> {
        let tree = &self.plan.tree;
        Some(match action {
            ActionPlan::Grant(grant) => match grant.target {
                Target::Tag(tag) => ProposedAction::Tag { tag: tree.tags.get(tag.index())?.name.clone() },
                Target::List(list) => ProposedAction::Add {
                    list: tree.lists.get(list.index())?.name.clone(),
                    level: grant.level,
                    category: grant.category.clone(),
                },
            },
            ActionPlan::Untag(tag) => ProposedAction::Untag { tag: tree.tags.get(tag.index())?.name.clone() },
            ActionPlan::Remove(list) => {
                ProposedAction::Remove { list: tree.lists.get(list.index())?.name.clone() }
            }
            ActionPlan::Score { score, change, amount } => ProposedAction::Score {
                score: tree.scores.get(score.index())?.name.clone(),
                value: self.changed_score(*score, *change, amount, firing.hand),
            },
            ActionPlan::Notify { channel, .. } => {
                ProposedAction::Notify { channel: channel.clone(), text: firing.text(owner) }
            }
            ActionPlan::Emit { name, fields, .. } => {
                ProposedAction::Emit { name: name.clone(), fields: self.fields(fields, firing.hand) }
            }
            ActionPlan::Propose(inner) => return self.proposed(firing, owner, inner),
        })
    }

    fn propose(&mut self, firing: Firing<'_>, owner: Owner, action: &ActionPlan) {
        let open = |proposal: &Proposal| proposal.owner == owner && proposal.shadow == firing.shadow;
        if self.subject.more().proposals.iter().any(open) {
            return;
        }
        let Some(action) = self.proposed(firing, owner, action) else { return };
        let number = if firing.shadow { 0 } else { self.subject.grants_mut().next_proposal() };
        let proposal = Proposal {
            number,
            owner,
            shadow: firing.shadow,
            since: self.now.micros(),
            action: action.clone(),
            command: None,
            reason: Arc::clone(firing.cause.reason(&self.view())),
        };
        self.subject.more_mut().proposals.push(proposal);
        self.decide(
            firing.rule,
            firing.shadow,
            &Change::Proposed { proposal: number, action },
            Because::Fired(firing.cause),
        );
    }

    fn guarded(&self, rule: u32, grant: &GrantPlan, kind: GuardKind) -> bool {
        let view = self.view();
        (kind == GuardKind::Exempt && self.spared(rule, grant.target))
            || grant
                .guards
                .iter()
                .any(|(guard, condition)| *guard == kind && view.holds(condition, Hand::Nothing))
    }

    /// Tries again what a guard withheld.
    pub(super) fn retry(&mut self, firing: Firing<'_>, owner: Owner, action: &ActionPlan) {
        if let ActionPlan::Grant(grant) = action
            && !self.guarded(owner.rule, grant, GuardKind::Exempt)
        {
            let withheld = &mut self.subject.more_mut().withheld;
            let left = withheld.get(owner.rule).map_or(0, |actions| actions & !(1 << owner.action));
            if left == 0 {
                withheld.remove(owner.rule);
            } else {
                withheld.set(owner.rule, left);
            }
            self.add(firing, owner, grant, true);
        }
    }

    /// Makes or renews a grant, unless it would be over already or a guard stops it.
    fn add(&mut self, firing: Firing<'_>, owner: Owner, grant: &GrantPlan, unguarded: bool) {
        let zone = self.plan.tree.zone;
        let now = self.now.micros();
        let start = match grant.starting_in {
            None => Some(self.now),
            Some(delay) => zone.add(self.now, delay),
        };
        let Some(start) = start else { return };
        let end = match grant.life {
            LifePlan::For(length) => zone.add(start, length).map_or(NEVER, Timestamp::micros),
            LifePlan::UntilTime(time) => time.micros(),
            LifePlan::Forever | LifePlan::UntilOn(_) | LifePlan::Until(_) => NEVER,
        };
        if end <= start.micros() || self.until_holds(&grant.life) {
            return;
        }
        let held = self.subject.grants().of(owner, firing.shadow).map(|held| held.end);
        if grant.keep && held.is_some() {
            return;
        }
        if !unguarded && self.guarded(owner.rule, grant, GuardKind::Exempt) {
            if owner.action < 64 && matches!(firing.plan.trigger, TriggerPlan::While) {
                let withheld = &mut self.subject.more_mut().withheld;
                let before = withheld.get(owner.rule).copied().unwrap_or(0);
                withheld.set(owner.rule, before | 1 << owner.action);
            }
            let action = match grant.target {
                Target::Tag(tag) => self
                    .plan
                    .tree
                    .tags
                    .get(tag.index())
                    .map(|tag| ProposedAction::Tag { tag: tag.name.clone() }),
                Target::List(list) => {
                    self.plan.tree.lists.get(list.index()).map(|list| ProposedAction::Add {
                        list: list.name.clone(),
                        level: grant.level,
                        category: grant.category.clone(),
                    })
                }
            };
            if let Some(action) = action {
                let because = Because::Fired(firing.cause);
                self.decide(firing.rule, firing.shadow, &Change::Withheld(action), because);
            }
            return;
        }
        let present = matches!(grant.target, Target::Tag(tag) if self.view().present(tag));
        let number = self.subject.grants_mut().next_number();
        let mine = |held: &&mut Grant| held.owner == owner && held.shadow == firing.shadow;
        if let Some(before) = held {
            // The old reason stays where the new one changes nothing.
            let reason = (end > before).then(|| Arc::clone(firing.cause.reason(&self.view())));
            if let Some(held) = self.subject.grants_mut().all.iter_mut().find(mine) {
                held.set = number;
                if let Some(reason) = reason {
                    held.end = end;
                    held.reason = reason;
                }
            }
            self.changed(grant.target, owner, firing.shadow, present);
            return;
        }
        if self.guarded(owner.rule, grant, GuardKind::Approve) {
            if let Some(action) = firing.plan.actions.get(owner.action as usize) {
                self.propose(firing, owner, action);
            }
            return;
        }
        let reason = Arc::clone(firing.cause.reason(&self.view()));
        self.subject.grants_mut().all.push(Grant {
            owner,
            target: grant.target,
            level: grant.level,
            category: grant.category.clone(),
            shadow: firing.shadow,
            since: now,
            start: start.micros(),
            end,
            live: start <= self.now,
            announced: false,
            made: number,
            set: number,
            review: grant.review,
            review_from: start.micros(),
            reviews: 1,
            next_review: review_time(zone, start.micros(), grant.review, 1),
            suspension: None,
            reason,
        });
        self.changed(grant.target, owner, firing.shadow, present);
    }

    /// `present`: whether the tag was there before.
    pub(super) fn changed(&mut self, target: Target, owner: Owner, shadow: bool, present: bool) {
        if !shadow {
            self.mark_target(target);
        }
        self.announce_grant(owner, shadow, present);
    }

    /// Ends the grant of an owner, if it has one.
    pub(super) fn end_owned(
        &mut self,
        owner: Owner,
        shadow: bool,
        cause: EndCause,
        reason: &Arc<crate::Reason>,
    ) {
        let grants = &self.subject.grants().all;
        if let Some(at) = grants.iter().position(|grant| grant.owner == owner && grant.shadow == shadow) {
            let grant = self.subject.grants_mut().all.remove(at);
            self.note_ending(&grant, owner.rule, cause, Arc::clone(reason));
        }
    }

    /// `untag` and `remove from`: ends the grants that rules in force gave.
    fn remove(&mut self, firing: Firing<'_>, target: Target) {
        if firing.shadow {
            self.announce_shadow_removal(firing, target);
            return;
        }
        if self.subject.grants().all.is_empty() {
            return;
        }
        let mut over = Vec::new();
        self.subject.grants_mut().all.retain(|grant| {
            let ends = grant.target == target && !grant.shadow && grant.owner.rule != PERSON;
            if ends {
                over.push(grant.clone());
            }
            !ends
        });
        if !over.is_empty() {
            let reason = Arc::clone(firing.cause.reason(&self.view()));
            for grant in over {
                self.note_ending(&grant, firing.rule, EndCause::Removed, Arc::clone(&reason));
            }
        }
    }

    /// The name of a tag.
    pub(super) fn tag_name(&self, tag: TagId) -> Arc<str> {
        self.plan.tree.tags.get(tag.index()).map_or_else(|| "".into(), |tag| tag.name.clone())
    }
}
