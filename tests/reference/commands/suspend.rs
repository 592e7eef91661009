//! Entries that rest for a time.

use super::super::Reference;
use super::super::grants::{Grant, Suspended};
use super::{Obeyed, refuse};
use std::sync::Arc;
use tagwarden::machinery::tree::Target;
use tagwarden::{Change, Duration, Reason, Refusal, Term, Timestamp};

impl Reference<'_> {
    pub(super) fn suspend(
        &mut self,
        subject: usize,
        target: Target,
        term: Term,
        session: &Option<Arc<str>>,
        time: Timestamp,
        reason: &Arc<Reason>,
    ) -> Obeyed {
        self.stands(subject, target)?;
        let begun = |grant: &Grant| grant.stands(target) && grant.start <= time;
        if !self.subjects[subject].grants.iter().any(begun) {
            let name = self.name(target);
            return refuse(Refusal::Absent, format!("its entry on the list {name:?} has not begun"));
        }
        let day = Duration::from_micros(86_400_000_000);
        let (_, until) = self.span(time, None, term, Some(day), false)?;
        let Some(until) = until else {
            return refuse(Refusal::Time, "the end lies beyond the year 9999");
        };
        let suspended = Suspended { until, session: session.clone(), reason: reason.clone() };
        let this = &mut self.subjects[subject];
        for grant in this.grants.iter_mut().filter(|grant| grant.stands(target)) {
            grant.suspended = Some(suspended.clone());
        }
        this.due.insert(until);
        let Target::List(list) = target else { panic!("a tag is not suspended") };
        this.lists.remove(&list);
        let change = Change::Suspended { list: self.name(target), until, session: session.clone() };
        self.say(subject, time, change, reason);
        Ok(())
    }

    pub(super) fn resume(
        &mut self,
        subject: usize,
        target: Target,
        session: &Option<Arc<str>>,
        time: Timestamp,
        reason: &Arc<Reason>,
    ) -> Obeyed {
        let of = |one: &Suspended| session.is_none() || one.session == *session;
        let suspended = |grant: &Grant| grant.stands(target) && grant.suspended.as_ref().is_some_and(of);
        if !self.subjects[subject].grants.iter().any(suspended) {
            let mut why = format!("its entry on the list {:?} is not suspended", self.name(target));
            if let Some(session) = session {
                why += &format!(" for the session {session:?}");
            }
            return refuse(Refusal::Absent, why);
        }
        self.come_back(subject, target, time, of, Some(reason));
        self.fall_due_for_review(subject, time);
        Ok(())
    }

    /// Ends suspensions; for the reason of the first where there is no other.
    pub(crate) fn come_back(
        &mut self,
        subject: usize,
        target: Target,
        time: Timestamp,
        over: impl Fn(&Suspended) -> bool,
        asked: Option<&Arc<Reason>>,
    ) {
        let Target::List(list) = target else { panic!("a tag is not suspended") };
        let (mut counts, mut first) = (false, None);
        for grant in self.subjects[subject].grants.iter_mut().filter(|grant| grant.stands(target)) {
            if grant.suspended.as_ref().is_some_and(&over) {
                let suspended = grant.suspended.take().unwrap();
                first = first.or(Some(suspended.reason));
                grant.started = grant.start <= time;
                counts |= grant.started;
            }
        }
        let reason = asked.cloned().or(first).unwrap();
        if counts {
            let level = self.level(subject, list).unwrap();
            self.subjects[subject].lists.insert(list, level);
            self.say(subject, time, Change::Resumed { list: self.name(target), level }, &reason);
        } else if asked.is_some() {
            let later = |grant: &&Grant| grant.stands(target) && grant.start > time;
            let grant = self.subjects[subject].grants.iter().find(later).unwrap().clone();
            let change = Change::Planned {
                about: self.about(target),
                level: grant.level,
                start: grant.start,
                until: grant.end,
            };
            self.say(subject, time, change, &reason);
        }
    }
}
