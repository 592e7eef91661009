//! What the keyword arguments of an engine and of a table mean.

use crate::time;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use std::collections::BTreeMap;
use tagwarden::{EngineOptions, Limits, TimeUnit, Zone};
use tagwarden_arrow::Mapping;

/// The options of an engine.
pub(crate) fn engine(
    lateness: Option<&Bound<'_, PyAny>>,
    dedup: Option<&Bound<'_, PyAny>>,
    hash_key: Option<&[u8]>,
    limits: Option<BTreeMap<String, u64>>,
) -> PyResult<EngineOptions> {
    let mut options = EngineOptions { limits: self::limits(limits)?, ..EngineOptions::default() };
    if let Some(lateness) = lateness {
        options.lateness = time::length(lateness, "lateness")?;
    }
    if let Some(dedup) = dedup {
        options.dedup = Some(time::length(dedup, "dedup")?);
    }
    if let Some(key) = hash_key {
        let wrong = |_| PyValueError::new_err(format!("hash_key: expected 16 bytes, found {}", key.len()));
        options.hash_key = key.try_into().map_err(wrong)?;
    }
    Ok(options)
}

/// Limits by name; those that are not named keep their default.
pub(crate) fn limits(named: Option<BTreeMap<String, u64>>) -> PyResult<Limits> {
    let mut limits = Limits::default();
    for (name, value) in named.unwrap_or_default() {
        let limit = match name.as_str() {
            "source_bytes" => &mut limits.source_bytes,
            "nesting" => &mut limits.nesting,
            "operators" => &mut limits.operators,
            "rules" => &mut limits.rules,
            "patterns" => &mut limits.patterns,
            "regex_bytes" => &mut limits.regex_bytes,
            "held_events" => &mut limits.held_events,
            "subjects" => &mut limits.subjects,
            "decisions" => &mut limits.decisions,
            "held_inputs" => &mut limits.held_inputs,
            "text_bytes" => &mut limits.text_bytes,
            _ => return Err(PyValueError::new_err(format!("limits: there is no limit {name:?}"))),
        };
        *limit = usize::try_from(value).unwrap_or(usize::MAX);
    }
    Ok(limits)
}

/// The unit of times that are whole numbers.
pub(crate) fn unit(name: &str) -> PyResult<TimeUnit> {
    match name {
        "s" => Ok(TimeUnit::Seconds),
        "ms" => Ok(TimeUnit::Millis),
        "us" => Ok(TimeUnit::Micros),
        _ => {
            Err(PyValueError::new_err(format!("time_unit: expected \"s\", \"ms\" or \"us\", found {name:?}")))
        }
    }
}

/// Which column holds what, as the keyword arguments say. Without a name for the time it is `ts` or `time`.
#[derive(Clone, Debug)]
pub(crate) struct Columns {
    pub(crate) event: String,
    pub(crate) event_type: Option<String>,
    pub(crate) time: Option<String>,
    pub(crate) id: String,
    pub(crate) columns: Option<BTreeMap<String, Option<String>>>,
    pub(crate) zone: Option<String>,
    pub(crate) unit: TimeUnit,
}

impl Columns {
    /// For a table with these columns.
    pub(crate) fn mapping(&self, table: &arrow_schema::Schema) -> PyResult<Mapping> {
        let zone = match &self.zone {
            Some(name) => Some(Zone::from_name(name).ok_or_else(|| {
                PyValueError::new_err(format!("zone: there is no time zone {name:?}; see the IANA database"))
            })?),
            None => None,
        };
        let time = match &self.time {
            Some(time) => time.as_str(),
            None if table.index_of("ts").is_ok() => "ts",
            None => "time",
        };
        Ok(Mapping {
            event: self.event.clone(),
            event_type: self.event_type.clone(),
            time: time.to_owned(),
            id: self.id.clone(),
            columns: self.columns.clone().unwrap_or_default(),
            unit: self.unit,
            zone,
        })
    }

    /// The same for a table in which every row is of one type.
    pub(crate) fn of_type(&self, event: &str) -> Columns {
        Columns { event_type: Some(event.to_owned()), ..self.clone() }
    }
}

/// A word that must be one of two.
pub(crate) fn either<T>(name: &str, found: &str, choices: [(&str, T); 2]) -> PyResult<T> {
    let [first, second] = choices;
    match found {
        _ if found == first.0 => Ok(first.1),
        _ if found == second.0 => Ok(second.1),
        _ => Err(PyTypeError::new_err(format!(
            "{name}: expected {:?} or {:?}, found {found:?}",
            first.0, second.0
        ))),
    }
}
