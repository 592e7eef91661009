//! What a failed parse says: where, what was expected in the user's words, and what was probably meant.

use super::expected::Expected;
use super::{Rule, found_text, shown};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::small::sort;
use crate::source::Span;
use crate::syntax::ast::AggregateFn;
use crate::syntax::scan::{Kind, Token};
use crate::syntax::words::{ACTIONS, CLAUSES, is_reserved};
use pest::error::{Error, ErrorVariant, InputLocation};
use std::ops::Range;

/// A place at which the grammar refused a text.
struct Refused<'t> {
    text: &'t str,
    /// The first token of the item.
    start: &'t str,
    /// The two tokens before the place.
    second: &'t str,
    before: Option<Token>,
    /// The token at the place; none at the end.
    found: Option<Token>,
    /// What the grammar tried there.
    tried: Vec<Rule>,
    expected: Expected,
}

/// The message about a text that the grammar refused. `range` is where the text that pest saw lies in `text`.
pub(super) fn unexpected(
    text: &str,
    range: &Range<usize>,
    source: u16,
    tokens: &[Token],
    error: &Error<Rule>,
) -> Diagnostic {
    let at = range.start
        + match error.location {
            InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
        };
    let index = tokens.partition_point(|token| token.end <= at);
    let behind = |back: usize| index.checked_sub(back).and_then(|index| tokens.get(index)).copied();
    let mut tried = match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => positives.clone(),
        ErrorVariant::CustomError { .. } => Vec::new(),
    };
    sort(&mut tried);
    tried.dedup();
    let word = |token: Option<Token>| token.map_or("", |token| token.text(text));
    let (before, second) = (behind(1), word(behind(2)));
    let refused = Refused {
        text,
        start: word(tokens.first().copied()),
        second,
        before,
        found: tokens.get(index).copied().filter(|token| token.start < range.end),
        expected: Expected::of(&tried, word(before), second),
        tried,
    };
    refused.misspelt_before(source).unwrap_or_else(|| refused.message(source, at, range.end))
}

impl Refused<'_> {
    fn before(&self) -> &str {
        self.before.map_or("", |token| token.text(self.text))
    }

    fn found(&self) -> &str {
        self.found.map_or("", |token| token.text(self.text))
    }

    fn tried(&self, rule: Rule) -> bool {
        self.tried.contains(&rule)
    }

    fn message(&self, source: u16, at: usize, end: usize) -> Diagnostic {
        let place = match (self.found, self.before) {
            (Some(token), _) => token.start.max(at)..token.end,
            // The end of the item: point behind the last token.
            (None, Some(token)) => token.end..token.end,
            (None, None) => end..end,
        };
        let span = Span { source, start: place.start as u32, end: place.end as u32 };
        let told = self.expected.told();
        let behind = match self.before {
            Some(token) => format!(" after `{}`", found_text(token, self.text)),
            None => String::new(),
        };
        let message = match self.found {
            Some(token) if told.is_empty() => {
                format!("`{}` does not belong here", found_text(token, self.text))
            }
            Some(token) => format!("expected {told}{behind}, found `{}`", found_text(token, self.text)),
            None if told.is_empty() => format!("`{}` ends too early", shown(self.start)),
            None => format!("expected {told}{behind}"),
        };
        let label = if told.is_empty() { String::new() } else { format!("expected {told}") };
        let diagnostic = Diagnostic::new(Code::UnexpectedToken, span, message, label);
        match self.advice() {
            Some(help) => diagnostic.with_help(help),
            None => diagnostic,
        }
    }

    /// A misspelt word that was taken for a name, so that only what follows it is refused.
    fn misspelt_before(&self, source: u16) -> Option<Diagnostic> {
        let token = self.before.filter(|token| token.kind == Kind::Word && token.end - token.start <= 32)?;
        let word = token.text(self.text);
        let (candidates, what): (&[&str], _) = if self.tried(Rule::score_op) && !ACTIONS.contains(&word) {
            (ACTIONS, "an action such as `tag` or `add to`")
        } else if self.start == "test" && self.tried(Rule::k_at) && self.tried(Rule::k_from) {
            (&["expect"], "an event or `expect`")
        } else {
            return None;
        };
        // A score or event that is called so is followed by what belongs to it.
        let near = nearest(word, candidates.iter().copied())?;
        let span = Span { source, start: token.start as u32, end: token.end as u32 };
        let behind = if self.second.is_empty() { String::new() } else { format!(" after `{}`", self.second) };
        let message = format!("expected {what}{behind}, found `{word}`");
        Some(
            Diagnostic::new(Code::UnexpectedToken, span, message, format!("expected {what}"))
                .with_help(format!("did you mean `{near}`?")),
        )
    }

    /// Advice for mistakes that are common enough to be recognised.
    fn advice(&self) -> Option<String> {
        let (word, before) = (self.found(), self.before());
        let token = self.found?;
        // What is repeated in advice is short.
        let word = shown(word);
        let special = match word {
            "is" | "equals" if self.tried(Rule::infix) => "write `==`".to_owned(),
            "not" if self.tried(Rule::infix) => "`not` stands before the whole: `not x in [a, b]`".to_owned(),
            "if" if self.tried(Rule::clause) || self.tried(Rule::k_when) => "write `when`".to_owned(),
            "," if self.tried(Rule::clause) => "write each action with its own `then`".to_owned(),
            "{" if self.tried(Rule::lparen) && self.start == "event" => {
                format!("an event says whom it concerns: `event {before}(customer)`")
            }
            _ if before == "in" && self.tried(Rule::lbracket) && token.kind == Kind::Word => {
                format!(
                    "a set is written `[a, b]`; whether the subject is in a list is `in {word}`, with nothing before it"
                )
            }
            _ if self.start == "tags" && before == "," => {
                "a group is ordered by `<` throughout, or not at all".to_owned()
            }
            _ if self.tried(Rule::infix) && is_aggregate(before) && token.kind == Kind::Word => {
                format!("the events stand in brackets: `{before}({word})`")
            }
            _ => String::new(),
        };
        if !special.is_empty() {
            return Some(special);
        }
        if token.kind != Kind::Word || word.len() > 32 {
            return None;
        }
        if self
            .expected
            .phrases
            .iter()
            .all(|phrase| phrase == "a text in quotes" || phrase == "a pattern in quotes")
        {
            return Some("put it in quotes".to_owned());
        }
        if let Some(near) = nearest(word, self.expected.words.iter().copied()) {
            return Some(format!("did you mean `{near}`?"));
        }
        if !is_reserved(word)
            || self.expected.words.contains(&word)
            || (CLAUSES.contains(&word) && word != "on")
        {
            return None;
        }
        let name = [Rule::name, Rule::ident, Rule::reference, Rule::selector_atom];
        let value = [Rule::operand, Rule::expression, Rule::primary];
        if name.iter().any(|rule| self.tried(*rule)) {
            Some(format!(
                "`{word}` is a word of the language: as a name it is written in quotes, `\"{word}\"`"
            ))
        } else if value.iter().any(|rule| self.tried(*rule)) {
            let help = "a field of that name is written behind its event";
            Some(format!("`{word}` is a word of the language: {help}, `event.{word}`"))
        } else {
            None
        }
    }
}

fn is_aggregate(word: &str) -> bool {
    use AggregateFn::{Average, Count, Days, Distinct, First, Latest, Max, Min, Sum};
    [Count, Sum, Average, Min, Max, Distinct, Days, First, Latest]
        .iter()
        .any(|function| function.word() == word)
}
