//! The keyword sets of a rulebook, and what they find.

use crate::check::tree::{KeywordSet, KeywordsId};
use crate::decision::KeywordHit;
use crate::rulebook::Rulebook;
use crate::small::BTreeSet;
use std::sync::Arc;

/// A keyword set as it is declared.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct KeywordInfo {
    /// Its name.
    pub name: Arc<str>,
    /// How many patterns it has.
    pub patterns: usize,
    /// How many `except` phrases it has.
    pub except: usize,
    /// What is undone for all its patterns, in the words of the language.
    pub undone: Vec<&'static str>,
    /// The categories of its patterns.
    pub categories: Vec<Arc<str>>,
}

impl Rulebook {
    /// The keyword sets, in the order declared.
    #[must_use]
    pub fn keyword_sets(&self) -> Vec<KeywordInfo> {
        let info = |set: &KeywordSet| {
            let categories: BTreeSet<&Arc<str>> =
                set.patterns.iter().filter_map(|pattern| pattern.category.as_ref()).collect();
            KeywordInfo {
                name: Arc::clone(&set.name),
                patterns: set.patterns.len(),
                except: set.except.len(),
                undone: set.undo.names().collect(),
                categories: categories.into_iter().cloned().collect(),
            }
        };
        self.plan().tree.keywords.iter().map(info).collect()
    }

    /// What a keyword set finds in a text, sorted by start, end and pattern; those too that an `except` phrase covers,
    /// which [`KeywordHit::except`] tells. `None` if there is no such set. No more than
    /// [`Limits::keyword_hits`](crate::Limits::keyword_hits) are looked at.
    ///
    /// ```
    /// let rulebook = tagwarden::Rulebook::compile(
    ///     "entity customer  event message(customer) { text: string }
    ///      keywords abuse ignoring separators { \"scam\" except \"no scam\" }
    ///      rule a { on message where text has abuse then tag abusive }",
    /// )?;
    /// let hits = rulebook.find_keywords("abuse", "骗子! Ｓ c a m").unwrap();
    /// assert_eq!((&*hits[0].text, hits[0].bytes, hits[0].utf16), ("Ｓ c a m", (8, 17), (4, 11)));
    /// assert_eq!(hits[0].undone, ["case", "width", "separators"]);
    /// assert!(rulebook.find_keywords("abuse", "no scam").unwrap()[0].except.is_some());
    /// # Ok::<(), tagwarden::CompileError>(())
    /// ```
    #[must_use]
    pub fn find_keywords(&self, set: &str, text: &str) -> Option<Vec<KeywordHit>> {
        let at = self.plan().tree.keywords.iter().position(|declared| *declared.name == *set)?;
        Some(self.plan().keywords.shown(KeywordsId(at as u32), None, text, usize::MAX, false))
    }

    /// The automata of the keyword sets as bytes, to be kept and given to
    /// [`Compiler::keyword_automata`](crate::Compiler::keyword_automata): loading them is faster than building them.
    #[must_use]
    pub fn keyword_automata(&self) -> Vec<u8> {
        self.plan().keywords.to_bytes()
    }
}
