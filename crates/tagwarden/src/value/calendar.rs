//! Calendar arithmetic in a zone: adding months, periods such as days and weeks, schedules.
//!
//! Local times that a zone skips stand for the first instant after the gap, and local times that it shows twice for
//! the first of the two.

use super::{Duration, Timestamp, Zone};
use chrono::{Datelike, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};

/// A kind of calendar period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Period {
    Hour,
    Day,
    /// From Monday on.
    Week,
    Month,
    Year,
}

/// When an `every` rule is due, in local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Schedule {
    /// Which days.
    pub days: ScheduleDays,
    /// Minutes since local midnight.
    pub minute: u16,
}

/// The days of a [`Schedule`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScheduleDays {
    /// Every day.
    Daily,
    /// One day of the week: 0 is Monday.
    Weekly(u8),
    /// One day of the month, 1 to 31, clamped to the month's end.
    Monthly(u8),
}

impl Zone {
    /// The local clock at an instant.
    #[must_use]
    pub fn local(self, time: Timestamp) -> NaiveDateTime {
        self.shown(time.to_chrono())
    }

    /// The first instant at which the local clock shows `local` or, where it skips that, something later.
    #[must_use]
    pub fn instant(self, local: NaiveDateTime) -> Option<Timestamp> {
        Timestamp::from_micros(self.first_shown(local)?)
    }

    /// `time` and then `duration`: months by the local calendar, the day clamped to the month's end, then exact time.
    /// `None` beyond the last point in time, which means never.
    #[must_use]
    pub fn add(self, time: Timestamp, duration: Duration) -> Option<Timestamp> {
        let time = if duration.is_fixed() {
            time
        } else {
            self.instant(self.local(time).checked_add_months(Months::new(duration.months()))?)?
        };
        time.checked_add_micros(duration.micros())
    }

    /// The start of the period that holds `time`: `[start, end)` with [`Zone::period_end`].
    #[must_use]
    pub fn period_start(self, period: Period, time: Timestamp) -> Timestamp {
        let mut nominal = period.floor(self.local(time));
        let mut start = self.instant(nominal).unwrap_or(Timestamp::MIN);
        // A clock set back over the end of a period shows the old one again, but the new one has begun.
        loop {
            let Some(next) = period.step(nominal, 1) else { return start };
            match self.instant(next) {
                Some(instant) if instant <= time => (nominal, start) = (next, instant),
                _ => return start,
            }
        }
    }

    /// The end of the period that holds `time`, which is the start of the next; the last point in time where there is none.
    #[must_use]
    pub fn period_end(self, period: Period, time: Timestamp) -> Timestamp {
        let mut nominal = period.floor(self.local(time));
        loop {
            let Some(next) = period.step(nominal, 1) else { return Timestamp::MAX };
            match self.instant(next) {
                Some(instant) if instant > time => return instant,
                None => return Timestamp::MAX,
                Some(_) => nominal = next,
            }
        }
    }

    /// The first instant of `schedule` after `time`; `None` where there is none before the last point in time.
    #[must_use]
    pub fn next(self, schedule: Schedule, time: Timestamp) -> Option<Timestamp> {
        let clock = NaiveTime::from_num_seconds_from_midnight_opt(u32::from(schedule.minute) * 60, 0)?;
        // A gap or a clock set back moves an instant by less than a day, so yesterday's is the first that can matter.
        let mut day = self.local(time).date().pred_opt()?;
        loop {
            if schedule.days.holds(day)
                && let Some(instant) = self.instant(day.and_time(clock))
                && instant > time
            {
                return Some(instant);
            }
            day = day.succ_opt().filter(|day| day.year() <= 9999)?;
        }
    }
}

impl ScheduleDays {
    fn holds(self, day: NaiveDate) -> bool {
        match self {
            ScheduleDays::Daily => true,
            ScheduleDays::Weekly(weekday) => day.weekday().num_days_from_monday() == u32::from(weekday),
            ScheduleDays::Monthly(number) => {
                let last = day.succ_opt().is_none_or(|next| next.day() == 1);
                day.day() == u32::from(number) || (last && day.day() < u32::from(number))
            }
        }
    }
}

impl Period {
    /// The nominal local start of the period that holds `local`.
    fn floor(self, local: NaiveDateTime) -> NaiveDateTime {
        let date = local.date();
        let hour = if self == Period::Hour { local.hour() } else { 0 };
        let date = match self {
            Period::Hour | Period::Day => Some(date),
            Period::Week => {
                date.checked_sub_signed(TimeDelta::days(i64::from(date.weekday().num_days_from_monday())))
            }
            Period::Month => date.with_day(1),
            Period::Year => NaiveDate::from_ymd_opt(date.year(), 1, 1),
        };
        date.and_then(|date| date.and_hms_opt(hour, 0, 0)).unwrap_or(local)
    }

    /// The nominal start `count` periods later.
    fn step(self, nominal: NaiveDateTime, count: u32) -> Option<NaiveDateTime> {
        let count64 = i64::from(count);
        match self {
            Period::Hour => nominal.checked_add_signed(TimeDelta::hours(count64)),
            Period::Day => nominal.checked_add_signed(TimeDelta::days(count64)),
            Period::Week => nominal.checked_add_signed(TimeDelta::days(7 * count64)),
            Period::Month => nominal.checked_add_months(Months::new(count)),
            Period::Year => nominal.checked_add_months(Months::new(12 * count)),
        }
    }
}

#[cfg(test)]
#[cfg(feature = "zones")]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn months_are_clamped_and_gaps_are_stepped_over() {
        let berlin = Zone::from_name("Europe/Berlin").unwrap();
        let month = Duration::new(1, 0);
        assert_eq!(berlin.add(at("2026-01-31T10:00:00+01:00"), month), Some(at("2026-02-28T10:00:00+01:00")));
        // 2026-03-29 02:30 does not exist in Berlin: the first instant after the gap is 03:00 summer time.
        assert_eq!(
            berlin.add(at("2026-02-28T02:30:00+01:00"), Duration::new(1, 86_400_000_000)).unwrap(),
            at("2026-03-29T02:30:00+02:00").checked_add_micros(3_600_000_000).unwrap()
        );
        assert_eq!(berlin.add(Timestamp::MAX, month), None);
    }

    #[test]
    fn days_have_23_24_or_25_hours() {
        let berlin = Zone::from_name("Europe/Berlin").unwrap();
        for (inside, start, end) in [
            ("2026-03-29T12:00:00+02:00", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"),
            ("2026-10-25T12:00:00+01:00", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"),
        ] {
            assert_eq!(berlin.period_start(Period::Day, at(inside)), at(start));
            assert_eq!(berlin.period_end(Period::Day, at(inside)), at(end));
        }
        let monday = at("2026-11-16T00:00:00+01:00");
        assert_eq!(berlin.period_start(Period::Week, at("2026-11-22T23:59:59+01:00")), monday);
        assert_eq!(
            berlin.period_start(Period::Hour, at("2026-10-25T02:30:00+01:00")),
            at("2026-10-25T02:00:00+02:00")
        );
    }

    #[test]
    fn schedules_fire_once_a_day_whatever_the_clock_does() {
        let berlin = Zone::from_name("Europe/Berlin").unwrap();
        let nightly = Schedule { days: ScheduleDays::Daily, minute: 150 };
        let first = berlin.next(nightly, at("2026-03-28T12:00:00Z")).unwrap();
        assert_eq!(first, at("2026-03-29T01:00:00Z"));
        assert_eq!(berlin.next(nightly, first), Some(at("2026-03-30T00:30:00Z")));
        let autumn = berlin.next(nightly, at("2026-10-24T12:00:00Z")).unwrap();
        assert_eq!(autumn, at("2026-10-25T00:30:00Z"));
        assert_eq!(berlin.next(nightly, autumn), Some(at("2026-10-26T01:30:00Z")));
        let month_end = Schedule { days: ScheduleDays::Monthly(31), minute: 0 };
        assert_eq!(
            Zone::default().next(month_end, at("2026-02-01T00:00:00Z")),
            Some(at("2026-02-28T00:00:00Z"))
        );
    }
}
