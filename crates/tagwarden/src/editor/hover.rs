//! What something in the text means.

use super::names::{Declared, Field};
use super::{Editor, Hover, typed, words};
use crate::check::Kind;
use crate::syntax::{Token, TokenKind};

/// Longer declarations are cut.
const LONGEST: usize = 240;

pub(super) fn hover(editor: &Editor, offset: usize) -> Option<Hover> {
    let at = editor.tokens.partition_point(|token| token.end <= offset);
    let token = editor.tokens.get(at).filter(|token| token.start <= offset)?;
    let word = editor.word(Some(token));
    let near = |title: String, text: String| Some(Hover { from: token.start, to: token.end, title, text });
    let before = at.checked_sub(1).and_then(|at| editor.tokens.get(at));
    if let Some((event, field)) = field_at(editor, at, word) {
        let mut title = format!("{}: {}", field.name, editor.type_of(field));
        if field.private {
            title.push_str(" private");
        }
        return near(title, format!("A field of `{}`.", event.name));
    }
    if matches!(token.kind, TokenKind::Word | TokenKind::Text)
        && let Some(entry) = named(editor, word, token, editor.word(before), at)
    {
        return near(editor.line(entry), about(editor, entry));
    }
    if token.kind == TokenKind::Word
        && let Some(known) = words::meaning(word)
    {
        return near(known.form.to_owned(), known.meaning.to_owned());
    }
    let (span, shown) = typed::at(editor, offset)?;
    Some(Hover { from: span.start as usize, to: span.end as usize, title: shown, text: String::new() })
}

/// The declaration that a word names, going by what stands before it.
fn named<'e>(editor: &'e Editor, word: &str, token: &Token, before: &str, at: usize) -> Option<&'e Declared> {
    let name = unquoted(word);
    let behind = editor.word(editor.tokens.get(at + 1));
    let kinds: &[Kind] = match before {
        "tag" | "untag" | "tagged" => &[Kind::Tag, Kind::List],
        "to" | "list" => &[Kind::List],
        "from" | "in" => &[Kind::List],
        "has" | "keywords" => &[Kind::Keywords],
        "entity" => &[Kind::Entity],
        "event" | "on" | "no" | "since" => &[Kind::Event],
        "rule" | "fired" => &[Kind::Rule],
        "score" => &[Kind::Score],
        "role" => &[Kind::Role],
        "tags" => &[Kind::Group],
        // A word of the language, unless it is declared as something.
        _ if words::meaning(word).is_some() && matches!(behind, "(" | "{") => return None,
        _ if token.kind == TokenKind::Text => &[Kind::Tag],
        _ => &[Kind::Event, Kind::Score, Kind::List, Kind::Keywords, Kind::Tag, Kind::Entity, Kind::Group],
    };
    kinds.iter().find_map(|kind| editor.find(*kind, name))
}

/// The field that a word names: behind a dot, or of an event that the item names.
fn field_at<'e>(editor: &'e Editor, at: usize, word: &str) -> Option<(&'e Declared, &'e Field)> {
    let back = |count: usize| editor.word(at.checked_sub(count).and_then(|at| editor.tokens.get(at)));
    let of = |event: &'e Declared| {
        event.fields.iter().find(|field| field.name == word).map(|field| (event, field))
    };
    if back(1) == "." {
        return editor.find(Kind::Event, unquoted(back(2))).and_then(of);
    }
    if editor.word(editor.tokens.get(at + 1)) == "(" {
        return None;
    }
    // The nearest event before it, within the same item.
    (1..200).take_while(|count| *count <= at).find_map(|count| {
        let name = back(count);
        editor.find(Kind::Event, name).and_then(of)
    })
}

/// What else there is to say of a name.
fn about(editor: &Editor, entry: &Declared) -> String {
    let mut text = String::new();
    let rules = typed::rules_of(editor, entry);
    if !rules.is_empty() {
        text.push_str(&format!("Set by: {}.", rules.join(", ")));
    } else if entry.kind == Kind::Tag && entry.explicit {
        text.push_str("No rule sets it.");
    }
    if let Some(more) = typed::rule(editor, entry) {
        text.push_str(&more);
    }
    text
}

fn unquoted(word: &str) -> &str {
    word.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(word)
}

impl Editor {
    /// What is declared under a name, bare or in quotes.
    pub(super) fn find(&self, kind: Kind, name: &str) -> Option<&Declared> {
        let name = unquoted(name);
        self.declared.iter().find(|entry| entry.kind == kind && entry.name == name)
    }

    /// A declaration in one line. Of a rule, its head.
    pub(super) fn line(&self, entry: &Declared) -> String {
        let whole = self.sources.text(entry.span);
        let head = match (entry.kind, whole.find('{')) {
            (Kind::Rule, Some(at)) => whole.get(..at).unwrap_or(whole),
            _ => whole,
        };
        let mut line = String::new();
        for part in head.split_whitespace() {
            if line.len() + part.len() > LONGEST {
                line.push_str(" …");
                break;
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(part);
        }
        line
    }

    /// The type of a field as it is written.
    pub(super) fn type_of(&self, field: &Field) -> String {
        let optional = if field.optional { "?" } else { "" };
        format!(
            "{}{optional}",
            self.sources.text(field.type_span).split_whitespace().collect::<Vec<_>>().join(" ")
        )
    }
}
