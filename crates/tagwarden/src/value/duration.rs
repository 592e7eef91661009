//! Lengths of time: calendar months and exact microseconds.

use std::fmt;

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
