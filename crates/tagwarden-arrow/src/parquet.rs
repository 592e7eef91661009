//! Parquet files.

use crate::bind::Binding;
use crate::files::{Batches, FileError, open, unbound, wrong};
use crate::mapping::Mapping;
use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::path::Path;
use tagwarden::Schema;

/// How many rows are read at once.
const ROWS: usize = 8_192;

const FORMAT: &str = "a Parquet file";

/// Opens a Parquet file of events. Only the columns that the events of the schema have are read and unpacked. Pages may be
/// packed with Snappy, Zstandard, LZ4 or gzip.
///
/// ```no_run
/// use tagwarden::Rulebook;
/// use tagwarden_arrow::{Mapping, open_parquet};
///
/// let rulebook = Rulebook::compile("entity customer  event login(customer) {}  rule all { on login then tag seen }")?;
/// let batches = open_parquet("events.parquet".as_ref(), rulebook.schema(), &Mapping::default())?;
/// println!("{:?} rows", batches.rows());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`FileError`]: the file cannot be opened, is not a whole Parquet file, or its columns do not fit the schema. What is wrong
/// with the pages of rows is found when they are read.
pub fn open_parquet(path: &Path, schema: &Schema, mapping: &Mapping) -> Result<Batches, FileError> {
    let file = open(path)?;
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| wrong(path, FORMAT, &error))?;
    let bind = |table: &arrow_schema::Schema| Binding::of(schema, table, mapping);
    let columns = bind(builder.schema()).map_err(|error| unbound(path, error))?.columns();
    let narrow = builder.schema().project(&columns).map_err(|error| wrong(path, FORMAT, &error))?;
    let binding = bind(&narrow).map_err(|error| unbound(path, error))?;
    let rows = u64::try_from(builder.metadata().file_metadata().num_rows()).ok();
    let mask = ProjectionMask::roots(builder.parquet_schema(), columns);
    let reader = builder.with_projection(mask).with_batch_size(ROWS).build();
    let reader = reader.map_err(|error| wrong(path, FORMAT, &error))?;
    Ok(Batches::new(path, FORMAT, rows, binding, Box::new(reader)))
}
