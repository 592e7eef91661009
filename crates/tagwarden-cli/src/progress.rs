//! A progress bar on standard error: how far, how fast, how long still. Nothing where that is no terminal.

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::fmt::Write;
use std::io::IsTerminal;
use std::time::Instant;

/// How many events pass between two looks at the clock.
const EVERY: u64 = 4096;

pub(crate) struct Progress {
    bar: ProgressBar,
    events: u64,
    start: Instant,
}

impl Progress {
    /// A bar for `bytes` of input, or a spinner where nobody knows how many there are.
    pub(crate) fn new(bytes: Option<u64>, wanted: bool) -> Progress {
        let shown = wanted && std::io::stderr().is_terminal();
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(bytes, target);
        let template = match bytes {
            Some(_) => "{bar:30} {percent:>3} %  {msg}  {left} left",
            None => "{spinner} {bytes}  {msg}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            let left = |state: &ProgressState, out: &mut dyn Write| {
                let _ = write!(out, "{:.0?}", std::time::Duration::from_secs(state.eta().as_secs()));
            };
            bar.set_style(style.with_key("left", left));
        }
        Progress { bar, events: 0, start: Instant::now() }
    }

    /// Another event has been read, and so many bytes in all.
    pub(crate) fn event(&mut self, bytes: u64) {
        self.events += 1;
        if self.events.is_multiple_of(EVERY) {
            self.bar.set_position(bytes);
            self.bar.set_message(format!("{} events, {} a second", HumanCount(self.events), self.rate()));
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
        self.events
    }

    pub(crate) fn seconds(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }

    /// Events a second, for people.
    pub(crate) fn rate(&self) -> String {
        let rate = self.events as f64 / self.seconds().max(1e-9);
        HumanCount(rate as u64).to_string()
    }

    pub(crate) fn done(&self) {
        self.bar.finish_and_clear();
    }
}
