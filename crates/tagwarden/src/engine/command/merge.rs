//! Two subjects that are one customer, and subjects that are forgotten.

use super::super::instant::Instant;
use super::super::rules::is_shadow;
use super::super::running::{Running, Sink};
use super::{Refused, unknown};
use crate::check::tree::ScoreId;
use crate::decision::{Change, Reason, Refusal};
use crate::event::{Command, CommandKind};
use crate::grants::{Owner, PERSON};
use crate::plan::{Plan, TriggerPlan};
use crate::small::sort;
use crate::state::{Proposal, ScoreState, Subject};
use crate::value::Decimal;
use std::sync::Arc;

impl Running {
    pub(super) fn forget_at(
        &mut self,
        plan: &Plan,
        at: u32,
        command: &Command,
        reason: &Arc<Reason>,
        sink: &mut Sink<'_>,
    ) {
        self.table.take(at);
        self.tell(plan, command, &Change::Forgotten, reason, sink);
    }

    /// The subject at `at` becomes the one that the command names.
    pub(super) fn merge(
        &mut self,
        plan: &Plan,
        at: u32,
        command: &Command,
        reason: &Arc<Reason>,
        sink: &mut Sink<'_>,
    ) {
        let CommandKind::Merge { into } = &command.kind else { return };
        let refused = match self.table.find(command.entity, into) {
            None => unknown::<()>(into),
            Some(other) if other == at => Refused::new(Refusal::Already, "they are one already"),
            Some(_) => Ok(()),
        };
        // What is due at this very instant is still its own.
        self.instant_with(plan, at, command.time, sink, |instant| {
            if let Err(refused) = &refused {
                instant.say(&refused.change("merge"), reason);
            }
        });
        if refused.is_err() {
            return;
        }
        let known: Vec<_> = self.table.aliases_of(at);
        let Some(absorbed) = self.table.take(at) else { return };
        let Some(other) = self.table.find(command.entity, into) else { return };
        for key in known.iter().chain([&absorbed.key]) {
            self.table.alias(command.entity, key, other);
        }
        let change = match self.table.get(other) {
            Some(subject) => Change::Merged { into: subject.key.clone() },
            None => return,
        };
        let known_as = Command { subject: absorbed.key.clone(), ..command.clone() };
        self.tell(plan, &known_as, &change, reason, sink);
        self.instant_with(plan, other, command.time, sink, |instant| instant.absorb(&absorbed, reason));
    }
}

impl Instant<'_> {
    /// Takes over what people and rules have decided of another subject.
    fn absorb(&mut self, other: &Subject, reason: &Arc<Reason>) {
        let from = other.more();
        if let Some(first) = from.first_event {
            let own = self.subject.more_mut().first_event.get_or_insert(first);
            *own = first.min(*own);
        }
        self.absorb_people(other);
        for (score, _) in from.scores.iter() {
            self.add_score(ScoreId(score), other, reason);
        }
        for proposal in from.proposals.iter().filter(|proposal| !proposal.shadow) {
            self.absorb_proposal(proposal);
        }
        let mut contacts: Vec<i64> =
            self.subject.more().contacts.iter().chain(&from.contacts).copied().collect();
        if !from.contacts.is_empty() {
            sort(&mut contacts);
            self.subject.more_mut().contacts = contacts.into();
        }
        self.absorb_grants(other);
        self.mark_all_rules();
    }

    fn absorb_people(&mut self, other: &Subject) {
        let Some(people) = other.grants().people.as_deref() else { return };
        let own = self.subject.grants_mut().people_mut();
        for exemption in &people.exemptions {
            match own.exemptions.iter_mut().find(|known| known.from == exemption.from) {
                Some(known) if known.end >= exemption.end => {}
                Some(known) => known.clone_from(exemption),
                None => own.exemptions.push(exemption.clone()),
            }
        }
        for mark in &people.marks {
            if !own.marks.iter().any(|known| known.rule == mark.rule && known.about == mark.about) {
                own.marks.push(mark.clone());
            }
        }
        for appeal in &people.appeals {
            if !own.appeals.iter().any(|known| known.about == appeal.about) {
                own.appeals.push(appeal.clone());
            }
        }
    }

    /// Points that two subjects have are the points of one.
    fn add_score(&mut self, score: ScoreId, other: &Subject, reason: &Arc<Reason>) {
        let Some(declared) = self.plan.tree.scores.get(score.index()) else { return };
        let theirs: Decimal = super::super::eval::View { subject: other, ..self.view() }.score(score);
        let (sum, saturated) = self.view().score(score).overflowing_add(theirs);
        if saturated {
            self.scratch.saturated.set(true);
        }
        let value = sum.clamp(declared.min, declared.max);
        let name = declared.name.clone();
        self.subject.more_mut().scores.set(score.0, ScoreState { at: self.now.micros(), value });
        self.mark_score(score);
        self.say(&Change::Scored { score: name, value }, reason);
    }

    /// A proposal goes on under a number of its own.
    fn absorb_proposal(&mut self, proposal: &Proposal) {
        let person = proposal.owner.rule == PERSON;
        let open = |known: &Proposal| known.owner == proposal.owner && !known.shadow;
        let shadow = self.is_shadow_here(proposal.owner.rule);
        if !person && (shadow || self.subject.more().proposals.iter().any(open)) {
            return;
        }
        let number = self.subject.grants_mut().next_proposal();
        let owner = if person { Owner { rule: PERSON, action: number } } else { proposal.owner };
        self.subject.more_mut().proposals.push(Proposal { number, owner, ..proposal.clone() });
        let change = Change::Proposed { proposal: number, action: proposal.action.clone() };
        self.decide(owner.rule, false, &change, super::Because::Known(&proposal.reason));
    }

    fn is_shadow_here(&self, rule: u32) -> bool {
        let rule = self.entity.rules.get(rule as usize);
        rule.is_some_and(|rule| is_shadow(rule, &self.subject.key))
    }

    /// Grants live on, but those of `while` rules: those follow the condition of the subject that they are of.
    fn absorb_grants(&mut self, other: &Subject) {
        for grant in other.grants().all.iter().filter(|grant| !grant.shadow) {
            let rule = self.entity.rules.get(grant.owner.rule as usize);
            let follows = rule.is_some_and(|rule| matches!(rule.trigger, TriggerPlan::While));
            if follows || self.is_shadow_here(grant.owner.rule) {
                continue;
            }
            let number = self.subject.grants_mut().next_number();
            let mut all = self.subject.grants_mut().all.iter_mut();
            if let Some(held) = all.find(|held| held.owner == grant.owner && !held.shadow)
                && grant.owner.rule != PERSON
            {
                held.set = number;
                if grant.end > held.end {
                    held.end = grant.end;
                    held.reason = Arc::clone(&grant.reason);
                }
                let (owner, target) = (held.owner, held.target);
                let present = self.subject.grants().announced(target).is_some();
                self.changed(target, owner, false, present);
                continue;
            }
            let mut grant = grant.clone();
            if grant.owner.rule == PERSON {
                grant.owner.action = number as u32;
            }
            (grant.made, grant.set, grant.live) = (number, number, false);
            let target = grant.target;
            self.subject.grants_mut().all.push(grant);
            self.mark_target(target);
            let now = self.now.micros();
            self.start_waiting(now);
        }
    }
}
