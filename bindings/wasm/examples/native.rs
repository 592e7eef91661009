//! The very code that JavaScript calls, natively: what `cargo xtask wasm bench` compares the browser with.
//!
//! Arguments: RULEBOOK EVENTS COUNT REPEATS. Prints the milliseconds of each run, and how many bytes were decided.

#![allow(clippy::expect_used, reason = "a benchmark that cannot run must stop")]

use std::time::Instant;
use tagwarden_wasm::{RawEngine, RawFeed, RawRulebook};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().expect("RULEBOOK EVENTS COUNT REPEATS");
    let text = std::fs::read_to_string(next()).expect("the rulebook");
    let events = std::fs::read(next()).expect("the events");
    let count: usize = next().parse().expect("a number of events");
    let repeats: usize = next().parse().expect("a number of repeats");
    let end = events.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(count.saturating_sub(1));
    let bytes = events.get(..end.map_or(events.len(), |(at, _)| at + 1)).unwrap_or_default();
    let rulebook = RawRulebook::compile("ten.tw", &text, "{}", "{}").expect("a rulebook");
    let mut times = Vec::new();
    let mut decided = 0;
    for _ in 0..repeats {
        let start = Instant::now();
        let mut engine = RawEngine::new(&rulebook, "{\"limits\":{}}").expect("an engine");
        let mut feed = RawFeed::new(&engine, bytes.to_vec(), "jsonl", None).expect("a feed");
        decided = 0;
        while feed.step(&mut engine, 4096) > 0 {
            decided += feed.decisions().len();
        }
        times.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    println!("{}", serde_json::json!({ "times": times, "decided": decided }));
}
