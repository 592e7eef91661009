//! Where in a text a cursor stands: between which tokens, in which item and clause.

use super::Editor;
use crate::syntax::{Token, TokenKind, is_item_word};
use std::ops::Range;

/// A cursor and what stands around it.
pub(super) struct Place<'e> {
    editor: &'e Editor,
    /// The tokens before what is being written.
    before: &'e [Token],
    /// What is being written, and what a choice replaces; empty between tokens.
    pub(super) replaced: Range<usize>,
    /// Whether that is a text in quotes.
    pub(super) quoted: bool,
    /// Index of the first token of the item.
    item: Option<usize>,
    /// Open brackets of the item, outermost first, as indices of their tokens.
    open: Vec<usize>,
}

impl<'e> Place<'e> {
    /// `None` where nothing is completed: in comments, numbers and regular expressions.
    pub(super) fn at(editor: &'e Editor, offset: usize) -> Option<Place<'e>> {
        if editor.comments.iter().any(|comment| comment.start < offset && offset <= comment.end) {
            return None;
        }
        let mut count = editor.tokens.partition_point(|token| token.end <= offset);
        let mut replaced = offset..offset;
        let mut quoted = false;
        // A word that ends at the cursor is still being written.
        let touched = match editor.tokens.get(count) {
            Some(token) if token.start < offset => Some(*token),
            _ => count.checked_sub(1).and_then(|last| editor.tokens.get(last)).copied().filter(|token| {
                token.end == offset
                    && matches!(token.kind, TokenKind::Word | TokenKind::Number | TokenKind::Regex)
                    || token.end == offset && token.kind == TokenKind::Text && !closed(editor, token)
            }),
        };
        if let Some(token) = touched {
            match token.kind {
                TokenKind::Word => {}
                TokenKind::Text => quoted = true,
                _ => return None,
            }
            replaced = token.start..token.end;
            count = editor.tokens.partition_point(|other| other.start < token.start);
        }
        let before = editor.tokens.get(..count).unwrap_or_default();
        let (item, open) = enclosing(editor, before);
        Some(Place { editor, before, replaced, quoted, item, open })
    }

    /// The text of the token so many before the cursor, from 1; empty beyond the item.
    pub(super) fn back(&self, count: usize) -> &'e str {
        let index = self.before.len().checked_sub(count).filter(|index| Some(*index) >= self.item);
        self.editor.word(index.filter(|_| self.item.is_some()).and_then(|index| self.before.get(index)))
    }

    /// What kind of token stands before the cursor.
    pub(super) fn last_kind(&self) -> Option<TokenKind> {
        self.item.and(self.before.last()).map(|token| token.kind)
    }

    /// The word that the item begins with; `None` between items.
    pub(super) fn item_word(&self) -> Option<&'e str> {
        let at = self.item?;
        let word = self.editor.word(self.before.get(at));
        // `shadow rule` is a rule, `strict tags` is done with its two words.
        Some(if word == "shadow" { "rule" } else { word })
    }

    /// The tokens of the item so far.
    pub(super) fn own(&self) -> impl DoubleEndedIterator<Item = (&'e Token, &'e str)> {
        let editor = self.editor;
        let own = self.item.and_then(|at| self.before.get(at..)).unwrap_or_default();
        own.iter().map(move |token| (token, editor.word(Some(token))))
    }

    /// How many brackets are open.
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    /// The innermost open bracket, and the words before it, nearest first.
    pub(super) fn bracket(&self) -> Option<(&'e str, &'e str)> {
        let at = *self.open.last()?;
        let before = at.checked_sub(1).and_then(|at| self.before.get(at));
        Some((self.editor.word(self.before.get(at)), self.editor.word(before)))
    }

    /// The tokens since the innermost bracket that is open, the bracket left out.
    pub(super) fn inner(&self) -> impl DoubleEndedIterator<Item = (&'e Token, &'e str)> {
        let editor = self.editor;
        let start = self.open.last().map_or(self.item, |at| Some(at + 1));
        let own = start.and_then(|at| self.before.get(at..)).unwrap_or_default();
        own.iter().map(move |token| (token, editor.word(Some(token))))
    }

    /// Whether the cursor stands behind a finished item, where the next may begin.
    pub(super) fn may_begin_item(&self) -> bool {
        let Some(item) = self.item else { return true };
        if !self.open.is_empty() {
            return false;
        }
        let first_on_line = self
            .editor
            .text
            .get(..self.replaced.start)
            .is_some_and(|before| before.rsplit('\n').next().is_some_and(|line| line.trim().is_empty()));
        first_on_line && self.before.len() > item + 1
    }
}

fn closed(editor: &Editor, token: &Token) -> bool {
    let text = editor.word(Some(token));
    text.len() > 1 && text.ends_with('"') && !text.ends_with("\\\"")
}

/// The item that the last of the tokens belongs to, and its open brackets.
fn enclosing(editor: &Editor, before: &[Token]) -> (Option<usize>, Vec<usize>) {
    let mut item = None;
    let mut open: Vec<usize> = Vec::new();
    for (at, token) in before.iter().enumerate() {
        let word = editor.word(Some(token));
        let begins = token.kind == TokenKind::Word && is_item_word(word);
        match word {
            "{" | "(" | "[" => open.push(at),
            "}" | ")" | "]" => {
                open.pop();
                // Behind its block an item is done.
                if open.is_empty() && word == "}" {
                    item = None;
                }
            }
            // At the margin an item begins, whatever was left open; elsewhere only where none is at hand.
            _ if begins && (token.at_margin || item.is_none()) => {
                let goes_on =
                    item.is_some_and(|first| at == first + 1 && editor.word(before.get(first)) == "shadow");
                if !goes_on {
                    item = Some(at);
                    open.clear();
                }
            }
            _ => {}
        }
    }
    (item, open)
}
