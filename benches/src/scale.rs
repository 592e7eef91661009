//! How the cost grows. Each function is one measure and gives one JSON object.

mod calls;
mod memory;
mod rules;
mod subjects;

pub use calls::calls;
pub use memory::{held, idle};
pub use rules::rules;
pub use subjects::{burst, late, subjects, threads};

use std::time::Duration;
use tagwarden::{Duration as Length, Engine, EngineOptions, Limits, Rulebook, Timestamp};

/// An engine that nothing stops from growing.
fn engine(rulebook: &Rulebook, lateness_minutes: i64) -> Engine {
    let limits = Limits { subjects: usize::MAX, held_inputs: usize::MAX, ..Limits::default() };
    let lateness = Length::from_micros(lateness_minutes * 60_000_000);
    Engine::with_options(rulebook, EngineOptions { lateness, limits, ..EngineOptions::default() })
}

fn nanos(time: Duration, events: usize) -> f64 {
    time.as_nanos() as f64 / events.max(1) as f64
}

fn at_millis(millis: i64) -> Timestamp {
    Timestamp::from_micros(millis * 1000).expect("in range")
}
