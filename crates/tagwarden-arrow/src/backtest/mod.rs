//! What a rulebook would have done with the events of a table: who would have had what, when, and by which rule.

mod compare;
mod coverage;
mod members;
mod order;
mod overlap;
mod series;

pub use members::Members;

use crate::bind::Binding;
use crate::decisions::DecisionTable;
use crate::feed::Pool;
use crate::refused::RefusedTable;
use crate::table::Table;
use crate::view::View;
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use coverage::Rules;
use members::Step;
use series::Series;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use tagwarden::{DecisionRef, Engine, EngineOptions, InputError, Rulebook, Timestamp};

/// A table of events for a [`Backtest`].
#[derive(Clone, Debug)]
#[allow(clippy::exhaustive_structs, reason = "a plain pair")]
pub struct Source {
    /// What to call it where rows are refused; empty where there is only one.
    pub name: String,
    /// What its columns mean.
    pub binding: Binding,
    /// Its rows.
    pub batches: Vec<RecordBatch>,
}

/// How a [`Backtest`] runs.
#[derive(Clone, Debug, Default)]
#[allow(clippy::exhaustive_structs, reason = "built with ..BacktestOptions::default()")]
pub struct BacktestOptions {
    /// The options of the engine. The rows are put in order of time first, so it needs no lateness.
    pub engine: EngineOptions,
    /// Passes over events after this time; everything due by it happens. Without it the end is the last event.
    pub until: Option<Timestamp>,
    /// Whether every decision is kept, and not only counted.
    pub decisions: bool,
    /// Whether decisions are kept with their reasons.
    pub reasons: bool,
}

/// What is counted: rules, or the tags, lists, messages and so on that subjects get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "there are these two")]
pub enum Of {
    /// Rules, those that only shadow included.
    Rules,
    /// Tags, lists, messages, events, proposals.
    Things,
}

/// What a rulebook would have done.
///
/// ```
/// use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
/// use std::sync::Arc;
/// use tagwarden::Rulebook;
/// use tagwarden_arrow::{Backtest, BacktestOptions, Binding, Mapping, Source};
///
/// let rulebook = Rulebook::compile("entity customer  event login(customer) {}  rule all { on login then tag seen }")?;
/// let columns: Vec<(&str, ArrayRef)> = vec![
///     ("time", Arc::new(Int64Array::from(vec![2_000, 1_000]))),
///     ("customer", Arc::new(StringArray::from(vec!["c1", "c2"]))),
/// ];
/// let batch = RecordBatch::try_from_iter(columns)?;
/// let mapping = Mapping { event_type: Some("login".into()), ..Mapping::default() };
/// let binding = Binding::new(&rulebook, &batch.schema(), &mapping)?;
/// let source = Source { name: String::new(), binding, batches: vec![batch] };
/// let result = Backtest::run(&rulebook, &[source], BacktestOptions::default(), &mut |_| true)?;
/// let result = result.ok_or("nobody has stopped it")?;
/// assert_eq!(result.members().table()?.rows(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Backtest {
    rulebook: Rulebook,
    decisions: Table,
    refused: Table,
    members: Members,
    rules: Rules,
    series: Series,
    /// How many subjects of each entity the events name.
    subjects: BTreeMap<Arc<str>, u64>,
    rows: u64,
    span: Option<(Timestamp, Timestamp)>,
}

/// So many rows go by between two reports of progress.
const REPORT: u64 = 1 << 16;

impl Backtest {
    /// Runs a rulebook over tables, their rows put in order of time; rows of one time stay in their order, tables in theirs.
    /// `progress` is told now and then how many rows are done, and answers whether to go on: if not, there is no result.
    ///
    /// # Errors
    /// The result is too large for its columns.
    pub fn run(
        rulebook: &Rulebook,
        sources: &[Source],
        options: BacktestOptions,
        progress: &mut dyn FnMut(u64) -> bool,
    ) -> Result<Option<Backtest>, ArrowError> {
        let mut run = Run {
            decisions: options.decisions.then(|| DecisionTable::new(options.reasons)),
            members: Members::default(),
            rules: Rules::new(rulebook),
            series: Series::new(rulebook.zone()),
        };
        let names: Vec<_> = sources.iter().map(|source| source.name.clone()).collect();
        let mut refused = RefusedTable::of(if sources.len() > 1 { names } else { Vec::new() });
        let mut engine = Engine::with_options(rulebook, options.engine);
        let mut count = Count::new(rulebook);
        let (mut pool, mut rows) = (Pool::new(), 0_u64);
        let mut span: Option<(Timestamp, Timestamp)> = None;
        let mut order = order::Order::new(sources);
        while let Some((at, place, batch, row, time)) = order.next(sources) {
            rows += 1;
            let is_after = |time: Timestamp| options.until.is_some_and(|until| time > until);
            if !time.is_some_and(is_after)
                && let Some(source) = sources.get(at)
            {
                if let Some(time) = time {
                    span = Some((span.map_or(time, |(first, _)| first.min(time)), time));
                }
                pool.push(&source.binding, batch, row, RefusedTable::number(at, place), &mut refused);
            }
            if pool.is_full() {
                count.add(&pool);
                pool.flush(&mut engine, &mut refused, &mut |decision| run.push(decision));
            }
            if rows % REPORT == 0 && !progress(rows) {
                return Ok(None);
            }
        }
        count.add(&pool);
        pool.flush(&mut engine, &mut refused, &mut |decision| run.push(decision));
        for decision in engine.finish() {
            run.push(&decision);
        }
        if let Some(until) = options.until {
            // Nothing later than `until` was applied, so it cannot be late.
            let mut sink = |decision: &DecisionRef<'_>| run.push(decision);
            while let Err(InputError::Unfinished { .. }) = engine.advance_into(until, &mut sink) {}
            span = span.map(|(first, _)| (first, until));
        }
        progress(rows);
        let subjects = count.finish(rulebook, &engine);
        Ok(Some(Backtest {
            rulebook: rulebook.clone(),
            decisions: run.decisions.unwrap_or_else(|| DecisionTable::new(false)).finish()?,
            refused: refused.finish()?,
            members: run.members,
            rules: run.rules,
            series: run.series,
            subjects,
            rows,
            span,
        }))
    }

    /// The rulebook that was run.
    #[must_use]
    pub fn rulebook(&self) -> &Rulebook {
        &self.rulebook
    }

    /// Every decision, if they were to be kept.
    #[must_use]
    pub fn decisions(&self) -> &Table {
        &self.decisions
    }

    /// The rows that were refused, each with its position and why.
    #[must_use]
    pub fn refused(&self) -> &Table {
        &self.refused
    }

    /// Who has what at the end.
    #[must_use]
    pub fn members(&self) -> &Members {
        &self.members
    }

    /// How many rows there were.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The time of the first event, and the end.
    #[must_use]
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        self.span
    }

    /// How many subjects of an entity the events name.
    #[must_use]
    pub fn subjects(&self, entity: &str) -> u64 {
        self.subjects.get(entity).copied().unwrap_or_default()
    }
}

/// What follows the decisions of a run.
struct Run {
    decisions: Option<DecisionTable>,
    members: Members,
    rules: Rules,
    series: Series,
}

impl Run {
    fn push<'a>(&mut self, decision: impl Into<View<'a>>) {
        let decision = decision.into();
        let subject = self.members.subject(&decision);
        self.rules.push(&decision, subject);
        if !decision.shadow {
            match self.members.step(&decision, subject) {
                Step::Gained(thing) => {
                    self.series.gained(thing, decision.time);
                    self.rules.thing(thing, decision.time, subject);
                }
                Step::Lost(thing) => self.series.lost(thing, decision.time),
                Step::Got(thing) => {
                    if self.rules.thing(thing, decision.time, subject) {
                        self.members.got(&decision, subject, thing);
                    }
                }
                Step::Nothing => {}
            }
        }
        if let Some(decisions) = &mut self.decisions {
            decisions.push(decision);
        }
    }
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
