//! The rulebooks that a ledger ran: their texts are kept, so that its inputs can be applied again.

use crate::error::LedgerError;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tagwarden::{Limits, Rulebook};

#[derive(Serialize, Deserialize)]
struct Texts {
    /// In the order in which they were read.
    sources: Vec<(String, String)>,
    keywords: Vec<(String, String)>,
}

impl Texts {
    fn of(rulebook: &Rulebook) -> Texts {
        let sources = rulebook.sources().iter();
        let keywords = rulebook.keyword_files();
        Texts {
            sources: sources.map(|source| (source.name.to_string(), source.text.to_string())).collect(),
            keywords: keywords.map(|(name, text)| (name.to_owned(), text.to_owned())).collect(),
        }
    }
}

/// A hash of every text that a rulebook was compiled from.
pub(crate) fn digest(rulebook: &Rulebook) -> [u8; 32] {
    let mut sha = Sha256::new();
    let mut add = |part: &str| {
        sha.update((part.len() as u64).to_le_bytes());
        sha.update(part.as_bytes());
    };
    for source in rulebook.sources().iter() {
        add(&source.text);
    }
    for (name, text) in rulebook.keyword_files() {
        add(name);
        add(text);
    }
    sha.finalize().into()
}

/// Keeps the texts of a rulebook that begins after an input.
pub(crate) fn keep(connection: &Connection, rulebook: &Rulebook, since: i64) -> Result<(), LedgerError> {
    let texts = serde_json::to_string(&Texts::of(rulebook));
    let texts = texts.map_err(|error| LedgerError::Refused(error.to_string()))?;
    connection
        .prepare_cached("INSERT INTO rulebooks (since, digest, sources) VALUES (?1, ?2, ?3)")?
        .execute(params![since, digest(rulebook), texts])?;
    Ok(())
}

/// The rulebook that ran last: `None` where it is the one given.
pub(crate) fn last(
    connection: &Connection,
    given: &Rulebook,
    limits: &Limits,
) -> Result<Option<Rulebook>, LedgerError> {
    match newest(connection)? {
        (kept, _) if kept == digest(given) => Ok(None),
        (_, texts) => compile(&texts, limits).map(Some),
    }
}

/// Whether a rulebook is the one that ran last.
pub(crate) fn is_last(connection: &Connection, rulebook: &Rulebook) -> Result<bool, LedgerError> {
    Ok(newest(connection)?.0 == digest(rulebook))
}

/// The rulebook that the ledger in a file ran last.
pub(crate) fn kept(connection: &Connection, limits: &Limits) -> Result<Rulebook, LedgerError> {
    compile(&newest(connection)?.1, limits)
}

fn newest(connection: &Connection) -> Result<([u8; 32], String), LedgerError> {
    connection
        .query_row("SELECT digest, sources FROM rulebooks ORDER BY id DESC LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?
        .ok_or_else(|| LedgerError::damaged("it holds no rulebook"))
}

fn compile(texts: &str, limits: &Limits) -> Result<Rulebook, LedgerError> {
    let texts: Texts = serde_json::from_str(texts)
        .map_err(|error| LedgerError::damaged(format!("the texts of its rulebook: {error}")))?;
    let find =
        |name: &str| texts.keywords.iter().find(|(other, _)| other == name).map(|(_, text)| text.clone());
    let mut compiler = Rulebook::compiler().limits(limits.clone()).resolver(find);
    for (name, text) in &texts.sources {
        compiler = compiler.source(name.as_str(), text.as_str());
    }
    compiler
        .compile()
        .map_err(|error| LedgerError::damaged(format!("its rulebook does not compile any more: {error}")))
}
