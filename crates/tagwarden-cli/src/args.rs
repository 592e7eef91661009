//! What several commands take, and how it is read from the command line.

use crate::error::Failure;
use clap::ValueEnum;
use std::path::{Path, PathBuf};
use tagwarden::{Duration, Engine, EngineOptions, Rulebook, TimeUnit, Timestamp, Zone};

/// Where events come from and how they are written.
#[derive(clap::Args)]
pub(crate) struct Events {
    /// The events: a file of JSON Lines, CSV, Parquet or Arrow IPC; `-` reads standard input
    pub(crate) events: PathBuf,
    /// How the events are written; by default as the file's name says, otherwise JSON Lines
    #[arg(long, value_enum)]
    pub(crate) input_format: Option<InputFormat>,
    /// The event type of every row, for tables without a column `type`
    #[arg(long = "type", value_name = "EVENT")]
    pub(crate) event_type: Option<String>,
    /// The unit of times that are written as integers
    #[arg(long, value_enum, default_value = "ms")]
    pub(crate) time_unit: Unit,
    /// The zone of times that have none, as Parquet and Arrow files may hold them, such as Europe/Berlin
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    pub(crate) zone: Option<Zone>,
    /// How much older than the newest an event may be; for so long events are held back and put in order
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) lateness: Option<Duration>,
    /// For how long the `id` of an event is remembered, so that a second one is passed over
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) dedup: Option<Duration>,
}

impl Events {
    /// An engine that treats its inputs as asked.
    pub(crate) fn engine(&self, rulebook: &Rulebook) -> Engine {
        let lateness = self.lateness.unwrap_or_default();
        let options = EngineOptions { lateness, dedup: self.dedup, ..EngineOptions::default() };
        Engine::with_options(rulebook, options)
    }
}

/// How events are written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum InputFormat {
    /// One JSON object a line
    Jsonl,
    /// A header and rows, separated by commas
    Csv,
    /// A Parquet file
    Parquet,
    /// An Arrow IPC file, also called Feather, or a stream
    Arrow,
}

/// The unit of times that are integers.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Unit {
    /// Seconds since 1970
    S,
    /// Milliseconds since 1970
    Ms,
    /// Microseconds since 1970
    Us,
}

impl From<Unit> for TimeUnit {
    fn from(unit: Unit) -> TimeUnit {
        match unit {
            Unit::S => TimeUnit::Seconds,
            Unit::Ms => TimeUnit::Millis,
            Unit::Us => TimeUnit::Micros,
        }
    }
}

impl InputFormat {
    /// The format that was asked for, or that the name of the file says.
    pub(crate) fn of(asked: Option<InputFormat>, path: &Path) -> InputFormat {
        asked.unwrap_or_else(|| {
            let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
            match &*extension.to_ascii_lowercase() {
                "csv" => InputFormat::Csv,
                "parquet" | "pq" => InputFormat::Parquet,
                "arrow" | "arrows" | "ipc" | "feather" => InputFormat::Arrow,
                _ => InputFormat::Jsonl,
            }
        })
    }
}

/// A time as it is written in rulebooks: with an offset, or by the clock of the rulebook's zone.
#[derive(Clone)]
pub(crate) enum Time {
    At(Timestamp),
    /// Such as `2026-01-02T03:04:05`: checked by [`time`].
    Local(String),
}

impl Time {
    /// The instant that it is, by the zone of a rulebook.
    pub(crate) fn resolve(&self, rulebook: &Rulebook) -> Result<Timestamp, Failure> {
        match self {
            Time::At(time) => Ok(*time),
            Time::Local(text) => {
                let local = text.parse().ok().and_then(|local| rulebook.zone().instant(local));
                local.ok_or_else(|| Failure::Usage(format!("`{text}` cannot be read as a time")))
            }
        }
    }
}

/// A time such as `2026-01-02T03:04:05+08:00`, or a local one: `2026-01-02`, `2026-01-02T03:04` or with seconds. Between day
/// and hour there may be a space, as in what is shown.
pub(crate) fn time(text: &str) -> Result<Time, String> {
    let spaced = text.replacen(' ', "T", 1);
    let error = match spaced.parse::<Timestamp>() {
        Ok(time) => return Ok(Time::At(time)),
        Err(error) => error.to_string(),
    };
    let local = match spaced.len() {
        10 => format!("{spaced}T00:00:00"),
        16 => format!("{spaced}:00"),
        _ => spaced,
    };
    // As if it were UTC: whether it can be read does not depend on the zone.
    match format!("{local}Z").parse::<Timestamp>() {
        Ok(_) => Ok(Time::Local(local)),
        Err(_) => Err(error),
    }
}

/// A time zone by its name.
pub(crate) fn zone(text: &str) -> Result<Zone, String> {
    Zone::from_name(text).ok_or_else(|| format!("`{text}` is no time zone such as UTC or Europe/Berlin"))
}

/// A fixed length of time such as `1h30m`: s, m, h, d and w.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let bad = || format!("`{text}` is no length of time such as 90s, 30m, 24h or 7d");
    let mut micros: i64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(bad)?;
        let (number, tail) = rest.split_at(digits);
        let unit = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit);
        let seconds: i64 = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            "d" => 86_400,
            "w" => 604_800,
            "mo" | "y" => return Err("months and years have no fixed length; write days".into()),
            _ => return Err(bad()),
        };
        let number: i64 = number.parse().map_err(|_| bad())?;
        let part = number.checked_mul(seconds * 1_000_000).ok_or_else(bad)?;
        micros = micros.checked_add(part).ok_or_else(bad)?;
        rest = tail;
    }
    if text.is_empty() { Err(bad()) } else { Ok(Duration::from_micros(micros)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_times_are_read() {
        assert_eq!(duration("1h30m"), Ok(Duration::from_micros(5_400_000_000)));
        assert_eq!(duration("2w"), Ok(Duration::from_micros(1_209_600_000_000)));
        for bad in ["", "h", "5", "5x", "1mo", "99999999999999999999s", "9999999999999w", "é"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
        let rulebook = Rulebook::compile("timezone \"Asia/Shanghai\"").unwrap();
        let read = |text: &str| time(text).unwrap().resolve(&rulebook).unwrap().to_string();
        for text in ["2026-01-01", "2026-01-01T00:00", "2026-01-01 00:00:00", "2025-12-31 16:00:00Z"] {
            assert_eq!(read(text), "2025-12-31T16:00:00Z");
        }
        assert_eq!(read("2026-01-01T00:00:00.25"), "2025-12-31T16:00:00.25Z");
        for bad in ["yesterday", "2026-02-30", "2026-01-01T25:00", "2026-1-1", "T", " "] {
            assert!(time(bad).is_err(), "{bad}");
        }
    }
}
