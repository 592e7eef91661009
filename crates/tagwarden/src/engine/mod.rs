//! The engine: one stream of inputs in, decisions out.

mod act;
mod announce;
mod eval;
mod explain;
mod instant;
mod intake;
mod persist;
mod pick;
mod reload;
mod rules;
mod status;
mod table;

pub use reload::{Orphans, ReloadReport, RuleFate, WindowFate};
pub use status::{
    EntryStatus, Permit, ProposalStatus, ScoreStatus, Status, StatusError, TagStatus, WhyNot, WhyNotPart,
};

use crate::decision::{Change, Decision, Reason, RuleRef};
use crate::event::{Event, Input, InputError};
use crate::limits::Limits;
use crate::plan::Plan;
use crate::rulebook::Rulebook;
use crate::schema::EntityId;
use crate::state::Subject;
use crate::value::{Duration, Timestamp};
use crate::window::NEVER;
use eval::Warming;
use instant::{Instant, Scratch};
use intake::Intake;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use table::Table;

/// How an [`Engine`] treats its inputs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "built with ..EngineOptions::default()")]
pub struct EngineOptions {
    /// How much older than the newest one an input may be. Inputs are held back for as long. A fixed length.
    pub lateness: Duration,
    /// For how long the `id` of an applied event is remembered, so that a second one is a duplicate.
    pub dedup: Option<Duration>,
    /// Key of the hashes that stand for private values in state. Keep it secret, and the same across restarts.
    pub hash_key: [u8; 16],
    /// What the state may grow to.
    pub limits: Limits,
}

/// A stream of inputs under a rulebook: the only thing that changes.
///
/// Time comes in with the inputs. The engine reads no clock, no file and no network, starts no thread, and draws no random
/// number, so the same inputs always give the same decisions.
///
/// ```
/// use tagwarden::{Engine, Reader, Rulebook, TimeUnit};
/// let rulebook = Rulebook::compile(r#"
///     entity customer
///     event login(customer) {}
///     rule busy { when count(login) over 1h >= 2 then tag busy for 1d }
/// "#)?;
/// let reader = Reader::new(rulebook.schema(), TimeUnit::Millis);
/// let mut engine = Engine::new(&rulebook);
/// let mut decisions = Vec::new();
/// for line in [
///     r#"{"type":"login","time":"2026-01-01T00:00:00Z","customer":"c1"}"#,
///     r#"{"type":"login","time":"2026-01-01T00:30:00Z","customer":"c1"}"#,
/// ] {
///     decisions.extend(engine.apply(&reader.json(line.as_bytes())?)?);
/// }
/// assert_eq!(decisions[0].kind(), "tagged");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Engine {
    rulebook: Rulebook,
    options: EngineOptions,
    /// Time of the last instant, and whether a tick has closed it.
    clock: Option<Timestamp>,
    closed: bool,
    table: Table,
    /// Due times, each with its subject. A subject stands here at most once with the time in `Subject::queued`.
    due: BinaryHeap<Reverse<(i64, u32)>>,
    intake: Intake,
    scratch: Scratch,
    saturations: u64,
    /// Rules that a reload has left behind, whose grants live on.
    orphans: Vec<RuleRef>,
    /// Windows that a reload has started empty.
    warming: Warming,
}

impl Engine {
    /// An engine with the default options: no lateness, no search for duplicates.
    #[must_use]
    pub fn new(rulebook: &Rulebook) -> Engine {
        Engine::with_options(rulebook, EngineOptions::default())
    }

    /// An engine with options.
    #[must_use]
    pub fn with_options(rulebook: &Rulebook, options: EngineOptions) -> Engine {
        Engine {
            rulebook: rulebook.clone(),
            intake: Intake::new(options.lateness, options.dedup),
            options,
            clock: None,
            closed: false,
            table: Table::default(),
            due: BinaryHeap::new(),
            scratch: Scratch::default(),
            saturations: 0,
            orphans: Vec::new(),
            warming: Warming::default(),
        }
    }

    /// The rulebook that it runs.
    #[must_use]
    pub fn rulebook(&self) -> &Rulebook {
        &self.rulebook
    }

    /// The time of the last input applied, or tick; `None` before the first.
    #[must_use]
    pub fn clock(&self) -> Option<Timestamp> {
        self.clock
    }

    /// How many subjects it knows.
    #[must_use]
    pub fn subjects(&self) -> usize {
        self.table.len()
    }

    /// How many instants had a number beyond the range, which was saturated.
    #[must_use]
    pub fn saturations(&self) -> u64 {
        self.saturations
    }

    /// Applies an event and returns what follows from it, and from the time that has passed.
    ///
    /// # Errors
    /// [`InputError`]: the event is late, a duplicate, not of the schema, or beyond a limit. It has changed nothing.
    pub fn process(&mut self, event: &Event) -> Result<Vec<Decision>, InputError> {
        let mut decisions = Vec::new();
        self.process_into(event, &mut |decision| decisions.push(decision))?;
        Ok(decisions)
    }

    /// [`Engine::process`], handing each decision to a sink as soon as it is made.
    ///
    /// # Errors
    /// As [`Engine::process`].
    pub fn process_into(&mut self, event: &Event, sink: &mut dyn FnMut(Decision)) -> Result<(), InputError> {
        event.validate(self.rulebook.schema())?;
        self.check_limits(event)?;
        if self.intake.is_direct() {
            self.check_order(event.time)?;
            self.apply_event(event, sink);
            return Ok(());
        }
        let clock = self.clock.filter(|_| self.closed);
        self.intake.accept(event, clock)?;
        while let Some(event) = self.intake.release() {
            self.apply_event(&event, sink);
        }
        Ok(())
    }

    /// Moves the clock: everything due up to `time` happens, and every input up to it counts as seen.
    ///
    /// # Errors
    /// [`InputError::Late`] if the clock is later already.
    pub fn advance_to(&mut self, time: Timestamp) -> Result<Vec<Decision>, InputError> {
        let mut decisions = Vec::new();
        self.advance_into(time, &mut |decision| decisions.push(decision))?;
        Ok(decisions)
    }

    /// [`Engine::advance_to`], handing each decision to a sink as soon as it is made.
    ///
    /// # Errors
    /// As [`Engine::advance_to`].
    pub fn advance_into(
        &mut self,
        time: Timestamp,
        sink: &mut dyn FnMut(Decision),
    ) -> Result<(), InputError> {
        if let Some(clock) = self.clock.filter(|clock| time < *clock) {
            return Err(InputError::Late { time, clock });
        }
        self.intake.close(time);
        while let Some(event) = self.intake.release() {
            self.apply_event(&event, sink);
        }
        self.run_due(time.micros(), sink);
        self.clock = Some(time);
        self.closed = true;
        Ok(())
    }

    /// Applies an input.
    ///
    /// # Errors
    /// As [`Engine::process`] and [`Engine::advance_to`].
    pub fn apply(&mut self, input: &Input) -> Result<Vec<Decision>, InputError> {
        match input {
            Input::Event(event) => self.process(event),
            Input::Tick(time) => self.advance_to(*time),
        }
    }

    /// Applies the inputs that lateness holds back, as at the end of a stream.
    pub fn finish(&mut self) -> Vec<Decision> {
        let mut decisions = Vec::new();
        self.intake.open_all();
        while let Some(event) = self.intake.release() {
            self.apply_event(&event, &mut |decision| decisions.push(decision));
        }
        decisions
    }

    /// Removes every trace of a subject, also from the inputs that are held back; `None` where there is none.
    ///
    /// An event that concerns another subject as well stays counted for that one.
    pub fn forget(&mut self, entity: &str, key: &str) -> Option<Decision> {
        let entity_id = self.rulebook.schema().entity(entity)?;
        let held = self.intake.forget(self.rulebook.schema(), entity_id, key);
        let subject = self.table.remove(entity_id, key);
        if !held && subject.is_none() {
            return None;
        }
        Some(Decision {
            time: self.clock.unwrap_or(Timestamp::MIN),
            entity: entity.into(),
            subject: key.into(),
            rule: None,
            shadow: false,
            change: Change::Forgotten,
            reason: Arc::new(Reason::default()),
        })
    }

    fn check_order(&self, time: Timestamp) -> Result<(), InputError> {
        match self.clock {
            Some(clock) if time < clock || (time == clock && self.closed) => {
                Err(InputError::Late { time, clock })
            }
            _ => Ok(()),
        }
    }

    fn check_limits(&mut self, event: &Event) -> Result<(), InputError> {
        let limits = &self.options.limits;
        let beyond = |limit: &'static str, most: usize| Err(InputError::Limit { limit, most: most as u64 });
        if self.intake.len() >= limits.held_inputs {
            return beyond("held inputs", limits.held_inputs);
        }
        if event.texts().any(|text| text.len() > limits.text_bytes) {
            return beyond("bytes of a text", limits.text_bytes);
        }
        let Some(ty) = self.rulebook.schema().event_type(event.event) else { return Ok(()) };
        for (entity, key) in ty.entities.iter().zip(&event.keys) {
            match self.table.find(*entity, key).and_then(|at| self.table.get(at)) {
                None if self.table.len() >= limits.subjects => return beyond("subjects", limits.subjects),
                // Counting is dear, so it is done now and then; few events can come in between.
                Some(subject) if subject.uncounted >= COUNT_EVERY && subject.held() >= limits.held_events => {
                    return beyond("held events of a subject", limits.held_events);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn apply_event(&mut self, event: &Event, sink: &mut dyn FnMut(Decision)) {
        let now = event.time.micros();
        if self.clock.is_none_or(|clock| clock < event.time) {
            self.run_due(now - 1, sink);
        }
        self.clock = Some(event.time);
        self.closed = false;
        let rulebook = self.rulebook.clone();
        let plan = rulebook.plan();
        let Some(ty) = plan.tree.schema.event_type(event.event) else { return };
        for (entity, key) in ty.entities.iter().zip(&event.keys) {
            let at = self.table.find_or_insert(plan, *entity, key);
            if let Some(subject) = self.table.get_mut(at) {
                subject.uncounted = if subject.uncounted >= COUNT_EVERY { 0 } else { subject.uncounted + 1 };
            }
            self.instant(plan, at, event.time, Some(event), sink);
        }
    }

    /// Has everything happen that is due up to a time.
    fn run_due(&mut self, until: i64, sink: &mut dyn FnMut(Decision)) {
        if self.due.peek().is_none_or(|Reverse((time, _))| *time > until) {
            return;
        }
        let rulebook = self.rulebook.clone();
        let plan = rulebook.plan();
        while let Some(Reverse((time, at))) =
            self.due.peek().copied().filter(|Reverse((time, _))| *time <= until)
        {
            self.due.pop();
            let Some(subject) = self.table.get_mut(at).filter(|subject| subject.queued == time) else {
                continue;
            };
            subject.queued = NEVER;
            if subject.wake > time {
                // What was due has moved away since.
                self.queue(at);
            } else if let Some(time) = Timestamp::from_micros(time) {
                self.instant(plan, at, time, None, sink);
            }
        }
    }

    fn instant(
        &mut self,
        plan: &Plan,
        at: u32,
        now: Timestamp,
        event: Option<&Event>,
        sink: &mut dyn FnMut(Decision),
    ) {
        let Some(subject) = self.table.get_mut(at) else { return };
        let Some(entity) = plan.entity(subject.entity) else { return };
        Instant {
            plan,
            entity,
            subject,
            now,
            event,
            orphans: &self.orphans,
            warming: &self.warming,
            scratch: &mut self.scratch,
            hash_key: &self.options.hash_key,
            sink,
        }
        .run();
        self.saturations += u64::from(self.scratch.saturated.take());
        self.queue(at);
    }

    /// Puts a subject into the queue of due times, if it does not stand there early enough.
    fn queue(&mut self, at: u32) {
        if let Some(subject) = self.table.get_mut(at)
            && subject.wake < subject.queued
        {
            subject.queued = subject.wake;
            self.due.push(Reverse((subject.wake, at)));
        }
    }

    /// The rule of a grant that a reload has left behind.
    fn orphan(&self, rule: u32) -> Option<&RuleRef> {
        self.orphans.get(rule.checked_sub(FIRST_ORPHAN)? as usize)
    }

    fn subject(&self, entity: EntityId, key: &str) -> Option<&Subject> {
        self.table.get(self.table.find(entity, key)?)
    }
}

/// Owners of grants from here on are no rules of the plan, but [`Engine::orphans`].
const FIRST_ORPHAN: u32 = 1 << 31;

/// After how many events of a subject those that it holds are counted.
const COUNT_EVERY: u32 = 256;
