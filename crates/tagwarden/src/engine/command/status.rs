//! What people have decided of a subject, as the answer to a question.

use super::super::status::Status;
use crate::check::tree::{Target, Tree};
use crate::decision::{About, Reason, RuleRef, Spared};
use crate::state::Subject;
use crate::value::Timestamp;
use std::sync::Arc;

/// An entry that is suspended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SuspendedStatus {
    /// The list.
    pub list: Arc<str>,
    /// The strictest level among its suspended grants.
    pub level: u8,
    /// Since when it has been suspended.
    pub since: Timestamp,
    /// When it comes back by itself.
    pub until: Timestamp,
    /// The session that it is suspended for.
    pub session: Option<Arc<str>>,
    /// Who suspended it, and why.
    pub reason: Arc<Reason>,
}

/// A tag or entry that has yet to begin.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlannedStatus {
    /// The tag or list.
    pub about: About,
    /// The level of the entry; 0 for a tag.
    pub level: u8,
    /// When it begins.
    pub start: Timestamp,
    /// When it ends, as far as the clock alone decides that.
    pub until: Option<Timestamp>,
    /// The rule that gave it; `None` where a person did.
    pub rule: Option<RuleRef>,
    /// Why.
    pub reason: Arc<Reason>,
}

/// Something that the subject is spared.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExemptionStatus {
    /// What.
    pub from: Spared,
    /// Since when.
    pub since: Timestamp,
    /// Until when; without an end where absent.
    pub until: Option<Timestamp>,
    /// Who spares it that, and why.
    pub reason: Arc<Reason>,
}

/// What a rule was wrong to set, and may not set again.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MarkStatus {
    /// The rule.
    pub rule: Arc<str>,
    /// What it may not set.
    pub about: About,
    /// Since when.
    pub since: Timestamp,
    /// Who marked it, and why.
    pub reason: Arc<Reason>,
}

/// An appeal that nobody has decided.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AppealStatus {
    /// Against what.
    pub about: About,
    /// Since when it has been open.
    pub since: Timestamp,
    /// Who recorded it, and what the subject says.
    pub reason: Arc<Reason>,
}

/// The tag or list of a target, by name.
fn about(tree: &Tree, target: Target) -> Option<About> {
    Some(match target {
        Target::Tag(tag) => About::Tag(tree.tags.get(tag.index())?.name.clone()),
        Target::List(list) => About::List(tree.lists.get(list.index())?.name.clone()),
    })
}

/// Adds to a status what people have decided. `rule`: the rule of a number, if it is one.
pub(in crate::engine) fn add_people(
    status: &mut Status,
    tree: &Tree,
    subject: &Subject,
    now: Timestamp,
    rule: impl Fn(u32) -> Option<RuleRef>,
) {
    for grant in subject.grants().all.iter().filter(|grant| !grant.live && !grant.shadow) {
        let Some(about) = about(tree, grant.target) else { continue };
        let Some(start) = Timestamp::from_micros(grant.start) else { continue };
        let reason = Arc::clone(&grant.reason);
        match (&grant.suspension, about) {
            (Some(one), About::List(list)) if grant.start <= now.micros() => {
                if let Some(known) = status.suspended.iter_mut().find(|known| known.list == list) {
                    known.level = known.level.min(grant.level);
                } else if let (Some(since), Some(until)) =
                    (Timestamp::from_micros(one.since), Timestamp::from_micros(one.until))
                {
                    let (session, reason) = (one.session.clone(), Arc::clone(&one.reason));
                    let level = grant.level;
                    status.suspended.push(SuspendedStatus { list, level, since, until, session, reason });
                }
            }
            (_, about) => {
                let until = Timestamp::from_micros(grant.end);
                let (level, rule) = (grant.level, rule(grant.owner.rule));
                status.planned.push(PlannedStatus { about, level, start, until, rule, reason });
            }
        }
    }
    let Some(people) = subject.grants().people.as_deref() else { return };
    for one in &people.exemptions {
        if let Some(since) = Timestamp::from_micros(one.since) {
            let (from, reason) = (one.from.clone(), Arc::clone(&one.reason));
            let until = Timestamp::from_micros(one.end);
            status.exemptions.push(ExemptionStatus { from, since, until, reason });
        }
    }
    for one in &people.marks {
        if let Some(since) = Timestamp::from_micros(one.since) {
            let (rule, about, reason) = (one.rule.clone(), one.about.clone(), Arc::clone(&one.reason));
            status.marks.push(MarkStatus { rule, about, since, reason });
        }
    }
    for one in &people.appeals {
        if let Some(since) = Timestamp::from_micros(one.since) {
            let (about, reason) = (one.about.clone(), Arc::clone(&one.reason));
            status.appeals.push(AppealStatus { about, since, reason });
        }
    }
}
