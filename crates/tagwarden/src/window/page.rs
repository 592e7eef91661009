//! The windows of one subject that lie together: their logs, and where each stands in its log.

use super::calendar::Calendar;
use super::log::Log;
use super::plan::{PagePlan, Place, SeriesPlan, Total, WindowPlan};
use super::sliding::Extras;
use super::stepped::Stepped;
use super::summary::{Entry, Reading, Summary, count_of, saturating};
use super::{NEVER, Question, WindowSpan};
use crate::check::tree::AggregateFn;
use crate::value::{Decimal, Timestamp, Value, Zone};
use chrono::Datelike;
use serde::{Deserialize, Serialize};

/// The state of a [`PagePlan`]'s windows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Page {
    /// When something next leaves any window; [`NEVER`] for not by itself.
    pub(crate) next: i64,
    /// Likewise of those windows that somebody must act upon.
    pub(crate) wake: i64,
    /// For each window when something next leaves it; then for each the first pick inside, as a place in the log; then the
    /// sums, each in two cells; last, a bit for each series that has had a negative number.
    cells: Box<[i64]>,
    /// One for each series.
    logs: Box<[Log]>,
    odd: Box<[Odd]>,
}

/// A window that is more than a moving start in a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Odd {
    Lifetime(Summary),
    Extras(Extras),
    Stepped(Stepped),
    Calendar(Calendar),
}

impl Page {
    pub(crate) fn new(plan: &PagePlan) -> Page {
        let count = plan.windows.len();
        let odd = plan.windows.iter().filter_map(|window| match (window.place, window.span) {
            (Place::Log { .. }, _) => None,
            (_, WindowSpan::Over(_)) => Some(Odd::Extras(Extras::default())),
            (_, WindowSpan::Lifetime) => Some(Odd::Lifetime(Summary::default())),
            (_, WindowSpan::Stepped { .. }) => Some(Odd::Stepped(Stepped::default())),
            (_, WindowSpan::Calendar(_)) => Some(Odd::Calendar(Calendar::default())),
        });
        let cells =
            std::iter::repeat_n(NEVER, count).chain(std::iter::repeat_n(0, count + 2 * plan.sums + 1));
        Page {
            next: NEVER,
            wake: NEVER,
            cells: cells.collect(),
            logs: plan.series.iter().map(|series| Log::new(series.valued)).collect(),
            odd: odd.collect(),
        }
    }

    /// Takes a pick into a series.
    pub(crate) fn enter(
        &mut self,
        plan: &PagePlan,
        zone: Zone,
        series: usize,
        time: Timestamp,
        value: Option<&Value>,
    ) {
        let Some(series_plan) = plan.series.get(series) else { return };
        let entry = entry(series_plan, zone, time, value);
        self.enter_where(plan, zone, series, entry, |_| true);
    }

    fn enter_where(
        &mut self,
        plan: &PagePlan,
        zone: Zone,
        series: usize,
        entry: Entry<'_>,
        wanted: impl Fn(&WindowPlan) -> bool,
    ) {
        let (Some(series_plan), Some(log)) = (plan.series.get(series), self.logs.get_mut(series)) else {
            return;
        };
        let time = entry.time.micros();
        if series_plan.logged {
            log.push(time, entry.value);
        }
        let units = match entry.value {
            Some(Value::Number(number)) => number.units(),
            _ => 0,
        };
        if units < 0
            && let Some(signed) = self.cells.last_mut()
        {
            *signed |= 1 << (series % 64);
        }
        for at in &series_plan.windows {
            let at = usize::from(*at);
            let Some(window) = plan.windows.get(at).filter(|window| wanted(window)) else { continue };
            if let Place::Log { sum: Some(sum), .. } | Place::Extras { sum: Some(sum), .. } = window.place {
                add(&mut self.cells, plan.sum_cell(sum), units);
            }
            let Some(next) = self.cells.get_mut(at) else { continue };
            match window.place {
                // What leaves next changes only where nothing was inside: new picks leave last.
                Place::Log { length, .. } if *next == NEVER => *next = time.saturating_add(length),
                Place::Log { .. } => continue,
                Place::Extras { odd, .. } => {
                    if let (Some(Odd::Extras(extras)), WindowSpan::Over(length)) =
                        (self.odd.get_mut(usize::from(odd)), window.span)
                    {
                        extras.enter(entry, length, window.needs, zone);
                        if *next == NEVER {
                            *next = match length.is_fixed() {
                                true => time.saturating_add(length.micros()),
                                false => extras.next_end(),
                            };
                        }
                    }
                }
                Place::Odd(odd) => {
                    let Some(odd) = self.odd.get_mut(usize::from(odd)) else { continue };
                    odd.enter(window, entry, zone);
                    *next = odd.next_change();
                }
            }
            self.next = self.next.min(*next);
            if window.wakes {
                self.wake = self.wake.min(*next);
            }
        }
    }

    /// Notes a pick whose field is absent: it is passed over, but no later one leaves a window of months before it would have.
    pub(crate) fn pass(&mut self, plan: &PagePlan, zone: Zone, series: usize, time: Timestamp) {
        for at in plan.series.get(series).into_iter().flat_map(|series| &series.windows) {
            let Some(window) = plan.windows.get(usize::from(*at)) else { continue };
            if let (Place::Extras { odd, .. }, WindowSpan::Over(length)) = (window.place, window.span)
                && let Some(Odd::Extras(extras)) = self.odd.get_mut(usize::from(odd))
            {
                extras.pass(time, length, zone);
            }
        }
    }

    /// Takes out of all windows what has left by `now`, and names the windows that it left.
    pub(crate) fn leave(&mut self, plan: &PagePlan, zone: Zone, now: i64, mut left: impl FnMut(usize)) {
        for (at, window) in plan.windows.iter().enumerate() {
            if self.next_of(at) <= now {
                self.leave_one(plan, zone, at, window, now);
                left(at);
            }
        }
        self.refresh(plan);
    }

    fn leave_one(&mut self, plan: &PagePlan, zone: Zone, at: usize, window: &WindowPlan, now: i64) {
        let series = usize::from(window.series);
        let first = self.start(plan, at);
        let Some(log) = self.logs.get_mut(series) else { return };
        let mut place = first;
        let mut gone = 0;
        let mut next = self.cells.get(at).copied().unwrap_or(NEVER);
        match window.place {
            Place::Log { length, sum } => {
                next = log.leave(&mut place, now, length, sum.is_some().then_some(&mut gone));
            }
            Place::Extras { odd, .. } => {
                let (Some(Odd::Extras(extras)), WindowSpan::Over(length)) =
                    (self.odd.get_mut(usize::from(odd)), window.span)
                else {
                    return;
                };
                while next <= now {
                    gone += log.units(place);
                    let day = log.time(place).filter(|_| window.needs.days).map_or(0, |time| day(zone, time));
                    extras.leave(log.value(place).as_ref(), day, window.needs);
                    place += 1;
                    next = match (log.time(place), length.is_fixed()) {
                        (None, _) => NEVER,
                        (Some(time), true) => time.saturating_add(length.micros()),
                        (Some(_), false) => extras.next_end(),
                    };
                }
            }
            Place::Odd(odd) => {
                if let Some(odd) = self.odd.get_mut(usize::from(odd)) {
                    odd.leave(window, now, zone);
                    next = odd.next_change();
                }
            }
        }
        if let Some(cell) = self.cells.get_mut(at) {
            *cell = next;
        }
        if place > first {
            if let Some(start) = self.cells.get_mut(plan.windows.len() + at) {
                *start = place as i64;
            }
            if let Place::Log { sum: Some(sum), .. } | Place::Extras { sum: Some(sum), .. } = window.place {
                add(&mut self.cells, plan.sum_cell(sum), -gone);
            }
            self.trim(plan, series);
        }
    }

    /// Drops the front of a log that no window needs any more.
    fn trim(&mut self, plan: &PagePlan, series: usize) {
        let unused = self.unused(plan, series);
        let gone = self.logs.get_mut(series).map_or(0, |log| log.trim(unused)) as i64;
        if gone > 0 {
            for cell in plan.starts(series) {
                if let Some(start) = self.cells.get_mut(cell) {
                    *start -= gone;
                }
            }
        }
    }

    /// How many picks at the front of a log have left every window.
    fn unused(&self, plan: &PagePlan, series: usize) -> usize {
        let starts = plan.starts(series).filter_map(|cell| self.cells.get(cell).copied());
        starts.min().unwrap_or(0) as usize
    }

    /// Works out when something next leaves, after something has left.
    fn refresh(&mut self, plan: &PagePlan) {
        let nexts = self.cells.get(..plan.windows.len()).unwrap_or_default();
        self.next = nexts.iter().fold(NEVER, |least, next| if *next < least { *next } else { least });
        self.wake = if plan.waking.len() == nexts.len() {
            self.next
        } else {
            let waking = plan.waking.iter().filter_map(|at| nexts.get(usize::from(*at)).copied());
            waking.min().unwrap_or(NEVER)
        };
    }

    /// When something next leaves a window.
    pub(crate) fn next_of(&self, window: usize) -> i64 {
        self.cells.get(window).copied().unwrap_or(NEVER)
    }

    fn start(&self, plan: &PagePlan, window: usize) -> usize {
        self.cells.get(plan.windows.len() + window).map_or(0, |start| *start as usize)
    }

    fn log(&self, window: &WindowPlan) -> Option<&Log> {
        self.logs.get(usize::from(window.series))
    }

    /// Reads what a pick that enters some series will touch.
    pub(crate) fn touch(&self, series: impl Iterator<Item = usize>) -> i64 {
        let cells = self.cells.first().copied().unwrap_or(0) ^ self.cells.get(8).copied().unwrap_or(0);
        let logs = series.filter_map(|series| self.logs.get(series)?.last_time());
        logs.fold(cells, |all, time| all ^ time)
    }

    /// How many picks are in a sliding window.
    pub(crate) fn count(&self, plan: &PagePlan, window: usize) -> usize {
        let log = plan.windows.get(window).and_then(|window| self.log(window));
        log.map_or(0, |log| log.len().saturating_sub(self.start(plan, window)))
    }

    /// A count in picks, or an exact sum in millionths.
    #[inline]
    pub(crate) fn total_at(&self, total: Total) -> i128 {
        match total {
            Total::Count { series, start } => self.count_from(series, start).into(),
            Total::Sum(cell) => self.sum_at(cell),
        }
    }

    /// How many picks a series holds from the start in a cell on.
    #[inline]
    pub(crate) fn count_from(&self, series: u16, start: u16) -> i64 {
        let len = self.logs.get(usize::from(series)).map_or(0, Log::len) as i64;
        len - self.cells.get(usize::from(start)).copied().unwrap_or(0)
    }

    /// The sum in a cell and the next.
    #[inline]
    pub(crate) fn sum_at(&self, cell: u16) -> i128 {
        sum_at(&self.cells, usize::from(cell))
    }

    /// The exact sum of a window that moves through a log, in millionths.
    pub(crate) fn sum(&self, plan: &PagePlan, window: usize) -> i128 {
        match plan.windows.get(window).map(|window| window.place) {
            Some(Place::Log { sum: Some(sum), .. } | Place::Extras { sum: Some(sum), .. }) => {
                sum_at(&self.cells, plan.sum_cell(sum))
            }
            _ => 0,
        }
    }

    /// Whether what leaves a window can make its sum greater.
    pub(crate) fn is_signed(&self, plan: &PagePlan, window: usize) -> bool {
        let series = plan.windows.get(window).map_or(0, |window| window.series);
        self.cells.last().is_some_and(|signed| signed & 1 << (series % 64) != 0)
    }

    /// When the pick behind `before` others leaves a sliding window of fixed length; [`NEVER`] where there is none.
    pub(crate) fn leaves_after(&self, plan: &PagePlan, window: usize, before: usize) -> i64 {
        let Some(window_plan) = plan.windows.get(window) else { return NEVER };
        let Place::Log { length, .. } = window_plan.place else { return self.next_of(window) };
        let place = self.start(plan, window).saturating_add(before);
        let time = self.log(window_plan).and_then(|log| log.time(place));
        time.map_or(NEVER, |time| time.saturating_add(length))
    }

    /// What the pick behind `before` others adds to the sum of a sliding window, in millionths.
    pub(crate) fn units_after(&self, plan: &PagePlan, window: usize, before: usize) -> i128 {
        let place = self.start(plan, window).saturating_add(before);
        let log = plan.windows.get(window).and_then(|window| self.log(window));
        log.map_or(0, |log| log.units(place))
    }

    /// A count or a sum, and whether it was saturated.
    pub(crate) fn total(&self, plan: &PagePlan, window: usize, question: Question) -> (Decimal, bool) {
        match self.odd_of(plan, window) {
            None if question.function == AggregateFn::Sum => Decimal::from_units(self.sum(plan, window)),
            None => ((self.count(plan, window) as u64).into(), false),
            Some(odd) => odd.total(question),
        }
    }

    /// The state of a window that is no part of a log.
    fn odd_of(&self, plan: &PagePlan, window: usize) -> Option<&Odd> {
        match plan.windows.get(window)?.place {
            Place::Odd(odd) => self.odd.get(usize::from(odd)),
            _ => None,
        }
    }

    /// The answer alone, and whether it was saturated.
    pub(crate) fn value(&self, plan: &PagePlan, window: usize, question: Question) -> (Option<Value>, bool) {
        match self.odd_of(plan, window) {
            None => self.sliding_value(plan, window, question.function),
            Some(Odd::Lifetime(summary)) => summary.value(question.function),
            Some(odd) => {
                let reading = odd.read(question);
                (reading.value, reading.saturated)
            }
        }
    }

    fn sliding_value(&self, plan: &PagePlan, at: usize, function: AggregateFn) -> (Option<Value>, bool) {
        let Some(window) = plan.windows.get(at) else { return (None, false) };
        let count = self.count(plan, at);
        let extras = match window.place {
            Place::Extras { odd, .. } => match self.odd.get(usize::from(odd)) {
                Some(Odd::Extras(extras)) => Some(extras),
                _ => None,
            },
            _ => None,
        };
        let picked = |place: usize| {
            let log = self.log(window).filter(|_| count > 0);
            log.and_then(|log| log.value(place))
        };
        match function {
            AggregateFn::Count => (Some(count_of(count)), false),
            AggregateFn::Sum => saturating(Some(Decimal::from_units(self.sum(plan, at)))),
            AggregateFn::Average => saturating(Decimal::mean(self.sum(plan, at), count as u64)),
            AggregateFn::Distinct => (Some(count_of(extras.map_or(0, Extras::distinct))), false),
            AggregateFn::Days => (Some(count_of(extras.map_or(0, Extras::days))), false),
            AggregateFn::Min => (extras.and_then(Extras::min), false),
            AggregateFn::Max => (extras.and_then(Extras::max), false),
            AggregateFn::First => (picked(self.start(plan, at)), false),
            AggregateFn::Latest => (picked(self.log(window).map_or(0, Log::len).wrapping_sub(1)), false),
        }
    }

    pub(crate) fn read(&self, plan: &PagePlan, window: usize, question: Question) -> Reading {
        if let Some(odd) = self.odd_of(plan, window) {
            return odd.read(question);
        }
        let (value, saturated) = self.sliding_value(plan, window, question.function);
        let count = self.count(plan, window);
        let log = plan.windows.get(window).and_then(|window| self.log(window)).filter(|_| count > 0);
        let first = log.and_then(|log| log.time(self.start(plan, window)));
        let last = log.and_then(Log::last_time);
        let time = |micros: Option<i64>| micros.and_then(Timestamp::from_micros);
        Reading { value, events: count as u64, first: time(first), last: time(last), saturated }
    }

    /// How many picks and values it holds, for the limit on held events.
    pub(crate) fn held(&self) -> usize {
        let odd = self.odd.iter().map(|odd| match odd {
            Odd::Lifetime(summary) => summary.held(),
            Odd::Extras(_) => 0,
            Odd::Stepped(stepped) => stepped.held(),
            Odd::Calendar(calendar) => calendar.held(),
        });
        self.logs.iter().map(Log::len).sum::<usize>() + odd.sum::<usize>()
    }

    /// Whether everything has left all its windows, so that a new page would answer the same.
    pub(crate) fn is_empty(&self) -> bool {
        self.next == NEVER
            && self.logs.iter().all(|log| log.len() == 0)
            && self.odd.iter().all(|odd| match odd {
                Odd::Lifetime(summary) => summary.is_empty(),
                Odd::Extras(extras) => extras.is_empty(),
                Odd::Stepped(stepped) => stepped.held() == 0,
                Odd::Calendar(calendar) => calendar.next_change() == NEVER,
            })
    }

    /// Takes over what a series of another plan holds of a series of this one.
    pub(crate) fn carry(
        &mut self,
        (plan, series): (&PagePlan, usize),
        (from, old, old_series): (&Page, &PagePlan, usize),
        zone: Zone,
        now: i64,
    ) {
        let Some(series_plan) = plan.series.get(series) else { return };
        let slides = |window: &WindowPlan| matches!(window.span, WindowSpan::Over(_));
        // Sliding windows are filled by telling them again what the log holds.
        if let Some(log) = from.logs.get(old_series) {
            for place in from.unused(old, old_series)..log.len() {
                let Some(time) = log.time(place).and_then(Timestamp::from_micros) else { continue };
                let value = log.value(place);
                if series_plan.valued == value.is_some() {
                    self.enter_where(
                        plan,
                        zone,
                        series,
                        entry(series_plan, zone, time, value.as_ref()),
                        slides,
                    );
                }
            }
        }
        for at in &series_plan.windows {
            let at = usize::from(*at);
            let Some(window) = plan.windows.get(at) else { continue };
            if slides(window) {
                if self.next_of(at) <= now {
                    self.leave_one(plan, zone, at, window, now);
                }
            } else if let Some(source) = old.source_of(old_series, window)
                && let Some(state) = from.odd_of(old, source)
                && let Place::Odd(odd) = window.place
                && let Some(place) = self.odd.get_mut(usize::from(odd))
            {
                place.clone_from(state);
                if let Some(next) = self.cells.get_mut(at) {
                    *next = state.next_change();
                }
            }
        }
        self.refresh(plan);
    }

    /// Whether it has the shape that a plan asks for: of a page that comes from outside.
    pub(crate) fn fits(&self, plan: &PagePlan) -> bool {
        let count = plan.windows.len();
        let shape = self.cells.len() == 2 * (count + plan.sums) + 1
            && self.logs.len() == plan.series.len()
            && self.odd.len() == plan.odd;
        let sums = (0..plan.sums).map(|sum| sum_at(&self.cells, plan.sum_cell(sum as u16)));
        let sums = { sums }.all(|sum| sum.unsigned_abs() < u128::MAX / 16);
        let logs = self.logs.iter().zip(&plan.series).all(|(log, series)| match log {
            Log::Times(_) => !series.valued,
            Log::Numbers(_) | Log::Values(_) => series.valued,
        });
        let windows = plan.windows.iter().enumerate().all(|(at, window)| {
            let len = self.log(window).map_or(0, Log::len);
            let inside =
                self.cells.get(count + at).and_then(|start| len.checked_sub(usize::try_from(*start).ok()?));
            match (window.place, window.span) {
                (Place::Log { .. }, _) => inside.is_some(),
                (Place::Extras { odd, .. }, WindowSpan::Over(length)) => {
                    match (self.odd.get(usize::from(odd)), inside) {
                        (Some(Odd::Extras(extras)), Some(inside)) => extras.fits(inside, length),
                        _ => false,
                    }
                }
                (Place::Odd(odd), span) => match (self.odd.get(usize::from(odd)), span) {
                    (Some(Odd::Lifetime(summary)), WindowSpan::Lifetime) => summary.is_sane(),
                    (Some(Odd::Stepped(stepped)), WindowSpan::Stepped { .. }) => stepped.is_sane(),
                    (Some(Odd::Calendar(calendar)), WindowSpan::Calendar(_)) => calendar.is_sane(),
                    _ => false,
                },
                _ => false,
            }
        });
        shape && sums && logs && windows
    }
}

impl Odd {
    fn enter(&mut self, window: &WindowPlan, entry: Entry<'_>, zone: Zone) {
        match (self, window.span) {
            (Odd::Lifetime(summary), _) => summary.enter(entry, window.needs),
            (Odd::Stepped(stepped), WindowSpan::Stepped { length, step }) => {
                stepped.enter(entry, length, step, window.needs);
            }
            (Odd::Calendar(calendar), WindowSpan::Calendar(period)) => {
                calendar.enter(entry, period, window.needs, zone);
            }
            _ => {}
        }
    }

    fn leave(&mut self, window: &WindowPlan, now: i64, zone: Zone) {
        match (self, window.span) {
            (Odd::Stepped(stepped), _) => stepped.leave(now),
            (Odd::Calendar(calendar), WindowSpan::Calendar(period)) => calendar.leave(now, period, zone),
            _ => {}
        }
    }

    fn next_change(&self) -> i64 {
        match self {
            Odd::Lifetime(_) | Odd::Extras(_) => NEVER,
            Odd::Stepped(stepped) => stepped.next_change(),
            Odd::Calendar(calendar) => calendar.next_change(),
        }
    }

    fn total(&self, question: Question) -> (Decimal, bool) {
        match self {
            Odd::Lifetime(summary) => summary.total(question.function),
            Odd::Stepped(stepped) => stepped.total(question.function),
            Odd::Calendar(calendar) => calendar.total(question),
            Odd::Extras(_) => (Decimal::ZERO, false),
        }
    }

    fn read(&self, question: Question) -> Reading {
        match self {
            Odd::Lifetime(summary) => summary.read(question.function),
            Odd::Stepped(stepped) => stepped.read(question),
            Odd::Calendar(calendar) => calendar.read(question),
            Odd::Extras(_) => Reading::default(),
        }
    }
}

/// The sum that two cells hold, the lower half first.
fn sum_at(cells: &[i64], at: usize) -> i128 {
    match cells.get(at..at + 2) {
        Some(&[low, high]) => i128::from(high) << 64 | i128::from(low as u64),
        _ => 0,
    }
}

fn add(cells: &mut [i64], at: usize, units: i128) {
    let sum = sum_at(cells, at) + units;
    if let Some([low, high]) = cells.get_mut(at..at + 2) {
        (*low, *high) = (sum as i64, (sum >> 64) as i64);
    }
}

/// What a window without any picks answers.
pub(crate) fn nothing(question: Question) -> Reading {
    Summary::default().read(question.function)
}

fn entry<'v>(series: &SeriesPlan, zone: Zone, time: Timestamp, value: Option<&'v Value>) -> Entry<'v> {
    let day = if series.dated { day(zone, time.micros()) } else { 0 };
    Entry { time, day, value }
}

/// The local day of a time, counted from an epoch.
fn day(zone: Zone, time: i64) -> i32 {
    Timestamp::from_micros(time).map_or(0, |time| zone.local(time).date().num_days_from_ce())
}
