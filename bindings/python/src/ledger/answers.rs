//! What a ledger answers, as the classes of `tagwarden/_people.py`.

use super::Object;
use crate::answers::people::make;
use crate::answers::{self, tuple};
use crate::decision::PyDecision;
use crate::parse::{self, Object as Json};
use crate::time;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use tagwarden::Decision;
use tagwarden_store::table::{ImportReport, RowOutcome};
use tagwarden_store::{
    Answer, Appealing, AuditReport, Exported, LedgerError, Listed, Opening, Stats, Waiting,
};

/// An answer, its decisions read.
pub(super) struct Read {
    answer: Answer,
    decisions: Vec<Decision>,
}

/// A decision from the text that the ledger keeps.
pub(super) fn decision(json: &str) -> Result<Decision, LedgerError> {
    let damaged = |what| LedgerError::Damaged { what: format!("a decision can't be read: {what}") };
    parse::decision(json).map_err(damaged)
}

pub(super) fn read(answers: Vec<Answer>) -> Result<Vec<Read>, LedgerError> {
    let read = |answer: Answer| {
        let decisions = answer.decisions.iter().map(|one| decision(&one.json)).collect::<Result<_, _>>()?;
        Ok(Read { answer, decisions })
    };
    answers.into_iter().map(read).collect()
}

pub(super) fn decisions<'py>(py: Python<'py>, decisions: Vec<Decision>) -> PyResult<Object<'py>> {
    tuple(py, decisions, |one| Ok(Bound::new(py, PyDecision(one))?.into_any())).map(Bound::into_any)
}

pub(super) fn answers<'py>(py: Python<'py>, answers: Vec<Read>) -> PyResult<Object<'py>> {
    let one = |Read { answer, decisions }: Read| {
        let numbers = PyTuple::new(py, answer.decisions.iter().map(|one| one.id))?;
        let refused = answer.refused.map(|refusal| refusal.message);
        let decisions = self::decisions(py, decisions)?;
        make(py, "Answer", (answer.input, answer.repeated, refused, decisions, numbers))
    };
    tuple(py, answers, one).map(Bound::into_any)
}

pub(super) fn opening<'py>(py: Python<'py>, opening: Opening) -> PyResult<Object<'py>> {
    let reloaded = opening.reloaded.map(|report| answers::reload(py, report)).transpose()?;
    let clock = time::maybe(py, opening.clock)?;
    make(py, "Opening", (opening.created, opening.inputs, opening.replayed, clock, reloaded))
}

pub(super) fn listed<'py>(py: Python<'py>, rows: &[Listed]) -> PyResult<Object<'py>> {
    let one = |row: &Listed| {
        let fields = (
            &*row.entity,
            &*row.subject,
            &*row.list,
            row.level,
            row.category.as_deref(),
            time::to_python(py, row.since)?,
            time::maybe(py, row.until)?,
            time::maybe(py, row.suspended)?,
            time::maybe(py, row.review_due)?,
            row.rule.as_deref(),
        );
        make(py, "Listed", fields)
    };
    tuple(py, rows, one).map(Bound::into_any)
}

pub(super) fn waiting<'py>(py: Python<'py>, rows: &[Waiting]) -> PyResult<Object<'py>> {
    let one = |row: &Waiting| {
        let map = Json::read(&format!("{{\"action\":{}}}", row.action)).and_then(|map| parse::action(&map));
        let action = answers::action(py, &map.map_err(PyValueError::new_err)?)?;
        let since = time::to_python(py, row.since)?;
        let (entity, subject, rule) = (&*row.entity, &*row.subject, row.rule.as_deref());
        make(py, "Waiting", (entity, subject, row.proposal, action, since, rule))
    };
    tuple(py, rows, one).map(Bound::into_any)
}

pub(super) fn appealing<'py>(py: Python<'py>, rows: &[Appealing]) -> PyResult<Object<'py>> {
    let one = |row: &Appealing| {
        let since = time::to_python(py, row.since)?;
        make(py, "Appealing", (&*row.entity, &*row.subject, &*row.against, &*row.name, since))
    };
    tuple(py, rows, one).map(Bound::into_any)
}

pub(super) fn stats<'py>(py: Python<'py>, stats: &Stats) -> PyResult<Object<'py>> {
    let counts = |counts: &[(String, u64)]| {
        let dict = PyDict::new(py);
        for (name, count) in counts {
            dict.set_item(name, count)?;
        }
        PyResult::Ok(dict)
    };
    let fields = (
        counts(&stats.inputs)?,
        stats.refused,
        counts(&stats.decisions)?,
        counts(&stats.tags)?,
        counts(&stats.entries)?,
        stats.proposals,
        stats.appeals,
        stats.reviews,
        stats.audit,
        stats.forgotten,
    );
    make(py, "Stats", fields)
}

pub(super) fn imported<'py>(py: Python<'py>, report: &ImportReport) -> PyResult<Object<'py>> {
    let rows = tuple(py, &report.rows, |row| {
        let (outcome, why) = match &row.outcome {
            RowOutcome::Done => ("done", None),
            RowOutcome::Proposed => ("proposed", None),
            RowOutcome::Repeated => ("repeated", None),
            RowOutcome::Refused(why) => ("refused", Some(&**why)),
            _ => ("other", None),
        };
        make(py, "RowReport", (row.row, outcome, why))
    })?;
    make(py, "ImportReport", (rows, report.kept))
}

pub(super) fn exported<'py>(py: Python<'py>, exported: &Exported) -> PyResult<Object<'py>> {
    make(py, "Exported", (exported.records, &*exported.head))
}

pub(super) fn audited<'py>(py: Python<'py>, report: &AuditReport) -> PyResult<Object<'py>> {
    make(py, "AuditReport", (report.records, report.erased, &*report.head))
}
