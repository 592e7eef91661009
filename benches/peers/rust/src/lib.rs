//! What every peer in Rust shares: its arguments, its events, taking time, and the line that it prints.
//!
//! A peer is a program that is called with DATA WORKLOAD EVENTS REPEATS and prints one JSON object.

use std::path::PathBuf;
use std::time::Instant;
use tagwarden::Event;
use tagwarden_benches::limit::Ten;
use tagwarden_benches::measure::{median, memory};
use tagwarden_benches::{stream, workload};

/// What each condition of W2 compares, in their order, and with what; sums are in cents.
pub const LIMITS: [(&str, i64); 10] = [
    ("messages_day", 50),
    ("wechat_hour", 10),
    ("refund_sum", 50_000),
    ("refunds", 2),
    ("order_sum", 500_000),
    ("orders_day", 5),
    ("complaints", 1),
    ("logins_hour", 5),
    ("app_sum", 200_000),
    ("any_hour", 20),
];

/// The arguments of a peer.
pub struct Arguments {
    pub data: PathBuf,
    pub workload: String,
    pub events: usize,
    pub repeats: usize,
}

impl Arguments {
    /// Those of this process.
    pub fn read() -> Arguments {
        let mut arguments = std::env::args().skip(1);
        let mut next = || arguments.next().expect("DATA WORKLOAD EVENTS REPEATS");
        Arguments {
            data: next().into(),
            workload: next(),
            events: next().parse().expect("a number of events"),
            repeats: next().parse().expect("a number of repeats"),
        }
    }

    /// Takes the time of a run and prints what a peer prints.
    pub fn report(&self, version: &str, mut run: impl FnMut() -> Vec<u64>) {
        let mut answers = Vec::new();
        let times = (0..self.repeats.max(1)).map(|_| {
            let start = Instant::now();
            answers = run();
            start.elapsed().as_secs_f64()
        });
        let seconds = median(times.collect());
        let peak = memory().map(|(_, peak)| peak);
        println!(
            "{}",
            serde_json::json!({ "seconds": seconds, "answers": answers, "peak": peak, "version": version })
        );
    }
}

/// Runs an engine that has conditions but no windows: `check` is handed what each condition compares, at every event of W2 or every
/// message of W1, and adds to the hits. The windows are kept by the hand-written limit.
pub fn conditions(
    arguments: &Arguments,
    version: &str,
    mut check: impl FnMut(&[(&str, i64)], &[u64; 10], &mut [u64]),
) {
    let rulebook = workload::w2_level();
    let schema = rulebook.schema();
    let mut facts = stream::facts(stream::EVENTS);
    facts.truncate(arguments.events);
    let events: Vec<Event> = stream::events(schema, &facts);
    let message = schema.event("message").expect("declared");
    let first = arguments.workload == "w1";
    let limits = if first { &LIMITS[..1] } else { &LIMITS[..] };
    arguments.report(version, || {
        let mut windows = Ten::new(schema);
        let mut hits = vec![0; limits.len()];
        for event in &events {
            if first && event.event != message {
                continue;
            }
            check(limits, &windows.values(event), &mut hits);
        }
        hits
    });
}
