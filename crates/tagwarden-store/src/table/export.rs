//! What holds now as a table.

use super::cells::safe;
use super::read::Format;
use super::row::COLUMNS;
use crate::error::LedgerError;
use crate::ledger::Ledger;
use rusqlite::Row;
use std::io::Write;
use tagwarden::{Timestamp, Viewer};

/// What is exported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "plain data")]
pub struct Content {
    /// The entries of one list only.
    pub list: Option<String>,
    /// One tag only.
    pub tag: Option<String>,
}

/// Rows in the order of [`COLUMNS`], with the decision that made each.
const ROWS: &str = "
    SELECT subject, list, NULL, level, category, body, since, entries.until, next_review
    FROM entries LEFT JOIN decisions USING (entity, subject) WHERE decisions.id = entries.decision
        AND (?1 IS NULL AND ?2 IS NULL OR list = ?1)
    UNION ALL
    SELECT subject, NULL, tag, NULL, NULL, body, since, tags.until, NULL
    FROM tags LEFT JOIN decisions USING (entity, subject) WHERE decisions.id = tags.decision
        AND (?1 IS NULL AND ?2 IS NULL OR tag = ?2)
    ORDER BY 1, 2, 3";

impl Ledger {
    /// Writes the entries and tags that hold now as a table that [`Ledger::import`] reads again. Returns how many rows. The
    /// audit log says who exported.
    ///
    /// # Errors
    /// [`LedgerError`]: the rulebook's roles do not let this viewer export, the ledger can't be read, the writer refuses.
    pub fn export(
        &mut self,
        out: &mut dyn Write,
        format: Format,
        content: &Content,
        viewer: &Viewer,
        time: Timestamp,
    ) -> Result<u64, LedgerError> {
        let allowed = self.engine.may(viewer.role.as_deref(), tagwarden::Verb::Export, None);
        let what = [
            ("what", if allowed { "export" } else { "export refused" }),
            ("list", content.list.as_deref().unwrap_or("")),
            ("tag", content.tag.as_deref().unwrap_or("")),
        ];
        self.note_view(viewer, time, &what)?;
        if !allowed {
            return Err(LedgerError::Refused("the role may not export".into()));
        }
        let rows = self.rows(content)?;
        match format {
            Format::Csv => csv(out, &rows)?,
            Format::Excel => excel(out, &rows)?,
        }
        Ok(rows.len() as u64)
    }

    fn rows(&self, content: &Content) -> Result<Vec<[String; 10]>, LedgerError> {
        let mut rows = self.connection.prepare(ROWS)?;
        let rows = rows.query_map([&content.list, &content.tag], cells)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn cells(row: &Row<'_>) -> rusqlite::Result<[String; 10]> {
    let text = |at: usize| row.get::<_, Option<String>>(at).map(Option::unwrap_or_default);
    let time = |at: usize| -> rusqlite::Result<String> {
        let micros: Option<i64> = row.get(at)?;
        Ok(micros.and_then(Timestamp::from_micros).map_or(String::new(), |time| time.to_string()))
    };
    let level = row.get::<_, Option<i64>>(3)?.map_or(String::new(), |level| level.to_string());
    let decision: Option<serde_json::Value> = serde_json::from_str(&text(5)?).ok();
    let said = |path: &str| {
        let value = decision.as_ref().and_then(|decision| decision.pointer(path));
        value.and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
    };
    let (reason, rule, actor) = (said("/reason/text"), said("/rule"), said("/reason/by/actor"));
    let reason = if reason.is_empty() && !rule.is_empty() { format!("rule {rule}") } else { reason };
    let actor = if actor.is_empty() && !rule.is_empty() { format!("rule {rule}") } else { actor };
    Ok([text(0)?, text(1)?, text(2)?, level, text(4)?, reason, time(6)?, time(7)?, time(8)?, actor])
}

fn failed(error: impl std::fmt::Display) -> LedgerError {
    let source = std::io::Error::other(error.to_string());
    LedgerError::Io { path: "the exported table".into(), source }
}

fn csv(out: &mut dyn Write, rows: &[[String; 10]]) -> Result<(), LedgerError> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(COLUMNS).map_err(failed)?;
    for row in rows {
        writer.write_record(row.iter().map(|cell| safe(cell).into_owned())).map_err(failed)?;
    }
    writer.flush().map_err(failed)
}

#[cfg(feature = "excel")]
fn excel(out: &mut dyn Write, rows: &[[String; 10]]) -> Result<(), LedgerError> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet_with_constant_memory().map_err(failed)?;
    for (at, name) in (0..).zip(COLUMNS) {
        sheet.write_string(0, at, name).map_err(failed)?;
    }
    for (line, row) in (1..).zip(rows) {
        // Written as texts: nothing in them is run.
        for (at, cell) in (0..).zip(row).filter(|(_, cell)| !cell.is_empty()) {
            sheet.write_string(line, at, cell).map_err(failed)?;
        }
    }
    let bytes = book.save_to_buffer().map_err(failed)?;
    out.write_all(&bytes).map_err(failed)
}

#[cfg(not(feature = "excel"))]
fn excel(_: &mut dyn Write, _: &[[String; 10]]) -> Result<(), LedgerError> {
    Err(LedgerError::Refused("this build can't write Excel: it lacks the feature `excel`".into()))
}
