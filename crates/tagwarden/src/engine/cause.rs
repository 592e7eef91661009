//! Why a decision is made, put together only where somebody asks.

use super::eval::{Hand, View};
use crate::decision::{Reason, Why};
use crate::plan::{RulePlan, StreamId};
use std::cell::OnceCell;
use std::sync::Arc;

/// A rule that fires about something.
pub(super) struct Cause<'f> {
    pub(super) plan: &'f RulePlan,
    /// The stream whose pick made it fire.
    pub(super) picked: Option<StreamId>,
    pub(super) hand: Hand<'f>,
    /// The reason, once it has been asked for: it is the same for all that the rule does.
    reason: OnceCell<Arc<Reason>>,
}

impl<'f> Cause<'f> {
    pub(super) fn new(plan: &'f RulePlan, picked: Option<StreamId>, hand: Hand<'f>) -> Cause<'f> {
        Cause { plan, picked, hand, reason: OnceCell::new() }
    }

    pub(super) fn reason(&self, view: &View<'_>) -> &Arc<Reason> {
        self.reason.get_or_init(|| {
            let mut because = Vec::new();
            if let Some(stream) = self.picked {
                view.explain_pick(stream, self.hand, &mut because);
            }
            if let Some(condition) = &self.plan.condition {
                view.explain(&condition.node, self.hand, true, &mut because);
            }
            Arc::new(Reason {
                text: self.plan.because.as_ref().map(|text| view.fill(text, self.hand)),
                because,
            })
        })
    }
}

/// A cause with what it can be explained from.
pub(super) struct Told<'t> {
    pub(super) cause: &'t Cause<'t>,
    pub(super) view: &'t View<'t>,
}

impl Why for Told<'_> {
    fn reason(&self) -> Arc<Reason> {
        Arc::clone(self.cause.reason(self.view))
    }
}
