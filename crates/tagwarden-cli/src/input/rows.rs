//! Inputs line by line, from JSON Lines or CSV, and those of columns row by row.

#[cfg(feature = "columns")]
use super::columns;
use super::{Line, open, skip_mark};
use crate::args::{Events, InputFormat};
use crate::error::Failure;
use memchr::memchr;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tagwarden::{Columns, Input, InputError, Reader, Schema};

/// Longer lines are refused without being read into memory.
const LONGEST_LINE: u64 = 16 << 20;

/// How much is read from the source at once.
const CHUNK: usize = 1 << 16;

type Source = BufReader<Counted<Box<dyn Read + Send>>>;

/// The lines of a source.
pub(super) struct Rows {
    format: Format,
    path: PathBuf,
}

enum Format {
    Json {
        reader: Reader,
        source: Source,
        line: Vec<u8>,
        number: u64,
    },
    Csv {
        columns: Columns,
        rows: Box<csv::Reader<Source>>,
        row: csv::ByteRecord,
    },
    #[cfg(feature = "columns")]
    Columns(Box<columns::Columns>),
}

/// Counts the bytes that pass.
pub(super) struct Counted<R> {
    pub(super) inner: R,
    pub(super) read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

impl Rows {
    /// Opens the events that the command line names; returns how many bytes there are, where that is known.
    pub(super) fn open(
        args: &Events,
        schema: &Schema,
        read: Arc<AtomicU64>,
    ) -> Result<(Rows, Option<u64>), Failure> {
        let path = args.events.clone();
        if path.extension().is_some_and(|extension| extension == "tw") {
            let path = path.display();
            return Err(Failure::Usage(format!(
                "the file of events is missing: it comes last, and {path} is a rulebook"
            )));
        }
        let asked = InputFormat::of(args.input_format, &path);
        #[cfg(feature = "columns")]
        if let Some(parquet) = asked.columns() {
            let columns = columns::Columns::open(args, parquet, schema, read)?;
            let size = columns.size();
            return Ok((Rows { format: Format::Columns(Box::new(columns)), path }, size));
        }
        let (file, size) = open(&path)?;
        let mut source = BufReader::with_capacity(CHUNK, Counted { inner: file, read });
        skip_mark(&mut source).map_err(|error| Failure::file(&path, &error))?;
        let reader = Reader::new(schema, args.time_unit.into());
        let format = match asked {
            InputFormat::Jsonl if args.event_type.is_some() => {
                return Err(Failure::Usage(
                    "--type is for tables: in JSON Lines each event has its `type`".into(),
                ));
            }
            InputFormat::Jsonl => Format::Json { reader, source, line: Vec::new(), number: 0 },
            InputFormat::Csv => {
                let mut rows = csv::ReaderBuilder::new().flexible(true).from_reader(source);
                let header = rows.headers().map_err(|error| csv_failure(&path, error))?;
                let header: Vec<&str> = header.iter().collect();
                let columns = reader.columns(&header, args.event_type.as_deref()).map_err(|error| {
                    let advice = if args.event_type.is_none() && !header.contains(&"type") {
                        " (give it with --type EVENT)"
                    } else {
                        ""
                    };
                    Failure::Usage(format!("{}: {error}{advice}", path.display()))
                })?;
                Format::Csv { columns, rows: Box::new(rows), row: csv::ByteRecord::new() }
            }
            InputFormat::Parquet | InputFormat::Arrow => {
                return Err(Failure::Usage(format!(
                    "{}: this build reads no Parquet and no Arrow IPC: it is without the feature `columns`",
                    path.display()
                )));
            }
        };
        Ok((Rows { format, path }, size))
    }

    /// Reads the next input over an earlier one; `false` at the end.
    pub(super) fn next(&mut self, into: &mut Line) -> Result<bool, Failure> {
        match &mut self.format {
            Format::Json { reader, source, line, number } => loop {
                let failed = |error: io::Error| Failure::file(&self.path, &error);
                *number += 1;
                into.number = *number;
                let buffer = source.fill_buf().map_err(failed)?;
                // Most lines stand in the buffer as a whole, and need not be copied.
                if let Some(end) = memchr(b'\n', buffer) {
                    let found = buffer.get(..=end).is_some_and(|line| read_json(reader, line, into));
                    source.consume(end + 1);
                    if found {
                        return Ok(true);
                    }
                    continue;
                }
                if !read_line(source, line).map_err(failed)? {
                    into.input = Err(InputError::Limit { limit: "bytes of a line", most: LONGEST_LINE });
                    return Ok(true);
                }
                if line.is_empty() {
                    return Ok(false);
                }
                if read_json(reader, line, into) {
                    return Ok(true);
                }
            },
            Format::Csv { columns, rows, row } => {
                if !rows.read_byte_record(row).map_err(|error| csv_failure(&self.path, error))? {
                    return Ok(false);
                }
                into.number = row.position().map_or(0, csv::Position::line);
                let cells: Result<Vec<&str>, _> = row.iter().map(std::str::from_utf8).collect();
                into.input = match cells {
                    Ok(cells) => columns.record(&cells),
                    Err(error) => Err(InputError::Invalid {
                        path: String::new(),
                        expected: "UTF-8".into(),
                        found: error.to_string(),
                    }),
                };
                Ok(true)
            }
            #[cfg(feature = "columns")]
            Format::Columns(columns) => columns.next(into),
        }
    }

    /// Whether the next line may have to be waited for.
    pub(super) fn may_wait(&self) -> bool {
        match &self.format {
            Format::Json { source, .. } => source.buffer().is_empty(),
            Format::Csv { rows, .. } => rows.get_ref().buffer().is_empty(),
            #[cfg(feature = "columns")]
            Format::Columns(columns) => columns.may_wait(),
        }
    }
}

/// Reads a line over an earlier one; `false` if there is nothing in it.
fn read_json(reader: &Reader, line: &[u8], into: &mut Line) -> bool {
    if line.iter().all(u8::is_ascii_whitespace) {
        return false;
    }
    match &mut into.input {
        Ok(Input::Event(event)) => match reader.json_over(line, event) {
            Ok(None) => {}
            Ok(Some(other)) => into.input = Ok(other),
            Err(error) => into.input = Err(error),
        },
        other => *other = reader.json(line),
    }
    true
}

fn csv_failure(path: &Path, error: csv::Error) -> Failure {
    Failure::Io(format!("{}: {error}", path.display()))
}

/// Reads a line into `line`, which is empty at the end; `false` if it was too long and has been passed over.
fn read_line(source: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let count = source.take(LONGEST_LINE).read_until(b'\n', line)?;
    if (count as u64) < LONGEST_LINE || line.ends_with(b"\n") {
        return Ok(true);
    }
    loop {
        let buffer = source.fill_buf()?;
        let (used, done) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        source.consume(used);
        if done {
            return Ok(false);
        }
    }
}
