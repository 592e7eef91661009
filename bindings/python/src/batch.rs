//! Tables into engines.

use crate::engine::Inner;
use crate::options::Columns;
use crate::progress::Progress;
use crate::table::PyTable;
use crate::{capsule, errors};
use arrow_array::ffi_stream::RecordBatchStreamReader;
use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use tagwarden::{DecisionRef, Rulebook};
use tagwarden_arrow::{Binding, DecisionTable, Feed, RefusedTable, Table};

/// The batches of a table from another library.
pub(crate) struct Stream {
    reader: RecordBatchStreamReader,
    schema: SchemaRef,
    total: Option<u64>,
}

/// So many rows are taken at once, so that progress is told and Ctrl-C is heard also within a large batch.
const SLICE: usize = 1 << 16;

/// What came of a table.
pub(crate) struct Outcome {
    decisions: Table,
    refused: Table,
    rows: u64,
}

impl Stream {
    pub(crate) fn open(table: &Bound<'_, PyAny>) -> PyResult<Stream> {
        let reader = capsule::import(table)?;
        // A relation has a length only once it has been computed, so this is asked of what has it at hand.
        let total = table.getattr("num_rows").or_else(|_| table.getattr("height")).ok();
        let total = total.and_then(|total| total.extract().ok());
        let total =
            total.or_else(|| table.hasattr("iloc").ok()?.then(|| table.len().ok())?.map(|len| len as u64));
        Ok(Stream { schema: reader.schema(), reader, total })
    }

    pub(crate) fn schema(&self) -> SchemaRef {
        SchemaRef::clone(&self.schema)
    }

    /// How many rows there will be, where that is known.
    pub(crate) fn total(&self) -> Option<u64> {
        self.total
    }

    pub(crate) fn bind(&self, py: Python<'_>, rulebook: &Rulebook, columns: &Columns) -> PyResult<Binding> {
        let mapping = columns.mapping(&self.schema)?;
        Binding::new(rulebook, &self.schema, &mapping).map_err(|error| errors::binding(py, &error))
    }

    /// Every batch.
    pub(crate) fn collect(self) -> Result<Vec<RecordBatch>, ArrowError> {
        self.reader.collect()
    }

    /// Hands the rows to an engine; stops where `progress` says so.
    pub(crate) fn feed(
        &mut self,
        binding: &Binding,
        inner: &mut Inner,
        reasons: bool,
        progress: &mut Progress,
    ) -> PyResult<Outcome> {
        let failed = |error: ArrowError| PyRuntimeError::new_err(error.to_string());
        let (mut decisions, mut refused) = (DecisionTable::new(reasons), RefusedTable::default());
        let (mut feed, mut rows) = (Feed::new(binding), 0_u64);
        let Inner { engine, members, .. } = inner;
        let mut sink = |decision: &DecisionRef<'_>| {
            decisions.push(decision);
            if let Some(members) = members {
                members.push(decision);
            }
        };
        'batches: for batch in &mut self.reader {
            let batch = batch.map_err(failed)?;
            for start in (0..batch.num_rows()).step_by(SLICE) {
                let slice = batch.slice(start, SLICE.min(batch.num_rows() - start));
                feed.batch(engine, &slice, &mut refused, &mut sink);
                rows += slice.num_rows() as u64;
                if !progress.report(rows) {
                    break 'batches;
                }
            }
        }
        let (decisions, refused) = (decisions.finish().map_err(failed)?, refused.finish().map_err(failed)?);
        Ok(Outcome { decisions, refused, rows })
    }
}

/// The answer of `process_batch`.
pub(crate) fn result<'py>(py: Python<'py>, outcome: Outcome) -> PyResult<Bound<'py, PyAny>> {
    let Outcome { decisions, refused, rows } = outcome;
    let class = py.import("tagwarden._types")?.getattr("BatchResult")?;
    class.call1((PyTable(decisions), PyTable(refused), rows))
}
