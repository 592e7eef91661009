//! Every name that a part of the syntax tree uses, before anything is resolved.

use crate::syntax::ast::{
    Action, ActionKind, ClauseKind, Expr, ExprKind, GuardTarget, Life, Name, Rule, Selector, SelectorKind,
    Template, TemplatePart,
};

/// A use of a name.
#[derive(Clone, Copy, Debug)]
pub(super) enum Use<'t> {
    /// An event that a selector picks.
    Event(&'t Name),
    ReadTag(&'t str),
    ReadList(&'t str),
    /// A bare name: perhaps a score.
    ReadName(&'t str),
    WriteTag(&'t str),
    WriteList(&'t str),
    WriteScore(&'t str),
}

/// Calls `see` with every use in a rule.
pub(super) fn rule<'t>(rule: &'t Rule, see: &mut impl FnMut(Use<'t>)) {
    for clause in &rule.clauses {
        match &clause.kind {
            ClauseKind::On(picked) => selector(picked, see),
            ClauseKind::When(condition) | ClauseKind::While(condition) | ClauseKind::Unless(condition) => {
                expr(condition, see);
            }
            ClauseKind::Because(text) => template(text, see),
            ClauseKind::Then(wanted) => action(wanted, see),
            ClauseKind::Every(_)
            | ClauseKind::AtMostOncePer(_)
            | ClauseKind::Active { .. }
            | ClauseKind::Rollout(_) => {}
        }
    }
}

fn action<'t>(action_: &'t Action, see: &mut impl FnMut(Use<'t>)) {
    match &action_.kind {
        ActionKind::Tag { tag, life: lived, .. } => {
            see(Use::WriteTag(&tag.text));
            life(lived.as_ref(), see);
        }
        ActionKind::Untag(tag) => see(Use::WriteTag(&tag.text)),
        ActionKind::Add { list, life: lived, .. } => {
            see(Use::WriteList(&list.text));
            life(lived.as_ref(), see);
        }
        ActionKind::Remove(list) => see(Use::WriteList(&list.text)),
        ActionKind::Score { score, amount, .. } => {
            see(Use::WriteScore(&score.text));
            expr(amount, see);
        }
        ActionKind::Notify { text, .. } => {
            if let Some(text) = text {
                template(text, see);
            }
        }
        ActionKind::Emit { fields, .. } => {
            for (_, value) in fields {
                expr(value, see);
            }
        }
        ActionKind::Propose(inner) => action(inner, see),
    }
}

fn life<'t>(life: Option<&'t Life>, see: &mut impl FnMut(Use<'t>)) {
    match life {
        Some(Life::UntilOn(picked)) => selector(picked, see),
        Some(Life::Until(condition)) => expr(condition, see),
        _ => {}
    }
}

fn template<'t>(template: &'t Template, see: &mut impl FnMut(Use<'t>)) {
    for part in &template.parts {
        if let TemplatePart::Expr(value) = part {
            expr(value, see);
        }
    }
}

fn selector<'t>(from: &'t Selector, see: &mut impl FnMut(Use<'t>)) {
    match &from.kind {
        SelectorKind::Events { events, condition } => {
            for event in events {
                see(Use::Event(event));
            }
            if let Some(condition) = condition {
                expr(condition, see);
            }
        }
        SelectorKind::Activity { condition } => {
            if let Some(condition) = condition {
                expr(condition, see);
            }
        }
        SelectorKind::After(sequence) | SelectorKind::Without(sequence) => {
            selector(&sequence.picked, see);
            selector(&sequence.other, see);
        }
    }
}

/// Calls `see` with every use in an expression.
pub(super) fn expr<'t>(from: &'t Expr, see: &mut impl FnMut(Use<'t>)) {
    match &from.kind {
        ExprKind::Number(_)
        | ExprKind::Text(_)
        | ExprKind::Bool(_)
        | ExprKind::Duration(_)
        | ExprKind::Time(_)
        | ExprKind::Path(..) => {}
        ExprKind::Name(name) => see(Use::ReadName(name)),
        ExprKind::Not(inner)
        | ExprKind::Negate(inner)
        | ExprKind::Matches(inner, _)
        | ExprKind::Has { text: inner, .. }
        | ExprKind::Exists(inner) => expr(inner, see),
        ExprKind::And(left, right)
        | ExprKind::Or(left, right)
        | ExprKind::Compare(_, left, right)
        | ExprKind::Contains(left, right)
        | ExprKind::StartsWith(left, right)
        | ExprKind::EndsWith(left, right)
        | ExprKind::Coalesce(left, right)
        | ExprKind::Arithmetic(_, left, right) => {
            expr(left, see);
            expr(right, see);
        }
        ExprKind::InSet(value, set) => {
            expr(value, see);
            for member in set {
                expr(member, see);
            }
        }
        ExprKind::Between(value, low, high) => {
            expr(value, see);
            expr(low, see);
            expr(high, see);
        }
        ExprKind::Aggregate(aggregate) => selector(&aggregate.selector, see),
        ExprKind::NoFor(picked, _) | ExprKind::TimeSince(picked) => selector(picked, see),
        ExprKind::Tagged(tag, _) => see(Use::ReadTag(&tag.text)),
        ExprKind::InList { list, .. } | ExprKind::Level(list) => see(Use::ReadList(&list.text)),
        ExprKind::Call(_, args) => {
            for arg in args {
                expr(arg, see);
            }
        }
    }
}

/// The target of a guard as a write.
pub(super) fn target(target: &GuardTarget) -> Use<'_> {
    match target {
        GuardTarget::List(name) => Use::WriteList(&name.text),
        GuardTarget::Tag(name) => Use::WriteTag(&name.text),
    }
}
