//! A run of one subject after the other, each from its first row to the end.
//!
//! No subject looks at another, so this comes to the same as a run in order of time. What is remembered of the subject stays near, what
//! is remembered of the others need not be held at all, and several threads can work side by side.

use super::histories::{Histories, Row, Unsuited};
use super::tally::Tally;
use super::{BacktestOptions, End, REPORT, Ran, Source, table_names};
use crate::decisions::{DecisionTable, Rank, arrange};
use crate::feed::{Known, Pool, Rows};
use crate::refused::RefusedTable;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;
use tagwarden::{DecisionRef, Engine, InputError, Rulebook, Timestamp};

/// What falls due comes after the events of its time.
const DUE: u64 = 1 << 63;

pub(super) fn run(
    rulebook: &Rulebook,
    sources: &[Source],
    options: &BacktestOptions,
    progress: &mut dyn FnMut(u64) -> bool,
) -> End {
    if !suits(rulebook, options) {
        return End::Unsuited;
    }
    let mut refused = RefusedTable::of(table_names(sources));
    let Ok(histories) = Histories::gather(rulebook, sources, options, &mut refused) else {
        return End::Unsuited;
    };
    let Histories { seen: rows, span, last, .. } = histories;
    let end = options.until.or_else(|| last.and_then(|last| last.checked_add_micros(-1)));
    let work = Work { rulebook, sources, options, histories: &histories, end: end.unwrap_or(Timestamp::MIN) };
    let threads = work.threads();
    let Ok(done) = work.run(threads, progress) else { return End::Unsuited };
    let Some(done) = done else { return End::Stopped };
    let mut tally = Tally::new(rulebook);
    let (mut counts, mut kept) = (vec![0; rulebook.schema().entities.len()], Vec::new());
    for part in done {
        kept.extend(part.kept.map(|kept| (kept.table, kept.ranks)));
        tally.join(part.tally);
        refused.join(part.refused);
        for (count, more) in counts.iter_mut().zip(part.counts) {
            *count += more;
        }
    }
    tally.settle();
    progress(rows);
    let span = match options.until {
        Some(until) => span.map(|(first, _)| (first, until)),
        None => span,
    };
    let subjects = rulebook.schema().entities.iter().cloned().zip(counts).collect();
    let decisions = arrange(kept, threads);
    End::Done(Box::new(Ran { decisions, refused, tally, subjects, rows, span }))
}

/// Whether the order of rows of different subjects makes no difference.
fn suits(rulebook: &Rulebook, options: &BacktestOptions) -> bool {
    let alone = rulebook.schema().events.iter().all(|event| event.entities.len() == 1);
    let engine = &options.engine;
    alone && engine.dedup.is_none() && engine.lateness == Default::default()
}

/// What is to be done.
#[derive(Clone, Copy)]
struct Work<'w> {
    rulebook: &'w Rulebook,
    sources: &'w [Source],
    options: &'w BacktestOptions,
    histories: &'w Histories,
    /// Up to when things fall due.
    end: Timestamp,
}

/// Decisions, with where each belongs.
struct Kept {
    table: DecisionTable,
    ranks: Vec<Rank>,
}

/// Where the decisions of a thread go.
struct Results {
    tally: Tally,
    kept: Option<Kept>,
    /// Of the subject at hand: the place of its first event, and how many decisions there have been.
    first: Option<u32>,
    count: u32,
}

impl Results {
    /// `event`: the time and the place of the event that is applied.
    fn push(&mut self, decision: &DecisionRef<'_>, event: Option<(Timestamp, u32)>) {
        let time = decision.time.micros();
        let (place, rank) = match event {
            Some((now, place)) if now == decision.time => (u64::from(place), Rank::Event(place, time)),
            _ => {
                let first = self.first.unwrap_or_default();
                (DUE | u64::from(first), Rank::Due(first, time))
            }
        };
        self.tally.push(&decision.into(), (place, self.count));
        self.count += 1;
        if let Some(Kept { table, ranks }) = &mut self.kept {
            table.push(decision);
            ranks.push(rank);
        }
    }
}

/// What a thread has done.
struct Part {
    tally: Tally,
    kept: Option<Kept>,
    refused: RefusedTable,
    /// How many subjects of each entity.
    counts: Vec<u64>,
}

impl Work<'_> {
    fn threads(self) -> usize {
        let cores = || thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        self.options.threads.unwrap_or_else(cores).get()
    }

    /// Has threads take shares until there are none; `None` if it was stopped.
    fn run(
        self,
        threads: usize,
        progress: &mut dyn FnMut(u64) -> bool,
    ) -> Result<Option<Vec<Part>>, Unsuited> {
        let shares = self.histories.shares();
        let (next, rows) = (AtomicUsize::new(0), AtomicU64::new(0));
        let (stopped, unsuited) = (AtomicBool::new(false), AtomicBool::new(false));
        let take = |report: &mut dyn FnMut(u64) -> bool| {
            let mut worker = Worker::new(self);
            while !stopped.load(Ordering::Relaxed)
                && !unsuited.load(Ordering::Relaxed)
                && let Some(share) = shares.get(next.fetch_add(1, Ordering::Relaxed))
            {
                match worker.share(share.clone()) {
                    Ok(done) => {
                        if !report(rows.fetch_add(done, Ordering::Relaxed) + done) {
                            stopped.store(true, Ordering::Relaxed);
                        }
                    }
                    Err(Unsuited) => unsuited.store(true, Ordering::Relaxed),
                }
            }
            let Worker { results: Results { tally, kept, .. }, refused, counts, .. } = worker;
            Part { tally, kept, refused, counts }
        };
        let mut told = 0;
        let mut report = |rows: u64| {
            rows - told < REPORT || {
                told = rows;
                progress(rows)
            }
        };
        let parts = thread::scope(|scope| {
            let others: Vec<_> =
                (1..threads.min(shares.len())).map(|_| scope.spawn(|| take(&mut |_| true))).collect();
            let mut parts = vec![take(&mut report)];
            for other in others {
                match other.join() {
                    Ok(part) => parts.push(part),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            parts
        });
        match (unsuited.into_inner(), stopped.into_inner()) {
            (true, _) => Err(Unsuited),
            (false, true) => Ok(None),
            (false, false) => Ok(Some(parts)),
        }
    }
}

/// Runs subjects.
struct Worker<'w> {
    work: Work<'w>,
    batches: Vec<Option<Rows>>,
    engine: Engine,
    pool: Pool,
    /// The place of each event of the pool in the order of time.
    places: Vec<u32>,
    results: Results,
    refused: RefusedTable,
    counts: Vec<u64>,
}

impl<'w> Worker<'w> {
    fn new(work: Work<'w>) -> Worker<'w> {
        let batch = |(table, at, _): &(usize, usize, usize)| {
            let source = work.sources.get(*table)?;
            Some(Rows::new(&source.binding, source.batches.get(*at)?))
        };
        Worker {
            work,
            batches: work.histories.batches.iter().map(batch).collect(),
            engine: Engine::with_options(work.rulebook, work.options.engine.clone()),
            pool: Pool::new(),
            places: Vec::new(),
            results: Results {
                tally: Tally::new(work.rulebook),
                kept: work
                    .options
                    .decisions
                    .then(|| Kept { table: DecisionTable::new(work.options.reasons), ranks: Vec::new() }),
                first: None,
                count: 0,
            },
            refused: RefusedTable::default(),
            counts: vec![0; work.rulebook.schema().entities.len()],
        }
    }

    /// Runs some subjects; how many rows they have.
    fn share(&mut self, share: Range<usize>) -> Result<u64, Unsuited> {
        let histories = self.work.histories;
        let end_of = |at: usize| histories.subjects.get(at).map_or(0, |(.., end)| *end as usize);
        let mut begin = share.start.checked_sub(1).map_or(0, end_of);
        let first = begin;
        for subject in share {
            let end = end_of(subject);
            self.subject(subject, histories.rows.get(begin..end).unwrap_or_default())?;
            begin = end;
        }
        Ok((begin - first) as u64)
    }

    fn subject(&mut self, subject: usize, rows: &[Row]) -> Result<(), Unsuited> {
        let histories = self.work.histories;
        let Some((entity, key, _)) = histories.subjects.get(subject) else { return Ok(()) };
        self.engine.restart();
        (self.results.first, self.results.count) = (None, 0);
        for row in rows {
            self.read(*row, key);
            if self.pool.is_full() {
                self.flush()?;
            }
        }
        self.flush()?;
        let Some(clock) = self.engine.clock() else { return Ok(()) };
        if let Some(count) = self.counts.get_mut(*entity) {
            *count += 1;
        }
        if clock > self.work.end {
            return Ok(());
        }
        let results = &mut self.results;
        let mut sink = |decision: &DecisionRef<'_>| results.push(decision, None);
        loop {
            match self.engine.advance_into(self.work.end, &mut sink) {
                Ok(()) => return Ok(()),
                Err(InputError::Unfinished { .. }) => {}
                Err(_) => return Err(Unsuited),
            }
        }
    }

    /// Makes an event of a row.
    fn read(&mut self, row: Row, key: &Arc<str>) {
        let Some((table, _, before)) = self.work.histories.batches.get(usize::from(row.batch)) else {
            return;
        };
        let Some(source) = self.work.sources.get(*table) else { return };
        let Some(Some(rows)) = self.batches.get_mut(usize::from(row.batch)) else { return };
        let Some(time) = Timestamp::from_micros(row.time) else { return };
        let number = RefusedTable::number(*table, before + row.at as usize);
        let known = Known { at: row.event.into(), whose: Some((time, key)) };
        self.pool.push_known(&source.binding, (rows, row.at as usize), known, number, &mut self.refused);
        if self.pool.events().len() > self.places.len() {
            self.places.push(row.place);
        }
    }

    /// Has the engine take the events that have been made.
    fn flush(&mut self) -> Result<(), Unsuited> {
        let results = &mut self.results;
        for (event, place) in self.pool.events().iter().zip(&self.places) {
            results.first.get_or_insert(*place);
            let mut sink = |decision: &DecisionRef<'_>| results.push(decision, Some((event.time, *place)));
            loop {
                match self.engine.process_into(event, &mut sink) {
                    Ok(()) => break,
                    Err(InputError::Unfinished { .. }) => {}
                    Err(_) => return Err(Unsuited),
                }
            }
        }
        self.pool.clear();
        self.places.clear();
        Ok(())
    }
}
