//! Reviews and appeals.

use super::super::instant::{Instant, review_time};
use super::check::target;
use super::{Obeyed, Refused};
use crate::check::tree::Target;
use crate::decision::{About, Change, EndCause, Reason, Refusal, ReviewOutcome};
use crate::grants::Appeal;
use crate::value::{Duration, Timestamp};
use crate::window::NEVER;
use std::sync::Arc;

impl Instant<'_> {
    /// Records a review: reviews are counted anew from now, or from the next one where that is given.
    pub(super) fn review(
        &mut self,
        target: Target,
        outcome: ReviewOutcome,
        next: Option<Timestamp>,
        every: Option<Duration>,
        reason: &Arc<Reason>,
    ) -> Obeyed {
        self.stands(target)?;
        let now = self.now.micros();
        let zone = self.plan.tree.zone;
        if outcome != ReviewOutcome::Release {
            for grant in &mut self.subject.grants_mut().all {
                if grant.target != target || grant.shadow {
                    continue;
                }
                grant.review = every.or(grant.review);
                (grant.review_from, grant.reviews) = match next {
                    Some(next) => (next.micros(), 0),
                    None => (now, 1),
                };
                grant.next_review = match next {
                    Some(next) => next.micros(),
                    None => review_time(zone, now, grant.review, 1),
                };
            }
        }
        let due = self.subject.grants().standing(target).map(|grant| grant.next_review).min();
        let due = due.filter(|due| *due != NEVER && outcome != ReviewOutcome::Release);
        let (list, next) = (self.target_name(target), due.and_then(Timestamp::from_micros));
        self.say(&Change::Reviewed { list, outcome, next }, reason);
        match outcome {
            ReviewOutcome::Keep => {}
            ReviewOutcome::Release => return self.let_go(target, EndCause::Review, reason),
            ReviewOutcome::Change { level } => {
                // That it has this level already is no fault of the review.
                let _ = self.set_level(target, level, reason);
            }
        }
        // Where it had to wait for a second person, the next one may be due by now.
        self.fall_due_for_review(now);
        Ok(())
    }

    pub(super) fn appeal(&mut self, against: &About, reason: &Arc<Reason>) -> Obeyed {
        self.stands(target(&self.plan.tree, against)?)?;
        let (kind, name) = against.named();
        let people = self.subject.grants().people.as_deref();
        if people.is_some_and(|people| people.appeals.iter().any(|appeal| appeal.about == *against)) {
            let why = format!("an appeal against the {kind} {name:?} is open already");
            return Refused::new(Refusal::Already, why);
        }
        let since = self.now.micros();
        let appeal = Appeal { about: against.clone(), since, reason: Arc::clone(reason) };
        self.subject.grants_mut().people_mut().appeals.push(appeal);
        self.say(&Change::Appealed(against.clone()), reason);
        Ok(())
    }

    pub(super) fn settle(&mut self, against: &About, granted: bool, reason: &Arc<Reason>) -> Obeyed {
        let target = target(&self.plan.tree, against)?;
        let (kind, name) = against.named();
        let people = self.subject.grants_mut().people.as_deref_mut();
        let open = people.and_then(|people| {
            let at = people.appeals.iter().position(|appeal| appeal.about == *against)?;
            Some(people.appeals.remove(at))
        });
        if open.is_none() {
            let why = format!("there is no open appeal against the {kind} {name:?}");
            return Refused::new(Refusal::Absent, why);
        }
        self.subject.grants_mut().settle_people();
        self.say(&Change::Settled { about: against.clone(), granted }, reason);
        // What it was about may be over by itself.
        if granted && self.stands(target).is_ok() {
            self.let_go(target, EndCause::Appeal, reason)?;
        }
        Ok(())
    }
}
