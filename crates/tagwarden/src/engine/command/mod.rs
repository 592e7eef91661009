//! What people do: a command is checked, carried out on its subject, and answered with decisions.
//!
//! Nothing of this is on the way of an event: what commands leave behind lies with the grants of a subject, on demand.

mod check;
mod hold;
mod merge;
mod permit;
mod propose;
mod review;
mod spare;
mod status;
mod suspend;

pub(super) use check::gives;
pub use permit::Viewer;
pub(super) use status::add_people;
pub use status::{AppealStatus, ExemptionStatus, MarkStatus, PlannedStatus, SuspendedStatus};

use super::Engine;
use super::instant::{Because, Instant};
use super::running::{Running, Sink};
use crate::check::tree::Target;
use crate::decision::{By, Change, Decision, DecisionRef, EndCause, Reason, Refusal, ReviewOutcome};
use crate::event::{Command, CommandKind, InputError};
use crate::grants::PERSON;
use crate::limits::Limits;
use crate::plan::Plan;
use crate::state::Subject;
use crate::value::Timestamp;
use check::{check, level_of, list, tag, target};
use std::sync::Arc;

/// Why a command is not carried out: a code for programs, and a text for people.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) code: Refusal,
    pub(super) why: String,
}

impl Refused {
    fn new<T>(code: Refusal, why: impl Into<String>) -> Result<T, Refused> {
        Err(Refused { code, why: why.into() })
    }

    fn change(&self, command: &'static str) -> Change {
        Change::Refused { command, code: self.code, why: self.why.as_str().into() }
    }
}

/// Nothing, or why not.
type Obeyed = Result<(), Refused>;

/// What a person has said, and who it was.
fn reason_of(command: &Command) -> Arc<Reason> {
    let by = By { actor: command.actor.clone(), role: command.role.clone(), time: command.time };
    Arc::new(Reason { text: Some(command.reason.clone()), because: Vec::new(), by: Some(Box::new(by)) })
}

impl Engine {
    /// Applies a command and returns what follows from it, and from the time that has passed.
    ///
    /// A command that the rulebook or the state of the subject does not allow is no error: it is answered with a decision of the
    /// kind `refused`.
    ///
    /// # Errors
    /// As [`Engine::process`].
    pub fn command(&mut self, command: &Command) -> Result<Vec<Decision>, InputError> {
        super::collect(|sink| self.command_into(command, sink))
    }

    /// [`Engine::command`], handing each decision to a sink as soon as it is made.
    ///
    /// # Errors
    /// As [`Engine::command`]; the sink has had the decisions of an unfinished call.
    pub fn command_into(
        &mut self,
        command: &Command,
        sink: &mut dyn FnMut(&DecisionRef<'_>),
    ) -> Result<(), InputError> {
        command.validate(self.rulebook.schema())?;
        let limits = &self.options.limits;
        if command.texts().iter().any(|text| text.len() > limits.text_bytes) {
            return Err(InputError::Limit { limit: "bytes of a text", most: limits.text_bytes as u64 });
        }
        self.state.scratch.decisions = 0;
        if self.intake.is_direct() {
            self.state.check_order(command.time)?;
            return self.state.obey(self.rulebook.plan(), Some(limits), command, sink);
        }
        // What an unfinished call has left comes first.
        if !self.release(sink) {
            return Err(self.state.unfinished(command.time));
        }
        let limits = &self.options.limits;
        if self.intake.len() >= limits.held_inputs {
            return Err(InputError::Limit { limit: "held inputs", most: limits.held_inputs as u64 });
        }
        self.intake.accept_command(command, self.state.clock.filter(|_| self.state.closed))?;
        self.release(sink);
        Ok(())
    }
}

impl Running {
    /// Applies a command that stands the checks of order.
    ///
    /// # Errors
    /// A limit, if `limits` are given. Nothing has changed then.
    pub(super) fn obey(
        &mut self,
        plan: &Plan,
        limits: Option<&Limits>,
        command: &Command,
        sink: &mut Sink<'_>,
    ) -> Result<(), InputError> {
        let Some(entity) = plan.entity(command.entity) else { return Ok(()) };
        let mut found = self.table.find(command.entity, &command.subject);
        if let (None, Some(limits)) = (found, limits) {
            self.check_subjects(limits)?;
        }
        let most = limits.map_or(usize::MAX, |limits| limits.decisions);
        if self.clock.is_none_or(|clock| clock < command.time)
            && !self.run_due(plan, command.time.micros() - 1, most, sink)
        {
            return Err(self.unfinished(command.time));
        }
        let reason = reason_of(command);
        let mut checked = permit::permitted(&plan.tree, command)
            .and_then(|()| check(&plan.tree, entity, command.time, &command.kind));
        if found.is_none() && checked.is_ok() {
            if makes_known(&command.kind) {
                found = Some(self.table.add(Subject::new(command.entity, command.subject.clone())));
            } else {
                checked = unknown(&command.subject);
            }
        }
        self.clock = Some(command.time);
        self.closed = false;
        match (found, checked) {
            (None, Ok(())) => {}
            (None, Err(refused)) => self.tell(plan, command, &refused.change(command.name()), &reason, sink),
            (Some(at), Ok(())) if matches!(command.kind, CommandKind::Forget) => {
                self.forget_at(plan, at, command, &reason, sink);
            }
            (Some(at), Ok(())) if matches!(command.kind, CommandKind::Merge { .. }) => {
                self.merge(plan, at, command, &reason, sink);
            }
            (Some(at), checked) => self.instant_with(plan, at, command.time, sink, |instant| {
                let obeyed = checked.and_then(|()| instant.obey(&command.kind, &reason, false));
                if let Err(refused) = obeyed {
                    instant.say(&refused.change(command.name()), &reason);
                }
            }),
        }
        self.exempting |= matches!(
            command.kind,
            CommandKind::Exempt { .. } | CommandKind::Wrong { .. } | CommandKind::Merge { .. }
        );
        self.scratch.scanner.get_mut().clear();
        Ok(())
    }

    /// An instant of a subject at which something else than an event happens.
    fn instant_with(
        &mut self,
        plan: &Plan,
        at: u32,
        now: Timestamp,
        sink: &mut Sink<'_>,
        input: impl FnOnce(&mut Instant<'_>),
    ) {
        let Some(subject) = self.table.get_mut(at) else { return };
        let Some(entity) = plan.entity(subject.entity) else { return };
        Instant {
            plan,
            entity,
            subject,
            now,
            event: None,
            orphans: &self.orphans,
            warming: &self.warming,
            scratch: &mut self.scratch,
            hash_key: &self.hash_key,
            watched: self.watched,
            // What the command is about to spare counts at this very instant.
            exempting: true,
            sink,
        }
        .run_with(input);
        self.saturations += u64::from(self.scratch.saturated.take());
        self.queue(at);
    }

    /// Hands out a decision on a command whose subject is not, or no longer, here.
    fn tell(
        &mut self,
        plan: &Plan,
        command: &Command,
        change: &Change,
        reason: &Arc<Reason>,
        sink: &mut Sink<'_>,
    ) {
        let Some(entity) = plan.tree.schema.entities.get(usize::from(command.entity.0)) else { return };
        self.scratch.decisions += 1;
        let (time, subject) = (command.time, &command.subject);
        sink(&DecisionRef { time, entity, subject, rule: None, shadow: false, change, why: reason });
    }
}

/// Whether a command may be the first that is heard of a subject.
fn makes_known(kind: &CommandKind) -> bool {
    matches!(kind, CommandKind::Tag { .. } | CommandKind::List { .. } | CommandKind::Exempt { .. })
}

fn unknown<T>(key: &str) -> Result<T, Refused> {
    Refused::new(Refusal::UnknownSubject, format!("nothing is known of {key:?}"))
}

impl Instant<'_> {
    /// Hands out a decision of a person.
    pub(super) fn say(&mut self, change: &Change, reason: &Arc<Reason>) {
        self.decide(PERSON, false, change, Because::Known(reason));
    }

    /// Carries out what has been checked. `approved`: a second person has agreed to it.
    pub(super) fn obey(&mut self, kind: &CommandKind, reason: &Arc<Reason>, approved: bool) -> Obeyed {
        let tree = &self.plan.tree;
        if !approved && self.needs_second_person(kind)? {
            self.ask_second_person(kind, reason);
            return Ok(());
        }
        match kind {
            CommandKind::Tag { tag: name, start, term } => {
                let life = tree.tags.get(tag(tree, name)?.index()).and_then(|tag| tag.life);
                let span = check::span(tree, self.now, *start, *term, life, approved)?;
                self.hold(Target::Tag(tag(tree, name)?), 0, None, span, None, reason);
            }
            CommandKind::Untag { tag: name } => {
                self.let_go(Target::Tag(tag(tree, name)?), EndCause::Removed, reason)?
            }
            CommandKind::List { list: name, level, category, start, term, review } => {
                let id = list(tree, name)?;
                let declared = tree.lists.get(id.index());
                let life = declared.and_then(|list| list.life);
                let span = check::span(tree, self.now, *start, *term, life, approved)?;
                let level = level_of(tree, name, *level)?;
                let review = review.or_else(|| declared.and_then(|list| list.review));
                self.hold(Target::List(id), level, category.clone(), span, review, reason);
            }
            CommandKind::Release { list: name } => {
                self.let_go(Target::List(list(tree, name)?), EndCause::Removed, reason)?;
            }
            CommandKind::Level { list: name, level } => {
                self.set_level(Target::List(list(tree, name)?), *level, reason)?;
            }
            CommandKind::Suspend { list: name, term, session } => {
                self.suspend(Target::List(list(tree, name)?), *term, session.as_ref(), reason)?;
            }
            CommandKind::Resume { list: name, session } => {
                self.resume(Target::List(list(tree, name)?), session.as_ref(), reason)?;
            }
            CommandKind::Approve { proposal } => self.approve(*proposal, reason)?,
            CommandKind::Reject { proposal } => {
                let closed = self.close(*proposal)?;
                self.say(&Change::Rejected { proposal: *proposal, action: closed.action }, reason);
            }
            CommandKind::Lapse { proposal } => {
                let closed = self.close(*proposal)?;
                self.say(&Change::Lapsed { proposal: *proposal, action: closed.action }, reason);
            }
            CommandKind::Review { list: name, outcome, next, review } => {
                let next = next.filter(|_| *outcome != ReviewOutcome::Release);
                self.review(Target::List(list(tree, name)?), *outcome, next, *review, reason)?;
            }
            CommandKind::Appeal { against } => self.appeal(against, reason)?,
            CommandKind::Settle { against, granted } => self.settle(against, *granted, reason)?,
            CommandKind::Wrong { rule, about } => {
                self.mark_wrong(rule, about, target(tree, about)?, reason)?
            }
            CommandKind::Exempt { from, term } => {
                let (_, end) = check::span(tree, self.now, None, *term, None, approved)?;
                self.exempt(from, end, reason);
            }
            CommandKind::Lift { what } => self.lift(what, reason)?,
            // These are about the table of subjects.
            CommandKind::Merge { .. } | CommandKind::Forget => {}
        }
        Ok(())
    }
}
