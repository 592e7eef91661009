//! The engine as the file says it is: the snapshot, and what came after it applied again.

use crate::error::LedgerError;
use crate::input::{place, run};
use crate::keys::Keys;
use crate::options::Options;
use crate::record::Head;
use crate::view::replay_contact;
use crate::{snapshots, wire};
use rusqlite::Connection;
use tagwarden::{Engine, Reader, Rulebook, TimeUnit};

pub(crate) struct Replayed {
    pub(crate) engine: Engine,
    pub(crate) head: Head,
    /// How many inputs were applied again.
    pub(crate) tail: u32,
}

pub(crate) fn load(
    connection: &Connection,
    keys: &Keys,
    rulebook: &Rulebook,
    options: &Options,
) -> Result<Replayed, LedgerError> {
    let head = Head::read(connection)?;
    check(connection, &head)?;
    let restored = snapshots::restore(connection, keys, rulebook, options.engine())?;
    let (mut engine, after) =
        restored.unwrap_or_else(|| (Engine::with_options(rulebook, options.engine()), 0));
    let reader = Reader::new(rulebook.schema(), TimeUnit::Micros);
    let mut tail = 0;
    let mut rows = connection.prepare(
        "SELECT inputs.id, body, decided, sealed.bytes, kind FROM inputs LEFT JOIN sealed ON sealed.input = inputs.id
         WHERE inputs.id > ?1 AND refused IS NULL ORDER BY inputs.id",
    )?;
    let mut rows = rows.query([after])?;
    while let Some(row) = rows.next()? {
        let (id, decided): (i64, i64) = (row.get(0)?, row.get(2)?);
        let body: Option<String> = row.get(1)?;
        let sealed: Option<Vec<u8>> = row.get(3)?;
        let odd = |what: &str| LedgerError::damaged(format!("input {id}: {what}"));
        let mut body = body.ok_or_else(|| odd("it is missing, and no snapshot covers it"))?;
        if let Some(sealed) = sealed {
            let opened = keys.open(&place(id), &sealed).and_then(|bytes| String::from_utf8(bytes).ok());
            body =
                wire::join(&body, &opened.ok_or_else(|| odd("its private fields were changed or are torn"))?);
        }
        if row.get::<_, String>(4)? == "contact" {
            replay_contact(&mut engine, &body).ok_or_else(|| odd("it can't be read"))?;
            tail += 1;
            continue;
        }
        let input = reader.json(body.as_bytes()).map_err(|error| odd(&error.to_string()))?;
        let mut count = 0;
        run(&mut engine, &input, &mut |_| count += 1).map_err(|error| odd(&error.to_string()))?;
        if count != decided {
            return Err(odd(&format!("it was answered with {decided} decisions, and is now with {count}")));
        }
        tail += 1;
    }
    if engine.clock().map(tagwarden::Timestamp::micros) != head.clock {
        return Err(LedgerError::damaged("the clock is not where the last transaction left it"));
    }
    Ok(Replayed { engine, head, tail })
}

/// Whether the ends of the tables are where the last transaction left them.
fn check(connection: &Connection, head: &Head) -> Result<(), LedgerError> {
    for (table, last) in [("inputs", head.input), ("decisions", head.decision), ("audit", head.chain.last)] {
        let newest: Option<i64> =
            connection.query_row(&format!("SELECT max(id) FROM {table}"), [], |row| row.get(0))?;
        let newest = newest.unwrap_or(0);
        // Retention and forgetting delete decisions; nothing deletes the last input or any audit record.
        if newest > last || (newest < last && table != "decisions") {
            return Err(LedgerError::damaged(format!(
                "the last row of `{table}` has number {newest}, and the last transaction left {last}"
            )));
        }
    }
    let hash: [u8; 32] =
        connection.query_row("SELECT hash FROM audit WHERE id = ?1", [head.chain.last], |row| row.get(0))?;
    if hash != head.chain.hash {
        return Err(LedgerError::damaged("the audit log does not end where the last transaction left it"));
    }
    Ok(())
}
