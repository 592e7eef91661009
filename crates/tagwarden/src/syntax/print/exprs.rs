//! Prints expressions with as few brackets as will read back as the same tree.

use super::Printer;
use crate::syntax::ast::{Aggregate, CompareOp, Expr, ExprKind, Spanned, Window, WindowKind};
use crate::syntax::precedence::{self, AND, COALESCE, NEGATE, NOT, OR};
use crate::value::{Decimal, Period};

/// What follows an expression without a bracket in between. Some expressions end in a selector or a name that would
/// swallow it, and need brackets then.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Follow {
    Nothing,
    /// An operator other than `or`.
    Operator,
    /// `or`, which also joins events.
    Or,
    /// `after` or `without`.
    Tail,
    /// `for D`.
    For,
}

impl Printer<'_> {
    /// An expression in a place where operators bind at least as strongly as `least`.
    pub(super) fn expr(&mut self, expr: &Expr, least: u8, follow: Follow) {
        if precedence::of(&expr.kind) < least || swallows(&expr.kind, follow) {
            self.put('(');
            self.bare(expr, Follow::Nothing);
            self.put(')');
        } else {
            self.bare(expr, follow);
        }
    }

    fn bare(&mut self, expr: &Expr, follow: Follow) {
        match &expr.kind {
            ExprKind::Number(number) => self.literal(number, expr.span),
            ExprKind::Text(text) => self.text(text),
            ExprKind::Bool(truth) => self.put(truth),
            ExprKind::Duration(duration) => self.literal(duration, expr.span),
            ExprKind::Time(time) => self.put(time),
            ExprKind::Name(name) => self.put(name),
            ExprKind::Path(event, field) => {
                self.put(&event.text);
                self.put('.');
                self.put(&field.text);
            }
            ExprKind::Not(inner) => {
                self.put("not ");
                self.expr(inner, NOT, follow);
            }
            ExprKind::Negate(inner) => {
                self.put('-');
                self.expr(inner, NEGATE, follow);
            }
            ExprKind::And(left, right) => self.binary("and", left, AND, right, follow),
            ExprKind::Or(left, right) => self.binary("or", left, OR, right, follow),
            ExprKind::Compare(op, left, right) => self.predicate(op.symbol(), left, right, follow),
            ExprKind::Contains(left, right) => self.predicate("contains", left, right, follow),
            ExprKind::StartsWith(left, right) => self.predicate("starts with", left, right, follow),
            ExprKind::EndsWith(left, right) => self.predicate("ends with", left, right, follow),
            ExprKind::Coalesce(left, right) => self.binary("??", left, COALESCE, right, follow),
            ExprKind::Arithmetic(op, left, right) => {
                self.binary(op.symbol(), left, precedence::arithmetic(*op), right, follow);
            }
            ExprKind::InSet(left, members) => {
                self.expr(left, COALESCE, Follow::Operator);
                self.put(" in [");
                self.list(members);
                self.put(']');
            }
            ExprKind::Between(value, low, high) => {
                self.expr(value, COALESCE, Follow::Operator);
                self.put(" between ");
                self.expr(low, COALESCE, Follow::Operator);
                self.put(" and ");
                self.expr(high, COALESCE, follow);
            }
            ExprKind::Matches(left, regex) => {
                self.expr(left, COALESCE, Follow::Operator);
                self.put(" matches /");
                self.put(&regex.node);
                self.put('/');
            }
            ExprKind::Has { text, keywords, category } => {
                self.expr(text, COALESCE, Follow::Operator);
                self.put(" has ");
                self.name(keywords);
                if let Some(category) = category {
                    self.put(" category ");
                    self.name(category);
                }
            }
            ExprKind::Exists(inner) => {
                self.put("exists ");
                self.expr(inner, COALESCE, follow);
            }
            ExprKind::Aggregate(aggregate) => self.aggregate(aggregate),
            ExprKind::NoFor(selector, duration) => {
                self.put("no ");
                self.inner_selector(selector, Follow::For);
                self.put(" for ");
                self.duration(duration);
            }
            ExprKind::TimeSince(selector) => {
                self.put("time since ");
                self.inner_selector(selector, follow);
            }
            ExprKind::Tagged(name, life) => {
                self.put("tagged ");
                self.name(name);
                if let Some(life) = life {
                    self.put(" for ");
                    self.duration(life);
                }
            }
            ExprKind::InList { list, level } => {
                self.put("in ");
                self.name(list);
                if let Some(level) = level {
                    self.level_test(level);
                }
            }
            ExprKind::Level(list) => {
                self.put("level(");
                self.name(list);
                self.put(')');
            }
            ExprKind::Call(name, arguments) => {
                self.put(&name.text);
                self.put('(');
                self.list(arguments);
                self.put(')');
            }
        }
    }

    fn binary(&mut self, symbol: &str, left: &Expr, strength: u8, right: &Expr, follow: Follow) {
        let operator = if symbol == "or" { Follow::Or } else { Follow::Operator };
        self.expr(left, strength, operator);
        self.put(format_args!(" {symbol} "));
        self.expr(right, strength + 1, follow);
    }

    fn predicate(&mut self, symbol: &str, left: &Expr, right: &Expr, follow: Follow) {
        self.expr(left, COALESCE, Follow::Operator);
        self.put(format_args!(" {symbol} "));
        self.expr(right, COALESCE, follow);
    }

    fn list(&mut self, members: &[Expr]) {
        for (index, member) in members.iter().enumerate() {
            if index > 0 {
                self.put(", ");
            }
            self.expr(member, 0, Follow::Nothing);
        }
    }

    fn level_test(&mut self, (op, number): &(CompareOp, Spanned<Decimal>)) {
        self.put(" level ");
        if *op != CompareOp::Equal {
            self.put(op.symbol());
            self.put(' ');
        }
        self.number(number);
    }

    fn aggregate(&mut self, aggregate: &Aggregate) {
        self.put(aggregate.function.word());
        self.put('(');
        self.selector(&aggregate.selector, aggregate.field.as_ref(), Follow::Nothing);
        self.put(')');
        if let Some(window) = &aggregate.window {
            self.put(' ');
            self.window(window);
        }
    }

    fn window(&mut self, window: &Window) {
        match &window.kind {
            WindowKind::Over { length, step } => {
                self.put("over ");
                self.duration(length);
                if let Some(step) = step {
                    self.put(" step ");
                    self.duration(step);
                }
            }
            WindowKind::This(period) => self.put(format_args!("this {}", period_word(*period))),
            WindowKind::Previous(period) => self.put(format_args!("previous {}", period_word(*period))),
        }
    }
}

/// Whether an expression would take what follows it for its own.
fn swallows(kind: &ExprKind, follow: Follow) -> bool {
    match kind {
        ExprKind::Tagged(_, None) => follow == Follow::For,
        ExprKind::TimeSince(selector) => match follow {
            Follow::Nothing | Follow::For => false,
            Follow::Tail => true,
            Follow::Or => super::selectors::takes_or(selector),
            Follow::Operator => super::selectors::ends_in_condition(selector),
        },
        _ => false,
    }
}

const fn period_word(period: Period) -> &'static str {
    match period {
        Period::Hour => "hour",
        Period::Day => "day",
        Period::Week => "week",
        Period::Month => "month",
        Period::Year => "year",
    }
}
