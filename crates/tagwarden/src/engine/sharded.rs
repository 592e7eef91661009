//! Many subjects on many threads: the same decisions in the same order.
//!
//! No subject looks at another, so they can be dealt out to shards, each with a clock and a queue of due times of its own. What
//! makes the order the same whatever the number of shards is that every decision has a rank that can be told without knowing
//! the others: at one time first the events as they came, then what fell due, by when the subject was first seen.

use super::ahead::{AHEAD, Coming};
use super::intake::{Intake, Pending};
use super::table::hash;
use super::{Engine, EngineOptions, Permit, Status, StatusError, WhyNot};
use crate::decision::{Decision, DecisionRef};
use crate::event::{Command, Event, InputError};
use crate::plan::{EntityPlan, Plan};
use crate::rulebook::Rulebook;
use crate::schema::EntityId;
use crate::state::snapshot::SnapshotError;
use crate::value::Timestamp;
use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::num::NonZeroUsize;
use std::sync::Arc;

/// How many events are dealt out at a time.
const CHUNK: usize = 8192;

/// Where a decision stands among those of its time.
type Rank = (i64, u64);

/// What falls due comes after the events of its time.
const DUE: u64 = 1 << 63;

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

#[derive(Debug)]
struct Shard {
    engine: Engine,
    /// For each number of the table the rank of the event with which the subject was first seen.
    first_seen: Vec<u64>,
}

/// An event for a shard.
#[derive(Clone, Copy, Debug)]
struct Dealt {
    /// Its place in the chunk.
    event: u32,
    /// Which of its entities.
    entity: u16,
    hash: u32,
}

/// Events dealt out.
#[derive(Debug, Default)]
struct Chunk<'e> {
    events: Cow<'e, [Event]>,
    /// The rank of the first.
    first: u64,
    /// For each shard.
    dealt: Vec<Vec<Dealt>>,
    /// The time up to which everything falls due.
    until: i64,
}

/// What a shard has of a chunk.
#[derive(Debug)]
struct Made<T> {
    decisions: VecDeque<(Rank, T)>,
    /// How many of the events dealt are done.
    done: usize,
    /// Where it had to stop because of the limit on decisions: nothing of an earlier time can come.
    stopped: Option<i64>,
}

impl<T> Default for Made<T> {
    fn default() -> Self {
        Made { decisions: VecDeque::new(), done: 0, stopped: None }
    }
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

    /// Goes on with the state of an engine.
    #[must_use]
    pub fn from_engine(engine: Engine, shards: NonZeroUsize) -> ShardedEngine {
        let Engine { rulebook, options, intake, state } = engine;
        let direct = EngineOptions { lateness: Default::default(), dedup: None, ..options.clone() };
        let shard = |_| {
            let mut engine = Engine::with_options(&rulebook, direct.clone());
            engine.state.clock = state.clock;
            engine.state.closed = state.closed;
            engine.state.orphans.clone_from(&state.orphans);
            engine.state.warming.clone_from(&state.warming);
            engine.state.exempting = state.exempting;
            Shard { engine, first_seen: Vec::new() }
        };
        let mut shards: Vec<Shard> = (0..shards.get()).map(shard).collect();
        if let Some(first) = shards.first_mut() {
            first.engine.state.saturations = state.saturations;
        }
        let (clock, closed) = (state.clock, state.closed);
        let merged = state.table.aliases();
        let mut seen = 0;
        for subject in state.table.into_subjects() {
            let at = home(hash(subject.entity, &subject.key), shards.len());
            let Some(shard) = shards.get_mut(at) else { continue };
            shard.engine.state.take_over(subject);
            shard.first_seen.push(seen << 16);
            seen += 1;
        }
        let mut aliases = HashMap::new();
        for (entity, key, into) in merged {
            let (hash, count) = (hash(entity, &into), shards.len());
            if let Some(shard) = shards.get_mut(home(hash, count))
                && let Some(at) = shard.engine.state.table.find(entity, &into)
            {
                shard.engine.state.table.alias(entity, &key, at);
                aliases.insert((entity, key), hash);
            }
        }
        let adds = rulebook.plan().entities.iter().map(EntityPlan::most_added).max().unwrap_or(0);
        ShardedEngine {
            rulebook,
            options,
            intake,
            clock,
            closed,
            shards,
            aliases,
            applied: seen,
            most_held: usize::MAX,
            adds,
        }
    }

    /// The state in one engine again.
    #[must_use]
    pub fn into_engine(self) -> Engine {
        let mut engine = Engine::with_options(&self.rulebook, self.options);
        engine.intake = self.intake;
        engine.state.clock = self.clock;
        engine.state.closed = self.closed;
        let mut subjects = Vec::new();
        let mut aliases = Vec::new();
        for shard in self.shards {
            let state = shard.engine.state;
            aliases.extend(state.table.aliases());
            engine.state.exempting |= state.exempting;
            engine.state.saturations += state.saturations;
            engine.state.orphans = state.orphans;
            engine.state.warming = state.warming;
            subjects.extend(shard.first_seen.into_iter().zip(state.table.into_places()));
        }
        subjects.sort_by_key(|(seen, _)| *seen);
        for subject in subjects.into_iter().filter_map(|(_, subject)| subject) {
            engine.state.take_over(subject);
        }
        for (entity, key, into) in aliases {
            if let Some(at) = engine.state.table.find(entity, &into) {
                engine.state.table.alias(entity, &key, at);
            }
        }
        engine
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

    /// [`Engine::snapshot`]: the same bytes, whatever the number of shards. An engine can be restored from it as well.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        let mut subjects: Vec<_> = self.shards.iter().flat_map(Shard::subjects).collect();
        subjects.sort_by_key(|(seen, _)| *seen);
        let subjects = subjects.into_iter().map(|(_, subject)| subject);
        let mut aliases: Vec<_> =
            self.shards.iter().flat_map(|shard| shard.engine.state.table.aliases()).collect();
        aliases.sort_unstable();
        let Some(first) = self.shards.first().map(|shard| &shard.engine.state) else { return Vec::new() };
        let saturations = self.shards.iter().map(|shard| shard.engine.state.saturations).sum();
        super::persist::save(
            (&self.rulebook, &self.options, &self.intake),
            (self.clock, self.closed, saturations),
            (&first.orphans, &first.warming),
            (subjects, aliases),
        )
    }

    /// [`Engine::restore`], from a snapshot of either kind of engine.
    ///
    /// # Errors
    /// As there.
    pub fn restore(
        rulebook: &Rulebook,
        options: EngineOptions,
        bytes: &[u8],
        shards: NonZeroUsize,
    ) -> Result<ShardedEngine, SnapshotError> {
        Engine::restore(rulebook, options, bytes).map(|engine| ShardedEngine::from_engine(engine, shards))
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

    /// Whether so many events might reach a limit, and each must be looked at before it is applied.
    fn is_near_limit(&mut self, events: usize) -> bool {
        let limits = &self.options.limits;
        let keys = self.rulebook.schema().events.iter().map(|event| event.entities.len()).max().unwrap_or(0);
        if self.most_held.saturating_add(self.adds * (events + self.intake.len())) >= limits.held_events {
            let plan = self.rulebook.plan();
            let now = self.clock.map_or(i64::MIN, Timestamp::micros);
            let held = self
                .shards
                .iter()
                .flat_map(Shard::subjects)
                .filter_map(|(_, subject)| Some(subject.held_events(plan.entity(subject.entity)?, now)));
            self.most_held = held.max().unwrap_or(0);
        }
        self.most_held.saturating_add(self.adds * (events + self.intake.len())) >= limits.held_events
            || self.subjects() + keys * (events + self.intake.len()) > limits.subjects
    }

    /// One event after the other, as an [`Engine`] would.
    fn process_slowly<T: Send>(
        &mut self,
        events: &[Event],
        map: &(impl Fn(&DecisionRef<'_>) -> T + Sync),
        sink: &mut impl FnMut(T),
        note: &mut impl FnMut(usize, InputError),
    ) {
        for (at, event) in events.iter().enumerate() {
            match self.check_limits(event) {
                Ok(()) => {
                    let chunk = self.deal(std::slice::from_ref(event), &mut |_, error| note(at, error));
                    self.finish_chunk(&chunk, map, sink);
                }
                Err(error) => note(at, error),
            }
        }
        self.most_held = usize::MAX;
    }

    fn check_limits(&self, event: &Event) -> Result<(), InputError> {
        event.validate(self.rulebook.schema())?;
        if self.intake.is_direct() {
            self.check_order(event.time)?;
        }
        let limits = &self.options.limits;
        let Some(ty) = self.rulebook.schema().event_type(event.event) else { return Ok(()) };
        let mut known = self.subjects();
        for (entity, key) in ty.entities.iter().zip(&event.keys) {
            let Some(shard) = self.shards.get(self.home(*entity, key)) else {
                continue;
            };
            let (state, subject) = (&shard.engine.state, (*entity, &**key));
            known +=
                usize::from(state.check_subject(self.rulebook.plan(), limits, subject, event.time, known)?);
        }
        Ok(())
    }

    fn check_order(&self, time: Timestamp) -> Result<(), InputError> {
        match self.clock {
            Some(clock) if time < clock || (time == clock && self.closed) => {
                Err(InputError::Late { time, clock })
            }
            _ => Ok(()),
        }
    }

    /// Deals events out to the shards of their subjects.
    fn deal<'e>(&mut self, events: &'e [Event], note: &mut impl FnMut(usize, InputError)) -> Chunk<'e> {
        let limits = self.options.limits.clone();
        let direct = self.intake.is_direct();
        let mut taken = vec![false; if direct { events.len() } else { 0 }];
        let mut released = Vec::new();
        for (at, event) in events.iter().enumerate() {
            let result = event.admit(self.rulebook.schema(), limits.text_bytes).map(|_| ()).and_then(|()| {
                if direct {
                    self.check_order(event.time)?;
                    self.clock = Some(event.time);
                    self.closed = false;
                    if let Some(taken) = taken.get_mut(at) {
                        *taken = true;
                    }
                    return Ok(());
                }
                if self.intake.len() >= limits.held_inputs {
                    return Err(InputError::Limit { limit: "held inputs", most: limits.held_inputs as u64 });
                }
                self.intake.accept(event, self.clock.filter(|_| self.closed))?;
                while let Some(Pending::Event(event)) = self.intake.release() {
                    self.clock = Some(event.time);
                    self.closed = false;
                    released.push(event);
                }
                Ok(())
            });
            if let Err(error) = result {
                note(at, error);
            }
        }
        if direct {
            self.deal_out(Cow::Borrowed(events), |at| taken.get(at) == Some(&true))
        } else {
            self.deal_out(Cow::Owned(released), |_| true)
        }
    }

    /// `taken`: which events are applied.
    fn deal_out<'e>(&mut self, events: Cow<'e, [Event]>, taken: impl Fn(usize) -> bool) -> Chunk<'e> {
        let shards = self.shards.len();
        let mut dealt: Vec<Vec<Dealt>> =
            (0..shards).map(|_| Vec::with_capacity(2 * events.len() / shards)).collect();
        let schema = self.rulebook.schema();
        for (at, event) in events.iter().enumerate().filter(|(at, _)| taken(*at)) {
            let Some(ty) = schema.event_type(event.event) else { continue };
            for (position, (entity, key)) in ty.entities.iter().zip(&event.keys).enumerate() {
                let hash = hash(*entity, key);
                let to = if self.aliases.is_empty() { home(hash, shards) } else { self.home(*entity, key) };
                if let Some(dealt) = dealt.get_mut(to) {
                    dealt.push(Dealt { event: at as u32, entity: position as u16, hash });
                }
            }
        }
        let first = self.applied;
        self.applied += events.len() as u64;
        self.most_held = self.most_held.saturating_add(self.adds * events.len());
        let until = self.clock.map_or(i64::MIN, |clock| clock.micros().saturating_sub(1));
        Chunk { events, first, dealt, until }
    }

    /// Applies the inputs that the watermark has reached.
    fn release<T: Send>(&mut self, map: &(impl Fn(&DecisionRef<'_>) -> T + Sync), sink: &mut impl FnMut(T)) {
        let mut released = Vec::new();
        while let Some(Pending::Event(event)) = self.intake.release() {
            self.clock = Some(event.time);
            self.closed = false;
            released.push(event);
        }
        let chunk = self.deal_out(Cow::Owned(released), |_| true);
        self.finish_chunk(&chunk, map, sink);
    }

    /// Has a chunk done and its decisions handed out.
    fn finish_chunk<T: Send>(
        &mut self,
        chunk: &Chunk<'_>,
        map: &(impl Fn(&DecisionRef<'_>) -> T + Sync),
        sink: &mut impl FnMut(T),
    ) {
        let mut made = Vec::new();
        loop {
            self.run(chunk, map, &mut made, || {});
            let stopped = made.iter().filter_map(|made: &Made<T>| made.stopped).min();
            drain(&mut made, stopped.unwrap_or(i64::MAX), sink);
            if stopped.is_none() {
                return;
            }
        }
    }

    /// Has the shards go on with a chunk, and does something else meanwhile.
    fn run<T: Send>(
        &mut self,
        chunk: &Chunk<'_>,
        map: &(impl Fn(&DecisionRef<'_>) -> T + Sync),
        made: &mut Vec<Made<T>>,
        meanwhile: impl FnOnce(),
    ) {
        let new = made.is_empty();
        made.resize_with(self.shards.len(), Made::default);
        let (plan, most) = (self.rulebook.plan(), self.options.limits.decisions);
        rayon::in_place_scope(|scope| {
            for ((shard, dealt), made) in self.shards.iter_mut().zip(&chunk.dealt).zip(made) {
                if new || made.stopped.is_some() {
                    scope.spawn(move |_| shard.run(plan, chunk, dealt, most, made, map));
                }
            }
            meanwhile();
        });
    }
}

impl Shard {
    /// Its subjects, each with the rank of the event with which it was first seen.
    fn subjects(&self) -> impl Iterator<Item = (u64, &crate::state::Subject)> {
        let subjects = self.engine.state.table.iter();
        subjects.filter_map(|(at, subject)| Some((*self.first_seen.get(at as usize)?, subject)))
    }

    /// Goes on with a chunk until it is done, or so many decisions have been made.
    fn run<T>(
        &mut self,
        plan: &Plan,
        chunk: &Chunk<'_>,
        dealt: &[Dealt],
        most: usize,
        made: &mut Made<T>,
        map: &impl Fn(&DecisionRef<'_>) -> T,
    ) {
        made.stopped = None;
        let most = made.decisions.len().saturating_add(most);
        while made.done < dealt.len() {
            let group = dealt.get(made.done..(made.done + AHEAD).min(dealt.len())).unwrap_or_default();
            let mut coming = [None; AHEAD];
            for (dealt, coming) in group.iter().zip(&mut coming) {
                *coming = concerned(plan, chunk, *dealt);
            }
            let found = self.engine.state.look_ahead(plan, &coming);
            for ((dealt, coming), found) in group.iter().zip(coming).zip(found) {
                if let Some(coming) = coming {
                    if !self.run_due(plan, coming.event.time.micros().saturating_sub(1), most, made, map) {
                        return;
                    }
                    let rank = (chunk.first + u64::from(dealt.event)) << 16 | u64::from(dealt.entity);
                    self.apply(plan, coming, found, rank, made, map);
                }
                made.done += 1;
            }
        }
        self.run_due(plan, chunk.until, most, made, map);
    }

    fn apply<T>(
        &mut self,
        plan: &Plan,
        Coming { event, entity, key, hash }: Coming<'_>,
        found: Option<u32>,
        rank: u64,
        made: &mut Made<T>,
        map: &impl Fn(&DecisionRef<'_>) -> T,
    ) {
        let state = &mut self.engine.state;
        state.clock = Some(event.time);
        state.closed = false;
        let known = state.table.numbers();
        let found = found.or_else(|| state.table.find_hashed(hash, entity, key));
        let mut sink = |decision: &DecisionRef<'_>| {
            made.decisions.push_back(((event.time.micros(), rank), map(decision)));
        };
        state.concern(plan, event, (entity, key), found, &mut sink);
        state.settle(plan, event.time);
        if state.table.numbers() > known {
            self.first_seen.push(rank);
        }
    }

    /// Has everything happen that is due up to a time; `false` if it had to stop before.
    fn run_due<T>(
        &mut self,
        plan: &Plan,
        until: i64,
        most: usize,
        made: &mut Made<T>,
        map: &impl Fn(&DecisionRef<'_>) -> T,
    ) -> bool {
        let state = &mut self.engine.state;
        while let Some((now, at)) = state.next_due(until) {
            if made.decisions.len() >= most {
                made.stopped = Some(now.micros());
                return false;
            }
            let rank = DUE | self.first_seen.get(at as usize).copied().unwrap_or(0);
            let mut sink = |decision: &DecisionRef<'_>| {
                made.decisions.push_back(((now.micros(), rank), map(decision)));
            };
            state.fall_due(plan, now, at, &mut sink);
        }
        true
    }
}

/// An event that was dealt out, and the entity and key that are meant.
fn concerned<'c>(plan: &Plan, chunk: &'c Chunk<'_>, dealt: Dealt) -> Option<Coming<'c>> {
    let event = chunk.events.get(dealt.event as usize)?;
    let ty = plan.tree.schema.event_type(event.event)?;
    let position = usize::from(dealt.entity);
    let (entity, key) = (*ty.entities.get(position)?, event.keys.get(position)?);
    Some(Coming { event, entity, key, hash: dealt.hash })
}

/// Hands out, in order, what was made before a time.
fn drain<T>(made: &mut [Made<T>], before: i64, sink: &mut impl FnMut(T)) {
    loop {
        let heads = made.iter().enumerate().filter_map(|(at, made)| Some((made.decisions.front()?.0, at)));
        let Some((least, at)) = heads.min() else { return };
        if least.0 >= before && before != i64::MAX {
            return;
        }
        let others = made.iter().enumerate().filter(|(other, _)| *other != at);
        let next = others.filter_map(|(_, made)| Some(made.decisions.front()?.0)).min();
        let Some(decisions) = made.get_mut(at).map(|made| &mut made.decisions) else { return };
        // As many as come before all others.
        while let Some((rank, _)) = decisions.front()
            && next.is_none_or(|next| *rank < next)
            && (rank.0 < before || before == i64::MAX)
        {
            if let Some((_, decision)) = decisions.pop_front() {
                sink(decision);
            }
        }
    }
}

/// The shard of a hash. Tables use its lower bits.
fn home(hash: u32, shards: usize) -> usize {
    ((u64::from(hash) * shards as u64) >> 32) as usize
}
