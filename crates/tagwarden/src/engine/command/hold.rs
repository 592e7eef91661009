//! Tags and entries that people give and end.

use super::super::instant::{Instant, review_time};
use super::{Obeyed, Refused};
use crate::check::tree::Target;
use crate::decision::{About, Change, EndCause, Reason, Refusal};
use crate::grants::{Grant, Owner, PERSON};
use crate::value::{Duration, Timestamp};
use std::sync::Arc;

impl Instant<'_> {
    /// Whether there is anything of a tag or a list to be ended or changed.
    pub(super) fn stands(&self, target: Target) -> Obeyed {
        if self.subject.grants().standing(target).next().is_some() {
            return Ok(());
        }
        let name = self.target_name(target);
        Refused::new(
            Refusal::Absent,
            match target {
                Target::Tag(_) => format!("it does not have the tag {name:?}"),
                Target::List(_) => format!("it is not on the list {name:?}"),
            },
        )
    }

    pub(super) fn about(&self, target: Target) -> About {
        let name = self.target_name(target);
        match target {
            Target::Tag(_) => About::Tag(name),
            Target::List(_) => About::List(name),
        }
    }

    /// Gives a tag or an entry in a person's name, in the place of what people gave before.
    pub(super) fn hold(
        &mut self,
        target: Target,
        level: u8,
        category: Option<Arc<str>>,
        (start, end): (Timestamp, i64),
        review: Option<Duration>,
        reason: &Arc<Reason>,
    ) {
        let before = self.scratch.decisions;
        let mut over = Vec::new();
        let grants = self.subject.grants_mut();
        grants.all.retain(|grant| {
            let replaced = grant.owner.rule == PERSON && grant.target == target;
            if replaced {
                over.push(grant.clone());
            }
            !replaced
        });
        let number = grants.next_number();
        let owner = Owner { rule: PERSON, action: number as u32 };
        for grant in over {
            self.note_ending(&grant, PERSON, EndCause::Removed, Arc::clone(reason));
        }
        // What is announced is asked as well: its grant may just have been replaced.
        let announced = self.subject.grants().announced(target).is_some();
        let present = matches!(target, Target::Tag(tag) if announced || self.view().present(tag));
        let live = start <= self.now;
        self.subject.grants_mut().all.push(Grant {
            owner,
            target,
            level,
            category,
            shadow: false,
            since: self.now.micros(),
            start: start.micros(),
            end,
            live,
            announced: false,
            made: number,
            set: number,
            review,
            review_from: start.micros(),
            reviews: 1,
            next_review: review_time(self.plan.tree.zone, start.micros(), review, 1),
            suspension: None,
            reason: Arc::clone(reason),
        });
        self.mark_target(target);
        if live {
            self.announce_grant(owner, false, present);
        }
        self.tell_ending(target);
        let until = Timestamp::from_micros(end).filter(|_| end != crate::window::NEVER);
        if !live {
            self.say(&Change::Planned { about: self.about(target), level, start, until }, reason);
        } else if self.scratch.decisions == before {
            let grants = self.subject.grants();
            let level = grants.level(target).unwrap_or(level);
            let until = grants.until(target, level).and_then(Timestamp::from_micros);
            self.say(&Change::Renewed { about: self.about(target), level, until }, reason);
        }
    }

    /// Ends a tag or an entry, whoever gave it.
    pub(super) fn let_go(&mut self, target: Target, cause: EndCause, reason: &Arc<Reason>) -> Obeyed {
        self.stands(target)?;
        let before = self.scratch.decisions;
        self.end_where(|grant| grant.target == target, cause, reason);
        self.tell_ending(target);
        if self.scratch.decisions == before {
            // It was not shown: hidden by another of its group, or yet to begin.
            let name = self.target_name(target);
            let change = match target {
                Target::Tag(_) => Change::Untagged { tag: name, cause },
                Target::List(_) => Change::Unlisted { list: name, cause },
            };
            self.say(&change, reason);
        }
        Ok(())
    }

    /// Ends grants in force.
    pub(super) fn end_where(
        &mut self,
        which: impl Fn(&Grant) -> bool,
        cause: EndCause,
        reason: &Arc<Reason>,
    ) {
        let mut over = Vec::new();
        self.subject.grants_mut().all.retain(|grant| {
            let ends = !grant.shadow && which(grant);
            if ends {
                over.push(grant.clone());
            }
            !ends
        });
        for grant in over {
            self.note_ending(&grant, PERSON, cause, Arc::clone(reason));
        }
    }

    /// Changes the level of an entry, whoever gave it.
    pub(super) fn set_level(&mut self, target: Target, level: u8, reason: &Arc<Reason>) -> Obeyed {
        self.stands(target)?;
        let standing = self.subject.grants().standing(target);
        let from = standing.map(|grant| grant.level).min().unwrap_or(level);
        if self.subject.grants().standing(target).all(|grant| grant.level == level) {
            return Refused::new(Refusal::Already, format!("it has level {level} already"));
        }
        for grant in &mut self.subject.grants_mut().all {
            if grant.target == target && !grant.shadow {
                grant.level = level;
            }
        }
        self.mark_target(target);
        match self.subject.grants().announced(target) {
            Some(announced) if announced.level != level => {
                self.announce_level(target, announced.level, level, PERSON, reason);
            }
            Some(announced) => {
                let until =
                    self.subject.grants().until(target, announced.level).and_then(Timestamp::from_micros);
                self.say(&Change::Renewed { about: self.about(target), level, until }, reason);
            }
            None => {
                let list = self.target_name(target);
                self.say(&Change::LevelChanged { list, level, from }, reason);
            }
        }
        Ok(())
    }
}
