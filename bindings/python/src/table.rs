//! Results as tables, which every data-frame library can take.

use crate::{capsule, event, time};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Decimal128Type, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType, UInt8Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict, PyList};
use tagwarden::{Decimal, Timestamp};
use tagwarden_arrow::Table;

/// A table of results. Any library that knows the Arrow PyCapsule interface takes it without copying.
#[pyclass(frozen, module = "tagwarden", name = "Table")]
#[derive(Debug)]
pub(crate) struct PyTable(pub(crate) Table);

#[pymethods]
impl PyTable {
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // The interface lets a producer keep its own types.
        drop(requested_schema);
        capsule::export(py, Box::new(self.0.reader()))
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        capsule::schema(py, self.0.schema())
    }

    fn __len__(&self) -> usize {
        self.0.rows()
    }

    /// How many rows it has.
    #[getter]
    fn num_rows(&self) -> usize {
        self.0.rows()
    }

    /// The names of its columns.
    #[getter]
    fn column_names(&self) -> Vec<String> {
        self.0.schema().fields().iter().map(|field| field.name().clone()).collect()
    }

    /// The first rows, or all, as dictionaries.
    #[pyo3(signature = (limit = None))]
    fn to_pylist<'py>(&self, py: Python<'py>, limit: Option<usize>) -> PyResult<Bound<'py, PyList>> {
        let rows = PyList::empty(py);
        for batch in self.0.batches() {
            for row in 0..batch.num_rows() {
                if limit.is_some_and(|limit| rows.len() >= limit) {
                    return Ok(rows);
                }
                let dict = PyDict::new(py);
                for (field, column) in self.0.schema().fields().iter().zip(batch.columns()) {
                    dict.set_item(field.name(), cell(py, column, row)?)?;
                }
                rows.append(dict)?;
            }
        }
        Ok(rows)
    }

    /// The table in polars.
    fn to_polars<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("polars")?.call_method1("DataFrame", (self.shared(py)?,))
    }

    /// The table in pyarrow.
    fn to_pyarrow<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("pyarrow")?.call_method1("table", (self.shared(py)?,))
    }

    /// The table in pandas, by way of pyarrow.
    fn to_pandas<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.to_pyarrow(py)?.call_method0("to_pandas")
    }

    fn __repr__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let rows = self.to_pylist(py, Some(10))?;
        py.import("tagwarden._show")?.call_method1("table", (self.column_names(), rows, self.0.rows()))
    }

    fn _repr_html_<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let rows = self.to_pylist(py, Some(10))?;
        py.import("tagwarden._show")?.call_method1("table_html", (self.column_names(), rows, self.0.rows()))
    }
}

impl PyTable {
    /// The same table as another object of Python's.
    fn shared<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTable>> {
        Bound::new(py, PyTable(self.0.clone()))
    }
}

/// What stands in a row of one of our own columns.
fn cell<'py>(py: Python<'py>, column: &ArrayRef, row: usize) -> PyResult<Bound<'py, PyAny>> {
    if column.is_null(row) {
        return Ok(py.None().into_bound(py));
    }
    Ok(match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().value(row).into_pyobject(py)?.into_any(),
        DataType::Boolean => column.as_boolean().value(row).into_pyobject(py)?.to_owned().into_any(),
        DataType::UInt8 => column.as_primitive::<UInt8Type>().value(row).into_pyobject(py)?.into_any(),
        DataType::UInt64 => column.as_primitive::<UInt64Type>().value(row).into_pyobject(py)?.into_any(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).into_pyobject(py)?.into_any(),
        DataType::Float64 => column.as_primitive::<Float64Type>().value(row).into_pyobject(py)?.into_any(),
        DataType::Timestamp(..) => {
            let micros = column.as_primitive::<TimestampMicrosecondType>().value(row);
            time::to_python(py, Timestamp::from_micros(micros).unwrap_or(Timestamp::MAX))?
        }
        DataType::Decimal128(..) => {
            let units = column.as_primitive::<Decimal128Type>().value(row);
            event::decimal(py)?.call1((Decimal::from_units(units).0.to_string(),))?
        }
        DataType::Dictionary(..) => {
            let dictionary = column.as_dictionary::<Int32Type>();
            let code = usize::try_from(dictionary.keys().value(row)).unwrap_or_default();
            cell(py, dictionary.values(), code)?
        }
        other => return Err(PyTypeError::new_err(format!("a column of {other}"))),
    })
}
