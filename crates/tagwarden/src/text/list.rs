//! Pattern files: one pattern a line, after it a tab and a category where it has one.

use super::keywords::is_blank;
use super::{KeywordPattern, Switches};
use crate::small::BTreeMap;
use std::collections::HashSet;
use std::sync::Arc;

/// A line that holds a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line<'t> {
    /// Counted from 1.
    pub(super) number: usize,
    pub(super) pattern: &'t str,
    pub(super) category: Option<&'t str>,
}

/// The lines that hold patterns: without the byte-order mark, comments, and lines with nothing to be seen.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    (1..).zip(text.lines()).filter(|(_, line)| !line.starts_with('#')).filter_map(|(number, line)| {
        let (pattern, category) = match line.split_once('\t') {
            Some((pattern, category)) => {
                (pattern.trim(), Some(category.trim()).filter(|name| !name.is_empty()))
            }
            None => (line.trim(), None),
        };
        (!is_blank(pattern)).then_some(Line { number, pattern, category })
    })
}

/// The patterns of a file, repeated ones once.
#[must_use]
pub fn read(text: &str) -> Vec<KeywordPattern> {
    let mut seen: HashSet<(&str, Option<&str>)> = HashSet::new();
    let mut categories: BTreeMap<&str, Arc<str>> = BTreeMap::new();
    lines(text)
        .filter(|line| seen.insert((line.pattern, line.category)))
        .map(|line| KeywordPattern {
            text: line.pattern.into(),
            anywhere: false,
            ignoring: Switches::NONE,
            category: line.category.map(|name| categories.entry(name).or_insert_with(|| name.into()).clone()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_line_by_line() {
        let read = read(
            "\u{FEFF}# fraud\nscam\tfraud\r\n\n  加微信 \n加微信\n\u{200B}\nscam\tfraud\nrude\tfraud\n\tlost\n",
        );
        let read: Vec<_> = read.iter().map(|p| (&*p.text, p.category.as_deref())).collect();
        assert_eq!(read, [("scam", Some("fraud")), ("加微信", None), ("rude", Some("fraud"))]);
    }
}
