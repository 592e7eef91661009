//! The windows of one subject that lie together: their logs, where each stands in its log, and until when bounds hold.

use super::bound::FAILS;
use super::calendar::Calendar;
use super::log::Log;
use super::plan::{PagePlan, Place, SeriesPlan, WindowPlan};
use super::sliding::Extras;
use super::stepped::Stepped;
use super::summary::{Entry, Reading, Summary};
use super::{NEVER, Question, WindowSpan};
use crate::value::{Decimal, Timestamp, Value, Zone};
use chrono::Datelike;
use serde::{Deserialize, Serialize};

/// A log is not looked at for what can be dropped before it is this long.
const TRIM: usize = 16;

/// The state of a [`PagePlan`]'s windows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Page {
    /// When something next leaves a window of which that must be known, or a watched bound ceases to hold; [`NEVER`] for not by
    /// itself.
    pub(crate) next: i64,
    /// Likewise of what somebody must act upon.
    pub(crate) wake: i64,
    /// Until when each bound holds; then the places of sums; then for each window of which that must be known when something next
    /// leaves it; then for each of these the first pick inside, as a place in the log; last, a bit for each series that has had a
    /// negative number.
    cells: Box<[i64]>,
    /// One for each series.
    pub(super) logs: Box<[Log]>,
    pub(super) odd: Box<[Odd]>,
}

/// A window that is more than a start in a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Odd {
    Lifetime(Summary),
    Extras(Extras),
    Stepped(Stepped),
    Calendar(Calendar),
}

/// What has changed because time has passed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Gone {
    /// Something has left a window.
    Window(usize),
    /// A watched bound has begun or ceased to hold.
    Bound(usize),
}

/// What a pick that has entered makes necessary.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Entered {
    /// [`Page::refresh`].
    pub(crate) refresh: bool,
    /// A sum is beyond the range of numbers.
    pub(crate) saturated: bool,
}

impl Page {
    pub(crate) fn new(plan: &PagePlan) -> Page {
        let odd = plan.windows.iter().filter_map(|window| match (window.place, window.span) {
            (Place::Log { .. } | Place::Followed { .. }, _) => None,
            (_, WindowSpan::Over(_)) => Some(Odd::Extras(Extras::default())),
            (_, WindowSpan::Lifetime) => Some(Odd::Lifetime(Summary::default())),
            (_, WindowSpan::Stepped { .. }) => Some(Odd::Stepped(Stepped::default())),
            (_, WindowSpan::Calendar(_)) => Some(Odd::Calendar(Calendar::default())),
        });
        let (sums, followed) = (plan.sum_bounds, plan.followed.len());
        let bounds = plan.bounds.iter().map(|bound| bound.initially());
        let cells = bounds
            .chain(std::iter::repeat_n(0, sums))
            .chain(std::iter::repeat_n(NEVER, followed))
            .chain(std::iter::repeat_n(0, followed + 1));
        Page {
            next: NEVER,
            wake: NEVER,
            cells: cells.collect(),
            logs: plan.series.iter().map(|series| Log::new(series.valued)).collect(),
            odd: odd.collect(),
        }
    }

    /// Takes a pick into a series, and names the watched bounds that begin to hold or cease to.
    #[inline]
    pub(crate) fn enter(
        &mut self,
        plan: &PagePlan,
        zone: Zone,
        series: usize,
        (time, value): (Timestamp, Option<&Value>),
        mut turned: impl FnMut(usize),
    ) -> Entered {
        let Some(planned) = plan.series.get(series) else { return Entered::default() };
        let mut entered = Entered::default();
        self.enter_log(plan, series, planned, (time.micros(), value), &mut turned, &mut entered);
        if !planned.entered.is_empty() {
            let entry = entry(planned, zone, time, value);
            self.enter_windows(plan, zone, planned, entry, |_| true);
        }
        entered
    }

    /// Takes a pick into the log, and follows the bounds.
    #[inline]
    fn enter_log(
        &mut self,
        plan: &PagePlan,
        series: usize,
        planned: &SeriesPlan,
        (time, value): (i64, Option<&Value>),
        turned: &mut impl FnMut(usize),
        entered: &mut Entered,
    ) {
        if !planned.logged {
            return;
        }
        if self.logs.get(series).is_some_and(Log::is_full) {
            self.make_room(plan, series, time);
        }
        let Some(log) = self.logs.get_mut(series) else { return };
        let cells = &mut self.cells;
        if let Log::Times(times) = log {
            times.push_back(time);
            let len = times.len();
            for bound in &planned.counts {
                let until = bound.follow(|at| times.get(at).copied(), len, time);
                note(cells, (bound.number, bound.until, bound.watched), until, turned, entered);
            }
            return;
        }
        log.push(time, value);
        for bound in &planned.counts {
            let until = bound.follow(|at| log.time(at), log.len(), time);
            note(cells, (bound.number, bound.until, bound.watched), until, turned, entered);
        }
        let (Some(Value::Number(number)), Some(flags)) = (value, cells.last_mut()) else { return };
        if *number < Decimal::ZERO {
            *flags |= series_bit(series);
        }
        let signed = *flags & series_bit(series) != 0;
        for bound in &planned.sums {
            let until = bound.follow(log, cells, signed, time);
            note(cells, (bound.number, bound.until, bound.watched), until, turned, entered);
            entered.refresh |= signed;
            entered.saturated |= matches!(log, Log::Wide(_)) && bound.is_beyond(log, time);
        }
    }

    /// Takes a pick into the windows that are more than the log.
    fn enter_windows(
        &mut self,
        plan: &PagePlan,
        zone: Zone,
        planned: &SeriesPlan,
        entry: Entry<'_>,
        wanted: impl Fn(&WindowPlan) -> bool,
    ) {
        let time = entry.time.micros();
        for at in &planned.entered {
            let at = usize::from(*at);
            let Some(window) = plan.windows.get(at).filter(|window| wanted(window)) else { continue };
            let Some(next) = self.cells.get_mut(window.next) else { continue };
            match window.place {
                // What leaves next changes only where nothing was inside: new picks leave last.
                Place::Followed { length } if *next == NEVER => *next = time.saturating_add(length),
                Place::Followed { .. } | Place::Log { .. } => continue,
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

    /// Takes out of all windows what has left by `now`, and names what has changed.
    pub(crate) fn leave(&mut self, plan: &PagePlan, zone: Zone, now: i64, mut gone: impl FnMut(Gone)) {
        for at in &plan.followed {
            let at = usize::from(*at);
            if let Some(window) = plan.windows.get(at)
                && self.next_of(window) <= now
            {
                self.leave_one(zone, window, now);
                gone(Gone::Window(at));
            }
        }
        self.look_again(plan, now, &mut gone);
        for at in &plan.watched {
            let at = usize::from(*at);
            if let Some(until) = self.cells.get_mut(at)
                && *until <= now
                && *until != FAILS
            {
                *until = FAILS;
                gone(Gone::Bound(at));
            }
        }
        self.refresh(plan);
    }

    /// Bounds on sums of numbers of which some are negative may begin to hold as well as cease to when something leaves.
    fn look_again(&mut self, plan: &PagePlan, now: i64, gone: &mut impl FnMut(Gone)) {
        if !self.has_signed() {
            return;
        }
        for (series, planned) in plan.series.iter().enumerate() {
            if !self.is_signed(series) {
                continue;
            }
            let Some(log) = self.logs.get(series) else { continue };
            for bound in &planned.sums {
                if self.cells.get(bound.place as usize).is_none_or(|next| *next > now) {
                    continue;
                }
                let until = bound.look(log, &mut self.cells, now);
                let Some(cell) = self.cells.get_mut(bound.until as usize) else { continue };
                if bound.watched && (*cell == FAILS) != (until == FAILS) {
                    gone(Gone::Bound(usize::from(bound.number)));
                }
                *cell = until;
            }
        }
    }

    fn leave_one(&mut self, zone: Zone, window: &WindowPlan, now: i64) {
        let Some(log) = self.logs.get(usize::from(window.series)) else { return };
        let mut place = self.place_of(window);
        let mut next = self.next_of(window);
        match window.place {
            Place::Log { .. } => return,
            Place::Followed { length } => {
                while next <= now {
                    place += 1;
                    next = log.time(place).map_or(NEVER, |time| time.saturating_add(length));
                }
            }
            Place::Extras { odd } => {
                let (Some(Odd::Extras(extras)), WindowSpan::Over(length)) =
                    (self.odd.get_mut(usize::from(odd)), window.span)
                else {
                    return;
                };
                while next <= now {
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
        if let Some(cell) = self.cells.get_mut(window.next) {
            *cell = next;
        }
        if let Some(start) = self.cells.get_mut(window.start) {
            *start = place as i64;
        }
    }

    /// Drops what it can from a log that would have to grow.
    #[cold]
    fn make_room(&mut self, plan: &PagePlan, series: usize, now: i64) {
        if self.logs.get(series).is_some_and(|log| log.len() >= TRIM) {
            self.trim(plan, series, now);
        }
        if let Some(log) = self.logs.get_mut(series) {
            log.grow();
        }
    }

    /// Drops the front of a log that no window needs any more, if it is worth while.
    fn trim(&mut self, plan: &PagePlan, series: usize, now: i64) {
        let unused = self.unused(plan, series, now);
        let Some(log) = self.logs.get_mut(series).filter(|log| unused > 0 && unused * 4 >= log.len()) else {
            return;
        };
        log.trim(unused);
        let Some(planned) = plan.series.get(series) else { return };
        let signed = self.is_signed(series);
        let starts = planned.entered.iter().filter_map(|at| Some(plan.windows.get(usize::from(*at))?.start));
        let places = planned.sums.iter().filter(|_| !signed);
        for cell in starts.chain(places.map(|bound| bound.place as usize)) {
            if let Some(place) = self.cells.get_mut(cell) {
                *place = place.saturating_sub(unused as i64).max(0);
            }
        }
    }

    /// How many picks at the front of a log have left every window.
    fn unused(&self, plan: &PagePlan, series: usize, now: i64) -> usize {
        let (Some(planned), Some(log)) = (plan.series.get(series), self.logs.get(series)) else { return 0 };
        let inside = |at: &u16| {
            let window = plan.windows.get(usize::from(*at))?;
            let slides = matches!(window.place, Place::Followed { .. } | Place::Extras { .. });
            slides.then(|| self.place_of(window))
        };
        let by_time = match log.last_time() {
            None => return 0,
            Some(last) if last.saturating_add(planned.longest) <= now => log.len(),
            Some(_) => log.first_inside(now, planned.longest),
        };
        planned.entered.iter().filter_map(inside).fold(by_time, usize::min).min(log.len())
    }

    /// Gives back memory of picks that no window needs any more.
    pub(crate) fn tidy(&mut self, plan: &PagePlan, now: i64) {
        for series in 0..self.logs.len() {
            self.trim(plan, series, now);
        }
    }

    /// Works out when something next leaves or ceases to hold.
    pub(crate) fn refresh(&mut self, plan: &PagePlan) {
        let (mut next, mut wake) = (NEVER, NEVER);
        for at in &plan.followed {
            let Some(window) = plan.windows.get(usize::from(*at)) else { continue };
            let due = self.next_of(window);
            next = next.min(due);
            if window.wakes {
                wake = wake.min(due);
            }
        }
        for at in &plan.watched {
            let until = self.cells.get(usize::from(*at)).copied().unwrap_or(NEVER);
            if until != FAILS {
                wake = wake.min(until);
            }
        }
        if self.has_signed() {
            let signed = plan.series.iter().enumerate().filter(|(at, _)| self.is_signed(*at));
            for bound in signed.flat_map(|(_, planned)| &planned.sums) {
                let due = self.cells.get(bound.place as usize).copied().unwrap_or(NEVER);
                next = next.min(due);
                if bound.watched {
                    wake = wake.min(due);
                }
            }
        }
        (self.next, self.wake) = (next.min(wake), wake);
    }

    /// When something next leaves a window of which that must be known.
    pub(super) fn next_of(&self, window: &WindowPlan) -> i64 {
        self.cells.get(window.next).copied().unwrap_or(NEVER)
    }

    /// The first pick inside a window of which must be known what leaves it.
    pub(super) fn place_of(&self, window: &WindowPlan) -> usize {
        self.cells.get(window.start).map_or(0, |start| *start as usize)
    }

    /// Until when bounds hold, by the numbers of their cells.
    #[inline]
    pub(crate) fn cells(&self) -> &[i64] {
        &self.cells
    }

    fn has_signed(&self) -> bool {
        self.cells.last().is_some_and(|flags| *flags != 0)
    }

    fn is_signed(&self, series: usize) -> bool {
        self.cells.last().is_some_and(|flags| flags & series_bit(series) != 0)
    }

    /// Reads the beginning of what a pick will touch.
    #[inline]
    pub(crate) fn touch(&self) -> i64 {
        self.cells.first().copied().unwrap_or(0) ^ self.cells.get(8).copied().unwrap_or(0)
    }

    /// Reads the end of a log.
    #[inline]
    pub(crate) fn touch_log(&self, series: u16) -> i64 {
        self.logs.get(usize::from(series)).and_then(Log::last_time).unwrap_or(0)
    }

    /// How many picks and values it holds, for the limit on held events.
    pub(crate) fn held(&self, plan: &PagePlan, now: i64) -> usize {
        let odd = self.odd.iter().map(|odd| match odd {
            Odd::Lifetime(summary) => summary.held(),
            Odd::Extras(_) => 0,
            Odd::Stepped(stepped) => stepped.held(),
            Odd::Calendar(calendar) => calendar.held(),
        });
        let logs = self.logs.iter().enumerate();
        logs.map(|(at, log)| log.len() - self.unused(plan, at, now)).sum::<usize>() + odd.sum::<usize>()
    }

    /// Whether everything had left all its windows when it was last tidied, so that a new page would answer the same.
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
            for place in from.unused(old, old_series, now)..log.len() {
                let Some(time) = log.time(place).and_then(Timestamp::from_micros) else { continue };
                let value = log.value(place);
                if series_plan.valued == value.is_some() {
                    let entry = entry(series_plan, zone, time, value.as_ref());
                    let (pick, mut entered) = ((time.micros(), value.as_ref()), Entered::default());
                    self.enter_log(plan, series, series_plan, pick, &mut |_| {}, &mut entered);
                    self.enter_windows(plan, zone, series_plan, entry, slides);
                }
            }
        }
        for at in &series_plan.windows {
            let at = usize::from(*at);
            let Some(window) = plan.windows.get(at) else { continue };
            if !slides(window)
                && let Some(source) = old.source_of(old_series, window)
                && let Some(state) = from.odd_of(old, source)
                && let Place::Odd(odd) = window.place
                && let Some(place) = self.odd.get_mut(usize::from(odd))
            {
                place.clone_from(state);
                if let Some(next) = self.cells.get_mut(window.next) {
                    *next = state.next_change();
                }
            }
        }
        self.leave(plan, zone, now, |_| {});
    }

    /// The state of a window that is no part of a log.
    pub(super) fn odd_of(&self, plan: &PagePlan, window: usize) -> Option<&Odd> {
        match plan.windows.get(window)?.place {
            Place::Odd(odd) => self.odd.get(usize::from(odd)),
            _ => None,
        }
    }

    /// Whether it has the shape that a plan asks for: of a page that comes from outside.
    pub(crate) fn fits(&self, plan: &PagePlan) -> bool {
        let shape = self.cells.len() == plan.cells()
            && self.logs.len() == plan.series.len()
            && self.odd.len() == plan.odd;
        let logs = self.logs.iter().zip(&plan.series).all(|(log, series)| match log {
            Log::Times(_) => !series.valued,
            Log::Numbers(_) | Log::Wide(_) | Log::Values(_) => series.valued,
        });
        let windows = plan.windows.iter().all(|window| {
            let len = self.logs.get(usize::from(window.series)).map_or(0, Log::len);
            let start = self.cells.get(window.start);
            let inside = start.and_then(|start| len.checked_sub(usize::try_from(*start).ok()?));
            match (window.place, window.span) {
                (Place::Log { .. }, _) => true,
                (Place::Followed { .. }, _) => inside.is_some(),
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
        shape && logs && windows
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

    pub(super) fn next_change(&self) -> i64 {
        match self {
            Odd::Lifetime(_) | Odd::Extras(_) => NEVER,
            Odd::Stepped(stepped) => stepped.next_change(),
            Odd::Calendar(calendar) => calendar.next_change(),
        }
    }

    pub(super) fn total(&self, question: Question) -> (Decimal, bool) {
        match self {
            Odd::Lifetime(summary) => summary.total(question.function),
            Odd::Stepped(stepped) => stepped.total(question.function),
            Odd::Calendar(calendar) => calendar.total(question),
            Odd::Extras(_) => (Decimal::ZERO, false),
        }
    }

    pub(super) fn read(&self, question: Question) -> Reading {
        match self {
            Odd::Lifetime(summary) => summary.read(question.function),
            Odd::Stepped(stepped) => stepped.read(question),
            Odd::Calendar(calendar) => calendar.read(question),
            Odd::Extras(_) => Reading::default(),
        }
    }
}

/// Notes until when a bound holds, by its number, cell, and whether it is watched.
#[inline]
fn note(
    cells: &mut [i64],
    (number, cell, watched): (u16, u32, bool),
    until: i64,
    turned: &mut impl FnMut(usize),
    entered: &mut Entered,
) {
    let Some(cell) = cells.get_mut(cell as usize) else { return };
    if watched && *cell != until {
        if (*cell == FAILS) != (until == FAILS) {
            turned(usize::from(number));
        }
        entered.refresh = true;
    }
    *cell = until;
}

fn series_bit(series: usize) -> i64 {
    1 << (series % 64)
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
