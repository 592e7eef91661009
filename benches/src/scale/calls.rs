//! How long single calls take.

use super::engine;
use crate::stream;
use crate::workload;
use serde_json::{Value, json};
use std::time::Instant;

/// The time of every call of W2 over the stream: the middle, the slowest of a hundred, of a thousand, of ten thousand, and the slowest of
/// all. Includes reading the clock twice, which is told as well.
#[must_use]
pub fn calls(live: bool) -> Value {
    let rulebook = if live { workload::w2_live() } else { workload::w2_level() };
    let events = stream::events(rulebook.schema(), &stream::facts(stream::EVENTS));
    let mut engine = engine(&rulebook, 0);
    let mut times: Vec<u64> = Vec::with_capacity(events.len());
    let mut decisions = 0u64;
    for event in &events {
        let start = Instant::now();
        engine.process_into(event, &mut |_| decisions += 1).expect("in order");
        times.push(start.elapsed().as_nanos() as u64);
    }
    times.sort_unstable();
    let mut clock: Vec<u64> = (0..10_001)
        .map(|_| {
            let start = Instant::now();
            start.elapsed().as_nanos() as u64
        })
        .collect();
    clock.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    json!({ "form": if live { "live" } else { "level" }, "p50": at(0.5), "p99": at(0.99), "p999": at(0.999), "p9999": at(0.9999),
        "worst": at(1.0), "clock": clock[5000], "decisions": decisions })
}
