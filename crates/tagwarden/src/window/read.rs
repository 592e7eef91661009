//! What windows answer at a time up to which they have been brought.

use super::log::Log;
use super::page::{Odd, Page};
use super::plan::{PagePlan, Place};
use super::sliding::Extras;
use super::summary::{Reading, count_of, saturating};
use super::{NEVER, Question};
use crate::check::tree::AggregateFn;
use crate::value::{Decimal, Timestamp, Value};

impl Page {
    /// The log of a sliding window, and the first pick inside.
    fn inside(&self, plan: &PagePlan, at: usize, now: i64) -> Option<(&Log, usize)> {
        let window = plan.windows.get(at)?;
        let log = self.logs.get(usize::from(window.series))?;
        let first = match window.place {
            Place::Log { length } => log.first_inside(now, length),
            Place::Followed { .. } | Place::Extras { .. } => self.place_of(window),
            Place::Odd(_) => return None,
        };
        Some((log, first))
    }

    /// A count or a sum, and whether it was saturated.
    pub(crate) fn total(
        &self,
        plan: &PagePlan,
        window: usize,
        question: Question,
        now: Timestamp,
    ) -> (Decimal, bool) {
        if let Some(odd) = self.odd_of(plan, window) {
            return odd.total(question);
        }
        let inside = self.inside(plan, window, now.micros());
        match question.function {
            AggregateFn::Sum => Decimal::from_units(inside.map_or(0, |(log, first)| log.sum_from(first))),
            _ => ((inside.map_or(0, |(log, first)| log.len().saturating_sub(first)) as u64).into(), false),
        }
    }

    /// The answer alone, and whether it was saturated.
    pub(crate) fn value(
        &self,
        plan: &PagePlan,
        window: usize,
        question: Question,
        now: Timestamp,
    ) -> (Option<Value>, bool) {
        match self.odd_of(plan, window) {
            None => self.sliding_value(plan, window, question.function, now),
            Some(Odd::Lifetime(summary)) => summary.value(question.function),
            Some(odd) => {
                let reading = odd.read(question);
                (reading.value, reading.saturated)
            }
        }
    }

    fn sliding_value(
        &self,
        plan: &PagePlan,
        at: usize,
        function: AggregateFn,
        now: Timestamp,
    ) -> (Option<Value>, bool) {
        let Some((log, first)) = self.inside(plan, at, now.micros()) else { return (None, false) };
        let count = log.len().saturating_sub(first);
        let extras = match plan.windows.get(at).map(|window| window.place) {
            Some(Place::Extras { odd }) => match self.odd.get(usize::from(odd)) {
                Some(Odd::Extras(extras)) => Some(extras),
                _ => None,
            },
            _ => None,
        };
        let picked = |place: usize| if count > 0 { log.value(place) } else { None };
        match function {
            AggregateFn::Count => (Some(count_of(count)), false),
            AggregateFn::Sum => saturating(Some(Decimal::from_units(log.sum_from(first)))),
            AggregateFn::Average => saturating(Decimal::mean(log.sum_from(first), count as u64)),
            AggregateFn::Distinct => (Some(count_of(extras.map_or(0, Extras::distinct))), false),
            AggregateFn::Days => (Some(count_of(extras.map_or(0, Extras::days))), false),
            AggregateFn::Min => (extras.and_then(Extras::min), false),
            AggregateFn::Max => (extras.and_then(Extras::max), false),
            AggregateFn::First => (picked(first), false),
            AggregateFn::Latest => (picked(log.len().wrapping_sub(1)), false),
        }
    }

    pub(crate) fn read(&self, plan: &PagePlan, window: usize, question: Question, now: Timestamp) -> Reading {
        if let Some(odd) = self.odd_of(plan, window) {
            return odd.read(question);
        }
        let (value, saturated) = self.sliding_value(plan, window, question.function, now);
        let Some((log, at)) = self.inside(plan, window, now.micros()) else { return Reading::default() };
        let count = log.len().saturating_sub(at);
        let time = |micros: Option<i64>| micros.filter(|_| count > 0).and_then(Timestamp::from_micros);
        let (first, last) = (time(log.time(at)), time(log.last_time()));
        Reading { value, events: count as u64, first, last, saturated }
    }

    /// When something next leaves a window; [`NEVER`] for not by itself.
    pub(crate) fn next_leave(&self, plan: &PagePlan, window: usize, now: Timestamp) -> i64 {
        let Some(planned) = plan.windows.get(window) else { return NEVER };
        match planned.place {
            Place::Log { length } => {
                let inside = self.inside(plan, window, now.micros());
                let first = inside.and_then(|(log, first)| log.time(first));
                first.map_or(NEVER, |time| time.saturating_add(length))
            }
            _ => self.next_of(planned),
        }
    }
}
