//! Which windows there are, and where each keeps its state.

use super::bound::{BoundPlan, CountBound, FAILS, Reach, SumBound};
use super::sliding::Extras;
use super::summary::Needs;
use super::{NEVER, WindowSpan};
use crate::value::{Timestamp, Zone};

/// Series and windows whose state lies together, so that an event finds it in few places of memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct PagePlan {
    pub(crate) series: Vec<SeriesPlan>,
    pub(crate) windows: Vec<WindowPlan>,
    pub(crate) bounds: Vec<BoundPlan>,
    /// Windows of which must be known what leaves them.
    pub(super) followed: Vec<u16>,
    /// Bounds on whose changes somebody must act.
    pub(super) watched: Vec<u16>,
    pub(super) sum_bounds: usize,
    pub(super) odd: usize,
}

/// What one selector picked, for one field.
#[derive(Clone, Debug, Default)]
pub(crate) struct SeriesPlan {
    /// Its windows among those of the page.
    pub(crate) windows: Vec<u16>,
    /// Those that do more when a pick enters than find it in the log.
    pub(super) entered: Vec<u16>,
    /// Its bounds on counts and on sums, each with its number among those of the page.
    pub(super) counts: Vec<CountBound>,
    pub(super) sums: Vec<SumBound>,
    /// The longest sliding window of fixed length.
    pub(super) longest: i64,
    /// Whether some window slides, and picks must be held one by one.
    pub(crate) logged: bool,
    /// Whether the log holds values beside times.
    pub(crate) valued: bool,
    /// Whether some window counts local days.
    pub(crate) dated: bool,
}

/// How long picks stay in a window, and what is asked of them.
#[derive(Clone, Debug)]
pub(crate) struct WindowPlan {
    pub(crate) series: u16,
    pub(crate) span: WindowSpan,
    pub(crate) needs: Needs,
    /// Whether somebody must act when something leaves it.
    pub(crate) wakes: bool,
    pub(super) place: Place,
    /// Where the page keeps when something next leaves it, and the first pick inside as a place in the log; of windows of which that
    /// must be known.
    pub(super) next: usize,
    pub(super) start: usize,
}

/// Where a window has its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The log is all, and where it starts is found by the time.
    Log {
        length: i64,
    },
    /// The log with a start that moves when something leaves, because somebody must know of it.
    Followed {
        length: i64,
    },
    /// A moving start and [`Extras`].
    Extras {
        odd: u16,
    },
    Odd(u16),
}

impl SeriesPlan {
    /// `valued`: whether the picks have values.
    pub(crate) fn new(valued: bool) -> SeriesPlan {
        SeriesPlan { valued, ..SeriesPlan::default() }
    }
}

impl PagePlan {
    /// The longest sliding window of fixed length, in microseconds.
    pub(crate) fn longest(&self) -> i64 {
        self.series.iter().map(|series| series.longest).max().unwrap_or(0)
    }

    /// Adds a window that nothing is asked of yet.
    pub(crate) fn add_window(&mut self, series: u16, span: WindowSpan) -> u16 {
        let at = self.windows.len() as u16;
        self.windows.push(WindowPlan {
            series,
            span,
            needs: Needs::default(),
            wakes: false,
            place: Place::Odd(0),
            next: usize::MAX,
            start: usize::MAX,
        });
        if let Some(series) = self.series.get_mut(usize::from(series)) {
            series.windows.push(at);
        }
        at
    }

    /// The number of a bound on a sliding window of fixed length, which is added if it is not there; `None` of another window.
    pub(crate) fn add_bound(&mut self, window: u16, reach: Reach) -> Option<u16> {
        let same = |bound: &BoundPlan| bound.window == window && bound.reach == reach;
        if let Some(at) = self.bounds.iter().position(same) {
            return Some(at as u16);
        }
        let planned = self.windows.get(usize::from(window))?;
        let WindowSpan::Over(length) = planned.span else { return None };
        if !length.is_fixed() || self.bounds.len() >= usize::from(u16::MAX) {
            return None;
        }
        let (series, length) = (planned.series, length.micros());
        self.bounds.push(BoundPlan { series, window, reach, length, watched: false, until: 0 });
        Some(self.bounds.len() as u16 - 1)
    }

    /// Has somebody act when a bound begins or ceases to hold.
    pub(crate) fn watch_bound(&mut self, number: u16) {
        if let Some(bound) = self.bounds.get_mut(usize::from(number)) {
            bound.watched = true;
        }
    }

    /// Where the page keeps until when a bound holds, and whether it does without picks.
    pub(crate) fn bound(&self, number: u16) -> (u32, bool) {
        self.bounds
            .get(usize::from(number))
            .map_or((0, false), |bound| (bound.until as u32, bound.initially() != FAILS))
    }

    /// Gives each window and bound its place, now that it is known what is asked of it.
    pub(crate) fn finish(&mut self) {
        let mut odd = 0;
        let mut next_odd = || {
            odd += 1;
            odd - 1
        };
        for (at, window) in self.windows.iter_mut().enumerate() {
            let Some(series) = self.series.get_mut(usize::from(window.series)) else { continue };
            window.place = match window.span {
                WindowSpan::Over(length) if Extras::needed(length, window.needs) => {
                    Place::Extras { odd: next_odd() }
                }
                WindowSpan::Over(length) => {
                    let length = length.micros();
                    series.longest = series.longest.max(length);
                    if window.wakes { Place::Followed { length } } else { Place::Log { length } }
                }
                _ => Place::Odd(next_odd()),
            };
            if !matches!(window.place, Place::Log { .. }) {
                series.entered.push(at as u16);
                self.followed.push(at as u16);
            }
        }
        self.odd = usize::from(odd);
        let mut place = self.bounds.len();
        for (at, bound) in self.bounds.iter_mut().enumerate() {
            bound.until = at;
            if bound.watched {
                self.watched.push(at as u16);
            }
            let Some(series) = self.series.get_mut(usize::from(bound.series)) else { continue };
            series.longest = series.longest.max(bound.length);
            match bound.reach {
                Reach::Sum(least) => {
                    series.sums.push(SumBound {
                        least,
                        length: bound.length,
                        number: at as u16,
                        watched: bound.watched,
                        until: bound.until as u32,
                        place: place as u32,
                    });
                    place += 1;
                    self.sum_bounds += 1;
                }
                Reach::Count(count) => series.counts.push(CountBound {
                    number: at as u16,
                    watched: bound.watched,
                    count,
                    until: bound.until as u32,
                    length: bound.length,
                }),
            }
        }
        for (at, window) in self.followed.iter().enumerate() {
            if let Some(window) = self.windows.get_mut(usize::from(*window)) {
                window.next = place + at;
                window.start = place + self.followed.len() + at;
            }
        }
    }

    /// How many cells a page has.
    pub(super) fn cells(&self) -> usize {
        self.bounds.len() + self.sum_bounds + 2 * self.followed.len() + 1
    }

    /// The window from which one of another plan can be filled completely, among those of a series.
    pub(crate) fn source_of(&self, series: usize, wanted: &WindowPlan) -> Option<usize> {
        let windows = &self.series.get(series)?.windows;
        let source = windows.iter().find(|at| {
            let Some(window) = self.windows.get(usize::from(**at)) else { return false };
            match (window.span, wanted.span) {
                // A log that reaches back as far gives everything, whatever is asked of it.
                (WindowSpan::Over(have), WindowSpan::Over(want)) if have.is_fixed() && want.is_fixed() => {
                    want <= have
                }
                (have, want) if matches!(have, WindowSpan::Over(_)) => have == want,
                (have, want) => have == want && window.needs.cover(wanted.needs),
            }
        })?;
        Some(usize::from(*source))
    }
}

impl WindowSpan {
    /// When a window that starts empty at a time is full; [`NEVER`] for one that would have to reach back for ever.
    pub(crate) fn full(self, zone: Zone, from: Timestamp) -> i64 {
        let end = |period, time| zone.period_end(period, time);
        match self {
            WindowSpan::Lifetime => NEVER,
            WindowSpan::Over(length) => zone.add(from, length).map_or(NEVER, Timestamp::micros),
            WindowSpan::Stepped { length, step } => from.micros().saturating_add(length).saturating_add(step),
            WindowSpan::Calendar(period) => end(period, end(period, from)).micros(),
        }
    }
}
