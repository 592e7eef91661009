//! Inputs row by row, from Parquet files and from Arrow IPC files and streams.

use super::{Line, rows::Counted};
use crate::args::{Events, InputFormat};
use crate::error::Failure;
use std::io::{self, BufReader};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tagwarden::Schema;
use tagwarden_arrow::{FileError, Mapping, RowInputs, open_ipc, open_parquet, read_ipc};

/// The rows of a file of columns.
pub(super) struct Columns {
    rows: RowInputs,
    size: Option<u64>,
    read: Arc<AtomicU64>,
}

impl Columns {
    /// Opens the events that the command line names, in a format of columns.
    pub(super) fn open(
        args: &Events,
        parquet: bool,
        schema: &Schema,
        read: Arc<AtomicU64>,
    ) -> Result<Columns, Failure> {
        let (path, unit) = (&*args.events, args.time_unit.into());
        let event_type = args.event_type.clone();
        let mapping = Mapping { event_type, unit, zone: args.zone, ..Mapping::default() };
        let standard = path.as_os_str() == "-";
        let batches = if standard && parquet {
            return Err(Failure::Usage(
                "Parquet cannot be read from standard input, because its table of contents is at its end: name the file".into(),
            ));
        } else if standard {
            let source = BufReader::new(Counted { inner: io::stdin(), read: Arc::clone(&read) });
            read_ipc(source, Path::new("<stdin>"), schema, &mapping)
        } else if parquet {
            open_parquet(path, schema, &mapping)
        } else {
            open_ipc(path, schema, &mapping)
        };
        let rows = RowInputs::new(batches.map_err(|error| failure(&error, args.event_type.is_none()))?);
        // How far a file of columns has been read, its rows say: they are not in one place.
        let size = rows.rows().and_then(|_| path.metadata().ok()).map(|data| data.len());
        Ok(Columns { rows, size, read })
    }

    /// How many bytes there are, where it is known how many of them a row stands for.
    pub(super) fn size(&self) -> Option<u64> {
        self.size
    }

    /// Reads the next input over an earlier one; `false` at the end.
    pub(super) fn next(&mut self, into: &mut Line) -> Result<bool, Failure> {
        let row = self.rows.next_over(&mut into.input).map_err(|error| failure(&error, false))?;
        let Some(number) = row else { return Ok(false) };
        into.number = number;
        if self.rows.batch_is_done()
            && let (Some(size), Some(rows)) = (self.size, self.rows.rows())
        {
            let part = u128::from(size) * u128::from(number) / u128::from(rows.max(1));
            self.read.store(u64::try_from(part).unwrap_or(size).min(size), Ordering::Relaxed);
        }
        Ok(true)
    }

    /// Whether the next row may have to be waited for.
    pub(super) fn may_wait(&self) -> bool {
        self.rows.batch_is_done()
    }
}

/// Columns that do not fit are a matter of the command line, like those of CSV.
fn failure(error: &FileError, typeless: bool) -> Failure {
    match error {
        FileError::Binding { error: column, .. } => {
            let advice =
                if typeless && column.column == "type" { " (give it with --type EVENT)" } else { "" };
            Failure::Usage(format!("{error}{advice}"))
        }
        _ => Failure::Io(error.to_string()),
    }
}

impl InputFormat {
    /// Whether it is one of columns, and if so, whether it is Parquet.
    pub(super) fn columns(self) -> Option<bool> {
        match self {
            InputFormat::Jsonl | InputFormat::Csv => None,
            InputFormat::Parquet => Some(true),
            InputFormat::Arrow => Some(false),
        }
    }
}
