//! Lengths of time: calendar months and exact microseconds.

use std::fmt;
use std::str::FromStr;

/// A length of time: whole calendar months and exact microseconds, neither negative. A day is 24 hours, a week 7 days.
///
/// ```
/// use tagwarden::Duration;
/// assert_eq!(Duration::from_micros(5_400_000_000).to_string(), "1h30m");
/// assert_eq!(Duration::new(14, 0).to_string(), "1y2mo");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Duration {
    months: u32,
    micros: i64,
}

/// Microseconds of each unit that the language writes, longest first.
const UNITS: [(&str, i64); 4] =
    [("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000)];

impl Duration {
    /// No time at all.
    pub const ZERO: Duration = Duration { months: 0, micros: 0 };

    /// `months` calendar months and then `micros` microseconds; negative ones count as 0.
    #[must_use]
    pub const fn new(months: u32, micros: i64) -> Duration {
        Duration { months, micros: if micros < 0 { 0 } else { micros } }
    }

    /// `micros` microseconds; negative ones count as 0.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Duration {
        Duration::new(0, micros)
    }

    /// Whole calendar months.
    #[must_use]
    pub const fn months(self) -> u32 {
        self.months
    }

    /// Microseconds beside the months.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.micros
    }

    /// Whether every second of it is exact, with no calendar months.
    #[must_use]
    pub const fn is_fixed(self) -> bool {
        self.months == 0
    }

    /// Whether it is no time at all.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.months == 0 && self.micros == 0
    }
}

/// As the language writes it, largest unit first: `1y2mo3d4h5m6s`; a part of a second as `0.5s`.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_zero() {
            return f.write_str("0s");
        }
        for (count, unit) in [(self.months / 12, "y"), (self.months % 12, "mo")] {
            if count > 0 {
                write!(f, "{count}{unit}")?;
            }
        }
        let mut rest = self.micros;
        for (unit, micros) in UNITS {
            let count = rest / micros;
            rest %= micros;
            match (unit, rest) {
                ("s", 1..) => {
                    let digits = format!("{rest:06}");
                    write!(f, "{count}.{}s", digits.trim_end_matches('0'))?;
                }
                _ if count > 0 => write!(f, "{count}{unit}")?,
                _ => {}
            }
        }
        Ok(())
    }
}

/// Why a text is no [`Duration`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a duration: numbers with units, such as 90s, 30m, 24h, 7d, 2w, 3mo, 1y or 1h30m")]
pub struct DurationError;

/// Units that are calendar months, and microseconds of the others.
const MONTHS: [(&str, u32); 2] = [("y", 12), ("mo", 1)];
const MICROS: [(&str, i64); 5] = [
    ("w", 604_800_000_000),
    ("d", 86_400_000_000),
    ("h", 3_600_000_000),
    ("m", 60_000_000),
    ("s", 1_000_000),
];

/// As the language writes it, and so as it is displayed: `24h`, `1y2mo`, `1h30m`, `0.5s`. Juxtaposition adds.
///
/// ```
/// use tagwarden::Duration;
/// assert_eq!("1h30m".parse(), Ok(Duration::from_micros(5_400_000_000)));
/// assert_eq!("1y2mo".parse(), Ok(Duration::new(14, 0)));
/// assert!("soon".parse::<Duration>().is_err());
/// ```
impl FromStr for Duration {
    type Err = DurationError;

    fn from_str(text: &str) -> Result<Duration, DurationError> {
        let (mut months, mut micros) = (0_u32, 0_i64);
        let mut rest = text;
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or(DurationError)?;
            let (number, behind) = rest.split_at(digits);
            let unit_end = behind.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(behind.len());
            let (unit, after) = behind.split_at(unit_end);
            if let Some((_, each)) = MONTHS.iter().find(|(name, _)| *name == unit) {
                let count: u32 = number.parse().map_err(|_| DurationError)?;
                months = count
                    .checked_mul(*each)
                    .and_then(|more| months.checked_add(more))
                    .ok_or(DurationError)?;
            } else {
                let (_, each) = MICROS.iter().find(|(name, _)| *name == unit).ok_or(DurationError)?;
                let count = if unit == "s" { fixed(number) } else { number.parse().ok() };
                let each = if unit == "s" { 1 } else { *each };
                let more = count.and_then(|count: i64| count.checked_mul(each)).ok_or(DurationError)?;
                micros = micros.checked_add(more).ok_or(DurationError)?;
            }
            rest = after;
        }
        if text.is_empty() { Err(DurationError) } else { Ok(Duration { months, micros }) }
    }
}

/// The microseconds of seconds with at most 6 digits after the point.
fn fixed(seconds: &str) -> Option<i64> {
    let (whole, part) = seconds.split_once('.').unwrap_or((seconds, ""));
    if part.len() > 6 || (seconds.contains('.') && part.is_empty()) || part.contains('.') {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let part: i64 = format!("{part:0<6}").parse().ok()?;
    whole.checked_mul(1_000_000)?.checked_add(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_read_again() {
        for duration in [
            Duration::new(0, 1),
            Duration::new(14, 500_000),
            Duration::new(25, 86_400_000_000),
            Duration::from_micros(1_234_567_890_123),
            Duration::ZERO,
        ] {
            assert_eq!(duration.to_string().parse(), Ok(duration), "{duration}");
        }
        for wrong in
            ["", "1", "h", "1x", "1.5h", "-1h", "1.s", "99999999999mo", "9999999999999999999d", "1.0000001s"]
        {
            assert_eq!(wrong.parse::<Duration>(), Err(DurationError), "{wrong}");
        }
    }
}
