//! Tables for a ledger, and what else comes as bytes or as a file.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use tagwarden::Timestamp;
use tagwarden_store::table::{Format, Import, ImportReport, Mode};
use tagwarden_store::{AuditError, AuditReport, Ledger, LedgerError};

/// Bytes, or the path of a file.
#[derive(FromPyObject)]
pub(crate) enum Source {
    Bytes(Vec<u8>),
    Path(PathBuf),
}

/// What an import asks for beside its table.
pub(crate) struct Wanted {
    pub(crate) entity: Option<String>,
    pub(crate) list: Option<String>,
    pub(crate) tag: Option<String>,
    pub(crate) actor: String,
    pub(crate) role: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) columns: BTreeMap<String, String>,
    pub(crate) row_by_row: bool,
    pub(crate) dry_run: bool,
    pub(crate) batch: Option<String>,
}

/// How a table is written, by name.
pub(crate) fn format(name: &str) -> PyResult<Format> {
    match name {
        "csv" => Ok(Format::Csv),
        "excel" => Ok(Format::Excel),
        _ => Err(PyValueError::new_err(format!("format: expected \"csv\" or \"excel\", found {name:?}"))),
    }
}

impl Source {
    /// As it is said to be written, or as the name of its file says.
    pub(crate) fn format(&self, named: Option<&str>) -> PyResult<Format> {
        match (named, self) {
            (Some(name), _) => format(name),
            (None, Source::Path(path)) => Ok(Format::of(path)),
            (None, Source::Bytes(_)) => Ok(Format::Csv),
        }
    }

    pub(crate) fn import(
        self,
        ledger: &mut Ledger,
        format: Format,
        wanted: Wanted,
        time: Timestamp,
    ) -> Result<ImportReport, LedgerError> {
        let bytes = match self {
            Source::Bytes(bytes) => bytes,
            Source::Path(path) => std::fs::read(&path).map_err(|source| LedgerError::Io { path, source })?,
        };
        let entities = &ledger.engine().rulebook().schema().entities;
        let first = || entities.first().map(ToString::to_string).unwrap_or_default();
        let entity = wanted.entity.unwrap_or_else(first);
        let import = Import {
            list: wanted.list,
            tag: wanted.tag,
            role: wanted.role,
            reason: wanted.reason,
            columns: wanted.columns.into_iter().collect(),
            mode: if wanted.row_by_row { Mode::RowByRow } else { Mode::AllOrNothing },
            dry_run: wanted.dry_run,
            batch: wanted.batch,
            ..Import::new(entity, wanted.actor, time)
        };
        ledger.import(&bytes, format, &import)
    }

    /// Holds an exported audit log to its chain.
    ///
    /// # Errors
    /// The file cannot be opened; within: where the log does not hold.
    pub(crate) fn verify(self) -> PyResult<Result<AuditReport, AuditError>> {
        Ok(match self {
            Source::Bytes(bytes) => tagwarden_store::verify(&bytes[..]),
            Source::Path(path) => {
                let file = File::open(&path)?;
                tagwarden_store::verify(BufReader::with_capacity(1 << 16, file))
            }
        })
    }
}
