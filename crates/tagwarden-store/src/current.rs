//! The tables of what holds now: they follow the decisions.

use rusqlite::{Connection, params};
use tagwarden::{Change, Decision, Timestamp};

/// Changes what holds now as a decision says. A shadow's decision changes nothing.
pub(crate) fn follow(connection: &Connection, id: i64, decision: &Decision) -> rusqlite::Result<()> {
    if decision.shadow {
        return Ok(());
    }
    let (entity, subject) = (&*decision.entity, &*decision.subject);
    let time = decision.time.micros();
    let rule = decision.rule.as_ref().map(|rule| &*rule.name);
    let micros = |time: &Option<Timestamp>| time.map(Timestamp::micros);
    match &decision.change {
        Change::Tagged { tag, until } => {
            connection
                .prepare_cached("INSERT OR REPLACE INTO tags VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
                .execute(params![entity, subject, &**tag, time, micros(until), rule, id])?;
        }
        Change::Untagged { tag, .. } => {
            connection
                .prepare_cached("DELETE FROM tags WHERE entity = ?1 AND subject = ?2 AND tag = ?3")?
                .execute([entity, subject, tag])?;
        }
        Change::Listed { list, level, category, until } => {
            connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO entries VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, NULL, ?8, ?9)",
                )?
                .execute(params![
                    entity,
                    subject,
                    &**list,
                    level,
                    category.as_deref(),
                    time,
                    micros(until),
                    rule,
                    id
                ])?;
        }
        Change::LevelChanged { list, level, .. } => {
            connection
                .prepare_cached(
                    "UPDATE entries SET level = ?4, rule = ?5, decision = ?6 WHERE entity = ?1 AND subject = ?2 AND list = ?3",
                )?
                .execute(params![entity, subject, &**list, level, rule, id])?;
        }
        Change::Unlisted { list, .. } => {
            connection
                .prepare_cached("DELETE FROM entries WHERE entity = ?1 AND subject = ?2 AND list = ?3")?
                .execute([entity, subject, list])?;
        }
        Change::ReviewDue { list, .. } => {
            connection
                .prepare_cached(
                    "UPDATE entries SET review_due = coalesce(review_due, ?4) WHERE entity = ?1 AND subject = ?2 AND list = ?3",
                )?
                .execute(params![entity, subject, &**list, time])?;
        }
        Change::Proposed(action) => {
            let action = serde_json::to_string(action).unwrap_or_default();
            connection
                .prepare_cached("INSERT INTO proposals VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
                .execute(params![id, entity, subject, rule, action, time])?;
        }
        Change::Forgotten => forget(connection, entity, subject)?,
        _ => {}
    }
    Ok(())
}

/// Nothing holds of a subject any more.
pub(crate) fn forget(connection: &Connection, entity: &str, subject: &str) -> rusqlite::Result<()> {
    for table in ["tags", "entries", "proposals"] {
        let delete = format!("DELETE FROM {table} WHERE entity = ?1 AND subject = ?2");
        connection.prepare_cached(&delete)?.execute([entity, subject])?;
    }
    Ok(())
}
