//! Decisions.

use crate::answers::people;
use crate::{answers, event, parse, time};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use tagwarden::{About, Change, Decision, Lifted, ReviewOutcome};

/// A change, or something that a rule wants done, with the reason for it. See the stubs for its attributes.
#[pyclass(frozen, module = "tagwarden", name = "Decision")]
#[derive(Debug)]
pub(crate) struct PyDecision(pub(crate) Decision);

type Object<'py> = Bound<'py, PyAny>;

impl PyDecision {
    fn change(&self) -> &Change {
        &self.0.change
    }

    /// The tag or entry that a person's decision is about.
    fn about(&self) -> Option<&About> {
        match self.change() {
            Change::Planned { about, .. }
            | Change::Renewed { about, .. }
            | Change::Appealed(about)
            | Change::Settled { about, .. }
            | Change::MarkedWrong { about, .. }
            | Change::Lifted { what: Lifted::Mark { about, .. }, .. } => Some(about),
            _ => None,
        }
    }
}

#[pymethods]
impl PyDecision {
    /// The decision of a line of JSON, as :meth:`to_json` or the command line writes it.
    #[staticmethod]
    fn from_json(text: &str) -> PyResult<PyDecision> {
        parse::decision(text).map(PyDecision).map_err(PyValueError::new_err)
    }

    /// The instant of the change, in UTC.
    #[getter]
    fn time<'py>(&self, py: Python<'py>) -> PyResult<Object<'py>> {
        time::to_python(py, self.0.time)
    }

    /// What happened, in one word.
    #[getter]
    fn kind(&self) -> &'static str {
        self.0.kind()
    }

    /// The kind of subject.
    #[getter]
    fn entity(&self) -> &str {
        &self.0.entity
    }

    /// The subject's key.
    #[getter]
    fn subject(&self) -> &str {
        &self.0.subject
    }

    /// The name of the rule that made it.
    #[getter]
    fn rule(&self) -> Option<&str> {
        self.0.rule.as_ref().map(|rule| &*rule.name)
    }

    /// A hash of the rule's text.
    #[getter]
    fn version(&self) -> Option<&str> {
        self.0.rule.as_ref().map(|rule| &*rule.version)
    }

    /// Whether the rule is a shadow for this subject: nothing has changed.
    #[getter]
    fn shadow(&self) -> bool {
        self.0.shadow
    }

    /// The tag that begins or ends, or that a person's decision is about.
    #[getter]
    fn tag(&self) -> Option<&str> {
        match (self.change(), self.about()) {
            (Change::Tagged { tag, .. } | Change::Untagged { tag, .. }, _) => Some(tag),
            (_, Some(About::Tag(tag))) => Some(tag),
            _ => None,
        }
    }

    /// When what a person has set begins.
    #[getter]
    fn start<'py>(&self, py: Python<'py>) -> PyResult<Option<Object<'py>>> {
        match self.change() {
            Change::Planned { start, .. } => time::to_python(py, *start).map(Some),
            _ => Ok(None),
        }
    }

    /// When it ends, as far as the clock alone decides that.
    #[getter]
    fn until<'py>(&self, py: Python<'py>) -> PyResult<Option<Object<'py>>> {
        match self.change() {
            Change::Tagged { until, .. }
            | Change::Listed { until, .. }
            | Change::Planned { until, .. }
            | Change::Renewed { until, .. }
            | Change::Exempted { until, .. } => time::maybe(py, *until),
            Change::Suspended { until, .. } => time::to_python(py, *until).map(Some),
            _ => Ok(None),
        }
    }

    /// What ended it.
    #[getter]
    fn cause(&self) -> Option<String> {
        match self.change() {
            Change::Untagged { cause, .. }
            | Change::Unlisted { cause, .. }
            | Change::Lifted { cause, .. } => {
                let word = serde_json::to_string(cause).unwrap_or_default();
                Some(word.trim_matches('"').to_owned())
            }
            _ => None,
        }
    }

    /// The list.
    #[getter]
    fn list(&self) -> Option<&str> {
        match (self.change(), self.about()) {
            (
                Change::Listed { list, .. }
                | Change::LevelChanged { list, .. }
                | Change::Unlisted { list, .. }
                | Change::ReviewDue { list, .. }
                | Change::Suspended { list, .. }
                | Change::Resumed { list, .. }
                | Change::Reviewed { list, .. },
                _,
            ) => Some(list),
            (_, Some(About::List(list))) => Some(list),
            _ => None,
        }
    }

    /// The level of the entry.
    #[getter]
    fn level(&self) -> Option<u8> {
        match self.change() {
            Change::Listed { level, .. }
            | Change::LevelChanged { level, .. }
            | Change::ReviewDue { level, .. }
            | Change::Resumed { level, .. }
            | Change::Reviewed { outcome: ReviewOutcome::Change { level }, .. } => Some(*level),
            Change::Planned { level, .. } | Change::Renewed { level, .. } => (*level != 0).then_some(*level),
            _ => None,
        }
    }

    /// The level before, where that has changed. In JSON it is called `from`.
    #[getter]
    #[allow(clippy::wrong_self_convention, reason = "as Python sees it; `from` alone is a keyword there")]
    fn from_level(&self) -> Option<u8> {
        match self.change() {
            Change::LevelChanged { from, .. } => Some(*from),
            _ => None,
        }
    }

    /// The category of the entry.
    #[getter]
    fn category(&self) -> Option<&str> {
        match self.change() {
            Change::Listed { category, .. } => category.as_deref(),
            _ => None,
        }
    }

    /// The score that has changed.
    #[getter]
    fn score(&self) -> Option<&str> {
        match self.change() {
            Change::Scored { score, .. } => Some(score),
            _ => None,
        }
    }

    /// The value of the score now.
    #[getter]
    fn value<'py>(&self, py: Python<'py>) -> PyResult<Option<Object<'py>>> {
        match self.change() {
            Change::Scored { value, .. } => event::decimal(py)?.call1((value.to_string(),)).map(Some),
            _ => Ok(None),
        }
    }

    /// The channel of a message.
    #[getter]
    fn channel(&self) -> Option<&str> {
        match self.change() {
            Change::Notified { channel, .. } => Some(channel),
            _ => None,
        }
    }

    /// The text of a message.
    #[getter]
    fn text(&self) -> Option<&str> {
        match self.change() {
            Change::Notified { text, .. } => text.as_deref(),
            _ => None,
        }
    }

    /// The name of an event for the host.
    #[getter]
    fn name(&self) -> Option<&str> {
        match self.change() {
            Change::Emitted { name, .. } => Some(name),
            _ => None,
        }
    }

    /// The fields of an event for the host, in the order written.
    #[getter]
    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        match self.change() {
            Change::Emitted { fields, .. } => answers::fields(py, fields).map(Some),
            _ => Ok(None),
        }
    }

    /// What a proposal would do, or a guard has stopped.
    #[getter]
    fn action<'py>(&self, py: Python<'py>) -> PyResult<Option<Object<'py>>> {
        match self.change() {
            Change::Proposed { action, .. }
            | Change::Withheld(action)
            | Change::Approved { action, .. }
            | Change::Rejected { action, .. }
            | Change::Lapsed { action, .. } => answers::action(py, action).map(Some),
            _ => Ok(None),
        }
    }

    /// The number of a proposal, by which a command names it.
    #[getter]
    fn proposal(&self) -> Option<u32> {
        match self.change() {
            Change::Proposed { proposal, .. }
            | Change::Approved { proposal, .. }
            | Change::Rejected { proposal, .. }
            | Change::Lapsed { proposal, .. } => (*proposal != 0).then_some(*proposal),
            _ => None,
        }
    }

    /// The session that an entry is suspended for.
    #[getter]
    fn session(&self) -> Option<&str> {
        match self.change() {
            Change::Suspended { session, .. } => session.as_deref(),
            _ => None,
        }
    }

    /// What came of a review or an appeal.
    #[getter]
    fn outcome(&self) -> Option<&'static str> {
        match self.change() {
            Change::Reviewed { outcome, .. } => Some(outcome.as_str()),
            Change::Settled { granted, .. } => Some(if *granted { "granted" } else { "rejected" }),
            _ => None,
        }
    }

    /// When the next review falls due.
    #[getter]
    fn next<'py>(&self, py: Python<'py>) -> PyResult<Option<Object<'py>>> {
        match self.change() {
            Change::Reviewed { next, .. } => time::maybe(py, *next),
            _ => Ok(None),
        }
    }

    /// The rule that was wrong.
    #[getter]
    fn marked(&self) -> Option<&str> {
        match self.change() {
            Change::MarkedWrong { rule, .. } | Change::Lifted { what: Lifted::Mark { rule, .. }, .. } => {
                Some(rule)
            }
            _ => None,
        }
    }

    /// What the subject is spared, or no longer.
    #[getter]
    fn spared<'py>(&self, py: Python<'py>) -> PyResult<Option<Object<'py>>> {
        match self.change() {
            Change::Exempted { from, .. } | Change::Lifted { what: Lifted::Exemption(from), .. } => {
                people::spared(py, from).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The key that the subject is known as from now on.
    #[getter]
    fn into(&self) -> Option<&str> {
        match self.change() {
            Change::Merged { into } => Some(into),
            _ => None,
        }
    }

    /// The command that was refused.
    #[getter]
    fn command(&self) -> Option<&'static str> {
        match self.change() {
            Change::Refused { command, .. } => Some(command),
            _ => None,
        }
    }

    /// Why it was refused, for programs.
    #[getter]
    fn code(&self) -> Option<&'static str> {
        match self.change() {
            Change::Refused { code, .. } => Some(code.as_str()),
            _ => None,
        }
    }

    /// Why it was refused, for people.
    #[getter]
    fn why(&self) -> Option<&str> {
        match self.change() {
            Change::Refused { why, .. } => Some(why),
            _ => None,
        }
    }

    /// Why.
    #[getter]
    fn reason<'py>(&self, py: Python<'py>) -> PyResult<Object<'py>> {
        answers::reason(py, &self.0.reason)
    }

    /// The decision as one line of JSON. The same decision always gives the same text.
    fn to_json(&self) -> String {
        self.0.to_json()
    }

    /// What :meth:`to_json` says, as a dictionary of plain values.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Object<'py>> {
        py.import("json")?.call_method1("loads", (self.0.to_json(),))
    }

    fn __repr__<'py>(&self, py: Python<'py>) -> PyResult<Object<'py>> {
        py.import("tagwarden._show")?.call_method1("decision", (self.to_dict(py)?,))
    }

    fn _repr_html_<'py>(&self, py: Python<'py>) -> PyResult<Object<'py>> {
        py.import("tagwarden._show")?.call_method1("decision_html", (self.to_dict(py)?,))
    }

    fn __eq__(&self, other: &PyDecision) -> bool {
        self.is_same(other)
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.0.time, &self.0.subject, self.0.kind()).hash(&mut hasher);
        hasher.finish()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Object<'py>, (String,))> {
        Ok((py.get_type::<PyDecision>().getattr("from_json")?, (self.0.to_json(),)))
    }
}

impl PyDecision {
    /// By the JSON form, in which a value has no type but its text: so a decision that has been written and read again is the
    /// same.
    fn is_same(&self, other: &PyDecision) -> bool {
        let plain = |one: &Decision| (one.time, Arc::clone(&one.subject), one.kind());
        plain(&self.0) == plain(&other.0) && (self.0 == other.0 || self.0.to_json() == other.0.to_json())
    }
}
