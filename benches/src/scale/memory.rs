//! What a subject and an event weigh, as the system sees it.

use super::{at_millis, engine};
use crate::measure::memory;
use crate::stream::{self, Fact, START};
use crate::workload;
use serde_json::{Value, json};

const CHUNK: usize = 50_000;

/// What this process has, in bytes.
fn resident() -> f64 {
    memory().map_or(f64::NAN, |(now, _)| now as f64)
}

/// Memory for each of `count` subjects that had one event: while the windows hold it, and after they have let it go. Keys included,
/// of seven bytes and more.
#[must_use]
pub fn idle(count: usize, live: bool) -> Value {
    let rulebook = if live { workload::w2_live() } else { workload::w2_level() };
    let mut engine = engine(&rulebook, 0);
    let fact = |at: usize| stream::fact_at(at as u64, START + at as i64, at as u32);
    // Events are made in pieces, the first before the count begins, so that their own memory is there from the start.
    let mut before = f64::NAN;
    for from in (0..count).step_by(CHUNK) {
        let facts: Vec<Fact> = (from..(from + CHUNK).min(count)).map(fact).collect();
        let events = stream::events(rulebook.schema(), &facts);
        if from == 0 {
            before = resident();
        }
        for event in &events {
            engine.process_into(event, &mut |_| {}).expect("in order");
        }
    }
    let one_event = resident();
    engine.advance_into(at_millis(START + 40 * 86_400_000), &mut |_| {}).expect("later");
    let idle = resident();
    json!({ "subjects": count, "known": engine.subjects(),
        "one_event": (one_event - before) / count as f64, "idle": (idle - before) / count as f64 })
}

/// Memory for each of `count` events that the windows of 100 subjects hold, all of one hour, so that every window holds them.
#[must_use]
pub fn held(count: usize) -> Value {
    const SUBJECTS: usize = 100;
    let rulebook = workload::w2_level();
    let mut engine = engine(&rulebook, 0);
    let fact = |at: usize| {
        let millis = START + 3_000_000 * at as i64 / count as i64;
        stream::fact_at(at as u64, millis, (at % SUBJECTS) as u32)
    };
    let mut before = f64::NAN;
    for from in (0..count).step_by(CHUNK) {
        let facts: Vec<Fact> = (from..(from + CHUNK).min(count)).map(fact).collect();
        let events = stream::events(rulebook.schema(), &facts);
        if from == 0 {
            before = resident();
        }
        for event in &events {
            engine.process_into(event, &mut |_| {}).expect("in order");
        }
    }
    json!({ "events": count, "each": (resident() - before) / count as f64 })
}
