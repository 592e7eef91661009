//! Conditions that are plain bounds on counts and sums: nearly all that are asked at every event.
//!
//! They are compared without a walk through the expression, and they tell when they may next change because picks leave
//! windows, so that their rules need not be woken whenever one does.

use super::expr::{Node, NodeKind, WindowSlot};
use super::{EntityPlan, Page};
use crate::check::tree::{AggregateFn, CompareOp};
use crate::value::{Decimal, Value};
use crate::window::{Total, WindowSpan};

/// The condition of a rule.
#[derive(Debug)]
pub(crate) struct Condition {
    pub(crate) node: Node,
    pub(crate) quick: Quick,
}

/// How a condition is looked at.
#[derive(Debug)]
pub(crate) enum Quick {
    /// Through the expression.
    No,
    /// All of these must be within their bounds.
    All {
        parts: Box<[Threshold]>,
        /// Whether all are counts.
        counts: bool,
        /// Whether none has an upper bound.
        rising: bool,
    },
}

/// A count or a sum over a sliding window, and the bounds within which it fulfils a comparison.
#[derive(Debug)]
pub(crate) struct Threshold {
    pub(crate) slot: WindowSlot,
    pub(crate) function: AggregateFn,
    /// Where its window stands.
    pub(crate) total: Total,
    /// Both inside, in whole picks for a count and in millionths for a sum.
    pub(crate) low: i128,
    pub(crate) high: i128,
    /// The same, as far as a count can go.
    pub(crate) counts: (i64, i64),
}

impl Condition {
    pub(super) fn new(node: Node, plan: &EntityPlan) -> Condition {
        let parts: Option<Box<[Threshold]>> = match &node.kind {
            NodeKind::And(parts) => parts.iter().map(|part| threshold(part, plan)).collect(),
            _ => threshold(&node, plan).map(|threshold| [threshold].into()),
        };
        let quick = parts.map_or(Quick::No, |parts| Quick::All {
            counts: parts.iter().all(|part| part.function == AggregateFn::Count),
            rising: parts.iter().all(|part| part.high == i128::MAX),
            parts,
        });
        Condition { node, quick }
    }

    /// Notes where its windows stand, now that they have their places.
    pub(super) fn place(&mut self, pages: &[Page]) {
        if let Quick::All { parts, .. } = &mut self.quick {
            for part in parts {
                if let Some(page) = pages.get(part.slot.page as usize) {
                    part.total = page.plan.total(part.slot.window as usize, part.function);
                }
            }
        }
    }

    /// Whether it tells when it may next change because picks leave windows.
    pub(super) fn is_timed(&self) -> bool {
        matches!(self.quick, Quick::All { .. })
    }
}

impl Threshold {
    #[inline]
    pub(crate) fn holds(&self, total: i128) -> bool {
        self.low <= total && total <= self.high
    }
}

fn threshold(node: &Node, plan: &EntityPlan) -> Option<Threshold> {
    let NodeKind::CompareNumbers(op, pair) = &node.kind else { return None };
    let (NodeKind::Aggregate(slot, question), NodeKind::Constant(Value::Number(than))) =
        (&pair.0.kind, &pair.1.kind)
    else {
        return None;
    };
    let window = plan.pages.get(slot.page as usize)?.plan.windows.get(slot.window as usize)?;
    if !question.is_total() || !matches!(window.span, WindowSpan::Over(length) if length.is_fixed()) {
        return None;
    }
    let unit = if question.function == AggregateFn::Count { Decimal::ONE.units() } else { 1 };
    // The greatest whole number of units that is not above the constant, and whether it is the constant.
    let (floor, exact) = (than.units().div_euclid(unit), than.units().rem_euclid(unit) == 0);
    let (low, high) = match op {
        CompareOp::Greater => (floor + 1, i128::MAX),
        CompareOp::GreaterOrEqual => (if exact { floor } else { floor + 1 }, i128::MAX),
        CompareOp::Less => (i128::MIN, if exact { floor - 1 } else { floor }),
        CompareOp::LessOrEqual => (i128::MIN, floor),
        CompareOp::Equal if exact => (floor, floor),
        // Never within bounds, or within two ranges.
        CompareOp::Equal | CompareOp::NotEqual => return None,
    };
    // Beyond the range of numbers a sum is cut off, and what it is compared with may lie there.
    let range = Decimal::MIN.units()..=Decimal::MAX.units();
    if low != i128::MIN && !range.contains(&low) || high != i128::MAX && !range.contains(&high) {
        return None;
    }
    let count = |bound: i128| bound.clamp(i64::MIN.into(), i64::MAX.into()) as i64;
    Some(Threshold {
        slot: *slot,
        function: question.function,
        total: Total::default(),
        low,
        high,
        counts: (count(low), count(high)),
    })
}
