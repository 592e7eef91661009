//! Grants, and what is announced of them.

use super::{PERSON, Reference};
use std::sync::Arc;
use tagwarden::machinery::tree::{ListId, TagId, Target};
use tagwarden::{Change, Duration, EndCause, Reason, Timestamp};

#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) rule: usize,
    pub(crate) action: usize,
    pub(crate) shadow: bool,
    pub(crate) target: Target,
    pub(crate) level: u8,
    pub(crate) category: Option<Arc<str>>,
    pub(crate) start: Timestamp,
    /// Until when it does not count, and for which session and why.
    pub(crate) suspended: Option<Suspended>,
    pub(crate) review_from: Timestamp,
    pub(crate) started: bool,
    pub(crate) ended: bool,
    /// As far as the clock alone decides it.
    pub(crate) end: Option<Timestamp>,
    /// When it was made or last renewed, counted.
    pub(crate) granted: u64,
    pub(crate) review: Option<Duration>,
    pub(crate) reviewed: u32,
    pub(crate) next_review: Option<Timestamp>,
    pub(crate) reason: Arc<Reason>,
}

impl Grant {
    /// What an action of a rule gives, or a person, from one time to another.
    pub(crate) fn new(
        (rule, action): (usize, usize),
        (target, level, category): (Target, u8, Option<Arc<str>>),
        (start, end): (Timestamp, Option<Timestamp>),
        review: Option<Duration>,
        reason: &Arc<Reason>,
    ) -> Grant {
        Grant {
            rule,
            action,
            shadow: false,
            target,
            level,
            category,
            start,
            suspended: None,
            review_from: start,
            started: false,
            ended: false,
            end,
            granted: 0,
            review,
            reviewed: 0,
            next_review: None,
            reason: reason.clone(),
        }
    }

    pub(crate) fn is_live(&self) -> bool {
        self.started && !self.ended && self.suspended.is_none()
    }

    /// Not over, and no shadow.
    pub(crate) fn stands(&self, target: Target) -> bool {
        !self.ended && !self.shadow && self.target == target
    }

    /// When it begins to count.
    fn begins(&self) -> Timestamp {
        self.suspended.as_ref().map_or(self.start, |suspended| suspended.until.max(self.start))
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Suspended {
    pub(crate) until: Timestamp,
    pub(crate) session: Option<Arc<str>>,
    pub(crate) reason: Arc<Reason>,
}

/// What an ending touches: what it may take away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Touched {
    Real(Target),
    /// What an action of a rule has granted as a shadow.
    Shadow(usize, usize),
}

/// What ended a grant.
#[derive(Clone, Debug)]
pub(crate) struct Ending {
    pub(crate) rule: usize,
    pub(crate) cause: EndCause,
    pub(crate) reason: Arc<Reason>,
    /// Whether what ended last did not count.
    pub(crate) suspended: bool,
}

impl Ending {
    pub(crate) fn new(rule: usize, cause: EndCause, reason: Arc<Reason>) -> Ending {
        Ending { rule, cause, reason, suspended: false }
    }
}

impl Reference<'_> {
    pub(crate) fn live_grants(&self, subject: usize, tag: TagId) -> impl Iterator<Item = &Grant> {
        self.live(subject, Target::Tag(tag))
    }

    pub(crate) fn live_entries(&self, subject: usize, list: ListId) -> impl Iterator<Item = &Grant> {
        self.live(subject, Target::List(list))
    }

    fn live(&self, subject: usize, target: Target) -> impl Iterator<Item = &Grant> {
        let grants = self.subjects[subject].grants.iter();
        grants.filter(move |grant| grant.is_live() && !grant.shadow && grant.target == target)
    }

    /// The grant of an action that lives or has not started.
    pub(crate) fn grant_of(&self, subject: usize, rule: usize, action: usize) -> Option<usize> {
        let mut grants = self.subjects[subject].grants.iter();
        grants.position(|grant| grant.rule == rule && grant.action == action && !grant.ended)
    }

    /// What runs out by `time`: ends, then starts, then reviews; each in order of time, and as made.
    pub(crate) fn run_out(&mut self, subject: usize, time: Timestamp) {
        let none = Arc::new(Reason::default());
        let count = self.subjects[subject].grants.len();
        let mut ends = Vec::new();
        for at in 0..count {
            let grant = &self.subjects[subject].grants[at];
            if let Some(end) = grant.end.filter(|end| !grant.ended && *end <= time) {
                ends.push((end, at));
            }
        }
        ends.sort_unstable();
        for (_, at) in ends {
            let grant = &self.subjects[subject].grants[at];
            let (rule, reason) = (grant.rule, if grant.rule == PERSON { &grant.reason } else { &none });
            let ending = Ending::new(rule, EndCause::Expired, reason.clone());
            self.end(subject, at, ending);
        }
        self.start_waiting(subject, time);
        self.fall_due_for_review(subject, time);
        self.run_out_exemptions(subject, time);
    }

    pub(crate) fn fall_due_for_review(&mut self, subject: usize, time: Timestamp) {
        for at in 0..self.subjects[subject].grants.len() {
            let grant = &self.subjects[subject].grants[at];
            if grant.is_live() && grant.next_review.is_some_and(|due| due <= time) {
                self.review(subject, at, time);
            }
        }
    }

    /// What is to begin by now begins, in the order made.
    pub(crate) fn start_waiting(&mut self, subject: usize, time: Timestamp) {
        for at in 0..self.subjects[subject].grants.len() {
            let grant = &mut self.subjects[subject].grants[at];
            // What would begin while it is suspended has begun when it comes back.
            grant.started |= grant.suspended.is_some() && grant.start <= time;
            let counts = grant.started && grant.suspended.is_none();
            if grant.ended || counts || grant.begins() > time {
                continue;
            }
            match grant.suspended {
                Some(_) => {
                    let target = grant.target;
                    self.come_back(subject, target, time, |one| one.until <= time, None);
                }
                None => self.start(subject, at, time),
            }
        }
    }

    fn review(&mut self, subject: usize, at: usize, time: Timestamp) {
        let grant = self.subjects[subject].grants[at].clone();
        let Target::List(list) = grant.target else { return };
        let level = if grant.shadow { Some(grant.level) } else { self.level(subject, list) };
        let change =
            Change::ReviewDue { list: self.tree.lists[list.index()].name.clone(), level: level.unwrap() };
        self.decide(subject, time, grant.rule, change, grant.shadow, &grant.reason);
        while self.subjects[subject].grants[at].next_review.is_some_and(|due| due <= time) {
            self.plan_review(subject, at);
        }
    }

    /// Sets the next review, one more time the interval after that from which they are counted.
    pub(crate) fn plan_review(&mut self, subject: usize, at: usize) {
        let this = &mut self.subjects[subject];
        let grant = &mut this.grants[at];
        grant.next_review = None;
        let Some(interval) = grant.review else { return };
        grant.reviewed += 1;
        grant.next_review = self.calendar.add_times(grant.review_from, interval, grant.reviewed);
        this.due.extend(grant.next_review);
    }

    /// Makes a grant; one that starts now is announced.
    pub(crate) fn make(&mut self, subject: usize, mut grant: Grant, time: Timestamp) {
        let this = &mut self.subjects[subject];
        this.granted += 1;
        grant.granted = this.granted;
        this.due.extend([Some(grant.start), grant.end].into_iter().flatten());
        let starts = grant.start <= time;
        this.grants.push(grant);
        let at = this.grants.len() - 1;
        self.plan_review(subject, at);
        if starts {
            self.start(subject, at, time);
        }
    }

    fn start(&mut self, subject: usize, at: usize, time: Timestamp) {
        let before = self.shown_tag(subject, at);
        self.subjects[subject].grants[at].started = true;
        self.announce(subject, at, before, time);
    }

    /// Moves the end to the later one.
    pub(crate) fn renew(
        &mut self,
        subject: usize,
        at: usize,
        end: Option<Timestamp>,
        reason: &Arc<Reason>,
        time: Timestamp,
    ) {
        let before = self.shown_tag(subject, at);
        let this = &mut self.subjects[subject];
        this.granted += 1;
        this.due.extend(end);
        let grant = &mut this.grants[at];
        grant.granted = this.granted;
        let later = grant.end.is_some_and(|old| end.is_none_or(|new| new > old));
        if later {
            (grant.end, grant.reason) = (end, reason.clone());
        }
        if grant.is_live() {
            self.announce(subject, at, before, time);
        }
    }

    /// The tag that is present of the group of a grant's tag.
    fn shown_tag(&self, subject: usize, at: usize) -> Option<TagId> {
        match self.subjects[subject].grants[at].target {
            Target::Tag(tag) => self.winner(subject, tag),
            Target::List(_) => None,
        }
    }

    /// What an addition changes is announced at once. `before` was the tag present of its group.
    pub(crate) fn announce(&mut self, subject: usize, at: usize, before: Option<TagId>, time: Timestamp) {
        let grant = self.subjects[subject].grants[at].clone();
        if grant.shadow {
            let state = &mut self.subjects[subject].rules[grant.rule].actions[grant.action];
            if !std::mem::replace(&mut state.announced, true) {
                let change = match grant.target {
                    Target::Tag(tag) => {
                        Change::Tagged { tag: self.tree.tags[tag.index()].name.clone(), until: grant.end }
                    }
                    Target::List(list) => Change::Listed {
                        list: self.tree.lists[list.index()].name.clone(),
                        level: grant.level,
                        category: grant.category.clone(),
                        until: grant.end,
                    },
                };
                self.decide(subject, time, grant.rule, change, true, &grant.reason);
            }
            return;
        }
        match grant.target {
            Target::Tag(tag) => {
                let now = self.winner(subject, tag);
                if now == before || now != Some(tag) || self.subjects[subject].tags.contains_key(&tag) {
                    return;
                }
                for other in self.rivals(tag) {
                    if self.subjects[subject].tags.remove(&other).is_some() {
                        let name = self.tree.tags[other.index()].name.clone();
                        let change = Change::Untagged { tag: name, cause: EndCause::Superseded };
                        self.decide(subject, time, grant.rule, change, false, &grant.reason);
                    }
                }
                self.show_tag(subject, tag, &grant, time);
            }
            Target::List(list) => {
                let level = self.level(subject, list).unwrap();
                let name = self.tree.lists[list.index()].name.clone();
                let change = match self.subjects[subject].lists.get(&list).copied() {
                    Some(from) if from <= level => return,
                    Some(from) => Change::LevelChanged { list: name, level, from },
                    None => {
                        let of_level = |grant: &&Grant| grant.level == level;
                        let first = self.live_entries(subject, list).find(of_level).unwrap();
                        let ends = self.live_entries(subject, list).filter(of_level).map(|grant| grant.end);
                        let category = first.category.clone();
                        Change::Listed { list: name, level, category, until: latest(ends) }
                    }
                };
                self.subjects[subject].lists.insert(list, level);
                self.decide(subject, time, grant.rule, change, false, &grant.reason);
            }
        }
    }

    /// The other tags of a tag's group.
    pub(crate) fn rivals(&self, tag: TagId) -> Vec<TagId> {
        let group = self.tree.tags[tag.index()].group;
        let members = group.map(|group| self.tree.groups[group.index()].members.clone());
        members.unwrap_or_default().into_iter().filter(|other| *other != tag).collect()
    }

    fn show_tag(&mut self, subject: usize, tag: TagId, grant: &Grant, time: Timestamp) {
        let until = latest(self.live_grants(subject, tag).map(|grant| grant.end));
        self.subjects[subject].tags.insert(tag, time);
        for length in super::eval::tagged_lengths(self.tree) {
            let due = self.calendar.add(time, length);
            self.subjects[subject].due.extend(due);
        }
        let change = Change::Tagged { tag: self.tree.tags[tag.index()].name.clone(), until };
        self.decide(subject, time, grant.rule, change, false, &grant.reason);
    }

    /// Ends a grant. Nothing is said until the end of the instant; of one that has not started, nothing ever.
    pub(crate) fn end(&mut self, subject: usize, at: usize, ending: Ending) {
        let this = &mut self.subjects[subject];
        let grant = &mut this.grants[at];
        grant.ended = true;
        if !grant.started {
            return;
        }
        let ending = Ending { suspended: grant.suspended.is_some(), ..ending };
        let touched = if grant.shadow {
            Touched::Shadow(grant.rule, grant.action)
        } else {
            Touched::Real(grant.target)
        };
        this.touched.retain(|(known, _)| *known != touched);
        this.touched.push((touched, ending));
    }

    pub(crate) fn announce_endings(&mut self, subject: usize, time: Timestamp) {
        for (touched, ending) in std::mem::take(&mut self.subjects[subject].touched) {
            self.announce_ending(subject, touched, &ending, time);
        }
    }

    /// Tells at once what has ended of a target.
    pub(crate) fn tell_ending(&mut self, subject: usize, target: Target, time: Timestamp) {
        let touched = &mut self.subjects[subject].touched;
        if let Some(at) = touched.iter().position(|(one, _)| *one == Touched::Real(target)) {
            let (one, ending) = touched.remove(at);
            self.announce_ending(subject, one, &ending, time);
        }
    }

    fn announce_ending(&mut self, subject: usize, touched: Touched, ending: &Ending, time: Timestamp) {
        {
            match touched {
                Touched::Real(Target::Tag(tag)) => self.announce_untagged(subject, tag, ending, time),
                Touched::Real(Target::List(list)) => self.announce_unlisted(subject, list, ending, time),
                Touched::Shadow(rule, action) => {
                    if self
                        .grant_of(subject, rule, action)
                        .is_some_and(|at| self.subjects[subject].grants[at].is_live())
                    {
                        return;
                    }
                    let grants = self.subjects[subject].grants.iter();
                    let mut own = grants.filter(|grant| grant.rule == rule && grant.action == action);
                    let target = own.next_back().unwrap().target;
                    let state = &mut self.subjects[subject].rules[rule].actions[action];
                    if std::mem::take(&mut state.announced) {
                        let change = self.ended(target, ending.cause);
                        self.decide(subject, time, ending.rule, change, true, &ending.reason);
                    }
                }
            }
        }
    }

    pub(crate) fn ended(&self, target: Target, cause: EndCause) -> Change {
        match target {
            Target::Tag(tag) => Change::Untagged { tag: self.tree.tags[tag.index()].name.clone(), cause },
            Target::List(list) => {
                Change::Unlisted { list: self.tree.lists[list.index()].name.clone(), cause }
            }
        }
    }

    fn announce_untagged(&mut self, subject: usize, tag: TagId, ending: &Ending, time: Timestamp) {
        if self.is_tagged(subject, tag) || self.subjects[subject].tags.remove(&tag).is_none() {
            return;
        }
        let change = self.ended(Target::Tag(tag), ending.cause);
        self.decide(subject, time, ending.rule, change, false, &ending.reason);
        let Some(next) = self.winner(subject, tag) else { return };
        if !self.subjects[subject].tags.contains_key(&next) {
            let grant = self.live_grants(subject, next).next().unwrap().clone();
            self.show_tag(subject, next, &grant, time);
        }
    }

    fn announce_unlisted(&mut self, subject: usize, list: ListId, ending: &Ending, time: Timestamp) {
        let Some(from) = self.subjects[subject].lists.get(&list).copied() else {
            let target = Target::List(list);
            let left = |grant: &Grant| grant.stands(target) && grant.started && grant.suspended.is_some();
            if ending.suspended && !self.subjects[subject].grants.iter().any(left) {
                let change = self.ended(target, ending.cause);
                self.decide(subject, time, ending.rule, change, false, &ending.reason);
            }
            return;
        };
        let change = match self.level(subject, list) {
            None => {
                self.subjects[subject].lists.remove(&list);
                self.ended(Target::List(list), ending.cause)
            }
            Some(level) if level > from => {
                self.subjects[subject].lists.insert(list, level);
                Change::LevelChanged { list: self.tree.lists[list.index()].name.clone(), level, from }
            }
            Some(_) => return,
        };
        self.decide(subject, time, ending.rule, change, false, &ending.reason);
    }
}

/// The latest end; none if one has none.
pub(crate) fn latest(ends: impl Iterator<Item = Option<Timestamp>>) -> Option<Timestamp> {
    let ends: Option<Vec<Timestamp>> = ends.collect();
    ends?.into_iter().max()
}
