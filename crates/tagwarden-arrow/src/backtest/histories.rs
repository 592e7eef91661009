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
use tagwarden::{EventId, Rulebook, Timestamp};

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
        let first_of = |table| batches.iter().position(|(other, ..)| *other == table).unwrap_or_default();
        let firsts: Vec<usize> = (0..sources.len()).map(first_of).collect();
        let mut owners = Owners { rulebook, subjects: Subjects::default(), odd: Pool::new() };
        let (mut rows, mut owned) = (Vec::new(), Vec::new());
        let (mut seen, mut span): (u64, Option<(Timestamp, Timestamp)>) = (0, None);
        let mut order = Order::new(sources);
        while let Some((table, batch, at)) = order.next_place() {
            seen += 1;
            let (Some(source), Some((before, read))) = (sources.get(table), order.batch(table, batch)) else {
                continue;
            };
            let time = read.time(&source.binding, at);
            if let Some(time) = time {
                if options.until.is_some_and(|until| time > until) {
                    continue;
                }
                span = Some((span.map_or(time, |(first, _)| first.min(time)), time));
            }
            let number = RefusedTable::number(table, before + at);
            let Some((event, owner)) = owners.find(source, (read, at), number, refused) else { continue };
            // One that gets its time only now stands in the wrong place.
            let time = time.ok_or(Unsuited)?.micros();
            let batch =
                u16::try_from(firsts.get(table).map_or(0, |first| first + batch)).map_err(|_| Unsuited)?;
            rows.push(Row { time, place: rows.len() as u32, at: at as u32, batch, event });
            owned.push(owner);
        }
        let subjects = owners.subjects.keys;
        if subjects.len() > options.engine.limits.subjects || u32::try_from(rows.len()).is_err() {
            return Err(Unsuited);
        }
        let last = last(sources, &batches, &rows);
        let (rows, ends) = sorted(&rows, &owned, subjects.len());
        let subjects =
            subjects.into_iter().zip(ends).map(|((entity, key), end)| (entity, key, end)).collect();
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

/// Finds whose rows are.
struct Owners<'r> {
    rulebook: &'r Rulebook,
    subjects: Subjects,
    /// For rows that are not plain.
    odd: Pool,
}

impl Owners<'_> {
    /// The event type of a row, and the number of its subject; `None` if it is no event, which is noted.
    fn find(
        &mut self,
        source: &Source,
        (rows, at): (&mut Rows, usize),
        number: u64,
        refused: &mut RefusedTable,
    ) -> Option<(u16, u32)> {
        let Source { binding, .. } = source;
        let plain = rows.time(binding, at).and_then(|_| rows.types.find(binding, at));
        let bound = plain.and_then(|event| binding.events.get(event));
        if let Some(bound) = bound
            && let Some(cells) = bound.keys.first().and_then(|(_, at)| rows.cells.get((*at)?))
            && let Some(key) = key(cells, at)
        {
            return self.number(bound.event, &key);
        }
        self.odd.clear();
        self.odd.push(binding, (rows, at), number, refused);
        let event = self.odd.events().first()?;
        let (event, key) = (event.event, Arc::clone(event.keys.first()?));
        self.number(event, &key)
    }

    fn number(&mut self, event: EventId, key: &str) -> Option<(u16, u32)> {
        let entity = self.rulebook.schema().event_type(event)?.entities.first()?;
        Some((event.0, self.subjects.number(usize::from(entity.0), key)))
    }
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
