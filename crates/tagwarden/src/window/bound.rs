//! Bounds on counts and sums of sliding windows, kept as the time until which they hold.
//!
//! "At least 51 messages in 24 hours" holds until the 51st last message is 24 hours old: only a new message can move that time,
//! and nothing at all need be done when one leaves the window. The sum of numbers that are not negative is followed in the same
//! way: it is enough until a certain pick leaves, and as picks enter that pick only moves on.

use super::NEVER;
use super::log::Log;
use crate::value::Decimal;

/// A bound that does not hold.
pub(crate) const FAILS: i64 = i64::MIN;

/// What a window must reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// So many picks, at least one.
    Count(u32),
    /// A sum, in millionths.
    Sum(i128),
}

/// That a sliding window of fixed length reaches something.
#[derive(Clone, Debug)]
pub(crate) struct BoundPlan {
    pub(super) series: u16,
    pub(super) window: u16,
    pub(super) reach: Reach,
    pub(super) length: i64,
    /// Whether somebody must act when it begins or ceases to hold.
    pub(crate) watched: bool,
    /// Where the page keeps until when it holds.
    pub(super) until: usize,
}

/// What is needed of a bound on a count whenever a pick enters.
#[derive(Clone, Debug)]
pub(super) struct CountBound {
    pub(super) number: u16,
    pub(super) watched: bool,
    pub(super) count: u32,
    pub(super) until: u32,
    pub(super) length: i64,
}

/// Likewise of a bound on a sum.
#[derive(Clone, Debug)]
pub(super) struct SumBound {
    /// In millionths.
    pub(super) least: i128,
    pub(super) length: i64,
    pub(super) number: u16,
    pub(super) watched: bool,
    pub(super) until: u32,
    /// Where the page keeps the place of the pick until which the sum is enough. Where negative numbers may leave: when something
    /// next leaves, and the bound must be looked at again.
    pub(super) place: u32,
}

impl CountBound {
    /// Until when it holds, after a pick has entered.
    #[inline]
    pub(super) fn follow(&self, times: impl Fn(usize) -> Option<i64>, len: usize, now: i64) -> i64 {
        let last = len.checked_sub(self.count as usize).and_then(times);
        let until = last.map_or(FAILS, |time| time.saturating_add(self.length));
        if until <= now { FAILS } else { until }
    }
}

impl BoundPlan {
    /// Until when it holds of a window without picks.
    pub(crate) fn initially(&self) -> i64 {
        if matches!(self.reach, Reach::Sum(least) if least <= 0) { NEVER } else { FAILS }
    }
}

impl SumBound {
    /// Whether its sum is beyond the range of numbers.
    pub(super) fn is_beyond(&self, log: &Log, now: i64) -> bool {
        Decimal::from_units(log.sum_from(log.first_inside(now, self.length))).1
    }

    /// Works out until when a sum is enough, after a pick has entered.
    pub(super) fn follow(&self, log: &Log, cells: &mut [i64], signed: bool, now: i64) -> i64 {
        if signed {
            return self.look(log, cells, now);
        }
        if self.least <= 0 {
            return NEVER;
        }
        let until = self.follow_rising(log, cells);
        if until <= now { FAILS } else { until }
    }

    /// Numbers that are not negative: what is enough without the first pick stays so as more enter.
    fn follow_rising(&self, log: &Log, cells: &mut [i64]) -> i64 {
        let Some(place) = cells.get_mut(self.place as usize) else { return FAILS };
        let mut at = usize::try_from(*place).unwrap_or(0);
        if log.sum_from(at) < self.least {
            return FAILS;
        }
        while log.sum_from(at + 1) >= self.least {
            at += 1;
        }
        *place = at as i64;
        log.time(at).map_or(FAILS, |time| time.saturating_add(self.length))
    }

    /// Numbers of which some are negative: what leaves may change the sum either way, so it is looked at again then.
    pub(super) fn look(&self, log: &Log, cells: &mut [i64], now: i64) -> i64 {
        let first = log.first_inside(now, self.length);
        let next = log.time(first).map_or(NEVER, |time| time.saturating_add(self.length));
        if let Some(place) = cells.get_mut(self.place as usize) {
            *place = next;
        }
        if log.sum_from(first) >= self.least { next } else { FAILS }
    }
}
