//! The rows of tables, subject by subject.

use super::order::Order;
use super::{BacktestOptions, Source};
use crate::cells::Cells;
use crate::feed::{Pool, Rows};
use crate::numbers::Number;
use crate::refused::RefusedTable;
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::borrow::Cow;
use std::hash::BuildHasher;
use std::ops::Range;
use std::sync::Arc;
use tagwarden::{Rulebook, Timestamp};

/// A thread takes subjects with so many rows at a time.
const SHARE: u32 = 1 << 13;

/// Something for which a run in order of time is needed.
pub(super) struct Unsuited;

/// A row: when it was, and where it stands.
#[derive(Clone, Copy, Default)]
pub(super) struct Row {
    pub(super) time: i64,
    /// Its place in the order of time.
    pub(super) place: u32,
    pub(super) at: u32,
    pub(super) batch: u16,
    pub(super) event: u16,
}

/// The rows of each subject.
pub(super) struct Histories {
    /// The batches of all tables: each with its table, its place there, and the number of rows before it.
    pub(super) batches: Vec<(usize, usize, usize)>,
    /// The rows that are to be read, subject by subject, those of each in order of time.
    pub(super) rows: Vec<Row>,
    /// In the order in which they come first: the entity, the key, and where its rows end.
    pub(super) subjects: Vec<(usize, Arc<str>, u32)>,
    /// How many rows there are in all.
    pub(super) seen: u64,
    /// The time of the last row that is an event.
    pub(super) last: Option<Timestamp>,
    pub(super) span: Option<(Timestamp, Timestamp)>,
}

impl Histories {
    pub(super) fn gather(
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
    pub(super) fn shares(&self) -> Vec<Range<usize>> {
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
