//! The file: opened, made, and asked whether it is ours.

use crate::error::LedgerError;
use crate::options::Options;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// The newest format that this version writes and reads.
pub(crate) const FORMAT: u32 = 1;

/// What SQLite keeps in the header of our files: "Tgwd".
const APPLICATION: i32 = 0x5467_7764;

/// How long a call waits for another process that writes.
const PATIENCE: Duration = Duration::from_secs(10);

/// An open file, and whether it is new.
pub(crate) struct Opened {
    pub(crate) connection: Connection,
    pub(crate) created: bool,
}

pub(crate) fn open(path: &Path, options: &Options) -> Result<Opened, LedgerError> {
    can_unlock(options)?;
    let there = path.metadata().is_ok_and(|data| data.len() > 0);
    if !there && !options.create {
        return Err(LedgerError::Missing { path: path.to_owned() });
    }
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| foreign(path, error))?;
    unlock(&connection, options)?;
    connection.busy_timeout(PATIENCE)?;
    // The first read of the file: here SQLite finds out whether it can.
    let application: i32 = connection
        .query_row("PRAGMA application_id", [], |row| row.get(0))
        .map_err(|error| foreign(path, error))?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))
        .map_err(|error| foreign(path, error))?;
    if application != APPLICATION && (application != 0 || tables > 0) {
        return Err(LedgerError::Foreign { path: path.to_owned() });
    }
    let format: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if format > FORMAT {
        return Err(LedgerError::Newer { found: format, known: FORMAT });
    }
    // Readers see the last whole transaction while the next is being written.
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", if options.power_safe { "FULL" } else { "NORMAL" })?;
    // What is deleted is overwritten: forgetting means it.
    connection.pragma_update(None, "secure_delete", "ON")?;
    // 64 MB of log before it is copied into the file: pages that many transactions change are copied once.
    connection.pragma_update(None, "wal_autocheckpoint", 16_384)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -65_536)?;
    connection.set_prepared_statement_cache_capacity(64);
    let created = format == 0;
    if created && there && application == APPLICATION {
        return Err(LedgerError::damaged("it was never wholly made"));
    }
    if created && !options.create {
        return Err(LedgerError::Missing { path: path.to_owned() });
    }
    Ok(Opened { connection, created })
}

/// The tables of a new ledger, inside the caller's transaction.
pub(crate) fn make(connection: &Connection) -> Result<(), LedgerError> {
    connection.execute_batch(include_str!("schema.sql"))?;
    connection.pragma_update(None, "application_id", APPLICATION)?;
    connection.pragma_update(None, "user_version", FORMAT)?;
    Ok(())
}

fn foreign(path: &Path, error: rusqlite::Error) -> LedgerError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => LedgerError::Foreign { path: path.to_owned() },
        _ => error.into(),
    }
}

/// Whether what the options say of encryption can be done at all: nothing is made where it cannot.
fn can_unlock(options: &Options) -> Result<(), LedgerError> {
    match options.encryption.as_deref() {
        None => Ok(()),
        Some("") => Err(LedgerError::Refused("the key of the encryption is empty".into())),
        Some(_) if cfg!(feature = "encryption") => Ok(()),
        Some(_) => {
            Err(LedgerError::Refused("this build can't encrypt: it lacks the feature `encryption`".into()))
        }
    }
}

#[cfg(feature = "encryption")]
fn unlock(connection: &Connection, options: &Options) -> Result<(), LedgerError> {
    match &options.encryption {
        None => Ok(()),
        Some(key) => {
            // It would write to the program's standard error what a caller gets as one error.
            connection.pragma_update(None, "cipher_log_level", "NONE")?;
            Ok(connection.pragma_update(None, "key", key)?)
        }
    }
}

#[cfg(not(feature = "encryption"))]
fn unlock(_: &Connection, _: &Options) -> Result<(), LedgerError> {
    Ok(())
}
