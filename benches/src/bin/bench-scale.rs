//! How the cost grows; see [`tagwarden_benches::scale`]. Each measure runs in a process of its own, so that memory is its own.
//!
//! - `subjects COUNT level|slices|live`: W2 over that many subjects, each as active as the others
//! - `rules COUNT types|selectors`: that many rules of which an event touches ten
//! - `idle COUNT level|live`: memory for each subject that had one event
//! - `held COUNT`: memory for each event that a window holds
//! - `burst PERCENT`: W2 where one subject has that share of the events
//! - `late MINUTES`: W2 with events out of order by up to so much
//! - `calls level|live`: how long single calls take
//! - `threads COUNT`: W2 on so many threads

#![allow(clippy::expect_used, reason = "a benchmark that cannot run must stop")]

use peak_alloc::PeakAlloc;
use tagwarden_benches::scale;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Bytes asked of the allocator and not given back.
fn allocated() -> f64 {
    ALLOCATOR.current_usage() as f64
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let text = |at: usize| arguments.get(at).map(String::as_str).unwrap_or_default();
    let number = || text(1).parse::<usize>().expect("a number");
    let result = match text(0) {
        "subjects" => scale::subjects(number(), text(2)),
        "rules" => scale::rules(number(), text(2) == "selectors"),
        "idle" => scale::idle(number(), text(2) == "live", allocated),
        "held" => scale::held(number(), allocated),
        "burst" => scale::burst(number()),
        "late" => scale::late(number()),
        "calls" => scale::calls(text(1) == "live"),
        "threads" => scale::threads(number()),
        other => {
            eprintln!("bench-scale: there is no measure {other:?}");
            std::process::exit(2);
        }
    };
    println!("{result}");
}
