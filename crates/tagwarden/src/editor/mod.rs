//! What editors ask of a rulebook while it is written: what may stand here, and what does this mean.
//!
//! Names come from every item that can be read, so that there is an answer while the one at hand has mistakes; types come
//! from the checked tree, where there are no mistakes at all.

mod complete;
mod hover;
mod names;
mod place;
mod rules;
mod typed;
mod words;

use crate::check::tree::Tree;
use crate::rulebook::{Compiler, Understood};
use crate::source::Sources;
use crate::syntax::{self, Token};
use names::Declared;
use std::ops::Range;
use std::sync::Arc;

/// A rulebook as an editor sees it. The text at hand is the first source of the [`Compiler`] that it was made by.
///
/// Offsets are bytes from the start of that text.
///
/// ```
/// use tagwarden::Rulebook;
///
/// let text = "entity customer  event order(customer) { amount: number }
///             rule big { on order where am";
/// let editor = Rulebook::compiler().source("main.tw", text).editor();
/// let found = editor.complete(text.len());
/// assert_eq!(found.from, text.len() - 2);
/// assert!(found.items.iter().any(|item| item.label == "amount"));
///
/// let hover = editor.hover(text.find("order").unwrap()).unwrap();
/// assert_eq!(hover.title, "event order(customer) { amount: number }");
/// ```
#[derive(Debug)]
pub struct Editor {
    text: Arc<str>,
    tokens: Vec<Token>,
    comments: Vec<Range<usize>>,
    declared: Vec<Declared>,
    sources: Sources,
    tree: Option<Tree>,
}

/// What may stand at a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Completions {
    /// First byte of what a choice replaces.
    pub from: usize,
    /// One past the last byte of it.
    pub to: usize,
    /// The choices, the likeliest kind first. Which of them begin like what is written already, the editor sees.
    pub items: Vec<Completion>,
}

/// One choice.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Completion {
    /// What to show and to compare with what is written.
    pub label: String,
    /// What to write.
    pub insert: String,
    /// What it is.
    pub kind: CompletionKind,
    /// More about it, in one line; may be empty.
    pub detail: String,
}

/// What a choice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CompletionKind {
    /// A field of an event.
    Field,
    /// A text or number that fits.
    Value,
    /// An event type.
    Event,
    /// An entity.
    Entity,
    /// A tag or a group of tags.
    Tag,
    /// A list.
    List,
    /// A score.
    Score,
    /// A keyword set.
    Keywords,
    /// A rule.
    Rule,
    /// A function.
    Function,
    /// A word of the language.
    Word,
    /// A whole declaration to fill in.
    Snippet,
}

/// What something in the text means.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hover {
    /// First byte of what it is about.
    pub from: usize,
    /// One past the last byte of it.
    pub to: usize,
    /// The thing itself as one would write it, in one line.
    pub title: String,
    /// What it means, in plain sentences; may be empty.
    pub text: String,
}

impl Compiler<'_> {
    /// Reads the texts as far as they can be read, for an [`Editor`].
    #[must_use]
    pub fn editor(self) -> Editor {
        let Understood { files, sources, tree, .. } = self.understood();
        let text: Arc<str> = sources.get(0).map(|source| Arc::clone(&source.text)).unwrap_or_default();
        let (tokens, comments) = syntax::tokens(&text);
        let declared = names::declared(&files);
        Editor { text, tokens, comments, declared, sources, tree }
    }
}

impl Editor {
    /// What may stand at an offset; nothing within comments, numbers and most texts.
    #[must_use]
    pub fn complete(&self, offset: usize) -> Completions {
        complete::complete(self, self.boundary(offset))
    }

    /// What stands at an offset; `None` where there is nothing to say about it.
    #[must_use]
    pub fn hover(&self, offset: usize) -> Option<Hover> {
        hover::hover(self, self.boundary(offset))
    }

    /// The nearest place between two characters, not after `offset`.
    fn boundary(&self, offset: usize) -> usize {
        let mut at = offset.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }

    /// The text of a token; empty for none.
    fn word(&self, token: Option<&Token>) -> &str {
        token.and_then(|token| self.text.get(token.start..token.end)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
