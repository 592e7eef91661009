//! Generated trees: what is printed reads back as the same tree, and formats without changing it.

use super::*;
use crate::source::Span;
use crate::value::{Decimal, Duration, Period};
use ast::{
    Aggregate, AggregateFn, ArithmeticOp, CompareOp, Expr, ExprKind, Name, Selector, SelectorKind, Sequence,
    Spanned, Window, WindowKind,
};
use proptest::prelude::*;
use proptest::sample::select;

fn spanned<T>(node: T) -> Spanned<T> {
    Spanned { node, span: Span::default() }
}

fn expr(kind: ExprKind) -> Expr {
    Expr { kind, span: Span::default() }
}

fn word() -> impl Strategy<Value = String> {
    select(vec!["a", "level", "流失", "count", "day", "since", "tag", "expect", "time", "first", "x1"])
        .prop_map(String::from)
}

fn name() -> impl Strategy<Value = Name> {
    prop_oneof![
        word(),
        select(vec!["two words", "for", "", "a\"b\\c\n", "activity", "1d", "or"]).prop_map(String::from)
    ]
    .prop_map(|text| Name { text, span: Span::default() })
}

fn field() -> impl Strategy<Value = Name> {
    prop_oneof![word(), select(vec!["over", "where", "then"]).prop_map(String::from)]
        .prop_map(|text| Name { text, span: Span::default() })
}

fn duration() -> impl Strategy<Value = Spanned<Duration>> {
    (0..30_u32, 0..200_000_000_000_i64).prop_map(|(months, micros)| spanned(Duration::new(months, micros)))
}

fn leaf() -> impl Strategy<Value = Expr> {
    prop_oneof![
        (0..2_000_000_000_i128).prop_map(|units| ExprKind::Number(Decimal::from_units(units).0)),
        name().prop_map(|name| ExprKind::Text(name.text)),
        any::<bool>().prop_map(ExprKind::Bool),
        duration().prop_map(|duration| ExprKind::Duration(duration.node)),
        Just(ExprKind::Time("2026-01-31T09:00:00.5+08:00".to_owned())),
        word().prop_map(ExprKind::Name),
        (word(), field()).prop_map(|(event, field)| {
            ExprKind::Path(Name { text: event, span: Span::default() }, field)
        }),
        (name(), proptest::option::of(duration())).prop_map(|(name, life)| ExprKind::Tagged(name, life)),
        (name(), proptest::option::of((compare(), 1..9_u32))).prop_map(|(list, level)| ExprKind::InList {
            list,
            level: level.map(|(op, number)| (op, spanned(Decimal::from(number)))),
        }),
        name().prop_map(ExprKind::Level),
    ]
    .prop_map(expr)
}

fn compare() -> impl Strategy<Value = CompareOp> {
    select(vec![CompareOp::Equal, CompareOp::NotEqual, CompareOp::Less, CompareOp::GreaterOrEqual])
}

fn selector(condition: BoxedStrategy<Expr>) -> BoxedStrategy<Selector> {
    let base = prop_oneof![
        3 => (proptest::collection::vec(name(), 1..3), proptest::option::of(condition.clone()))
            .prop_map(|(events, condition)| SelectorKind::Events { events, condition }),
        1 => proptest::option::of(condition).prop_map(|condition| SelectorKind::Activity { condition }),
    ]
    .prop_map(|kind| Selector { kind, span: Span::default() });
    base.prop_recursive(2, 4, 2, |inner| {
        (inner.clone(), inner, duration(), proptest::option::of(name()), any::<bool>()).prop_map(
            |(picked, other, within, matching, after)| {
                let sequence = Box::new(Sequence { picked, other, within, matching });
                let kind =
                    if after { SelectorKind::After(sequence) } else { SelectorKind::Without(sequence) };
                Selector { kind, span: Span::default() }
            },
        )
    })
    .boxed()
}

fn window() -> impl Strategy<Value = Window> {
    prop_oneof![
        (duration(), proptest::option::of(duration()))
            .prop_map(|(length, step)| WindowKind::Over { length, step }),
        Just(WindowKind::This(Period::Week)),
        Just(WindowKind::Previous(Period::Hour)),
    ]
    .prop_map(|kind| Window { kind, span: Span::default() })
}

fn tree() -> impl Strategy<Value = Expr> {
    leaf().prop_recursive(4, 24, 3, |inner| {
        let boxed = || inner.clone().prop_map(Box::new);
        let arithmetic = select(vec![
            ArithmeticOp::Add,
            ArithmeticOp::Subtract,
            ArithmeticOp::Multiply,
            ArithmeticOp::Divide,
            ArithmeticOp::Remainder,
        ]);
        let functions =
            select(vec![AggregateFn::Count, AggregateFn::Sum, AggregateFn::Latest, AggregateFn::Days]);
        let selectors = selector(inner.clone().boxed());
        prop_oneof![
            boxed().prop_map(ExprKind::Not),
            boxed().prop_map(ExprKind::Negate),
            boxed().prop_map(ExprKind::Exists),
            (boxed(), boxed()).prop_map(|(a, b)| ExprKind::And(a, b)),
            (boxed(), boxed()).prop_map(|(a, b)| ExprKind::Or(a, b)),
            (compare(), boxed(), boxed()).prop_map(|(op, a, b)| ExprKind::Compare(op, a, b)),
            (boxed(), boxed()).prop_map(|(a, b)| ExprKind::StartsWith(a, b)),
            (boxed(), boxed()).prop_map(|(a, b)| ExprKind::Contains(a, b)),
            (boxed(), boxed()).prop_map(|(a, b)| ExprKind::Coalesce(a, b)),
            (arithmetic, boxed(), boxed()).prop_map(|(op, a, b)| ExprKind::Arithmetic(op, a, b)),
            (boxed(), boxed(), boxed()).prop_map(|(a, b, c)| ExprKind::Between(a, b, c)),
            (boxed(), proptest::collection::vec(inner.clone(), 0..3))
                .prop_map(|(a, set)| ExprKind::InSet(a, set)),
            boxed().prop_map(|a| ExprKind::Matches(a, spanned("a\\/[b]".to_owned()))),
            (boxed(), name(), proptest::option::of(name()))
                .prop_map(|(text, keywords, category)| ExprKind::Has { text, keywords, category }),
            (selectors.clone(), duration())
                .prop_map(|(selector, duration)| { ExprKind::NoFor(Box::new(selector), duration) }),
            selectors.clone().prop_map(|selector| ExprKind::TimeSince(Box::new(selector))),
            (functions, selectors, proptest::option::of(field()), proptest::option::of(window())).prop_map(
                |(function, selector, field, window)| {
                    let function_span = Span::default();
                    ExprKind::Aggregate(Box::new(Aggregate {
                        function,
                        function_span,
                        selector,
                        field,
                        window,
                    }))
                }
            ),
            proptest::collection::vec(inner.clone(), 0..3).prop_map(|arguments| {
                ExprKind::Call(Name { text: "length".to_owned(), span: Span::default() }, arguments)
            }),
        ]
        .prop_map(expr)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn what_is_printed_reads_back(tree in tree()) {
        let printed = print_expr(&tree);
        let text = format!("rule r {{ when {printed} then tag t until {printed} renew keep }}");
        let file = good(&text);
        let ast::ItemKind::Rule(rule) = &file.items[0].kind else { panic!() };
        let ast::ClauseKind::When(again) = &rule.clauses[0].kind else { panic!() };
        prop_assert_eq!(shape(&tree), shape(again), "{}", printed);
        assert_formats(&text);
        // Within a text.
        let template = ast::Template { parts: vec![ast::TemplatePart::Expr(tree.clone())], span: Span::default() };
        let kind = ast::ClauseKind::Because(template);
        let rule = ast::Rule {
            shadow: false,
            name: Name { text: "r".to_owned(), span: Span::default() },
            title: None,
            entity: None,
            clauses: vec![ast::Clause { kind, span: Span::default() }],
        };
        let file = good(&print_rule(&rule));
        let ast::ItemKind::Rule(again) = &file.items[0].kind else { panic!() };
        prop_assert_eq!(shape(&rule), shape(again));
    }
}
