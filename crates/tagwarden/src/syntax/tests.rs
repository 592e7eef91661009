//! The whole language, mistakes, and hostile texts.

use super::*;

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
