//! A row as commands.

use super::import::Import;
use std::sync::Arc;
use tagwarden::{Command, CommandKind, Duration, EntityId, ReviewOutcome, Term, Timestamp, Zone};

/// The columns that a table may have, by their own names.
pub(super) const COLUMNS: [&str; 10] =
    ["identifier", "list", "tag", "level", "category", "reason", "from", "until", "review", "actor"];

/// Where the columns of a table lie.
pub(super) struct Layout {
    /// For each of [`COLUMNS`] its place in a row.
    places: [Option<usize>; 10],
}

impl Layout {
    /// # Errors
    /// What the header lacks or has twice.
    pub(super) fn of(header: &[String], import: &Import) -> Result<Layout, String> {
        let mut places = [None; 10];
        for (column, _) in &import.columns {
            if !COLUMNS.contains(&column.as_str()) {
                return Err(format!(
                    "there is no column {column:?} to map; there are {}",
                    COLUMNS.join(", ")
                ));
            }
        }
        for (column, place) in COLUMNS.iter().zip(&mut places) {
            let mapped = import.columns.iter().find(|(own, _)| own == column).map(|(_, name)| name.as_str());
            let wanted = mapped.unwrap_or(column);
            let mut found = header.iter().enumerate().filter(|(_, name)| name.eq_ignore_ascii_case(wanted));
            *place = found.next().map(|(at, _)| at);
            if found.next().is_some() {
                return Err(format!("the header has {wanted:?} twice"));
            }
            if mapped.is_some() && place.is_none() {
                return Err(format!("the header has no {wanted:?}; it has {}", header.join(", ")));
            }
        }
        let layout = Layout { places };
        if layout.place("identifier").is_none() {
            return Err(format!("the header has no \"identifier\"; it has {}", header.join(", ")));
        }
        if layout.place("list").is_none()
            && layout.place("tag").is_none()
            && import.list.is_none()
            && import.tag.is_none()
        {
            return Err("the header has neither \"list\" nor \"tag\", and the import names none".into());
        }
        Ok(layout)
    }

    fn place(&self, column: &str) -> Option<usize> {
        let at = COLUMNS.iter().position(|other| *other == column)?;
        self.places.get(at).copied().flatten()
    }

    /// A cell that is not empty.
    fn cell<'r>(&self, row: &'r [String], column: &str) -> Option<&'r str> {
        row.get(self.place(column)?).map(|cell| &**cell).filter(|cell| !cell.is_empty())
    }
}

/// The commands that a row asks for: one, or two where it says when the next review is.
///
/// # Errors
/// What is wrong, with the column.
pub(super) fn commands(
    layout: &Layout,
    row: &[String],
    import: &Import,
    entity: EntityId,
    zone: Zone,
) -> Result<Vec<Command>, String> {
    let cell = |column: &'static str| layout.cell(row, column);
    let subject = cell("identifier").ok_or("identifier: the cell is empty")?;
    let text = |text: &str| Arc::<str>::from(text);
    let reason = cell("reason").or(import.reason.as_deref()).ok_or("reason: the cell is empty")?;
    let at = |column: &'static str| {
        let time = cell(column).map(|text| time(text, zone).ok_or_else(|| no_time(column, text)));
        time.transpose()
    };
    // What began before the import begins with it: the ledger's past is closed.
    let start = at("from")?.filter(|start| *start > import.time);
    let term = match cell("until") {
        Some("never") => Term::Forever,
        _ => at("until")?.map_or(Term::Usual, Term::Until),
    };
    let (mut review, mut next) = (None, None);
    if let Some(cell) = cell("review") {
        match cell.parse::<Duration>() {
            Ok(length) if !length.is_zero() => review = Some(length),
            _ => next = Some(time(cell, zone).ok_or_else(|| no_time("review", cell))?),
        }
    }
    let list = cell("list").or_else(|| import.list.as_deref().filter(|_| cell("tag").is_none()));
    let tag = cell("tag").or_else(|| import.tag.as_deref().filter(|_| cell("list").is_none()));
    let kind = match (list, tag) {
        (Some(list), None) => CommandKind::List {
            list: text(list),
            level: match cell("level") {
                Some(level) => {
                    Some(level.parse().map_err(|_| format!("level: {level:?} is no number of a level"))?)
                }
                None => None,
            },
            category: cell("category").map(text),
            start,
            term,
            review,
        },
        (None, Some(tag)) => {
            if let Some(column) =
                ["level", "category", "review"].into_iter().find(|column| cell(column).is_some())
            {
                return Err(format!("{column}: a tag has none"));
            }
            CommandKind::Tag { tag: text(tag), start, term }
        }
        (Some(_), Some(_)) => return Err("tag: the row names a list and a tag".into()),
        (None, None) => return Err("list: the row names neither a list nor a tag".into()),
    };
    let command = |kind| Command {
        time: import.time,
        id: None,
        entity,
        subject: text(subject),
        actor: text(cell("actor").unwrap_or(&import.actor)),
        role: import.role.as_deref().map(text),
        reason: text(reason),
        kind,
    };
    let mut commands = vec![command(kind)];
    if let (Some(next), Some(list)) = (next, list) {
        let outcome = ReviewOutcome::Keep;
        let kind = CommandKind::Review { list: text(list), outcome, next: Some(next), review: None };
        commands.push(command(kind));
    }
    Ok(commands)
}

fn no_time(column: &str, text: &str) -> String {
    format!("{column}: {text:?} is no time such as 2026-01-31, 2026-01-31 09:00 or 2026-01-31T09:00:00+08:00")
}

/// A time with an offset, or a local one.
pub(super) fn time(text: &str, zone: Zone) -> Option<Timestamp> {
    let spaced = text.replacen(' ', "T", 1);
    if let Ok(time) = spaced.parse() {
        return Some(time);
    }
    let local = match spaced.len() {
        10 => format!("{spaced}T00:00:00"),
        16 => format!("{spaced}:00"),
        _ => spaced,
    };
    zone.instant(local.parse().ok()?)
}
