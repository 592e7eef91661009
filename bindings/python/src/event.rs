//! Events from Python: a mapping is written as JSON and read by the core, so that it means what the same line would mean in a
//! file, and is refused in the same words.

use crate::time;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};
use tagwarden::{Input, InputError, Reader};

/// Whether an object is one event, and not many.
pub(crate) fn is_one(value: &Bound<'_, PyAny>) -> bool {
    value.is_instance_of::<PyDict>()
        || value.is_instance_of::<PyString>()
        || value.is_instance_of::<PyBytes>()
        || value.cast::<PyMapping>().is_ok()
}

/// Reads one event or tick: a mapping, or a JSON object as text or bytes. The outer error is a wrong type in the program, the
/// inner one is for a wrong event.
pub(crate) fn read(reader: &Reader, value: &Bound<'_, PyAny>) -> PyResult<Result<Input, InputError>> {
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(reader.json(bytes.as_bytes()));
    }
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(reader.json(text.to_cow()?.as_bytes()));
    }
    if let Ok(event) = value.cast::<PyDict>() {
        return Ok(write(event)?.and_then(|json| reader.json(json.as_bytes())));
    }
    let mut json = String::with_capacity(160);
    json.push('{');
    if let Ok(event) = value.cast::<PyMapping>() {
        for item in event.items()?.iter() {
            let (name, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
            if let Some(error) = entry(&name, &value, &mut json)? {
                return Ok(Err(error));
            }
        }
    } else {
        let found = value.get_type().name()?;
        return Err(PyTypeError::new_err(format!(
            "an event is a mapping, or a JSON object as str or bytes; found {found}"
        )));
    }
    json.push('}');
    Ok(reader.json(json.as_bytes()))
}

/// Writes a mapping as a JSON object.
pub(crate) fn write(event: &Bound<'_, PyDict>) -> PyResult<Result<String, InputError>> {
    let mut json = String::with_capacity(160);
    json.push('{');
    for (name, value) in event.iter() {
        if let Some(error) = entry(&name, &value, &mut json)? {
            return Ok(Err(error));
        }
    }
    json.push('}');
    Ok(Ok(json))
}

fn quote(text: &str, out: &mut String) {
    // Writing a string as JSON cannot fail.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

/// Writes one entry, or says what is wrong with it.
fn entry(
    name: &Bound<'_, PyAny>,
    value: &Bound<'_, PyAny>,
    out: &mut String,
) -> PyResult<Option<InputError>> {
    let Ok(name) = name.cast::<PyString>() else {
        return Err(PyTypeError::new_err("the names of an event's fields are texts"));
    };
    let name = name.to_cow()?;
    if value.is_none() {
        return Ok(None);
    }
    if out.len() > 1 {
        out.push(',');
    }
    quote(&name, out);
    out.push(':');
    let invalid = |expected: &str, found: String| {
        Some(InputError::Invalid { path: name.to_string(), expected: expected.to_owned(), found })
    };
    if let Ok(text) = value.cast::<PyString>() {
        quote(&text.to_cow()?, out);
    } else if let Ok(truth) = value.cast::<PyBool>() {
        out.push_str(if truth.is_true() { "true" } else { "false" });
    } else if value.is_instance_of::<PyInt>() {
        out.push_str(value.str()?.to_cow()?.as_ref());
    } else if let Ok(float) = value.cast::<PyFloat>() {
        let float = float.value();
        if !float.is_finite() {
            return Ok(invalid("a number", float.to_string()));
        }
        out.push_str(&float.to_string());
    } else if time::is_datetime(value)? {
        match time::instant(value)? {
            Some(time) => quote(&time.to_string(), out),
            None => return Ok(invalid(time::NAIVE, format!("{} without one", value.str()?))),
        }
    } else if time::is_length(value)? {
        // Commands have them: `"for": timedelta(hours=1)`.
        quote(&time::length(value, &name)?.to_string(), out);
    } else if value.is_instance(decimal(value.py())?)? {
        let digits = value.str()?.to_string();
        if !value.call_method0("is_finite")?.is_truthy()? {
            return Ok(invalid("a number", digits));
        }
        out.push_str(&digits);
    } else if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
        out.push_str("[]");
    } else if value.cast::<PyMapping>().is_ok() {
        out.push_str("{}");
    } else if let Ok(whole) = value.call_method0("__index__") {
        out.push_str(whole.str()?.to_cow()?.as_ref());
    } else if let Ok(float) = value.extract::<f64>() {
        out.push_str(&float.to_string());
    } else {
        let found = format!("a {}", value.get_type().name()?);
        return Ok(invalid("a text, a number, a truth value or a datetime", found));
    }
    Ok(None)
}

static DECIMAL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// The class `decimal.Decimal`.
pub(crate) fn decimal(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    let class =
        DECIMAL.get_or_try_init(py, || PyResult::Ok(py.import("decimal")?.getattr("Decimal")?.unbind()))?;
    Ok(class.bind(py))
}
