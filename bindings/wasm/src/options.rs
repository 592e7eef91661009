//! Options and times as JavaScript gives them.

use crate::errors::Failure;
use crate::json::Entries;
use serde::Deserialize;
use tagwarden::{Duration, EngineOptions, Limits, TimeUnit, Timestamp};

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Options {
    /// Milliseconds.
    lateness: Option<u64>,
    /// Milliseconds.
    dedup: Option<u64>,
    #[serde(rename = "hashKey")]
    hash_key: Option<Vec<u8>>,
    limits: Entries<u64>,
}

/// The options of an engine.
pub(crate) fn engine(json: &str) -> Result<EngineOptions, Failure> {
    let given: Options = serde_json::from_str(json).map_err(|error| Failure::argument(error.to_string()))?;
    let length = |millis: u64| {
        let micros = i64::try_from(millis).ok().and_then(|millis| millis.checked_mul(1_000));
        micros.map(Duration::from_micros).ok_or_else(|| Failure::argument("this length of time is too long"))
    };
    let mut options = EngineOptions { limits: limits(given.limits)?, ..EngineOptions::default() };
    if let Some(lateness) = given.lateness {
        options.lateness = length(lateness)?;
    }
    options.dedup = given.dedup.map(length).transpose()?;
    if let Some(key) = given.hash_key {
        let wrong =
            |key: Vec<u8>| Failure::argument(format!("hashKey: expected 16 bytes, found {}", key.len()));
        options.hash_key = key.try_into().map_err(wrong)?;
    }
    Ok(options)
}

/// Limits by the names of the core; those that are not named keep their default.
pub(crate) fn limits(named: Entries<u64>) -> Result<Limits, Failure> {
    let mut limits = Limits::default();
    for (name, value) in named.0 {
        let limit = match name.as_str() {
            "source_bytes" => &mut limits.source_bytes,
            "nesting" => &mut limits.nesting,
            "operators" => &mut limits.operators,
            "rules" => &mut limits.rules,
            "patterns" => &mut limits.patterns,
            "keyword_hits" => &mut limits.keyword_hits,
            "regex_bytes" => &mut limits.regex_bytes,
            "held_events" => &mut limits.held_events,
            "subjects" => &mut limits.subjects,
            "decisions" => &mut limits.decisions,
            "held_inputs" => &mut limits.held_inputs,
            "text_bytes" => &mut limits.text_bytes,
            _ => return Err(Failure::argument(format!("limits: there is no limit {name:?}"))),
        };
        *limit = usize::try_from(value).unwrap_or(usize::MAX);
    }
    Ok(limits)
}

/// Limits from a JSON object.
pub(crate) fn limits_of(json: &str) -> Result<Limits, Failure> {
    limits(serde_json::from_str(json).map_err(|error| Failure::argument(format!("limits: {error}")))?)
}

/// A time with an offset, or milliseconds since 1970.
pub(crate) fn time(text: &str) -> Result<Timestamp, Failure> {
    TimeUnit::Millis.parse(text).map_err(|error| Failure::argument(format!("time {text:?}: {error}")))
}
