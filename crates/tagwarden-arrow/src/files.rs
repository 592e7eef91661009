//! Files of events: batches of the columns that a rulebook reads, and nothing of the others.

use crate::bind::{Binding, BindingError};
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why a file of events cannot be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum FileError {
    /// The file cannot be opened.
    Open {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// It is not of the format, or it is torn.
    Format {
        /// The file.
        path: PathBuf,
        /// The format.
        expected: &'static str,
        /// What is wrong with it.
        found: String,
    },
    /// Its columns are not those of the rulebook's events.
    Binding {
        /// The file.
        path: PathBuf,
        /// The column, and what was expected.
        error: BindingError,
    },
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FileError::Open { path, error } => write!(f, "{}: {error}", path.display()),
            FileError::Format { path, expected, found } => {
                write!(f, "{}: expected {expected}: {found}", path.display())
            }
            FileError::Binding { path, error } => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for FileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            FileError::Open { error, .. } => Some(error),
            FileError::Format { .. } => None,
            FileError::Binding { error, .. } => Some(error),
        }
    }
}

type Inner = Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>> + Send>;

/// The batches of a file, with the columns that its [`Binding`] reads.
pub struct Batches {
    inner: Inner,
    path: PathBuf,
    format: &'static str,
    /// The rows of the whole file, where they are known.
    rows: Option<u64>,
    binding: Binding,
}

impl fmt::Debug for Batches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batches")
            .field("path", &self.path)
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}

impl Batches {
    pub(crate) fn new(
        path: &Path,
        format: &'static str,
        rows: Option<u64>,
        binding: Binding,
        inner: Inner,
    ) -> Batches {
        Batches { inner, path: path.to_owned(), format, rows, binding }
    }

    /// The columns of the batches, matched with the rulebook.
    #[must_use]
    pub fn binding(&self) -> &Binding {
        &self.binding
    }

    /// How many rows there are; `None` where only the end says it.
    #[must_use]
    pub fn rows(&self) -> Option<u64> {
        self.rows
    }
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, FileError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.inner.next()?;
        Some(batch.map_err(|error| wrong(&self.path, self.format, &error)))
    }
}

pub(crate) fn wrong(path: &Path, expected: &'static str, error: &dyn fmt::Display) -> FileError {
    FileError::Format { path: path.to_owned(), expected, found: error.to_string() }
}

pub(crate) fn unbound(path: &Path, error: BindingError) -> FileError {
    FileError::Binding { path: path.to_owned(), error }
}

pub(crate) fn open(path: &Path) -> Result<std::fs::File, FileError> {
    let failed = |error| FileError::Open { path: path.to_owned(), error };
    let file = std::fs::File::open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.is_dir() {
        return Err(failed(io::ErrorKind::IsADirectory.into()));
    }
    Ok(file)
}
