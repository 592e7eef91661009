//! What some exact sliding windows need beyond a moving start: the least and the greatest, the distinct values and days,
//! and ends of months.

use super::NEVER;
use super::summary::{Entry, Needs};
use crate::small;
use crate::value::{Duration, Timestamp, Value, Zone};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// It numbers the picks of its window by itself, from the first that ever entered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Extras {
    entered: u64,
    left: u64,
    /// The picks that are or may become the least: their values grow. The classic monotonic queue.
    min: VecDeque<(u64, Value)>,
    /// Likewise the greatest.
    max: VecDeque<(u64, Value)>,
    distinct: BTreeMap<Value, u32>,
    days: small::BTreeMap<i32, u32>,
    /// When each pick leaves, for lengths with calendar months.
    ends: VecDeque<i64>,
    /// The latest end so far, also of picks that the window passed over: none ends before an earlier one.
    latest: Option<i64>,
}

impl Extras {
    /// Whether a window has need of it.
    pub(super) fn needed(length: Duration, needs: Needs) -> bool {
        !length.is_fixed() || needs.min || needs.max || needs.distinct || needs.days
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entered == self.left
    }

    /// Whether its numbers fit a window with so many picks: of one that comes from outside.
    pub(super) fn fits(&self, count: usize, length: Duration) -> bool {
        self.entered < u64::MAX / 2
            && self.entered.checked_sub(self.left) == Some(count as u64)
            && (length.is_fixed() || self.ends.len() == count)
    }

    /// When the first pick leaves a window of months.
    pub(super) fn next_end(&self) -> i64 {
        self.ends.front().copied().unwrap_or(NEVER)
    }

    pub(super) fn enter(&mut self, entry: Entry<'_>, length: Duration, needs: Needs, zone: Zone) {
        let number = self.entered;
        self.entered += 1;
        if !length.is_fixed() {
            let end = self.end(entry.time, length, zone);
            self.ends.push_back(end);
        }
        if needs.days {
            *self.days.entry(entry.day).or_default() += 1;
        }
        let Some(value) = entry.value else { return };
        if needs.distinct {
            *self.distinct.entry(value.clone()).or_default() += 1;
        }
        if needs.min {
            while self.min.back().is_some_and(|(_, back)| back >= value) {
                self.min.pop_back();
            }
            self.min.push_back((number, value.clone()));
        }
        if needs.max {
            while self.max.back().is_some_and(|(_, back)| back <= value) {
                self.max.pop_back();
            }
            self.max.push_back((number, value.clone()));
        }
    }

    /// The end of a pick: never before that of an earlier one.
    fn end(&mut self, time: Timestamp, length: Duration, zone: Zone) -> i64 {
        let end = zone.add(time, length).map_or(NEVER, Timestamp::micros);
        let end = self.latest.map_or(end, |latest| end.max(latest));
        self.latest = Some(end);
        end
    }

    /// Notes a pick that has no value, of a window whose length has months.
    pub(super) fn pass(&mut self, time: Timestamp, length: Duration, zone: Zone) {
        if !length.is_fixed() {
            self.end(time, length, zone);
        }
    }

    /// The first pick has left.
    pub(super) fn leave(&mut self, value: Option<&Value>, day: i32, needs: Needs) {
        let number = self.left;
        self.left += 1;
        self.ends.pop_front();
        for queue in [&mut self.min, &mut self.max] {
            if queue.front().is_some_and(|(front, _)| *front == number) {
                queue.pop_front();
            }
        }
        if needs.distinct
            && let Some(value) = value
            && is_last(self.distinct.get_mut(value))
        {
            self.distinct.remove(value);
        }
        if needs.days && is_last(self.days.get_mut(&day)) {
            self.days.remove(&day);
        }
    }

    pub(super) fn min(&self) -> Option<Value> {
        self.min.front().map(|(_, value)| value.clone())
    }

    pub(super) fn max(&self) -> Option<Value> {
        self.max.front().map(|(_, value)| value.clone())
    }

    pub(super) fn distinct(&self) -> usize {
        self.distinct.len()
    }

    pub(super) fn days(&self) -> usize {
        self.days.len()
    }
}

/// Counts one less; whether it was the last.
fn is_last(count: Option<&mut u32>) -> bool {
    count.is_some_and(|count| {
        *count -= 1;
        *count == 0
    })
}
