//! One shard: subjects of its own, and the decisions that it has made of a chunk, each with its rank.

use super::deal::{Chunk, Dealt};
use crate::decision::DecisionRef;
use crate::engine::Engine;
use crate::engine::ahead::{AHEAD, Coming};
use crate::plan::Plan;
use crate::state::Subject;
use std::collections::VecDeque;

/// Where a decision stands among those of its time.
type Rank = (i64, u64);

/// What falls due comes after the events of its time.
const DUE: u64 = 1 << 63;

/// Some of the subjects, with an engine of their own.
#[derive(Debug)]
pub(super) struct Shard {
    pub(super) engine: Engine,
    /// For each number of the table the rank of the event with which the subject was first seen.
    pub(super) first_seen: Vec<u64>,
}

/// What a shard has of a chunk.
#[derive(Debug)]
pub(super) struct Made<T> {
    pub(super) decisions: VecDeque<(Rank, T)>,
    /// How many of the events dealt are done.
    pub(super) done: usize,
    /// Where it had to stop because of the limit on decisions: nothing of an earlier time can come.
    pub(super) stopped: Option<i64>,
}

impl<T> Default for Made<T> {
    fn default() -> Self {
        Made { decisions: VecDeque::new(), done: 0, stopped: None }
    }
}

impl Shard {
    /// Its subjects, each with the rank of the event with which it was first seen.
    pub(super) fn subjects(&self) -> impl Iterator<Item = (u64, &Subject)> {
        let subjects = self.engine.state.table.iter();
        subjects.filter_map(|(at, subject)| Some((*self.first_seen.get(at as usize)?, subject)))
    }

    /// Goes on with a chunk until it is done, or so many decisions have been made.
    pub(super) fn run<T>(
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
pub(super) fn drain<T>(made: &mut [Made<T>], before: i64, sink: &mut impl FnMut(T)) {
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
