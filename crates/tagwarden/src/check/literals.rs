//! Durations, whole numbers and times as written.

use super::Checker;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::ast::Spanned;
use crate::value::{Decimal, Duration, Timestamp, Zone, read_day, read_local};

impl Checker<'_> {
    /// A duration of more than no time.
    pub(super) fn positive(&mut self, duration: &Spanned<Duration>) -> Option<Duration> {
        if !duration.node.is_zero() {
            return Some(duration.node);
        }
        self.report(
            Diagnostic::new(
                Code::DurationUnfit,
                duration.span,
                "this is no time at all",
                "expected a duration of more than 0",
            )
            .with_help("durations are written like `90s`, `30m`, `24h`, `7d`, `3mo`, `1y` or `1h30m`"),
        );
        None
    }

    /// A duration without months and years, in microseconds.
    pub(super) fn fixed(&mut self, duration: &Spanned<Duration>, what: &str) -> Option<i64> {
        if duration.node.is_fixed() {
            return Some(duration.node.micros());
        }
        self.report(
            Diagnostic::new(
                Code::DurationUnfit,
                duration.span,
                format!("{what} cannot be counted in months or years"),
                "these are not always equally long",
            )
            .with_help("write it in days: `30d` for a month, `365d` for a year"),
        );
        None
    }

    /// A whole number between two others.
    pub(super) fn whole(
        &mut self,
        number: &Spanned<Decimal>,
        least: u32,
        most: u32,
        what: &str,
    ) -> Option<u32> {
        const UNIT: i128 = 1_000_000;
        let units = number.node.units();
        let whole = if units % UNIT == 0 { u32::try_from(units / UNIT).ok() } else { None };
        match whole {
            Some(whole) if (least..=most).contains(&whole) => Some(whole),
            _ => {
                self.report(Diagnostic::new(
                    Code::NumberUnfit,
                    number.span,
                    format!("{what} cannot be {}", number.node),
                    format!("expected a whole number from {least} to {most}"),
                ));
                None
            }
        }
    }

    /// A time as written, read in the rulebook's zone where it has no offset.
    pub(super) fn time(&mut self, text: &str, span: Span) -> Option<Timestamp> {
        let time = read_time(text, self.zone);
        if time.is_none() {
            self.report(
                Diagnostic::new(Code::BadTime, span, format!("there is no time `{text}`"), "not a date or time")
                    .with_help(
                        "times are written `2026-01-31`, `2026-01-31T09:00` (in the rulebook's zone) or `2026-01-31T09:00:00+08:00`",
                    ),
            );
        }
        time
    }
}

/// RFC 3339 with or without seconds, or a local date or time.
fn read_time(text: &str, zone: Zone) -> Option<Timestamp> {
    let Some((date, clock)) = text.split_once(['T', 't']) else {
        return zone.instant(read_day(text)?);
    };
    let split = clock.find(['+', '-', 'Z', 'z']).unwrap_or(clock.len());
    let (clock, offset) = clock.split_at_checked(split)?;
    // `09:00` is `09:00:00`.
    let clock = if clock.len() == 5 { format!("{clock}:00") } else { clock.to_owned() };
    if offset.is_empty() {
        zone.instant(read_local(date, &clock)?)
    } else {
        format!("{date}T{clock}{offset}").parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_with_and_without_offset() {
        let zone = Zone::from_name("Asia/Shanghai").unwrap();
        let shown = |text| read_time(text, zone).map(|time| time.to_string());
        assert_eq!(shown("2026-01-01").as_deref(), Some("2025-12-31T16:00:00Z"));
        assert_eq!(shown("2026-01-01T09:00").as_deref(), Some("2026-01-01T01:00:00Z"));
        assert_eq!(shown("2026-01-01T09:00:01.5").as_deref(), Some("2026-01-01T01:00:01.5Z"));
        assert_eq!(shown("2026-01-01T09:00Z").as_deref(), Some("2026-01-01T09:00:00Z"));
        assert_eq!(shown("2026-01-01T09:00:00-05:00").as_deref(), Some("2026-01-01T14:00:00Z"));
        for wrong in ["2026-02-30", "2026-01-01T25:00", "2026-13-01", "2026-01-01T", "2026-01-01T9"] {
            assert_eq!(shown(wrong), None, "{wrong}");
        }
    }
}
