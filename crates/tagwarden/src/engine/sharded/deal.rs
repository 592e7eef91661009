//! Events dealt out to the shards, and the shards set to work.

use super::shard::{Made, drain};
use super::{ShardedEngine, home};
use crate::decision::DecisionRef;
use crate::engine::intake::Pending;
use crate::engine::table::hash;
use crate::event::{Event, InputError};
use std::borrow::Cow;

/// An event for a shard.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dealt {
    /// Its place in the chunk.
    pub(super) event: u32,
    /// Which of its entities.
    pub(super) entity: u16,
    pub(super) hash: u32,
}

/// Events dealt out.
#[derive(Debug, Default)]
pub(super) struct Chunk<'e> {
    pub(super) events: Cow<'e, [Event]>,
    /// The rank of the first.
    pub(super) first: u64,
    /// For each shard.
    pub(super) dealt: Vec<Vec<Dealt>>,
    /// The time up to which everything falls due.
    pub(super) until: i64,
}

impl ShardedEngine {
    /// Deals events out to the shards of their subjects.
    pub(super) fn deal<'e>(
        &mut self,
        events: &'e [Event],
        note: &mut impl FnMut(usize, InputError),
    ) -> Chunk<'e> {
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
    pub(super) fn deal_out<'e>(
        &mut self,
        events: Cow<'e, [Event]>,
        taken: impl Fn(usize) -> bool,
    ) -> Chunk<'e> {
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
    pub(super) fn release<T: Send>(
        &mut self,
        map: &(impl Fn(&DecisionRef<'_>) -> T + Sync),
        sink: &mut impl FnMut(T),
    ) {
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
    pub(super) fn finish_chunk<T: Send>(
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
    pub(super) fn run<T: Send>(
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
