//! Times: Python's `datetime` with a zone, or whole numbers, and nothing else by guess.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyString};
use tagwarden::{TimeUnit, Timestamp};

/// What is needed of the module `datetime`.
struct Calendar {
    datetime: Py<PyAny>,
    delta: Py<PyAny>,
    epoch: Py<PyAny>,
    micro: Py<PyAny>,
}

static CALENDAR: PyOnceLock<Calendar> = PyOnceLock::new();

fn calendar(py: Python<'_>) -> PyResult<&Calendar> {
    CALENDAR.get_or_try_init(py, || {
        let module = py.import("datetime")?;
        let (datetime, delta) = (module.getattr("datetime")?, module.getattr("timedelta")?);
        let utc = module.getattr("timezone")?.getattr("utc")?;
        let epoch = datetime.call1((1970, 1, 1, 0, 0, 0, 0, utc))?;
        let micro = delta.call1((0, 0, 1))?;
        Ok(Calendar {
            datetime: datetime.unbind(),
            delta: delta.unbind(),
            epoch: epoch.unbind(),
            micro: micro.unbind(),
        })
    })
}

/// A time as an aware `datetime` in UTC.
pub(crate) fn to_python(py: Python<'_>, time: Timestamp) -> PyResult<Bound<'_, PyAny>> {
    let calendar = calendar(py)?;
    let since = calendar.delta.bind(py).call1((0, 0, time.micros()))?;
    calendar.epoch.bind(py).add(since)
}

/// The same of a time that may be absent.
pub(crate) fn maybe(py: Python<'_>, time: Option<Timestamp>) -> PyResult<Option<Bound<'_, PyAny>>> {
    time.map(|time| to_python(py, time)).transpose()
}

/// Whether an object is a `datetime`.
pub(crate) fn is_datetime(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    value.is_instance(calendar(value.py())?.datetime.bind(value.py()))
}

/// Whether an object is a `timedelta`.
pub(crate) fn is_length(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    value.is_instance(calendar(value.py())?.delta.bind(value.py()))
}

/// What a `datetime` without a zone is told.
pub(crate) const NAIVE: &str = "a datetime with a zone, such as datetime(2026, 1, 2, tzinfo=timezone.utc)";

/// The instant of a `datetime`; `None` if it has no zone.
pub(crate) fn instant(value: &Bound<'_, PyAny>) -> PyResult<Option<Timestamp>> {
    let py = value.py();
    let calendar = calendar(py)?;
    if value.call_method0("utcoffset")?.is_none() {
        return Ok(None);
    }
    let since = value.sub(calendar.epoch.bind(py))?;
    let micros: i64 = since.floor_div(calendar.micro.bind(py))?.extract()?;
    let range = || PyValueError::new_err("a time in the years 1 to 9999");
    Timestamp::from_micros(micros).map(Some).ok_or_else(range)
}

/// The time that a call names: an aware `datetime`, a whole number in `unit`, or RFC 3339 with an offset.
pub(crate) fn argument(value: &Bound<'_, PyAny>, unit: TimeUnit) -> PyResult<Timestamp> {
    if is_datetime(value)? {
        let naive = || {
            let shown = value.str().map(|text| text.to_string()).unwrap_or_default();
            PyValueError::new_err(format!("time: expected {NAIVE}, found {shown} without one"))
        };
        return instant(value)?.ok_or_else(naive);
    }
    let text = match value.cast::<PyString>() {
        Ok(text) => text.to_string(),
        Err(_) if value.is_instance_of::<PyBool>() => return Err(kind(value)),
        Err(_) => match value.call_method0("__index__") {
            Ok(whole) => whole.str()?.to_string(),
            Err(_) => return Err(kind(value)),
        },
    };
    unit.parse(&text).map_err(|error| PyValueError::new_err(format!("time: {error}: {text}")))
}

fn kind(value: &Bound<'_, PyAny>) -> PyErr {
    let name = value.get_type().name().map(|name| name.to_string()).unwrap_or_default();
    PyTypeError::new_err(format!("time: expected {NAIVE}, a whole number or RFC 3339 text, found {name}"))
}

/// A fixed length of time from a `timedelta`.
pub(crate) fn length(value: &Bound<'_, PyAny>, name: &str) -> PyResult<tagwarden::Duration> {
    let py = value.py();
    let calendar = calendar(py)?;
    if !value.is_instance(calendar.delta.bind(py))? {
        return Err(PyTypeError::new_err(format!(
            "{name}: expected a timedelta, such as timedelta(hours=1)"
        )));
    }
    let micros: i64 = value.floor_div(calendar.micro.bind(py))?.extract()?;
    if micros < 0 {
        return Err(PyValueError::new_err(format!(
            "{name}: expected a length of time, found a negative one"
        )));
    }
    Ok(tagwarden::Duration::from_micros(micros))
}

/// A length of time as a `timedelta`, as far as it is fixed.
pub(crate) fn length_to_python(py: Python<'_>, length: tagwarden::Duration) -> PyResult<Bound<'_, PyAny>> {
    calendar(py)?.delta.bind(py).call1((0, 0, length.micros()))
}
