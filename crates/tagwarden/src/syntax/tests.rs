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
