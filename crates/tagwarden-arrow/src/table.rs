//! A result as other libraries take it.

use arrow_array::{RecordBatch, RecordBatchIterator};
use arrow_schema::{ArrowError, SchemaRef};
use std::sync::Arc;

/// A table: batches of one schema.
#[derive(Clone, Debug)]
pub struct Table {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

impl Table {
    /// A table of batches that have this schema.
    #[must_use]
    pub fn new(schema: SchemaRef, batches: Vec<RecordBatch>) -> Table {
        Table { schema, batches }
    }

    /// A table of named columns of one length.
    pub(crate) fn of(columns: Vec<(&str, arrow_array::ArrayRef, bool)>) -> Result<Table, ArrowError> {
        let batch = RecordBatch::try_from_iter_with_nullable(columns)?;
        Ok(Table { schema: batch.schema(), batches: vec![batch] })
    }

    /// Its columns.
    #[must_use]
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Its rows, in pieces.
    #[must_use]
    pub fn batches(&self) -> &[RecordBatch] {
        &self.batches
    }

    /// How many rows it has.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// Its batches, for those who read them one by one. Nothing is copied.
    pub fn reader(
        &self,
    ) -> RecordBatchIterator<impl Iterator<Item = Result<RecordBatch, ArrowError>> + Send + use<>> {
        RecordBatchIterator::new(self.batches.clone().into_iter().map(Ok), Arc::clone(&self.schema))
    }
}
