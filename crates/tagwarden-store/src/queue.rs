//! What waits for people, and how much there is of everything: read from the tables of what holds now.

use crate::error::LedgerError;
use crate::input::time;
use crate::ledger::Ledger;
use rusqlite::Row;
use tagwarden::Timestamp;

/// An entry on a list.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Listed {
    /// The kind of subject.
    pub entity: String,
    /// The subject's key.
    pub subject: String,
    /// The list.
    pub list: String,
    /// The level.
    pub level: u8,
    /// The category.
    pub category: Option<String>,
    /// Since when.
    #[serde(serialize_with = "text")]
    pub since: Timestamp,
    /// When it ends, as it was announced.
    #[serde(serialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Until when it does not count.
    #[serde(serialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub suspended: Option<Timestamp>,
    /// Since when a review is due.
    #[serde(serialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub review_due: Option<Timestamp>,
    /// The rule that made it; `None` where a person did.
    pub rule: Option<String>,
}

/// A proposal that nobody has decided.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Waiting {
    /// The kind of subject.
    pub entity: String,
    /// The subject's key.
    pub subject: String,
    /// Its number among the proposals of the subject.
    pub proposal: u32,
    /// What it would do, as in the decision.
    pub action: serde_json::Value,
    /// Since when.
    #[serde(serialize_with = "text")]
    pub since: Timestamp,
    /// The rule that asks; `None` where a person needs a second one.
    pub rule: Option<String>,
}

/// An appeal that nobody has decided.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Appealing {
    /// The kind of subject.
    pub entity: String,
    /// The subject's key.
    pub subject: String,
    /// Against what: `tag` or `list`.
    pub against: String,
    /// Which tag or list.
    pub name: String,
    /// Since when.
    #[serde(serialize_with = "text")]
    pub since: Timestamp,
}

/// How much there is of everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Stats {
    /// Inputs by kind.
    pub inputs: Vec<(String, u64)>,
    /// How many of them were refused.
    pub refused: u64,
    /// Decisions by kind.
    pub decisions: Vec<(String, u64)>,
    /// Subjects by tag.
    pub tags: Vec<(String, u64)>,
    /// Entries by list and level.
    pub entries: Vec<(String, u64)>,
    /// Proposals that are open.
    pub proposals: u64,
    /// Appeals that are open.
    pub appeals: u64,
    /// Reviews that are due.
    pub reviews: u64,
    /// Records of the audit log.
    pub audit: u64,
    /// Subjects that were forgotten.
    pub forgotten: u64,
}

fn text<S: serde::Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(time)
}

fn optional<S: serde::Serializer>(time: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => serializer.collect_str(time),
        None => serializer.serialize_none(),
    }
}

const LISTED: &str =
    "SELECT entity, subject, list, level, category, since, until, suspended, review_due, rule FROM entries";

impl Ledger {
    /// The entries that hold now, of one list or of all, in the order of their subjects.
    ///
    /// # Errors
    /// [`LedgerError`]: the file can't be read.
    pub fn entries(&self, list: Option<&str>) -> Result<Vec<Listed>, LedgerError> {
        let sql = format!("{LISTED} WHERE ?1 IS NULL OR list = ?1 ORDER BY entity, subject, list");
        let mut rows = self.connection.prepare_cached(&sql)?;
        let mut rows = rows.query([list])?;
        collect(&mut rows, listed)
    }

    /// The entries whose review is due by a time, the oldest first.
    ///
    /// # Errors
    /// [`LedgerError`]: the file can't be read.
    pub fn reviews_due(&self, by: Timestamp) -> Result<Vec<Listed>, LedgerError> {
        let sql = format!(
            "{LISTED} WHERE review_due IS NOT NULL OR next_review <= ?1 ORDER BY coalesce(review_due, next_review), subject"
        );
        let mut rows = self.connection.prepare_cached(&sql)?;
        let mut rows = rows.query([by.micros()])?;
        collect(&mut rows, listed)
    }

    /// The proposals that wait for somebody, the oldest first.
    ///
    /// # Errors
    /// [`LedgerError`]: the file can't be read.
    pub fn proposals(&self) -> Result<Vec<Waiting>, LedgerError> {
        let mut rows = self.connection.prepare_cached(
            "SELECT entity, subject, number, action, since, rule FROM proposals ORDER BY since, id",
        )?;
        let mut rows = rows.query([])?;
        collect(&mut rows, |row| {
            let action: String = row.get(3)?;
            Ok(Waiting {
                entity: row.get(0)?,
                subject: row.get(1)?,
                proposal: row.get(2)?,
                action: serde_json::from_str(&action)
                    .map_err(|error| LedgerError::damaged(error.to_string()))?,
                since: time(row.get(4)?)?,
                rule: row.get(5)?,
            })
        })
    }

    /// The appeals that wait for somebody, the oldest first.
    ///
    /// # Errors
    /// [`LedgerError`]: the file can't be read.
    pub fn appeals(&self) -> Result<Vec<Appealing>, LedgerError> {
        let mut rows = self.connection.prepare_cached(
            "SELECT entity, subject, kind, name, since FROM appeals ORDER BY since, decision",
        )?;
        let mut rows = rows.query([])?;
        collect(&mut rows, |row| {
            Ok(Appealing {
                entity: row.get(0)?,
                subject: row.get(1)?,
                against: row.get(2)?,
                name: row.get(3)?,
                since: time(row.get(4)?)?,
            })
        })
    }

    /// Every decision about a subject that is still kept, in order, as JSON.
    ///
    /// # Errors
    /// [`LedgerError`]: the file can't be read.
    pub fn history(&self, entity: &str, key: &str) -> Result<Vec<String>, LedgerError> {
        let mut rows = self
            .connection
            .prepare_cached("SELECT body FROM decisions WHERE subject = ?1 AND entity = ?2 ORDER BY id")?;
        let mut rows = rows.query([&*self.pseudonym(entity, key), entity])?;
        collect(&mut rows, |row| Ok(row.get(0)?))
    }

    /// How much there is of everything.
    ///
    /// # Errors
    /// [`LedgerError`]: the file can't be read.
    pub fn stats(&self) -> Result<Stats, LedgerError> {
        let counts = |sql: &str| -> Result<Vec<(String, u64)>, LedgerError> {
            let mut rows = self.connection.prepare(sql)?;
            let mut rows = rows.query([])?;
            collect(&mut rows, |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))
        };
        let count = |sql: &str| -> Result<u64, LedgerError> {
            Ok(self.connection.query_row(sql, [], |row| row.get::<_, i64>(0))?.unsigned_abs())
        };
        Ok(Stats {
            inputs: counts("SELECT kind, count(*) FROM inputs GROUP BY 1 ORDER BY 1")?,
            refused: count("SELECT count(*) FROM inputs WHERE refused IS NOT NULL")?,
            decisions: counts("SELECT kind, count(*) FROM decisions GROUP BY 1 ORDER BY 1")?,
            tags: counts("SELECT tag, count(*) FROM tags GROUP BY 1 ORDER BY 1")?,
            entries: counts(
                "SELECT list || ' level ' || level, count(*) FROM entries GROUP BY 1 ORDER BY 1",
            )?,
            proposals: count("SELECT count(*) FROM proposals")?,
            appeals: count("SELECT count(*) FROM appeals")?,
            reviews: count("SELECT count(*) FROM entries WHERE review_due IS NOT NULL")?,
            audit: count("SELECT count(*) FROM audit")?,
            forgotten: count("SELECT count(*) FROM tombstones")?,
        })
    }
}

fn listed(row: &Row<'_>) -> Result<Listed, LedgerError> {
    let at = |column: usize| -> Result<Option<Timestamp>, LedgerError> {
        row.get::<_, Option<i64>>(column)?.map(time).transpose()
    };
    Ok(Listed {
        entity: row.get(0)?,
        subject: row.get(1)?,
        list: row.get(2)?,
        level: row.get(3)?,
        category: row.get(4)?,
        since: time(row.get(5)?)?,
        until: at(6)?,
        suspended: at(7)?,
        review_due: at(8)?,
        rule: row.get(9)?,
    })
}

fn collect<T>(
    rows: &mut rusqlite::Rows<'_>,
    read: impl Fn(&Row<'_>) -> Result<T, LedgerError>,
) -> Result<Vec<T>, LedgerError> {
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(read(row)?);
    }
    Ok(all)
}
