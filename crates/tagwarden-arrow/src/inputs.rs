//! The rows of a file one by one, for hosts that hand over inputs themselves.

use crate::bind::Binding;
use crate::feed::{Rows, fill};
use crate::files::{Batches, FileError};
use crate::intern::Interner;
use crate::slow;
use tagwarden::{Event, Input, InputError, Timestamp};

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

    /// Reads the next row over an earlier one, whose memory is used again: an input, or why the row is none. Returns the number
    /// of the row; `None` at the end, and `into` is then as it was.
    ///
    /// # Errors
    /// [`FileError`]: the file cannot be read any further.
    pub fn next_over(&mut self, into: &mut Result<Input, InputError>) -> Result<Option<u64>, FileError> {
        while self.row == self.len {
            let Some(batch) = self.batches.next() else { return Ok(None) };
            let batch = batch?;
            self.rows = Some(Rows::new(self.batches.binding(), &batch));
            (self.row, self.len) = (0, batch.num_rows());
        }
        let Some(rows) = &mut self.rows else { return Ok(None) };
        rows.read_over(self.batches.binding(), self.row, &mut self.interner, into);
        self.row += 1;
        self.seen += 1;
        Ok(Some(self.seen))
    }
}

impl Rows {
    /// Reads a row as an input of its own.
    fn read_over(
        &mut self,
        binding: &Binding,
        row: usize,
        interner: &mut Interner,
        into: &mut Result<Input, InputError>,
    ) {
        let bound = self.types.find(binding, row).and_then(|at| binding.events.get(at));
        let Some(bound) = bound else {
            *into = Err(self.types.complaint(binding, row));
            return;
        };
        if !matches!(into, Ok(Input::Event(_))) {
            *into = Ok(Input::Event(Event {
                event: bound.event,
                time: Timestamp::MIN,
                id: None,
                keys: Vec::with_capacity(bound.keys.len()),
                fields: Vec::with_capacity(bound.fields.len()),
            }));
        }
        let Ok(Input::Event(event)) = into else { return };
        if fill(binding, bound, (&mut self.cells, row), None, interner, event).is_none() {
            *into = slow::read(binding, bound, &self.cells, row);
        }
    }
}
