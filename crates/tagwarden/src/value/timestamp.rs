//! Points in time: whole microseconds of UTC.

use chrono::{DateTime, Timelike};
use std::fmt;
use std::str::FromStr;

/// A point in time, in whole microseconds since 1970-01-01T00:00:00Z, from the year 1 to the end of the year 9999.
///
/// ```
/// use tagwarden::Timestamp;
/// let time: Timestamp = "2026-01-02T03:04:05.678+08:00".parse()?;
/// assert_eq!(time.to_string(), "2026-01-01T19:04:05.678Z");
/// # Ok::<(), tagwarden::TimeError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// A text or number that is not a [`Timestamp`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimeError {
    /// Not an RFC 3339 time with an offset.
    #[error("not an RFC 3339 time with an offset, such as 2026-01-02T03:04:05Z")]
    Syntax,
    /// Before the year 1 or after the year 9999.
    #[error("outside the years 1 to 9999")]
    Range,
}

impl Timestamp {
    /// The first point in time, 0001-01-01T00:00:00Z.
    pub const MIN: Timestamp = Timestamp(-62_135_596_800_000_000);
    /// The last point in time, 9999-12-31T23:59:59.999999Z.
    pub const MAX: Timestamp = Timestamp(253_402_300_799_999_999);

    /// The time `micros` microseconds after 1970-01-01T00:00:00Z; `None` outside the range.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Option<Timestamp> {
        if micros < Self::MIN.0 || micros > Self::MAX.0 { None } else { Some(Timestamp(micros)) }
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The time `micros` microseconds later; `None` outside the range.
    #[must_use]
    pub const fn checked_add_micros(self, micros: i64) -> Option<Timestamp> {
        match self.0.checked_add(micros) {
            Some(sum) => Timestamp::from_micros(sum),
            None => None,
        }
    }

    /// The time that a text stands for, if it has the shape that most have; `None` says nothing.
    pub(crate) fn usual(text: &[u8]) -> Option<Timestamp> {
        super::rfc3339::usual(text)
    }

    pub(crate) fn to_chrono(self) -> chrono::NaiveDateTime {
        DateTime::from_timestamp_micros(self.0).unwrap_or_default().naive_utc()
    }
}

impl FromStr for Timestamp {
    type Err = TimeError;

    /// Reads RFC 3339; digits beyond microseconds are cut off, and a leap second is the last microsecond of its minute.
    fn from_str(text: &str) -> Result<Self, TimeError> {
        Timestamp::usual(text.as_bytes()).map_or_else(|| general(text), Ok)
    }
}

/// Any time of RFC 3339.
pub(super) fn general(text: &str) -> Result<Timestamp, TimeError> {
    let time = DateTime::parse_from_rfc3339(text).map_err(|_| TimeError::Syntax)?;
    let time = if time.nanosecond() >= 1_000_000_000 {
        time.with_nanosecond(999_999_999).unwrap_or(time)
    } else {
        time
    };
    Timestamp::from_micros(time.timestamp_micros()).ok_or(TimeError::Range)
}

/// RFC 3339 in UTC, with a fraction only as far as it is not zero.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (text, length) = super::rfc3339::written(*self);
        f.write_str(text.get(..length).and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default())
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_microseconds_only_as_far_as_needed() {
        for (micros, shown) in [
            (0, "1970-01-01T00:00:00Z"),
            (1, "1970-01-01T00:00:00.000001Z"),
            (-500_000, "1969-12-31T23:59:59.5Z"),
            (Timestamp::MAX.0, "9999-12-31T23:59:59.999999Z"),
            (Timestamp::MIN.0, "0001-01-01T00:00:00Z"),
        ] {
            let time = Timestamp::from_micros(micros).unwrap();
            assert_eq!(time.to_string(), shown);
            assert_eq!(shown.parse(), Ok(time));
        }
        assert_eq!(Timestamp::from_micros(i64::MAX), None);
        assert_eq!("2026-01-02T03:04:05".parse::<Timestamp>(), Err(TimeError::Syntax));
        assert_eq!(
            "2016-12-31T23:59:60Z".parse::<Timestamp>().unwrap().to_string(),
            "2016-12-31T23:59:59.999999Z"
        );
    }
}
