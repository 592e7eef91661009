//! Expressions: the types of operators, and what may be absent.

use super::Checker;
use super::fields::describe;
use super::names::{Kind, enumerate};
use super::scope::{Place, Scope};
use super::tree::{Expr, ExprKind, Type};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::source::Span;
use crate::syntax::ast::{self, ArithmeticOp, ExprKind as Ast};
use crate::syntax::{print_expr, print_expr_as_written};
use crate::value::{Decimal, Value};
use std::sync::Arc;

/// How many bytes the texts of all expressions may have for each byte that the sources may have.
const TEXT_FACTOR: usize = 16;

impl Expr {
    /// The value of a literal.
    pub(super) fn constant(&self) -> Option<&Value> {
        match &self.kind {
            ExprKind::Constant(value) => Some(value),
            _ => None,
        }
    }
}

impl Checker<'_> {
    /// A checked expression that is never absent.
    pub(super) fn present(&self, from: &ast::Expr, kind: ExprKind, ty: Type, private: bool) -> Expr {
        Expr { kind, ty, optional: false, text: self.printed(from), private, span: from.span }
    }

    /// An expression as the formatter prints it.
    ///
    /// Each expression holds its own text, which holds those of its parts, so that deep ones of long texts add up: beyond
    /// what a rulebook can need, nothing more is printed, and [`Checker::refuse_bulk`] refuses the rulebook.
    pub(super) fn printed(&self, from: &ast::Expr) -> Arc<str> {
        if self.bulk.get().1.is_some() {
            return "".into();
        }
        let text = self.print(from);
        let (before, _) = self.bulk.get();
        let sum = before + text.len();
        let most = self.limits.source_bytes.saturating_mul(TEXT_FACTOR);
        self.bulk.set((sum, (sum > most).then_some(from.span)));
        text
    }

    /// Reports that the texts of all expressions together have become too long.
    pub(super) fn refuse_bulk(&mut self) {
        if let Some(place) = self.bulk.get().1 {
            self.report(
                Diagnostic::new(
                    Code::ExpressionTooLong,
                    place,
                    "the expressions are too long, within one another",
                    "too long here",
                )
                .with_help("take long texts and sets out of deep brackets"),
            );
        }
    }

    fn print(&self, from: &ast::Expr) -> Arc<str> {
        match self.sources.get(from.span.source) {
            Some(source) => print_expr_as_written(from, &source.text).into(),
            None => print_expr(from).into(),
        }
    }

    /// A condition: true or false, never absent. What it shows to be present is added to `scope`.
    pub(super) fn condition(&mut self, from: &ast::Expr, scope: &mut Scope) -> Option<Expr> {
        if matches!(from.kind, Ast::And(..)) {
            return self.conjunction(from, scope);
        }
        let expr = self.expr(from, scope)?;
        let expr = self.expect(expr, Type::Bool)?;
        if let ExprKind::Exists(inner) = &expr.kind {
            scope.present.push(inner.text.clone());
        }
        Some(expr)
    }

    /// `a and b and …`, in one list, each part knowing what the earlier ones have shown to be present.
    fn conjunction(&mut self, from: &ast::Expr, scope: &mut Scope) -> Option<Expr> {
        let mut parts = Vec::new();
        let mut whole = true;
        for part in flatten(from) {
            match self.condition(part, scope) {
                Some(part) => parts.push(part),
                None => whole = false,
            }
        }
        let private = parts.iter().any(|part| part.private);
        whole.then(|| self.present(from, ExprKind::And(parts), Type::Bool, private))
    }

    fn disjunction(&mut self, from: &ast::Expr, scope: &Scope) -> Option<Expr> {
        let mut parts = Vec::new();
        let mut whole = true;
        for part in flatten(from) {
            match self.condition(part, &mut scope.clone()) {
                Some(part) => parts.push(part),
                None => whole = false,
            }
        }
        let private = parts.iter().any(|part| part.private);
        whole.then(|| self.present(from, ExprKind::Or(parts), Type::Bool, private))
    }

    /// Any expression.
    pub(super) fn expr(&mut self, from: &ast::Expr, scope: &Scope) -> Option<Expr> {
        self.any(from, scope).map(|expr| narrowed(expr, scope))
    }

    fn any(&mut self, from: &ast::Expr, scope: &Scope) -> Option<Expr> {
        match &from.kind {
            Ast::Number(number) => self.literal(from, Value::Number(*number), Type::Number),
            Ast::Text(text) => self.literal(from, Value::Text(text.as_str().into()), Type::Text),
            Ast::Bool(truth) => self.literal(from, Value::Bool(*truth), Type::Bool),
            Ast::Duration(duration) => self.literal(from, Value::Duration(*duration), Type::Duration),
            Ast::Time(text) => {
                let time = self.time(text, from.span)?;
                self.literal(from, Value::Time(time), Type::Time)
            }
            Ast::Name(name) => self.name(from, name, scope, false),
            Ast::Path(event, field) => self.path(from, event, field, scope),
            Ast::And(..) => self.conjunction(from, &mut scope.clone()),
            Ast::Or(..) => self.disjunction(from, scope),
            Ast::Not(inner) => {
                let inner = self.condition(inner, &mut scope.clone())?;
                let private = inner.private;
                Some(self.present(from, ExprKind::Not(Box::new(inner)), Type::Bool, private))
            }
            Ast::Negate(inner) => {
                let inner = self.operand(inner, scope, Type::Number)?;
                if let Some(Value::Number(number)) = inner.constant() {
                    return self.literal(from, Value::Number(number.negated()), Type::Number);
                }
                let private = inner.private;
                Some(self.present(from, ExprKind::Negate(Box::new(inner)), Type::Number, private))
            }
            Ast::Arithmetic(op, left, right) => self.arithmetic(from, *op, left, right, scope),
            Ast::Coalesce(left, right) => self.coalesce(from, left, right, scope),
            Ast::Compare(op, left, right) => self.compare(from, *op, left, right, scope),
            Ast::InSet(value, set) => self.in_set(from, value, set, scope),
            Ast::Between(value, low, high) => self.between(from, value, low, high, scope),
            Ast::Contains(text, part) => self.text_test(from, text, part, scope, ExprKind::Contains),
            Ast::StartsWith(text, part) => self.text_test(from, text, part, scope, ExprKind::StartsWith),
            Ast::EndsWith(text, part) => self.text_test(from, text, part, scope, ExprKind::EndsWith),
            Ast::Matches(text, regex) => self.matches(from, text, regex, scope),
            Ast::Has { text, keywords, category } => self.has(from, text, keywords, category.as_ref(), scope),
            Ast::Exists(inner) => self.exists(from, inner, scope),
            Ast::Aggregate(aggregate) => self.aggregate(from, aggregate, scope),
            Ast::NoFor(selector, duration) => {
                let duration = self.positive(duration);
                let selector = self.selector(selector, scope)?.selector;
                Some(self.present(from, ExprKind::NoFor(Box::new(selector), duration?), Type::Bool, false))
            }
            Ast::TimeSince(selector) => self.time_since(from, selector, scope),
            Ast::Tagged(tag, life) => self.tagged(from, tag, life.as_ref(), scope),
            Ast::InList { list, level } => self.in_list(from, list, level.as_ref(), scope),
            Ast::Level(list) => self.level(from, list, scope),
            Ast::Call(function, args) => self.call(from, function, args, scope),
        }
    }

    fn literal(&self, from: &ast::Expr, value: Value, ty: Type) -> Option<Expr> {
        Some(self.present(from, ExprKind::Constant(value), ty, false))
    }

    /// An expression of one type that is never absent.
    pub(super) fn operand(&mut self, from: &ast::Expr, scope: &Scope, ty: Type) -> Option<Expr> {
        let expr = self.expr(from, scope)?;
        self.expect(expr, ty)
    }

    /// The expression if it has that type and is never absent; a message otherwise.
    pub(super) fn expect(&mut self, expr: Expr, ty: Type) -> Option<Expr> {
        let expr = self.expect_type(expr, ty)?;
        self.expect_present(expr)
    }

    pub(super) fn expect_type(&mut self, expr: Expr, ty: Type) -> Option<Expr> {
        if expr.ty == ty {
            return Some(expr);
        }
        let found = describe(expr.ty);
        let mut diagnostic = Diagnostic::new(
            Code::WrongType,
            expr.span,
            format!("expected {}, found {found}", describe(ty)),
            format!("this is {found}"),
        );
        if ty == Type::Bool {
            diagnostic = diagnostic.with_help(match expr.ty {
                Type::Number => format!("compare it with something, as in `{} > 0`", expr.text),
                Type::Text => format!("compare it with something, as in `{} == \"…\"`", expr.text),
                _ => "a condition is true or false: compare it with something".to_owned(),
            });
        }
        self.report(diagnostic);
        None
    }

    pub(super) fn expect_present(&mut self, expr: Expr) -> Option<Expr> {
        if !expr.optional {
            return Some(expr);
        }
        let why = match &expr.kind {
            ExprKind::Field(_) => "the event may lack it",
            ExprKind::Arithmetic(ArithmeticOp::Remainder | ArithmeticOp::Divide, ..) => {
                "there is no result when dividing by 0"
            }
            ExprKind::Aggregate(_) | ExprKind::TimeSince(_) => "it is absent when nothing was picked",
            ExprKind::Level(_) => "it is absent when the subject is not in the list",
            _ => "it may be absent",
        };
        let default = match expr.ty {
            Type::Number => "0",
            Type::Text => "\"\"",
            Type::Bool => "false",
            Type::Time => "2000-01-01",
            Type::Duration => "3650d",
        };
        let tested = match &expr.kind {
            ExprKind::Field(_) | ExprKind::Aggregate(_) | ExprKind::Level(_) => {
                format!(", or test it first with `exists {} and …`", expr.text)
            }
            _ => String::new(),
        };
        self.report(
            Diagnostic::new(Code::MayBeAbsent, expr.span, format!("`{}` may be absent", expr.text), why)
                .with_help(format!("say what counts then: `({} ?? {default})`{tested}", expr.text)),
        );
        None
    }

    fn arithmetic(
        &mut self,
        from: &ast::Expr,
        op: ArithmeticOp,
        left: &ast::Expr,
        right: &ast::Expr,
        scope: &Scope,
    ) -> Option<Expr> {
        let left = self.operand(left, scope, Type::Number);
        let right = self.operand(right, scope, Type::Number);
        let (left, right) = (left?, right?);
        let private = left.private || right.private;
        let divides = matches!(op, ArithmeticOp::Divide | ArithmeticOp::Remainder);
        // A divisor that is written out is known not to be 0.
        let optional =
            divides && !matches!(right.constant(), Some(Value::Number(number)) if *number != Decimal::ZERO);
        let kind = ExprKind::Arithmetic(op, Box::new(left), Box::new(right));
        Some(Expr { optional, ..self.present(from, kind, Type::Number, private) })
    }

    fn coalesce(
        &mut self,
        from: &ast::Expr,
        left: &ast::Expr,
        right: &ast::Expr,
        scope: &Scope,
    ) -> Option<Expr> {
        let left_expr = self.expr(left, scope);
        let right_expr = self.expr(right, scope);
        let (left, right) = (left_expr?, right_expr?);
        if left.ty != right.ty {
            self.report(
                Diagnostic::new(
                    Code::DifferentTypes,
                    right.span,
                    format!("the default is {}, and not {}", describe(right.ty), describe(left.ty)),
                    format!("this is {}", describe(right.ty)),
                )
                .with_label(left.span, format!("this is {}", describe(left.ty)))
                .with_help(format!("give {} as the default", describe(left.ty))),
            );
            return None;
        }
        if !left.optional {
            self.report(
                Diagnostic::new(
                    Code::DefaultUnused,
                    right.span,
                    format!("`{}` is never absent", left.text),
                    "so this default is never used",
                )
                .with_label(left.span, "always there")
                .with_help("leave out `??` and what follows it"),
            );
        }
        let (optional, private, ty) =
            (right.optional && left.optional, left.private || right.private, left.ty);
        let kind = ExprKind::Coalesce(Box::new(left), Box::new(right));
        Some(Expr { optional, ..self.present(from, kind, ty, private) })
    }

    fn exists(&mut self, from: &ast::Expr, inner: &ast::Expr, scope: &Scope) -> Option<Expr> {
        let inner = match &inner.kind {
            // Whether there was ever one is a plain question, wherever it is asked.
            Ast::TimeSince(selector) => {
                let selector = self.selector(selector, scope)?.selector;
                let kind = ExprKind::TimeSince(Box::new(selector));
                Expr { optional: true, ..self.present(inner, kind, Type::Duration, false) }
            }
            _ => self.expr(inner, scope)?,
        };
        if !inner.optional {
            self.report(
                Diagnostic::new(
                    Code::AlwaysTrue,
                    from.span,
                    format!("`{}` is never absent", inner.text),
                    "so this is always true",
                )
                .with_help("leave it out"),
            );
        }
        let private = inner.private;
        Some(self.present(from, ExprKind::Exists(Box::new(inner)), Type::Bool, private))
    }

    /// A bare name: a field of the event at hand, `at`, or a score.
    pub(super) fn name(
        &mut self,
        from: &ast::Expr,
        name: &str,
        scope: &Scope,
        compared: bool,
    ) -> Option<Expr> {
        if name == "at" {
            return self.at(from, scope);
        }
        let score = self.names.get(Kind::Score, name);
        if let Some(events) = &scope.events
            && self.has_field(events, name)
        {
            if let Some(score) = score
                && scope.place != Place::Where
            {
                let event = events.first().map_or("", |id| self.event_name(*id)).to_owned();
                self.report(
                    Diagnostic::new(
                        Code::Ambiguous,
                        from.span,
                        format!("`{name}` may be a field or a score"),
                        "which of the two?",
                    )
                    .with_label(score.span, "a score of this name is declared here")
                    .with_help(format!(
                        "write `{event}.{name}` for the field, or give the score another name"
                    )),
                );
                return None;
            }
            let events = events.clone();
            let field = self.field_of(&events, name, from.span)?;
            return self.field_expr(from, field, scope);
        }
        if let Some(score) = score {
            return self.score_value(from, name, score.index, scope, compared);
        }
        self.unknown_value(from.span, name, scope);
        None
    }

    fn at(&mut self, from: &ast::Expr, scope: &Scope) -> Option<Expr> {
        if scope.at {
            return Some(self.present(from, ExprKind::At, Type::Time, false));
        }
        self.report(
            Diagnostic::new(
                Code::OutOfScope,
                from.span,
                format!("`at` means nothing in {}", scope.place.describe()),
                "there is no event at hand",
            )
            .with_help("`at` is the time of the event in a `where` or an `on` rule, and of the schedule in an `every` rule"),
        );
        None
    }

    /// `event.field`
    fn path(
        &mut self,
        from: &ast::Expr,
        event: &ast::Name,
        field: &ast::Name,
        scope: &Scope,
    ) -> Option<Expr> {
        let id = crate::schema::EventId(self.resolve(Kind::Event, event)? as u16);
        let Some(events) = scope.events.clone() else {
            let why = match scope.place {
                Place::Until | Place::Guard => "evaluated later, when the event is gone".to_owned(),
                _ => "there is no event at hand".to_owned(),
            };
            self.report(
                Diagnostic::new(
                    Code::OutOfScope,
                    from.span,
                    format!("`{}.{}` cannot be read in {}", event.text, field.text, scope.place.describe()),
                    why,
                )
                .with_help(format!(
                    "write `latest({0}.{1})`, or another aggregate; or use the field in an `on {0}` rule",
                    event.text, field.text
                )),
            );
            return None;
        };
        match events.as_slice() {
            [one] if *one == id => {}
            _ if events.contains(&id) => {
                let names: Vec<&str> = events.iter().map(|id| self.event_name(*id)).collect();
                self.report(
                    Diagnostic::new(
                        Code::OutOfScope,
                        from.span,
                        format!("the event at hand need not be `{}`", event.text),
                        format!("it may be {}", names.join(" or ")),
                    )
                    .with_help(
                        "use a field that all of them have, by its bare name, or select only this event",
                    ),
                );
                return None;
            }
            _ => {
                let names: Vec<&str> = events.iter().map(|id| self.event_name(*id)).collect();
                self.report(
                    Diagnostic::new(
                        Code::OutOfScope,
                        from.span,
                        format!("`{}` is not the event at hand", event.text),
                        format!("the event at hand is {}", names.join(" or ")),
                    )
                    .with_help(format!(
                        "write `latest({}.{})`, or another aggregate",
                        event.text, field.text
                    )),
                );
                return None;
            }
        }
        let field = self.field_of(&events, &field.text, field.span)?;
        self.field_expr(from, field, scope)
    }

    fn field_expr(&mut self, from: &ast::Expr, field: super::fields::Field, scope: &Scope) -> Option<Expr> {
        let (private, optional) = (field.reference.private, field.optional);
        if let Some(waits) = scope.gone
            && private
        {
            let name = &field.reference.name;
            self.report(
                Diagnostic::new(
                    Code::PrivateKept,
                    from.span,
                    format!("the private field `{name}` would have to be kept until the deadline"),
                    "private fields are gone when their event is",
                )
                .with_label(waits, "this picks its events at a deadline")
                .with_help(format!(
                    "look at `{name}` in a `where` behind its event: there it is still at hand"
                )),
            );
            return None;
        }
        Some(Expr { optional, ..self.present(from, ExprKind::Field(field.reference), field.ty, private) })
    }

    /// Reports a bare name that is nothing that can be read here.
    fn unknown_value(&mut self, span: Span, name: &str, scope: &Scope) {
        if self.is_full() || self.may_be_unread(Kind::Score, name) {
            return;
        }
        let fields = scope.events.as_deref().map(|events| self.shared_fields(events)).unwrap_or_default();
        // A misspelt field, rather than anything else.
        if let Some(events) = &scope.events
            && (nearest(name, fields.iter().map(|field| &**field)).is_some()
                || events.iter().any(|event| self.has_field(&[*event], name)))
        {
            let events = events.clone();
            self.field_of(&events, name, span);
            return;
        }
        let mut candidates: Vec<&str> = fields.iter().map(|name| &**name).collect();
        if scope.at {
            candidates.push("at");
        }
        if scope.place != Place::Where {
            candidates.extend(self.names.all(Kind::Score));
        }
        let elsewhere =
            self.schema.events.iter().find(|event| event.fields.iter().any(|field| &*field.name == name));
        let (code, message, label) = match (&scope.events, elsewhere) {
            (None, Some(event)) => (
                Code::OutOfScope,
                format!("the field `{name}` cannot be read in {}", scope.place.describe()),
                format!("a field of `{}`, and there is no event at hand", event.name),
            ),
            _ => (
                Code::UnknownName,
                format!("there is nothing called `{name}` here"),
                match &scope.events {
                    Some(_) => "expected a field of the event, or another value".to_owned(),
                    None => "expected a score, or another value".to_owned(),
                },
            ),
        };
        let other = self.names.other_kind(Kind::Score, name);
        let help = match (nearest(name, candidates.iter().copied()), other, elsewhere) {
            (_, _, Some(event)) if code == Code::OutOfScope => {
                format!(
                    "write `latest({0}.{name})`, or another aggregate; or use it in an `on {0}` rule",
                    event.name
                )
            }
            (_, Some((Kind::Tag, _)), _) => format!("`{name}` is a tag: write `tagged {name}`"),
            (_, Some((Kind::List, _)), _) => format!("`{name}` is a list: write `in {name}`"),
            (_, Some((Kind::Event, _)), _) => {
                format!("`{name}` is an event: count it with `count({name})`, or read `latest({name}.FIELD)`")
            }
            (_, Some((Kind::Keywords, _)), _) => {
                format!("`{name}` is a keyword set: write `TEXT has {name}`")
            }
            (Some(near), ..) => format!("did you mean `{near}`?"),
            _ if self.is_choice(name) => format!("a text stands in quotes: `\"{name}\"`"),
            _ if candidates.is_empty() => format!("a text stands in quotes: `\"{name}\"`"),
            _ => format!("what can be read here: {}", enumerate(candidates)),
        };
        self.report(Diagnostic::new(code, span, message, label).with_help(help));
    }

    /// Whether some field's closed set has this text.
    fn is_choice(&self, name: &str) -> bool {
        let kinds = self.schema.events.iter().flat_map(|event| &event.fields).map(|field| &field.kind);
        kinds.into_iter().any(
            |kind| matches!(kind, crate::schema::FieldKind::Choice(set) if set.iter().any(|text| &**text == name)),
        )
    }
}

/// What an `exists` has shown to be present is not optional.
pub(super) fn narrowed(mut expr: Expr, scope: &Scope) -> Expr {
    expr.optional &= !scope.present.contains(&expr.text);
    expr
}

/// The operands of a chain of one operator, `and` or `or`, in the order written.
fn flatten(from: &ast::Expr) -> Vec<&ast::Expr> {
    let is_and = matches!(from.kind, Ast::And(..));
    let mut parts = Vec::new();
    let mut open = vec![from];
    while let Some(next) = open.pop() {
        match &next.kind {
            Ast::And(left, right) if is_and => open.extend([&**right, &**left]),
            Ast::Or(left, right) if !is_and => open.extend([&**right, &**left]),
            _ => parts.push(next),
        }
    }
    parts
}

/// The value of a literal that needs no zone.
pub(super) fn literal_value(from: &ast::Expr) -> Option<Value> {
    match &from.kind {
        Ast::Number(number) => Some(Value::Number(*number)),
        Ast::Text(text) => Some(Value::Text(text.as_str().into())),
        Ast::Bool(truth) => Some(Value::Bool(*truth)),
        Ast::Negate(inner) => match &inner.kind {
            Ast::Number(number) => Some(Value::Number(number.negated())),
            _ => None,
        },
        _ => None,
    }
}
