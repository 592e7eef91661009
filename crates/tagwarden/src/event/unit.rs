//! Times as inputs have them.

use super::InputError;
use super::wire::{Raw, invalid};
use crate::value::{Decimal, DecimalError, TimeError, Timestamp};

/// Unit of times that are written as integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum TimeUnit {
    /// Seconds since 1970.
    Seconds,
    /// Milliseconds since 1970.
    #[default]
    Millis,
    /// Microseconds since 1970.
    Micros,
}

impl TimeUnit {
    /// Reads an RFC 3339 time with an offset, or a whole number in this unit.
    ///
    /// # Errors
    /// [`TimeError`].
    pub fn parse(self, text: &str) -> Result<Timestamp, TimeError> {
        match text.bytes().position(|byte| !byte.is_ascii_digit()) {
            Some(0) if text.len() > 1 && text.starts_with('-') => self.count(text),
            None if !text.is_empty() => self.count(text),
            _ => text.parse(),
        }
    }

    /// The time of a whole number in this unit, if it is plain and short; `None` says nothing.
    pub(super) fn whole(self, digits: &[u8]) -> Option<Timestamp> {
        let units = Decimal::plain(digits)?.units();
        (units % 1_000_000 == 0).then_some(())?;
        self.time(units)
    }

    /// The time of a number of millionths of this unit.
    fn time(self, units: i128) -> Option<Timestamp> {
        let micros = units
            / match self {
                TimeUnit::Seconds => 1,
                TimeUnit::Millis => 1_000,
                TimeUnit::Micros => 1_000_000,
            };
        i64::try_from(micros).ok().and_then(Timestamp::from_micros)
    }

    /// The time of a whole number in this unit.
    fn count(self, digits: &str) -> Result<Timestamp, TimeError> {
        let number: Decimal = digits.parse().map_err(|error| match error {
            DecimalError::Precision => TimeError::Range,
            _ => TimeError::Syntax,
        })?;
        if number.units() % 1_000_000 != 0 {
            return Err(TimeError::Syntax);
        }
        self.time(number.units()).ok_or(TimeError::Range)
    }

    const fn name(self) -> &'static str {
        match self {
            TimeUnit::Seconds => "seconds",
            TimeUnit::Millis => "milliseconds",
            TimeUnit::Micros => "microseconds",
        }
    }

    pub(super) fn read(self, path: &str, raw: &Raw<'_>, private: bool) -> Result<Timestamp, InputError> {
        let time = match raw {
            Raw::Number(digits) => self.count(digits),
            Raw::Text(text) => text.parse(),
            Raw::Cell(text) => self.parse(text),
            _ => Err(TimeError::Syntax),
        };
        time.map_err(|error| {
            let expected = match error {
                TimeError::Range => "a time in the years 1 to 9999".to_owned(),
                TimeError::Syntax => format!(
                    "a time: RFC 3339 with an offset, such as \"2026-01-02T03:04:05Z\", or whole {} since 1970",
                    self.name()
                ),
            };
            invalid(path, expected, raw.describe(private))
        })
    }
}
