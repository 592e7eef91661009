//! Reviews of entries.

use super::super::Reference;
use super::Obeyed;
use std::sync::Arc;
use tagwarden::machinery::tree::Target;
use tagwarden::{Change, Duration, EndCause, Reason, ReviewOutcome, Timestamp};

impl Reference<'_> {
    pub(super) fn reviewed(
        &mut self,
        subject: usize,
        target: Target,
        (outcome, next, every): (ReviewOutcome, Option<Timestamp>, Option<Duration>),
        time: Timestamp,
        reason: &Arc<Reason>,
    ) -> Obeyed {
        self.stands(subject, target)?;
        let mut due = None;
        if outcome != ReviewOutcome::Release {
            for at in 0..self.subjects[subject].grants.len() {
                let this = &mut self.subjects[subject];
                let grant = &mut this.grants[at];
                if !grant.stands(target) {
                    continue;
                }
                grant.review = every.or(grant.review);
                grant.reviewed = 0;
                grant.review_from = next.unwrap_or(time);
                grant.next_review = next;
                this.due.extend(next);
                if next.is_none() {
                    self.plan_review(subject, at);
                }
                due = match (due, self.subjects[subject].grants[at].next_review) {
                    (Some(one), Some(other)) => Some(std::cmp::min(one, other)),
                    (one, other) => one.or(other),
                };
            }
        }
        let change = Change::Reviewed { list: self.name(target), outcome, next: due };
        self.say(subject, time, change, reason);
        match outcome {
            ReviewOutcome::Keep => {}
            ReviewOutcome::Release => return self.let_go(subject, target, EndCause::Review, time, reason),
            ReviewOutcome::Change { level } => {
                let _ = self.set_level(subject, target, level, time, reason);
            }
        }
        self.fall_due_for_review(subject, time);
        Ok(())
    }
}
