//! What a subject and an event weigh: bytes asked of the allocator and not given back.

use super::{at_millis, engine};
use crate::stream::{self, Fact, START};
use crate::workload;
use serde_json::{Value, json};

const CHUNK: usize = 50_000;

/// Memory for each of `count` subjects that had one event: while the windows hold it, and after they have let it go. Keys included,
/// of seven bytes and more. `allocated` tells how many bytes the process has asked for.
#[must_use]
pub fn idle(count: usize, live: bool, allocated: fn() -> f64) -> Value {
    let rulebook = if live { workload::w2_live() } else { workload::w2_level() };
    let mut engine = engine(&rulebook, 0);
    let fact = |at: usize| stream::fact_at(at as u64, START + at as i64, at as u32);
    let before = allocated();
    for from in (0..count).step_by(CHUNK) {
        let facts: Vec<Fact> = (from..(from + CHUNK).min(count)).map(fact).collect();
        let events = stream::events(rulebook.schema(), &facts);
        for event in &events {
            engine.process_into(event, &mut |_| {}).expect("in order");
        }
    }
    let one_event = allocated();
    engine.advance_into(at_millis(START + 40 * 86_400_000), &mut |_| {}).expect("later");
    let idle = allocated();
    json!({ "subjects": count, "known": engine.subjects(),
        "one_event": (one_event - before) / count as f64, "idle": (idle - before) / count as f64 })
}

/// Memory for each of `count` events that the windows of 100 subjects hold, all of one hour, so that every window holds them.
#[must_use]
pub fn held(count: usize, allocated: fn() -> f64) -> Value {
    const SUBJECTS: usize = 100;
    let rulebook = workload::w2_level();
    let mut engine = engine(&rulebook, 0);
    let fact = |at: usize| {
        let millis = START + 3_000_000 * at as i64 / count as i64;
        stream::fact_at(at as u64, millis, (at % SUBJECTS) as u32)
    };
    let before = allocated();
    for from in (0..count).step_by(CHUNK) {
        let facts: Vec<Fact> = (from..(from + CHUNK).min(count)).map(fact).collect();
        let events = stream::events(rulebook.schema(), &facts);
        for event in &events {
            engine.process_into(event, &mut |_| {}).expect("in order");
        }
    }
    json!({ "events": count, "each": (allocated() - before) / count as f64 })
}
