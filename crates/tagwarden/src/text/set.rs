//! What a keyword set is, as a rulebook declares it.

#![allow(
    missing_docs,
    reason = "internal: the names follow the language page, and what is not plain is said"
)]

use super::Switches;
use serde::{Deserialize, Serialize};
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

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeywordSet {
    pub name: Arc<str>,
    /// What is undone for all its patterns: [`Switches::BASE`] less what stands behind `exactly`, and what stands behind `ignoring`.
    pub undo: Switches,
    pub patterns: Vec<KeywordPattern>,
    pub except: Vec<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeywordPattern {
    pub text: Arc<str>,
    /// Whether it may begin and end inside a word.
    pub anywhere: bool,
    /// What is undone for this pattern beyond what is for its set.
    pub ignoring: Switches,
    pub category: Option<Arc<str>>,
}
