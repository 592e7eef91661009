//! The stream as an Arrow table, for the same work that the Python package does, without Python.

use crate::stream::{CHANNELS, Fact, KINDS, key};
use arrow_array::types::Int8Type;
use arrow_array::{
    ArrayRef, DictionaryArray, Float64Array, Int8Array, RecordBatch, StringArray, TimestampMillisecondArray,
};
use arrow_ipc::writer::FileWriter;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use tagwarden::{Engine, Rulebook};
use tagwarden_arrow::{
    Batches, Binding, DecisionTable, Feed, Mapping, RefusedTable, Table, open_ipc, open_parquet,
};

/// The rows of a batch of an Arrow file.
const ROWS: usize = 65_536;

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

/// Writes a batch as a file of the format that `path` says: `.parquet`, or `.arrow` for Arrow IPC.
///
/// # Panics
/// The file cannot be written.
pub fn write(batch: &RecordBatch, path: &Path) {
    let file = File::create(path).expect("a file");
    if path.extension().is_some_and(|extension| extension == "parquet") {
        // Snappy, as other programs write by default.
        let packed = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let mut writer =
            ArrowWriter::try_new(file, batch.schema(), Some(packed)).expect("columns for Parquet");
        writer.write(batch).expect("written");
        writer.close().expect("written");
    } else {
        let mut writer = FileWriter::try_new(file, &batch.schema()).expect("columns for Arrow");
        for start in (0..batch.num_rows()).step_by(ROWS) {
            writer.write(&batch.slice(start, ROWS.min(batch.num_rows() - start))).expect("written");
        }
        writer.finish().expect("written");
    }
}

/// The batches of a file that [`write`] wrote.
///
/// # Panics
/// It cannot be read, or does not fit the rulebook.
#[must_use]
pub fn open(rulebook: &Rulebook, path: &Path) -> Batches {
    let parquet = path.extension().is_some_and(|extension| extension == "parquet");
    let open = if parquet { open_parquet } else { open_ipc };
    open(path, rulebook.schema(), &Mapping::default()).expect("a file that fits")
}

/// Every decision about the rows of a file, as a table: one thread reads ahead, and one decides.
///
/// # Panics
/// The file cannot be read or does not fit the rulebook, or a row is refused.
#[must_use]
pub fn decide_file(rulebook: &Rulebook, path: &Path) -> Table {
    let batches = open(rulebook, path);
    let binding = batches.binding().clone();
    let (mut decisions, mut refused) = (DecisionTable::new(false), RefusedTable::default());
    let mut engine = Engine::new(rulebook);
    let (sender, ahead) = sync_channel(4);
    std::thread::scope(|scope| {
        scope.spawn(move || batches.map_while(|batch| sender.send(batch).ok()).for_each(drop));
        let mut feed = Feed::new(&binding);
        for batch in ahead {
            let batch = batch.expect("a whole file");
            feed.batch(&mut engine, &batch, &mut refused, &mut |decision| decisions.push(decision));
        }
    });
    assert!(refused.is_empty(), "in order");
    decisions.finish().expect("a table")
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
