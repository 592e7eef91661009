//! Texts that nobody writes by hand: each must end soon, with a typed error.

use super::*;
use std::time::{Duration, Instant};

fn code_of(text: &str) -> Option<Code> {
    codes_with(text, &Limits::default()).first().copied()
}

fn codes_with(text: &str, limits: &Limits) -> Vec<Code> {
    let source = Source::new("hostile.tw", text);
    let start = Instant::now();
    let (_, errors) = parse(0, &source, limits);
    let _ = format(&source, limits);
    let took = start.elapsed();
    // Unoptimised and on a busy machine; what is quadratic or worse takes hours.
    assert!(took < Duration::from_secs(60), "{took:?} for {:?}…", text.chars().take(60).collect::<String>());
    for error in &errors {
        assert!(error.message.chars().count() < 400, "{}", error.message);
    }
    errors.iter().map(|error| error.code).collect()
}

fn rule(condition: &str) -> String {
    format!("rule r {{ when {condition} then tag t }}")
}

#[test]
fn brackets_are_counted_before_the_grammar_sees_them() {
    // The braces of the rule count too.
    for (open, close) in
        [("(", ")"), ("count(a where ", ")"), ("f(", ")"), ("x in [", "]"), ("-(", ")"), ("not (", ")")]
    {
        let depth = |depth: usize| rule(&format!("{}x{}", open.repeat(depth), close.repeat(depth)));
        let wheres = open.contains("where");
        let most = if wheres { 31 } else { 63 };
        assert_eq!(code_of(&depth(most)), None, "{open}");
        assert_eq!(code_of(&depth(most + 1)), Some(Code::NestingTooDeep), "{open}");
    }
    for text in
        ["(", "[", "{", ")", "]", "}", "([{", ")]}", "rule r {\n", "rule r { when (\n", "count(", "event e("]
    {
        let text = text.repeat((1 << 20) / text.len());
        assert!(code_of(&text).is_some());
    }
    assert_eq!(code_of(&"(".repeat(10 << 20)), Some(Code::SourceTooLarge));
}

#[test]
fn conditions_that_nest_without_brackets_are_counted() {
    for unit in
        ["no a where ", "time since a where ", "no a where tagged t for 1d and ", "no a where x.then and "]
    {
        assert_eq!(
            code_of(&rule(&format!("{}x", unit.repeat(20_000)))),
            Some(Code::NestingTooDeep),
            "{unit}"
        );
    }
    assert_eq!(code_of(&rule(&["no a where x for 1d"; 60].join(" and "))), None);
}

#[test]
fn chains_neither_overflow_the_stack_nor_take_long() {
    let many = 100_000;
    for unit in ["not ", "- ", "exists ", "x and ", "x or ", "x + ", "x ?? ", "x == ", "x exists ", "! "] {
        assert_eq!(
            code_of(&rule(&format!("{}x", unit.repeat(many)))),
            Some(Code::ExpressionTooLong),
            "{unit}"
        );
    }
    let tails = " after b within 1h".repeat(many);
    assert_eq!(code_of(&format!("rule r {{ on a{tails} then tag t }}")), Some(Code::ExpressionTooLong));
    let proposes = "propose ".repeat(many);
    assert_eq!(code_of(&format!("rule r {{ then {proposes} tag t }}")), Some(Code::ExpressionTooLong));
    assert_eq!(code_of("rule r { then propose propose tag t }"), Some(Code::RepeatedPart));
    // As deep as it may be, on a thread with a small stack.
    let deep = rule(&format!("{}x", "not ".repeat(255)));
    std::thread::Builder::new()
        .stack_size(1 << 20)
        .spawn(move || {
            let file = good(&deep);
            assert_eq!(file.items.len(), 1);
            let ast::ItemKind::Rule(rule) = &file.items[0].kind else { panic!() };
            assert_eq!(format!("{}\n", print_rule(rule)), formatted(&deep));
        })
        .unwrap()
        .join()
        .unwrap();
    let members = vec!["x"; 5_000].join(", ");
    assert_eq!(code_of(&rule(&format!("a in [{members}]"))), None);
}

#[test]
fn depths_of_brackets_and_operators_add_up() {
    let inner = format!("{}x", "x and ".repeat(200));
    assert_eq!(code_of(&rule(&inner)), None);
    assert_eq!(code_of(&rule(&format!("y or ({inner})"))), None);
    assert_eq!(code_of(&rule(&format!("{}({inner})", "y or ".repeat(100)))), Some(Code::ExpressionTooLong));
}

#[test]
fn long_things_are_read_in_linear_time() {
    let patterns: String = (0..10_000).map(|index| format!("\"word{index}\" ")).collect();
    assert_eq!(code_of(&format!("keywords k {{ {patterns} }}")), None);
    let rules: String =
        (0..1_000).map(|index| format!("rule r{index} {{ when a > {index} then tag t }}\n")).collect();
    assert_eq!(code_of(&rules), None);
    let clauses = "then tag t ".repeat(3_000);
    assert_eq!(code_of(&format!("rule r {{ when x {clauses} }}")), None);
    for text in [
        "\"",
        "\"\n",
        "/",
        "matches /",
        "//",
        "é",
        "；",
        "；\n",
        "rul a\n",
        "rule\n",
        "tag\n",
        "a ",
        "1",
        "1:",
        "\\",
    ] {
        let _ = code_of(&text.repeat((1 << 20) / text.len()));
    }
    let _ = code_of(&rule(&"9".repeat(1 << 20)));
    let _ = code_of(&rule(&"1h".repeat(1 << 19)));
    let _ = code_of(&rule(&"x".repeat(1 << 20)));
    let _ = code_of(&format!("rule r {{ because \"{}\" }}", "{x}".repeat(2_000)));
    let _ = code_of(&format!("rule r {{ because \"{}\" }}", "{".repeat(1 << 20)));
    let _ = code_of(&format!("rule r {{ because \"{}\" }}", "{(".repeat(1 << 19)));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(96))]

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,80}") {
        let _ = code_of(&text);
    }

    #[test]
    fn any_words_of_the_language_are_read_or_refused(
        words in proptest::collection::vec(proptest::sample::select(WORDS), 0..40),
    ) {
        let text = words.join(" ");
        if let Some(code) = code_of(&text) {
            assert_ne!(code.title(), "");
        } else {
            assert_formats(&text);
        }
        let _ = code_of(&rule(&text));
    }

    #[test]
    fn a_text_with_a_piece_cut_out_is_read_or_refused(from in 0_usize..3000, length in 1_usize..40) {
        let mut text = GLANCE.to_owned();
        let start = text.floor_char_boundary(from.min(text.len()));
        let end = text.floor_char_boundary((from + length).min(text.len()));
        text.replace_range(start..end, "");
        if code_of(&text).is_none() {
            assert_formats(&text);
        }
    }
}

const WORDS: &[&str] = &[
    "rule",
    "tag",
    "tags",
    "list",
    "event",
    "a",
    "b",
    "\"c d\"",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ",",
    ":",
    ".",
    "<",
    ">=",
    "==",
    "=",
    "+=",
    "-",
    "+",
    "/",
    "%",
    "??",
    "?",
    "|",
    "and",
    "or",
    "not",
    "in",
    "between",
    "has",
    "contains",
    "starts with",
    "matches /x/",
    "exists",
    "where",
    "after",
    "without",
    "within",
    "matching",
    "over",
    "this day",
    "count(",
    "sum(",
    "no",
    "time since",
    "tagged",
    "level",
    "on",
    "when",
    "while",
    "every day at 09:00",
    "then",
    "add to",
    "notify",
    "for",
    "7d",
    "1",
    "2026-01-01",
    "until",
    "because \"{a}\"",
    "unless",
    "propose",
    "renew keep",
    "// x\n",
    "true",
    "at",
];
