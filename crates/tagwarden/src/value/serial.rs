//! Values at the serde border: texts for people and JSON, compact and checked for snapshots.

use super::{Decimal, Duration, Timestamp, Value};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::sync::Arc;

/// What snapshots hold of a value.
#[derive(Serialize, Deserialize)]
enum Compact {
    Bool(bool),
    Number(i128),
    Text(Arc<str>),
    Time(i64),
    Duration(u32, i64),
}

/// In JSON and other formats for people a truth value is one, and everything else a text.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return match self {
                Value::Bool(truth) => serializer.serialize_bool(*truth),
                other => serializer.collect_str(other),
            };
        }
        match self {
            Value::Bool(truth) => Compact::Bool(*truth),
            Value::Number(number) => Compact::Number(number.units()),
            Value::Text(text) => Compact::Text(Arc::clone(text)),
            Value::Time(time) => Compact::Time(time.micros()),
            Value::Duration(length) => Compact::Duration(length.months(), length.micros()),
        }
        .serialize(serializer)
    }
}

/// From snapshots only: a text for people does not say which kind of value it was.
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return Err(D::Error::custom("values are read by the schema"));
        }
        Ok(match Compact::deserialize(deserializer)? {
            Compact::Bool(truth) => Value::Bool(truth),
            Compact::Number(units) => match Decimal::from_units(units) {
                (number, false) => Value::Number(number),
                (_, true) => return Err(D::Error::custom("a number out of range")),
            },
            Compact::Text(text) => Value::Text(text),
            Compact::Time(micros) => Value::Time(
                Timestamp::from_micros(micros).ok_or_else(|| D::Error::custom("a time out of range"))?,
            ),
            Compact::Duration(months, micros) => Value::Duration(Duration::new(months, micros)),
        })
    }
}

/// As the language writes it for people.
impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return serializer.collect_str(self);
        }
        (self.months(), self.micros()).serialize(serializer)
    }
}

/// From snapshots only.
impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return Err(D::Error::custom("durations are read by the language"));
        }
        let (months, micros) = <(u32, i64)>::deserialize(deserializer)?;
        Ok(Duration::new(months, micros))
    }
}

/// An exact decimal as a text for people.
impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.units().serialize(serializer)
        }
    }
}

/// From snapshots only.
impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            return text.parse().map_err(D::Error::custom);
        }
        match Decimal::from_units(i128::deserialize(deserializer)?) {
            (number, false) => Ok(number),
            (_, true) => Err(D::Error::custom("a number out of range")),
        }
    }
}

/// RFC 3339 for people.
impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.micros().serialize(serializer)
        }
    }
}

/// RFC 3339 from formats for people.
impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            return text.parse().map_err(D::Error::custom);
        }
        let micros = i64::deserialize(deserializer)?;
        Timestamp::from_micros(micros).ok_or_else(|| D::Error::custom("a time out of range"))
    }
}
