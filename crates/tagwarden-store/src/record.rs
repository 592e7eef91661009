//! What one transaction writes: inputs, decisions, audit records, and what holds now.

use crate::audit::chain::{self, Chain, Hash};
use crate::current;
use crate::error::LedgerError;
use crate::keys::{Keys, Mark};
use rusqlite::{CachedStatement, Connection, OptionalExtension, params};
use std::sync::Arc;
use tagwarden::{Decision, Timestamp};

/// Where everything stands after a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) input: i64,
    pub(crate) decision: i64,
    pub(crate) chain: Chain,
    pub(crate) clock: Option<i64>,
    pub(crate) pruned: Option<i64>,
}

impl Head {
    pub(crate) fn read(connection: &Connection) -> Result<Head, LedgerError> {
        let row = connection
            .prepare_cached("SELECT input, decision, audit, hash, clock, pruned FROM head")?
            .query_row([], |row| {
                let chain = Chain { last: row.get(2)?, hash: row.get::<_, Hash>(3)? };
                Ok(Head {
                    input: row.get(0)?,
                    decision: row.get(1)?,
                    chain,
                    clock: row.get(4)?,
                    pruned: row.get(5)?,
                })
            })
            .optional()?;
        row.ok_or_else(|| LedgerError::damaged("the row that says where everything stands is missing"))
    }

    pub(crate) fn write(&self, connection: &Connection) -> Result<(), LedgerError> {
        connection
            .prepare_cached("INSERT OR REPLACE INTO head VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)")?
            .execute(params![
                self.input,
                self.decision,
                self.chain.last,
                self.chain.hash,
                self.clock,
                self.pruned
            ])?;
        Ok(())
    }
}

/// A decision as it is kept: its number and its JSON, the same for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recorded {
    /// Its number in the ledger, from 1.
    pub id: i64,
    /// As [`Decision::to_json`] wrote it.
    pub json: Arc<str>,
}

impl Recorded {
    /// Its kind, such as `tagged`.
    ///
    /// ```
    /// # let ledger = tempfile::tempdir()?;
    /// # use tagwarden::{Reader, Rulebook, TimeUnit};
    /// # use tagwarden_store::{Ledger, Options};
    /// # let rulebook = Rulebook::compile("entity customer event login(customer) {} rule all { on login then tag seen }")?;
    /// # let mut ledger = Ledger::open(ledger.path().join("l.db"), &rulebook, Options::new([1; 16]))?;
    /// # let reader = Reader::new(rulebook.schema(), TimeUnit::Millis);
    /// let login = reader.json(br#"{"type":"login","time":"2026-01-01T00:00:00Z","customer":"c1"}"#)?;
    /// assert_eq!(ledger.apply([login.into()])?[0].decisions[0].kind(), "tagged");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn kind(&self) -> &str {
        // The canonical form begins with the time and the kind, and neither holds a quotation mark.
        self.json.split('"').nth(7).unwrap_or_default()
    }
}

/// A row of `inputs`.
pub(crate) struct InputRow<'a> {
    pub(crate) time: Timestamp,
    pub(crate) kind: &'static str,
    pub(crate) body: &'a str,
    pub(crate) refused: Option<&'a str>,
    /// The marks of the idempotency key and of the whole input.
    pub(crate) idem: Option<(Mark, Mark)>,
    pub(crate) decisions: &'a [Recorded],
}

/// Writes within a transaction. Its numbers count only once that is committed.
pub(crate) struct Writer<'c> {
    pub(crate) connection: &'c Connection,
    pub(crate) keys: &'c Keys,
    pub(crate) head: Head,
    input: CachedStatement<'c>,
    decision: CachedStatement<'c>,
    audit: CachedStatement<'c>,
}

impl<'c> Writer<'c> {
    pub(crate) fn new(connection: &'c Connection, keys: &'c Keys, head: Head) -> Result<Self, LedgerError> {
        Ok(Writer {
            connection,
            keys,
            head,
            input: connection
                .prepare_cached("INSERT INTO inputs VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?,
            decision: connection
                .prepare_cached("INSERT INTO decisions VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?,
            audit: connection.prepare_cached("INSERT INTO audit VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?,
        })
    }

    /// The number that the next input will have.
    pub(crate) fn next_input(&self) -> i64 {
        self.head.input + 1
    }

    pub(crate) fn input(&mut self, row: &InputRow<'_>) -> Result<i64, LedgerError> {
        self.head.input += 1;
        let (idem, mark) = row.idem.unzip();
        self.input.execute(params![
            self.head.input,
            row.time.micros(),
            row.kind,
            row.body,
            row.refused,
            idem,
            mark,
            row.decisions.first().map(|decision| decision.id),
            row.decisions.len() as i64,
        ])?;
        Ok(self.head.input)
    }

    /// Keeps a decision of the input that is being applied, chains it, and changes what holds now.
    pub(crate) fn decision(&mut self, decision: &Decision) -> Result<Recorded, LedgerError> {
        self.head.decision += 1;
        let id = self.head.decision;
        let json = decision.to_json();
        let input = self.next_input();
        self.decision.execute(params![
            id,
            input,
            decision.time.micros(),
            decision.kind(),
            &*decision.entity,
            &*decision.subject,
            decision.rule.as_ref().map(|rule| &*rule.name),
            decision.shadow,
            json,
        ])?;
        self.link(decision.time, "decision", &json, Some(id))?;
        current::follow(self.connection, id, decision)?;
        Ok(Recorded { id, json: json.into() })
    }

    /// Adds a record to the audit log that says what it says itself.
    pub(crate) fn note(&mut self, time: Timestamp, kind: &str, body: &str) -> Result<(), LedgerError> {
        self.link(time, kind, body, None)
    }

    /// Adds a record; with a reference what it says lies there.
    pub(crate) fn link(
        &mut self,
        time: Timestamp,
        kind: &str,
        body: &str,
        reference: Option<i64>,
    ) -> Result<(), LedgerError> {
        let digest = chain::digest(&self.keys.salt(self.head.chain.last + 1), body);
        self.head.chain.add(time, kind, &digest);
        let own = reference.is_none().then_some(body);
        let chain = &self.head.chain;
        self.audit.execute(params![chain.last, time.micros(), kind, digest, chain.hash, reference, own])?;
        Ok(())
    }

    /// The decisions that an input was answered with.
    pub(crate) fn answered(&self, first: Option<i64>, count: i64) -> Result<Vec<Recorded>, LedgerError> {
        let Some(first) = first else { return Ok(Vec::new()) };
        let mut rows = self
            .connection
            .prepare_cached("SELECT id, body FROM decisions WHERE id >= ?1 AND id < ?2 ORDER BY id")?;
        let rows = rows.query_map([first, first + count], |row| {
            Ok(Recorded { id: row.get(0)?, json: row.get::<_, String>(1)?.into() })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
