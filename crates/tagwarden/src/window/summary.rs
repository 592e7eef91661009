//! Summaries of picks that never leave one by one: lifetimes, steps, calendar periods.

use crate::check::tree::AggregateFn;
use crate::small;
use crate::value::{Decimal, Timestamp, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Which aggregates a window must be able to answer, beyond the count and the first and last time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    pub(crate) sum: bool,
    pub(crate) min: bool,
    pub(crate) max: bool,
    pub(crate) distinct: bool,
    pub(crate) days: bool,
    pub(crate) first: bool,
    pub(crate) latest: bool,
}

impl Needs {
    pub(crate) fn add(&mut self, function: AggregateFn) {
        match function {
            AggregateFn::Count => {}
            AggregateFn::Sum | AggregateFn::Average => self.sum = true,
            AggregateFn::Min => self.min = true,
            AggregateFn::Max => self.max = true,
            AggregateFn::Distinct => self.distinct = true,
            AggregateFn::Days => self.days = true,
            AggregateFn::First => self.first = true,
            AggregateFn::Latest => self.latest = true,
        }
    }

    /// Whether what is kept for these needs answers the others too.
    pub(crate) fn cover(self, other: Needs) -> bool {
        let covers = |have: bool, want: bool| have || !want;
        covers(self.sum, other.sum)
            && covers(self.min, other.min)
            && covers(self.max, other.max)
            && covers(self.distinct, other.distinct)
            && covers(self.days, other.days)
            && covers(self.first, other.first)
            && covers(self.latest, other.latest)
    }

    fn extras(self) -> bool {
        self.min || self.max || self.distinct || self.days || self.first || self.latest
    }
}

/// An aggregate's answer, with what the evidence shows of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) value: Option<Value>,
    /// How many picks were counted.
    pub(crate) events: u64,
    pub(crate) first: Option<Timestamp>,
    pub(crate) last: Option<Timestamp>,
    /// Whether the value was beyond the range of numbers.
    pub(crate) saturated: bool,
}

/// A pick as windows see it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) time: Timestamp,
    /// The local day, counted from an epoch; 0 where no window needs it.
    pub(crate) day: i32,
    pub(crate) value: Option<&'a Value>,
}

/// A summary that only grows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Summary {
    count: u64,
    first: i64,
    last: i64,
    sum: i128,
    extras: Option<Box<Extras>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Extras {
    min: Option<Value>,
    max: Option<Value>,
    first: Option<Value>,
    latest: Option<Value>,
    distinct: BTreeSet<Value>,
    days: small::BTreeSet<i32>,
}

impl Summary {
    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether its numbers leave room to go on counting: of a summary that comes from outside.
    pub(crate) fn is_sane(&self) -> bool {
        self.count < u64::MAX / 2 && self.sum.unsigned_abs() < u128::MAX / 16
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// The exact sum, in millionths.
    pub(crate) fn sum(&self) -> i128 {
        self.sum
    }

    /// How many things of growing size it holds, for the limit on held events.
    pub(crate) fn held(&self) -> usize {
        self.extras.as_ref().map_or(0, |extras| extras.distinct.len() + extras.days.len())
    }

    pub(crate) fn enter(&mut self, entry: Entry<'_>, needs: Needs) {
        if self.count == 0 {
            self.first = entry.time.micros();
        }
        self.count += 1;
        self.last = entry.time.micros();
        if let (true, Some(Value::Number(number))) = (needs.sum, entry.value) {
            self.sum += number.units();
        }
        if !needs.extras() {
            return;
        }
        let extras = self.extras.get_or_insert_default();
        if needs.days {
            extras.days.insert(entry.day);
        }
        let Some(value) = entry.value else { return };
        if needs.min && extras.min.as_ref().is_none_or(|min| value < min) {
            extras.min = Some(value.clone());
        }
        if needs.max && extras.max.as_ref().is_none_or(|max| value > max) {
            extras.max = Some(value.clone());
        }
        if needs.distinct && !extras.distinct.contains(value) {
            extras.distinct.insert(value.clone());
        }
        if needs.first && extras.first.is_none() {
            extras.first = Some(value.clone());
        }
        if needs.latest {
            extras.latest = Some(value.clone());
        }
    }

    /// Takes in a summary of later picks.
    pub(crate) fn merge(&mut self, later: &Summary) {
        if later.count == 0 {
            return;
        }
        if self.count == 0 {
            self.first = later.first;
        }
        self.count += later.count;
        self.last = later.last;
        self.sum += later.sum;
        let Some(theirs) = &later.extras else { return };
        let ours = self.extras.get_or_insert_default();
        if let Some(min) = &theirs.min
            && ours.min.as_ref().is_none_or(|ours| min < ours)
        {
            ours.min = Some(min.clone());
        }
        if let Some(max) = &theirs.max
            && ours.max.as_ref().is_none_or(|ours| max > ours)
        {
            ours.max = Some(max.clone());
        }
        if ours.first.is_none() {
            ours.first.clone_from(&theirs.first);
        }
        if theirs.latest.is_some() {
            ours.latest.clone_from(&theirs.latest);
        }
        ours.distinct.extend(theirs.distinct.iter().cloned());
        ours.days.extend(&theirs.days);
    }

    pub(crate) fn read(&self, function: AggregateFn) -> Reading {
        let (value, saturated) = self.value(function);
        let time = |micros| (self.count > 0).then(|| Timestamp::from_micros(micros)).flatten();
        Reading { value, events: self.count, first: time(self.first), last: time(self.last), saturated }
    }

    /// A count or a sum, and whether it was saturated.
    pub(crate) fn total(&self, function: AggregateFn) -> (Decimal, bool) {
        match function {
            AggregateFn::Sum => Decimal::from_units(self.sum),
            _ => (self.count.into(), false),
        }
    }

    /// The answer alone, and whether it was saturated.
    pub(crate) fn value(&self, function: AggregateFn) -> (Option<Value>, bool) {
        let extras = self.extras.as_deref();
        match function {
            AggregateFn::Count => (Some(Value::Number(self.count.into())), false),
            AggregateFn::Sum => saturating(Some(Decimal::from_units(self.sum))),
            AggregateFn::Average => saturating(Decimal::mean(self.sum, self.count)),
            AggregateFn::Distinct => {
                (Some(count_of(extras.map_or(0, |extras| extras.distinct.len()))), false)
            }
            AggregateFn::Days => (Some(count_of(extras.map_or(0, |extras| extras.days.len()))), false),
            AggregateFn::Min => (extras.and_then(|extras| extras.min.clone()), false),
            AggregateFn::Max => (extras.and_then(|extras| extras.max.clone()), false),
            AggregateFn::First => (extras.and_then(|extras| extras.first.clone()), false),
            AggregateFn::Latest => (extras.and_then(|extras| extras.latest.clone()), false),
        }
    }
}

/// A number of things, as a value.
pub(crate) fn count_of(things: usize) -> Value {
    Value::Number(Decimal::from(things as u64))
}

/// A number that may have been saturated, as a value.
pub(crate) fn saturating(number: Option<(Decimal, bool)>) -> (Option<Value>, bool) {
    match number {
        Some((number, saturated)) => (Some(Value::Number(number)), saturated),
        None => (None, false),
    }
}
