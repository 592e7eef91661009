//! `cargo xtask zone-table`: makes `crates/tagwarden/src/value/zones.bin`, the time zones as a browser downloads them, or
//! checks that it is what it would make.
//!
//! The crate `chrono-tz` has every change of every clock until 2100, one by one. Most of them follow a rule over some
//! years ("the last Sunday of March at 2:00"), and the file has the rules. A test of the library compares both.

use crate::process::Done;

/// Without the data there is nothing to make the table from: start again with it.
#[cfg(not(feature = "tables"))]
pub(crate) fn run(check: bool) -> Done {
    use crate::process;
    let mut command = process::cargo(&["run", "--quiet", "--package", "xtask", "--features", "tables", "--"]);
    command.arg("zone-table").args(check.then_some("--check"));
    process::run(command)
}

#[cfg(feature = "tables")]
pub(crate) fn run(check: bool) -> Done {
    let path = crate::process::root().join("crates/tagwarden/src/value/zones.bin");
    let bytes = make::table()?;
    if check {
        if std::fs::read(&path).ok().as_ref() != Some(&bytes) {
            return Err(format!("{} is not what `cargo xtask zone-table` makes", path.display()));
        }
    } else {
        std::fs::write(&path, &bytes).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    println!("zones.bin: {} bytes{}", bytes.len(), if check { ", as made" } else { "" });
    Ok(())
}

#[cfg(feature = "tables")]
mod make {
    use chrono::{DateTime, Datelike, NaiveDateTime, Offset, TimeZone, Timelike};
    use chrono_tz::{TZ_VARIANTS, Tz};
    use std::collections::{BTreeMap, BTreeSet};

    /// Seconds between the instants that are looked at: no clock changes twice in between.
    const STEP: i64 = 12 * 3_600;
    /// 1830 and 2105: before the first change and behind the last.
    const SPAN: std::ops::Range<i64> = -4_417_977_600..4_260_211_200;
    /// Years are written as a byte from this one.
    const FIRST_YEAR: i32 = 1_830;

    /// When the clock changes in a year, by the clock before: month, day, weekday from Monday, second of the day. Weekday 7
    /// means the very day; otherwise it is the first such weekday from that day on, or the last of the month for day 0.
    type Rule = (u8, u8, u8, u32);

    /// What a clock does: `years` years from `from` on it changes by the rule to an offset from UTC.
    struct Run {
        from: i32,
        years: u8,
        rule: Rule,
        offset: i32,
    }

    pub(super) fn table() -> Result<Vec<u8>, String> {
        let mut clocks: BTreeMap<(i32, Vec<(i64, i32)>), Vec<&str>> = BTreeMap::new();
        for zone in TZ_VARIANTS {
            clocks.entry(changes(zone)).or_default().push(zone.name());
        }
        let mut clocks: Vec<_> = clocks.into_iter().collect();
        clocks.sort_by(|a, b| a.1.cmp(&b.1));
        let runs: Vec<Vec<Run>> = clocks.iter().map(|((first, changes), _)| runs(*first, changes)).collect();
        let all = || runs.iter().flatten();
        let rules: Vec<Rule> = all().map(|run| run.rule).collect::<BTreeSet<_>>().into_iter().collect();
        let offsets = clocks.iter().map(|((first, _), _)| *first).chain(all().map(|run| run.offset));
        let offsets: Vec<i32> = offsets.collect::<BTreeSet<_>>().into_iter().collect();

        let mut out = Table(
            format!("\x01zones: IANA {}, by the crate chrono-tz\n", chrono_tz::IANA_TZDB_VERSION).into(),
        );
        let names: Vec<String> = clocks.iter().map(|(_, names)| names.join(",")).collect();
        out.0.extend(names.join(";").bytes());
        out.0.push(b'\n');
        out.words([rules.len(), offsets.len(), clocks.len(), all().count()])?;
        for part in [|rule: &Rule| rule.0, |rule: &Rule| rule.1, |rule: &Rule| rule.2] {
            out.0.extend(rules.iter().map(part));
        }
        out.words(rules.iter().map(|rule| (rule.3 / 60) as usize))?;
        out.0.extend(rules.iter().map(|rule| (rule.3 % 60) as u8));
        let half_days = offsets.iter().map(|offset| offset + 86_400).map(|offset| offset as usize);
        out.words(half_days.clone().map(|offset| offset / 60))?;
        out.0.extend(half_days.map(|offset| (offset % 60) as u8));
        let index = |offset: i32| offsets.binary_search(&offset).unwrap_or_default();
        out.words(clocks.iter().map(|((first, _), _)| index(*first)))?;
        out.words(runs.iter().map(Vec::len))?;
        for clock in &runs {
            let mut last = FIRST_YEAR;
            for run in clock {
                out.0.push(u8::try_from(run.from - last).map_err(|_| "a clock stands still for too long")?);
                last = run.from;
            }
        }
        out.0.extend(all().map(|run| run.years));
        out.words(all().map(|run| rules.binary_search(&run.rule).unwrap_or_default()))?;
        out.words(all().map(|run| index(run.offset)))?;
        Ok(out.0)
    }

    struct Table(Vec<u8>);

    impl Table {
        /// Numbers of two bytes: all first bytes, then all second ones, which compresses better.
        fn words(&mut self, numbers: impl IntoIterator<Item = usize>) -> Result<(), String> {
            let numbers: Result<Vec<u16>, _> = numbers.into_iter().map(u16::try_from).collect();
            let numbers = numbers.map_err(|error| error.to_string())?;
            self.0.extend(numbers.iter().map(|number| *number as u8));
            self.0.extend(numbers.iter().map(|number| (number >> 8) as u8));
            Ok(())
        }
    }

    fn offset(zone: Tz, second: i64) -> i32 {
        let utc = DateTime::from_timestamp(second, 0).unwrap_or_default().naive_utc();
        zone.offset_from_utc_datetime(&utc).fix().local_minus_utc()
    }

    /// The offset at the beginning, and each second from which on there is another.
    fn changes(zone: Tz) -> (i32, Vec<(i64, i32)>) {
        let first = offset(zone, SPAN.start);
        let (mut now, mut found) = (first, Vec::new());
        for step in SPAN.step_by(STEP as usize) {
            let after = offset(zone, step + STEP);
            if after != now {
                let (mut low, mut high) = (step, step + STEP);
                while high - low > 1 {
                    let middle = low + (high - low) / 2;
                    if offset(zone, middle) == now { low = middle } else { high = middle }
                }
                found.push((high, after));
                now = after;
            }
        }
        (first, found)
    }

    /// The changes as rules, each for as many years in a row as it can be.
    fn runs(first: i32, changes: &[(i64, i32)]) -> Vec<Run> {
        let before = std::iter::once(first).chain(changes.iter().map(|(_, offset)| *offset));
        let mut left: Vec<(i32, Vec<Rule>, i32)> = changes
            .iter()
            .zip(before)
            .map(|((second, offset), before)| {
                let local = DateTime::from_timestamp(second + i64::from(before), 0).unwrap_or_default();
                (local.year(), rules(local.naive_utc()), *offset)
            })
            .collect();
        let mut runs = Vec::new();
        while let Some((from, rules, offset)) = left.first().cloned() {
            let follows = |rule: &Rule, year: i32| {
                left.iter().position(|other| (other.0, other.2) == (year, offset) && other.1.contains(rule))
            };
            let length = |rule: &Rule| (from..).take_while(|year| follows(rule, *year).is_some()).count();
            // Of rules that hold as long the first: the very day.
            let best = rules.iter().rev().max_by_key(|rule| length(rule)).copied().unwrap_or_default();
            let years = length(&best);
            for year in from..from + years as i32 {
                if let Some(at) = left
                    .iter()
                    .position(|other| (other.0, other.2) == (year, offset) && other.1.contains(&best))
                {
                    left.remove(at);
                }
            }
            runs.push(Run { from, years: years as u8, rule: best, offset });
        }
        runs
    }

    /// Every rule by which a clock could change at a local time.
    fn rules(local: NaiveDateTime) -> Vec<Rule> {
        let (month, day, weekday) =
            (local.month() as u8, local.day() as u8, local.weekday().num_days_from_monday() as u8);
        let second = local.num_seconds_from_midnight();
        let mut rules = vec![(month, day, 7, second)];
        if (local + chrono::TimeDelta::days(7)).month() != local.month() {
            rules.push((month, 0, weekday, second));
        }
        rules.extend((day.saturating_sub(6).max(1)..=day).map(|from| (month, from, weekday, second)));
        rules
    }
}
