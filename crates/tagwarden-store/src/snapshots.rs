//! The engine's state in the file: sealed, in parts that SQLite handles with ease.

use crate::error::LedgerError;
use crate::keys::Keys;
use rusqlite::{Connection, params};
use tagwarden::{Engine, EngineOptions, Rulebook};

/// Bytes of a part.
const PART: usize = 8 << 20;

fn place(input: i64, part: usize, parts: usize) -> String {
    format!("snapshot after input {input}, part {part} of {parts}")
}

/// Puts the state after an input in place of the one before. What was sealed for applying inputs again goes.
pub(crate) fn take(
    connection: &Connection,
    keys: &Keys,
    engine: &Engine,
    input: i64,
) -> Result<(), LedgerError> {
    let bytes = engine.snapshot();
    let parts = bytes.len().div_ceil(PART);
    connection.execute("DELETE FROM snapshot", [])?;
    for (at, part) in bytes.chunks(PART).enumerate() {
        let sealed = keys
            .seal(&place(input, at, parts), part)
            .ok_or_else(|| LedgerError::Refused("the snapshot cannot be sealed".into()))?;
        connection
            .prepare_cached("INSERT INTO snapshot VALUES (?1, ?2, ?3)")?
            .execute(params![at as i64, input, sealed])?;
    }
    connection.execute("DELETE FROM sealed", [])?;
    Ok(())
}

/// The engine as the snapshot has it, and after which input; `None` where there is no snapshot yet.
pub(crate) fn restore(
    connection: &Connection,
    keys: &Keys,
    rulebook: &Rulebook,
    options: EngineOptions,
) -> Result<Option<(Engine, i64)>, LedgerError> {
    let mut rows = connection.prepare("SELECT part, input, bytes FROM snapshot ORDER BY part")?;
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let rows: Vec<(i64, i64, Vec<u8>)> = rows.collect::<Result<_, _>>()?;
    let Some((_, input, _)) = rows.first() else { return Ok(None) };
    let input = *input;
    let mut bytes = Vec::with_capacity(rows.len() * PART);
    for (at, (part, after, sealed)) in rows.iter().enumerate() {
        let opened = keys
            .open(&place(input, at, rows.len()), sealed)
            .filter(|_| *part == at as i64 && *after == input)
            .ok_or_else(|| {
                LedgerError::damaged(format!("part {at} of the snapshot was changed or is torn"))
            })?;
        bytes.extend(opened);
    }
    let engine = Engine::restore(rulebook, options, &bytes)
        .map_err(|error| LedgerError::damaged(format!("its snapshot: {error}")))?;
    Ok(Some((engine, input)))
}
