//! What the core answers, as JSON with the keys of the core's own JSON: snake case, times in RFC 3339, decimals as texts.

use serde::Serialize;
use serde_json::{Value, json};
use tagwarden::{
    AppealStatus, EntryStatus, ExemptionStatus, MarkStatus, Permit, PlannedStatus, ReloadReport, RuleFate,
    Rulebook, Span, Status, SuspendedStatus, TestCheck, TestReport, Timestamp, WhyNot, WhyNotPart,
};

/// Writing to memory cannot fail, and no key of an answer is anything but a string.
pub(crate) fn text(answer: &impl Serialize) -> String {
    serde_json::to_string(answer).unwrap_or_default()
}

fn time(time: Option<Timestamp>) -> Option<String> {
    time.map(|time| time.to_string())
}

fn entry(entry: &EntryStatus) -> Value {
    json!({
        "list": entry.list,
        "level": entry.level,
        "label": entry.label,
        "category": entry.category,
        "since": entry.since.to_string(),
        "ends": time(entry.ends),
        "rule": entry.rule.as_ref().map(|rule| &*rule.name),
        "reason": *entry.reason,
    })
}

pub(crate) fn status(status: &Status) -> Value {
    let tags = status.tags.iter().map(|tag| {
        json!({
            "tag": tag.tag,
            "since": tag.since.to_string(),
            "ends": time(tag.ends),
            "rule": tag.rule.as_ref().map(|rule| &*rule.name),
            "reason": *tag.reason,
        })
    });
    let scores =
        status.scores.iter().map(|score| json!({ "score": score.score, "value": score.value.to_string() }));
    let proposals = status.proposals.iter().map(|proposal| {
        json!({
            "proposal": proposal.proposal,
            "action": proposal.action,
            "since": proposal.since.to_string(),
            "rule": proposal.rule.as_ref().map(|rule| &*rule.name),
            "reason": *proposal.reason,
        })
    });
    json!({
        "tags": tags.collect::<Vec<_>>(),
        "entries": status.entries.iter().map(entry).collect::<Vec<_>>(),
        "scores": scores.collect::<Vec<_>>(),
        "proposals": proposals.collect::<Vec<_>>(),
        "suspended": status.suspended.iter().map(suspended).collect::<Vec<_>>(),
        "planned": status.planned.iter().map(planned).collect::<Vec<_>>(),
        "exemptions": status.exemptions.iter().map(exemption).collect::<Vec<_>>(),
        "marks": status.marks.iter().map(mark).collect::<Vec<_>>(),
        "appeals": status.appeals.iter().map(appeal).collect::<Vec<_>>(),
    })
}

fn named((kind, name): (&str, &str)) -> Value {
    json!({ kind: name })
}

fn suspended(entry: &SuspendedStatus) -> Value {
    json!({
        "list": entry.list,
        "level": entry.level,
        "since": entry.since.to_string(),
        "until": entry.until.to_string(),
        "session": entry.session,
        "reason": *entry.reason,
    })
}

fn planned(planned: &PlannedStatus) -> Value {
    let (kind, name) = planned.about.named();
    json!({
        "about": named((kind, name)),
        "level": (planned.level != 0).then_some(planned.level),
        "start": planned.start.to_string(),
        "until": time(planned.until),
        "rule": planned.rule.as_ref().map(|rule| &*rule.name),
        "reason": *planned.reason,
    })
}

fn exemption(exemption: &ExemptionStatus) -> Value {
    let (kind, name) = exemption.from.named();
    json!({
        "from": named((kind, name)),
        "since": exemption.since.to_string(),
        "until": time(exemption.until),
        "reason": *exemption.reason,
    })
}

fn mark(mark: &MarkStatus) -> Value {
    let (kind, name) = mark.about.named();
    json!({
        "rule": mark.rule,
        "about": named((kind, name)),
        "since": mark.since.to_string(),
        "reason": *mark.reason,
    })
}

fn appeal(appeal: &AppealStatus) -> Value {
    let (kind, name) = appeal.about.named();
    json!({
        "about": named((kind, name)),
        "since": appeal.since.to_string(),
        "reason": *appeal.reason,
    })
}

pub(crate) fn permit(permit: &Permit) -> Value {
    match permit {
        Permit::Allowed => json!({ "permit": "allowed" }),
        Permit::Limited { entry: by, count, per, left } => json!({
            "permit": "limited", "entry": entry(by), "count": count, "per": per.to_string(), "left": left,
        }),
        Permit::Denied { entry: by } => json!({ "permit": "denied", "entry": entry(by) }),
        // A kind that this border does not know yet: the strictest answer is the safe one.
        _ => json!({ "permit": "denied" }),
    }
}

pub(crate) fn why_not(answer: &WhyNot) -> Value {
    let part = |part: &WhyNotPart| {
        json!({
            "evidence": part.evidence,
            "missing": part.missing.map(|missing| missing.to_string()),
            "before": time(part.before),
        })
    };
    json!({
        "holds": answer.holds,
        "shadow": answer.shadow,
        "inactive": answer.inactive,
        "quiet_until": time(answer.quiet_until),
        "parts": answer.parts.iter().map(part).collect::<Vec<_>>(),
    })
}

pub(crate) fn reload(report: &ReloadReport) -> Value {
    let fate = |fate: &RuleFate| match fate {
        RuleFate::Kept => "kept",
        RuleFate::Changed => "changed",
        RuleFate::New => "new",
        _ => "gone",
    };
    let rules: serde_json::Map<String, Value> =
        report.rules.iter().map(|(name, what)| (name.to_string(), fate(what).into())).collect();
    let windows = report.windows.iter().map(|window| {
        json!({ "what": window.what, "kept": window.kept, "warming_until": time(window.warming_until) })
    });
    json!({
        "rules": rules,
        "windows": windows.collect::<Vec<_>>(),
        "orphaned_grants": report.orphaned_grants,
        "decisions": report.decisions,
    })
}

/// A place as offsets in UTF-16 units.
fn place(rulebook: &Rulebook, span: Span) -> Value {
    let Some(source) = rulebook.sources().get(span.source) else { return Value::Null };
    let units = |at: u32| {
        let before = source.text.get(..at as usize).unwrap_or_default();
        before.encode_utf16().count()
    };
    json!({
        "file": source.name,
        "line": source.position(span.start).line,
        "from": units(span.start),
        "to": units(span.end),
    })
}

pub(crate) fn tests(rulebook: &Rulebook, reports: &[TestReport]) -> Value {
    let check = |check: &TestCheck| {
        json!({
            "time": check.time.to_string(),
            "local": check.local,
            "passed": check.passed,
            "expected": check.expected,
            "found": check.found,
            "rule": check.rule,
            "reason": check.reason.as_deref(),
            "place": place(rulebook, check.span),
        })
    };
    let reports = reports.iter().map(|report| {
        json!({
            "name": report.name,
            "passed": report.passed(),
            "events": report.events,
            "checks": report.checks.iter().map(check).collect::<Vec<_>>(),
            "place": place(rulebook, report.span),
        })
    });
    Value::Array(reports.collect())
}

pub(crate) fn schema(rulebook: &Rulebook) -> Value {
    let schema = rulebook.schema();
    let events = schema.events.iter().map(|event| {
        let entities = event.entities.iter().filter_map(|id| schema.entities.get(usize::from(id.0)));
        let fields = event.fields.iter().map(|field| {
            json!({
                "name": field.name,
                "type": field.kind.describe(),
                "optional": field.optional,
                "private": field.private,
            })
        });
        json!({
            "name": event.name,
            "entities": entities.collect::<Vec<_>>(),
            "fields": fields.collect::<Vec<_>>(),
        })
    });
    json!({ "entities": schema.entities, "events": events.collect::<Vec<_>>() })
}
