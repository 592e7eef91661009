//! Expressions: the flat list of operands and operators becomes a tree by precedence climbing.

use super::{Kids, Lower, Pair, Rule};
use crate::diagnostic::Code;
use crate::source::Span;
use crate::syntax::ast::{
    Aggregate, AggregateFn, ArithmeticOp, CompareOp, Expr, ExprKind, Spanned, Window, WindowKind,
};
use crate::syntax::precedence::{self, AND, COALESCE, COMPARE, NEGATE, NOT, OR};
use crate::value::{Decimal, Period};

/// What an expression is a flat list of.
enum Part<'i> {
    Prefix(Prefix, Span),
    Operand(Pair<'i>),
    Infix(Infix, Span),
    Postfix(Pair<'i>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Prefix {
    Not,
    Exists,
    Negate,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Infix {
    Or,
    And,
    Compare(CompareOp),
    Contains,
    StartsWith,
    EndsWith,
    Between,
    Coalesce,
    Arithmetic(ArithmeticOp),
}

impl Infix {
    const fn strength(self) -> u8 {
        match self {
            Infix::Or => OR,
            Infix::And => AND,
            Infix::Compare(_) | Infix::Contains | Infix::StartsWith | Infix::EndsWith | Infix::Between => {
                COMPARE
            }
            Infix::Coalesce => COALESCE,
            Infix::Arithmetic(op) => precedence::arithmetic(op),
        }
    }
}

type Parts<'i> = std::iter::Peekable<std::vec::IntoIter<Part<'i>>>;

impl Lower<'_> {
    pub(super) fn expression(&mut self, pair: Pair<'_>) -> Option<Expr> {
        let span = self.span(&pair);
        let mut parts = Vec::new();
        let mut operators = 0;
        for pair in pair.into_inner() {
            match pair.as_rule() {
                Rule::operand => {
                    for pair in pair.into_inner() {
                        let part = match pair.as_rule() {
                            Rule::prefix => self.prefix(&pair),
                            Rule::postfix => Part::Postfix(pair.into_inner().next()?),
                            _ => Part::Operand(pair.into_inner().next()?),
                        };
                        operators += usize::from(!matches!(part, Part::Operand(_)));
                        parts.push(part);
                    }
                }
                _ => {
                    operators += 1;
                    parts.push(self.infix(&pair)?);
                }
            }
        }
        // Operators nest in the tree, so their number bounds how deep everything after the parser recurses.
        self.nested(operators, span, |lower| lower.climb(&mut parts.into_iter().peekable(), 0))
    }

    /// Goes on within `operators` more operators, if there may be so many.
    pub(super) fn nested<T>(
        &mut self,
        operators: usize,
        span: Span,
        inner: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        if self.operators + operators > self.limits.operators {
            self.errors.push(crate::syntax::cut::too_long(span, self.limits));
            return None;
        }
        self.operators += operators;
        let result = inner(self);
        self.operators -= operators;
        result
    }

    fn prefix<'i>(&mut self, pair: &Pair<'_>) -> Part<'i> {
        let span = self.span(pair);
        let prefix = match pair.as_str() {
            "-" => Prefix::Negate,
            "exists" => Prefix::Exists,
            "!" => {
                self.foreign(span, "!", "not");
                Prefix::Not
            }
            _ => Prefix::Not,
        };
        Part::Prefix(prefix, span)
    }

    fn infix<'i>(&mut self, pair: &Pair<'_>) -> Option<Part<'i>> {
        let span = self.span(pair);
        let infix = match pair.as_str() {
            "or" => Infix::Or,
            "and" => Infix::And,
            "||" => {
                self.foreign(span, "||", "or");
                Infix::Or
            }
            "&&" => {
                self.foreign(span, "&&", "and");
                Infix::And
            }
            "=" => {
                let message = "`=` sets a score and does not compare";
                self.error(Code::AssignInCondition, span, message, "expected `==`");
                Infix::Compare(CompareOp::Equal)
            }
            "<>" => {
                self.foreign(span, "<>", "!=");
                Infix::Compare(CompareOp::NotEqual)
            }
            "??" => Infix::Coalesce,
            "+" => Infix::Arithmetic(ArithmeticOp::Add),
            "-" => Infix::Arithmetic(ArithmeticOp::Subtract),
            "*" => Infix::Arithmetic(ArithmeticOp::Multiply),
            "/" => Infix::Arithmetic(ArithmeticOp::Divide),
            "%" => Infix::Arithmetic(ArithmeticOp::Remainder),
            "contains" => Infix::Contains,
            "between" => Infix::Between,
            text if text.starts_with("starts") => Infix::StartsWith,
            text if text.starts_with("ends") => Infix::EndsWith,
            text => Infix::Compare(compare_op(text)?),
        };
        Some(Part::Infix(infix, span))
    }

    fn foreign(&mut self, span: Span, found: &str, ours: &str) {
        let message = format!("`{found}` is written `{ours}` here");
        self.error(Code::ForeignOperator, span, message, format!("expected `{ours}`"));
    }

    /// The expression of the parts whose operators bind at least as strongly as `least`.
    fn climb(&mut self, parts: &mut Parts<'_>, least: u8) -> Option<Expr> {
        let mut prefixes = Vec::new();
        let mut left = loop {
            match parts.next()? {
                Part::Prefix(prefix, span) => prefixes.push((prefix, span)),
                Part::Operand(pair) => break self.primary(pair)?,
                Part::Infix(..) | Part::Postfix(_) => return None,
            }
        };
        // The innermost prefix comes last. In a loop, since there may be many.
        let mut compared = None;
        while let Some((prefix, span)) = prefixes.pop() {
            let (strength, build): (u8, fn(Box<Expr>) -> ExprKind) = match prefix {
                Prefix::Not => (NOT, ExprKind::Not),
                Prefix::Exists => (COALESCE, ExprKind::Exists),
                Prefix::Negate => (NEGATE, ExprKind::Negate),
            };
            let operand = self.go_on(left, compared, parts, strength)?;
            left = Expr { span: span.to(operand.span), kind: build(Box::new(operand)) };
            compared = (prefix == Prefix::Exists).then_some(span);
        }
        self.go_on(left, compared, parts, least)
    }

    /// Takes in the operators behind `left` that bind at least as strongly as `least`. `compared` is the operator of a
    /// comparison that `left` is without brackets: comparisons do not chain.
    fn go_on(
        &mut self,
        mut left: Expr,
        mut compared: Option<Span>,
        parts: &mut Parts<'_>,
        least: u8,
    ) -> Option<Expr> {
        loop {
            let strength = match parts.peek() {
                Some(Part::Infix(infix, _)) => infix.strength(),
                Some(Part::Postfix(_)) => COMPARE,
                _ => break,
            };
            if strength < least {
                break;
            }
            let part = parts.next()?;
            let operator = match &part {
                Part::Infix(_, span) => *span,
                Part::Postfix(pair) => self.span(pair),
                _ => return None,
            };
            let before = std::mem::replace(&mut compared, (strength == COMPARE).then_some(operator));
            if let (Some(before), Some(_)) = (before, compared) {
                self.error(
                    Code::ChainedComparison,
                    operator,
                    "comparisons do not chain",
                    "a second comparison",
                )
                .help = Some("write `a < b and b < c`, or `b between a and c`".to_owned());
                if let Some(error) = self.errors.last_mut() {
                    error
                        .secondary
                        .push(crate::diagnostic::Label { span: before, text: "the first one".to_owned() });
                }
            }
            left = match part {
                Part::Infix(Infix::Between, _) => self.between(left, operator, parts)?,
                Part::Infix(infix, _) => {
                    let right = self.climb(parts, strength + 1)?;
                    binary(infix, left, right)?
                }
                Part::Postfix(pair) => self.postfix(left, pair)?,
                _ => return None,
            };
        }
        Some(left)
    }

    fn between(&mut self, value: Expr, operator: Span, parts: &mut Parts<'_>) -> Option<Expr> {
        let low = self.climb(parts, COALESCE)?;
        if !matches!(parts.next(), Some(Part::Infix(Infix::And, _))) {
            let message = "`between` has no `and`";
            self.error(Code::UnexpectedToken, operator.to(low.span), message, "expected `between A and B`");
            return None;
        }
        let high = self.climb(parts, COALESCE)?;
        let span = value.span.to(high.span);
        Some(Expr { span, kind: ExprKind::Between(Box::new(value), Box::new(low), Box::new(high)) })
    }

    fn postfix(&mut self, left: Expr, pair: Pair<'_>) -> Option<Expr> {
        let span = left.span.to(self.span(&pair));
        let left = Box::new(left);
        let rule = pair.as_rule();
        let mut kids = Kids::of(pair);
        let kind = match rule {
            Rule::in_set => {
                let mut members = Vec::new();
                while let Some(member) = kids.next() {
                    members.push(self.expression(member)?);
                }
                ExprKind::InSet(left, members)
            }
            Rule::has => {
                let keywords = self.name(kids.next()?);
                let category = kids.next().map(|pair| self.name(pair));
                ExprKind::Has { text: left, keywords, category }
            }
            Rule::matches => {
                let regex = kids.next()?;
                let text = regex.as_str();
                let node = text.get(1..text.len().saturating_sub(1)).unwrap_or("").to_owned();
                ExprKind::Matches(left, Spanned { node, span: self.span(&regex) })
            }
            _ => ExprKind::Exists(left),
        };
        Some(Expr { kind, span })
    }

    fn primary(&mut self, pair: Pair<'_>) -> Option<Expr> {
        let span = self.span(&pair);
        let rule = pair.as_rule();
        let kind = match rule {
            Rule::k_true => ExprKind::Bool(true),
            Rule::k_false => ExprKind::Bool(false),
            Rule::moment => ExprKind::Time(self.time(&pair).node),
            Rule::number => self.quantity(&pair),
            Rule::string => ExprKind::Text(self.text(&pair)),
            Rule::paren => {
                let inner = self.expression(Kids::of(pair).next()?)?;
                // A literal keeps its own place, so that it can be shown as written.
                return Some(match inner.kind {
                    ExprKind::Number(_) | ExprKind::Duration(_) | ExprKind::Time(_) | ExprKind::Text(_) => {
                        inner
                    }
                    kind => Expr { kind, span },
                });
            }
            Rule::aggregate => ExprKind::Aggregate(Box::new(self.aggregate(pair)?)),
            Rule::level_of => {
                let mut kids = Kids::of(pair);
                ExprKind::Level(self.name(kids.next()?))
            }
            Rule::no_for => {
                let mut kids = Kids::of(pair);
                let selector = self.plain_selector(kids.next()?)?;
                ExprKind::NoFor(Box::new(selector), self.duration(&kids.next()?))
            }
            Rule::time_since => {
                let selector = self.plain_selector(Kids::of(pair).next()?)?;
                ExprKind::TimeSince(Box::new(selector))
            }
            Rule::tagged => {
                let mut kids = Kids::of(pair);
                let name = self.name(kids.next()?);
                ExprKind::Tagged(name, kids.next().map(|pair| self.duration(&pair)))
            }
            Rule::in_list => {
                let mut kids = Kids::of(pair);
                let list = self.name(kids.next()?);
                let level = match kids.next() {
                    Some(pair) => Some(self.level_test(pair)?),
                    None => None,
                };
                ExprKind::InList { list, level }
            }
            Rule::reference => self.reference(pair)?,
            _ => return None,
        };
        Some(Expr { kind, span })
    }

    /// A number or, where letters stand behind its digits, a duration.
    fn quantity(&mut self, pair: &Pair<'_>) -> ExprKind {
        let text = pair.as_str();
        if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            ExprKind::Number(self.number(pair).node)
        } else if text.contains('_') || !text.ends_with(|c: char| c.is_alphabetic()) {
            let span = self.span(pair);
            self.bad_number(span, text, crate::value::DecimalError::Syntax);
            ExprKind::Number(Decimal::ZERO)
        } else {
            ExprKind::Duration(self.duration(pair).node)
        }
    }

    fn reference(&mut self, pair: Pair<'_>) -> Option<ExprKind> {
        let mut kids = Kids::of(pair);
        let name = self.name(kids.next()?);
        let Some(pair) = kids.next() else { return Some(ExprKind::Name(name.text)) };
        let rule = pair.as_rule();
        let mut kids = Kids::of(pair);
        if rule == Rule::member {
            return Some(ExprKind::Path(name, self.name(kids.next()?)));
        }
        let mut arguments = Vec::new();
        while let Some(argument) = kids.next() {
            arguments.push(self.expression(argument)?);
        }
        Some(ExprKind::Call(name, arguments))
    }

    /// `level [OP] N`: without an operator, exactly that level.
    pub(super) fn level_test(&mut self, pair: Pair<'_>) -> Option<(CompareOp, Spanned<Decimal>)> {
        let mut kids = Kids::of(pair);
        let op = match kids.optional(Rule::compare) {
            Some(pair) => compare_op(pair.as_str())?,
            None => CompareOp::Equal,
        };
        Some((op, self.number(&kids.next()?)))
    }

    fn aggregate(&mut self, pair: Pair<'_>) -> Option<Aggregate> {
        let mut kids = Kids::of(pair);
        let word = kids.next()?;
        let function = match word.as_str() {
            "count" => AggregateFn::Count,
            "sum" => AggregateFn::Sum,
            "avg" => AggregateFn::Average,
            "min" => AggregateFn::Min,
            "max" => AggregateFn::Max,
            "distinct" => AggregateFn::Distinct,
            "days" => AggregateFn::Days,
            "first" => AggregateFn::First,
            _ => AggregateFn::Latest,
        };
        let (selector, field) = self.selector(kids.next()?)?;
        let window = match kids.next() {
            Some(pair) => Some(self.window(pair)?),
            None => None,
        };
        Some(Aggregate { function, function_span: self.span(&word), selector, field, window })
    }

    fn window(&mut self, pair: Pair<'_>) -> Option<Window> {
        let span = self.span(&pair);
        let inner = Kids::of(pair).next()?;
        let rule = inner.as_rule();
        let mut kids = Kids::of(inner);
        let first = kids.next()?;
        let kind = match rule {
            Rule::over => {
                let length = self.duration(&first);
                WindowKind::Over { length, step: kids.next().map(|pair| self.duration(&pair)) }
            }
            _ => {
                let period = match first.as_str() {
                    "hour" => Period::Hour,
                    "day" => Period::Day,
                    "week" => Period::Week,
                    "month" => Period::Month,
                    _ => Period::Year,
                };
                if rule == Rule::this { WindowKind::This(period) } else { WindowKind::Previous(period) }
            }
        };
        Some(Window { kind, span })
    }
}

fn binary(infix: Infix, left: Expr, right: Expr) -> Option<Expr> {
    let span = left.span.to(right.span);
    let (left, right) = (Box::new(left), Box::new(right));
    let kind = match infix {
        Infix::Or => ExprKind::Or(left, right),
        Infix::And => ExprKind::And(left, right),
        Infix::Compare(op) => ExprKind::Compare(op, left, right),
        Infix::Contains => ExprKind::Contains(left, right),
        Infix::StartsWith => ExprKind::StartsWith(left, right),
        Infix::EndsWith => ExprKind::EndsWith(left, right),
        Infix::Coalesce => ExprKind::Coalesce(left, right),
        Infix::Arithmetic(op) => ExprKind::Arithmetic(op, left, right),
        Infix::Between => return None,
    };
    Some(Expr { kind, span })
}

pub(super) fn compare_op(text: &str) -> Option<CompareOp> {
    Some(match text {
        "==" => CompareOp::Equal,
        "!=" => CompareOp::NotEqual,
        "<" => CompareOp::Less,
        "<=" => CompareOp::LessOrEqual,
        ">" => CompareOp::Greater,
        ">=" => CompareOp::GreaterOrEqual,
        _ => return None,
    })
}
