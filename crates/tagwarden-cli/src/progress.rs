//! A progress bar on standard error: how far, how fast, how long still. Nothing where that is no terminal.

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::fmt::Write;
use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How many events pass between two looks at the clock, once there are many.
const EVERY: u64 = 64;
/// How often it is drawn anew.
const REDRAWN: Duration = Duration::from_millis(100);

pub(crate) struct Progress {
    bar: ProgressBar,
    events: Arc<AtomicU64>,
    start: Instant,
    drawn: Instant,
}

impl Progress {
    /// A bar for `bytes` of input, or a spinner where nobody knows how many there are.
    pub(crate) fn new(bytes: Option<u64>, wanted: bool) -> Progress {
        let shown = wanted && std::io::stderr().is_terminal();
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(bytes, target);
        let events = Arc::new(AtomicU64::new(0));
        let start = Instant::now();
        let template = match bytes {
            Some(_) => "{percent:>3} % {wide_bar:.cyan/dim} {events}, {speed} a second, {left}",
            None => "{spinner:.cyan} {events}, {speed} a second, {bytes}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            let (seen, counted) = (Arc::clone(&events), Arc::clone(&events));
            let style = style
                .progress_chars("━╸─")
                .with_key("events", move |_: &ProgressState, out: &mut dyn Write| {
                    let _ = write!(out, "{} events", HumanCount(seen.load(Ordering::Relaxed)));
                })
                .with_key("speed", move |_: &ProgressState, out: &mut dyn Write| {
                    let _ = write!(out, "{}", rate(counted.load(Ordering::Relaxed), start));
                })
                .with_key("left", |state: &ProgressState, out: &mut dyn Write| {
                    let _ = write!(out, "{} left", time_left(state.eta()));
                });
            bar.set_style(style);
        }
        Progress { bar, events, start, drawn: start }
    }

    /// Another event has been read, and so many bytes in all.
    pub(crate) fn event(&mut self, bytes: u64) {
        let events = self.events.fetch_add(1, Ordering::Relaxed) + 1;
        // Of a slow stream every event counts.
        if (events < EVERY || events.is_multiple_of(EVERY)) && self.drawn.elapsed() >= REDRAWN {
            self.drawn = Instant::now();
            self.bar.set_position(bytes);
        }
    }

    /// Writes a line above the bar.
    pub(crate) fn line(&self, text: &str) {
        self.bar.suspend(|| {
            use std::io::Write as _;
            let _ = writeln!(crate::output::stderr(), "{text}");
        });
    }

    pub(crate) fn events(&self) -> u64 {
        self.events.load(Ordering::Relaxed)
    }

    pub(crate) fn seconds(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }

    /// Events a second, for people.
    pub(crate) fn rate(&self) -> String {
        rate(self.events(), self.start)
    }

    pub(crate) fn done(&self) {
        self.bar.finish_and_clear();
    }
}

/// However a command ends, no half of a bar stays behind.
impl Drop for Progress {
    fn drop(&mut self) {
        self.done();
    }
}

fn rate(events: u64, start: Instant) -> String {
    let rate = events as f64 / start.elapsed().as_secs_f64().max(1e-9);
    HumanCount(rate as u64).to_string()
}

/// A time still to wait, no more exactly than anybody can know it.
fn time_left(left: Duration) -> String {
    let seconds = left.as_secs();
    match seconds {
        0..=59 => format!("{} s", seconds.max(1)),
        60..=3_599 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_said_in_units_that_people_use() {
        for (seconds, text) in
            [(0, "1 s"), (59, "59 s"), (125, "2 min 5 s"), (4_000, "1 h 6 min"), (90_000, "25 h 0 min")]
        {
            assert_eq!(time_left(Duration::from_secs(seconds)), text);
        }
    }
}
