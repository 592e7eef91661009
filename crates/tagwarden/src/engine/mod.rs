//! The engine: one stream of inputs in, decisions out.

mod act;
mod ahead;
mod announce;
mod cause;
mod command;
mod dirty;
mod eval;
mod explain;
mod instant;
mod intake;
mod persist;
mod pick;
mod reload;
mod rules;
mod running;
#[cfg(feature = "rayon")]
mod sharded;
mod status;
mod sweep;
mod table;

pub use command::{AppealStatus, ExemptionStatus, MarkStatus, PlannedStatus, SuspendedStatus, Viewer};
pub use reload::{Orphans, ReloadReport, RuleFate, WindowFate};
#[cfg(feature = "rayon")]
pub use sharded::ShardedEngine;
pub use status::{
    EntryStatus, Permit, ProposalStatus, ScoreStatus, Status, StatusError, TagStatus, WhyNot, WhyNotPart,
};

use crate::decision::{Decision, DecisionRef, RuleRef};
use crate::event::{Event, Input, InputError};
use crate::limits::Limits;
use crate::rulebook::Rulebook;
use crate::schema::EntityId;
use crate::state::Subject;
use crate::value::{Duration, Timestamp};
use ahead::AHEAD;
use intake::{Intake, Pending};
use running::Running;

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
    intake: Intake,
    state: Running,
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
            state: Running { hash_key: options.hash_key, ..Running::default() },
            options,
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
        self.state.clock
    }

    /// How many subjects it knows.
    #[must_use]
    pub fn subjects(&self) -> usize {
        self.state.table.len()
    }

    /// How many instants had a number beyond the range, which was saturated.
    #[must_use]
    pub fn saturations(&self) -> u64 {
        self.state.saturations
    }

    /// Forgets every subject, input and tick, as if it were new. Its memory is used again, so this costs less than a new engine: for who
    /// replays the history of one subject after the other.
    ///
    /// ```
    /// # use tagwarden::{Engine, Reader, Rulebook, TimeUnit};
    /// let rulebook = Rulebook::compile("entity customer event login(customer) {} rule all { on login then emit seen }")?;
    /// let reader = Reader::new(rulebook.schema(), TimeUnit::Millis);
    /// let mut engine = Engine::new(&rulebook);
    /// for line in [r#"{"type":"login","time":2,"customer":"c1"}"#, r#"{"type":"login","time":1,"customer":"c2"}"#] {
    ///     engine.restart();
    ///     assert_eq!(engine.apply(&reader.json(line.as_bytes())?)?.len(), 1, "no event is late");
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn restart(&mut self) {
        self.intake = Intake::new(self.options.lateness, self.options.dedup);
        self.state.restart();
    }

    /// Applies an event and returns what follows from it, and from the time that has passed.
    ///
    /// # Errors
    /// [`InputError`]: the event is late, a duplicate, not of the schema, or beyond a limit. It has changed nothing.
    /// [`InputError::Unfinished`]: so much was due before it that the limit on decisions was reached. They are in the error;
    /// the event has not been applied, and the same call goes on.
    pub fn process(&mut self, event: &Event) -> Result<Vec<Decision>, InputError> {
        collect(|sink| self.process_into(event, sink))
    }

    /// [`Engine::process`], handing each decision to a sink as soon as it is made. A sink that does not ask for reasons does
    /// not pay for them.
    ///
    /// # Errors
    /// As [`Engine::process`]; the sink has had the decisions of an unfinished call.
    pub fn process_into(
        &mut self,
        event: &Event,
        sink: &mut dyn FnMut(&DecisionRef<'_>),
    ) -> Result<(), InputError> {
        self.process_found(event, None, sink)
    }

    /// `found`: the number of the event's subject, if it has been looked up.
    fn process_found(
        &mut self,
        event: &Event,
        found: Option<u32>,
        sink: &mut dyn FnMut(&DecisionRef<'_>),
    ) -> Result<(), InputError> {
        let limits = &self.options.limits;
        let ty = event.admit(self.rulebook.schema(), limits.text_bytes)?;
        self.state.scratch.decisions = 0;
        if self.intake.is_direct() {
            self.state.check_order(event.time)?;
            return self.state.apply(self.rulebook.plan(), Some(limits), (event, ty), found, sink);
        }
        self.hold(event, sink)
    }

    /// Takes an event in that has to wait until the watermark has reached it, or to be looked for among those that were applied.
    fn hold(&mut self, event: &Event, sink: &mut dyn FnMut(&DecisionRef<'_>)) -> Result<(), InputError> {
        // What an unfinished call has left comes first.
        if !self.release(sink) {
            return Err(self.state.unfinished(event.time));
        }
        let limits = &self.options.limits;
        if self.intake.len() >= limits.held_inputs {
            return Err(InputError::Limit { limit: "held inputs", most: limits.held_inputs as u64 });
        }
        self.state.check_limits(self.rulebook.plan(), limits, event)?;
        self.intake.accept(event, self.state.clock.filter(|_| self.state.closed))?;
        self.release(sink);
        Ok(())
    }

    /// Applies many events: the same decisions in the same order as one by one, sooner. Looking ahead, it has the state of several
    /// subjects brought near at once. Returns the events that were refused, each with its place and why.
    ///
    /// ```
    /// # use tagwarden::{Engine, Reader, Rulebook, TimeUnit, Input};
    /// # let rulebook = Rulebook::compile("entity customer event login(customer) {} rule all { on login then emit seen }")?;
    /// # let reader = Reader::new(rulebook.schema(), TimeUnit::Millis);
    /// # let mut events = Vec::new();
    /// # for line in [r#"{"type":"login","time":2,"customer":"c1"}"#, r#"{"type":"login","time":1,"customer":"c2"}"#] {
    /// #     if let Input::Event(event) = reader.json(line.as_bytes())? { events.push(event) }
    /// # }
    /// let mut engine = Engine::new(&rulebook);
    /// let mut count = 0;
    /// let refused = engine.process_batch(&events, &mut |_| count += 1);
    /// assert_eq!((count, refused.len()), (1, 1), "the second event is older than the first");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn process_batch(
        &mut self,
        events: &[Event],
        sink: &mut dyn FnMut(&DecisionRef<'_>),
    ) -> Vec<(usize, InputError)> {
        let mut refused = Vec::new();
        for (group, events) in events.chunks(AHEAD).enumerate() {
            let mut found = [None; AHEAD];
            if self.intake.is_direct() {
                let plan = self.rulebook.plan();
                let mut coming = [None; AHEAD];
                for (event, coming) in events.iter().zip(&mut coming) {
                    *coming = running::coming(plan, event);
                }
                found = self.state.look_ahead(plan, &coming);
            }
            for (at, (event, found)) in events.iter().zip(found).enumerate() {
                loop {
                    match self.process_found(event, found, sink) {
                        Ok(()) => {}
                        Err(InputError::Unfinished { .. }) => continue,
                        Err(error) => refused.push((group * AHEAD + at, error)),
                    }
                    break;
                }
            }
        }
        refused
    }

    /// Applies the inputs that the watermark has reached; `false` if the limit on decisions came before.
    fn release(&mut self, sink: &mut dyn FnMut(&DecisionRef<'_>)) -> bool {
        let plan = self.rulebook.plan();
        while let Some(time) = self.intake.ready() {
            if !self.state.run_due(plan, time - 1, self.options.limits.decisions, sink) {
                return false;
            }
            let Some(input) = self.intake.release() else { break };
            // Without limits nothing is refused: they were asked when the input came.
            let _ = match &input {
                Pending::Event(event) => match plan.tree.schema.event_type(event.event) {
                    Some(ty) => self.state.apply(plan, None, (event, ty), None, sink),
                    None => Ok(()),
                },
                Pending::Command(command) => self.state.obey(plan, None, command, sink),
            };
        }
        true
    }

    /// Moves the clock: everything due up to `time` happens, and every input up to it counts as seen.
    ///
    /// # Errors
    /// [`InputError::Late`] if the clock is later already. [`InputError::Unfinished`] if the limit on decisions was reached
    /// before `time`: the decisions are in the error, and the same call goes on.
    pub fn advance_to(&mut self, time: Timestamp) -> Result<Vec<Decision>, InputError> {
        collect(|sink| self.advance_into(time, sink))
    }

    /// [`Engine::advance_to`], handing each decision to a sink as soon as it is made.
    ///
    /// # Errors
    /// As [`Engine::advance_to`]; the sink has had the decisions of an unfinished call.
    pub fn advance_into(
        &mut self,
        time: Timestamp,
        sink: &mut dyn FnMut(&DecisionRef<'_>),
    ) -> Result<(), InputError> {
        if let Some(clock) = self.state.clock.filter(|clock| time < *clock) {
            return Err(InputError::Late { time, clock });
        }
        self.state.scratch.decisions = 0;
        self.intake.close(time);
        let most = self.options.limits.decisions;
        if !self.release(sink) || !self.state.run_due(self.rulebook.plan(), time.micros(), most, sink) {
            // What has happened at the clock has happened for good.
            self.state.closed = true;
            return Err(self.state.unfinished(time));
        }
        self.state.clock = Some(time);
        self.state.closed = true;
        self.state.sweep(self.rulebook.plan(), time);
        Ok(())
    }

    /// Applies an input.
    ///
    /// # Errors
    /// As [`Engine::process`] and [`Engine::advance_to`].
    pub fn apply(&mut self, input: &Input) -> Result<Vec<Decision>, InputError> {
        match input {
            Input::Event(event) => self.process(event),
            Input::Command(command) => self.command(command),
            Input::Tick(time) => self.advance_to(*time),
        }
    }

    /// [`Engine::apply`], handing each decision to a sink as soon as it is made.
    ///
    /// # Errors
    /// As [`Engine::apply`]; the sink has had the decisions of an unfinished call.
    pub fn apply_into(
        &mut self,
        input: &Input,
        sink: &mut dyn FnMut(&DecisionRef<'_>),
    ) -> Result<(), InputError> {
        match input {
            Input::Event(event) => self.process_into(event, sink),
            Input::Command(command) => self.command_into(command, sink),
            Input::Tick(time) => self.advance_into(*time, sink),
        }
    }

    /// Applies the inputs that lateness holds back, as at the end of a stream.
    pub fn finish(&mut self) -> Vec<Decision> {
        let mut decisions = Vec::new();
        self.finish_into(&mut |decision| decisions.push(decision.to_decision()));
        decisions
    }

    /// [`Engine::finish`], handing each decision to a sink as soon as it is made.
    pub fn finish_into(&mut self, sink: &mut dyn FnMut(&DecisionRef<'_>)) {
        self.intake.open_all();
        loop {
            self.state.scratch.decisions = 0;
            if self.release(sink) {
                break;
            }
        }
    }

    /// Removes every trace of a subject, also from the inputs that are held back; `None` where there is none.
    ///
    /// An event that concerns another subject as well stays counted for that one.
    pub fn forget(&mut self, entity: &str, key: &str) -> Option<Decision> {
        let entity_id = self.rulebook.schema().entity(entity)?;
        let held = self.intake.forget(self.rulebook.schema(), entity_id, key);
        let at = self.state.table.find(entity_id, key);
        let subject = at.and_then(|at| self.state.table.take(at));
        if !held && subject.is_none() {
            return None;
        }
        Some(Decision::forgotten(self.state.clock, entity, key))
    }

    /// The rule of a grant that a reload has left behind.
    fn orphan(&self, rule: u32) -> Option<&RuleRef> {
        self.state.orphans.get(rule.checked_sub(FIRST_ORPHAN)? as usize)
    }

    fn subject(&self, entity: EntityId, key: &str) -> Option<&Subject> {
        self.state.table.get(self.state.table.find(entity, key)?)
    }

    /// Has every firing of a rule noted, for [`Engine::last_fired`].
    pub(crate) fn watch(&mut self) {
        self.state.watched = true;
    }
}

/// Keeps what a call hands out, also where it could not finish.
fn collect(
    call: impl FnOnce(&mut dyn FnMut(&DecisionRef<'_>)) -> Result<(), InputError>,
) -> Result<Vec<Decision>, InputError> {
    let mut decisions = Vec::new();
    match call(&mut |decision| decisions.push(decision.to_decision())) {
        Ok(()) => Ok(decisions),
        Err(InputError::Unfinished { clock, .. }) => Err(InputError::Unfinished { clock, decisions }),
        Err(error) => Err(error),
    }
}

/// Owners of grants from here on are no rules of the plan, but the orphans of a reload.
const FIRST_ORPHAN: u32 = 1 << 31;
