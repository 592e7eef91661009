//! What numbers an expression can have, for warnings about comparisons that say nothing.

use super::Checker;
use super::compare::turned;
use super::tree::{AggregateFn, CompareOp, Expr, ExprKind, Function};
use crate::value::{Decimal, Value};
use std::sync::Arc;

/// What a comparison always is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Always,
    Never,
}

/// The values from one to another. The smallest step of a decimal makes every open end a closed one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Range {
    Numbers {
        low: Decimal,
        high: Decimal,
    },
    /// Exactly this text; nothing where there would have to be two.
    Text(Option<Arc<str>>),
}

fn decimal(whole: i128) -> Decimal {
    Decimal::from_units(whole.saturating_mul(1_000_000)).0
}

impl Range {
    const ALL: (Decimal, Decimal) = (Decimal::MIN, Decimal::MAX);

    /// The values for which `value OP constant` holds; `None` where they are no range.
    fn of(op: CompareOp, constant: Decimal) -> Option<Range> {
        let step = |by: i128| Decimal::from_units(constant.units() + by).0;
        let (low, high) = match op {
            CompareOp::Equal => (constant, constant),
            CompareOp::NotEqual => return None,
            CompareOp::Less => (Decimal::MIN, step(-1)),
            CompareOp::LessOrEqual => (Decimal::MIN, constant),
            CompareOp::Greater => (step(1), Decimal::MAX),
            CompareOp::GreaterOrEqual => (constant, Decimal::MAX),
        };
        Some(Range::Numbers { low, high })
    }

    /// The text of what is compared with a constant, and the values for which the comparison holds.
    pub(super) fn of_comparison(expr: &Expr) -> Option<(Arc<str>, Range)> {
        let ExprKind::Compare(op, left, right) = &expr.kind else { return None };
        let (op, value, constant) = match (left.constant(), right.constant()) {
            (None, Some(constant)) => (*op, left, constant),
            (Some(constant), None) => (turned(*op), right, constant),
            _ => return None,
        };
        let range = match constant {
            Value::Number(number) => Range::of(op, *number)?,
            Value::Text(text) if op == CompareOp::Equal => Range::Text(Some(text.clone())),
            _ => return None,
        };
        Some((value.text.clone(), range))
    }

    /// What is in both.
    pub(super) fn and(&self, other: &Range) -> Range {
        match (self, other) {
            (Range::Numbers { low, high }, Range::Numbers { low: other_low, high: other_high }) => {
                Range::Numbers { low: *low.max(other_low), high: *high.min(other_high) }
            }
            (Range::Text(one), Range::Text(other)) if one == other => self.clone(),
            _ => Range::Text(None),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        match self {
            Range::Numbers { low, high } => low > high,
            Range::Text(text) => text.is_none(),
        }
    }

    pub(super) fn contains(&self, value: Decimal) -> bool {
        matches!(self, Range::Numbers { low, high } if (*low..=*high).contains(&value))
    }

    /// The value at which something that comes from outside first is in a range with one open side. What only takes whole
    /// numbers (`whole`) comes in at one.
    pub(super) fn edge(&self, whole: bool) -> Option<Decimal> {
        let Range::Numbers { low, high } = self else { return None };
        let units = |value: &Decimal, up: i128| {
            let one = 1_000_000;
            if whole { (value.units() + up * (one - 1)).div_euclid(one) * one } else { value.units() }
        };
        match (*low == Decimal::MIN, *high == Decimal::MAX) {
            (false, true) => Some(Decimal::from_units(units(low, 1)).0),
            (true, false) => Some(Decimal::from_units(units(high, 0)).0),
            _ => None,
        }
    }

    pub(super) fn is_within(&self, other: &Range) -> bool {
        self.and(other) == *self
    }
}

/// Whether a comparison with a constant is one of whole numbers.
pub(super) fn compares_whole(expr: &Expr) -> bool {
    let ExprKind::Compare(_, left, right) = &expr.kind else { return false };
    let value = if left.constant().is_some() { right } else { left };
    match &value.kind {
        ExprKind::Aggregate(aggregate) => {
            matches!(aggregate.function, AggregateFn::Count | AggregateFn::Distinct | AggregateFn::Days)
        }
        ExprKind::Hits(..) | ExprKind::Words(..) | ExprKind::Level(_) => true,
        _ => false,
    }
}

impl Checker<'_> {
    /// Whether the comparison is always or never true, and why.
    pub(super) fn verdict(&self, op: CompareOp, left: &Expr, right: &Expr) -> Option<(Verdict, String)> {
        if let (Some(left), Some(right)) = (left.constant(), right.constant()) {
            let verdict = if op.holds(left.cmp(right)) { Verdict::Always } else { Verdict::Never };
            return Some((verdict, "both sides are written out".to_owned()));
        }
        if left.text == right.text {
            let always = op.holds(std::cmp::Ordering::Equal);
            let verdict = if always { Verdict::Always } else { Verdict::Never };
            return Some((verdict, "both sides are the same".to_owned()));
        }
        let (op, value, constant) = match (left.constant(), right.constant()) {
            (None, Some(Value::Number(number))) => (op, left, *number),
            (Some(Value::Number(number)), None) => (turned(op), right, *number),
            _ => return None,
        };
        let (low, high) = self.bounds(value);
        if (low, high) == Range::ALL {
            return None;
        }
        let possible = Range::Numbers { low, high };
        let verdict = match Range::of(op, constant) {
            Some(wanted) if wanted.and(&possible).is_empty() => Verdict::Never,
            Some(wanted) if possible.is_within(&wanted) => Verdict::Always,
            None if constant < low || constant > high => Verdict::Always,
            _ => return None,
        };
        let why = match (low == Decimal::MIN, high == Decimal::MAX) {
            (false, true) => format!("it is never less than {low}"),
            (true, false) => format!("it is never more than {high}"),
            _ => format!("it lies between {low} and {high}"),
        };
        Some((verdict, why))
    }

    /// The least and the greatest number that it can be.
    fn bounds(&self, expr: &Expr) -> (Decimal, Decimal) {
        let none = Range::ALL;
        let from_zero = (Decimal::ZERO, Decimal::MAX);
        match &expr.kind {
            ExprKind::Constant(Value::Number(number)) => (*number, *number),
            ExprKind::Aggregate(aggregate) => match aggregate.function {
                AggregateFn::Count | AggregateFn::Distinct | AggregateFn::Days => from_zero,
                _ => none,
            },
            ExprKind::Hits(..) | ExprKind::Words(..) => from_zero,
            ExprKind::Call(function, _) => match function {
                Function::Hour => (Decimal::ZERO, decimal(23)),
                Function::Weekday => (decimal(1), decimal(7)),
                Function::Day => (decimal(1), decimal(31)),
                Function::Month => (decimal(1), decimal(12)),
                Function::Length | Function::Abs => from_zero,
                _ => none,
            },
            ExprKind::Score(id) => self.scores.get(id.index()).map_or(none, |score| {
                // It begins at 0, wherever its bounds are.
                (score.min.min(Decimal::ZERO), score.max.max(Decimal::ZERO))
            }),
            ExprKind::Level(list) => self.lists.get(list.index()).map_or(none, |list| {
                let number =
                    |level: Option<&super::tree::Level>| level.map(|level| decimal(i128::from(level.number)));
                match (number(list.levels.first()), number(list.levels.last())) {
                    (Some(low), Some(high)) => (low, high),
                    _ => none,
                }
            }),
            ExprKind::Coalesce(value, default) => {
                let ((low, high), (other_low, other_high)) = (self.bounds(value), self.bounds(default));
                (low.min(other_low), high.max(other_high))
            }
            _ => none,
        }
    }
}
