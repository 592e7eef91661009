//! The clocks of time zones from `zones.bin`, for the browser: the same as those of `chrono-tz`, which it is made from by
//! `cargo xtask zone-table`, at a sixth of what is downloaded. A clock is worked out when it is first asked for.
//!
//! The file is a line that says what it is; a line of names, `,` between those of one clock and `;` between clocks; the
//! counts of rules, offsets, clocks and runs; and the parts of each, one part after the other. A run says that for some
//! years a clock changes by a rule to an offset.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta};
use std::sync::{LazyLock, OnceLock};

const FILE: &[u8] = include_bytes!("zones.bin");
/// From which years are counted.
const FIRST_YEAR: i32 = 1_830;

/// A zone: its place in the names, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tz(u16);

impl Tz {
    /// Universal Time, which needs no table.
    pub(super) const UTC: Tz = Tz(u16::MAX);

    pub(super) fn name(self) -> &'static str {
        TABLE.names.get(usize::from(self.0)).map_or("UTC", |(name, _)| name)
    }
}

impl std::str::FromStr for Tz {
    type Err = ();

    fn from_str(name: &str) -> Result<Tz, ()> {
        if name == "UTC" {
            return Ok(Tz::UTC);
        }
        TABLE.names.binary_search_by(|(own, _)| (*own).cmp(name)).map(|at| Tz(at as u16)).map_err(|_| ())
    }
}

pub(super) fn names() -> impl Iterator<Item = &'static str> {
    TABLE.names.iter().map(|(name, _)| *name)
}

/// What the local clock shows.
pub(super) fn local(zone: Tz, utc: NaiveDateTime) -> NaiveDateTime {
    let Some(clock) = clock(zone) else { return utc };
    let changed = clock.changes.partition_point(|(second, _)| *second <= utc.and_utc().timestamp());
    utc + TimeDelta::seconds(clock.offset(changed).into())
}

/// The first instant, in microseconds, at which the clock shows it; none if the clock skips it.
pub(super) fn earliest(zone: Tz, local: NaiveDateTime) -> Option<i64> {
    let shown = local.and_utc();
    let Some(clock) = clock(zone) else { return Some(shown.timestamp_micros()) };
    let second = shown.timestamp();
    // The first stretch between changes at whose end the clock shows something later.
    let (mut low, mut high) = (0, clock.changes.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let end =
            clock.changes.get(middle).map_or(0, |(second, _)| *second) + i64::from(clock.offset(middle));
        if end <= second { low = middle + 1 } else { high = middle }
    }
    let offset = i64::from(clock.offset(low));
    let begins = low.checked_sub(1).and_then(|before| clock.changes.get(before));
    if begins.is_some_and(|(begin, _)| begin + offset > second) {
        return None;
    }
    Some(shown.timestamp_micros() - offset * 1_000_000)
}

/// The offsets of a clock from UTC in seconds, and since when.
#[derive(Default)]
struct Clock {
    first: i32,
    changes: Vec<(i64, i32)>,
}

impl Clock {
    /// The offset after so many changes.
    fn offset(&self, changes: usize) -> i32 {
        changes
            .checked_sub(1)
            .and_then(|last| self.changes.get(last))
            .map_or(self.first, |(_, offset)| *offset)
    }
}

/// When the clock changes in a year, by the clock before.
#[derive(Clone, Copy)]
struct Rule {
    month: u8,
    /// With a weekday the day from which on it is looked for, or 0 for the last of the month.
    day: u8,
    /// From Monday; 7 for the very day.
    weekday: u8,
    second: u32,
}

impl Rule {
    fn local(self, year: i32) -> Option<NaiveDateTime> {
        let month = u32::from(self.month);
        let day = match (self.day, month) {
            (0, 12) => NaiveDate::from_ymd_opt(year, 12, 25)?,
            (0, _) => NaiveDate::from_ymd_opt(year, month + 1, 1)?.checked_sub_days(Days::new(7))?,
            (day, _) => NaiveDate::from_ymd_opt(year, month, day.into())?,
        };
        let ahead = match self.weekday {
            7 => 0,
            weekday => (u32::from(weekday) + 7 - day.weekday().num_days_from_monday()) % 7,
        };
        let day = day.checked_add_days(Days::new(ahead.into()))?;
        Some(day.and_hms_opt(0, 0, 0)? + TimeDelta::seconds(self.second.into()))
    }
}

struct Run {
    from: i32,
    years: u8,
    rule: Rule,
    offset: i32,
}

#[derive(Default)]
struct Table {
    /// In order, each with the place of its clock.
    names: Vec<(&'static str, u16)>,
    /// Of each clock the first offset, and its runs.
    clocks: Vec<(i32, Vec<Run>)>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| read(FILE).unwrap_or_default());

fn clock(zone: Tz) -> Option<&'static Clock> {
    static CLOCKS: LazyLock<Vec<OnceLock<Clock>>> =
        LazyLock::new(|| TABLE.clocks.iter().map(|_| OnceLock::new()).collect());
    let (_, at) = TABLE.names.get(usize::from(zone.0))?;
    let (first, runs) = TABLE.clocks.get(usize::from(*at))?;
    Some(CLOCKS.get(usize::from(*at))?.get_or_init(|| work_out(*first, runs)))
}

fn work_out(first: i32, runs: &[Run]) -> Clock {
    let mut local: Vec<(NaiveDateTime, i32)> = Vec::new();
    for run in runs {
        let years = run.from..run.from + i32::from(run.years);
        local.extend(years.filter_map(|year| Some((run.rule.local(year)?, run.offset))));
    }
    crate::small::sort_by_key(&mut local, |(time, _)| *time);
    let mut clock = Clock { first, changes: Vec::with_capacity(local.len()) };
    let mut before = first;
    for (time, offset) in local {
        clock.changes.push((time.and_utc().timestamp() - i64::from(before), offset));
        before = offset;
    }
    clock
}

/// The bytes of the file from somewhere on.
struct Reader(&'static [u8]);

impl Reader {
    fn bytes(&mut self, count: usize) -> Option<&'static [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(bytes)
    }

    fn line(&mut self) -> Option<&'static str> {
        let end = self.0.iter().position(|byte| *byte == b'\n')?;
        let line = self.bytes(end + 1)?;
        std::str::from_utf8(line.get(..end)?).ok()
    }

    /// Numbers of two bytes: all low ones, then all high ones.
    fn words(&mut self, count: usize) -> Option<Vec<usize>> {
        let (low, high) = (self.bytes(count)?, self.bytes(count)?);
        Some(low.iter().zip(high).map(|(low, high)| usize::from(*low) | usize::from(*high) << 8).collect())
    }

    /// Numbers of seconds: whole minutes as words, and the seconds beyond.
    fn seconds(&mut self, count: usize) -> Option<Vec<u32>> {
        let minutes = self.words(count)?;
        let beyond = self.bytes(count)?;
        Some(
            minutes
                .iter()
                .zip(beyond)
                .map(|(whole, beyond)| *whole as u32 * 60 + u32::from(*beyond))
                .collect(),
        )
    }
}

fn read(file: &'static [u8]) -> Option<Table> {
    let mut reader = Reader(file);
    reader.line()?;
    let mut table = Table::default();
    for (clock, names) in reader.line()?.split(';').enumerate() {
        table.names.extend(names.split(',').map(|name| (name, clock as u16)));
    }
    crate::small::sort(&mut table.names);
    let counts = reader.words(4)?;
    let [rules, offsets, clocks, runs] = counts.get(..)? else { return None };
    let (months, days, weekdays) = (reader.bytes(*rules)?, reader.bytes(*rules)?, reader.bytes(*rules)?);
    let seconds = reader.seconds(*rules)?;
    let rule = |at: usize| {
        let (month, day, weekday) = (*months.get(at)?, *days.get(at)?, *weekdays.get(at)?);
        Some(Rule { month, day, weekday, second: *seconds.get(at)? })
    };
    let offsets = reader.seconds(*offsets)?;
    let offset = |at: usize| Some(i32::try_from(*offsets.get(at)?).ok()? - 86_400);
    let (firsts, lengths) = (reader.words(*clocks)?, reader.words(*clocks)?);
    let (steps, years) = (reader.bytes(*runs)?, reader.bytes(*runs)?);
    let (rules, changed) = (reader.words(*runs)?, reader.words(*runs)?);
    let mut all = (0..*runs).map(|at| (steps.get(at), years.get(at), rules.get(at), changed.get(at)));
    for (first, length) in firsts.into_iter().zip(lengths) {
        let (mut own, mut from) = (Vec::with_capacity(length), FIRST_YEAR);
        for (step, years, rule_at, to) in all.by_ref().take(length) {
            from += i32::from(*step?);
            own.push(Run { from, years: *years?, rule: rule(*rule_at?)?, offset: offset(*to?)? });
        }
        table.clocks.push((offset(first)?, own));
    }
    Some(table)
}

#[cfg(all(test, feature = "zones"))]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeZone};

    #[test]
    fn the_names_are_those_of_the_database() {
        assert!(names().eq(chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name())));
        assert_eq!("Asia/shanghai".parse::<Tz>(), Err(()));
        assert_eq!("UTC".parse(), Ok(Tz::UTC));
    }

    /// Every change of every clock, a second before it and at it, and every hour around it by the local clock.
    #[test]
    fn every_clock_is_as_in_the_database() {
        for zone in chrono_tz::TZ_VARIANTS {
            let own: Tz = zone.name().parse().unwrap();
            assert_eq!(own.name(), zone.name());
            let changes: Vec<i64> = clock(own)
                .map(|clock| clock.changes.iter().map(|(second, _)| *second).collect())
                .unwrap_or_default();
            let every_month = (-6_000_000_000_i64..4_300_000_000).step_by(2_629_746);
            for second in changes.into_iter().flat_map(|second| [second - 1, second]).chain(every_month) {
                let utc = DateTime::from_timestamp(second, 0).unwrap().naive_utc();
                assert_eq!(
                    local(own, utc),
                    zone.from_utc_datetime(&utc).naive_local(),
                    "{} at {utc}",
                    zone.name()
                );
                for hour in -2..=2 {
                    let shown = local(own, utc) + TimeDelta::minutes(hour * 30);
                    let theirs =
                        zone.from_local_datetime(&shown).earliest().map(|time| time.timestamp_micros());
                    assert_eq!(earliest(own, shown), theirs, "{} at the local time {shown}", zone.name());
                }
            }
        }
    }
}
