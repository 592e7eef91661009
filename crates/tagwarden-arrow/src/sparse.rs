//! Columns in which most rows have nothing, or all have something: what is missing costs nothing before something comes.

use arrow_array::builder::StringBuilder;
use arrow_buffer::{BooleanBufferBuilder, NullBuffer};

/// A column of plain values.
#[derive(Debug)]
pub(crate) struct Sparse<T> {
    values: Vec<T>,
    /// Which rows have something, from the first on that has not.
    valid: Option<BooleanBufferBuilder>,
}

impl<T> Default for Sparse<T> {
    fn default() -> Self {
        Sparse { values: Vec::new(), valid: None }
    }
}

impl<T: Copy + Default> Sparse<T> {
    /// An empty column with room for so many rows.
    pub(crate) fn with_capacity(rows: usize) -> Sparse<T> {
        Sparse { values: Vec::with_capacity(rows), valid: None }
    }

    /// How many rows it has, up to the last with a value.
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// Sets the value of a row behind all that have one.
    #[inline]
    pub(crate) fn set(&mut self, row: usize, value: T) {
        if self.values.len() < row {
            self.pad(row);
        }
        self.values.push(value);
        if let Some(valid) = &mut self.valid {
            valid.append(true);
        }
    }

    /// Puts other values in the place of those that there are.
    pub(crate) fn replace(&mut self, with: impl Fn(T) -> T) {
        for value in &mut self.values {
            *value = with(*value);
        }
    }

    #[inline(never)]
    fn pad(&mut self, rows: usize) {
        let missing = rows.saturating_sub(self.values.len());
        if missing > 0 {
            let valid = self.valid.get_or_insert_with(|| {
                let mut valid = BooleanBufferBuilder::new(rows);
                valid.append_n(self.values.len(), true);
                valid
            });
            valid.append_n(missing, false);
            self.values.resize(rows, T::default());
        }
    }

    /// The values and which of them are there; `None` where no row has one.
    pub(crate) fn finish(mut self, rows: usize) -> Option<(Vec<T>, Option<NullBuffer>)> {
        if self.values.is_empty() {
            return None;
        }
        self.pad(rows);
        let nulls = self.valid.map(|mut valid| NullBuffer::new(valid.finish()));
        Some((self.values, nulls))
    }
}

/// A column of texts.
#[derive(Debug, Default)]
pub(crate) struct Words {
    texts: StringBuilder,
    rows: usize,
}

impl Words {
    /// Sets the text of a row behind all that have one.
    pub(crate) fn set(&mut self, row: usize, text: &str) {
        self.pad(row);
        self.texts.append_value(text);
        self.rows = row + 1;
    }

    fn pad(&mut self, rows: usize) {
        let missing = rows.saturating_sub(self.rows);
        if missing > 0 {
            self.texts.append_nulls(missing);
            self.rows = rows;
        }
    }

    /// The texts; `None` where no row has one.
    pub(crate) fn finish(mut self, rows: usize) -> Option<arrow_array::StringArray> {
        if self.rows == 0 {
            return None;
        }
        self.pad(rows);
        Some(self.texts.finish())
    }
}
