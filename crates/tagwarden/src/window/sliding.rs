//! Exact sliding windows over a shared log: a moving start, and what is taken out again as picks leave.

use super::series::Log;
use super::summary::{Entry, Needs, Reading, count_of, saturating};
use super::{NEVER, Question};
use crate::check::tree::AggregateFn;
use crate::value::{Decimal, Duration, Timestamp, Value, Zone};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// The part of a [`Log`] that a sliding window holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sliding {
    /// Number of the first pick inside.
    start: u64,
    sum: i128,
    extras: Option<Box<Extras>>,
}

/// What only some windows need.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Extras {
    /// Numbers of the picks that are or may become the least: their values grow. The classic monotonic queue.
    min: VecDeque<u64>,
    /// Likewise the greatest.
    max: VecDeque<u64>,
    distinct: BTreeMap<Value, u32>,
    days: BTreeMap<i32, u32>,
    /// When each pick leaves, for lengths with calendar months.
    ends: VecDeque<i64>,
    /// The latest end so far, also of picks that the window passed over: none ends before an earlier one.
    latest: Option<i64>,
}

impl Sliding {
    /// The first pick that the log must still hold.
    pub(crate) fn start(&self) -> u64 {
        self.start
    }

    /// Whether its numbers leave room to go on counting: of a window that comes from outside.
    pub(crate) fn is_sane(&self) -> bool {
        self.sum.unsigned_abs() < u128::MAX / 16
    }

    /// When the first pick leaves.
    pub(crate) fn next_change(&self, log: &Log, length: Duration) -> i64 {
        if length.is_fixed() {
            log.time(self.start).map_or(NEVER, |time| time.saturating_add(length.micros()))
        } else {
            self.extras.as_ref().and_then(|extras| extras.ends.front().copied()).unwrap_or(NEVER)
        }
    }

    /// Takes in the pick that the log just got, with the number `number`.
    pub(crate) fn enter(
        &mut self,
        log: &Log,
        number: u64,
        entry: Entry<'_>,
        length: Duration,
        needs: Needs,
        zone: Zone,
    ) {
        if let (true, Some(Value::Number(number))) = (needs.sum, entry.value) {
            self.sum += number.units();
        }
        if length.is_fixed() && !(needs.min || needs.max || needs.distinct || needs.days) {
            return;
        }
        let extras = self.extras.get_or_insert_default();
        if !length.is_fixed() {
            let end = zone.add(entry.time, length).map_or(NEVER, Timestamp::micros);
            let end = extras.latest.map_or(end, |latest| end.max(latest));
            extras.latest = Some(end);
            extras.ends.push_back(end);
        }
        if needs.days {
            *extras.days.entry(entry.day).or_default() += 1;
        }
        let Some(value) = entry.value else { return };
        if needs.distinct {
            *extras.distinct.entry(value.clone()).or_default() += 1;
        }
        if needs.min {
            while extras.min.back().is_some_and(|back| log.value(*back).is_none_or(|back| back >= value)) {
                extras.min.pop_back();
            }
            extras.min.push_back(number);
        }
        if needs.max {
            while extras.max.back().is_some_and(|back| log.value(*back).is_none_or(|back| back <= value)) {
                extras.max.pop_back();
            }
            extras.max.push_back(number);
        }
    }

    /// Notes a pick that has no value, of a window whose length has months.
    pub(crate) fn pass(&mut self, time: Timestamp, length: Duration, zone: Zone) {
        let end = zone.add(time, length).map_or(NEVER, Timestamp::micros);
        let extras = self.extras.get_or_insert_default();
        extras.latest = extras.latest.max(Some(end));
    }

    /// Takes out what has left by `now`.
    pub(crate) fn leave(&mut self, log: &Log, now: i64, length: Duration, needs: Needs) {
        while self.next_change(log, length) <= now {
            let value = log.value(self.start);
            if let (true, Some(Value::Number(number))) = (needs.sum, value) {
                self.sum -= number.units();
            }
            if let Some(extras) = &mut self.extras {
                extras.ends.pop_front();
                if extras.min.front() == Some(&self.start) {
                    extras.min.pop_front();
                }
                if extras.max.front() == Some(&self.start) {
                    extras.max.pop_front();
                }
                if needs.distinct
                    && let Some(value) = value
                {
                    decrement(&mut extras.distinct, value);
                }
                if needs.days {
                    decrement(&mut extras.days, &log.day(self.start));
                }
            }
            self.start += 1;
        }
    }

    pub(crate) fn read(&self, log: &Log, question: Question) -> Reading {
        let (value, saturated) = self.value(log, question.function);
        let count = log.end() - self.start;
        let time = |number| log.time(number).filter(|_| count > 0).and_then(Timestamp::from_micros);
        let (first, last) = (time(self.start), time(log.end().wrapping_sub(1)));
        Reading { value, events: count, first, last, saturated }
    }

    /// A count or a sum, and whether it was saturated.
    pub(crate) fn total(&self, log: &Log, function: AggregateFn) -> (Decimal, bool) {
        match function {
            AggregateFn::Sum => Decimal::from_units(self.sum),
            _ => ((log.end() - self.start).into(), false),
        }
    }

    /// The answer alone, and whether it was saturated.
    pub(crate) fn value(&self, log: &Log, function: AggregateFn) -> (Option<Value>, bool) {
        let count = log.end() - self.start;
        let extras = self.extras.as_deref();
        let last = log.end().wrapping_sub(1);
        let some = |number: u64| (count > 0).then(|| log.value(number).cloned()).flatten();
        match function {
            AggregateFn::Count => (Some(Value::Number(count.into())), false),
            AggregateFn::Sum => saturating(Some(Decimal::from_units(self.sum))),
            AggregateFn::Average => saturating(Decimal::mean(self.sum, count)),
            AggregateFn::Distinct => {
                (Some(count_of(extras.map_or(0, |extras| extras.distinct.len()))), false)
            }
            AggregateFn::Days => (Some(count_of(extras.map_or(0, |extras| extras.days.len()))), false),
            AggregateFn::Min => (extras.and_then(|e| e.min.front()).and_then(|at| some(*at)), false),
            AggregateFn::Max => (extras.and_then(|e| e.max.front()).and_then(|at| some(*at)), false),
            AggregateFn::First => (some(self.start), false),
            AggregateFn::Latest => (some(last), false),
        }
    }
}

fn decrement<K: Ord>(counts: &mut BTreeMap<K, u32>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}
