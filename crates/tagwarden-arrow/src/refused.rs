//! The rows that were no events, or that the engine refused.

use crate::table::Table;
use arrow_array::builder::{StringBuilder, UInt64Builder};
use arrow_array::{ArrayRef, StringArray};
use arrow_schema::ArrowError;
use std::sync::Arc;
use tagwarden::InputError;

/// Collects rows that were refused, each with its position and why.
#[derive(Debug, Default)]
pub struct RefusedTable {
    rows: Vec<(u64, &'static str, String, String)>,
    /// The names of the tables, where there are several.
    tables: Vec<String>,
}

/// The bits of a row's number that say which table it is of.
const TABLE: u32 = 48;

impl RefusedTable {
    /// For the rows of several tables.
    pub(crate) fn of(tables: Vec<String>) -> RefusedTable {
        RefusedTable { rows: Vec::new(), tables }
    }

    /// The number of a row of a table.
    pub(crate) fn number(table: usize, row: usize) -> u64 {
        (table as u64) << TABLE | row as u64
    }

    /// Notes a row, counted from 0.
    pub fn push(&mut self, row: u64, error: &InputError) {
        let (kind, path) = match error {
            InputError::Late { .. } => ("late", "time"),
            InputError::Duplicate { .. } => ("duplicate", "id"),
            InputError::Invalid { path, .. } => ("invalid", path.as_str()),
            InputError::Limit { .. } => ("limit", ""),
            _ => ("other", ""),
        };
        self.rows.push((row, kind, path.to_owned(), error.to_string()));
    }

    /// Takes in rows that were noted elsewhere.
    pub(crate) fn join(&mut self, other: RefusedTable) {
        self.rows.extend(other.rows);
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// A table by row: `row`, `kind` (`late`, `duplicate`, `invalid`, `limit`), `path` (the field; empty for the whole row),
    /// `message`; before them
    /// `table` where there are several.
    ///
    /// # Errors
    /// The rows are too many for one table.
    pub fn finish(mut self) -> Result<Table, ArrowError> {
        // Rows that are no events are noted before those that the engine refuses.
        self.rows.sort_by_key(|(row, ..)| *row);
        let mut numbers = UInt64Builder::with_capacity(self.rows.len());
        let (mut kinds, mut paths, mut messages) =
            (StringBuilder::new(), StringBuilder::new(), StringBuilder::new());
        for (row, kind, path, message) in &self.rows {
            numbers.append_value(row & ((1 << TABLE) - 1));
            kinds.append_value(kind);
            paths.append_value(path);
            messages.append_value(message);
        }
        let mut columns: Vec<(&str, ArrayRef, bool)> = Vec::new();
        if !self.tables.is_empty() {
            let names = self.rows.iter().map(|(row, ..)| self.tables.get((row >> TABLE) as usize));
            columns.push(("table", Arc::new(names.collect::<StringArray>()), false));
        }
        columns.extend::<[(&str, ArrayRef, bool); 4]>([
            ("row", Arc::new(numbers.finish()), false),
            ("kind", Arc::new(kinds.finish()), false),
            ("path", Arc::new(paths.finish()), false),
            ("message", Arc::new(messages.finish()), false),
        ]);
        Table::of(columns)
    }
}
