//! A run of one subject after the other, each from its first row to the end.
//!
//! No subject looks at another, so this comes to the same as a run in order of time. What is remembered of the subject stays near, what
//! is remembered of the others need not be held at all, and several threads can work side by side.

use super::order::Order;
use super::tally::Tally;
use super::{BacktestOptions, End, REPORT, Ran, Source, table_names};
use crate::cells::Cells;
use crate::decisions::{DecisionTable, Rank, arrange};
use crate::feed::{Known, Pool, Rows};
use crate::numbers::Number;
use crate::refused::RefusedTable;
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::borrow::Cow;
use std::hash::BuildHasher;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;
use tagwarden::{DecisionRef, Engine, InputError, Rulebook, Timestamp};

/// A thread takes subjects with so many rows at a time.
const SHARE: u32 = 1 << 13;

/// What falls due comes after the events of its time.
const DUE: u64 = 1 << 63;

/// Something for which a run in order of time is needed.
struct Unsuited;

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
    let Ok(done) = work.run(progress) else { return End::Unsuited };
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
    let decisions = arrange(kept);
    End::Done(Box::new(Ran { decisions, refused, tally, subjects, rows, span }))
}

/// Whether the order of rows of different subjects makes no difference.
fn suits(rulebook: &Rulebook, options: &BacktestOptions) -> bool {
    let alone = rulebook.schema().events.iter().all(|event| event.entities.len() == 1);
    let engine = &options.engine;
    alone && engine.dedup.is_none() && engine.lateness == Default::default()
}

/// A row: when it was, and where it stands.
#[derive(Clone, Copy, Default)]
struct Row {
    time: i64,
    /// Its place in the order of time.
    place: u32,
    at: u32,
    batch: u16,
    event: u16,
}

/// The rows of each subject.
struct Histories {
    /// The batches of all tables: each with its table, its place there, and the number of rows before it.
    batches: Vec<(usize, usize, usize)>,
    /// The rows that are to be read, subject by subject, those of each in order of time.
    rows: Vec<Row>,
    /// In the order in which they come first: the entity, the key, and where its rows end.
    subjects: Vec<(usize, Arc<str>, u32)>,
    /// How many rows there are in all.
    seen: u64,
    /// The time of the last row that is an event.
    last: Option<Timestamp>,
    span: Option<(Timestamp, Timestamp)>,
}

impl Histories {
    fn gather(
        rulebook: &Rulebook,
        sources: &[Source],
        options: &BacktestOptions,
        refused: &mut RefusedTable,
    ) -> Result<Histories, Unsuited> {
        let batches = batches(sources);
        let mut firsts = vec![0; sources.len()];
        for (at, (table, ..)) in batches.iter().enumerate().rev() {
            if let Some(first) = firsts.get_mut(*table) {
                *first = at;
            }
        }
        let events = &rulebook.schema().events;
        let entity = |event: usize| events.get(event).and_then(|event| event.entities.first());
        let mut subjects = Subjects::default();
        let (mut rows, mut owners) = (Vec::new(), Vec::new());
        let (mut seen, mut span): (u64, Option<(Timestamp, Timestamp)>) = (0, None);
        let mut odd = Pool::new();
        let mut order = Order::new(sources);
        while let Some((table, at, row)) = order.next_place() {
            seen += 1;
            let (Some(source), Some((before, batch))) = (sources.get(table), order.batch(table, at)) else {
                continue;
            };
            let time = batch.time(&source.binding, row);
            if let Some(time) = time {
                if options.until.is_some_and(|until| time > until) {
                    continue;
                }
                span = Some((span.map_or(time, |(first, _)| first.min(time)), time));
            }
            let event = batch.types.find(&source.binding, row);
            let bound = event.and_then(|event| source.binding.events.get(event));
            let cells = bound.and_then(|bound| bound.keys.first()?.1);
            let key = cells.and_then(|cells| key(batch.cells.get(cells)?, row));
            let (time, event, owner) = match (time, event, event.and_then(entity), key) {
                (Some(time), Some(event), Some(entity), Some(key)) => {
                    (time, event, subjects.number(usize::from(entity.0), &key))
                }
                _ => {
                    odd.clear();
                    odd.push(
                        &source.binding,
                        (batch, row),
                        RefusedTable::number(table, before + row),
                        refused,
                    );
                    let Some(event) = odd.events().first() else { continue };
                    // Whose it is, is known only now. One that gets its time only now stands in the wrong place.
                    match (time, entity(event.event.0.into()), event.keys.first()) {
                        (Some(time), Some(entity), Some(key)) => {
                            (time, event.event.0.into(), subjects.number(entity.0.into(), key))
                        }
                        _ => return Err(Unsuited),
                    }
                }
            };
            let batch = firsts.get(table).map_or(0, |first| first + at);
            let (Ok(batch), Ok(event)) = (u16::try_from(batch), u16::try_from(event)) else {
                return Err(Unsuited);
            };
            rows.push(Row { time: time.micros(), place: rows.len() as u32, at: row as u32, batch, event });
            owners.push(owner);
        }
        if subjects.keys.len() > options.engine.limits.subjects || u32::try_from(rows.len()).is_err() {
            return Err(Unsuited);
        }
        let last = last(sources, &batches, &rows);
        let (rows, ends) = sorted(&rows, &owners, subjects.keys.len());
        let subjects = subjects.keys.into_iter().zip(ends);
        let subjects = subjects.map(|((entity, key), end)| (entity, key, end)).collect();
        Ok(Histories { batches, rows, subjects, seen, last, span })
    }

    /// Subjects that are taken together: so many that they have about so many rows.
    fn shares(&self) -> Vec<Range<usize>> {
        let mut shares = Vec::new();
        let (mut first, mut begin) = (0, 0);
        for (at, (.., end)) in self.subjects.iter().enumerate() {
            if end - begin >= SHARE || at + 1 == self.subjects.len() {
                shares.push(first..at + 1);
                (first, begin) = (at + 1, *end);
            }
        }
        shares
    }
}

fn batches(sources: &[Source]) -> Vec<(usize, usize, usize)> {
    let mut batches = Vec::new();
    for (table, source) in sources.iter().enumerate() {
        let mut before = 0;
        for (at, batch) in source.batches.iter().enumerate() {
            batches.push((table, at, before));
            before += batch.num_rows();
        }
    }
    batches
}

/// The time of the last row that is an event, of rows in order of time.
fn last(sources: &[Source], batches: &[(usize, usize, usize)], rows: &[Row]) -> Option<Timestamp> {
    let (mut pool, mut refused) = (Pool::new(), RefusedTable::default());
    let mut read: Option<(u16, Rows)> = None;
    for row in rows.iter().rev() {
        let (table, at, _) = batches.get(usize::from(row.batch))?;
        let source = sources.get(*table)?;
        if read.as_ref().is_none_or(|(other, _)| *other != row.batch) {
            read = Some((row.batch, Rows::new(&source.binding, source.batches.get(*at)?)));
        }
        if let Some((_, batch)) = &mut read {
            pool.push(&source.binding, (batch, row.at as usize), 0, &mut refused);
        }
        if let Some(event) = pool.events().first() {
            return Some(event.time);
        }
    }
    None
}

/// The rows by owner, those of each in their order, and where those of each end.
fn sorted(rows: &[Row], owners: &[u32], count: usize) -> (Vec<Row>, Vec<u32>) {
    let mut next = vec![0_u32; count];
    for owner in owners {
        if let Some(rows) = next.get_mut(*owner as usize) {
            *rows += 1;
        }
    }
    let mut begin = 0;
    for rows in &mut next {
        begin += std::mem::replace(rows, begin);
    }
    let mut sorted = vec![Row::default(); rows.len()];
    for (row, owner) in rows.iter().zip(owners) {
        if let Some(next) = next.get_mut(*owner as usize)
            && let Some(place) = sorted.get_mut(*next as usize)
        {
            *place = *row;
            *next += 1;
        }
    }
    (sorted, next)
}

/// Subjects by number.
#[derive(Default)]
struct Subjects {
    /// The other half of the hash, and the number.
    table: HashTable<(u32, u32)>,
    keys: Vec<(usize, Arc<str>)>,
    hasher: FixedState,
}

impl Subjects {
    fn number(&mut self, entity: usize, key: &str) -> u32 {
        let hash = self.hasher.hash_one(key) ^ entity as u64;
        let half = (hash >> 32) as u32;
        let keys = &self.keys;
        let is = |(other, at): &(u32, u32)| {
            *other == half
                && keys.get(*at as usize).is_some_and(|(other, text)| *other == entity && **text == *key)
        };
        let spread = |half: u32| u64::from(half).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        if let Some((_, number)) = self.table.find(spread(half), is) {
            return *number;
        }
        let number = self.keys.len() as u32;
        self.keys.push((entity, key.into()));
        self.table.insert_unique(spread(half), (half, number), |(half, _)| spread(*half));
        number
    }
}

/// A key, where it is plain.
fn key(cells: &Cells, row: usize) -> Option<Cow<'_, str>> {
    match cells {
        Cells::Texts(texts) => texts.get(row).filter(|key| !key.is_empty()).map(Cow::Borrowed),
        Cells::Numbers(numbers) => match numbers.get(row)? {
            Number::Whole(whole) => Some(Cow::Owned(whole.to_string())),
            _ => None,
        },
        _ => None,
    }
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
        let place = match event {
            Some((time, place)) if time == decision.time => u64::from(place),
            // Subjects for which something falls due have their turn in the order in which they were first seen.
            _ => DUE | u64::from(self.first.unwrap_or_default()),
        };
        self.tally.push(&decision.into(), (place, self.count));
        self.count += 1;
        if let Some(Kept { table, ranks }) = &mut self.kept {
            table.push(decision);
            ranks.push((decision.time.micros(), place));
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
    /// Has threads take shares until there are none; `None` if it was stopped.
    fn run(self, progress: &mut dyn FnMut(u64) -> bool) -> Result<Option<Vec<Part>>, Unsuited> {
        let shares = self.histories.shares();
        let cores = || thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let threads = self.options.threads.unwrap_or_else(cores).get().min(shares.len().max(1));
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
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(|| take(&mut |_| true))).collect();
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
