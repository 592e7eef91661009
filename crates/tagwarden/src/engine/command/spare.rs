//! What people spare a subject: marks that a rule was wrong, and exemptions.

use super::super::instant::{Because, Instant};
use super::super::rules::Firing;
use super::check::{gives, rule};
use super::{Obeyed, Refused};
use crate::check::tree::Target;
use crate::decision::{About, Change, EndCause, Lifted, Reason, Refusal, Spared};
use crate::grants::{Exemption, Mark, Owner};
use crate::plan::{ActionPlan, TriggerPlan};
use crate::value::Timestamp;
use crate::window::NEVER;
use std::sync::Arc;

impl Instant<'_> {
    /// Whether a person has said that a rule may not set something.
    pub(in crate::engine) fn spared(&self, rule: u32, target: Target) -> bool {
        let Some(people) = self.subject.grants().people.as_deref() else { return false };
        let about = self.about(target);
        let by_target = people.exemptions.iter().any(|exemption| match (&exemption.from, &about) {
            (Spared::Tag(one), About::Tag(other)) | (Spared::List(one), About::List(other)) => one == other,
            _ => false,
        });
        by_target || self.rule_spared(rule) || self.marked(rule, target)
    }

    fn rule_spared(&self, rule: u32) -> bool {
        let name = self.entity.rules.get(rule as usize).map(|rule| &rule.reference.name);
        let people = self.subject.grants().people.as_deref();
        people.zip(name).is_some_and(|(people, name)| {
            let is = |from: &Spared| matches!(from, Spared::Rule(rule) if rule == name);
            people.exemptions.iter().any(|exemption| is(&exemption.from))
        })
    }

    fn marked(&self, rule: u32, target: Target) -> bool {
        let name = self.entity.rules.get(rule as usize).map(|rule| &rule.reference.name);
        let people = self.subject.grants().people.as_deref();
        people.zip(name).is_some_and(|(people, name)| {
            let about = self.about(target);
            people.marks.iter().any(|mark| mark.rule == *name && mark.about == about)
        })
    }

    /// Withholds what is neither a tag nor an entry: those have their own place for it, where it is known whether they would be made.
    pub(in crate::engine) fn held_back(
        &mut self,
        firing: Firing<'_>,
        owner: Owner,
        action: &ActionPlan,
    ) -> bool {
        let held_back = match action {
            ActionPlan::Grant(_) => false,
            ActionPlan::Propose(inner) => match &**inner {
                ActionPlan::Grant(grant) => {
                    self.rule_spared(firing.rule) || self.marked(firing.rule, grant.target)
                }
                _ => self.rule_spared(firing.rule),
            },
            _ => self.rule_spared(firing.rule),
        };
        if held_back && let Some(action) = self.proposed(firing, owner, action) {
            self.decide(firing.rule, firing.shadow, &Change::Withheld(action), Because::Fired(firing.cause));
        }
        held_back
    }

    pub(super) fn mark_wrong(
        &mut self,
        name: &Arc<str>,
        about: &About,
        target: Target,
        reason: &Arc<Reason>,
    ) -> Obeyed {
        let at = rule(self.entity, name)?;
        if self.marked(at, target) {
            return Refused::new(Refusal::Already, "it is marked already");
        }
        let since = self.now.micros();
        let mark = Mark { rule: name.clone(), about: about.clone(), since, reason: Arc::clone(reason) };
        self.subject.grants_mut().people_mut().marks.push(mark);
        self.say(&Change::MarkedWrong { rule: name.clone(), about: about.clone() }, reason);
        let Some(rule) = self.entity.rules.get(at as usize) else { return Ok(()) };
        if matches!(rule.trigger, TriggerPlan::While) && self.subject.held(at) {
            // What its condition calls for is made once the mark is lifted.
            let standing = self.subject.grants().standing(target).filter(|grant| grant.owner.rule == at);
            let bits = standing.filter(|grant| grant.owner.action < 64).map(|grant| 1 << grant.owner.action);
            let bits: u64 = bits.fold(0, |bits, bit: u64| bits | bit);
            if bits != 0 {
                let withheld = &mut self.subject.more_mut().withheld;
                let before = withheld.get(at).copied().unwrap_or(0);
                withheld.set(at, before | bits);
            }
        }
        debug_assert!(rule.actions.iter().any(|action| gives(action, target)), "it has been checked");
        self.end_where(|grant| grant.owner.rule == at && grant.target == target, EndCause::Wrong, reason);
        self.tell_ending(target);
        Ok(())
    }

    pub(super) fn exempt(&mut self, from: &Spared, end: i64, reason: &Arc<Reason>) {
        let since = self.now.micros();
        let people = self.subject.grants_mut().people_mut();
        people.exemptions.retain(|exemption| exemption.from != *from);
        people.exemptions.push(Exemption { from: from.clone(), since, end, reason: Arc::clone(reason) });
        let until = Timestamp::from_micros(end).filter(|_| end != NEVER);
        self.say(&Change::Exempted { from: from.clone(), until }, reason);
    }

    pub(super) fn lift(&mut self, what: &Lifted, reason: &Arc<Reason>) -> Obeyed {
        let people = self.subject.grants_mut().people.as_deref_mut();
        let lifted = people.is_some_and(|people| {
            let before = people.marks.len() + people.exemptions.len();
            match what {
                Lifted::Mark { rule, about } => {
                    people.marks.retain(|mark| mark.rule != *rule || mark.about != *about);
                }
                Lifted::Exemption(from) => people.exemptions.retain(|exemption| exemption.from != *from),
            }
            people.marks.len() + people.exemptions.len() < before
        });
        if !lifted {
            let why = match what {
                Lifted::Mark { rule, .. } => format!("the rule {rule:?} has no such mark"),
                Lifted::Exemption(from) => {
                    let (kind, name) = from.named();
                    format!("it is not exempt from the {kind} {name:?}")
                }
            };
            return Refused::new(Refusal::Absent, why);
        }
        self.subject.grants_mut().settle_people();
        self.say(&Change::Lifted { what: what.clone(), cause: EndCause::Removed }, reason);
        self.try_again();
        Ok(())
    }

    /// Ends the exemptions whose time is over.
    pub(in crate::engine) fn run_out_exemptions(&mut self, now: i64) {
        if self.subject.grants().people.as_ref().is_none_or(|people| people.next_change() > now) {
            return;
        }
        let mut over = Vec::new();
        self.subject.grants_mut().people_mut().exemptions.retain(|exemption| {
            if exemption.end <= now {
                over.push(exemption.clone());
            }
            exemption.end > now
        });
        self.subject.grants_mut().settle_people();
        for Exemption { from, reason, .. } in over {
            self.say(&Change::Lifted { what: Lifted::Exemption(from), cause: EndCause::Expired }, &reason);
        }
        self.try_again();
    }

    /// Has the `while` rules look again from which something was withheld.
    fn try_again(&mut self) {
        for (rule, _) in self.subject.more().withheld.iter() {
            self.scratch.dirty.mark(rule);
        }
    }
}
