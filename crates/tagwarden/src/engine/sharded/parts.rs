//! From one engine to many parts, and back: conversion and snapshots.

use super::shard::Shard;
use super::{ShardedEngine, home};
use crate::engine::table::hash;
use crate::engine::{Engine, EngineOptions, persist};
use crate::plan::EntityPlan;
use crate::rulebook::Rulebook;
use crate::state::snapshot::SnapshotError;
use std::collections::HashMap;
use std::num::NonZeroUsize;

impl ShardedEngine {
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
        persist::save(
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
}
