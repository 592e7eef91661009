//! Tags and entries that people give and take away.

use super::super::grants::{Ending, Grant, latest};
use super::super::{PERSON, Reference};
use super::{Obeyed, refuse};
use std::sync::Arc;
use tagwarden::machinery::tree::Target;
use tagwarden::{Change, Duration, EndCause, Reason, Refusal, Timestamp};

impl Reference<'_> {
    pub(super) fn hold(
        &mut self,
        subject: usize,
        (target, level, category): (Target, u8, Option<Arc<str>>),
        (start, end): (Timestamp, Option<Timestamp>),
        review: Option<Duration>,
        time: Timestamp,
        reason: &Arc<Reason>,
    ) {
        let before = self.decisions.len();
        self.end_where(
            subject,
            |grant| grant.rule == PERSON && grant.target == target,
            EndCause::Removed,
            reason,
        );
        let grant = Grant::new(
            (PERSON, self.subjects[subject].granted as usize),
            (target, level, category),
            (start, end),
            review,
            reason,
        );
        self.make(subject, grant, time);
        self.tell_ending(subject, target, time);
        let about = self.about(target);
        if start > time {
            self.say(subject, time, Change::Planned { about, level, start, until: end }, reason);
        } else if self.decisions.len() == before {
            let (level, until) = self.level_and_end(subject, target);
            self.say(subject, time, Change::Renewed { about, level, until }, reason);
        }
    }

    /// The strictest level that counts, and the latest end at it.
    pub(super) fn level_and_end(&self, subject: usize, target: Target) -> (u8, Option<Timestamp>) {
        let live = |grant: &&Grant| grant.stands(target) && grant.is_live();
        let grants = || self.subjects[subject].grants.iter().filter(live);
        let level = grants().map(|grant| grant.level).min().unwrap();
        (level, latest(grants().filter(|grant| grant.level == level).map(|grant| grant.end)))
    }

    pub(super) fn end_where(
        &mut self,
        subject: usize,
        which: impl Fn(&Grant) -> bool,
        cause: EndCause,
        reason: &Arc<Reason>,
    ) {
        for at in 0..self.subjects[subject].grants.len() {
            let grant = &self.subjects[subject].grants[at];
            if !grant.ended && !grant.shadow && which(grant) {
                self.end(subject, at, Ending::new(PERSON, cause, reason.clone()));
            }
        }
    }

    pub(super) fn let_go(
        &mut self,
        subject: usize,
        target: Target,
        cause: EndCause,
        time: Timestamp,
        reason: &Arc<Reason>,
    ) -> Obeyed {
        self.stands(subject, target)?;
        let before = self.decisions.len();
        self.end_where(subject, |grant| grant.target == target, cause, reason);
        self.tell_ending(subject, target, time);
        if self.decisions.len() == before {
            let change = self.ended(target, cause);
            self.say(subject, time, change, reason);
        }
        Ok(())
    }

    pub(super) fn set_level(
        &mut self,
        subject: usize,
        target: Target,
        level: u8,
        time: Timestamp,
        reason: &Arc<Reason>,
    ) -> Obeyed {
        self.stands(subject, target)?;
        let Target::List(list) = target else { panic!("a tag has no level") };
        let grants = self.subjects[subject].grants.iter().filter(|grant| grant.stands(target));
        let levels: Vec<u8> = grants.map(|grant| grant.level).collect();
        if levels.iter().all(|old| *old == level) {
            return refuse(Refusal::Already, format!("it has level {level} already"));
        }
        for grant in self.subjects[subject].grants.iter_mut().filter(|grant| grant.stands(target)) {
            grant.level = level;
        }
        let name = self.name(target);
        match self.subjects[subject].lists.get(&list).copied() {
            Some(from) if from == level => {
                let (_, until) = self.level_and_end(subject, target);
                let change = Change::Renewed { about: self.about(target), level, until };
                self.say(subject, time, change, reason);
            }
            Some(from) => {
                self.subjects[subject].lists.insert(list, level);
                self.say(subject, time, Change::LevelChanged { list: name, level, from }, reason);
            }
            None => {
                let from = *levels.iter().min().unwrap();
                self.say(subject, time, Change::LevelChanged { list: name, level, from }, reason);
            }
        }
        Ok(())
    }
}
