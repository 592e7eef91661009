//! The clocks of time zones: the one place that knows where their data comes from.

use chrono::{NaiveDateTime, TimeDelta};

#[cfg(all(feature = "zones", not(target_family = "wasm")))]
mod database {
    use super::{DateTime, NaiveDateTime};
    use chrono::TimeZone;
    pub(super) use chrono_tz::Tz;

    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name())
    }

    pub(super) fn local(zone: Tz, utc: NaiveDateTime) -> NaiveDateTime {
        zone.from_utc_datetime(&utc).naive_local()
    }

    pub(super) fn earliest(zone: Tz, local: NaiveDateTime) -> Option<i64> {
        zone.from_local_datetime(&local).earliest().as_ref().map(DateTime::timestamp_micros)
    }
}

/// In the browser the same clocks from a smaller file.
#[cfg(all(feature = "zones", target_family = "wasm"))]
use super::zone_table as database;

/// Without the feature `zones`: Universal Time alone.
#[cfg(not(feature = "zones"))]
mod database {
    use super::NaiveDateTime;

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(super) enum Tz {
        UTC,
    }

    impl Tz {
        pub(super) fn name(self) -> &'static str {
            "UTC"
        }
    }

    impl std::str::FromStr for Tz {
        type Err = ();

        fn from_str(name: &str) -> Result<Tz, ()> {
            if name == "UTC" { Ok(Tz::UTC) } else { Err(()) }
        }
    }

    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        std::iter::once("UTC")
    }

    pub(super) fn local(_: Tz, utc: NaiveDateTime) -> NaiveDateTime {
        utc
    }

    pub(super) fn earliest(_: Tz, local: NaiveDateTime) -> Option<i64> {
        Some(local.and_utc().timestamp_micros())
    }
}

#[cfg(all(feature = "zones", not(target_family = "wasm")))]
use chrono::DateTime;

/// A time zone of the IANA database. Without the feature `zones` there is `UTC` and no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone(database::Tz);

impl Default for Zone {
    fn default() -> Self {
        Zone(database::Tz::UTC)
    }
}

impl Zone {
    /// The zone of an IANA name such as `Asia/Shanghai`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Zone> {
        name.parse().ok().map(Zone)
    }

    /// The IANA name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The names of every zone, for suggestions.
    pub fn names() -> impl Iterator<Item = &'static str> {
        database::names()
    }

    /// What the local clock shows.
    pub(super) fn shown(self, utc: NaiveDateTime) -> NaiveDateTime {
        database::local(self.0, utc)
    }

    /// The first instant, in microseconds, at which the local clock shows `local`; something later where it skips that.
    pub(super) fn first_shown(self, local: NaiveDateTime) -> Option<i64> {
        database::earliest(self.0, local).or_else(|| self.after_gap(local))
    }

    /// The end of the gap that `local` lies in: found by halving, since the database gives no transitions.
    fn after_gap(self, local: NaiveDateTime) -> Option<i64> {
        let day = TimeDelta::days(2);
        let reads = |micros: i64| {
            let time = chrono::DateTime::from_timestamp_micros(micros).unwrap_or_default();
            self.shown(time.naive_utc())
        };
        let mut low = local.checked_sub_signed(day)?.and_utc().timestamp_micros();
        let mut high = local.checked_add_signed(day)?.and_utc().timestamp_micros();
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if reads(middle) < local { low = middle } else { high = middle }
        }
        Some(high)
    }
}
