//! What is older than it is kept for goes, and the audit log says that it went.

use crate::error::LedgerError;
use crate::ledger::Work;
use crate::snapshots;
use rusqlite::params;
use tagwarden::{Duration, Keep, Kept, Timestamp, Zone};

/// How long after a run the next one is due, in microseconds: retention is a matter of days.
const PAUSE: i64 = 86_400_000_000;

/// Deletes what has had its time, once a day of the engine's clock.
pub(crate) fn run(work: &mut Work<'_, '_>) -> Result<(), LedgerError> {
    let keeps = keeps(work);
    let now = work.now();
    let due = work.writer.head.pruned.is_none_or(|last| now.micros() >= last.saturating_add(PAUSE));
    if keeps.is_empty() || !due {
        return Ok(());
    }
    work.writer.head.pruned = Some(now.micros());
    let zone = work.engine.rulebook().zone();
    for keep in keeps {
        if let Some(before) = before(zone, now, keep.time) {
            erase(work, keep, now, before)?;
        }
    }
    Ok(())
}

/// What the options say, and what the rulebook says of other kinds.
fn keeps(work: &Work<'_, '_>) -> Vec<Keep> {
    let options = &work.options.keep;
    let rulebook = work.engine.rulebook().keeps().iter();
    let others = rulebook.filter(|keep| options.iter().all(|option| option.what != keep.what));
    options.iter().chain(others).copied().collect()
}

/// The last time at which something must have happened for its time to be over: `time + length <= now`.
fn before(zone: Zone, now: Timestamp, length: Duration) -> Option<Timestamp> {
    let over = |time: i64| {
        let time = Timestamp::from_micros(time);
        time.and_then(|time| zone.add(time, length)).is_some_and(|end| end <= now)
    };
    let (mut low, mut high) = (Timestamp::MIN.micros(), now.micros());
    if !over(low) {
        return None;
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if over(middle) { low = middle } else { high = middle }
    }
    Timestamp::from_micros(low)
}

fn erase(work: &mut Work<'_, '_>, keep: Keep, now: Timestamp, before: Timestamp) -> Result<(), LedgerError> {
    let connection = work.writer.connection;
    // The last record to which the deletion reaches, for the audit log.
    let through = |kind: &str| -> Result<i64, LedgerError> {
        let last = connection
            .prepare_cached("SELECT coalesce(max(id), 0) FROM audit WHERE kind = ?1 AND time <= ?2")?
            .query_row(params![kind, before.micros()], |row| row.get(0))?;
        Ok(last)
    };
    let (kind, deleted, through) = match keep.what {
        Kept::Inputs | Kept::Commands => {
            let commands = keep.what == Kept::Commands;
            let which = if commands { "kind = 'command'" } else { "kind <> 'command'" };
            let count = format!("SELECT count(*) FROM inputs WHERE {which} AND time <= ?1");
            let count: i64 = connection.query_row(&count, [before.micros()], |row| row.get(0))?;
            if count == 0 {
                return Ok(());
            }
            // What goes can't be applied again: the snapshot must cover it.
            snapshots::take(connection, work.writer.keys, work.engine, work.writer.head.input)?;
            work.tail = 0;
            let delete = format!("DELETE FROM inputs WHERE {which} AND time <= ?1 AND id < ?2");
            let deleted = connection.execute(&delete, params![before.micros(), work.writer.head.input])?;
            if commands { ("command", deleted, through("command")?) } else { ("input", deleted, 0) }
        }
        Kept::Decisions => {
            // Open proposals still wait for somebody.
            let through = through("decision")?;
            let deleted = connection.execute(
                "DELETE FROM decisions WHERE time <= ?1 AND id NOT IN (SELECT id FROM proposals)",
                [before.micros()],
            )?;
            ("decision", deleted, through)
        }
        Kept::Views => {
            let through = through("view")?;
            let deleted = connection.execute(
                "UPDATE audit SET body = NULL WHERE kind = 'view' AND time <= ?1 AND body IS NOT NULL",
                [before.micros()],
            )?;
            ("view", deleted, through)
        }
    };
    if deleted == 0 {
        return Ok(());
    }
    let body = format!(
        "{{\"keep\":\"{keep}\",\"before\":\"{before}\",\"deleted\":{deleted},\"kinds\":[\"{kind}\"],\"through\":{through}}}"
    );
    work.writer.note(now, "erased", &body)
}
