//! The tables of what holds now: they follow the decisions.

use rusqlite::{Connection, params};
use tagwarden::{About, Change, Decision, Timestamp};

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
                    "INSERT OR REPLACE INTO entries VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, NULL, NULL, NULL, ?8, ?9)",
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
        Change::Proposed { proposal, action } => {
            let action = serde_json::to_string(action).unwrap_or_default();
            connection
                .prepare_cached("INSERT INTO proposals VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
                .execute(params![id, entity, subject, proposal, rule, action, time])?;
        }
        Change::Approved { proposal, .. }
        | Change::Rejected { proposal, .. }
        | Change::Lapsed { proposal, .. } => {
            connection
                .prepare_cached("DELETE FROM proposals WHERE entity = ?1 AND subject = ?2 AND number = ?3")?
                .execute(params![entity, subject, proposal])?;
        }
        Change::Renewed { about: About::Tag(tag), until, .. } => {
            connection
                .prepare_cached(
                    "UPDATE tags SET until = ?4, decision = ?5 WHERE entity = ?1 AND subject = ?2 AND tag = ?3",
                )?
                .execute(params![entity, subject, &**tag, micros(until), id])?;
        }
        Change::Renewed { about: About::List(list), level, until } => {
            connection
                .prepare_cached(
                    "UPDATE entries SET level = ?4, until = ?5, decision = ?6 WHERE entity = ?1 AND subject = ?2 AND list = ?3",
                )?
                .execute(params![entity, subject, &**list, level, micros(until), id])?;
        }
        Change::Suspended { list, until, .. } => {
            connection
                .prepare_cached(
                    "UPDATE entries SET suspended = ?4, decision = ?5 WHERE entity = ?1 AND subject = ?2 AND list = ?3",
                )?
                .execute(params![entity, subject, &**list, until.micros(), id])?;
        }
        Change::Resumed { list, level } => {
            connection
                .prepare_cached(
                    "UPDATE entries SET suspended = NULL, level = ?4, decision = ?5 WHERE entity = ?1 AND subject = ?2 AND list = ?3",
                )?
                .execute(params![entity, subject, &**list, level, id])?;
        }
        Change::Reviewed { list, next, .. } => {
            connection
                .prepare_cached(
                    "UPDATE entries SET review_due = NULL, next_review = ?4 WHERE entity = ?1 AND subject = ?2 AND list = ?3",
                )?
                .execute(params![entity, subject, &**list, micros(next)])?;
        }
        Change::Appealed(about) => {
            let (kind, name) = about.named();
            connection
                .prepare_cached("INSERT OR REPLACE INTO appeals VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
                .execute(params![entity, subject, kind, &**name, time, id])?;
        }
        Change::Settled { about, .. } => {
            let (kind, name) = about.named();
            connection
                .prepare_cached(
                    "DELETE FROM appeals WHERE entity = ?1 AND subject = ?2 AND kind = ?3 AND name = ?4",
                )?
                .execute([entity, subject, kind, name])?;
        }
        Change::Merged { into } => {
            forget(connection, entity, subject)?;
            connection
                .prepare_cached("INSERT OR REPLACE INTO merged VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![entity, subject, &**into, time])?;
        }
        Change::Forgotten => forget(connection, entity, subject)?,
        _ => {}
    }
    Ok(())
}

/// Nothing holds of a subject any more.
pub(crate) fn forget(connection: &Connection, entity: &str, subject: &str) -> rusqlite::Result<()> {
    for table in ["tags", "entries", "proposals", "appeals"] {
        let delete = format!("DELETE FROM {table} WHERE entity = ?1 AND subject = ?2");
        connection.prepare_cached(&delete)?.execute([entity, subject])?;
    }
    Ok(())
}
