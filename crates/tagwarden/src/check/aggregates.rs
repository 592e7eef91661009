//! Aggregates: which field they take, and over which window.

use super::Checker;
use super::fields::describe;
use super::names::enumerate;
use super::scope::Scope;
use super::tree::{Aggregate, AggregateFn, Expr, ExprKind, Type, Window};
use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::ast::{self, WindowKind};

impl Checker<'_> {
    pub(super) fn aggregate(
        &mut self,
        from: &ast::Expr,
        written: &ast::Aggregate,
        scope: &Scope,
    ) -> Option<Expr> {
        let window = self.window(written.window.as_ref());
        let picked = self.selector(&written.selector, scope)?;
        let function = written.function;
        let counts = matches!(function, AggregateFn::Count | AggregateFn::Days);
        let (field, ty) = match &written.field {
            Some(name) if counts => {
                self.report(
                    Diagnostic::new(
                        Code::AggregateField,
                        name.span,
                        format!("`{}` counts events and takes no field", function.word()),
                        "leave this field out",
                    )
                    .with_help(format!("`distinct(….{})` counts its different values", name.text)),
                );
                return None;
            }
            None if counts => (None, Type::Number),
            None => {
                let fields = self.shared_fields(&picked.events);
                let known: Vec<&str> = fields.iter().map(|name| &**name).collect();
                let mut diagnostic = Diagnostic::new(
                    Code::AggregateField,
                    written.selector.span,
                    format!("`{}` needs a field", function.word()),
                    "of which field?",
                );
                diagnostic.help = Some(match (known.as_slice(), picked.events.as_slice()) {
                    ([], _) => "these events have no fields; `count` counts them".to_owned(),
                    ([first, ..], [event]) => format!(
                        "write `{}({}.{first})`; its fields: {}",
                        function.word(),
                        self.event_name(*event),
                        enumerate(known.iter().copied())
                    ),
                    _ => {
                        format!("write a field behind a dot; they share {}", enumerate(known.iter().copied()))
                    }
                });
                self.report(diagnostic);
                return None;
            }
            Some(name) => {
                let field = self.field_of(&picked.events, &name.text, name.span)?;
                self.kept_field(function, name, &field)?;
                let ty = match function {
                    AggregateFn::Distinct => Type::Number,
                    _ => field.ty,
                };
                (Some(field.reference), ty)
            }
        };
        let optional = matches!(
            function,
            AggregateFn::Average
                | AggregateFn::Min
                | AggregateFn::Max
                | AggregateFn::First
                | AggregateFn::Latest
        );
        let aggregate = Aggregate { function, selector: picked.selector, field, window: window? };
        Some(Expr { optional, ..self.present(from, ExprKind::Aggregate(Box::new(aggregate)), ty, false) })
    }

    /// Whether the aggregate can take a field of this type, and may keep its values.
    fn kept_field(
        &mut self,
        function: AggregateFn,
        name: &ast::Name,
        field: &super::fields::Field,
    ) -> Option<()> {
        let (fits, expected) = match function {
            AggregateFn::Sum | AggregateFn::Average => (field.ty == Type::Number, "a number"),
            AggregateFn::Min | AggregateFn::Max => {
                (matches!(field.ty, Type::Number | Type::Time), "a number or a time")
            }
            _ => (true, ""),
        };
        if !fits {
            self.report(
                Diagnostic::new(
                    Code::AggregateField,
                    name.span,
                    format!(
                        "`{}` needs {expected}, and `{}` is {}",
                        function.word(),
                        name.text,
                        describe(field.ty)
                    ),
                    format!("this is {}", describe(field.ty)),
                )
                .with_help(
                    "`count` counts events, `distinct` different values, and `latest` is the last value",
                ),
            );
            return None;
        }
        if field.reference.private && function != AggregateFn::Distinct {
            self.report(
                Diagnostic::new(
                    Code::PrivateKept,
                    name.span,
                    format!("`{}` would keep the private field `{}`", function.word(), name.text),
                    "private fields are never kept",
                )
                .with_help("use it in a `where`, or count its different values with `distinct`, which keeps hashes only"),
            );
            return None;
        }
        Some(())
    }

    fn window(&mut self, window: Option<&ast::Window>) -> Option<Window> {
        let Some(window) = window else { return Some(Window::Lifetime) };
        match &window.kind {
            WindowKind::This(period) => Some(Window::This(*period)),
            WindowKind::Previous(period) => Some(Window::Previous(*period)),
            WindowKind::Over { length, step: None } => self.positive(length).map(Window::Over),
            WindowKind::Over { length, step: Some(step) } => {
                let whole = self.positive(length).and_then(|_| self.fixed(length, "a window with steps"));
                let part = self.positive(step).and_then(|_| self.fixed(step, "a step"));
                let (whole, part) = (whole?, part?);
                if whole % part != 0 {
                    self.report(
                        Diagnostic::new(
                            Code::DurationUnfit,
                            step.span,
                            format!(
                                "{} is not a whole number of steps of {}",
                                self.sources.text(length.span),
                                self.sources.text(step.span)
                            ),
                            "expected a step that divides the window",
                        )
                        .with_label(length.span, "the window")
                        .with_help("steps of `1h` divide a window of `24h`, steps of `1d` one of `30d`"),
                    );
                    return None;
                }
                Some(Window::Stepped { length: whole, step: part })
            }
        }
    }
}
