//! The Python package: types are translated here, and nothing is decided.

mod answers;
mod backtest;
mod batch;
mod capsule;
mod decision;
mod engine;
mod errors;
mod event;
mod ledger;
mod options;
mod parse;
mod people;
mod progress;
mod rulebook;
mod table;
mod time;

use pyo3::prelude::*;

/// What `tagwarden/__init__.py` hands on. The Python half of the package says what each of it is for.
#[pymodule(gil_used = false)]
mod _native {
    #[pymodule_export]
    use super::backtest::PyRun;
    #[pymodule_export]
    use super::decision::PyDecision;
    #[pymodule_export]
    use super::engine::PyEngine;
    #[pymodule_export]
    use super::format;
    #[pymodule_export]
    use super::ledger::{PyLedger, verify_audit};
    #[pymodule_export]
    use super::rulebook::PyRulebook;
    #[pymodule_export]
    use super::table::PyTable;

    #[pymodule_export]
    #[allow(non_upper_case_globals, missing_docs, reason = "the name that Python has for it")]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}

/// Formats the text of a rulebook: one style for all.
///
/// Raises `RuleError` where the text cannot be read.
#[pyfunction]
fn format(py: Python<'_>, text: &str) -> PyResult<String> {
    py.detach(|| tagwarden::format(text)).map_err(|error| errors::rule(py, &error))
}
