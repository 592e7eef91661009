//! Lateness and duplicates: which inputs are applied, and when.

use crate::event::{Command, Event, InputError};
use crate::schema::{EntityId, Schema};
use crate::small::sort_by;
use crate::value::{Duration, Timestamp};
use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::sync::Arc;

/// The ids of applied events, each with its time, in order of arrival.
pub(super) type Seen = Vec<(i64, Arc<str>)>;

/// An input that is held back.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(super) enum Pending {
    Event(Event),
    Command(Box<Command>),
}

impl Pending {
    pub(super) fn time(&self) -> Timestamp {
        match self {
            Pending::Event(event) => event.time,
            Pending::Command(command) => command.time,
        }
    }
}

/// One of those that are held back, the earliest above all others, of the same time the one that came first.
#[derive(Debug)]
struct Held {
    time: i64,
    arrival: u64,
    input: Pending,
}

impl Ord for Held {
    fn cmp(&self, other: &Self) -> Ordering {
        (other.time, other.arrival).cmp(&(self.time, self.arrival))
    }
}

impl PartialOrd for Held {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Held {}

/// Inputs on their way to the engine.
#[derive(Debug, Default)]
pub(super) struct Intake {
    lateness: i64,
    dedup: Option<i64>,
    /// Inputs before it are late.
    watermark: Option<i64>,
    held: BinaryHeap<Held>,
    arrivals: u64,
    seen: HashMap<Arc<str>, i64>,
    /// The ids seen, in order of arrival, to be forgotten when they are old.
    order: VecDeque<(i64, Arc<str>)>,
}

impl Intake {
    pub(super) fn new(lateness: Duration, dedup: Option<Duration>) -> Intake {
        Intake { lateness: lateness.micros(), dedup: dedup.map(Duration::micros), ..Intake::default() }
    }

    /// Whether inputs pass straight through.
    pub(super) fn is_direct(&self) -> bool {
        self.lateness == 0 && self.dedup.is_none()
    }

    /// Whether commands of people are held back.
    #[cfg(feature = "rayon")]
    pub(super) fn holds_commands(&self) -> bool {
        self.held.iter().any(|held| matches!(held.input, Pending::Command(_)))
    }

    pub(super) fn len(&self) -> usize {
        self.held.len()
    }

    /// Takes an event in, unless it is late or a duplicate. `closed` is the time of the last tick, if nothing came since.
    pub(super) fn accept(&mut self, event: &Event, closed: Option<Timestamp>) -> Result<(), InputError> {
        self.admit(event.time, event.id.as_ref(), closed)?;
        self.hold(event.time, Pending::Event(event.clone()));
        Ok(())
    }

    /// Takes a command in, likewise.
    pub(super) fn accept_command(
        &mut self,
        command: &Command,
        closed: Option<Timestamp>,
    ) -> Result<(), InputError> {
        self.admit(command.time, command.id.as_ref(), closed)?;
        self.hold(command.time, Pending::Command(Box::new(command.clone())));
        Ok(())
    }

    fn admit(
        &mut self,
        at: Timestamp,
        id: Option<&Arc<str>>,
        closed: Option<Timestamp>,
    ) -> Result<(), InputError> {
        let time = at.micros();
        if let Some(watermark) = self.watermark.filter(|watermark| time < *watermark) {
            let clock = Timestamp::from_micros(watermark).unwrap_or(at);
            return Err(InputError::Late { time: at, clock });
        }
        if let Some(clock) = closed.filter(|clock| at <= *clock) {
            return Err(InputError::Late { time: at, clock });
        }
        if let (Some(length), Some(id)) = (self.dedup, id) {
            if self.seen.get(id).is_some_and(|seen| time < seen.saturating_add(length)) {
                return Err(InputError::Duplicate { id: Arc::clone(id) });
            }
            let oldest = self.watermark.unwrap_or(time).min(time).saturating_sub(length);
            while self.order.front().is_some_and(|(seen, _)| *seen <= oldest) {
                let Some((seen, id)) = self.order.pop_front() else { break };
                if self.seen.get(&id) == Some(&seen) {
                    self.seen.remove(&id);
                }
            }
            self.seen.insert(Arc::clone(id), time);
            self.order.push_back((time, Arc::clone(id)));
        }
        Ok(())
    }

    fn hold(&mut self, time: Timestamp, input: Pending) {
        let time = time.micros();
        self.push(time, input);
        let watermark = time.saturating_sub(self.lateness);
        self.watermark = Some(self.watermark.map_or(watermark, |before| before.max(watermark)));
    }

    fn push(&mut self, time: i64, input: Pending) {
        self.arrivals += 1;
        self.held.push(Held { time, arrival: self.arrivals, input });
    }

    /// The time of the next input that the watermark has reached.
    pub(super) fn ready(&self) -> Option<i64> {
        let time = self.held.peek()?.time;
        (time <= self.watermark?).then_some(time)
    }

    /// The next input that the watermark has reached.
    pub(super) fn release(&mut self) -> Option<Pending> {
        self.ready()?;
        self.held.pop().map(|held| held.input)
    }

    /// Every input up to a time has been seen.
    pub(super) fn close(&mut self, time: Timestamp) {
        let time = time.micros();
        self.watermark = Some(self.watermark.map_or(time, |before| before.max(time)));
    }

    /// Lets everything through that is held back.
    pub(super) fn open_all(&mut self) {
        if let Some(last) = self.held.iter().map(|held| held.time).max() {
            self.watermark = Some(self.watermark.map_or(last, |before| before.max(last)));
        }
    }

    /// What a snapshot holds: the watermark, the held inputs in order, the ids seen.
    pub(super) fn save(&self) -> (Option<i64>, Vec<Pending>, Seen) {
        let seen = self.order.iter().filter(|(time, id)| self.seen.get(id) == Some(time)).cloned();
        let mut held: Vec<&Held> = self.held.iter().collect();
        sort_by(&mut held, |one, other| other.cmp(one));
        (self.watermark, held.into_iter().map(|held| held.input.clone()).collect(), seen.collect())
    }

    pub(super) fn load(&mut self, watermark: Option<i64>, held: Vec<Pending>, seen: Seen) {
        self.watermark = watermark;
        for input in held {
            self.push(input.time().micros(), input);
        }
        for (time, id) in seen {
            self.seen.insert(Arc::clone(&id), time);
            self.order.push_back((time, id));
        }
    }

    /// Drops the held inputs that name a subject; whether there were any.
    pub(super) fn forget(&mut self, schema: &Schema, entity: EntityId, key: &str) -> bool {
        let before = self.held.len();
        self.held.retain(|held| {
            let event = match &held.input {
                Pending::Event(event) => event,
                Pending::Command(command) => return command.entity != entity || *command.subject != *key,
            };
            let entities = schema.event_type(event.event).map_or(&[][..], |event| &event.entities);
            !entities.iter().zip(&event.keys).any(|(other, held)| *other == entity && **held == *key)
        });
        self.held.len() < before
    }
}
