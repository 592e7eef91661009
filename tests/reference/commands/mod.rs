//! What people do, once more, as the guide's page on commands has it.

mod hold;
mod merge;
mod names;
mod propose;
mod review;
mod spare;
mod suspend;

use super::{PERSON, Reference};
use std::sync::Arc;
use tagwarden::machinery::tree::{Action, ListId, Permission, Target};
use tagwarden::{
    About, By, Change, Command, CommandKind, Decision, EndCause, ProposedAction, Reason, Refusal, Spared,
    Timestamp,
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
}
