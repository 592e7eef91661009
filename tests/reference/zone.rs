//! The calendar of a zone, the simplest way: list the starts nearby and look for the right one.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Timelike};
use chrono_tz::{GapInfo, Tz};
use std::cell::RefCell;
use std::collections::HashMap;
use tagwarden::{Duration, Period, Schedule, ScheduleDays, Timestamp, Zone};

/// The start of the period before, of the period itself, and of the next.
type Starts = (Timestamp, Timestamp, Timestamp);

pub(crate) struct Calendar {
    tz: Tz,
    /// What was asked before; the answers never change.
    starts: RefCell<HashMap<(Period, Timestamp), Starts>>,
}

impl Calendar {
    pub(crate) fn new(zone: Zone) -> Calendar {
        Calendar { tz: zone.name().parse().unwrap(), starts: RefCell::default() }
    }

    pub(crate) fn local(&self, time: Timestamp) -> NaiveDateTime {
        let utc = DateTime::from_timestamp_micros(time.micros()).unwrap().naive_utc();
        self.tz.from_utc_datetime(&utc).naive_local()
    }

    /// The first instant at which the clock shows `local`, or the end of the gap that it lies in.
    pub(crate) fn instant(&self, local: NaiveDateTime) -> Option<Timestamp> {
        let time = match self.tz.from_local_datetime(&local).earliest() {
            Some(time) => time,
            None => GapInfo::new(&local, &self.tz)?.end?,
        };
        Timestamp::from_micros(time.timestamp_micros())
    }

    /// Months by the calendar, the day clamped, and then exact time.
    pub(crate) fn add(&self, time: Timestamp, length: Duration) -> Option<Timestamp> {
        let mut time = time;
        if length.months() > 0 {
            let local = self.local(time);
            let months =
                i64::from(local.year()) * 12 + i64::from(local.month0()) + i64::from(length.months());
            let (year, month) =
                (i32::try_from(months.div_euclid(12)).ok()?, months.rem_euclid(12) as u32 + 1);
            let date = (1..=local.day()).rev().find_map(|day| NaiveDate::from_ymd_opt(year, month, day))?;
            time = self.instant(date.and_time(local.time()))?;
        }
        time.checked_add_micros(length.micros())
    }

    /// `count` times a length.
    pub(crate) fn add_times(&self, time: Timestamp, length: Duration, count: u32) -> Option<Timestamp> {
        let micros = length.micros().checked_mul(i64::from(count))?;
        self.add(time, Duration::new(length.months().checked_mul(count)?, micros))
    }

    /// The nominal start of the period `count` periods after the one that `local` is in.
    fn nominal(period: Period, local: NaiveDateTime, count: i64) -> Option<NaiveDateTime> {
        let date = local.date();
        let midnight = |date: NaiveDate| date.and_time(NaiveTime::MIN);
        match period {
            Period::Hour => {
                midnight(date).checked_add_signed(TimeDelta::hours(i64::from(local.hour()) + count))
            }
            Period::Day => midnight(date).checked_add_signed(TimeDelta::days(count)),
            Period::Week => {
                let monday = i64::from(date.weekday().num_days_from_monday());
                midnight(date).checked_add_signed(TimeDelta::days(7 * count - monday))
            }
            Period::Month => {
                let months = i64::from(date.year()) * 12 + i64::from(date.month0()) + count;
                let year = months.div_euclid(12) as i32;
                NaiveDate::from_ymd_opt(year, months.rem_euclid(12) as u32 + 1, 1).map(midnight)
            }
            Period::Year => NaiveDate::from_ymd_opt(date.year() + count as i32, 1, 1).map(midnight),
        }
    }

    /// When the period before, the period at `time`, and the next begin.
    pub(crate) fn starts(&self, period: Period, time: Timestamp) -> Starts {
        if let Some(known) = self.starts.borrow().get(&(period, time)) {
            return *known;
        }
        let reach = if period == Period::Hour { 50 } else { 4 };
        let local = self.local(time);
        let mut all: Vec<Timestamp> = (-reach..=reach)
            .filter_map(|count| Self::nominal(period, local, count))
            .filter_map(|nominal| self.instant(nominal))
            .collect();
        all.sort();
        all.dedup();
        let next = all.iter().position(|start| *start > time).unwrap_or(all.len());
        let start = all.get(next.wrapping_sub(1)).copied().unwrap_or(Timestamp::MIN);
        let before = all.get(next.wrapping_sub(2)).copied().unwrap_or(Timestamp::MIN);
        let found = (before, start, all.get(next).copied().unwrap_or(Timestamp::MAX));
        self.starts.borrow_mut().insert((period, time), found);
        found
    }

    fn scheduled(&self, schedule: Schedule, day: NaiveDate) -> Option<Timestamp> {
        let fits = match schedule.days {
            ScheduleDays::Daily => true,
            ScheduleDays::Weekly(weekday) => day.weekday().num_days_from_monday() == u32::from(weekday),
            ScheduleDays::Monthly(number) => {
                let wanted = (1..=u32::from(number)).rev().find_map(|n| day.with_day(n));
                wanted == Some(day)
            }
        };
        let minute = TimeDelta::minutes(i64::from(schedule.minute));
        fits.then(|| self.instant(day.and_time(NaiveTime::MIN) + minute))?
    }

    fn days_around(&self, time: Timestamp, ahead: i64) -> impl Iterator<Item = NaiveDate> {
        let today = self.local(time).date();
        (-2..=ahead).filter_map(move |days| today.checked_add_signed(TimeDelta::days(days)))
    }

    pub(crate) fn is_scheduled(&self, schedule: Schedule, time: Timestamp) -> bool {
        self.days_around(time, 2).any(|day| self.scheduled(schedule, day) == Some(time))
    }

    /// The first scheduled time after `time`.
    pub(crate) fn next_scheduled(&self, schedule: Schedule, time: Timestamp) -> Option<Timestamp> {
        self.days_around(time, 64).filter_map(|day| self.scheduled(schedule, day)).find(|due| *due > time)
    }
}
