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

/// Where a decision belongs: its time, and its place among those of that time.
pub(crate) type Rank = (i64, u64);

/// Decisions with the rank of each. Those of one rank are in one of these, and in their order.
pub(crate) type Ranked = (DecisionTable, Vec<Rank>);

/// One table of all decisions: the same, down to the order of the words in dictionaries, as if they had been made in order.
///
/// # Errors
/// It is too large for its columns.
pub(crate) fn arrange(made: Vec<Ranked>) -> Result<Table, ArrowError> {
    let schema = Arc::new(schema(made.iter().any(|(table, _)| table.reasons)));
    let (mut dictionaries, mut parts, mut order) =
        (<[Dictionary; CODED.len()]>::default(), Vec::new(), Vec::new());
    for (table, ranks) in made {
        for (at, rank) in ranks.into_iter().enumerate() {
            order.push((rank, (parts.len() + at / PART) as u32, (at % PART) as u32));
        }
        parts.extend(shared(table, &mut dictionaries));
    }
    order.sort_unstable();
    let columns = Columns::new(parts)?;
    let mut gathered: Vec<HashMap<&str, ArrayRef>> = Vec::new();
    for rows in order.chunks(PART) {
        let places: Vec<_> = rows.iter().map(|(_, part, row)| (*part as usize, *row as usize)).collect();
        gathered.push(columns.gather(&places)?);
    }
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

    fn gather(&self, places: &[(usize, usize)]) -> Result<HashMap<&'static str, ArrayRef>, ArrowError> {
        let gathered = self.0.iter().map(|(name, arrays)| {
            let arrays: Vec<&dyn Array> = arrays.iter().map(AsRef::as_ref).collect();
            let column = interleave(&arrays, places)?;
            Ok((*name, column))
        });
        gathered
            .filter(|column| !matches!(column, Ok((_, column)) if column.null_count() == column.len()))
            .collect()
    }
}

/// Makes texts of codes, numbered in the order in which they come. Returns the texts of each column.
fn spell(
    batches: &mut [HashMap<&str, ArrayRef>],
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
