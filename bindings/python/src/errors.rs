//! The core's errors as Python's exceptions, which `tagwarden/_errors.py` declares.

use crate::answers;
use crate::decision::PyDecision;
use pyo3::prelude::*;
use pyo3::types::PyList;
use tagwarden::{CompileError, Decision, InputError, SnapshotError, StatusError};
use tagwarden_arrow::BindingError;
use tagwarden_store::{AuditError, LedgerError};

/// An exception of the package, made of its arguments.
fn raise<'py>(py: Python<'py>, name: &str, arguments: impl pyo3::call::PyCallArgs<'py>) -> PyErr {
    let made = py.import("tagwarden._errors").and_then(|module| module.getattr(name)?.call1(arguments));
    match made {
        Ok(exception) => PyErr::from_value(exception),
        Err(error) => error,
    }
}

/// A rulebook that does not compile: the drawn messages, and each as data.
pub(crate) fn rule(py: Python<'_>, error: &CompileError) -> PyErr {
    match answers::diagnostics(py, &error.records()) {
        Ok(diagnostics) => raise(py, "RuleError", (error.to_string(), diagnostics)),
        Err(error) => error,
    }
}

/// An event that was refused: `index` is its place among those of the call, `decisions` what came before it.
pub(crate) fn event(py: Python<'_>, error: &InputError, index: usize, decisions: Vec<PyDecision>) -> PyErr {
    let (kind, path, expected, found) = match error {
        InputError::Late { time, clock } => {
            ("late", "time", format!("a time not before {clock}"), time.to_string())
        }
        InputError::Duplicate { id } => ("duplicate", "id", "an id that is new".to_owned(), id.to_string()),
        InputError::Invalid { path, expected, found } => {
            ("invalid", path.as_str(), expected.clone(), found.clone())
        }
        InputError::Limit { limit, most } => {
            ("limit", "", format!("{limit}: at most {most}"), "more".to_owned())
        }
        other => ("other", "", String::new(), other.to_string()),
    };
    match PyList::new(py, decisions) {
        Ok(decisions) => {
            raise(py, "EventError", (error.to_string(), kind, path, expected, found, index, decisions))
        }
        Err(error) => error,
    }
}

/// A question that has no answer.
pub(crate) fn status(py: Python<'_>, error: &StatusError) -> PyErr {
    raise(py, "StatusError", (error.to_string(),))
}

/// A snapshot that is refused.
pub(crate) fn snapshot(py: Python<'_>, error: &SnapshotError) -> PyErr {
    raise(py, "SnapshotError", (error.to_string(),))
}

/// A table whose columns do not fit.
pub(crate) fn binding(py: Python<'_>, error: &BindingError) -> PyErr {
    table(py, &error.to_string(), &error.column, &error.expected, &error.found)
}

/// The same, where no column is to blame.
pub(crate) fn table(py: Python<'_>, message: &str, column: &str, expected: &str, found: &str) -> PyErr {
    raise(py, "TableError", (message, column, expected, found))
}

/// What a ledger could not do.
pub(crate) fn ledger(py: Python<'_>, error: &LedgerError) -> PyErr {
    let kind = match error {
        LedgerError::Status(error) => return status(py, error),
        LedgerError::Missing { .. } => "missing",
        LedgerError::Foreign { .. } => "foreign",
        LedgerError::Newer { .. } => "newer",
        LedgerError::Key => "key",
        LedgerError::Setting { .. } => "setting",
        LedgerError::Rulebook => "rulebook",
        LedgerError::Damaged { .. } => "damaged",
        LedgerError::Refused(_) => "refused",
        LedgerError::Io { .. } => "io",
        _ => "database",
    };
    ledger_kind(py, &error.to_string(), kind)
}

/// The same, by its kind.
pub(crate) fn ledger_kind(py: Python<'_>, message: &str, kind: &str) -> PyErr {
    raise(py, "LedgerError", (message, kind))
}

/// Somebody may not look: the decision says why.
pub(crate) fn refused(py: Python<'_>, decision: Decision) -> PyErr {
    let why = match &decision.change {
        tagwarden::Change::Refused { why, .. } => why.to_string(),
        _ => decision.kind().to_owned(),
    };
    raise(py, "RefusedError", (why, PyDecision(decision)))
}

/// An audit log that does not hold.
pub(crate) fn audit(py: Python<'_>, error: &AuditError) -> PyErr {
    raise(py, "AuditError", (error.to_string(), error.line, &*error.what))
}
