//! Proposals, and the second person.

use super::super::grants::{Ending, Grant};
use super::super::{Moment, PERSON, Reference};
use super::{Obeyed, Open, refuse, refused};
use std::sync::Arc;
use tagwarden::machinery::tree::{Action, GuardKind, Life, ScoreId, Target, Trigger};
use tagwarden::{Change, CommandKind, EndCause, ProposedAction, Reason, Refusal, ReviewOutcome, Timestamp};

impl Reference<'_> {
    pub(super) fn is_protected(
        &self,
        subject: usize,
        kind: &CommandKind,
        time: Timestamp,
    ) -> Result<bool, (Refusal, String)> {
        let target = match kind {
            CommandKind::Tag { tag, .. } => self.tag_named(tag)?,
            CommandKind::List { list, .. } => self.list_named(list)?,
            CommandKind::Level { list, .. }
            | CommandKind::Review { list, outcome: ReviewOutcome::Change { .. }, .. } => {
                let target = self.list_named(list)?;
                self.stands(subject, target)?;
                target
            }
            _ => return Ok(false),
        };
        let entity = self.subjects[subject].entity;
        let moment = Moment { time, event: None, at: None };
        let guards = self.tree.guards.iter();
        let mut guards = guards.filter(|guard| guard.kind == GuardKind::Approve && guard.target == target);
        Ok(guards
            .any(|guard| guard.entities.contains(&entity) && self.holds(subject, &guard.condition, moment)))
    }

    pub(super) fn ask_second_person(
        &mut self,
        subject: usize,
        kind: &CommandKind,
        time: Timestamp,
        reason: &Arc<Reason>,
    ) {
        let what = match kind {
            CommandKind::Tag { tag, .. } => ProposedAction::Tag { tag: tag.clone() },
            CommandKind::List { list, level, category, .. } => ProposedAction::Add {
                list: list.clone(),
                level: self.level_of(list, *level).unwrap(),
                category: category.clone(),
            },
            CommandKind::Level { list, level }
            | CommandKind::Review { list, outcome: ReviewOutcome::Change { level }, .. } => {
                ProposedAction::Level { list: list.clone(), level: *level }
            }
            other => panic!("{other:?} needs nobody else"),
        };
        let this = &mut self.subjects[subject];
        this.proposed += 1;
        let number = this.proposed;
        this.proposals.push(Open {
            number,
            rule: PERSON,
            action: number as usize,
            shadow: false,
            what: what.clone(),
            reason: reason.clone(),
            command: Some(kind.clone()),
        });
        self.say(subject, time, Change::Proposed { proposal: number, action: what }, reason);
    }

    pub(super) fn open(&self, subject: usize, number: u32) -> Result<Open, (Refusal, String)> {
        let mut proposals = self.subjects[subject].proposals.iter();
        match proposals.find(|open| open.number == number && !open.shadow) {
            Some(open) => Ok(open.clone()),
            None => refuse(Refusal::Absent, format!("there is no open proposal {number}")),
        }
    }

    pub(super) fn close(&mut self, subject: usize, number: u32) -> Result<Open, (Refusal, String)> {
        let open = self.open(subject, number)?;
        self.subjects[subject].proposals.retain(|other| other.shadow || other.number != number);
        Ok(open)
    }

    pub(super) fn approve(
        &mut self,
        subject: usize,
        number: u32,
        time: Timestamp,
        reason: &Arc<Reason>,
    ) -> Obeyed {
        let open = self.open(subject, number)?;
        if let Some(command) = &open.command {
            let asked = &open.reason.by.as_ref().unwrap().actor;
            if *asked == reason.by.as_ref().unwrap().actor {
                let why = format!("another person than {asked:?} must approve it");
                return refuse(Refusal::SecondPerson, why);
            }
            self.close(subject, number)?;
            let change = Change::Approved { proposal: number, action: open.what.clone() };
            self.say(subject, time, change, reason);
            if let Err(why) = self.carry_out(subject, command, time, &open.reason, true) {
                self.say(subject, time, refused(command, why), &open.reason);
            }
            return Ok(());
        }
        let tree = self.tree;
        let rule = &tree.rules[open.rule];
        let action = match &rule.actions[open.action] {
            Action::Propose(inner) => inner,
            action => action,
        };
        if matches!(rule.trigger, Trigger::While) && !self.subjects[subject].rules[open.rule].held {
            let why = format!("what proposal {number} was made for no longer holds");
            return refuse(Refusal::Absent, why);
        }
        let grant = self.approved_grant(subject, &open, action, time)?;
        self.close(subject, number)?;
        let change = Change::Approved { proposal: number, action: open.what.clone() };
        self.say(subject, time, change, reason);
        if let Some(grant) = grant {
            match self.real_grant_of(subject, open.rule, open.action) {
                Some(known) => self.renew(subject, known, grant.end, &open.reason, time),
                None => self.make(subject, grant, time),
            }
            return Ok(());
        }
        let change = match &open.what {
            ProposedAction::Untag { tag } => {
                let target = self.tag_named(tag)?;
                self.end_of_rules(subject, open.rule, target, time, &open.reason);
                return Ok(());
            }
            ProposedAction::Remove { list } => {
                let target = self.list_named(list)?;
                self.end_of_rules(subject, open.rule, target, time, &open.reason);
                return Ok(());
            }
            ProposedAction::Score { score, value } => {
                let at = tree.scores.iter().position(|known| known.name == *score).unwrap();
                self.set_score(subject, ScoreId(at as u32), time, *value);
                Change::Scored { score: score.clone(), value: *value }
            }
            ProposedAction::Notify { channel, text } => {
                Change::Notified { channel: channel.clone(), text: text.clone() }
            }
            ProposedAction::Emit { name, fields } => {
                Change::Emitted { name: name.clone(), fields: fields.clone() }
            }
            other => panic!("{other:?} is a grant"),
        };
        self.decide(subject, time, open.rule, change, false, &open.reason);
        Ok(())
    }

    /// The grant that an approved action makes now; none where it is no grant.
    pub(super) fn approved_grant(
        &self,
        subject: usize,
        open: &Open,
        action: &Action,
        time: Timestamp,
    ) -> Result<Option<Grant>, (Refusal, String)> {
        let (target, life, level, category, starting_in, review) = match action {
            Action::Tag { tag, life, .. } => (Target::Tag(*tag), life, 0, None, None, None),
            Action::Add { list, level, category, life, starting_in, review, .. } => {
                let review = review.or(self.tree.lists[list.index()].review);
                (Target::List(*list), life, *level, category.clone(), *starting_in, review)
            }
            _ => return Ok(None),
        };
        let over = || refuse(Refusal::Time, "the end is not after the start");
        let start = starting_in.map_or(Some(time), |delay| self.calendar.add(time, delay));
        let Some(start) = start else { return over() };
        let end = match life {
            Life::For(length) => self.calendar.add(start, *length),
            Life::UntilTime(end) => Some(*end),
            _ => None,
        };
        if end.is_some_and(|end| end <= start) || self.until_holds(subject, life, time).is_some() {
            return over();
        }
        Ok(Some(Grant::new(
            (open.rule, open.action),
            (target, level, category),
            (start, end),
            review,
            &open.reason,
        )))
    }

    pub(super) fn end_of_rules(
        &mut self,
        subject: usize,
        rule: usize,
        target: Target,
        time: Timestamp,
        reason: &Arc<Reason>,
    ) {
        for at in 0..self.subjects[subject].grants.len() {
            let grant = &self.subjects[subject].grants[at];
            if grant.stands(target) && grant.rule != PERSON {
                self.end(subject, at, Ending::new(rule, EndCause::Removed, reason.clone()));
            }
        }
        self.tell_ending(subject, target, time);
    }
}
