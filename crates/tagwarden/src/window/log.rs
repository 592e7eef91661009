//! The picks that the sliding windows of a series hold.

use crate::value::{Decimal, Value};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Picks, oldest first: 8 bytes each where only the time matters, 16 with a number of ordinary size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Log {
    Times(VecDeque<i64>),
    Numbers(Running<i64>),
    /// Once the sum of all was beyond 64 bits.
    Wide(Box<Running<i128>>),
    /// Of what is no number.
    Values(VecDeque<(i64, Value)>),
}

/// Numbers in millionths, each as the sum of all up to and with it: the sum of any picks that follow one another is the
/// difference of two.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Running<N> {
    picks: VecDeque<(i64, N)>,
    /// The sum of what came before the first.
    before: N,
}

impl<N: Copy> Running<N> {
    /// The sum of what came before a pick; of everything where there is none so late.
    fn before(&self, at: usize) -> N {
        match at.checked_sub(1) {
            None => self.before,
            Some(last) => self.picks.get(last).map_or_else(|| self.total(), |(_, sum)| *sum),
        }
    }

    fn total(&self) -> N {
        self.picks.back().map_or(self.before, |(_, sum)| *sum)
    }

    fn trim(&mut self, count: usize) {
        self.before = self.before(count.min(self.picks.len()));
        drop_front(&mut self.picks, count);
    }
}

impl Log {
    pub(super) fn new(valued: bool) -> Log {
        if valued { Log::Numbers(Running::default()) } else { Log::Times(VecDeque::new()) }
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        match self {
            Log::Times(times) => times.len(),
            Log::Numbers(numbers) => numbers.picks.len(),
            Log::Wide(numbers) => numbers.picks.len(),
            Log::Values(values) => values.len(),
        }
    }

    /// Whether the next pick makes it grow.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        match self {
            Log::Times(times) => times.len() == times.capacity(),
            Log::Numbers(numbers) => numbers.picks.len() == numbers.picks.capacity(),
            Log::Wide(numbers) => numbers.picks.len() == numbers.picks.capacity(),
            Log::Values(values) => values.len() == values.capacity(),
        }
    }

    #[inline]
    pub(crate) fn time(&self, at: usize) -> Option<i64> {
        match self {
            Log::Times(times) => times.get(at).copied(),
            Log::Numbers(numbers) => numbers.picks.get(at).map(|(time, _)| *time),
            Log::Wide(numbers) => numbers.picks.get(at).map(|(time, _)| *time),
            Log::Values(values) => values.get(at).map(|(time, _)| *time),
        }
    }

    #[inline]
    pub(crate) fn last_time(&self) -> Option<i64> {
        match self {
            Log::Times(times) => times.back().copied(),
            Log::Numbers(numbers) => numbers.picks.back().map(|(time, _)| *time),
            Log::Wide(numbers) => numbers.picks.back().map(|(time, _)| *time),
            Log::Values(values) => values.back().map(|(time, _)| *time),
        }
    }

    /// The first pick that is in a window of a length at a time.
    pub(super) fn first_inside(&self, now: i64, length: i64) -> usize {
        let gone = |time: i64| time.saturating_add(length) <= now;
        match self {
            Log::Times(times) => times.partition_point(|time| gone(*time)),
            Log::Numbers(numbers) => numbers.picks.partition_point(|(time, _)| gone(*time)),
            Log::Wide(numbers) => numbers.picks.partition_point(|(time, _)| gone(*time)),
            Log::Values(values) => values.partition_point(|(time, _)| gone(*time)),
        }
    }

    /// The sum of the picks from one on, in millionths.
    pub(super) fn sum_from(&self, at: usize) -> i128 {
        self.running_total().wrapping_sub(self.running_before(at))
    }

    /// The sum of all picks that ever were, up to the last, from wherever it was begun.
    pub(super) fn running_total(&self) -> i128 {
        match self {
            Log::Numbers(numbers) => numbers.total().into(),
            Log::Wide(numbers) => numbers.total(),
            Log::Times(_) | Log::Values(_) => 0,
        }
    }

    /// [`Log::running_total`] up to a pick, without it.
    pub(super) fn running_before(&self, at: usize) -> i128 {
        match self {
            Log::Numbers(numbers) => numbers.before(at).into(),
            Log::Wide(numbers) => numbers.before(at),
            Log::Times(_) | Log::Values(_) => 0,
        }
    }

    pub(super) fn value(&self, at: usize) -> Option<Value> {
        match self {
            Log::Times(_) => None,
            Log::Numbers(_) | Log::Wide(_) if at >= self.len() => None,
            Log::Numbers(_) | Log::Wide(_) => {
                let units = self.running_before(at + 1).wrapping_sub(self.running_before(at));
                Some(Value::Number(Decimal::from_units(units).0))
            }
            Log::Values(values) => values.get(at).map(|(_, value)| value.clone()),
        }
    }

    pub(super) fn push(&mut self, time: i64, value: Option<&Value>) {
        match (&mut *self, value) {
            (Log::Times(times), _) => times.push_back(time),
            (Log::Numbers(numbers), Some(Value::Number(value))) => {
                if numbers.picks.is_empty() {
                    numbers.before = 0;
                }
                let units = i64::try_from(value.units());
                match units.ok().and_then(|units| numbers.total().checked_add(units)) {
                    Some(sum) => numbers.picks.push_back((time, sum)),
                    None => {
                        let picks = numbers.picks.drain(..).map(|(time, sum)| (time, sum.into())).collect();
                        let mut wide = Running { picks, before: i128::from(numbers.before) };
                        wide.picks.push_back((time, wide.total().wrapping_add(value.units())));
                        *self = Log::Wide(Box::new(wide));
                    }
                }
            }
            (Log::Wide(numbers), Some(Value::Number(value))) => {
                let sum = numbers.total().wrapping_add(value.units());
                numbers.picks.push_back((time, sum));
            }
            (Log::Values(values), Some(value)) => values.push_back((time, value.clone())),
            (log, Some(value)) => {
                let values = (0..log.len()).filter_map(|at| Some((log.time(at)?, log.value(at)?)));
                let mut values: VecDeque<_> = values.collect();
                values.push_back((time, value.clone()));
                *log = Log::Values(values);
            }
            (_, None) => {}
        }
    }

    /// Makes room for the next picks where there is none.
    pub(super) fn grow(&mut self) {
        match self {
            Log::Times(times) => grow(times),
            Log::Numbers(numbers) => grow(&mut numbers.picks),
            Log::Wide(numbers) => grow(&mut numbers.picks),
            Log::Values(values) => grow(values),
        }
    }

    /// Drops so many picks from the front.
    pub(super) fn trim(&mut self, count: usize) {
        match self {
            Log::Times(times) => drop_front(times, count),
            Log::Numbers(numbers) => numbers.trim(count),
            Log::Wide(numbers) => numbers.trim(count),
            Log::Values(values) => drop_front(values, count),
        }
    }
}

/// A long log must not keep as much room again as it has picks.
fn grow<T>(queue: &mut VecDeque<T>) {
    if queue.len() == queue.capacity() && queue.len() > 64 {
        queue.reserve_exact(queue.len() / 4);
    }
}

/// A burst that has gone must not keep its memory.
fn drop_front<T>(queue: &mut VecDeque<T>, count: usize) {
    queue.drain(..count.min(queue.len()));
    if queue.capacity() > 64 && queue.len() < queue.capacity() / 4 {
        queue.shrink_to(queue.len() * 2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(units: i128) -> Value {
        Value::Number(Decimal::from_units(units).0)
    }

    #[test]
    fn sums_stay_exact_where_they_outgrow_64_bits() {
        let mut log = Log::new(true);
        let much = i128::from(i64::MAX);
        for (time, units) in [(1, 5), (2, much), (3, -7), (4, much * 4)] {
            log.push(time, Some(&number(units)));
        }
        assert!(matches!(log, Log::Wide(_)));
        assert_eq!(log.sum_from(0), 5 + much - 7 + much * 4);
        assert_eq!(log.value(2), Some(number(-7)));
        log.trim(2);
        assert_eq!(log.sum_from(0), much * 4 - 7);
        assert_eq!(log.len(), 2);
    }

    #[test]
    fn an_empty_log_counts_anew() {
        let mut log = Log::new(true);
        for time in 0..3 {
            log.push(time, Some(&number(i128::from(i64::MAX) - 1)));
            log.trim(1);
        }
        assert!(matches!(log, Log::Numbers(_)));
    }
}
