//! Limits that concern all shards: near one, events are looked at one after the other.

use super::ShardedEngine;
use super::shard::Shard;
use crate::decision::DecisionRef;
use crate::event::{Event, InputError};
use crate::value::Timestamp;

impl ShardedEngine {
    /// Whether so many events might reach a limit, and each must be looked at before it is applied.
    pub(super) fn is_near_limit(&mut self, events: usize) -> bool {
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
    pub(super) fn process_slowly<T: Send>(
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

    pub(super) fn check_limits(&self, event: &Event) -> Result<(), InputError> {
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

    pub(super) fn check_order(&self, time: Timestamp) -> Result<(), InputError> {
        match self.clock {
            Some(clock) if time < clock || (time == clock && self.closed) => {
                Err(InputError::Late { time, clock })
            }
            _ => Ok(()),
        }
    }
}
