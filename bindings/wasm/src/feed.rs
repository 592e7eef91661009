//! Many inputs at once, in steps, so that the caller can show how far it is.

use crate::engine::RawEngine;
use crate::errors::{Failure, refusal};
use std::io::Cursor;
use tagwarden::{Columns, DecisionRef, Engine, Input, InputError, Reader, TimeUnit};
use wasm_bindgen::prelude::wasm_bindgen;

/// Longer lines are refused.
const LONGEST_LINE: usize = 16 << 20;

/// Inputs in memory, and how far they have been read.
#[wasm_bindgen]
#[derive(Debug)]
pub struct RawFeed {
    rows: Rows,
    /// What the last step decided, as JSON Lines.
    decisions: Vec<u8>,
    /// What the last step refused: JSON objects with commas between.
    refused: String,
}

#[derive(Debug)]
enum Rows {
    Json { reader: Reader, bytes: Vec<u8>, at: usize, number: u64 },
    Csv { columns: Columns, rows: Box<csv::Reader<Cursor<Vec<u8>>>>, row: csv::ByteRecord },
}

impl Rows {
    /// The next input and its line; `None` at the end.
    fn next(&mut self) -> Option<(u64, Result<Input, InputError>)> {
        match self {
            Rows::Json { reader, bytes, at, number } => loop {
                let rest = bytes.get(*at..).filter(|rest| !rest.is_empty())?;
                let end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |end| end + 1);
                let line = rest.get(..end).unwrap_or_default();
                *at += end;
                *number += 1;
                if line.len() > LONGEST_LINE {
                    let error = InputError::Limit { limit: "bytes of a line", most: LONGEST_LINE as u64 };
                    return Some((*number, Err(error)));
                }
                if !line.iter().all(u8::is_ascii_whitespace) {
                    return Some((*number, reader.json(line)));
                }
            },
            Rows::Csv { columns, rows, row } => {
                // Reading from memory cannot fail: rows of any length are taken, in bytes.
                if !rows.read_byte_record(row).unwrap_or(false) {
                    return None;
                }
                let number = row.position().map_or(0, csv::Position::line);
                let cells: Result<Vec<&str>, _> = row.iter().map(std::str::from_utf8).collect();
                Some((
                    number,
                    cells.map_or_else(|error| Err(not_utf8(&error)), |cells| columns.record(&cells)),
                ))
            }
        }
    }

    fn read(&self) -> usize {
        match self {
            Rows::Json { at, .. } => *at,
            Rows::Csv { rows, .. } => usize::try_from(rows.position().byte()).unwrap_or(usize::MAX),
        }
    }
}

fn not_utf8(error: &std::str::Utf8Error) -> InputError {
    InputError::Invalid { path: String::new(), expected: "UTF-8".into(), found: error.to_string() }
}

/// Applies an input as far as it goes; the limit on the decisions of one call is no limit on those of a batch.
fn apply(
    engine: &mut Engine,
    input: &Input,
    sink: &mut dyn FnMut(&DecisionRef<'_>),
) -> Result<(), InputError> {
    loop {
        let applied = engine.apply_into(input, sink);
        if !matches!(applied, Err(InputError::Unfinished { .. })) {
            return applied;
        }
    }
}

#[wasm_bindgen]
impl RawFeed {
    /// JSON Lines, or CSV of `format` `csv`; `event` is the type of its every row, where it has no column `type`.
    ///
    /// # Errors
    /// A header that does not fit.
    #[wasm_bindgen(constructor)]
    pub fn new(
        engine: &RawEngine,
        mut bytes: Vec<u8>,
        format: &str,
        event: Option<String>,
    ) -> Result<RawFeed, Failure> {
        // The mark that some programs write before UTF-8.
        if bytes.starts_with("\u{feff}".as_bytes()) {
            bytes.drain(..3);
        }
        let reader = Reader::new(engine.engine.rulebook().schema(), TimeUnit::Millis);
        let rows = if format == "csv" {
            let mut rows = csv::ReaderBuilder::new().flexible(true).from_reader(Cursor::new(bytes));
            let header = rows.headers().map_err(|error| Failure::argument(error.to_string()))?;
            let header: Vec<&str> = header.iter().collect();
            let columns = reader.columns(&header, event.as_deref())?;
            Rows::Csv { columns, rows: Box::new(rows), row: csv::ByteRecord::new() }
        } else {
            Rows::Json { reader, bytes, at: 0, number: 0 }
        };
        Ok(RawFeed { rows, decisions: Vec::new(), refused: String::new() })
    }

    /// Applies the next inputs, at most so many; returns how many there were, and 0 at the end.
    pub fn step(&mut self, engine: &mut RawEngine, most: u32) -> u32 {
        self.decisions.clear();
        self.refused.clear();
        let mut count = 0;
        while count < most {
            let Some((line, input)) = self.rows.next() else { break };
            count += 1;
            let decisions = &mut self.decisions;
            let mut sink = |decision: &DecisionRef<'_>| {
                // Writing to memory cannot fail.
                let _ = serde_json::to_writer(&mut *decisions, &decision.to_decision());
                decisions.push(b'\n');
            };
            let applied = input.and_then(|input| apply(&mut engine.engine, &input, &mut sink));
            if let Err(error) = applied {
                if !self.refused.is_empty() {
                    self.refused.push(',');
                }
                self.refused.push_str(&refusal(&error, &[("line", &line)]).0);
            }
        }
        count
    }

    /// What the last step decided, as JSON Lines.
    pub fn decisions(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.decisions)
    }

    /// What the last step refused, as a JSON array.
    #[must_use]
    pub fn refused(&self) -> String {
        format!("[{}]", self.refused)
    }

    /// How many bytes have been read.
    #[must_use]
    pub fn read(&self) -> f64 {
        self.rows.read() as f64
    }
}
