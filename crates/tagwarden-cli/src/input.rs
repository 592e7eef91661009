//! Events from a file or standard input, line by line.

use crate::args::{Events, InputFormat};
use crate::error::Failure;
use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use tagwarden::{Columns, Input, InputError, Reader, Schema};

/// Longer lines are refused without being read into memory.
const LONGEST_LINE: u64 = 16 << 20;

/// A source of inputs.
pub(crate) struct Inputs {
    rows: Rows,
    path: PathBuf,
    size: Option<u64>,
    read: Rc<Cell<u64>>,
}

enum Rows {
    Json { reader: Reader, source: Box<dyn BufRead>, line: Vec<u8>, number: u64 },
    Csv { columns: Columns, rows: Box<csv::Reader<Box<dyn BufRead>>>, row: csv::ByteRecord },
}

/// An input with the line that it stands on.
pub(crate) struct Line {
    pub(crate) number: u64,
    pub(crate) input: Result<Input, InputError>,
}

/// Counts the bytes that pass.
struct Counted<R> {
    inner: R,
    read: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read.set(self.read.get() + count as u64);
        Ok(count)
    }
}

/// A file or, for `-`, standard input; and its size where that is known.
pub(crate) fn open(path: &Path) -> Result<(Box<dyn Read>, Option<u64>), Failure> {
    if path.as_os_str() == "-" {
        return Ok((Box::new(io::stdin().lock()), None));
    }
    let file = File::open(path).map_err(|error| Failure::file(path, &error))?;
    let size = file.metadata().ok().filter(std::fs::Metadata::is_file).map(|data| data.len());
    Ok((Box::new(file), size))
}

/// Passes over the mark that some programs write before UTF-8.
pub(crate) fn skip_mark(source: &mut dyn BufRead) -> io::Result<()> {
    if source.fill_buf()?.starts_with("\u{feff}".as_bytes()) {
        source.consume(3);
    }
    Ok(())
}

impl Inputs {
    /// Opens the events that the command line names.
    pub(crate) fn open(args: &Events, schema: &Schema) -> Result<Inputs, Failure> {
        let path = args.events.clone();
        if path.extension().is_some_and(|extension| extension == "tw") {
            let path = path.display();
            return Err(Failure::Usage(format!(
                "the file of events is missing: it comes last, and {path} is a rulebook"
            )));
        }
        let (file, size) = open(&path)?;
        let read = Rc::new(Cell::new(0));
        let counted = Counted { inner: file, read: Rc::clone(&read) };
        let mut source: Box<dyn BufRead> = Box::new(BufReader::with_capacity(1 << 16, counted));
        skip_mark(&mut *source).map_err(|error| Failure::file(&path, &error))?;
        let reader = Reader::new(schema, args.time_unit.into());
        let rows = match InputFormat::of(args.input_format, &path) {
            InputFormat::Jsonl if args.event_type.is_some() => {
                return Err(Failure::Usage(
                    "--type is for CSV: in JSON Lines each event has its `type`".into(),
                ));
            }
            InputFormat::Jsonl => Rows::Json { reader, source, line: Vec::new(), number: 0 },
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
                Rows::Csv { columns, rows: Box::new(rows), row: csv::ByteRecord::new() }
            }
        };
        Ok(Inputs { rows, path, size, read })
    }

    /// How many bytes there are, where that is known.
    pub(crate) fn size(&self) -> Option<u64> {
        self.size
    }

    /// How many bytes have been read.
    pub(crate) fn read(&self) -> u64 {
        self.read.get()
    }

    /// Where an input stands, for messages.
    pub(crate) fn place(&self, number: u64) -> String {
        let name =
            if self.path.as_os_str() == "-" { "<stdin>".into() } else { self.path.display().to_string() };
        format!("{name}:{number}")
    }

    /// The next input; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Line>, Failure> {
        match &mut self.rows {
            Rows::Json { reader, source, line, number } => loop {
                let whole = read_line(source, line).map_err(|error| Failure::file(&self.path, &error))?;
                if line.is_empty() {
                    return Ok(None);
                }
                *number += 1;
                if line.iter().all(u8::is_ascii_whitespace) {
                    continue;
                }
                let input = if whole {
                    reader.json(line)
                } else {
                    Err(InputError::Limit { limit: "bytes of a line", most: LONGEST_LINE })
                };
                return Ok(Some(Line { number: *number, input }));
            },
            Rows::Csv { columns, rows, row } => {
                if !rows.read_byte_record(row).map_err(|error| csv_failure(&self.path, error))? {
                    return Ok(None);
                }
                let number = row.position().map_or(0, csv::Position::line);
                let cells: Result<Vec<&str>, _> = row.iter().map(std::str::from_utf8).collect();
                let input = match cells {
                    Ok(cells) => columns.record(&cells),
                    Err(error) => Err(InputError::Invalid {
                        path: String::new(),
                        expected: "UTF-8".into(),
                        found: error.to_string(),
                    }),
                };
                Ok(Some(Line { number, input }))
            }
        }
    }
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
