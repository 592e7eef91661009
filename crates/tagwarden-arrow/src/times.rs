//! Columns of times, in every unit, with and without a zone.

use crate::numbers::{Number, Numbers};
use crate::texts::Texts;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType,
};
use arrow_array::{Array, ArrayRef};
use arrow_buffer::{NullBuffer, ScalarBuffer};
use arrow_schema::{DataType, TimeUnit as ArrowUnit};
use chrono::DateTime;
use tagwarden::{TimeUnit, Timestamp, Zone};

/// A column of times.
#[derive(Debug)]
pub(crate) enum Times {
    /// Counted from 1970; in the time of a place, where there is one.
    Stamps { values: ScalarBuffer<i64>, nulls: Option<NullBuffer>, count: Count, place: Option<Zone> },
    /// Whole numbers in a unit of the host's.
    Whole(Numbers, TimeUnit),
    /// RFC 3339 with an offset.
    Texts(Texts),
}

/// What a stamp counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Count {
    /// So many microseconds each.
    Times(i64),
    /// Nanoseconds: what is beyond microseconds is cut off.
    Nanos,
}

/// A time of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Time<'t> {
    At(Timestamp),
    /// Outside the years that the engine knows: microseconds.
    Beyond(i128),
    /// Not read yet.
    Text(&'t str),
}

const DAY: i64 = 86_400_000_000;

impl Times {
    /// Whether a type is one of times, and if so, whether its times lack a zone.
    pub(crate) fn is(ty: &DataType) -> Option<bool> {
        match ty {
            DataType::Timestamp(_, zone) => Some(zone.is_none()),
            DataType::Date32 | DataType::Date64 => Some(true),
            DataType::Dictionary(..) => Texts::is(ty).then_some(false),
            _ => (Texts::is(ty) || ty.is_integer()).then_some(false),
        }
    }

    /// `zone`: of times without one.
    pub(crate) fn new(column: &ArrayRef, unit: TimeUnit, zone: Option<Zone>) -> Option<Times> {
        let ty = column.data_type();
        let (values, count) = match ty {
            DataType::Timestamp(ArrowUnit::Second, _) => {
                (column.as_primitive::<TimestampSecondType>().values().clone(), Count::Times(1_000_000))
            }
            DataType::Timestamp(ArrowUnit::Millisecond, _) => {
                (column.as_primitive::<TimestampMillisecondType>().values().clone(), Count::Times(1_000))
            }
            DataType::Timestamp(ArrowUnit::Microsecond, _) => {
                (column.as_primitive::<TimestampMicrosecondType>().values().clone(), Count::Times(1))
            }
            DataType::Timestamp(ArrowUnit::Nanosecond, _) => {
                (column.as_primitive::<TimestampNanosecondType>().values().clone(), Count::Nanos)
            }
            DataType::Date32 => {
                let days = column.as_primitive::<Date32Type>().values();
                (days.iter().map(|day| i64::from(*day)).collect(), Count::Times(DAY))
            }
            DataType::Date64 => (column.as_primitive::<Date64Type>().values().clone(), Count::Times(1_000)),
            _ if Texts::is(ty) => return Texts::new(column).map(Times::Texts),
            _ if ty.is_integer() => return Numbers::new(column).map(|numbers| Times::Whole(numbers, unit)),
            _ => return None,
        };
        let place = if Times::is(ty) == Some(true) { zone } else { None };
        Some(Times::Stamps {
            values,
            nulls: column.nulls().cloned(),
            count,
            place: place.filter(|zone| zone.name() != "UTC"),
        })
    }

    /// The time of a row.
    pub(crate) fn get(&self, row: usize) -> Option<Time<'_>> {
        match self {
            Times::Texts(texts) => texts.get(row).map(Time::Text),
            Times::Whole(numbers, unit) => {
                let Number::Whole(count) = numbers.get(row)? else { return None };
                let micros = count
                    * match unit {
                        TimeUnit::Seconds => 1_000_000,
                        TimeUnit::Millis => 1_000,
                        TimeUnit::Micros => 1,
                    };
                Some(Time::of(micros))
            }
            Times::Stamps { values, nulls, count, place } => {
                if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
                    return None;
                }
                let value = *values.get(row)?;
                let micros = match count {
                    Count::Times(times) => i128::from(value) * i128::from(*times),
                    Count::Nanos => i128::from(value.div_euclid(1_000)),
                };
                let Some(zone) = place else { return Some(Time::of(micros)) };
                let local = i64::try_from(micros).ok().and_then(DateTime::from_timestamp_micros);
                let time = local.and_then(|local| zone.instant(local.naive_utc()));
                Some(time.map_or(Time::Beyond(micros), Time::At))
            }
        }
    }
}

impl Time<'_> {
    fn of(micros: i128) -> Time<'static> {
        let time = i64::try_from(micros).ok().and_then(Timestamp::from_micros);
        time.map_or(Time::Beyond(micros), Time::At)
    }

    /// The instant, if it is one.
    pub(crate) fn instant(self) -> Option<Timestamp> {
        match self {
            Time::At(time) => Some(time),
            Time::Text(text) => text.parse().ok(),
            Time::Beyond(_) => None,
        }
    }
}
