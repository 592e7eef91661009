//! What callers ask of a ledger, in its own terms.

use super::Object;
use crate::{errors, event};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
use tagwarden::{Keep, Reader, Timestamp, Viewer};
use tagwarden_store::{Entry, Ledger, LedgerError};

/// The key of every hash.
pub(super) fn key(key: &[u8]) -> PyResult<[u8; 16]> {
    let wrong = |_| PyValueError::new_err(format!("key: expected 16 bytes, found {}", key.len()));
    key.try_into().map_err(wrong)
}

/// How long things are kept.
pub(super) fn keep(texts: &[String]) -> PyResult<Vec<Keep>> {
    let keep = texts.iter().map(|keep| keep.parse()).collect::<Result<_, _>>();
    keep.map_err(PyValueError::new_err)
}

/// One input or many, each with an idempotency key of its own where there are any.
pub(super) fn entries(
    reader: &Reader,
    inputs: &Object<'_>,
    keys: Option<&[Option<String>]>,
) -> PyResult<Vec<Entry>> {
    let py = inputs.py();
    let mut entries = Vec::new();
    let mut read = |input: &Object<'_>| -> PyResult<()> {
        let at = entries.len();
        let input = event::read(reader, input)?;
        let entry = Entry::new(input.map_err(|error| errors::event(py, &error, at, Vec::new()))?);
        entries.push(match keys.and_then(|keys| keys.get(at)).cloned().flatten() {
            Some(key) => entry.with_key(key),
            None => entry,
        });
        Ok(())
    };
    if event::is_one(inputs) {
        read(inputs)?;
    } else {
        for input in inputs.try_iter()? {
            read(&input?)?;
        }
    }
    if keys.is_some_and(|keys| keys.len() != entries.len()) {
        return Err(PyValueError::new_err("keys: expected one for each input"));
    }
    Ok(entries)
}

/// Now, or just after the ledger's clock if that is later: a ledger of sample data may be ahead.
pub(super) fn now(ledger: &Ledger) -> Timestamp {
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let wall =
        i64::try_from(wall.as_micros()).ok().and_then(Timestamp::from_micros).unwrap_or(Timestamp::MIN);
    let after = ledger.engine().clock().and_then(|clock| clock.checked_add_micros(1));
    after.map_or(wall, |after| after.max(wall))
}

pub(super) fn viewer(actor: &str, role: Option<&str>) -> Viewer {
    Viewer { actor: actor.into(), role: role.map(Into::into) }
}

/// What a file is called in messages, and what could not be done with it.
pub(super) fn io(path: &Path) -> impl Fn(std::io::Error) -> LedgerError {
    move |source| LedgerError::Io { path: path.to_path_buf(), source }
}
