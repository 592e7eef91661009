//! What a keyword set is, as a rulebook declares it.

#![allow(
    missing_docs,
    reason = "internal: the names follow the language page, and what is not plain is said"
)]

use std::sync::Arc;

/// Index of a set among those of a rulebook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeywordsId(pub u32);

impl KeywordsId {
    /// As an index.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

#[derive(Clone, Debug)]
pub struct KeywordSet {
    pub name: Arc<str>,
    /// Whether case is undone (the default) or exact.
    pub fold_case: bool,
    /// Whether full and half width and compatibility forms are undone (the default) or exact.
    pub fold_width: bool,
    pub patterns: Vec<KeywordPattern>,
    pub except: Vec<Arc<str>>,
}

#[derive(Clone, Debug)]
pub struct KeywordPattern {
    pub text: Arc<str>,
    /// Whether it may begin and end inside a word.
    pub anywhere: bool,
    pub category: Option<Arc<str>>,
}
