//! Two subjects that turn out to be one.

use super::super::grants::Grant;
use super::super::{PERSON, Reference};
use super::{Open, refused};
use std::sync::Arc;
use tagwarden::machinery::tree::{ScoreId, Trigger};
use tagwarden::{Change, Command, Reason, Refusal, Timestamp};

impl Reference<'_> {
    pub(super) fn merge(&mut self, subject: usize, into: &Arc<str>, command: &Command, reason: &Arc<Reason>) {
        let time = command.time;
        let other = self.by_key.get(&(command.entity, into.clone())).copied();
        let why = match other {
            None => Some((Refusal::UnknownSubject, format!("nothing is known of {into:?}"))),
            Some(other) if other == subject => Some((Refusal::Already, "they are one already".to_owned())),
            Some(_) => None,
        };
        let is_refused = why.is_some();
        self.instant_with(subject, time, None, |this| {
            if let Some(why) = why {
                this.say(subject, time, refused(&command.kind, why), reason);
            }
        });
        let Some(other) = other.filter(|_| !is_refused) else { return };
        let key = self.subjects[subject].key.clone();
        for at in self.by_key.values_mut().filter(|at| **at == subject) {
            *at = other;
        }
        self.subjects[subject].due.clear();
        let into = self.subjects[other].key.clone();
        self.tell(command, &key, Change::Merged { into }, reason);
        self.instant_with(other, time, None, |this| this.absorb(other, subject, time, reason));
        // What the other one had before is not due again.
        self.subjects[other].due.retain(|due| *due > time);
    }

    pub(super) fn absorb(&mut self, own: usize, from: usize, time: Timestamp, reason: &Arc<Reason>) {
        let first = self.subjects[from].first;
        self.subjects[own].first = first.min(self.subjects[own].first);
        self.plan_quiets(own);
        for (spared, end, why) in self.subjects[from].people.exemptions.clone() {
            self.subjects[own].due.extend(end);
            let exemptions = &mut self.subjects[own].people.exemptions;
            match exemptions.iter_mut().find(|(known, ..)| *known == spared) {
                Some((_, None, _)) => {}
                Some(known) => {
                    if end.is_none_or(|end| known.1.is_some_and(|own| end > own)) {
                        *known = (spared, end, why);
                    }
                }
                None => exemptions.push((spared, end, why)),
            }
        }
        for mark in self.subjects[from].people.marks.clone() {
            if !self.subjects[own].people.marks.contains(&mark) {
                self.subjects[own].people.marks.push(mark);
            }
        }
        for appeal in self.subjects[from].people.appeals.clone() {
            if !self.subjects[own].people.appeals.contains(&appeal) {
                self.subjects[own].people.appeals.push(appeal);
            }
        }
        for score in 0..self.tree.scores.len() {
            if self.subjects[from].scores[score].is_none() {
                continue;
            }
            let id = ScoreId(score as u32);
            let sum = self.score(own, id, time).overflowing_add(self.score(from, id, time)).0;
            let declared = &self.tree.scores[score];
            let value = sum.clamp(declared.min, declared.max);
            self.set_score(own, id, time, value);
            let change = Change::Scored { score: declared.name.clone(), value };
            self.say(own, time, change, reason);
        }
        for open in self.subjects[from].proposals.clone().into_iter().filter(|open| !open.shadow) {
            let this = &mut self.subjects[own];
            let same = |known: &Open| !known.shadow && (known.rule, known.action) == (open.rule, open.action);
            let is_shadow = this.rules.get(open.rule).is_some_and(|rule| rule.shadow);
            if open.rule != PERSON && (is_shadow || this.proposals.iter().any(same)) {
                continue;
            }
            this.proposed += 1;
            let number = this.proposed;
            this.proposals.push(Open { number, ..open.clone() });
            let change = Change::Proposed { proposal: number, action: open.what.clone() };
            self.decide(own, time, open.rule, change, false, &open.reason);
        }
        for grant in self.subjects[from].grants.clone() {
            let rule = self.tree.rules.get(grant.rule);
            let is_while = rule.is_some_and(|rule| matches!(rule.trigger, Trigger::While));
            let is_shadow = self.subjects[own].rules.get(grant.rule).is_some_and(|rule| rule.shadow);
            if grant.ended || grant.shadow || is_while || is_shadow {
                continue;
            }
            let known =
                if grant.rule == PERSON { None } else { self.real_grant_of(own, grant.rule, grant.action) };
            match known {
                Some(known) => self.renew(own, known, grant.end, &grant.reason, time),
                None => self.take_over(own, grant, time),
            }
        }
    }

    pub(super) fn real_grant_of(&self, subject: usize, rule: usize, action: usize) -> Option<usize> {
        let mut grants = self.subjects[subject].grants.iter();
        let own = |grant: &Grant| (grant.rule, grant.action) == (rule, action);
        grants.position(|grant| own(grant) && !grant.ended && !grant.shadow)
    }

    pub(super) fn take_over(&mut self, own: usize, mut grant: Grant, time: Timestamp) {
        let this = &mut self.subjects[own];
        this.granted += 1;
        // One that is suspended is not told of anew, but its end is.
        let begun = grant.suspended.is_some() && grant.start <= time;
        (grant.granted, grant.started) = (this.granted, begun);
        let until = grant.suspended.as_ref().map(|suspended| suspended.until);
        this.due.extend([Some(grant.start), grant.end, grant.next_review, until].into_iter().flatten());
        this.grants.push(grant);
        self.start_waiting(own, time);
    }
}
