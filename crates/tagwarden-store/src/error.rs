//! What can go wrong with a ledger.

use std::path::PathBuf;

/// Why a ledger did not do what was asked. Unless it says otherwise, nothing has changed in the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// There is no file, and the options do not ask for a new one.
    #[error("{path}: there is no ledger", path = path.display())]
    Missing {
        /// The file asked for.
        path: PathBuf,
    },
    /// The file cannot be read as a ledger: something else, or encrypted and the key is missing or wrong.
    #[error("{path}: not a ledger, or it is encrypted and its key is missing or wrong", path = path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file was written by a newer version.
    #[error("the ledger has format {found}; this version reads up to {known}")]
    Newer {
        /// The format of the file.
        found: u32,
        /// The newest format that is known here.
        known: u32,
    },
    /// The hash key is not the one that the ledger was made with.
    #[error("the hash key is not the one that the ledger was made with")]
    Key,
    /// A setting differs from that of the ledger, and would change what is decided.
    #[error("the ledger was made with {setting} = {kept}, and is opened with {given}")]
    Setting {
        /// Which setting.
        setting: &'static str,
        /// What the ledger was made with.
        kept: String,
        /// What came.
        given: String,
    },
    /// The rulebook is not the one that the ledger ran last, and the options do not say to go on with the new one.
    #[error(
        "the rulebook is not the one that the ledger ran last; open it with a reload to go on with the new one"
    )]
    Rulebook,
    /// What is in the file does not fit together: it is torn, truncated, or was changed by something else.
    #[error("the ledger is damaged: {what}")]
    Damaged {
        /// What does not fit.
        what: String,
    },
    /// An idempotency key came a second time with another input.
    #[error("input {place}: its idempotency key was used before for another input")]
    KeyReused {
        /// The place of the input in the call, from 0.
        place: usize,
    },
    /// The engine can't give the answer asked for.
    #[error(transparent)]
    Status(#[from] tagwarden::StatusError),
    /// Something asked for cannot be done.
    #[error("{0}")]
    Refused(String),
    /// A file beside the ledger could not be read or written.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What happened.
        source: std::io::Error,
    },
    /// SQLite could not do its work: the disk is full, the file is locked, and the like.
    #[error("database: {0}")]
    Database(rusqlite::Error),
}

impl LedgerError {
    pub(crate) fn damaged(what: impl Into<String>) -> LedgerError {
        LedgerError::Damaged { what: what.into() }
    }
}

impl From<rusqlite::Error> for LedgerError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::DatabaseCorrupt;
        match error.sqlite_error_code() {
            Some(DatabaseCorrupt) => LedgerError::damaged(error.to_string()),
            _ => match error {
                rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::IntegralValueOutOfRange(..) => LedgerError::damaged(error.to_string()),
                error => LedgerError::Database(error),
            },
        }
    }
}
