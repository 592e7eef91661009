//! What a rulebook would have done with the events of a table: who would have had what, when, and by which rule.

mod by_subject;
mod compare;
mod coverage;
mod histories;
mod in_time;
mod members;
mod order;
mod overlap;
mod series;
mod tally;

pub use members::Members;

use crate::bind::Binding;
use crate::refused::RefusedTable;
use crate::table::Table;
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use tagwarden::{EngineOptions, Rulebook, Timestamp};
use tally::Tally;

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
    /// How many threads may run at most; as many as the machine has cores if it is not said. The result does not depend on it.
    pub threads: Option<NonZeroUsize>,
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
    tally: Tally,
    /// How many subjects of each entity the events name.
    subjects: BTreeMap<Arc<str>, u64>,
    rows: u64,
    span: Option<(Timestamp, Timestamp)>,
}

/// So many rows go by between two reports of progress.
const REPORT: u64 = 1 << 16;

/// What a run has come to.
struct Ran {
    decisions: Result<Table, ArrowError>,
    refused: RefusedTable,
    tally: Tally,
    subjects: BTreeMap<Arc<str>, u64>,
    rows: u64,
    span: Option<(Timestamp, Timestamp)>,
}

/// How a run has ended.
enum End {
    Done(Box<Ran>),
    /// The caller has stopped it.
    Stopped,
    /// It must be run in order of time.
    Unsuited,
}

impl Backtest {
    /// Runs a rulebook over tables, their rows put in order of time; rows of one time stay in their order, tables in theirs.
    /// Where nothing ties subjects to one another, one subject is run after the other, on several threads: that is the same, and
    /// much sooner.
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
        let mut end = by_subject::run(rulebook, sources, &options, progress);
        if matches!(end, End::Unsuited) {
            end = in_time::run(rulebook, sources, &options, progress);
        }
        let End::Done(ran) = end else { return Ok(None) };
        let Ran { decisions, refused, tally, subjects, rows, span } = *ran;
        Ok(Some(Backtest {
            rulebook: rulebook.clone(),
            decisions: decisions?,
            refused: refused.finish()?,
            tally,
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
        &self.tally.members
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

/// What to call the tables where rows are refused, if there are several.
fn table_names(sources: &[Source]) -> Vec<String> {
    if sources.len() > 1 { sources.iter().map(|source| source.name.clone()).collect() } else { Vec::new() }
}
