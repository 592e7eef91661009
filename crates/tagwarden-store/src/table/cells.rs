//! Cells that a spreadsheet would take for a formula.

use std::borrow::Cow;

/// What begins a formula, in one spreadsheet or another. Full-width forms count too.
fn begins_formula(text: &str) -> bool {
    text.trim_start_matches([' ', '\u{a0}'])
        .starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠', '|', '%'])
}

/// A text as a cell of CSV: nothing in it is run when a spreadsheet opens it.
pub(super) fn safe(text: &str) -> Cow<'_, str> {
    // A text that begins with an apostrophe gets another, so that reading gives back what was written.
    if begins_formula(text) || text.starts_with('\'') {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text that [`safe`] has made a cell of.
pub(super) fn plain(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if begins_formula(rest) || rest.starts_with('\'') => rest,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_each_comes_back() {
        for text in [
            "=1+1", "+49 30 1", "-5", "@SUM(A1)", "\t=x", " =x", "＝1", "'quoted", "'=x", "plain", "", "a=b",
            "|cmd", "%x",
        ] {
            assert!(!begins_formula(&safe(text)), "{text:?}");
            assert_eq!(plain(&safe(text)), text);
        }
        assert_eq!(plain("'tis"), "'tis");
    }
}
