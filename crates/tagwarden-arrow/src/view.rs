//! A decision, whether it is kept or only seen.

use std::sync::Arc;
use tagwarden::{Change, Decision, DecisionRef, RuleRef, Timestamp};

/// What collectors read of a decision: made from a [`DecisionRef`], as sinks have it, or from a [`Decision`].
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    pub(crate) time: Timestamp,
    pub(crate) entity: &'a Arc<str>,
    pub(crate) subject: &'a Arc<str>,
    pub(crate) rule: Option<&'a RuleRef>,
    pub(crate) shadow: bool,
    pub(crate) change: &'a Change,
    whole: Whole<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Whole<'a> {
    Seen(&'a DecisionRef<'a>),
    Kept(&'a Decision),
}

impl View<'_> {
    /// The decision with its reason, which costs what the reason is long.
    pub(crate) fn whole<T>(&self, read: impl FnOnce(&Decision) -> T) -> T {
        match self.whole {
            Whole::Seen(decision) => read(&decision.to_decision()),
            Whole::Kept(decision) => read(decision),
        }
    }
}

impl<'a> From<&'a DecisionRef<'a>> for View<'a> {
    fn from(decision: &'a DecisionRef<'a>) -> View<'a> {
        View {
            time: decision.time,
            entity: decision.entity,
            subject: decision.subject,
            rule: decision.rule,
            shadow: decision.shadow,
            change: decision.change,
            whole: Whole::Seen(decision),
        }
    }
}

impl<'a> From<&'a Decision> for View<'a> {
    fn from(decision: &'a Decision) -> View<'a> {
        View {
            time: decision.time,
            entity: &decision.entity,
            subject: &decision.subject,
            rule: decision.rule.as_ref(),
            shadow: decision.shadow,
            change: &decision.change,
            whole: Whole::Kept(decision),
        }
    }
}
