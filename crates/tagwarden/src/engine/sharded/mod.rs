//! Many subjects on many threads: the same decisions in the same order.
//!
//! No subject looks at another, so they can be dealt out to shards, each with a clock and a queue of due times of its own. What
//! makes the order the same whatever the number of shards is that every decision has a rank that can be told without knowing
//! the others: at one time first the events as they came, then what fell due, by when the subject was first seen.

mod deal;
mod limits;
mod parts;
mod shard;

use super::intake::Intake;
use super::table::hash;
use super::{Engine, EngineOptions, Permit, Status, StatusError, WhyNot};
use crate::decision::{Decision, DecisionRef};
use crate::event::{Command, Event, InputError};
use crate::rulebook::Rulebook;
use crate::schema::EntityId;
use crate::value::Timestamp;
use deal::Chunk;
use shard::{Made, Shard, drain};
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// How many events are dealt out at a time.
const CHUNK: usize = 8192;

/// An engine that uses several threads, with the same decisions in the same order as an [`Engine`].
///
/// Subjects are dealt out to shards by a hash of their keys. The shards run on the threads of rayon's current pool, so a host
/// that wants fewer threads calls from within a pool of its own. A few shards more than threads even out what a busy subject takes.
///
/// Reasons are made from the state of the moment, and what is handed over must cross threads: `map` is called where the decision
/// is made and takes from it what is wanted, such as [`DecisionRef::to_decision`], and `sink` is then given what it took, in order.
///
/// ```
/// use std::num::NonZeroUsize;
/// use tagwarden::{Input, Reader, Rulebook, ShardedEngine, TimeUnit};
/// let rulebook = Rulebook::compile("entity customer event login(customer) {} rule all { on login then emit seen }")?;
/// let reader = Reader::new(rulebook.schema(), TimeUnit::Millis);
/// let mut events = Vec::new();
/// for line in [r#"{"type":"login","time":1,"customer":"c1"}"#, r#"{"type":"login","time":2,"customer":"c2"}"#] {
///     if let Input::Event(event) = reader.json(line.as_bytes())? { events.push(event) }
/// }
/// let mut engine = ShardedEngine::new(&rulebook, NonZeroUsize::new(4).unwrap());
/// let mut seen = Vec::new();
/// let refused = engine.process_batch(&events, |decision| decision.subject.to_string(), |subject| seen.push(subject));
/// assert_eq!((seen.len(), refused.len()), (2, 0));
/// assert_eq!(seen, ["c1", "c2"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ShardedEngine {
    rulebook: Rulebook,
    options: EngineOptions,
    intake: Intake,
    clock: Option<Timestamp>,
    closed: bool,
    shards: Vec<Shard>,
    /// Keys that stand for the subject of another key, each with the hash of that one.
    aliases: HashMap<(EntityId, Arc<str>), u32>,
    /// How many events have been applied.
    applied: u64,
    /// No subject holds more events than this.
    most_held: usize,
    /// How many things an event can add to what a subject holds.
    adds: usize,
}

impl ShardedEngine {
    /// An engine with the default options.
    #[must_use]
    pub fn new(rulebook: &Rulebook, shards: NonZeroUsize) -> ShardedEngine {
        ShardedEngine::with_options(rulebook, EngineOptions::default(), shards)
    }

    /// An engine with options.
    #[must_use]
    pub fn with_options(rulebook: &Rulebook, options: EngineOptions, shards: NonZeroUsize) -> ShardedEngine {
        ShardedEngine::from_engine(Engine::with_options(rulebook, options), shards)
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
        self.shards.iter().map(|shard| shard.engine.state.table.len()).sum()
    }

    /// Applies many events. Returns those that were refused, each with its place and why.
    pub fn process_batch<T: Send>(
        &mut self,
        events: &[Event],
        map: impl Fn(&DecisionRef<'_>) -> T + Sync,
        mut sink: impl FnMut(T),
    ) -> Vec<(usize, InputError)> {
        if self.intake.holds_commands() {
            // What people do comes in between.
            return self.together(|engine| engine.process_batch(events, &mut |decision| sink(map(decision))));
        }
        let mut refused = Vec::new();
        let mut before = Vec::new();
        for (at, events) in events.chunks(CHUNK).enumerate() {
            let mut made = Vec::new();
            let mut note = |place: usize, error| refused.push((at * CHUNK + place, error));
            if self.is_near_limit(events.len()) {
                drain(&mut before, i64::MAX, &mut sink);
                self.process_slowly(events, &map, &mut sink, &mut note);
                continue;
            }
            let chunk = self.deal(events, &mut note);
            // The decisions of the last chunk are handed out while this one is worked on.
            self.run(&chunk, &map, &mut made, || drain(&mut before, i64::MAX, &mut sink));
            while let Some(time) = made.iter().filter_map(|made: &Made<T>| made.stopped).min() {
                drain(&mut made, time, &mut sink);
                self.run(&chunk, &map, &mut made, || {});
            }
            before = made;
        }
        drain(&mut before, i64::MAX, &mut sink);
        refused
    }

    /// Carries out what a person asks for; see [`Engine::command`]. The shards are put together for it and parted again, which takes
    /// time with every subject: a host with many commands and few events is better off with an [`Engine`].
    ///
    /// # Errors
    /// As there.
    pub fn command<T>(
        &mut self,
        command: &Command,
        map: impl Fn(&DecisionRef<'_>) -> T,
        mut sink: impl FnMut(T),
    ) -> Result<(), InputError> {
        self.together(|engine| engine.command_into(command, &mut |decision| sink(map(decision))))
    }

    /// Does something with all subjects in one engine.
    fn together<R>(&mut self, work: impl FnOnce(&mut Engine) -> R) -> R {
        let shards = NonZeroUsize::new(self.shards.len()).unwrap_or(NonZeroUsize::MIN);
        let empty = ShardedEngine::new(&self.rulebook, NonZeroUsize::MIN);
        let mut engine = std::mem::replace(self, empty).into_engine();
        let result = work(&mut engine);
        *self = ShardedEngine::from_engine(engine, shards);
        result
    }

    /// Moves the clock: everything due up to `time` happens, and every input up to it counts as seen.
    ///
    /// There is no limit on the decisions of a call, as they are handed out soon after they are made.
    ///
    /// # Errors
    /// [`InputError::Late`] if the clock is later already.
    pub fn advance_to<T: Send>(
        &mut self,
        time: Timestamp,
        map: impl Fn(&DecisionRef<'_>) -> T + Sync,
        mut sink: impl FnMut(T),
    ) -> Result<(), InputError> {
        if let Some(clock) = self.clock.filter(|clock| time < *clock) {
            return Err(InputError::Late { time, clock });
        }
        if self.intake.holds_commands() {
            return self.together(|engine| {
                let mut sink = |decision: &DecisionRef<'_>| sink(map(decision));
                loop {
                    match engine.advance_into(time, &mut sink) {
                        Err(InputError::Unfinished { .. }) => {}
                        done => return done,
                    }
                }
            });
        }
        self.intake.close(time);
        self.release(&map, &mut sink);
        let chunk =
            Chunk { until: time.micros(), dealt: vec![Vec::new(); self.shards.len()], ..Chunk::default() };
        self.finish_chunk(&chunk, &map, &mut sink);
        self.clock = Some(time);
        self.closed = true;
        let plan = self.rulebook.plan();
        for shard in &mut self.shards {
            shard.engine.state.clock = Some(time);
            shard.engine.state.closed = true;
            shard.engine.state.sweep(plan, time);
        }
        Ok(())
    }

    /// Applies the inputs that lateness holds back, as at the end of a stream.
    pub fn finish<T: Send>(&mut self, map: impl Fn(&DecisionRef<'_>) -> T + Sync, mut sink: impl FnMut(T)) {
        if self.intake.holds_commands() {
            return self.together(|engine| engine.finish_into(&mut |decision| sink(map(decision))));
        }
        self.intake.open_all();
        self.release(&map, &mut sink);
    }

    /// [`Engine::forget`].
    pub fn forget(&mut self, entity: &str, key: &str) -> Option<Decision> {
        let entity_id = self.rulebook.schema().entity(entity)?;
        let held = self.intake.forget(self.rulebook.schema(), entity_id, key);
        let at = self.home(entity_id, key);
        let forgotten = self.shards.get_mut(at)?.engine.forget(entity, key);
        forgotten.or_else(|| held.then(|| Decision::forgotten(self.clock, entity, key))).map(|decision| {
            // A shard that had nothing to do for a while has an older clock.
            Decision { time: self.clock.unwrap_or(decision.time), ..decision }
        })
    }

    /// [`Engine::status`].
    ///
    /// # Errors
    /// As there.
    pub fn status(&self, entity: &str, key: &str, time: Timestamp) -> Result<Status, StatusError> {
        self.home_of(entity, key, time)?.status(entity, key, time)
    }

    /// [`Engine::permits`].
    ///
    /// # Errors
    /// As there.
    pub fn permits(
        &self,
        entity: &str,
        key: &str,
        channel: &str,
        time: Timestamp,
    ) -> Result<Permit, StatusError> {
        self.home_of(entity, key, time)?.permits(entity, key, channel, time)
    }

    /// [`Engine::why_not`].
    ///
    /// # Errors
    /// As there.
    pub fn why_not(
        &self,
        rule: &str,
        entity: &str,
        key: &str,
        time: Timestamp,
    ) -> Result<WhyNot, StatusError> {
        self.home_of(entity, key, time)?.why_not(rule, entity, key, time)
    }

    /// Which shard a key belongs to.
    fn home(&self, entity: EntityId, key: &str) -> usize {
        let merged = if self.aliases.is_empty() { None } else { self.aliases.get(&(entity, Arc::from(key))) };
        home(merged.copied().unwrap_or_else(|| hash(entity, key)), self.shards.len())
    }

    /// The shard of a subject.
    fn home_of(&self, entity: &str, key: &str, time: Timestamp) -> Result<&Engine, StatusError> {
        if let Some(clock) = self.clock.filter(|clock| time < *clock) {
            return Err(StatusError::Past { time, clock });
        }
        let entity = self.rulebook.schema().entity(entity).unwrap_or(EntityId(0));
        let at = self.home(entity, key);
        let shard = self.shards.get(at).or(self.shards.first());
        shard.map(|shard| &shard.engine).ok_or_else(|| StatusError::UnknownEntity(key.to_owned()))
    }
}

/// The shard of a hash. Tables use its lower bits.
fn home(hash: u32, shards: usize) -> usize {
    ((u64::from(hash) * shards as u64) >> 32) as usize
}
