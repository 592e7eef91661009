//! What the core answers, as JSON with the keys of the core's own JSON: snake case, times in RFC 3339, decimals as texts.

use crate::json::{Json, Written, array, object, of};
use tagwarden::{
    AppealStatus, EntryStatus, ExemptionStatus, MarkStatus, Permit, PlannedStatus, ReloadReport, RuleFate,
    RuleRef, Rulebook, ScoreStatus, Span, Status, SuspendedStatus, TestCheck, TestReport, WhyNot, WhyNotPart,
    WindowFate,
};

fn rule(rule: Option<&RuleRef>) -> Option<&str> {
    rule.map(|rule| &*rule.name)
}

fn entry(entry: &EntryStatus) -> Written {
    object(&[
        ("list", &entry.list),
        ("level", &entry.level),
        ("label", &entry.label),
        ("category", &entry.category),
        ("since", &entry.since),
        ("ends", &entry.ends),
        ("rule", &rule(entry.rule.as_ref())),
        ("reason", &of(&*entry.reason)),
    ])
}

pub(crate) fn status(status: &Status) -> Written {
    let tags = status.tags.iter().map(|tag| {
        object(&[
            ("tag", &tag.tag),
            ("since", &tag.since),
            ("ends", &tag.ends),
            ("rule", &rule(tag.rule.as_ref())),
            ("reason", &of(&*tag.reason)),
        ])
    });
    let score = |score: &ScoreStatus| object(&[("score", &score.score), ("value", &score.value)]);
    let proposals = status.proposals.iter().map(|proposal| {
        object(&[
            ("proposal", &proposal.proposal),
            ("action", &of(&proposal.action)),
            ("since", &proposal.since),
            ("rule", &rule(proposal.rule.as_ref())),
            ("reason", &of(&*proposal.reason)),
        ])
    });
    object(&[
        ("tags", &array(tags)),
        ("entries", &array(status.entries.iter().map(entry))),
        ("scores", &array(status.scores.iter().map(score))),
        ("proposals", &array(proposals)),
        ("suspended", &array(status.suspended.iter().map(suspended))),
        ("planned", &array(status.planned.iter().map(planned))),
        ("exemptions", &array(status.exemptions.iter().map(exemption))),
        ("marks", &array(status.marks.iter().map(mark))),
        ("appeals", &array(status.appeals.iter().map(appeal))),
    ])
}

fn suspended(entry: &SuspendedStatus) -> Written {
    object(&[
        ("list", &entry.list),
        ("level", &entry.level),
        ("since", &entry.since),
        ("until", &entry.until),
        ("session", &entry.session),
        ("reason", &of(&*entry.reason)),
    ])
}

fn planned(planned: &PlannedStatus) -> Written {
    let (kind, name) = planned.about.named();
    object(&[
        ("about", &object(&[(kind, name)])),
        ("level", &(planned.level != 0).then_some(planned.level)),
        ("start", &planned.start),
        ("until", &planned.until),
        ("rule", &rule(planned.rule.as_ref())),
        ("reason", &of(&*planned.reason)),
    ])
}

fn exemption(exemption: &ExemptionStatus) -> Written {
    let (kind, name) = exemption.from.named();
    object(&[
        ("from", &object(&[(kind, name)])),
        ("since", &exemption.since),
        ("until", &exemption.until),
        ("reason", &of(&*exemption.reason)),
    ])
}

fn mark(mark: &MarkStatus) -> Written {
    let (kind, name) = mark.about.named();
    object(&[
        ("rule", &mark.rule),
        ("about", &object(&[(kind, name)])),
        ("since", &mark.since),
        ("reason", &of(&*mark.reason)),
    ])
}

fn appeal(appeal: &AppealStatus) -> Written {
    let (kind, name) = appeal.about.named();
    object(&[("about", &object(&[(kind, name)])), ("since", &appeal.since), ("reason", &of(&*appeal.reason))])
}

pub(crate) fn permit(permit: &Permit) -> Written {
    match permit {
        Permit::Allowed => object(&[("permit", &"allowed")]),
        Permit::Limited { entry: by, count, per, left } => object(&[
            ("permit", &"limited"),
            ("entry", &entry(by)),
            ("count", count),
            ("per", per),
            ("left", left),
        ]),
        Permit::Denied { entry: by } => object(&[("permit", &"denied"), ("entry", &entry(by))]),
        // A kind that this border does not know yet: the strictest answer is the safe one.
        _ => object(&[("permit", &"denied")]),
    }
}

pub(crate) fn why_not(answer: &WhyNot) -> Written {
    let part = |part: &WhyNotPart| {
        object(&[("evidence", &of(&part.evidence)), ("missing", &part.missing), ("before", &part.before)])
    };
    object(&[
        ("holds", &answer.holds),
        ("shadow", &answer.shadow),
        ("inactive", &answer.inactive),
        ("quiet_until", &answer.quiet_until),
        ("parts", &array(answer.parts.iter().map(part))),
    ])
}

pub(crate) fn reload(report: &ReloadReport) -> Written {
    let fate = |fate: &RuleFate| match fate {
        RuleFate::Kept => "kept",
        RuleFate::Changed => "changed",
        RuleFate::New => "new",
        _ => "gone",
    };
    let fates: Vec<_> = report.rules.iter().map(|(name, what)| (&**name, fate(what))).collect();
    let rules: Vec<(&str, &dyn Json)> = fates.iter().map(|(name, what)| (*name, what as &dyn Json)).collect();
    let window = |window: &WindowFate| {
        object(&[("what", &window.what), ("kept", &window.kept), ("warming_until", &window.warming_until)])
    };
    object(&[
        ("rules", &object(&rules)),
        ("windows", &array(report.windows.iter().map(window))),
        ("orphaned_grants", &report.orphaned_grants),
        ("decisions", &of(&report.decisions)),
    ])
}

/// A place as offsets in UTF-16 units.
fn place(rulebook: &Rulebook, span: Span) -> Option<Written> {
    let source = rulebook.sources().get(span.source)?;
    let units = |at: u32| {
        let before = source.text.get(..at as usize).unwrap_or_default();
        before.encode_utf16().count()
    };
    Some(object(&[
        ("file", &source.name),
        ("line", &source.position(span.start).line),
        ("from", &units(span.start)),
        ("to", &units(span.end)),
    ]))
}

pub(crate) fn tests(rulebook: &Rulebook, reports: &[TestReport]) -> Written {
    let check = |check: &TestCheck| {
        object(&[
            ("time", &check.time),
            ("local", &check.local),
            ("passed", &check.passed),
            ("expected", &check.expected),
            ("found", &check.found),
            ("rule", &check.rule),
            ("reason", &check.reason.as_deref().map(of)),
            ("place", &place(rulebook, check.span)),
        ])
    };
    array(reports.iter().map(|report| {
        object(&[
            ("name", &report.name),
            ("passed", &report.passed()),
            ("events", &report.events),
            ("checks", &array(report.checks.iter().map(check))),
            ("place", &place(rulebook, report.span)),
        ])
    }))
}

pub(crate) fn schema(rulebook: &Rulebook) -> Written {
    let schema = rulebook.schema();
    let events = schema.events.iter().map(|event| {
        let entities = event.entities.iter().filter_map(|id| schema.entities.get(usize::from(id.0)));
        let fields = event.fields.iter().map(|field| {
            object(&[
                ("name", &field.name),
                ("type", &field.kind.describe()),
                ("optional", &field.optional),
                ("private", &field.private),
            ])
        });
        object(&[
            ("name", &event.name),
            ("entities", &of(&entities.collect::<Vec<_>>())),
            ("fields", &array(fields)),
        ])
    });
    object(&[("entities", &of(&schema.entities)), ("events", &array(events))])
}
