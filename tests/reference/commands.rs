//! What people do, once more, as the guide's page on commands has it.

use super::grants::{Ending, Grant, Suspended, latest};
use super::{Moment, PERSON, Reference};
use std::sync::Arc;
use tagwarden::machinery::tree::{
    Action, GuardKind, Life, ListId, Permission, ScoreId, TagId, Target, Trigger,
};
use tagwarden::{
    About, By, Change, Command, CommandKind, Decision, Duration, EndCause, Lifted, ProposedAction, Reason,
    Refusal, ReviewOutcome, Spared, Term, Timestamp,
};

/// A proposal that nobody has decided.
#[derive(Clone, Debug)]
pub(crate) struct Open {
    pub(crate) number: u32,
    pub(crate) rule: usize,
    pub(crate) action: usize,
    pub(crate) shadow: bool,
    pub(crate) what: ProposedAction,
    pub(crate) reason: Arc<Reason>,
    /// What a person has asked for.
    pub(crate) command: Option<CommandKind>,
}

/// What people have decided beside tags and entries.
#[derive(Clone, Debug, Default)]
pub(crate) struct People {
    exemptions: Vec<(Spared, Option<Timestamp>, Arc<Reason>)>,
    marks: Vec<(Arc<str>, About)>,
    appeals: Vec<About>,
}

type Obeyed = Result<(), (Refusal, String)>;

fn refuse<T>(code: Refusal, why: impl Into<String>) -> Result<T, (Refusal, String)> {
    Err((code, why.into()))
}

fn refused(command: &CommandKind, (code, why): (Refusal, String)) -> Change {
    Change::Refused { command: command.name(), code, why: why.into() }
}

fn gives(action: &Action, target: Target) -> bool {
    match action {
        Action::Tag { tag, .. } => target == Target::Tag(*tag),
        Action::Add { list, .. } => target == Target::List(*list),
        Action::Propose(inner) => gives(inner, target),
        _ => false,
    }
}

impl Reference<'_> {
    pub(crate) fn obey(&mut self, command: &Command) {
        let time = command.time;
        let by = By { actor: command.actor.clone(), role: command.role.clone(), time };
        let reason =
            Reason { text: Some(command.reason.clone()), because: Vec::new(), by: Some(Box::new(by)) };
        let reason = Arc::new(reason);
        let mut checked = self.permitted(command).and_then(|()| self.check(command));
        let known = self.by_key.get(&(command.entity, command.subject.clone())).copied();
        let makes = matches!(
            command.kind,
            CommandKind::Tag { .. } | CommandKind::List { .. } | CommandKind::Exempt { .. }
        );
        let subject = match known {
            Some(known) => Some(known),
            None if checked.is_err() => None,
            None if makes => Some(self.subject(command.entity, &command.subject, time)),
            None => {
                checked =
                    refuse(Refusal::UnknownSubject, format!("nothing is known of {:?}", command.subject));
                None
            }
        };
        let Some(subject) = subject else {
            let change = refused(&command.kind, checked.unwrap_err());
            return self.tell(command, &command.subject, change, &reason);
        };
        match (&command.kind, checked) {
            (CommandKind::Forget, Ok(())) => {
                self.drop_subject(subject);
                self.tell(command, &command.subject, Change::Forgotten, &reason);
            }
            (CommandKind::Merge { into }, Ok(())) => self.merge(subject, into, command, &reason),
            (kind, checked) => self.instant_with(subject, time, None, |this| {
                let obeyed = checked.and_then(|()| this.carry_out(subject, kind, time, &reason, false));
                if let Err(why) = obeyed {
                    this.say(subject, time, refused(kind, why), &reason);
                }
            }),
        }
    }

    fn say(&mut self, subject: usize, time: Timestamp, change: Change, reason: &Arc<Reason>) {
        self.decide(subject, time, PERSON, change, false, reason);
    }

    fn tell(&mut self, command: &Command, key: &Arc<str>, change: Change, reason: &Arc<Reason>) {
        self.decisions.push(Decision {
            time: command.time,
            entity: self.tree.schema.entities[usize::from(command.entity.0)].clone(),
            subject: key.clone(),
            rule: None,
            shadow: false,
            change,
            reason: reason.clone(),
        });
    }

    fn drop_subject(&mut self, subject: usize) {
        self.by_key.retain(|_, at| *at != subject);
        self.subjects[subject].due.clear();
    }

    fn permitted(&self, command: &Command) -> Obeyed {
        if self.tree.roles.is_empty() {
            return Ok(());
        }
        let Some(name) = &command.role else { return refuse(Refusal::Role, "no role is given") };
        let Some(role) = self.tree.roles.iter().find(|role| role.name == *name) else {
            return refuse(Refusal::Role, format!("the rulebook has no role {name:?}"));
        };
        let plain = |permission: Permission, verb: &str| {
            if role.may.contains(&permission) {
                return Ok(());
            }
            refuse(Refusal::Role, format!("the role {name:?} may not {verb}"))
        };
        match &command.kind {
            CommandKind::Tag { .. } | CommandKind::Untag { .. } => plain(Permission::Tag, "tag"),
            CommandKind::List { list, .. } | CommandKind::Level { list, .. } => {
                let any = role.may.iter().any(|may| matches!(may, Permission::List(_)));
                match self.tree.lists.iter().position(|known| known.name == *list) {
                    Some(at) if role.may.contains(&Permission::List(ListId(at as u32))) => Ok(()),
                    None if any => Ok(()),
                    _ => refuse(Refusal::Role, format!("the role {name:?} may not list {list:?}")),
                }
            }
            CommandKind::Release { .. } => plain(Permission::Release, "release"),
            CommandKind::Suspend { .. } | CommandKind::Resume { .. } => plain(Permission::Suspend, "suspend"),
            CommandKind::Approve { .. } | CommandKind::Reject { .. } | CommandKind::Lapse { .. } => {
                plain(Permission::Approve, "approve")
            }
            CommandKind::Review { .. } | CommandKind::Settle { .. } => plain(Permission::Review, "review"),
            CommandKind::Appeal { .. } => plain(Permission::Appeal, "appeal"),
            CommandKind::Wrong { .. } | CommandKind::Exempt { .. } | CommandKind::Lift { .. } => {
                plain(Permission::Exempt, "exempt")
            }
            CommandKind::Merge { .. } => plain(Permission::Merge, "merge"),
            CommandKind::Forget => plain(Permission::Forget, "forget"),
            other => panic!("an unknown command: {other:?}"),
        }
    }

    fn tag_named(&self, name: &str) -> Result<Target, (Refusal, String)> {
        match self.tree.tags.iter().position(|tag| *tag.name == *name) {
            Some(at) => Ok(Target::Tag(TagId(at as u32))),
            None => refuse(Refusal::UnknownTag, format!("the rulebook has no tag {name:?}")),
        }
    }

    fn list_named(&self, name: &str) -> Result<Target, (Refusal, String)> {
        match self.tree.lists.iter().position(|list| *list.name == *name) {
            Some(at) => Ok(Target::List(ListId(at as u32))),
            None => refuse(Refusal::UnknownList, format!("the rulebook has no list {name:?}")),
        }
    }

    fn target(&self, about: &About) -> Result<Target, (Refusal, String)> {
        match about {
            About::Tag(name) => self.tag_named(name),
            About::List(name) => self.list_named(name),
        }
    }

    fn name(&self, target: Target) -> Arc<str> {
        match target {
            Target::Tag(tag) => self.tree.tags[tag.index()].name.clone(),
            Target::List(list) => self.tree.lists[list.index()].name.clone(),
        }
    }

    fn about(&self, target: Target) -> About {
        match target {
            Target::Tag(_) => About::Tag(self.name(target)),
            Target::List(_) => About::List(self.name(target)),
        }
    }

    fn level_of(&self, list: &str, level: Option<u8>) -> Result<u8, (Refusal, String)> {
        self.list_named(list)?;
        let levels = &self.tree.lists.iter().find(|known| *known.name == *list).unwrap().levels;
        match level {
            Some(level) if levels.iter().any(|known| known.number == level) => Ok(level),
            Some(level) => refuse(Refusal::UnknownLevel, format!("the list {list:?} has no level {level}")),
            None if levels.len() == 1 => Ok(levels[0].number),
            None => refuse(
                Refusal::UnknownLevel,
                format!("the list {list:?} has several levels, and none is given"),
            ),
        }
    }

    fn rule_named(&self, command: &Command, name: &str) -> Result<usize, (Refusal, String)> {
        let mut rules = self.tree.rules.iter();
        match rules.position(|rule| rule.entity == command.entity && *rule.name == *name) {
            Some(at) => Ok(at),
            None => refuse(Refusal::UnknownRule, format!("no rule {name:?} is about such a subject")),
        }
    }

    /// Start and end.
    fn span(
        &self,
        now: Timestamp,
        start: Option<Timestamp>,
        term: Term,
        usual: Option<Duration>,
        approved: bool,
    ) -> Result<(Timestamp, Option<Timestamp>), (Refusal, String)> {
        let mut start = start.unwrap_or(now);
        if start < now {
            if !approved {
                return refuse(Refusal::Time, "the start lies in the past");
            }
            start = now;
        }
        let end = match term {
            Term::Forever => None,
            Term::Until(end) => Some(end),
            Term::For(length) => self.calendar.add(start, length),
            Term::Usual => usual.and_then(|length| self.calendar.add(start, length)),
        };
        match end {
            Some(end) if end <= start => refuse(Refusal::Time, "the end is not after the start"),
            end => Ok((start, end)),
        }
    }

    /// What can be said without the subject.
    fn check(&self, command: &Command) -> Obeyed {
        let now = command.time;
        match &command.kind {
            CommandKind::Tag { tag, start, term } => {
                self.tag_named(tag)?;
                self.span(now, *start, *term, None, false)?;
            }
            CommandKind::Untag { tag } => {
                self.tag_named(tag)?;
            }
            CommandKind::List { list, level, category, start, term, .. } => {
                self.level_of(list, *level)?;
                let declared = self.tree.lists.iter().find(|known| known.name == *list).unwrap();
                if let Some(category) = category
                    && !declared.categories.is_empty()
                    && !declared.categories.contains(category)
                {
                    let why = format!("the list {list:?} has no category {category:?}");
                    return refuse(Refusal::UnknownCategory, why);
                }
                self.span(now, *start, *term, None, false)?;
            }
            CommandKind::Release { list } | CommandKind::Resume { list, .. } => {
                self.list_named(list)?;
            }
            CommandKind::Level { list, level } => {
                self.level_of(list, Some(*level))?;
            }
            CommandKind::Suspend { list, term, .. } => {
                self.list_named(list)?;
                self.span(now, None, *term, None, false)?;
            }
            CommandKind::Review { list, outcome, next, .. } => {
                self.list_named(list)?;
                if let ReviewOutcome::Change { level } = outcome {
                    self.level_of(list, Some(*level))?;
                }
                if next.is_some_and(|next| next <= now) {
                    return refuse(Refusal::Time, "the next review lies in the past");
                }
            }
            CommandKind::Appeal { against } | CommandKind::Settle { against, .. } => {
                self.target(against)?;
            }
            CommandKind::Wrong { rule, about } => {
                let target = self.target(about)?;
                let at = self.rule_named(command, rule)?;
                if !self.tree.rules[at].actions.iter().any(|action| gives(action, target)) {
                    let (kind, what) = about.named();
                    let why = format!("the rule {rule:?} does not set the {kind} {what:?}");
                    return refuse(Refusal::UnknownRule, why);
                }
            }
            CommandKind::Exempt { from, term } => {
                match from {
                    Spared::Rule(rule) => self.rule_named(command, rule).map(|_| ())?,
                    Spared::Tag(tag) => self.tag_named(tag).map(|_| ())?,
                    Spared::List(list) => self.list_named(list).map(|_| ())?,
                }
                self.span(now, None, *term, None, false)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn stands(&self, subject: usize, target: Target) -> Obeyed {
        if self.subjects[subject].grants.iter().any(|grant| grant.stands(target)) {
            return Ok(());
        }
        let name = self.name(target);
        refuse(
            Refusal::Absent,
            match target {
                Target::Tag(_) => format!("it does not have the tag {name:?}"),
                Target::List(_) => format!("it is not on the list {name:?}"),
            },
        )
    }

    fn carry_out(
        &mut self,
        subject: usize,
        kind: &CommandKind,
        time: Timestamp,
        reason: &Arc<Reason>,
        approved: bool,
    ) -> Obeyed {
        if !approved && self.is_protected(subject, kind, time)? {
            self.ask_second_person(subject, kind, time, reason);
            return Ok(());
        }
        match kind {
            CommandKind::Tag { tag, start, term } => {
                let target = self.tag_named(tag)?;
                let usual = self.tree.tags.iter().find(|known| known.name == *tag).unwrap().life;
                let span = self.span(time, *start, *term, usual, approved)?;
                self.hold(subject, (target, 0, None), span, None, time, reason);
            }
            CommandKind::List { list, level, category, start, term, review } => {
                let target = self.list_named(list)?;
                let declared = self.tree.lists.iter().find(|known| known.name == *list).unwrap();
                let span = self.span(time, *start, *term, declared.life, approved)?;
                let what = (target, self.level_of(list, *level)?, category.clone());
                self.hold(subject, what, span, review.or(declared.review), time, reason);
            }
            CommandKind::Untag { tag } => {
                let target = self.tag_named(tag)?;
                self.let_go(subject, target, EndCause::Removed, time, reason)?;
            }
            CommandKind::Release { list } => {
                let target = self.list_named(list)?;
                self.let_go(subject, target, EndCause::Removed, time, reason)?;
            }
            CommandKind::Level { list, level } => {
                let target = self.list_named(list)?;
                self.set_level(subject, target, *level, time, reason)?;
            }
            CommandKind::Suspend { list, term, session } => {
                let target = self.list_named(list)?;
                self.suspend(subject, target, *term, session, time, reason)?;
            }
            CommandKind::Resume { list, session } => {
                let target = self.list_named(list)?;
                self.resume(subject, target, session, time, reason)?;
            }
            CommandKind::Approve { proposal } => self.approve(subject, *proposal, time, reason)?,
            CommandKind::Reject { proposal } => {
                let open = self.close(subject, *proposal)?;
                let change = Change::Rejected { proposal: *proposal, action: open.what };
                self.say(subject, time, change, reason);
            }
            CommandKind::Lapse { proposal } => {
                let open = self.close(subject, *proposal)?;
                self.say(subject, time, Change::Lapsed { proposal: *proposal, action: open.what }, reason);
            }
            CommandKind::Review { list, outcome, next, review } => {
                let target = self.list_named(list)?;
                self.reviewed(subject, target, (*outcome, *next, *review), time, reason)?;
            }
            CommandKind::Appeal { against } => {
                self.stands(subject, self.target(against)?)?;
                if self.subjects[subject].people.appeals.contains(against) {
                    let (kind, name) = against.named();
                    let why = format!("an appeal against the {kind} {name:?} is open already");
                    return refuse(Refusal::Already, why);
                }
                self.subjects[subject].people.appeals.push(against.clone());
                self.say(subject, time, Change::Appealed(against.clone()), reason);
            }
            CommandKind::Settle { against, granted } => {
                let target = self.target(against)?;
                let appeals = &mut self.subjects[subject].people.appeals;
                let Some(at) = appeals.iter().position(|open| open == against) else {
                    let (kind, name) = against.named();
                    let why = format!("there is no open appeal against the {kind} {name:?}");
                    return refuse(Refusal::Absent, why);
                };
                appeals.remove(at);
                let change = Change::Settled { about: against.clone(), granted: *granted };
                self.say(subject, time, change, reason);
                if *granted && self.stands(subject, target).is_ok() {
                    self.let_go(subject, target, EndCause::Appeal, time, reason)?;
                }
            }
            CommandKind::Wrong { rule, about } => self.mark_wrong(subject, rule, about, time, reason)?,
            CommandKind::Exempt { from, term } => {
                let (_, end) = self.span(time, None, *term, None, approved)?;
                let this = &mut self.subjects[subject];
                this.people.exemptions.retain(|(known, ..)| known != from);
                this.people.exemptions.push((from.clone(), end, reason.clone()));
                this.due.extend(end);
                self.say(subject, time, Change::Exempted { from: from.clone(), until: end }, reason);
            }
            CommandKind::Lift { what } => self.lift(subject, what, time, reason)?,
            other => panic!("an unknown command: {other:?}"),
        }
        Ok(())
    }

    fn is_protected(
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

    fn ask_second_person(
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

    fn hold(
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
        let grant = Grant {
            rule: PERSON,
            action: self.subjects[subject].granted as usize,
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
        };
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
    fn level_and_end(&self, subject: usize, target: Target) -> (u8, Option<Timestamp>) {
        let live = |grant: &&Grant| grant.stands(target) && grant.is_live();
        let grants = || self.subjects[subject].grants.iter().filter(live);
        let level = grants().map(|grant| grant.level).min().unwrap();
        (level, latest(grants().filter(|grant| grant.level == level).map(|grant| grant.end)))
    }

    fn end_where(
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

    fn let_go(
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

    fn set_level(
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

    fn suspend(
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

    fn resume(
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

    fn reviewed(
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

    pub(crate) fn spared(&self, subject: usize, rule: usize, target: Target) -> bool {
        let people = &self.subjects[subject].people;
        let about = self.about(target);
        let from = match about.clone() {
            About::Tag(tag) => Spared::Tag(tag),
            About::List(list) => Spared::List(list),
        };
        self.rule_spared(subject, rule)
            || people.exemptions.iter().any(|(known, ..)| *known == from)
            || people.marks.contains(&(self.tree.rules[rule].name.clone(), about))
    }

    fn rule_spared(&self, subject: usize, rule: usize) -> bool {
        let from = Spared::Rule(self.tree.rules[rule].name.clone());
        self.subjects[subject].people.exemptions.iter().any(|(known, ..)| *known == from)
    }

    /// Of what is neither a tag nor an entry: whether a person has said that the rule is not to do it.
    pub(crate) fn is_held_back(&self, subject: usize, rule: usize, action: &Action) -> bool {
        if matches!(action, Action::Tag { .. } | Action::Add { .. }) {
            return false;
        }
        let marked = self.subjects[subject].people.marks.iter().any(|(name, about)| {
            let target = self.target(about).unwrap();
            *name == self.tree.rules[rule].name && gives(action, target)
        });
        marked || self.rule_spared(subject, rule)
    }

    fn mark_wrong(
        &mut self,
        subject: usize,
        name: &Arc<str>,
        about: &About,
        time: Timestamp,
        reason: &Arc<Reason>,
    ) -> Obeyed {
        let mark = (name.clone(), about.clone());
        if self.subjects[subject].people.marks.contains(&mark) {
            return refuse(Refusal::Already, "it is marked already");
        }
        self.subjects[subject].people.marks.push(mark);
        let change = Change::MarkedWrong { rule: name.clone(), about: about.clone() };
        self.say(subject, time, change, reason);
        let target = self.target(about)?;
        let rule = self.tree.rules.iter().position(|rule| rule.name == *name).unwrap();
        if matches!(self.tree.rules[rule].trigger, Trigger::While) && self.subjects[subject].rules[rule].held
        {
            let this = &mut self.subjects[subject];
            for grant in this.grants.iter().filter(|grant| grant.stands(target) && grant.rule == rule) {
                let state = &mut this.rules[rule].actions[grant.action];
                (state.pending, state.reported) = (true, true);
            }
        }
        let own = |grant: &Grant| grant.rule == rule && grant.target == target;
        self.end_where(subject, own, EndCause::Wrong, reason);
        self.tell_ending(subject, target, time);
        Ok(())
    }

    fn lift(&mut self, subject: usize, what: &Lifted, time: Timestamp, reason: &Arc<Reason>) -> Obeyed {
        let people = &mut self.subjects[subject].people;
        let before = people.marks.len() + people.exemptions.len();
        match what {
            Lifted::Mark { rule, about } => people.marks.retain(|(name, of)| name != rule || of != about),
            Lifted::Exemption(from) => people.exemptions.retain(|(known, ..)| known != from),
        }
        if people.marks.len() + people.exemptions.len() == before {
            return refuse(
                Refusal::Absent,
                match what {
                    Lifted::Mark { rule, .. } => format!("the rule {rule:?} has no such mark"),
                    Lifted::Exemption(from) => {
                        let (kind, name) = from.named();
                        format!("it is not exempt from the {kind} {name:?}")
                    }
                },
            );
        }
        self.say(subject, time, Change::Lifted { what: what.clone(), cause: EndCause::Removed }, reason);
        Ok(())
    }

    pub(crate) fn run_out_exemptions(&mut self, subject: usize, time: Timestamp) {
        let exemptions = std::mem::take(&mut self.subjects[subject].people.exemptions);
        for (from, end, reason) in exemptions {
            if end.is_some_and(|end| end <= time) {
                let what = Lifted::Exemption(from);
                self.say(subject, time, Change::Lifted { what, cause: EndCause::Expired }, &reason);
            } else {
                self.subjects[subject].people.exemptions.push((from, end, reason));
            }
        }
    }

    fn open(&self, subject: usize, number: u32) -> Result<Open, (Refusal, String)> {
        let mut proposals = self.subjects[subject].proposals.iter();
        match proposals.find(|open| open.number == number && !open.shadow) {
            Some(open) => Ok(open.clone()),
            None => refuse(Refusal::Absent, format!("there is no open proposal {number}")),
        }
    }

    fn close(&mut self, subject: usize, number: u32) -> Result<Open, (Refusal, String)> {
        let open = self.open(subject, number)?;
        self.subjects[subject].proposals.retain(|other| other.shadow || other.number != number);
        Ok(open)
    }

    fn approve(&mut self, subject: usize, number: u32, time: Timestamp, reason: &Arc<Reason>) -> Obeyed {
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
    fn approved_grant(
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
        Ok(Some(Grant {
            rule: open.rule,
            action: open.action,
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
            reason: open.reason.clone(),
        }))
    }

    fn end_of_rules(
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

    fn merge(&mut self, subject: usize, into: &Arc<str>, command: &Command, reason: &Arc<Reason>) {
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

    fn absorb(&mut self, own: usize, from: usize, time: Timestamp, reason: &Arc<Reason>) {
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

    fn real_grant_of(&self, subject: usize, rule: usize, action: usize) -> Option<usize> {
        let mut grants = self.subjects[subject].grants.iter();
        let own = |grant: &Grant| (grant.rule, grant.action) == (rule, action);
        grants.position(|grant| own(grant) && !grant.ended && !grant.shadow)
    }

    fn take_over(&mut self, own: usize, mut grant: Grant, time: Timestamp) {
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
