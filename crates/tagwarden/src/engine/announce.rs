//! Which changes of tags and lists are told, and when: additions at once, removals at the end of the instant if
//! they are still gone, so that nothing flickers.

use super::instant::{Because, Instant};
use super::rules::Firing;
use crate::check::tree::{TagId, Target};
use crate::decision::{Change, EndCause, Reason};
use crate::grants::{Announced, Grant, Owner, PERSON};
use crate::value::Timestamp;
use std::sync::Arc;

/// A target that lost a grant at this instant.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    target: Target,
    /// A grant of a shadow stands for itself.
    shadow: Option<Owner>,
    /// What ended it.
    rule: u32,
    cause: EndCause,
    reason: Arc<Reason>,
    /// Whether it was suspended.
    suspended: bool,
}

impl Instant<'_> {
    /// Notes that a grant is over.
    pub(super) fn note_ending(&mut self, grant: &Grant, rule: u32, cause: EndCause, reason: Arc<Reason>) {
        let suspended = grant.suspension.is_some() && grant.start <= self.now.micros();
        if !grant.live && !suspended {
            return;
        }
        let shadow = grant.shadow.then_some(grant.owner);
        let ended = Ended { target: grant.target, shadow, rule, cause, reason, suspended };
        self.scratch.ended.retain(|other| (other.target, other.shadow) != (ended.target, ended.shadow));
        self.scratch.ended.push(ended);
        if !grant.shadow {
            self.mark_target(grant.target);
        }
    }

    /// Announces what a grant that was made, renewed or started has changed. `present`: whether its tag was there before.
    pub(super) fn announce_grant(&mut self, owner: Owner, shadow: bool, present: bool) {
        let Some(grant) = self.subject.grants().of(owner, shadow).filter(|grant| grant.live) else { return };
        let (target, reason) = (grant.target, Arc::clone(&grant.reason));
        if shadow {
            self.announce_shadow(owner, &reason);
            return;
        }
        match target {
            Target::Tag(_) if present => {}
            Target::Tag(tag) => self.announce_tag(tag, owner.rule, &reason),
            Target::List(_) => {
                let Some(level) = self.subject.grants().level(target) else { return };
                match self.subject.grants().announced(target) {
                    None => self.announce_listed(target, level, owner.rule, &reason),
                    Some(announced) if level < announced.level => {
                        self.announce_level(target, announced.level, level, owner.rule, &reason);
                    }
                    Some(_) => {}
                }
            }
        }
        self.mark_target(target);
    }

    fn announce_tag(&mut self, tag: TagId, rule: u32, reason: &Arc<Reason>) {
        let target = Target::Tag(tag);
        if self.subject.grants().announced(target).is_some() || !self.view().present(tag) {
            return;
        }
        let group = self.plan.tree.tags.get(tag.index()).and_then(|tag| tag.group);
        let members = group.and_then(|group| self.plan.tree.groups.get(group.index()));
        for other in members.map_or(&[][..], |group| &group.members) {
            if self.subject.grants().announced(Target::Tag(*other)).is_some() {
                self.withdraw(Target::Tag(*other));
                let change = Change::Untagged { tag: self.tag_name(*other), cause: EndCause::Superseded };
                self.decide(rule, false, &change, Because::Known(reason));
                self.mark_target(Target::Tag(*other));
            }
        }
        self.subject.grants_mut().announced.push(Announced { target, level: 0, since: self.now.micros() });
        let until = self.subject.grants().until(target, 0).and_then(Timestamp::from_micros);
        self.move_leaves(target);
        let change = Change::Tagged { tag: self.tag_name(tag), until };
        self.decide(rule, false, &change, Because::Known(reason));
    }

    fn announce_listed(&mut self, target: Target, level: u8, rule: u32, reason: &Arc<Reason>) {
        self.subject.grants_mut().announced.push(Announced { target, level, since: self.now.micros() });
        let until = self.subject.grants().until(target, level).and_then(Timestamp::from_micros);
        let first = self
            .subject
            .grants()
            .live(target)
            .filter(|grant| grant.level == level)
            .min_by_key(|grant| grant.made);
        let category = first.and_then(|grant| grant.category.clone());
        let change = Change::Listed { list: self.target_name(target), level, category, until };
        self.decide(rule, false, &change, Because::Known(reason));
    }

    pub(super) fn announce_level(
        &mut self,
        target: Target,
        from: u8,
        level: u8,
        rule: u32,
        reason: &Arc<Reason>,
    ) {
        for announced in &mut self.subject.grants_mut().announced {
            if announced.target == target {
                announced.level = level;
            }
        }
        let change = Change::LevelChanged { list: self.target_name(target), level, from };
        self.decide(rule, false, &change, Because::Known(reason));
    }

    pub(super) fn withdraw(&mut self, target: Target) {
        self.subject.grants_mut().announced.retain(|announced| announced.target != target);
    }

    pub(super) fn target_name(&self, target: Target) -> Arc<str> {
        match target {
            Target::Tag(tag) => self.tag_name(tag),
            Target::List(list) => {
                self.plan.tree.lists.get(list.index()).map_or_else(|| "".into(), |list| list.name.clone())
            }
        }
    }

    /// Step 4: what has ended and has not come back is told.
    #[inline]
    pub(super) fn announce_endings(&mut self) {
        if !self.scratch.ended.is_empty() {
            self.announce_ended();
        }
    }

    #[inline(never)]
    fn announce_ended(&mut self) {
        for ended in std::mem::take(&mut self.scratch.ended) {
            match (ended.shadow, ended.target) {
                (Some(owner), _) => self.announce_shadow_ending(owner, &ended),
                (None, Target::Tag(tag)) => self.announce_tag_ending(tag, &ended),
                (None, Target::List(_)) => self.announce_list_ending(&ended),
            }
        }
    }

    fn announce_tag_ending(&mut self, tag: TagId, ended: &Ended) {
        let target = Target::Tag(tag);
        if self.subject.grants().announced(target).is_none() || self.view().present(tag) {
            return;
        }
        self.withdraw(target);
        self.move_leaves(target);
        let change = Change::Untagged { tag: self.tag_name(tag), cause: ended.cause };
        self.decide(ended.rule, false, &change, Because::Known(&ended.reason));
        let group = self.plan.tree.tags.get(tag.index()).and_then(|tag| tag.group);
        if let Some(next) = group.and_then(|group| self.view().winner(group)) {
            let first = self.subject.grants().live(Target::Tag(next)).min_by_key(|grant| grant.made);
            if let Some((rule, reason)) = first.map(|grant| (grant.owner.rule, Arc::clone(&grant.reason))) {
                self.announce_tag(next, rule, &reason);
            }
        }
    }

    /// An entry that ends while it is suspended is told, so that nobody waits for it to come back.
    fn announce_suspended_ending(&mut self, ended: &Ended) {
        let left = |grant: &Grant| grant.suspension.is_some() && grant.start <= self.now.micros();
        if ended.suspended && !self.subject.grants().standing(ended.target).any(left) {
            let change = Change::Unlisted { list: self.target_name(ended.target), cause: ended.cause };
            self.decide(ended.rule, false, &change, Because::Known(&ended.reason));
        }
    }

    /// Tells at once what has ended of a target, and not only at the end of the instant.
    pub(super) fn tell_ending(&mut self, target: Target) {
        let Some(at) = self.scratch.ended.iter().position(|e| e.target == target && e.shadow.is_none())
        else {
            return;
        };
        let ended = self.scratch.ended.remove(at);
        match target {
            Target::Tag(tag) => self.announce_tag_ending(tag, &ended),
            Target::List(_) => self.announce_list_ending(&ended),
        }
    }

    fn announce_list_ending(&mut self, ended: &Ended) {
        let Some(announced) = self.subject.grants().announced(ended.target) else {
            return self.announce_suspended_ending(ended);
        };
        match self.subject.grants().level(ended.target) {
            None => {
                self.withdraw(ended.target);
                let change = Change::Unlisted { list: self.target_name(ended.target), cause: ended.cause };
                self.decide(ended.rule, false, &change, Because::Known(&ended.reason));
            }
            Some(level) if level > announced.level => {
                self.announce_level(ended.target, announced.level, level, ended.rule, &ended.reason);
            }
            Some(_) => {}
        }
    }

    /// A shadow's grant stands for itself: it is announced once, and not at all if it follows on one that ended at this
    /// very instant.
    fn announce_shadow(&mut self, owner: Owner, reason: &Arc<Reason>) {
        let mine = |grant: &&mut Grant| grant.owner == owner && grant.shadow && !grant.announced;
        let Some(grant) = self.subject.grants_mut().all.iter_mut().find(mine) else { return };
        grant.announced = true;
        let (target, level, category) = (grant.target, grant.level, grant.category.clone());
        let until = Timestamp::from_micros(grant.end);
        let ended = self.scratch.ended.len();
        self.scratch.ended.retain(|ended| ended.shadow != Some(owner));
        if self.scratch.ended.len() < ended {
            return;
        }
        let change = match target {
            Target::Tag(tag) => Change::Tagged { tag: self.tag_name(tag), until },
            Target::List(_) => Change::Listed { list: self.target_name(target), level, category, until },
        };
        self.decide(owner.rule, true, &change, Because::Known(reason));
    }

    fn announce_shadow_ending(&mut self, owner: Owner, ended: &Ended) {
        if self.subject.grants().of(owner, true).is_some_and(|grant| grant.live) {
            return;
        }
        let change = match ended.target {
            Target::Tag(tag) => Change::Untagged { tag: self.tag_name(tag), cause: ended.cause },
            Target::List(_) => Change::Unlisted { list: self.target_name(ended.target), cause: ended.cause },
        };
        self.decide(ended.rule, true, &change, Because::Known(&ended.reason));
    }

    /// A shadow's `untag` or `remove from` reports what it would end, and ends nothing.
    pub(super) fn announce_shadow_removal(&mut self, firing: Firing<'_>, target: Target) {
        if self.subject.grants().live(target).all(|grant| grant.owner.rule == PERSON) {
            return;
        }
        let change = match target {
            Target::Tag(tag) => Change::Untagged { tag: self.tag_name(tag), cause: EndCause::Removed },
            Target::List(_) => Change::Unlisted { list: self.target_name(target), cause: EndCause::Removed },
        };
        self.decide(firing.rule, true, &change, Because::Fired(firing.cause));
    }
}
