//! Values that rules compute with: exact decimals, times, durations, texts.

mod calendar;
mod decimal;
mod duration;
mod local;
mod rfc3339;
mod serial;
mod timestamp;
mod zone;
#[cfg(all(feature = "zones", any(test, target_family = "wasm")))]
mod zone_table;

pub use calendar::{Period, Schedule, ScheduleDays};
pub use decimal::{Decimal, DecimalError};
pub use duration::{Duration, DurationError};
pub use timestamp::{TimeError, Timestamp};
pub use zone::Zone;

pub(crate) use local::{read_day, read_local, show_local};

use std::fmt;
use std::sync::Arc;

/// A value of a field or an expression. There is no null: an absent value is `Option::None`.
///
/// ```
/// use tagwarden::Value;
/// assert_eq!(Value::from("sms").to_string(), "sms");
/// assert_eq!(Value::Bool(true).to_string(), "true");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Value {
    /// A truth value.
    Bool(bool),
    /// An exact decimal.
    Number(Decimal),
    /// A text; also a member of a closed set of texts.
    Text(Arc<str>),
    /// A point in time.
    Time(Timestamp),
    /// A length of time.
    Duration(Duration),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.into())
    }
}

impl From<Decimal> for Value {
    fn from(number: Decimal) -> Self {
        Value::Number(number)
    }
}

impl From<Timestamp> for Value {
    fn from(time: Timestamp) -> Self {
        Value::Time(time)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Value::Bool(truth)
    }
}

/// The form that reasons and texts show: plain decimals, RFC 3339 times in UTC, durations as the language writes them.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Bool(truth) => truth.fmt(f),
            Value::Number(number) => number.fmt(f),
            Value::Text(text) => text.fmt(f),
            Value::Time(time) => time.fmt(f),
            Value::Duration(duration) => duration.fmt(f),
        }
    }
}
