//! A run in order of time.

use super::order::Order;
use super::tally::{Place, Tally};
use super::{BacktestOptions, End, REPORT, Ran, Source, table_names};
use crate::decisions::DecisionTable;
use crate::feed::Pool;
use crate::refused::RefusedTable;
use crate::view::View;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use tagwarden::{DecisionRef, Engine, InputError, Rulebook, Timestamp};

pub(super) fn run(
    rulebook: &Rulebook,
    sources: &[Source],
    options: &BacktestOptions,
    progress: &mut dyn FnMut(u64) -> bool,
) -> End {
    let mut tally = Tally::new(rulebook);
    let mut decisions = options.decisions.then(|| DecisionTable::new(options.reasons));
    let mut take = |decision: View<'_>| {
        tally.push(&decision, Place::default());
        if let Some(decisions) = &mut decisions {
            decisions.push(decision);
        }
    };
    let mut refused = RefusedTable::of(table_names(sources));
    let mut engine = Engine::with_options(rulebook, options.engine.clone());
    let mut count = Count::new(rulebook);
    let (mut pool, mut rows) = (Pool::new(), 0_u64);
    let mut span: Option<(Timestamp, Timestamp)> = None;
    let mut order = Order::new(sources);
    while let Some((at, place, batch, row, time)) = order.next(sources) {
        rows += 1;
        let is_after = |time: Timestamp| options.until.is_some_and(|until| time > until);
        if !time.is_some_and(is_after)
            && let Some(source) = sources.get(at)
        {
            if let Some(time) = time {
                span = Some((span.map_or(time, |(first, _)| first.min(time)), time));
            }
            pool.push(&source.binding, (batch, row), RefusedTable::number(at, place), &mut refused);
        }
        if pool.is_full() {
            count.add(&pool);
            pool.flush(&mut engine, &mut refused, &mut |decision| take(decision.into()));
        }
        if rows % REPORT == 0 && !progress(rows) {
            return End::Stopped;
        }
    }
    count.add(&pool);
    pool.flush(&mut engine, &mut refused, &mut |decision| take(decision.into()));
    for decision in engine.finish() {
        take((&decision).into());
    }
    if let Some(until) = options.until {
        // Nothing later than `until` was applied, so it cannot be late.
        let mut sink = |decision: &DecisionRef<'_>| take(decision.into());
        while let Err(InputError::Unfinished { .. }) = engine.advance_into(until, &mut sink) {}
        span = span.map(|(first, _)| (first, until));
    }
    progress(rows);
    let subjects = count.finish(rulebook, &engine);
    let decisions = decisions.unwrap_or_else(|| DecisionTable::new(false)).finish();
    End::Done(Box::new(Ran { decisions, refused, tally, subjects, rows, span }))
}

/// Counts the subjects of each entity. With one entity the engine knows how many there are.
struct Count {
    keys: Option<Vec<HashSet<Arc<str>, foldhash::fast::FixedState>>>,
    entities: Vec<Vec<usize>>,
}

impl Count {
    fn new(rulebook: &Rulebook) -> Count {
        let schema = rulebook.schema();
        let keys = (schema.entities.len() > 1).then(|| vec![HashSet::default(); schema.entities.len()]);
        let of = |event: &tagwarden::EventType| event.entities.iter().map(|id| usize::from(id.0)).collect();
        Count { keys, entities: schema.events.iter().map(of).collect() }
    }

    fn add(&mut self, pool: &Pool) {
        let Some(keys) = &mut self.keys else { return };
        for event in pool.events() {
            let Some(entities) = self.entities.get(usize::from(event.event.0)) else { continue };
            for (entity, key) in entities.iter().zip(&event.keys) {
                if let Some(keys) = keys.get_mut(*entity).filter(|keys| !keys.contains(key)) {
                    keys.insert(Arc::clone(key));
                }
            }
        }
    }

    fn finish(self, rulebook: &Rulebook, engine: &Engine) -> BTreeMap<Arc<str>, u64> {
        let names = rulebook.schema().entities.iter().cloned();
        match self.keys {
            Some(keys) => names.zip(keys.iter().map(|keys| keys.len() as u64)).collect(),
            None => names.map(|name| (name, engine.subjects() as u64)).collect(),
        }
    }
}
