//! Conditions that are plain bounds on counts and sums: nearly all that are asked at every event.
//!
//! They are not worked out but looked up: each page keeps until when its bounds hold, so that a rule is woken when a bound turns
//! and not whenever something enters or leaves a window.

use super::EntityPlan;
use super::expr::{Node, NodeKind};
use crate::check::tree::{AggregateFn, CompareOp};
use crate::value::{Decimal, Value};
use crate::window::{Page, Reach, WindowSpan};

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
    /// All of these bounds must hold.
    All(Box<[Bound]>),
}

/// A bound on a count or a sum over a sliding window, or that it is not reached.
#[derive(Clone, Debug)]
pub(crate) struct Bound {
    pub(crate) page: u32,
    /// Its number among the bounds of the page.
    pub(crate) number: u16,
    /// Where the page keeps until when it holds.
    pub(crate) cell: u32,
    /// Whether it must not be reached.
    pub(crate) below: bool,
    /// Whether it holds of a subject without a page.
    pub(crate) initially: bool,
}

impl Bound {
    /// Whether it holds of a subject with this page.
    #[inline]
    pub(crate) fn holds(&self, page: Option<&Page>, now: i64) -> bool {
        let until = page.and_then(|page| page.cells().get(self.cell as usize));
        until.map_or(self.initially, |until| *until > now) != self.below
    }
}

impl Condition {
    /// Without shortcuts.
    pub(super) fn slow(node: Node) -> Condition {
        Condition { node, quick: Quick::No }
    }

    pub(super) fn new(node: Node, plan: &mut EntityPlan) -> Condition {
        let parts = match &node.kind {
            NodeKind::And(parts) => &parts[..],
            _ => std::slice::from_ref(&node),
        };
        let reaches: Option<Vec<_>> = parts.iter().map(|part| reaches(part, plan)).collect();
        let mut bounds = Vec::new();
        for (page, window, reach, below) in reaches.into_iter().flatten().flatten() {
            let pages = plan.pages.get_mut(page as usize);
            let number = pages.and_then(|page| page.plan.add_bound(window, reach));
            let Some(number) = number else { return Condition { node, quick: Quick::No } };
            bounds.push(Bound { page, number, cell: 0, below, initially: false });
        }
        let quick = if bounds.is_empty() { Quick::No } else { Quick::All(bounds.into()) };
        Condition { node, quick }
    }

    /// Notes where its bounds stand, now that they have their places.
    pub(super) fn place(&mut self, plan: &EntityPlan) {
        for bound in self.bounds_mut() {
            if let Some(page) = plan.pages.get(bound.page as usize) {
                (bound.cell, bound.initially) = page.plan.bound(bound.number);
            }
        }
    }

    /// The bounds that it consists of, if it does of nothing else.
    pub(crate) fn bounds(&self) -> &[Bound] {
        match &self.quick {
            Quick::All(bounds) => bounds,
            Quick::No => &[],
        }
    }

    fn bounds_mut(&mut self) -> &mut [Bound] {
        match &mut self.quick {
            Quick::All(bounds) => bounds,
            Quick::No => &mut [],
        }
    }
}

/// A page, a window of it, what that must reach, and whether it must not.
type Reaches = (u32, u16, Reach, bool);

/// The bounds that a comparison is.
fn reaches(node: &Node, plan: &EntityPlan) -> Option<Vec<Reaches>> {
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
    let counts = question.function == AggregateFn::Count;
    let unit = if counts { Decimal::ONE.units() } else { 1 };
    // The greatest whole number of units that is not above the constant, and whether it is the constant.
    let (floor, exact) = (than.units().div_euclid(unit), than.units().rem_euclid(unit) == 0);
    let at_least = |least: i128, below: bool| {
        // Beyond the range of numbers a sum is cut off, and what it is compared with may lie there.
        let range = Decimal::MIN.units() + 1..=Decimal::MAX.units();
        let reach = if counts {
            Reach::Count(u32::try_from(least).ok().filter(|least| *least > 0)?)
        } else {
            Reach::Sum(Some(least).filter(|least| range.contains(least))?)
        };
        Some((slot.page, slot.window as u16, reach, below))
    };
    let above = if exact { floor } else { floor + 1 };
    Some(match op {
        CompareOp::Greater => vec![at_least(floor + 1, false)?],
        CompareOp::GreaterOrEqual => vec![at_least(above, false)?],
        CompareOp::Less => vec![at_least(above, true)?],
        CompareOp::LessOrEqual => vec![at_least(floor + 1, true)?],
        CompareOp::Equal if exact && counts => vec![at_least(floor, false)?, at_least(floor + 1, true)?],
        CompareOp::Equal | CompareOp::NotEqual => return None,
    })
}
