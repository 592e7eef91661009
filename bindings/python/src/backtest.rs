//! Backtests.

use crate::batch::Stream;
use crate::options::{self, Columns};
use crate::progress::Progress;
use crate::rulebook::PyRulebook;
use crate::table::PyTable;
use crate::{errors, time};
use arrow_schema::ArrowError;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use tagwarden::{EngineOptions, Period, Rulebook};
use tagwarden_arrow::{Backtest, BacktestOptions, Of, Source};

/// A run of a rulebook over tables. `tagwarden.BacktestResult` is what users see of it.
#[pyclass(frozen, module = "tagwarden._native", name = "Run")]
pub(crate) struct PyRun {
    run: Backtest,
    /// The rows, for runs of other rulebooks. They are shared with the libraries that they come from.
    sources: Vec<Given>,
    columns: Columns,
    options: BacktestOptions,
}

/// A table as it was given: with the event type of its rows, if they have one.
#[derive(Clone)]
struct Given {
    event: Option<String>,
    schema: arrow_schema::SchemaRef,
    batches: Vec<arrow_array::RecordBatch>,
}

fn failed(error: ArrowError) -> PyErr {
    PyRuntimeError::new_err(error.to_string())
}

fn bind(py: Python<'_>, rulebook: &Rulebook, given: &[Given], columns: &Columns) -> PyResult<Vec<Source>> {
    let source = |given: &Given| {
        let columns = match &given.event {
            Some(event) => columns.of_type(event),
            None => columns.clone(),
        };
        let mapping = columns.mapping(&given.schema)?;
        let binding = tagwarden_arrow::Binding::new(rulebook, &given.schema, &mapping);
        let binding = binding.map_err(|error| errors::binding(py, &error))?;
        let name = given.event.clone().unwrap_or_default();
        Ok(Source { name, binding, batches: given.batches.clone() })
    };
    given.iter().map(source).collect()
}

fn run(
    py: Python<'_>,
    rulebook: &Rulebook,
    sources: Vec<Source>,
    options: &BacktestOptions,
    progress: Option<Py<PyAny>>,
) -> PyResult<Backtest> {
    let total = sources.iter().flat_map(|source| &source.batches).map(|batch| batch.num_rows() as u64).sum();
    let mut progress = Progress::new(progress, Some(total));
    let options = options.clone();
    let done = py.detach(|| Backtest::run(rulebook, &sources, options, &mut |rows| progress.report(rows)));
    progress.finish()?;
    done.map_err(failed)?.ok_or_else(|| PyRuntimeError::new_err("stopped"))
}

#[pymethods]
impl PyRun {
    #[new]
    #[pyo3(signature = (rulebook, table, *, event, event_type, time, id, columns, zone, time_unit, until, dedup, hash_key, limits, decisions, reasons, threads, progress))]
    #[allow(clippy::too_many_arguments, reason = "they are keyword arguments")]
    fn new(
        py: Python<'_>,
        rulebook: &PyRulebook,
        table: &Bound<'_, PyAny>,
        event: String,
        event_type: Option<String>,
        time: Option<String>,
        id: String,
        columns: Option<BTreeMap<String, Option<String>>>,
        zone: Option<String>,
        time_unit: &str,
        until: Option<&Bound<'_, PyAny>>,
        dedup: Option<&Bound<'_, PyAny>>,
        hash_key: Option<&[u8]>,
        limits: Option<BTreeMap<String, u64>>,
        decisions: bool,
        reasons: bool,
        threads: Option<usize>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<PyRun> {
        let unit = options::unit(time_unit)?;
        let columns = Columns { event, event_type, time, id, columns, zone, unit };
        let until = until.map(|until| time::argument(until, unit)).transpose()?;
        let engine: EngineOptions = options::engine(None, dedup, hash_key, limits)?;
        let threads = threads.map(|threads| {
            NonZeroUsize::new(threads)
                .ok_or_else(|| PyValueError::new_err("threads: expected 1 or more, found 0"))
        });
        let options = BacktestOptions { engine, until, decisions, reasons, threads: threads.transpose()? };
        let mut tables = Vec::new();
        match table.cast::<PyDict>() {
            Ok(named) => {
                for (event, table) in named.iter() {
                    tables.push((Some(event.extract::<String>()?), Stream::open(&table)?));
                }
            }
            Err(_) => tables.push((None, Stream::open(table)?)),
        }
        let mut sources = Vec::new();
        for (event, stream) in tables {
            let schema = stream.schema();
            // Also with the interpreter free: a relation is computed only now.
            let batches = py.detach(|| stream.collect()).map_err(failed)?;
            sources.push(Given { event, schema, batches });
        }
        let bound = bind(py, &rulebook.0, &sources, &columns)?;
        let run = run(py, &rulebook.0, bound, &options, progress)?;
        Ok(PyRun { run, sources, columns, options })
    }

    /// The same events under another rulebook.
    fn again(&self, py: Python<'_>, rulebook: &PyRulebook, progress: Option<Py<PyAny>>) -> PyResult<PyRun> {
        let bound = bind(py, &rulebook.0, &self.sources, &self.columns)?;
        let options = BacktestOptions { decisions: false, reasons: false, ..self.options.clone() };
        let run = run(py, &rulebook.0, bound, &options, progress)?;
        Ok(PyRun { run, sources: self.sources.clone(), columns: self.columns.clone(), options })
    }

    #[getter]
    fn rulebook(&self) -> PyRulebook {
        PyRulebook(self.run.rulebook().clone())
    }

    #[getter]
    fn rows(&self) -> u64 {
        self.run.rows()
    }

    #[getter]
    fn span<'py>(&self, py: Python<'py>) -> PyResult<Option<(Bound<'py, PyAny>, Bound<'py, PyAny>)>> {
        let Some((first, last)) = self.run.span() else { return Ok(None) };
        Ok(Some((time::to_python(py, first)?, time::to_python(py, last)?)))
    }

    #[getter]
    fn subjects(&self) -> BTreeMap<String, u64> {
        let entities = &self.run.rulebook().schema().entities;
        entities.iter().map(|entity| (entity.to_string(), self.run.subjects(entity))).collect()
    }

    #[getter]
    fn decisions(&self) -> PyTable {
        PyTable(self.run.decisions().clone())
    }

    #[getter]
    fn refused(&self) -> PyTable {
        PyTable(self.run.refused().clone())
    }

    fn memberships(&self, py: Python<'_>) -> PyResult<PyTable> {
        py.detach(|| self.run.members().table()).map(PyTable).map_err(failed)
    }

    fn over_time(&self, py: Python<'_>, every: &str) -> PyResult<PyTable> {
        let every = match every {
            "hour" => Period::Hour,
            "day" => Period::Day,
            "week" => Period::Week,
            "month" => Period::Month,
            "year" => Period::Year,
            _ => {
                return Err(PyValueError::new_err(format!(
                    "every: expected \"hour\", \"day\", \"week\", \"month\" or \"year\", found {every:?}"
                )));
            }
        };
        py.detach(|| self.run.over_time(every)).map(PyTable).map_err(failed)
    }

    fn coverage(&self, py: Python<'_>, of: &str, narrow: f64, wide: f64) -> PyResult<PyTable> {
        let of = self::of(of)?;
        let table = py.detach(|| match of {
            Of::Rules => self.run.coverage(narrow, wide),
            Of::Things => self.run.thing_coverage(narrow, wide),
        });
        table.map(PyTable).map_err(failed)
    }

    fn overlap(&self, py: Python<'_>, of: &str) -> PyResult<PyTable> {
        let of = self::of(of)?;
        py.detach(|| self.run.overlap(of)).map(PyTable).map_err(failed)
    }

    fn compare(&self, py: Python<'_>, other: &PyRun, ever: bool) -> PyResult<PyTable> {
        py.detach(|| self.run.compare(&other.run, ever)).map(PyTable).map_err(failed)
    }
}

fn of(name: &str) -> PyResult<Of> {
    options::either("of", name, [("rules", Of::Rules), ("tags", Of::Things)])
}
