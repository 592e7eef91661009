//! What people have done to a subject, as the classes of `tagwarden/_people.py`.

use super::{Object, reason};
use crate::time;
use pyo3::prelude::*;
use tagwarden::{About, AppealStatus, ExemptionStatus, MarkStatus, PlannedStatus, Spared, SuspendedStatus};

/// An answer of that module, made of its fields in their order.
pub(crate) fn make<'py>(
    py: Python<'py>,
    name: &str,
    fields: impl pyo3::call::PyCallArgs<'py>,
) -> PyResult<Object<'py>> {
    py.import("tagwarden._people")?.getattr(name)?.call1(fields)
}

/// The tag, or else the list.
fn named(about: &About) -> (Option<&str>, Option<&str>) {
    match about {
        About::Tag(tag) => (Some(tag), None),
        About::List(list) => (None, Some(list)),
    }
}

/// One of rule, tag and list.
fn from(spared: &Spared) -> (Option<&str>, Option<&str>, Option<&str>) {
    match spared {
        Spared::Rule(rule) => (Some(rule), None, None),
        Spared::Tag(tag) => (None, Some(tag), None),
        Spared::List(list) => (None, None, Some(list)),
    }
}

pub(crate) fn spared<'py>(py: Python<'py>, spared: &Spared) -> PyResult<Object<'py>> {
    make(py, "Spared", from(spared))
}

pub(super) fn suspended<'py>(py: Python<'py>, one: &SuspendedStatus) -> PyResult<Object<'py>> {
    let (since, until) = (time::to_python(py, one.since)?, time::to_python(py, one.until)?);
    let fields = (&*one.list, one.level, since, until, one.session.as_deref(), reason(py, &one.reason)?);
    make(py, "SuspendedStatus", fields)
}

pub(super) fn planned<'py>(py: Python<'py>, one: &PlannedStatus) -> PyResult<Object<'py>> {
    let ((tag, list), rule) = (named(&one.about), one.rule.as_ref().map(|rule| &*rule.name));
    let (start, until) = (time::to_python(py, one.start)?, time::maybe(py, one.until)?);
    let level = (one.level != 0).then_some(one.level);
    make(py, "PlannedStatus", (tag, list, level, start, until, rule, reason(py, &one.reason)?))
}

pub(super) fn exemption<'py>(py: Python<'py>, one: &ExemptionStatus) -> PyResult<Object<'py>> {
    let (since, until) = (time::to_python(py, one.since)?, time::maybe(py, one.until)?);
    make(py, "ExemptionStatus", (spared(py, &one.from)?, since, until, reason(py, &one.reason)?))
}

pub(super) fn mark<'py>(py: Python<'py>, one: &MarkStatus) -> PyResult<Object<'py>> {
    let (tag, list) = named(&one.about);
    let since = time::to_python(py, one.since)?;
    make(py, "MarkStatus", (&*one.rule, tag, list, since, reason(py, &one.reason)?))
}

pub(super) fn appeal<'py>(py: Python<'py>, one: &AppealStatus) -> PyResult<Object<'py>> {
    let (tag, list) = named(&one.about);
    let since = time::to_python(py, one.since)?;
    make(py, "AppealStatus", (tag, list, since, reason(py, &one.reason)?))
}
