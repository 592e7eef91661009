//! Rulebooks.

use crate::{answers, errors, options};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use tagwarden::{Limits, Rulebook};

/// A compiled rulebook. Any number of engines, on any number of threads, can share it.
#[pyclass(frozen, module = "tagwarden", name = "Rulebook")]
#[derive(Debug)]
pub(crate) struct PyRulebook(pub(crate) Rulebook);

/// Finds the text of a file by its name.
type Resolver<'r> = &'r (dyn Fn(Python<'_>, &str) -> PyResult<Option<String>> + Sync);

/// Compiles with the interpreter free for others. What goes wrong in a resolver is raised, not swallowed.
fn compile(
    py: Python<'_>,
    sources: &[(String, String)],
    resolver: Resolver<'_>,
    limits: &Limits,
) -> PyResult<PyRulebook> {
    let failed: Mutex<Option<PyErr>> = Mutex::new(None);
    let compiled = py.detach(|| {
        let mut compiler = Rulebook::compiler().limits(limits.clone());
        for (name, text) in sources {
            compiler = compiler.source(name.as_str(), text.as_str());
        }
        let find = |name: &str| {
            Python::attach(|py| match resolver(py, name) {
                Ok(found) => found,
                Err(error) => {
                    if let Ok(mut failed) = failed.lock() {
                        failed.get_or_insert(error);
                    }
                    None
                }
            })
        };
        compiler.resolver(find).compile()
    });
    if let Some(error) = failed.into_inner().ok().flatten() {
        return Err(error);
    }
    compiled.map(PyRulebook).map_err(|error| errors::rule(py, &error))
}

/// Python's own way to read a file, for its own errors.
fn read(py: Python<'_>, path: &Path) -> PyResult<String> {
    let path = py.import("pathlib")?.getattr("Path")?.call1((path,))?;
    path.call_method1("read_text", ("utf-8",))?.extract()
}

#[pymethods]
impl PyRulebook {
    /// Compile one text.
    #[staticmethod]
    #[pyo3(signature = (text, *, name = "rulebook.tw", limits = None))]
    fn compile(
        py: Python<'_>,
        text: String,
        name: &str,
        limits: Option<BTreeMap<String, u64>>,
    ) -> PyResult<PyRulebook> {
        compile(py, &[(name.to_owned(), text)], &|_, _| Ok(None), &options::limits(limits)?)
    }

    /// Compile a file. `use` and `keywords … from` find files beside it.
    #[staticmethod]
    #[pyo3(signature = (path, *, limits = None))]
    fn from_file(
        py: Python<'_>,
        path: PathBuf,
        limits: Option<BTreeMap<String, u64>>,
    ) -> PyResult<PyRulebook> {
        let text = read(py, &path)?;
        let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
        let given = path.canonicalize().ok();
        let resolver = |py: Python<'_>, name: &str| {
            let path = folder.join(name);
            if !path.is_file() {
                return Ok(None);
            }
            // A file that names itself is there already.
            if given.is_some() && path.canonicalize().ok() == given {
                return Ok(Some(String::new()));
            }
            read(py, &path).map(Some)
        };
        compile(py, &[(path.display().to_string(), text)], &resolver, &options::limits(limits)?)
    }

    /// Compile several texts, by name. `resolver` finds those that `use` and `keywords … from` name.
    #[staticmethod]
    #[pyo3(signature = (sources, resolver = None, *, limits = None))]
    fn from_files(
        py: Python<'_>,
        sources: &Bound<'_, PyDict>,
        resolver: Option<Py<PyAny>>,
        limits: Option<BTreeMap<String, u64>>,
    ) -> PyResult<PyRulebook> {
        let sources: Vec<(String, String)> = sources
            .iter()
            .map(|(name, text)| Ok((name.extract()?, text.extract()?)))
            .collect::<PyResult<_>>()?;
        let find = |py: Python<'_>, name: &str| match &resolver {
            Some(resolver) => resolver.bind(py).call1((name,))?.extract(),
            None => Ok(None),
        };
        compile(py, &sources, &find, &options::limits(limits)?)
    }

    /// The rules, in the order in which they run.
    #[getter]
    fn rules<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        answers::rules(py, &self.0.rules())
    }

    /// What compiled, but probably does not mean what was meant.
    #[getter]
    fn warnings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let sources = self.0.sources();
        let records: Vec<_> = self.0.warnings().iter().map(|warning| warning.record(sources)).collect();
        answers::diagnostics(py, &records)
    }

    /// The texts that it was compiled from, by name.
    #[getter]
    fn sources<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        for source in self.0.sources().iter() {
            dict.set_item(&*source.name, &*source.text)?;
        }
        Ok(dict)
    }

    /// The names of the entities.
    #[getter]
    fn entities<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0.schema().entities.iter().map(|name| &**name))
    }

    /// The event types: for each the columns that its events have, and what they hold.
    #[getter]
    fn events<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (schema, events) = (self.0.schema(), PyDict::new(py));
        for event in &schema.events {
            let fields = PyDict::new(py);
            for entity in &event.entities {
                let name = schema.entities.get(usize::from(entity.0)).map_or("", |name| name);
                fields.set_item(name, "key")?;
            }
            for field in &event.fields {
                let optional = if field.optional { "?" } else { "" };
                fields.set_item(&*field.name, format!("{}{optional}", field.kind.describe()))?;
            }
            events.set_item(&*event.name, fields)?;
        }
        Ok(events)
    }

    /// The time zone of calendar windows and schedules.
    #[getter]
    fn zone(&self) -> &'static str {
        self.0.zone().name()
    }

    /// Run the `test` blocks of the rulebook.
    fn run_tests<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let reports = py.detach(|| tagwarden::run_tests(&self.0));
        answers::tests(py, &reports)
    }

    fn __repr__(&self) -> String {
        let names: Vec<_> = self.0.rules().iter().map(|rule| rule.name.to_string()).collect();
        match names.len() {
            0..=8 => format!("Rulebook(rules=[{}])", names.join(", ")),
            count => format!("Rulebook(rules=[{}, … {} more])", names[..8].join(", "), count - 8),
        }
    }
}
