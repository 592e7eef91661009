//! What is fixed when a ledger is made.

use crate::error::LedgerError;
use crate::keys::Keys;
use crate::options::Options;
use rusqlite::{Connection, OptionalExtension, params};
use tagwarden::Duration;

fn texts(options: &Options) -> [(&'static str, String); 4] {
    [
        ("lateness", options.lateness.to_string()),
        ("dedup", options.dedup.map_or("none".into(), |dedup| dedup.to_string())),
        ("pseudonyms", options.pseudonyms.to_string()),
        ("name", options.name.clone()),
    ]
}

pub(crate) fn keep(connection: &Connection, keys: &Keys, options: &Options) -> Result<(), LedgerError> {
    let mut insert = connection.prepare("INSERT INTO meta VALUES (?1, ?2)")?;
    insert.execute(params!["key", keys.fingerprint()])?;
    for (name, value) in texts(options) {
        insert.execute(params![name, value])?;
    }
    let keep: Vec<String> = options.keep.iter().map(ToString::to_string).collect();
    insert.execute(params!["keep", keep.join(", ")])?;
    Ok(())
}

/// The options that a ledger was made with, for those who open it by its file and key alone.
pub(crate) fn read(connection: &Connection, options: Options) -> Result<Options, LedgerError> {
    let text = |name: &str| -> Result<String, LedgerError> {
        let value: Option<String> = connection
            .query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get(0))
            .optional()?;
        value.ok_or_else(|| LedgerError::damaged(format!("its setting {name} is missing")))
    };
    let odd = |name: &str| LedgerError::damaged(format!("its setting {name} can't be read"));
    let length = |name: &str| text(name)?.parse::<Duration>().map_err(|_| odd(name));
    let keep = text("keep")?;
    let keep = keep.split(", ").filter(|one| !one.is_empty()).map(|one| one.parse().map_err(|_| odd("keep")));
    Ok(Options {
        lateness: if text("lateness")? == Duration::ZERO.to_string() {
            Duration::ZERO
        } else {
            length("lateness")?
        },
        dedup: if text("dedup")? == "none" { None } else { Some(length("dedup")?) },
        pseudonyms: text("pseudonyms")? == "true",
        name: text("name")?,
        keep: keep.collect::<Result<_, _>>()?,
        ..options
    })
}

/// Whether a ledger is opened as it was made.
pub(crate) fn check(connection: &Connection, keys: &Keys, options: &Options) -> Result<(), LedgerError> {
    let missing = || LedgerError::damaged("its settings are missing");
    let key: Option<[u8; 16]> =
        connection.query_row("SELECT value FROM meta WHERE name = 'key'", [], |row| row.get(0)).optional()?;
    if key.ok_or_else(missing)? != keys.fingerprint() {
        return Err(LedgerError::Key);
    }
    for (setting, given) in texts(options) {
        let kept: Option<String> = connection
            .query_row("SELECT value FROM meta WHERE name = ?1", [setting], |row| row.get(0))
            .optional()?;
        let kept = kept.ok_or_else(missing)?;
        if kept != given {
            return Err(LedgerError::Setting { setting, kept, given });
        }
    }
    Ok(())
}
