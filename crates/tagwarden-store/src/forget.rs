//! A subject forgotten: what the engine knows of it, what is kept of it, and what the audit log says of it.

use crate::error::LedgerError;
use crate::keys::hex;
use crate::ledger::{Ledger, Work};
use crate::{current, wire};
use rusqlite::params;
use std::fmt::Write as _;
use tagwarden::Command;

/// What forgetting a subject took away.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Forgotten {
    /// What stands in its place: a keyed hash, in hexadecimal digits.
    pub tombstone: String,
    /// How many of its inputs were emptied.
    pub inputs: u64,
    /// How many of its decisions were deleted.
    pub decisions: u64,
    /// How many records of the audit log were emptied.
    pub records: u64,
}

impl Ledger {
    /// Removes every trace of a subject: from the engine, the inputs, decisions and tables, and what the audit log says of
    /// it. A tombstone remains, a keyed hash, and a record in the log that says which records were emptied. The numbers,
    /// times and hashes of those stay, so that the log still verifies.
    ///
    /// An event that concerns another subject as well is emptied too; what it has done to that one stays.
    /// `None` where nothing is known of it.
    ///
    /// At the end the file is written anew ([`Ledger::scrub`]).
    ///
    /// # Errors
    /// [`LedgerError`]: the file can't be written.
    pub fn forget(&mut self, entity: &str, key: &str) -> Result<Option<Forgotten>, LedgerError> {
        let subject = self.pseudonym(entity, key);
        self.change(|work| work.forget(entity, &subject))
    }

    /// Writes the file anew, so that nothing of what was deleted is left in its unused places. [`Ledger::forget`] ends
    /// with it; it takes as long as copying the file.
    ///
    /// # Errors
    /// [`LedgerError`]: the file can't be written, or the disk has no place for a second one.
    pub fn scrub(&mut self) -> Result<(), LedgerError> {
        self.connection.execute_batch("VACUUM")?;
        // The log of the last transactions must not keep it either.
        self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }

    /// Since when a subject has been forgotten.
    ///
    /// # Errors
    /// [`LedgerError`]: the file can't be read.
    pub fn forgotten(&self, entity: &str, key: &str) -> Result<Option<tagwarden::Timestamp>, LedgerError> {
        use rusqlite::OptionalExtension as _;
        let mark = self.keys.tombstone(entity, &self.pseudonym(entity, key));
        let time: Option<i64> = self
            .connection
            .query_row("SELECT time FROM tombstones WHERE mark = ?1", [mark], |row| row.get(0))
            .optional()?;
        time.map(crate::input::time).transpose()
    }
}

impl Work<'_, '_> {
    /// The subject's key as it stands in the file.
    pub(crate) fn forget(&mut self, entity: &str, subject: &str) -> Result<Option<Forgotten>, LedgerError> {
        if self.engine.rulebook().schema().entity(entity).is_none() {
            return Err(LedgerError::Refused(format!("the rulebook has no entity {entity:?}")));
        }
        let known = self.engine.forget(entity, subject).is_some();
        let forgotten = self.erase(entity, subject, None)?;
        if !known && forgotten.inputs == 0 && forgotten.decisions == 0 && forgotten.records == 0 {
            return Ok(None);
        }
        Ok(Some(forgotten))
    }

    /// Empties what is kept of a subject, and says so. `by`: the command that asked for it.
    pub(crate) fn erase(
        &mut self,
        entity: &str,
        subject: &str,
        by: Option<&Command>,
    ) -> Result<Forgotten, LedgerError> {
        let (mut inputs, mut decisions, mut records) = (0, 0, Vec::new());
        for name in self.names(entity, subject)? {
            let (emptied, deleted) = self.empty(entity, &name, &mut records)?;
            inputs += emptied;
            decisions += deleted;
            current::forget(self.writer.connection, entity, &name)?;
        }
        records.sort_unstable();
        let connection = self.writer.connection;
        connection
            .execute("DELETE FROM sealed WHERE input IN (SELECT id FROM inputs WHERE body IS NULL)", [])?;
        connection.execute(
            "DELETE FROM merged WHERE entity = ?1 AND (subject = ?2 OR into_subject = ?2)",
            [entity, subject],
        )?;
        let (mark, time) = (self.writer.keys.tombstone(entity, subject), self.now());
        connection.execute(
            "INSERT OR REPLACE INTO tombstones VALUES (?1, ?2, ?3)",
            params![mark, entity, time.micros()],
        )?;
        let mut body = String::from("{\"entity\":");
        wire::text(&mut body, entity);
        let _ = write!(body, ",\"tombstone\":\"{}\"", hex(&mark));
        if let Some(command) = by {
            let role = command.role.as_deref().unwrap_or_default();
            for (name, value) in [("actor", &*command.actor), ("role", role), ("reason", &*command.reason)] {
                let _ = write!(body, ",\"{name}\":");
                wire::text(&mut body, value);
            }
        }
        let _ = write!(body, ",\"records\":{}}}", ranges(&records));
        self.writer.note(time, "forgotten", &body)?;
        // Its inputs can't be applied again, and nothing of them may be left in unused places of the file.
        self.snapshot = true;
        self.scrub = true;
        Ok(Forgotten { tombstone: hex(&mark), inputs, decisions, records: records.len() as u64 })
    }

    /// The subject and those that were found to be the same customer.
    fn names(&self, entity: &str, subject: &str) -> Result<Vec<String>, LedgerError> {
        let mut rows = self.writer.connection.prepare_cached(
            "WITH RECURSIVE same (subject) AS (
                VALUES (?2)
                UNION SELECT merged.subject FROM merged JOIN same ON merged.into_subject = same.subject
                WHERE merged.entity = ?1
             ) SELECT subject FROM same",
        )?;
        let rows = rows.query_map([entity, subject], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Empties what is kept under one name: how many inputs and decisions, and which records of the audit log.
    fn empty(&self, entity: &str, subject: &str, records: &mut Vec<i64>) -> Result<(u64, u64), LedgerError> {
        let connection = self.writer.connection;
        let mut path = String::from("$.");
        wire::text(&mut path, entity);
        // Events and commands that name it. There is no index: forgetting is rare, and every input would pay for it.
        let of_inputs = "kind IN ('event', 'command', 'contact') AND body IS NOT NULL
            AND (json_extract(body, ?1) = ?2
                 OR json_extract(body, '$.subject') = ?2 AND json_extract(body, '$.entity') = ?3
                 OR json_extract(body, '$.command') = 'merge' AND json_extract(body, '$.into') = ?2)";
        let views = "kind = 'view' AND body IS NOT NULL
            AND json_extract(body, '$.entity') = ?3 AND json_extract(body, '$.subject') = ?2";
        let mut found = connection.prepare(&format!(
            "SELECT id FROM audit WHERE kind = 'decision' AND ref IN
                    (SELECT id FROM decisions WHERE entity = ?3 AND subject = ?2)
             UNION SELECT id FROM audit WHERE kind = 'command' AND ref IN (SELECT id FROM inputs WHERE {of_inputs})
             UNION SELECT id FROM audit WHERE {views} ORDER BY 1"
        ))?;
        let found = found.query_map(params![path, subject, entity], |row| row.get(0))?;
        for record in found {
            records.push(record?);
        }
        let inputs = connection.execute(
            &format!("UPDATE inputs SET body = NULL WHERE {of_inputs}"),
            params![path, subject, entity],
        )?;
        let decisions = connection
            .execute("DELETE FROM decisions WHERE entity = ?1 AND subject = ?2", [entity, subject])?;
        connection.execute(
            &format!("UPDATE audit SET body = NULL WHERE {views} AND ?1 = ?1"),
            params![path, subject, entity],
        )?;
        Ok((inputs as u64, decisions as u64))
    }
}

/// Numbers in rising order as ranges, both ends included: `[[3,5],[9,9]]`.
fn ranges(numbers: &[i64]) -> String {
    let mut ranges: Vec<[i64; 2]> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some([_, last]) if *last + 1 == *number => *last = *number,
            _ => ranges.push([*number, *number]),
        }
    }
    let texts: Vec<String> = ranges.iter().map(|[from, to]| format!("[{from},{to}]")).collect();
    format!("[{}]", texts.join(","))
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_become_ranges() {
        assert_eq!(super::ranges(&[3, 4, 5, 9]), "[[3,5],[9,9]]");
        assert_eq!(super::ranges(&[]), "[]");
    }
}
