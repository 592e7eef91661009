//! Every expression of a part of the typed tree.

use super::tree::{Action, Expr, ExprKind, Life, Rule, Selector, TemplatePart, Trigger};

/// Which expressions of a rule are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    /// Those on which it depends what the rule does, and how long that lasts.
    Deciding,
    /// Those that are only told as well, or are the amount of something.
    Everything,
}

/// Calls `see` with expressions of a rule and everything in them.
pub(crate) fn rule(rule: &Rule, of: Of, see: &mut dyn FnMut(&Expr)) {
    if let Trigger::On(picked) = &rule.trigger {
        selector(picked, see);
    }
    if let Some(condition) = &rule.condition {
        expr(condition, see);
    }
    for wanted in &rule.actions {
        action(wanted, of, see);
    }
    for part in rule.because.iter().filter(|_| of == Of::Everything).flat_map(|template| &template.parts) {
        if let TemplatePart::Expr(told) = part {
            expr(told, see);
        }
    }
}

fn action(wanted: &Action, of: Of, see: &mut dyn FnMut(&Expr)) {
    match wanted {
        Action::Tag { life, .. } | Action::Add { life, .. } => match life {
            Life::UntilOn(picked) => selector(picked, see),
            Life::Until(condition) => expr(condition, see),
            _ => {}
        },
        Action::Propose(inner) => action(inner, of, see),
        Action::Score { amount, .. } if of == Of::Everything => expr(amount, see),
        Action::Emit { fields, .. } if of == Of::Everything => {
            fields.iter().for_each(|(_, value)| expr(value, see));
        }
        _ => {}
    }
}

fn selector(from: &Selector, see: &mut dyn FnMut(&Expr)) {
    match from {
        Selector::Base { condition, .. } => {
            if let Some(condition) = condition {
                expr(condition, see);
            }
        }
        Selector::After(sequence) | Selector::Without(sequence) => {
            selector(&sequence.picked, see);
            selector(&sequence.other, see);
        }
    }
}

/// Calls `see` with an expression and everything in it. No deeper than the parser lets anything nest.
pub(crate) fn expr(from: &Expr, see: &mut dyn FnMut(&Expr)) {
    see(from);
    match &from.kind {
        ExprKind::Constant(_)
        | ExprKind::Field(_)
        | ExprKind::At
        | ExprKind::Tagged(..)
        | ExprKind::InList(..)
        | ExprKind::Level(_)
        | ExprKind::Score(_) => {}
        ExprKind::Not(inner)
        | ExprKind::Negate(inner)
        | ExprKind::InSet(inner, _)
        | ExprKind::Matches(inner, _)
        | ExprKind::Has { text: inner, .. }
        | ExprKind::Exists(inner)
        | ExprKind::Hits(inner, _)
        | ExprKind::Words(inner, _) => expr(inner, see),
        ExprKind::And(parts) | ExprKind::Or(parts) | ExprKind::Call(_, parts) => {
            parts.iter().for_each(|part| expr(part, see));
        }
        ExprKind::Arithmetic(_, left, right)
        | ExprKind::Coalesce(left, right)
        | ExprKind::Compare(_, left, right)
        | ExprKind::Contains(left, right)
        | ExprKind::StartsWith(left, right)
        | ExprKind::EndsWith(left, right) => {
            expr(left, see);
            expr(right, see);
        }
        ExprKind::Between(value, low, high) => {
            [value, low, high].into_iter().for_each(|part| expr(part, see));
        }
        ExprKind::Aggregate(aggregate) => selector(&aggregate.selector, see),
        ExprKind::Elapsed { selector: picked, .. }
        | ExprKind::NoFor(picked, _)
        | ExprKind::TimeSince(picked) => selector(picked, see),
    }
}
