//! A table as commands: by row, with a report, wholly or not at all.

use super::read::{self, Format};
use super::row::{self, Layout};
use crate::error::LedgerError;
use crate::input::{Entry, Prepared};
use crate::ledger::{Answer, Ledger};
use std::sync::Arc;
use tagwarden::{Command, Input, Timestamp};

/// How a table is imported.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "built with ..Import::new(…)")]
pub struct Import {
    /// The kind of subject that the identifiers name.
    pub entity: String,
    /// The list of rows that name none.
    pub list: Option<String>,
    /// The tag of rows that name none.
    pub tag: Option<String>,
    /// Who imports.
    pub actor: String,
    /// In which role.
    pub role: Option<String>,
    /// When. What begins before begins now.
    pub time: Timestamp,
    /// The reason of rows that give none.
    pub reason: Option<String>,
    /// Columns with another name: ours, and that of the table.
    pub columns: Vec<(String, String)>,
    /// What to do when a row is refused.
    pub mode: Mode,
    /// Whether nothing is to be kept: only the report is wanted.
    pub dry_run: bool,
    /// A name of the table: with it each row has an idempotency key, so that a second import of it changes nothing.
    pub batch: Option<String>,
}

/// What to do when a row is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum Mode {
    /// Nothing is imported.
    #[default]
    AllOrNothing,
    /// The other rows are.
    RowByRow,
}

impl Import {
    /// An import by somebody at a time: all or nothing, every row with a reason of its own.
    #[must_use]
    pub fn new(entity: impl Into<String>, actor: impl Into<String>, time: Timestamp) -> Import {
        Import {
            entity: entity.into(),
            list: None,
            tag: None,
            actor: actor.into(),
            role: None,
            time,
            reason: None,
            columns: Vec::new(),
            mode: Mode::AllOrNothing,
            dry_run: false,
            batch: None,
        }
    }
}

/// What became of each row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImportReport {
    /// One a row, in order.
    pub rows: Vec<RowReport>,
    /// Whether anything was kept: not in a dry run, nor where a row was refused and all or nothing was asked for.
    pub kept: bool,
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RowReport {
    /// Its line, or its row in the sheet; the header has 1.
    pub row: u64,
    /// What became of it.
    pub outcome: RowOutcome,
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RowOutcome {
    /// It is done, or would be.
    Done,
    /// A second person must approve it.
    Proposed,
    /// It was there before.
    Repeated,
    /// It is not done, and why.
    Refused(String),
}

impl ImportReport {
    /// How many rows are not done.
    #[must_use]
    pub fn refused(&self) -> usize {
        self.rows.iter().filter(|row| matches!(row.outcome, RowOutcome::Refused(_))).count()
    }
}

impl Ledger {
    /// Imports a table in one transaction. A dry run does everything and undoes it, so that its report is that of the
    /// import.
    ///
    /// # Errors
    /// [`LedgerError`]: the table can't be read, its header does not fit, the ledger can't be written.
    pub fn import(
        &mut self,
        bytes: &[u8],
        format: Format,
        import: &Import,
    ) -> Result<ImportReport, LedgerError> {
        let rulebook = self.engine.rulebook().clone();
        let refused = |what: String| LedgerError::Refused(what);
        let entity = rulebook.schema().entity(&import.entity);
        let entity =
            entity.ok_or_else(|| refused(format!("the rulebook has no entity {:?}", import.entity)))?;
        if import.list.is_some() && import.tag.is_some() {
            return Err(refused("an import is for a list or for a tag, not for both".into()));
        }
        let table = read::read(bytes, format)?;
        let layout = Layout::of(&table.header, import).map_err(refused)?;
        let mut report = ImportReport::default();
        let mut wanted: Vec<(usize, Vec<Prepared>)> = Vec::new();
        for (number, cells) in &table.rows {
            if cells.iter().all(String::is_empty) {
                continue;
            }
            let outcome = match row::commands(&layout, cells, import, entity, rulebook.zone()) {
                Ok(commands) => {
                    let key = import.batch.as_ref().map(|batch| format!("import {batch} row {number}"));
                    wanted.push((report.rows.len(), self.prepare(commands, key.as_deref())));
                    RowOutcome::Done
                }
                Err(why) => RowOutcome::Refused(why),
            };
            report.rows.push(RowReport { row: *number, outcome });
        }
        let whole = import.mode == Mode::AllOrNothing;
        if whole && !import.dry_run && report.refused() > 0 {
            return Ok(report);
        }
        let mut undone = false;
        let done = self.change(|work| {
            for (at, commands) in &wanted {
                let mut outcome = RowOutcome::Done;
                for command in commands {
                    outcome = outcome_of(&work.apply(command)?);
                    if !matches!(outcome, RowOutcome::Done) {
                        break;
                    }
                }
                if let Some(row) = report.rows.get_mut(*at) {
                    row.outcome = outcome;
                }
            }
            undone = import.dry_run || (whole && report.refused() > 0);
            if undone { Err(LedgerError::Refused("undone".into())) } else { Ok(()) }
        });
        if !undone {
            done?;
        }
        report.kept = !undone;
        Ok(report)
    }

    fn prepare(&self, commands: Vec<Command>, key: Option<&str>) -> Vec<Prepared> {
        let schema = self.engine.rulebook().schema();
        let prepare = |(at, command): (usize, Command)| {
            let mut entry = Entry::new(Input::Command(Box::new(command)));
            if let Some(key) = key {
                let key = if at == 0 { key.to_owned() } else { format!("{key} review") };
                entry = entry.with_key(Arc::<str>::from(key));
            }
            Prepared::prepare(entry, schema, &self.keys, &self.options)
        };
        commands.into_iter().enumerate().map(prepare).collect()
    }
}

fn outcome_of(answer: &Answer) -> RowOutcome {
    if let Some(refusal) = &answer.refused {
        return RowOutcome::Refused(refusal.message.clone());
    }
    if let Some(refused) = answer.decisions.iter().find(|decision| decision.kind() == "refused") {
        let json: Option<serde_json::Value> = serde_json::from_str(&refused.json).ok();
        let why = json.as_ref().and_then(|json| json.get("why")).and_then(serde_json::Value::as_str);
        return RowOutcome::Refused(why.unwrap_or("refused").to_owned());
    }
    if answer.repeated {
        return RowOutcome::Repeated;
    }
    // Other decisions may have fallen due at the same time; what was proposed to a person carries the person.
    let proposed = |json: &str| json.contains("\"by\":{");
    if answer.decisions.iter().any(|decision| decision.kind() == "proposed" && proposed(&decision.json)) {
        return RowOutcome::Proposed;
    }
    RowOutcome::Done
}
