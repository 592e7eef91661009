//! What the core answers, as the classes of `tagwarden/_types.py`.

use crate::decision::PyDecision;
use crate::{event, time};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use std::sync::Arc;
use tagwarden::{
    Decimal, DiagnosticRecord, Duration, EntryStatus, Evidence, Permit, PlaceRecord, ProposedAction, Reason,
    ReloadReport, RuleFate, RuleInfo, Status, TestReport, Value, WhyNot,
};

pub(crate) mod people;

type Object<'py> = Bound<'py, PyAny>;

/// An answer, made of its fields in their order.
pub(crate) fn make<'py>(
    py: Python<'py>,
    name: &str,
    fields: impl pyo3::call::PyCallArgs<'py>,
) -> PyResult<Object<'py>> {
    py.import("tagwarden._types")?.getattr(name)?.call1(fields)
}

pub(crate) fn tuple<'py, T>(
    py: Python<'py>,
    items: impl IntoIterator<Item = T>,
    make: impl Fn(T) -> PyResult<Object<'py>>,
) -> PyResult<Bound<'py, PyTuple>> {
    let items = items.into_iter().map(make).collect::<PyResult<Vec<_>>>()?;
    PyTuple::new(py, items)
}

fn decimal<'py>(py: Python<'py>, number: Decimal) -> PyResult<Object<'py>> {
    event::decimal(py)?.call1((number.to_string(),))
}

/// A value: a truth value, a `Decimal`, a text, a `datetime` or a length of time.
fn value<'py>(py: Python<'py>, value: &Value) -> PyResult<Object<'py>> {
    Ok(match value {
        Value::Bool(truth) => truth.into_pyobject(py)?.to_owned().into_any(),
        Value::Number(number) => decimal(py, *number)?,
        Value::Time(moment) => time::to_python(py, *moment)?,
        other => other.to_string().into_pyobject(py)?.into_any(),
    })
}

/// The fields of an emitted event.
pub(crate) fn fields<'py>(py: Python<'py>, fields: &[(Arc<str>, Value)]) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (name, field) in fields {
        dict.set_item(&**name, value(py, field)?)?;
    }
    Ok(dict)
}

/// `kind`, then whichever of tag, list, level, category, score, value, channel, text, name and fields it has.
pub(crate) fn action<'py>(py: Python<'py>, action: &ProposedAction) -> PyResult<Object<'py>> {
    let given = PyDict::new(py);
    let kind = match action {
        ProposedAction::Tag { tag } => {
            given.set_item("tag", &**tag)?;
            "tag"
        }
        ProposedAction::Untag { tag } => {
            given.set_item("tag", &**tag)?;
            "untag"
        }
        ProposedAction::Add { list, level, category } => {
            given.set_item("list", &**list)?;
            given.set_item("level", level)?;
            given.set_item("category", category.as_deref())?;
            "add"
        }
        ProposedAction::Remove { list } => {
            given.set_item("list", &**list)?;
            "remove"
        }
        ProposedAction::Level { list, level } => {
            given.set_item("list", &**list)?;
            given.set_item("level", level)?;
            "level"
        }
        ProposedAction::Score { score, value } => {
            given.set_item("score", &**score)?;
            given.set_item("value", decimal(py, *value)?)?;
            "score"
        }
        ProposedAction::Notify { channel, text } => {
            given.set_item("channel", &**channel)?;
            given.set_item("text", text.as_deref())?;
            "notify"
        }
        ProposedAction::Emit { name, fields } => {
            given.set_item("name", &**name)?;
            given.set_item("fields", self::fields(py, fields)?)?;
            "emit"
        }
        _ => "other",
    };
    given.set_item("kind", kind)?;
    py.import("tagwarden._types")?.getattr("Action")?.call((), Some(&given))
}

pub(crate) fn reason<'py>(py: Python<'py>, reason: &Reason) -> PyResult<Object<'py>> {
    let because = tuple(py, &reason.because, |part| evidence(py, part))?;
    let by = reason.by.as_ref().map(|by| {
        let time = time::to_python(py, by.time)?;
        make(py, "By", (&*by.actor, by.role.as_deref(), time))
    });
    make(py, "Reason", (reason.text.as_deref(), because, by.transpose()?))
}

fn evidence<'py>(py: Python<'py>, part: &Evidence) -> PyResult<Object<'py>> {
    let (op, than) = match &part.than {
        Some((op, than)) => (Some(*op), Some(than.to_string())),
        None => (None, None),
    };
    let hits = tuple(py, &part.hits, |hit| {
        let undone = PyTuple::new(py, &hit.undone)?;
        let (category, except) = (hit.category.as_deref(), hit.except.as_deref());
        make(
            py,
            "KeywordHit",
            (&*hit.pattern, category, &*hit.text, hit.start, hit.end, hit.bytes, hit.utf16, undone, except),
        )
    })?;
    let fields = (
        &*part.expr,
        part.value.to_string(),
        op,
        than,
        part.holds,
        part.events,
        time::maybe(py, part.first)?,
        time::maybe(py, part.last)?,
        time::maybe(py, part.warming_until)?,
        hits,
    );
    make(py, "Evidence", fields)
}

fn span(place: &PlaceRecord) -> (u32, u32) {
    (place.start.char, place.end.char)
}

/// Messages about a rulebook, their places in code points.
pub(crate) fn diagnostics<'py>(
    py: Python<'py>,
    records: &[DiagnosticRecord],
) -> PyResult<Bound<'py, PyTuple>> {
    tuple(py, records, |record| {
        let labels = tuple(py, &record.labels, |label| {
            let place = &label.place;
            make(py, "Label", (&*label.text, &*place.file, place.line, place.column, span(place)))
        })?;
        let place = &record.place;
        let fields = (
            record.code.as_str(),
            record.severity.to_string(),
            &*record.message,
            &*record.label,
            record.help.as_deref(),
            &*place.file,
            place.line,
            place.column,
            span(place),
            labels,
        );
        make(py, "Diagnostic", fields)
    })
}

pub(crate) fn rules<'py>(py: Python<'py>, rules: &[RuleInfo]) -> PyResult<Bound<'py, PyTuple>> {
    tuple(py, rules, |rule| {
        let title = rule.title.as_deref();
        make(py, "RuleInfo", (&*rule.name, &*rule.version, title, &*rule.entity, rule.trigger, rule.shadow))
    })
}

fn entry<'py>(py: Python<'py>, entry: &EntryStatus) -> PyResult<Object<'py>> {
    let fields = (
        &*entry.list,
        entry.level,
        entry.label.as_deref(),
        entry.category.as_deref(),
        time::to_python(py, entry.since)?,
        time::maybe(py, entry.ends)?,
        entry.rule.as_ref().map(|rule| &*rule.name),
        reason(py, &entry.reason)?,
    );
    make(py, "EntryStatus", fields)
}

pub(crate) fn status<'py>(py: Python<'py>, status: &Status) -> PyResult<Object<'py>> {
    let tags = tuple(py, &status.tags, |tag| {
        let (since, ends) = (time::to_python(py, tag.since)?, time::maybe(py, tag.ends)?);
        make(
            py,
            "TagStatus",
            (&*tag.tag, since, ends, tag.rule.as_ref().map(|rule| &*rule.name), reason(py, &tag.reason)?),
        )
    })?;
    let entries = tuple(py, &status.entries, |one| entry(py, one))?;
    let scores = tuple(py, &status.scores, |score| {
        make(py, "ScoreStatus", (&*score.score, decimal(py, score.value)?))
    })?;
    let proposals = tuple(py, &status.proposals, |proposal| {
        let since = time::to_python(py, proposal.since)?;
        let action = action(py, &proposal.action)?;
        make(
            py,
            "ProposalStatus",
            (
                action,
                since,
                proposal.rule.as_ref().map(|rule| &*rule.name),
                reason(py, &proposal.reason)?,
                proposal.proposal,
            ),
        )
    })?;
    let suspended = tuple(py, &status.suspended, |one| people::suspended(py, one))?;
    let planned = tuple(py, &status.planned, |one| people::planned(py, one))?;
    let exemptions = tuple(py, &status.exemptions, |one| people::exemption(py, one))?;
    let marks = tuple(py, &status.marks, |one| people::mark(py, one))?;
    let appeals = tuple(py, &status.appeals, |one| people::appeal(py, one))?;
    let fields = (tags, entries, scores, proposals, suspended, planned, exemptions, marks, appeals);
    make(py, "Status", fields)
}

pub(crate) fn permit<'py>(py: Python<'py>, permit: &Permit) -> PyResult<Object<'py>> {
    let none = || py.None().into_bound(py);
    match permit {
        Permit::Allowed => make(py, "Permit", ("allowed", none(), none(), none(), none())),
        Permit::Limited { entry: by, count, per, left } => {
            make(py, "Permit", ("limited", entry(py, by)?, *count, length(py, *per)?, *left))
        }
        Permit::Denied { entry: by } => {
            make(py, "Permit", ("denied", entry(py, by)?, none(), none(), none()))
        }
        _ => make(py, "Permit", ("denied", none(), none(), none(), none())),
    }
}

fn length<'py>(py: Python<'py>, length: Duration) -> PyResult<Object<'py>> {
    time::length_to_python(py, length)
}

pub(crate) fn why_not<'py>(py: Python<'py>, answer: &WhyNot) -> PyResult<Object<'py>> {
    let parts = tuple(py, &answer.parts, |part| {
        let missing = part.missing.map(|missing| decimal(py, missing)).transpose()?;
        make(py, "WhyNotPart", (evidence(py, &part.evidence)?, missing, time::maybe(py, part.before)?))
    })?;
    let quiet = time::maybe(py, answer.quiet_until)?;
    let exemptions = tuple(py, &answer.exemptions, |one| people::exemption(py, one))?;
    let marks = tuple(py, &answer.marks, |one| people::mark(py, one))?;
    make(py, "WhyNot", (answer.holds, answer.shadow, answer.inactive, quiet, parts, exemptions, marks))
}

pub(crate) fn reload<'py>(py: Python<'py>, report: ReloadReport) -> PyResult<Object<'py>> {
    let rules = PyDict::new(py);
    for (name, fate) in &report.rules {
        let fate = match fate {
            RuleFate::Kept => "kept",
            RuleFate::Changed => "changed",
            RuleFate::New => "new",
            _ => "gone",
        };
        rules.set_item(&**name, fate)?;
    }
    let windows = tuple(py, &report.windows, |window| {
        make(py, "WindowFate", (&*window.what, window.kept, time::maybe(py, window.warming_until)?))
    })?;
    let decisions = tuple(py, report.decisions, |one| Ok(Bound::new(py, PyDecision(one))?.into_any()))?;
    make(py, "ReloadReport", (rules, windows, report.orphaned_grants, decisions))
}

pub(crate) fn tests<'py>(py: Python<'py>, reports: &[TestReport]) -> PyResult<Bound<'py, PyTuple>> {
    tuple(py, reports, |report| {
        let checks = tuple(py, &report.checks, |check| {
            let moment = time::to_python(py, check.time)?;
            let rule = check.rule.as_deref();
            make(
                py,
                "TestCheck",
                (moment, &*check.local, check.passed, &*check.expected, &*check.found, rule),
            )
        })?;
        make(py, "TestReport", (&*report.name, report.passed(), report.events, checks))
    })
}
