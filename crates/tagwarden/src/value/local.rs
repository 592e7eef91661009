//! Local dates and times as they are written: by the reader and the writer of RFC 3339, which is needed anyway. The
//! general formats of `chrono` would be a second one of each, and 11 kB of what a browser downloads.

use chrono::{DateTime, NaiveDateTime, SecondsFormat};

/// The local time of `2026-01-31` and `09:00:00` or `09:00:00.5`; `None` if there is none.
pub(crate) fn read_local(date: &str, clock: &str) -> Option<NaiveDateTime> {
    // What ends in a letter or an offset is no clock; the reader would take it for one.
    if !clock.ends_with(|last: char| last.is_ascii_digit()) || clock.contains(['+', '-']) {
        return None;
    }
    Some(DateTime::parse_from_rfc3339(&format!("{date}T{clock}Z")).ok()?.naive_utc())
}

/// The beginning of a local day that is written like `2026-01-31`.
pub(crate) fn read_day(date: &str) -> Option<NaiveDateTime> {
    read_local(date, "00:00:00")
}

/// `2026-01-31T09:00:00`, with a fraction where there is one.
pub(crate) fn show_local(time: NaiveDateTime) -> String {
    let mut text = time.and_utc().to_rfc3339_opts(SecondsFormat::AutoSi, true);
    text.pop();
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{NaiveDate, NaiveTime};

    /// What the general formats of `chrono` say to the same text.
    fn by_format(date: &str, clock: &str) -> Option<NaiveDateTime> {
        let clock = NaiveTime::parse_from_str(clock, "%H:%M:%S%.f").ok()?;
        Some(NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()?.and_time(clock))
    }

    #[test]
    fn reads_what_the_general_formats_read() {
        for (date, clock) in [
            ("2026-01-31", "09:00:00"),
            ("2026-01-31", "09:00:01.5"),
            ("2024-02-29", "23:59:59.123456"),
            ("2016-12-31", "23:59:60"),
            ("0001-01-01", "00:00:00"),
            ("9999-12-31", "23:59:59.999999999"),
        ] {
            let time = read_local(date, clock);
            assert_eq!(time, by_format(date, clock), "{date} {clock}");
            let shown = time.map(show_local);
            let formatted = time.map(|time| time.format("%Y-%m-%dT%H:%M:%S%.f").to_string());
            assert_eq!(shown, formatted);
        }
        for (date, clock) in [
            ("2026-02-30", "09:00:00"),
            ("2026-13-01", "09:00:00"),
            ("2026-01-31", "24:00:00"),
            ("2026-01-31", "09:60:00"),
            ("2026-01-31", "09:00"),
            ("2026-01-31", ""),
            ("2026-01-31", "09:00:00Z"),
            ("2026-01-31", "09:00:00+01:00"),
            ("2026-01-31", "09:00:00."),
        ] {
            assert_eq!((read_local(date, clock), by_format(date, clock)), (None, None), "{date} {clock}");
        }
    }
}
