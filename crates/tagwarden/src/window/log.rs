//! The picks that the sliding windows of a series hold.

use super::NEVER;
use crate::value::{Decimal, Value};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Picks, oldest first: 8 bytes each where only the time matters, 16 with a number of ordinary size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Log {
    Times(VecDeque<i64>),
    /// Time and millionths.
    Numbers(VecDeque<(i64, i64)>),
    /// Everything else, and every pick of a series that ever had a number beyond 64 bits.
    Values(VecDeque<(i64, Value)>),
}

/// A part of a log is dropped when it is this long and no window needs it, or when it is half of the log.
const TRIM: usize = 32;

impl Log {
    pub(super) fn new(valued: bool) -> Log {
        if valued { Log::Numbers(VecDeque::new()) } else { Log::Times(VecDeque::new()) }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Log::Times(times) => times.len(),
            Log::Numbers(numbers) => numbers.len(),
            Log::Values(values) => values.len(),
        }
    }

    pub(crate) fn time(&self, at: usize) -> Option<i64> {
        match self {
            Log::Times(times) => times.get(at).copied(),
            Log::Numbers(numbers) => numbers.get(at).map(|(time, _)| *time),
            Log::Values(values) => values.get(at).map(|(time, _)| *time),
        }
    }

    pub(crate) fn last_time(&self) -> Option<i64> {
        self.time(self.len().wrapping_sub(1))
    }

    /// What a pick adds to a sum, in millionths.
    pub(super) fn units(&self, at: usize) -> i128 {
        match self {
            Log::Times(_) => 0,
            Log::Numbers(numbers) => numbers.get(at).map_or(0, |(_, units)| i128::from(*units)),
            Log::Values(values) => match values.get(at) {
                Some((_, Value::Number(number))) => number.units(),
                _ => 0,
            },
        }
    }

    pub(super) fn value(&self, at: usize) -> Option<Value> {
        match self {
            Log::Times(_) => None,
            Log::Numbers(numbers) => numbers.get(at).map(|(_, units)| number(*units)),
            Log::Values(values) => values.get(at).map(|(_, value)| value.clone()),
        }
    }

    pub(super) fn push(&mut self, time: i64, value: Option<&Value>) {
        match (&mut *self, value) {
            (Log::Times(times), _) => times.push_back(time),
            (Log::Numbers(numbers), Some(Value::Number(value))) => match i64::try_from(value.units()) {
                Ok(units) => numbers.push_back((time, units)),
                Err(_) => self.push_value(time, &Value::Number(*value)),
            },
            (_, Some(value)) => self.push_value(time, value),
            (_, None) => {}
        }
    }

    fn push_value(&mut self, time: i64, value: &Value) {
        if let Log::Numbers(numbers) = self {
            *self = Log::Values(numbers.drain(..).map(|(time, units)| (time, number(units))).collect());
        }
        if let Log::Values(values) = self {
            values.push_back((time, value.clone()));
        }
    }

    /// Moves a window's start past what leaves by `now`, adding up what it takes out of a sum; when the next one leaves.
    pub(super) fn leave(&self, start: &mut usize, now: i64, length: i64, gone: Option<&mut i128>) -> i64 {
        let ends = |time: i64| time.saturating_add(length);
        match (self, gone) {
            (Log::Times(times), _) => {
                let left = times.range((*start).min(times.len())..).take_while(|time| ends(**time) <= now);
                *start += left.count();
            }
            (Log::Numbers(numbers), gone) => {
                let inside = numbers.range((*start).min(numbers.len())..);
                let mut sum = 0;
                for (_, units) in inside.take_while(|(time, _)| ends(*time) <= now) {
                    sum += i128::from(*units);
                    *start += 1;
                }
                if let Some(gone) = gone {
                    *gone = sum;
                }
            }
            (Log::Values(_), gone) => {
                let mut sum = 0;
                while self.time(*start).is_some_and(|time| ends(time) <= now) {
                    sum += self.units(*start);
                    *start += 1;
                }
                if let Some(gone) = gone {
                    *gone = sum;
                }
            }
        }
        self.time(*start).map_or(NEVER, ends)
    }

    /// Drops what no window needs any more, if it is worth while: `unused` picks from the front. Returns how many went.
    pub(super) fn trim(&mut self, unused: usize) -> usize {
        let len = self.len();
        if unused == 0 || unused < TRIM && unused * 2 < len {
            return 0;
        }
        match self {
            Log::Times(times) => drop_front(times, unused),
            Log::Numbers(numbers) => drop_front(numbers, unused),
            Log::Values(values) => drop_front(values, unused),
        }
        unused
    }
}

/// A burst that has gone must not keep its memory.
fn drop_front<T>(queue: &mut VecDeque<T>, count: usize) {
    queue.drain(..count.min(queue.len()));
    if queue.capacity() > 64 && queue.len() < queue.capacity() / 4 {
        queue.shrink_to(queue.len() * 2);
    }
}

fn number(units: i64) -> Value {
    Value::Number(Decimal::from_units(i128::from(units)).0)
}
