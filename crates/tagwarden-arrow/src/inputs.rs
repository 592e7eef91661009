//! The rows of a file one by one, for hosts that hand over inputs themselves.

use crate::feed::{Rows, fill};
use crate::files::{Batches, FileError};
use crate::intern::Interner;
use crate::slow;
use tagwarden::{Event, EventId, Input, InputError, Timestamp};

/// The rows of a file as inputs, each with its number, counted from 1.
#[derive(Debug)]
pub struct RowInputs {
    batches: Batches,
    interner: Interner,
    rows: Option<Rows>,
    /// The next row of the batch, and how many it has.
    row: usize,
    len: usize,
    seen: u64,
}

impl RowInputs {
    /// The rows of these batches.
    #[must_use]
    pub fn new(batches: Batches) -> RowInputs {
        RowInputs { batches, interner: Interner::new(), rows: None, row: 0, len: 0, seen: 0 }
    }

    /// How many rows there are; `None` where only the end says it.
    #[must_use]
    pub fn rows(&self) -> Option<u64> {
        self.batches.rows()
    }

    /// Whether the next row needs another batch.
    #[must_use]
    pub fn batch_is_done(&self) -> bool {
        self.row == self.len
    }

    /// The next row with its number, or why it is no input; `None` at the end.
    ///
    /// # Errors
    /// [`FileError`]: the file cannot be read any further.
    #[allow(clippy::type_complexity, reason = "a row may be wrong, and the file may be")]
    pub fn next_row(&mut self) -> Result<Option<(u64, Result<Input, InputError>)>, FileError> {
        while self.row == self.len {
            let Some(batch) = self.batches.next() else { return Ok(None) };
            let batch = batch?;
            self.rows = Some(Rows::new(self.batches.binding(), &batch));
            (self.row, self.len) = (0, batch.num_rows());
        }
        let Some(rows) = &mut self.rows else { return Ok(None) };
        let row = self.row;
        self.row += 1;
        self.seen += 1;
        Ok(Some((self.seen, rows.input(self.batches.binding(), row, &mut self.interner))))
    }
}

impl Rows {
    /// A row as an input of its own.
    fn input(
        &mut self,
        binding: &crate::Binding,
        row: usize,
        interner: &mut Interner,
    ) -> Result<Input, InputError> {
        let bound = self.types.find(binding, row).and_then(|at| binding.events.get(at));
        let Some(bound) = bound else { return Err(self.types.complaint(binding, row)) };
        let mut event = Event {
            event: EventId(0),
            time: Timestamp::MIN,
            id: None,
            keys: Vec::with_capacity(bound.keys.len()),
            fields: Vec::with_capacity(bound.fields.len()),
        };
        match fill(binding, bound, &mut self.cells, row, interner, &mut event) {
            Some(()) => Ok(Input::Event(event)),
            None => slow::read(binding, bound, &self.cells, row),
        }
    }
}
