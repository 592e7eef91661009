//! What one selector picked, for one field, and the windows over it.

use super::calendar::Calendar;
use super::sliding::Sliding;
use super::stepped::Stepped;
use super::summary::{Entry, Reading, Summary};
use super::{NEVER, Question, WindowPlan, WindowSpan};
use crate::value::{Decimal, Timestamp, Value, Zone};
use chrono::Datelike;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// What a series is made for.
#[derive(Clone, Debug)]
pub(crate) struct SeriesPlan {
    pub(crate) windows: Vec<WindowPlan>,
    pub(crate) zone: Zone,
    /// Whether some window slides, and picks must be held one by one.
    pub(crate) logged: bool,
    /// Whether the log holds values beside times.
    pub(crate) valued: bool,
    /// Whether some window counts local days.
    pub(crate) dated: bool,
}

impl SeriesPlan {
    /// The window of this plan from which the same or a later plan's window can be filled completely.
    pub(crate) fn source_of(&self, wanted: &WindowPlan) -> Option<usize> {
        self.windows.iter().position(|window| match (window.span, wanted.span) {
            // A log that reaches back as far gives everything, whatever is asked of it.
            (WindowSpan::Over(have), WindowSpan::Over(want)) if have.is_fixed() && want.is_fixed() => {
                want <= have
            }
            (have, want) if matches!(have, WindowSpan::Over(_)) => have == want,
            (have, want) => have == want && window.needs.cover(wanted.needs),
        })
    }
}

/// The picks that sliding windows hold, numbered from the first ever.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Log {
    /// Number of the first one held.
    base: u64,
    times: VecDeque<i64>,
    values: VecDeque<Value>,
    days: VecDeque<i32>,
}

impl Log {
    /// One past the number of the last pick.
    pub(crate) fn end(&self) -> u64 {
        self.base + self.times.len() as u64
    }

    fn at(&self, number: u64) -> usize {
        number.wrapping_sub(self.base) as usize
    }

    pub(crate) fn time(&self, number: u64) -> Option<i64> {
        self.times.get(self.at(number)).copied()
    }

    pub(crate) fn value(&self, number: u64) -> Option<&Value> {
        self.values.get(self.at(number))
    }

    pub(crate) fn day(&self, number: u64) -> i32 {
        self.days.get(self.at(number)).copied().unwrap_or(0)
    }

    fn push(&mut self, entry: Entry<'_>, plan: &SeriesPlan) {
        self.times.push_back(entry.time.micros());
        if let (true, Some(value)) = (plan.valued, entry.value) {
            self.values.push_back(value.clone());
        }
        if plan.dated {
            self.days.push_back(entry.day);
        }
    }

    fn trim(&mut self, start: u64) {
        while self.base < start && self.times.pop_front().is_some() {
            self.values.pop_front();
            self.days.pop_front();
            self.base += 1;
        }
    }
}

/// One window's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum WindowState {
    Lifetime(Summary),
    Sliding(Sliding),
    Stepped(Stepped),
    Calendar(Calendar),
}

/// What one selector picked, for one field, of one subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Series {
    log: Log,
    windows: Box<[WindowState]>,
}

impl Series {
    pub(crate) fn new(plan: &SeriesPlan) -> Series {
        let windows = plan.windows.iter().map(|window| match window.span {
            WindowSpan::Lifetime => WindowState::Lifetime(Summary::default()),
            WindowSpan::Over(_) => WindowState::Sliding(Sliding::default()),
            WindowSpan::Stepped { .. } => WindowState::Stepped(Stepped::default()),
            WindowSpan::Calendar(_) => WindowState::Calendar(Calendar::default()),
        });
        Series { log: Log::default(), windows: windows.collect() }
    }

    /// The series of a new plan, with what that of an old one holds of it.
    pub(crate) fn carried(from: &Series, old: &SeriesPlan, new: &SeriesPlan, now: Timestamp) -> Series {
        let mut to = Series::new(new);
        // Sliding windows are filled by telling them again what the log holds.
        for number in from.log.base..from.log.end() {
            let Some(time) = from.log.time(number).and_then(Timestamp::from_micros) else { continue };
            to.enter_where(new, time, from.log.value(number), |state| {
                matches!(state, WindowState::Sliding(_))
            });
        }
        for (at, window) in new.windows.iter().enumerate() {
            if matches!(window.span, WindowSpan::Over(_)) {
                to.leave(new, at, now.micros());
            } else if let Some(source) = old.source_of(window).and_then(|source| from.windows.get(source))
                && let Some(place) = to.windows.get_mut(at)
            {
                place.clone_from(source);
            }
        }
        to
    }

    /// Whether it has the shape that a plan asks for: of a series that comes from outside.
    pub(crate) fn fits(&self, plan: &SeriesPlan) -> bool {
        let log = &self.log;
        let lengths = (!plan.logged || !plan.valued || log.values.len() == log.times.len())
            && (!plan.dated || !plan.logged || log.days.len() == log.times.len());
        lengths
            && log.base < u64::MAX / 2
            && self.windows.len() == plan.windows.len()
            && self.windows.iter().zip(&plan.windows).all(|(state, window)| match (state, window.span) {
                (WindowState::Sliding(sliding), WindowSpan::Over(_)) => {
                    (log.base..=log.end()).contains(&sliding.start()) && sliding.is_sane()
                }
                (WindowState::Lifetime(summary), WindowSpan::Lifetime) => summary.is_sane(),
                (WindowState::Stepped(stepped), WindowSpan::Stepped { .. }) => stepped.is_sane(),
                (WindowState::Calendar(calendar), WindowSpan::Calendar(_)) => calendar.is_sane(),
                _ => false,
            })
    }

    /// Takes a pick in.
    pub(crate) fn enter(&mut self, plan: &SeriesPlan, time: Timestamp, value: Option<&Value>) {
        self.enter_where(plan, time, value, |_| true);
    }

    fn enter_where(
        &mut self,
        plan: &SeriesPlan,
        time: Timestamp,
        value: Option<&Value>,
        wanted: impl Fn(&WindowState) -> bool,
    ) {
        let day = if plan.dated { plan.zone.local(time).date().num_days_from_ce() } else { 0 };
        let entry = Entry { time, day, value };
        let number = self.log.end();
        if plan.logged {
            self.log.push(entry, plan);
        }
        for (state, window) in self.windows.iter_mut().zip(&plan.windows).filter(|(state, _)| wanted(state)) {
            match (state, window.span) {
                (WindowState::Sliding(sliding), WindowSpan::Over(length)) => {
                    sliding.enter(&self.log, number, entry, length, window.needs, plan.zone);
                }
                (WindowState::Lifetime(summary), _) => summary.enter(entry, window.needs),
                (WindowState::Stepped(stepped), WindowSpan::Stepped { length, step }) => {
                    stepped.enter(entry, length, step, window.needs);
                }
                (WindowState::Calendar(calendar), WindowSpan::Calendar(period)) => {
                    calendar.enter(entry, period, window.needs, plan.zone);
                }
                _ => {}
            }
        }
    }

    /// Notes a pick whose field is absent: it is passed over, but no later one leaves before it would have.
    pub(crate) fn pass(&mut self, plan: &SeriesPlan, time: Timestamp) {
        for (state, window) in self.windows.iter_mut().zip(&plan.windows) {
            if let (WindowState::Sliding(sliding), WindowSpan::Over(length)) = (state, window.span)
                && !length.is_fixed()
            {
                sliding.pass(time, length, plan.zone);
            }
        }
    }

    /// Takes out of a window what has left it by `now`.
    pub(crate) fn leave(&mut self, plan: &SeriesPlan, window: usize, now: i64) {
        let (Some(state), Some(window)) = (self.windows.get_mut(window), plan.windows.get(window)) else {
            return;
        };
        match (state, window.span) {
            (WindowState::Sliding(sliding), WindowSpan::Over(length)) => {
                sliding.leave(&self.log, now, length, window.needs);
                let starts = self.windows.iter().filter_map(|state| match state {
                    WindowState::Sliding(sliding) => Some(sliding.start()),
                    _ => None,
                });
                self.log.trim(starts.min().unwrap_or(0));
            }
            (WindowState::Stepped(stepped), _) => stepped.leave(now),
            (WindowState::Calendar(calendar), WindowSpan::Calendar(period)) => {
                calendar.leave(now, period, plan.zone);
            }
            _ => {}
        }
    }

    /// When something next leaves a window.
    pub(crate) fn next_change(&self, plan: &SeriesPlan, window: usize) -> i64 {
        match (self.windows.get(window), plan.windows.get(window).map(|window| window.span)) {
            (Some(WindowState::Sliding(sliding)), Some(WindowSpan::Over(length))) => {
                sliding.next_change(&self.log, length)
            }
            (Some(WindowState::Stepped(stepped)), _) => stepped.next_change(),
            (Some(WindowState::Calendar(calendar)), _) => calendar.next_change(),
            _ => NEVER,
        }
    }

    /// A count or a sum, and whether it was saturated.
    pub(crate) fn total(&self, window: usize, question: Question) -> (Decimal, bool) {
        match self.windows.get(window) {
            Some(WindowState::Sliding(sliding)) => sliding.total(&self.log, question.function),
            Some(WindowState::Lifetime(summary)) => summary.total(question.function),
            Some(WindowState::Calendar(calendar)) => calendar.total(question),
            Some(WindowState::Stepped(stepped)) => stepped.total(question.function),
            None => (Decimal::ZERO, false),
        }
    }

    /// The answer alone, and whether it was saturated.
    pub(crate) fn value(&self, window: usize, question: Question) -> (Option<Value>, bool) {
        match self.windows.get(window) {
            Some(WindowState::Lifetime(summary)) => summary.value(question.function),
            Some(WindowState::Sliding(sliding)) => sliding.value(&self.log, question.function),
            _ => {
                let reading = self.read(window, question);
                (reading.value, reading.saturated)
            }
        }
    }

    pub(crate) fn read(&self, window: usize, question: Question) -> Reading {
        match self.windows.get(window) {
            Some(WindowState::Lifetime(summary)) => summary.read(question.function),
            Some(WindowState::Sliding(sliding)) => sliding.read(&self.log, question),
            Some(WindowState::Stepped(stepped)) => stepped.read(question),
            Some(WindowState::Calendar(calendar)) => calendar.read(question),
            None => Reading::default(),
        }
    }

    /// How many picks and values it holds, for the limit on held events.
    pub(crate) fn held(&self) -> usize {
        let windows = self.windows.iter().map(|state| match state {
            WindowState::Lifetime(summary) => summary.held(),
            WindowState::Sliding(_) => 0,
            WindowState::Stepped(stepped) => stepped.held(),
            WindowState::Calendar(calendar) => calendar.held(),
        });
        self.log.times.len() + windows.sum::<usize>()
    }
}
