//! Entries that do not count for a while, and come back by themselves.

use super::super::instant::Instant;
use super::{Obeyed, Refused};
use crate::check::tree::Target;
use crate::decision::{Change, Reason, Refusal};
use crate::event::Term;
use crate::grants::{Announced, Suspension};
use crate::value::{Duration, Timestamp};
use std::sync::Arc;

/// How long a suspension for a session lasts at most if nothing is said: a line that drops must not open an entry for good.
const SESSION: Duration = Duration::from_micros(86_400_000_000);

impl Instant<'_> {
    /// Suspends what stands of an entry now. What is added later counts.
    pub(super) fn suspend(
        &mut self,
        target: Target,
        term: Term,
        session: Option<&Arc<str>>,
        reason: &Arc<Reason>,
    ) -> Obeyed {
        self.stands(target)?;
        if !self.subject.grants().standing(target).any(|grant| grant.start <= self.now.micros()) {
            let name = self.target_name(target);
            return Refused::new(Refusal::Absent, format!("its entry on the list {name:?} has not begun"));
        }
        let (_, until) = super::check::span(&self.plan.tree, self.now, None, term, Some(SESSION), false)?;
        let Some(until) = Timestamp::from_micros(until) else {
            return Refused::new(Refusal::Time, "the end lies beyond the year 9999");
        };
        let since = self.now.micros();
        for grant in &mut self.subject.grants_mut().all {
            if grant.target == target && !grant.shadow {
                grant.live = false;
                grant.suspension = Some(Box::new(Suspension {
                    since,
                    until: until.micros(),
                    session: session.cloned(),
                    reason: Arc::clone(reason),
                }));
            }
        }
        self.withdraw(target);
        self.mark_target(target);
        let list = self.target_name(target);
        self.say(&Change::Suspended { list, until, session: session.cloned() }, reason);
        Ok(())
    }

    /// Has an entry count again before its time.
    pub(super) fn resume(
        &mut self,
        target: Target,
        session: Option<&Arc<str>>,
        reason: &Arc<Reason>,
    ) -> Obeyed {
        let of = |suspension: &Suspension| session.is_none() || suspension.session.as_ref() == session;
        let suspended = |grant: &crate::grants::Grant| grant.suspension.as_ref().is_some_and(|one| of(one));
        if !self.subject.grants().standing(target).any(suspended) {
            let name = self.target_name(target);
            return Refused::new(
                Refusal::Absent,
                match session {
                    None => format!("its entry on the list {name:?} is not suspended"),
                    Some(session) => {
                        format!("its entry on the list {name:?} is not suspended for the session {session:?}")
                    }
                },
            );
        }
        self.come_back(target, of, Some(reason));
        // What fell due while it was suspended is due now.
        self.fall_due_for_review(self.now.micros());
        Ok(())
    }

    /// Ends suspensions, and tells that the entry counts again; for the reason of the suspension where there is no other.
    pub(in crate::engine) fn come_back(
        &mut self,
        target: Target,
        over: impl Fn(&Suspension) -> bool,
        reason: Option<&Arc<Reason>>,
    ) {
        let now = self.now.micros();
        let (mut counts, mut told) = (false, None);
        for grant in &mut self.subject.grants_mut().all {
            let ends = !grant.shadow && grant.target == target;
            if let Some(suspension) = grant.suspension.take_if(|one| ends && over(one)) {
                grant.live = grant.start <= now;
                counts |= grant.live;
                told.get_or_insert_with(|| Arc::clone(&suspension.reason));
            }
        }
        let Some(told) = reason.cloned().or(told) else { return };
        let level = self.subject.grants().level(target).filter(|_| counts);
        if let Some(level) = level {
            match self.subject.grants_mut().announced.iter_mut().find(|announced| announced.target == target)
            {
                Some(announced) => announced.level = level,
                None => {
                    let since = now;
                    self.subject.grants_mut().announced.push(Announced { target, level, since });
                }
            }
        }
        self.mark_target(target);
        if let Some(level) = level {
            let list = self.target_name(target);
            return self.say(&Change::Resumed { list, level }, &told);
        }
        // One that has not begun is only no longer held up, which only who asked wants to hear.
        let first = self.subject.grants().standing(target).find(|grant| grant.start > now);
        let Some(first) = first.filter(|_| reason.is_some()) else { return };
        let (level, until) = (first.level, Timestamp::from_micros(first.end));
        let Some(start) = Timestamp::from_micros(first.start) else { return };
        self.say(&Change::Planned { about: self.about(target), level, start, until }, &told);
    }
}
