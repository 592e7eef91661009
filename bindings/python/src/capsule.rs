//! Tables from and for other libraries, through the Arrow PyCapsule interface.
//!
//! The only unsafe code of the project is here: a capsule hands over a pointer, and what it points to is agreed upon by name.

use crate::errors;
use arrow_array::RecordBatchReader;
use arrow_array::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use arrow_schema::Schema;
use arrow_schema::ffi::FFI_ArrowSchema;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use std::ffi::CStr;

const STREAM: &CStr = c"arrow_array_stream";
const SCHEMA: &CStr = c"arrow_schema";

/// The batches of anything with `__arrow_c_stream__`.
pub(crate) fn import(table: &Bound<'_, PyAny>) -> PyResult<RecordBatchStreamReader> {
    let py = table.py();
    let Ok(method) = table.getattr("__arrow_c_stream__") else {
        let found = table.get_type().name()?;
        let expected =
            "a table with `__arrow_c_stream__`: of polars, pyarrow, pandas 2.2 or newer, duckdb, …";
        return Err(errors::table(
            py,
            &format!("expected {expected}, found {found}"),
            "",
            expected,
            &found.to_string(),
        ));
    };
    let capsule = method.call0()?;
    let capsule = capsule.cast::<PyCapsule>().map_err(|error| PyValueError::new_err(error.to_string()))?;
    let stream = stream(capsule)?;
    RecordBatchStreamReader::try_new(stream).map_err(|error| PyValueError::new_err(error.to_string()))
}

#[allow(unsafe_code, reason = "a pointer from another library")]
fn stream(capsule: &Bound<'_, PyCapsule>) -> PyResult<FFI_ArrowArrayStream> {
    // The name is checked: it says what the pointer points to.
    let pointer = capsule.pointer_checked(Some(STREAM))?;
    // SAFETY: by the Arrow PyCapsule interface a capsule of this name points to a valid `ArrowArrayStream`, which lives as long as
    // the capsule. `from_raw` moves it out and leaves a released one behind, as the interface asks of a consumer; the interpreter
    // is attached, so nobody else reads it meanwhile.
    Ok(unsafe { FFI_ArrowArrayStream::from_raw(pointer.as_ptr().cast()) })
}

/// A capsule with batches. Whoever takes it releases them.
pub(crate) fn export(
    py: Python<'_>,
    reader: Box<dyn RecordBatchReader + Send>,
) -> PyResult<Bound<'_, PyCapsule>> {
    PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(reader), STREAM)
}

/// A capsule with the columns of a table.
pub(crate) fn schema<'py>(py: Python<'py>, schema: &Schema) -> PyResult<Bound<'py, PyCapsule>> {
    let schema =
        FFI_ArrowSchema::try_from(schema).map_err(|error| PyValueError::new_err(error.to_string()))?;
    PyCapsule::new_with_value(py, schema, SCHEMA)
}
