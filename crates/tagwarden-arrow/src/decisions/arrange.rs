//! Decisions that were made in another order, put in theirs.

use super::{Absent, CODED, DecisionTable, PART, Part, schema};
use crate::dictionary::Dictionary;
use crate::table::Table;
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, Int32Array, RecordBatch, StringArray, new_null_array};
use arrow_schema::{ArrowError, DataType};
use arrow_select::interleave::interleave;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Where a decision belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rank {
    /// The place of its event in the order of time, and the time.
    Event(u32, i64),
    /// What fell due at a time, after the events of that, and the place of the first event of its subject: of those that fall due at
    /// one time, subjects have their turn in the order in which they were first seen.
    Due(u32, i64),
}

/// Decisions with the rank of each. Those of one rank are in one of these, and in their order.
pub(crate) type Ranked = (DecisionTable, Vec<Rank>);

/// The place of a row: its part, and its place there.
type Row = (u32, u32);

/// One table of all decisions: the same, down to the order of the words in dictionaries, as if they had been made in order.
///
/// # Errors
/// It is too large for its columns.
pub(crate) fn arrange(made: Vec<Ranked>, threads: usize) -> Result<Table, ArrowError> {
    let schema = Arc::new(schema(made.iter().any(|(table, _)| table.reasons)));
    let (mut dictionaries, mut parts, mut ranks) =
        (<[Dictionary; CODED.len()]>::default(), Vec::new(), Vec::new());
    for (table, of) in made {
        ranks.push((parts.len() as u32, of));
        parts.extend(shared(table, &mut dictionaries));
    }
    let order = order(ranks);
    let columns = Columns::new(parts)?;
    let mut gathered = columns.gather_all(&order, threads)?;
    let values = spell(&mut gathered, &dictionaries)?;
    let mut absent = Absent::default();
    let mut batches = Vec::new();
    for (mut columns, rows) in gathered.into_iter().zip(order.chunks(PART)) {
        let picked = schema.fields().iter().map(|field| match columns.remove(field.name().as_str()) {
            Some(column) => Ok(column),
            None => absent.column(field, rows.len(), &values),
        });
        let picked = picked.collect::<Result<Vec<_>, _>>()?;
        batches.push(RecordBatch::try_new(Arc::clone(&schema), picked)?);
    }
    if batches.is_empty() {
        batches.push(RecordBatch::new_empty(Arc::clone(&schema)));
    }
    Ok(Table::new(schema, batches))
}

/// The rows in order. `ranks`: those of each table, with the number of its first part.
fn order(ranks: Vec<(u32, Vec<Rank>)>) -> Vec<Row> {
    let row = |first: u32, at: usize| (first + (at / PART) as u32, (at % PART) as u32);
    let mut due = Vec::new();
    // Where the decisions of the event at each place begin. Counting them puts them in order.
    let mut begin: Vec<u32> = Vec::new();
    for (first, ranks) in &ranks {
        for (at, rank) in ranks.iter().enumerate() {
            match *rank {
                Rank::Event(place, _) => {
                    let place = place as usize;
                    if begin.len() <= place {
                        begin.resize(place + 1, 0);
                    }
                    if let Some(count) = begin.get_mut(place) {
                        *count += 1;
                    }
                }
                Rank::Due(place, time) => due.push((time, place, row(*first, at))),
            }
        }
    }
    due.sort_unstable();
    let mut count = 0;
    for begin in &mut begin {
        count += std::mem::replace(begin, count);
    }
    let mut events = vec![(0, (0, 0)); count as usize];
    for (first, ranks) in &ranks {
        for (at, rank) in ranks.iter().enumerate() {
            if let Rank::Event(place, time) = *rank
                && let Some(next) = begin.get_mut(place as usize)
                && let Some(event) = events.get_mut(*next as usize)
            {
                *event = (time, row(*first, at));
                *next += 1;
            }
        }
    }
    let mut order = Vec::with_capacity(events.len() + due.len());
    let mut due = due.into_iter().peekable();
    for (time, row) in events {
        while let Some((_, _, row)) = due.next_if(|(due, ..)| *due < time) {
            order.push(row);
        }
        order.push(row);
    }
    order.extend(due.map(|(_, _, row)| row));
    order
}

/// The parts of a table, with codes of the dictionaries that all share.
fn shared(table: DecisionTable, dictionaries: &mut [Dictionary; CODED.len()]) -> Vec<(usize, Part)> {
    let code = |(to, from): (&mut Dictionary, &Dictionary)| -> Vec<i32> {
        from.texts().iter().map(|text| to.word(text)).collect()
    };
    let codes: Vec<Vec<i32>> = dictionaries.iter_mut().zip(&table.dictionaries).map(code).collect();
    let mut parts = table.into_parts();
    for (_, part) in &mut parts {
        for (column, codes) in part.codes.iter_mut().zip(&codes) {
            column.replace(|code| codes.get(code as usize).copied().unwrap_or_default());
        }
    }
    parts
}

/// The columns of a batch by name, those in which some row has something.
type Gathered = HashMap<&'static str, ArrayRef>;

/// The columns in which some row has something, of each part one array.
struct Columns(Vec<(&'static str, Vec<ArrayRef>)>);

impl Columns {
    fn new(parts: Vec<(usize, Part)>) -> Result<Columns, ArrowError> {
        let mut columns: Vec<(&str, Vec<Result<ArrayRef, usize>>)> = Vec::new();
        for (at, (rows, part)) in parts.into_iter().enumerate() {
            for (place, (name, column)) in part.finish(rows)?.into_iter().enumerate() {
                if at == 0 {
                    columns.push((name, Vec::new()));
                }
                if let Some((_, arrays)) = columns.get_mut(place) {
                    arrays.push(column.ok_or(rows));
                }
            }
        }
        let whole = columns.into_iter().filter_map(|(name, arrays)| {
            let ty = arrays.iter().flatten().next()?.data_type().clone();
            let fill =
                |array: Result<ArrayRef, usize>| array.unwrap_or_else(|rows| new_null_array(&ty, rows));
            Some((name, arrays.into_iter().map(fill).collect()))
        });
        Ok(Columns(whole.collect()))
    }

    /// All rows, by batches.
    fn gather_all(&self, order: &[Row], threads: usize) -> Result<Vec<Gathered>, ArrowError> {
        let chunks: Vec<_> = order.chunks(PART).collect();
        let next = AtomicUsize::new(0);
        let take = || {
            let mut gathered = Vec::new();
            while let Some((at, rows)) =
                (|at| Some((at, chunks.get(at)?)))(next.fetch_add(1, Ordering::Relaxed))
            {
                gathered.push((at, self.gather(rows)));
            }
            gathered
        };
        let mut gathered = thread::scope(|scope| {
            let others: Vec<_> = (1..threads.min(chunks.len())).map(|_| scope.spawn(take)).collect();
            let mut gathered = take();
            for other in others {
                match other.join() {
                    Ok(more) => gathered.extend(more),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            gathered
        });
        gathered.sort_unstable_by_key(|(at, _)| *at);
        gathered.into_iter().map(|(_, batch)| batch).collect()
    }

    fn gather(&self, rows: &[Row]) -> Result<Gathered, ArrowError> {
        let places: Vec<_> = rows.iter().map(|(part, row)| (*part as usize, *row as usize)).collect();
        let gathered = self.0.iter().map(|(name, arrays)| {
            let arrays: Vec<&dyn Array> = arrays.iter().map(AsRef::as_ref).collect();
            let column = interleave(&arrays, &places)?;
            Ok((*name, column))
        });
        gathered
            .filter(|column| !matches!(column, Ok((_, column)) if column.null_count() == column.len()))
            .collect()
    }
}

/// Makes texts of codes, numbered in the order in which they come. Returns the texts of each column.
fn spell(
    batches: &mut [Gathered],
    dictionaries: &[Dictionary; CODED.len()],
) -> Result<Vec<ArrayRef>, ArrowError> {
    let mut values = Vec::new();
    for (name, dictionary) in CODED.iter().zip(dictionaries) {
        let texts = dictionary.texts();
        let (mut numbers, mut words) = (vec![-1_i32; texts.len()], Vec::new());
        let mut columns = Vec::new();
        for (at, batch) in batches.iter_mut().enumerate() {
            let Some(column) = batch.remove(name) else { continue };
            let Some(codes) = column.as_primitive_opt::<Int32Type>() else { continue };
            let mut number = |(row, code): (usize, &i32)| {
                if codes.is_null(row) {
                    return 0;
                }
                match numbers.get_mut(*code as usize) {
                    Some(number) if *number < 0 => {
                        *number = words.len() as i32;
                        words.push(texts.get(*code as usize).map(|text| &**text));
                        *number
                    }
                    Some(number) => *number,
                    None => 0,
                }
            };
            let numbered: Vec<i32> = codes.values().iter().enumerate().map(&mut number).collect();
            columns.push((at, Int32Array::try_new(numbered.into(), codes.nulls().cloned())?));
        }
        let words: ArrayRef = Arc::new(words.into_iter().collect::<StringArray>());
        for (at, codes) in columns {
            if let Some(batch) = batches.get_mut(at) {
                batch.insert(name, Dictionary::column(codes, &words)?);
            }
        }
        values.push(words);
    }
    debug_assert!(values.iter().all(|words| *words.data_type() == DataType::Utf8));
    Ok(values)
}
