//! The whole language, mistakes, and hostile texts.

use super::*;

mod hostile;
mod trees;

pub(super) const GLANCE: &str = include_str!("tests/glance.tw");

pub(super) fn parsed(text: &str) -> (ast::File, Vec<Diagnostic>) {
    parse(0, &Source::new("test.tw", text), &Limits::default())
}

pub(super) fn good(text: &str) -> ast::File {
    let (file, errors) = parsed(text);
    assert!(errors.is_empty(), "{text}\n{errors:#?}");
    file
}

#[test]
fn reads_the_rulebook_at_a_glance() {
    let file = good(GLANCE);
    assert_eq!(file.items.len(), 30);
}

/// A tree without its places.
pub(super) fn shape(tree: &impl std::fmt::Debug) -> String {
    let spans = regex::Regex::new(r"Span \{[^}]*\}").unwrap();
    spans.replace_all(&format!("{tree:?}"), "_").into_owned()
}

/// Rules of every construct, each as it is printed.
const CANONICAL: &str = include_str!("tests/canonical.tw");

#[test]
fn prints_what_it_reads() {
    for text in [GLANCE, CANONICAL] {
        for item in good(text).items {
            let ast::ItemKind::Rule(rule) = item.kind else { continue };
            let printed = print_rule(&rule);
            let again = good(&printed);
            let [ast::Item { kind: ast::ItemKind::Rule(again), .. }] = &*again.items else {
                panic!("{printed}")
            };
            assert_eq!(shape(&rule), shape(again), "{printed}");
        }
    }
}

#[test]
fn prints_the_canonical_form() {
    let source = Source::new("canonical.tw", CANONICAL);
    for item in good(CANONICAL).items {
        let ast::ItemKind::Rule(rule) = item.kind else { panic!() };
        assert_eq!(print_rule(&rule), source.text[item.span.range()]);
    }
}

pub(super) fn formatted(text: &str) -> String {
    format(&Source::new("test.tw", text), &Limits::default())
        .unwrap_or_else(|errors| panic!("{text}\n{errors:#?}"))
}

/// The comments of a text, in order.
fn comments(text: &str) -> Vec<&str> {
    let tokens = scan::scan(text).tokens;
    tokens
        .into_iter()
        .filter(|token| token.kind == Kind::Comment)
        .map(|token| token.text(text).trim_end())
        .collect()
}

/// Formatting keeps the meaning and the comments, and formatting again changes nothing.
pub(super) fn assert_formats(text: &str) -> String {
    let once = formatted(text);
    assert_eq!(once, formatted(&once), "{text}");
    assert_eq!(shape(&good(text)), shape(&good(&once)), "{text}\n{once}");
    assert_eq!(comments(text), comments(&once), "{text}\n{once}");
    once
}

#[test]
fn formats_in_one_style() {
    assert_eq!(assert_formats(include_str!("tests/untidy.tw")), include_str!("tests/tidy.tw"));
    assert_eq!(assert_formats(CANONICAL), CANONICAL);
    assert_formats(GLANCE);
    // With every line end taken for a comment, and with no line ends at all.
    for text in [GLANCE, CANONICAL, include_str!("tests/untidy.tw")] {
        assert_formats(&text.lines().map(|line| format!("{line} // c\n")).collect::<String>());
        assert_formats(&text.lines().map(|line| format!("{line}\n\n\n// c\n\n")).collect::<String>());
        let tokens = scan::scan(text).tokens;
        let words: Vec<&str> =
            tokens.iter().filter(|token| token.kind != Kind::Comment).map(|token| token.text(text)).collect();
        assert_formats(&words.join(" "));
        assert_formats(&words.join(" // c\n"));
        assert_formats(&words.join("\n // c\n"));
    }
}
