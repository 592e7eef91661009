//! Comparisons: what can be compared with what, closed sets, and the two values that change by themselves.

use super::Checker;
use super::exprs::narrowed;
use super::fields::describe;
use super::names::{Kind, alternatives};
use super::scope::{Place, Scope};
use super::tree::{AggregateFn, Expr, ExprKind, Type};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::small::BTreeSet;
use crate::syntax::ast::{self, CompareOp, ExprKind as Ast};
use crate::value::{Duration, Value};
use std::cmp::Ordering;
use std::sync::Arc;

impl Checker<'_> {
    pub(super) fn compare(
        &mut self,
        from: &ast::Expr,
        op: CompareOp,
        left: &ast::Expr,
        right: &ast::Expr,
        scope: &Scope,
    ) -> Option<Expr> {
        if let Some(since) = Since::of(left) {
            return self.elapsed(from, op, &since, right, scope);
        }
        if let Some(since) = Since::of(right) {
            return self.elapsed(from, turned(op), &since, left, scope);
        }
        let (left, right) = (self.compared(left, right, scope), self.compared(right, left, scope));
        let (left, right) = (left?, right?);
        if left.ty != right.ty {
            self.different_types(&left, &right);
            return None;
        }
        if left.ty == Type::Duration {
            self.report(
                Diagnostic::new(
                    Code::NotComparable,
                    from.span,
                    "durations are not compared with each other",
                    "expected a `time since` on one side",
                )
                .with_help("compare `time since EVENT` with a duration"),
            );
            return None;
        }
        let ordered = !matches!(op, CompareOp::Equal | CompareOp::NotEqual);
        if ordered && !self.has_order(from, &left, op.symbol()) {
            return None;
        }
        let (left, right) = (self.expect_present(left), self.expect_present(right));
        let (left, right) = (left?, right?);
        self.in_closed_set(&left, &right);
        self.in_closed_set(&right, &left);
        let private = left.private || right.private;
        Some(self.present(from, ExprKind::Compare(op, Box::new(left), Box::new(right)), Type::Bool, private))
    }

    /// One side of a comparison: a decaying score may stand alone against a number.
    fn compared(&mut self, side: &ast::Expr, other: &ast::Expr, scope: &Scope) -> Option<Expr> {
        match &side.kind {
            Ast::Name(name) if is_number(other) => {
                self.name(side, name, scope, true).map(|expr| narrowed(expr, scope))
            }
            _ => self.expr(side, scope),
        }
    }

    fn different_types(&mut self, left: &Expr, right: &Expr) {
        let mut diagnostic = Diagnostic::new(
            Code::DifferentTypes,
            right.span,
            format!("{} is compared with {}", describe(left.ty), describe(right.ty)),
            format!("this is {}", describe(right.ty)),
        )
        .with_label(left.span, format!("this is {}", describe(left.ty)));
        let text = [left, right].into_iter().find_map(|side| match side.constant() {
            Some(Value::Text(text)) => Some(text.clone()),
            _ => None,
        });
        let types = [left.ty, right.ty];
        diagnostic.help = Some(match text {
            Some(text) if types.contains(&Type::Number) && text.parse::<crate::value::Decimal>().is_ok() => {
                format!("a number stands without quotes: `{text}`")
            }
            Some(text) if types.contains(&Type::Time) => {
                format!("a time stands without quotes: `{text}`")
            }
            Some(text) if types.contains(&Type::Bool) && (&*text == "true" || &*text == "false") => {
                format!("write `{text}` without quotes")
            }
            _ => "compare things of one kind".to_owned(),
        });
        self.report(diagnostic);
    }

    fn has_order(&mut self, from: &ast::Expr, side: &Expr, symbol: &str) -> bool {
        if matches!(side.ty, Type::Number | Type::Time) {
            return true;
        }
        self.report(
            Diagnostic::new(
                Code::NotComparable,
                from.span,
                format!("`{symbol}` needs an order, and {} has none", describe(side.ty)),
                "only numbers and times are less or more than each other",
            )
            .with_help("use `==`, `!=` or `in [ … ]`"),
        );
        false
    }

    /// Reports a text that the closed set of `value` does not have.
    fn in_closed_set(&mut self, value: &Expr, other: &Expr) {
        let (Some(Value::Text(text)), Some(set)) = (other.constant(), self.choices(value)) else { return };
        if set.contains(text) {
            return;
        }
        let help = match nearest(text, set.iter().map(|member| &**member)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it can be {}", alternatives(set.iter().map(|member| &**member))),
        };
        self.report(
            Diagnostic::new(
                Code::NotInSet,
                other.span,
                format!("`{}` is never `{text}`", value.text),
                "not one of its texts",
            )
            .with_label(value.span, format!("one of {}", alternatives(set.iter().map(|member| &**member))))
            .with_help(help),
        );
    }

    /// The closed set that an expression's texts come from.
    fn choices(&self, expr: &Expr) -> Option<BTreeSet<Arc<str>>> {
        match &expr.kind {
            ExprKind::Field(field) => self.choices_of(field),
            ExprKind::Aggregate(aggregate)
                if matches!(aggregate.function, AggregateFn::First | AggregateFn::Latest) =>
            {
                self.choices_of(aggregate.field.as_ref()?)
            }
            ExprKind::Coalesce(value, default) => {
                let mut set = self.choices(value)?;
                match default.constant() {
                    Some(Value::Text(text)) => {
                        set.insert(text.clone());
                    }
                    _ => set.extend(self.choices(default)?),
                }
                Some(set)
            }
            _ => None,
        }
    }

    pub(super) fn in_set(
        &mut self,
        from: &ast::Expr,
        value: &ast::Expr,
        set: &[ast::Expr],
        scope: &Scope,
    ) -> Option<Expr> {
        let value = self.expr(value, scope).and_then(|value| self.expect_present(value));
        let mut members = Vec::new();
        let mut whole = !set.is_empty();
        if set.is_empty() {
            self.report(
                Diagnostic::new(
                    Code::NeverTrue,
                    from.span,
                    "nothing is in an empty set",
                    "this is never true",
                )
                .with_help("name what it may be between the brackets"),
            );
        }
        for member in set {
            let Some(member) = self.expr(member, scope) else {
                whole = false;
                continue;
            };
            let Some(constant) = member.constant().cloned() else {
                self.report(
                    Diagnostic::new(
                        Code::NotConstant,
                        member.span,
                        "a set holds written-out values only",
                        "this is computed",
                    )
                    .with_help("compare with `==`, and join comparisons with `or`"),
                );
                whole = false;
                continue;
            };
            if let Some(value) = &value {
                if value.ty != member.ty {
                    self.different_types(value, &member);
                    whole = false;
                    continue;
                }
                self.in_closed_set(value, &member);
            }
            members.push(constant);
        }
        let value = value?;
        let private = value.private;
        (whole || set.is_empty())
            .then(|| self.present(from, ExprKind::InSet(Box::new(value), members), Type::Bool, private))
    }

    pub(super) fn between(
        &mut self,
        from: &ast::Expr,
        value: &ast::Expr,
        low: &ast::Expr,
        high: &ast::Expr,
        scope: &Scope,
    ) -> Option<Expr> {
        // What changes by itself is compared with each end on its own.
        if Since::of(value).is_some() || (scope.place.is_watched() && self.is_score(value)) {
            let half = |op, end: &ast::Expr| ast::Expr {
                kind: Ast::Compare(op, Box::new(value.clone()), Box::new(end.clone())),
                span: from.span,
            };
            let halves = [half(CompareOp::GreaterOrEqual, low), half(CompareOp::LessOrEqual, high)];
            let low = self.expr(&halves[0], scope);
            let high = self.expr(&halves[1], scope);
            return Some(self.present(from, ExprKind::And(vec![low?, high?]), Type::Bool, false));
        }
        let value = self.expr(value, scope);
        let low = self.expr(low, scope);
        let high = self.expr(high, scope);
        let (value, low, high) = (value?, low?, high?);
        for end in [&low, &high] {
            if end.ty != value.ty {
                self.different_types(&value, end);
                return None;
            }
        }
        if !self.has_order(from, &value, "between") {
            return None;
        }
        if let (Some(least), Some(most)) = (low.constant(), high.constant())
            && least > most
        {
            self.report(
                Diagnostic::new(
                    Code::NeverTrue,
                    from.span,
                    format!("nothing lies between {least} and {most}"),
                    "this is never true",
                )
                .with_help("write the smaller end first"),
            );
        }
        let value = self.expect_present(value);
        let low = self.expect_present(low);
        let high = self.expect_present(high);
        let (value, low, high) = (value?, low?, high?);
        let private = value.private || low.private || high.private;
        let kind = ExprKind::Between(Box::new(value), Box::new(low), Box::new(high));
        Some(self.present(from, kind, Type::Bool, private))
    }

    fn is_score(&self, expr: &ast::Expr) -> bool {
        matches!(&expr.kind, Ast::Name(name) if self.names.get(Kind::Score, name).is_some())
    }

    /// `time since S OP D`, also through `??`.
    fn elapsed(
        &mut self,
        from: &ast::Expr,
        op: CompareOp,
        since: &Since<'_>,
        than: &ast::Expr,
        scope: &Scope,
    ) -> Option<Expr> {
        let selector = self.selector(since.selector, scope);
        let than = self.constant_duration(than, scope);
        let default = match since.default {
            Some(default) => self.constant_duration(default, scope).map(Some),
            None => Some(None),
        };
        let (selector, than, default) = (selector?.selector, than?, default?);
        let absent = match default {
            Some(default) => op.holds(order(default, than)),
            None => {
                let text: Arc<str> = self.printed(since.whole);
                if !scope.present.contains(&text) {
                    let never = ast::Expr { kind: since.whole.kind.clone(), span: since.whole.span };
                    self.report(
                        Diagnostic::new(
                            Code::MayBeAbsent,
                            never.span,
                            format!("`{text}` may be absent"),
                            "it is absent when there never was one",
                        )
                        .with_help(format!(
                            "say what counts then: `({text} ?? 3650d)`, or test it first with `exists {text} and …`"
                        )),
                    );
                    return None;
                }
                false
            }
        };
        let kind = ExprKind::Elapsed { selector: Box::new(selector), op, than, absent };
        Some(self.present(from, kind, Type::Bool, false))
    }

    fn constant_duration(&mut self, from: &ast::Expr, scope: &Scope) -> Option<Duration> {
        if let Ast::Duration(duration) = &from.kind {
            return Some(*duration);
        }
        if Since::of(from).is_none() {
            let expr = self.expr(from, scope)?;
            self.expect_type(expr, Type::Duration)?;
        }
        self.report(
            Diagnostic::new(
                Code::NotConstant,
                from.span,
                "a `time since` is compared with a written-out duration only",
                "expected a duration such as `30d`",
            )
            .with_help("durations are written like `90s`, `30m`, `24h`, `7d`, `3mo` or `1y`"),
        );
        None
    }

    /// `time since S` where it is not compared.
    pub(super) fn time_since(
        &mut self,
        from: &ast::Expr,
        selector: &ast::Selector,
        scope: &Scope,
    ) -> Option<Expr> {
        let selector = self.selector(selector, scope);
        if scope.place != Place::Text {
            self.report(
                Diagnostic::new(
                    Code::NotConstant,
                    from.span,
                    "`time since` can only be compared with a duration here",
                    "it grows with every instant",
                )
                .with_help(
                    "write `(time since … ?? 3650d) > 30d`; as a value it can stand in texts and in `emit`",
                ),
            );
            return None;
        }
        let kind = ExprKind::TimeSince(Box::new(selector?.selector));
        Some(Expr { optional: true, ..self.present(from, kind, Type::Duration, false) })
    }
}

/// `time since S`, or `time since S ?? D`.
struct Since<'a> {
    /// The `time since` without its default.
    whole: &'a ast::Expr,
    selector: &'a ast::Selector,
    default: Option<&'a ast::Expr>,
}

impl<'a> Since<'a> {
    fn of(expr: &'a ast::Expr) -> Option<Since<'a>> {
        match &expr.kind {
            Ast::TimeSince(selector) => Some(Since { whole: expr, selector, default: None }),
            Ast::Coalesce(value, default) => match &value.kind {
                Ast::TimeSince(selector) => Some(Since { whole: value, selector, default: Some(default) }),
                _ => None,
            },
            _ => None,
        }
    }
}

/// A number as written, with or without a sign.
fn is_number(expr: &ast::Expr) -> bool {
    match &expr.kind {
        Ast::Number(_) => true,
        Ast::Negate(inner) => matches!(inner.kind, Ast::Number(_)),
        _ => false,
    }
}

/// The comparison that holds where the sides change places.
pub(super) const fn turned(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Equal => CompareOp::Equal,
        CompareOp::NotEqual => CompareOp::NotEqual,
        CompareOp::Less => CompareOp::Greater,
        CompareOp::LessOrEqual => CompareOp::GreaterOrEqual,
        CompareOp::Greater => CompareOp::Less,
        CompareOp::GreaterOrEqual => CompareOp::LessOrEqual,
    }
}

/// The longer of two durations, a month counted as the twelfth part of 365.2425 days.
fn order(left: Duration, right: Duration) -> Ordering {
    const MONTH: i128 = 2_629_746_000_000;
    let micros = |d: Duration| i128::from(d.months()) * MONTH + i128::from(d.micros());
    micros(left).cmp(&micros(right))
}
