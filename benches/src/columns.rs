//! The stream as an Arrow table, for the same work that the Python package does, without Python.

use crate::stream::{CHANNELS, Fact, KINDS, key};
use arrow_array::types::Int8Type;
use arrow_array::{
    ArrayRef, DictionaryArray, Float64Array, Int8Array, RecordBatch, StringArray, TimestampMillisecondArray,
};
use std::sync::Arc;
use tagwarden::{Engine, Rulebook};
use tagwarden_arrow::{Binding, DecisionTable, Feed, Mapping, RefusedTable, Table};

/// The facts as one batch: `time`, `customer` as texts, `type` and `channel` as categories, `amount`.
///
/// # Panics
/// The columns do not make a table.
#[must_use]
pub fn batch(facts: &[Fact]) -> RecordBatch {
    let times = TimestampMillisecondArray::from_iter_values(facts.iter().map(|fact| fact.millis));
    let categories = |codes: Int8Array, names: &[&str]| -> ArrayRef {
        let names = Arc::new(StringArray::from(names.to_vec()));
        Arc::new(DictionaryArray::<Int8Type>::try_new(codes, names).expect("codes of the names"))
    };
    let kinds = facts.iter().map(|fact| fact.kind as i8).collect();
    let channels = facts.iter().map(|fact| fact.channel as i8).collect();
    let amounts = facts.iter().map(|fact| matches!(fact.kind, 2 | 3).then(|| f64::from(fact.quarters) / 4.0));
    let columns: [(&str, ArrayRef); 5] = [
        ("time", Arc::new(times.with_timezone("UTC"))),
        ("customer", Arc::new(StringArray::from_iter_values(facts.iter().map(|fact| key(fact.customer))))),
        ("type", categories(kinds, &KINDS)),
        ("channel", categories(channels, &CHANNELS)),
        ("amount", Arc::new(amounts.collect::<Float64Array>())),
    ];
    RecordBatch::try_from_iter(columns).expect("columns of one length")
}

/// Every decision about the rows of a table, as a table.
///
/// # Panics
/// The columns do not fit the rulebook, or a row is refused.
#[must_use]
pub fn decide(rulebook: &Rulebook, batch: &RecordBatch) -> Table {
    let binding = Binding::new(rulebook, &batch.schema(), &Mapping::default()).expect("columns that fit");
    let (mut decisions, mut refused) = (DecisionTable::new(false), RefusedTable::default());
    let mut engine = Engine::new(rulebook);
    Feed::new(&binding).batch(&mut engine, batch, &mut refused, &mut |decision| decisions.push(decision));
    assert!(refused.is_empty(), "in order");
    decisions.finish().expect("a table")
}
