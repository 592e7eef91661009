//! Exemptions, and what was marked as wrong.

use super::super::Reference;
use super::super::grants::Grant;
use super::{Obeyed, gives, refuse};
use std::sync::Arc;
use tagwarden::machinery::tree::{Action, Target, Trigger};
use tagwarden::{About, Change, EndCause, Lifted, Reason, Refusal, Spared, Timestamp};

impl Reference<'_> {
    pub(crate) fn spared(&self, subject: usize, rule: usize, target: Target) -> bool {
        let people = &self.subjects[subject].people;
        let about = self.about(target);
        let from = match about.clone() {
            About::Tag(tag) => Spared::Tag(tag),
            About::List(list) => Spared::List(list),
        };
        self.rule_spared(subject, rule)
            || people.exemptions.iter().any(|(known, ..)| *known == from)
            || people.marks.contains(&(self.tree.rules[rule].name.clone(), about))
    }

    pub(super) fn rule_spared(&self, subject: usize, rule: usize) -> bool {
        let from = Spared::Rule(self.tree.rules[rule].name.clone());
        self.subjects[subject].people.exemptions.iter().any(|(known, ..)| *known == from)
    }

    /// Of what is neither a tag nor an entry: whether a person has said that the rule is not to do it.
    pub(crate) fn is_held_back(&self, subject: usize, rule: usize, action: &Action) -> bool {
        if matches!(action, Action::Tag { .. } | Action::Add { .. }) {
            return false;
        }
        let marked = self.subjects[subject].people.marks.iter().any(|(name, about)| {
            let target = self.target(about).unwrap();
            *name == self.tree.rules[rule].name && gives(action, target)
        });
        marked || self.rule_spared(subject, rule)
    }

    pub(super) fn mark_wrong(
        &mut self,
        subject: usize,
        name: &Arc<str>,
        about: &About,
        time: Timestamp,
        reason: &Arc<Reason>,
    ) -> Obeyed {
        let mark = (name.clone(), about.clone());
        if self.subjects[subject].people.marks.contains(&mark) {
            return refuse(Refusal::Already, "it is marked already");
        }
        self.subjects[subject].people.marks.push(mark);
        let change = Change::MarkedWrong { rule: name.clone(), about: about.clone() };
        self.say(subject, time, change, reason);
        let target = self.target(about)?;
        let rule = self.tree.rules.iter().position(|rule| rule.name == *name).unwrap();
        if matches!(self.tree.rules[rule].trigger, Trigger::While) && self.subjects[subject].rules[rule].held
        {
            let this = &mut self.subjects[subject];
            for grant in this.grants.iter().filter(|grant| grant.stands(target) && grant.rule == rule) {
                let state = &mut this.rules[rule].actions[grant.action];
                (state.pending, state.reported) = (true, true);
            }
        }
        let own = |grant: &Grant| grant.rule == rule && grant.target == target;
        self.end_where(subject, own, EndCause::Wrong, reason);
        self.tell_ending(subject, target, time);
        Ok(())
    }

    pub(super) fn lift(
        &mut self,
        subject: usize,
        what: &Lifted,
        time: Timestamp,
        reason: &Arc<Reason>,
    ) -> Obeyed {
        let people = &mut self.subjects[subject].people;
        let before = people.marks.len() + people.exemptions.len();
        match what {
            Lifted::Mark { rule, about } => people.marks.retain(|(name, of)| name != rule || of != about),
            Lifted::Exemption(from) => people.exemptions.retain(|(known, ..)| known != from),
        }
        if people.marks.len() + people.exemptions.len() == before {
            return refuse(
                Refusal::Absent,
                match what {
                    Lifted::Mark { rule, .. } => format!("the rule {rule:?} has no such mark"),
                    Lifted::Exemption(from) => {
                        let (kind, name) = from.named();
                        format!("it is not exempt from the {kind} {name:?}")
                    }
                },
            );
        }
        self.say(subject, time, Change::Lifted { what: what.clone(), cause: EndCause::Removed }, reason);
        Ok(())
    }

    pub(crate) fn run_out_exemptions(&mut self, subject: usize, time: Timestamp) {
        let exemptions = std::mem::take(&mut self.subjects[subject].people.exemptions);
        for (from, end, reason) in exemptions {
            if end.is_some_and(|end| end <= time) {
                let what = Lifted::Exemption(from);
                self.say(subject, time, Change::Lifted { what, cause: EndCause::Expired }, &reason);
            } else {
                self.subjects[subject].people.exemptions.push((from, end, reason));
            }
        }
    }
}
