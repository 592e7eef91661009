//! Taking time on machines that do other things too.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// Runs each contender once a round, in turn, and every other round in the opposite order, so that a slow spell of the machine
/// falls on all of them. Gives the times of each, a round at a place.
pub fn rounds(rounds: usize, contenders: &mut [&mut dyn FnMut() -> Duration]) -> Vec<Vec<Duration>> {
    let mut times = vec![Vec::with_capacity(rounds); contenders.len()];
    for round in 0..rounds {
        let mut order: Vec<usize> = (0..contenders.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for at in order {
            times[at].push(contenders[at]());
        }
    }
    times
}

/// The time that a closure computes for, and what it gives. What it gives is dropped outside the time.
pub fn computing<T>(run: impl FnOnce() -> T) -> (Duration, T) {
    let start = Stopwatch::start();
    let value = run();
    (start.elapsed(), value)
}

/// The time that passes while a closure runs, and what it gives. What it gives is dropped outside the time.
pub fn timed<T>(run: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let value = run();
    (start.elapsed(), value)
}

/// Time that this thread has computed for, so that what other programs take of the machine is not counted; where the system does not tell,
/// the time that has passed. On a quiet machine the two are one. It is exact to a few milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch {
    start: Instant,
    computed: Option<Duration>,
}

impl Stopwatch {
    /// Starts now.
    #[must_use]
    pub fn start() -> Stopwatch {
        Stopwatch { computed: computed(), start: Instant::now() }
    }

    /// The time since the start.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        let passed = self.start.elapsed();
        match (self.computed, computed()) {
            // Short times fall between two updates of the count.
            (Some(before), Some(after)) if passed > Duration::from_millis(20) => after.saturating_sub(before),
            _ => passed,
        }
    }
}

/// What the kernel has counted for this thread.
fn computed() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(text.split(' ').next()?.parse().ok()?))
}

/// The middle one, or the mean of the two in the middle.
#[must_use]
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => values[odd / 2],
        even => (values[even / 2 - 1] + values[even / 2]) / 2.0,
    }
}

/// The median of times, in nanoseconds an event.
#[must_use]
pub fn nanos_each(times: &[Duration], events: usize) -> f64 {
    median(times.iter().map(|time| time.as_nanos() as f64 / events.max(1) as f64).collect())
}

/// How many times as long one took as the other: the median over the rounds, the least and the most.
#[must_use]
pub fn ratio(times: &[Duration], others: &[Duration]) -> (f64, f64, f64) {
    let each: Vec<f64> =
        times.iter().zip(others).map(|(time, other)| time.as_secs_f64() / other.as_secs_f64()).collect();
    let least = each.iter().copied().fold(f64::INFINITY, f64::min);
    let most = each.iter().copied().fold(0.0, f64::max);
    (median(each), least, most)
}

/// A whole number with its thousands parted.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        let _ = text.write_char(digit);
    }
    text
}

/// Memory of this process in bytes, where the system tells: what it has now, and the most that it had.
#[must_use]
pub fn memory() -> Option<(u64, u64)> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib * 1024)
    };
    Some((field("VmRSS:")?, field("VmHWM:")?))
}
