//! Which windows there are, and where each keeps its state.

use super::sliding::Extras;
use super::summary::Needs;
use super::{NEVER, WindowSpan};
use crate::check::tree::AggregateFn;
use crate::value::{Timestamp, Zone};

/// Series and windows whose state lies together, so that an event finds it in few places of memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct PagePlan {
    pub(crate) series: Vec<SeriesPlan>,
    pub(crate) windows: Vec<WindowPlan>,
    /// Windows whose changes somebody must act upon though no input comes.
    pub(super) waking: Vec<u16>,
    pub(super) sums: usize,
    pub(super) odd: usize,
}

/// What one selector picked, for one field.
#[derive(Clone, Debug, Default)]
pub(crate) struct SeriesPlan {
    /// Its windows among those of the page.
    pub(crate) windows: Vec<u16>,
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
}

/// Where a window has its state, beside its two cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A moving start in the log is all: the length, and where its sum is.
    Log {
        length: i64,
        sum: Option<u16>,
    },
    /// A moving start and [`Extras`].
    Extras {
        sum: Option<u16>,
        odd: u16,
    },
    Odd(u16),
}

/// Where the count or the sum of a sliding window is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Total {
    /// What a log holds from a start on: the series, and the cell of the start.
    Count { series: u16, start: u16 },
    /// The first of two cells.
    Sum(u16),
}

impl Default for Total {
    fn default() -> Self {
        Total::Sum(u16::MAX)
    }
}

impl PagePlan {
    /// Where the count or the sum of a sliding window is found.
    pub(crate) fn total(&self, window: usize, function: AggregateFn) -> Total {
        let Some(planned) = self.windows.get(window) else { return Total::default() };
        match planned.place {
            Place::Log { sum: Some(sum), .. } | Place::Extras { sum: Some(sum), .. }
                if function == AggregateFn::Sum =>
            {
                Total::Sum(self.sum_cell(sum) as u16)
            }
            _ => Total::Count { series: planned.series, start: (self.windows.len() + window) as u16 },
        }
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
        });
        if let Some(series) = self.series.get_mut(usize::from(series)) {
            series.windows.push(at);
        }
        at
    }

    /// Gives each window its place, now that it is known what is asked of it.
    pub(crate) fn finish(&mut self) {
        let (mut sums, mut odd) = (0, 0);
        let next = |counter: &mut usize| {
            *counter += 1;
            (*counter - 1) as u16
        };
        for window in &mut self.windows {
            window.place = match window.span {
                WindowSpan::Over(length) => {
                    let sum = window.needs.sum.then(|| next(&mut sums));
                    if Extras::needed(length, window.needs) {
                        Place::Extras { sum, odd: next(&mut odd) }
                    } else {
                        Place::Log { length: length.micros(), sum }
                    }
                }
                _ => Place::Odd(next(&mut odd)),
            };
        }
        (self.sums, self.odd) = (sums, odd);
        let waking = self.windows.iter().enumerate().filter(|(_, window)| window.wakes);
        self.waking = waking.map(|(at, _)| at as u16).collect();
    }

    /// The first of the two cells of a sum.
    pub(super) fn sum_cell(&self, sum: u16) -> usize {
        2 * (self.windows.len() + usize::from(sum))
    }

    /// The cells with the starts of a series' sliding windows.
    pub(super) fn starts(&self, series: usize) -> impl Iterator<Item = usize> {
        let windows = self.series.get(series).map_or(&[][..], |series| &series.windows);
        let slides = |at: usize| self.windows.get(at).is_some_and(|w| !matches!(w.place, Place::Odd(_)));
        let count = self.windows.len();
        windows.iter().map(|at| usize::from(*at)).filter(move |at| slides(*at)).map(move |at| count + at)
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
