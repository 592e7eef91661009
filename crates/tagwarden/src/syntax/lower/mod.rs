//! From text to the syntax tree, one item at a time. This folder and the grammar alone name pest.

mod expected;
mod exprs;
#[cfg(any(test, target_family = "wasm"))]
mod grammar_table;
mod items;
mod literals;
mod messages;
mod rules;
mod selectors;
#[cfg(any(test, target_family = "wasm"))]
mod table;
mod templates;

use super::ast;
use super::scan::{Kind, Token};
use crate::diagnostic::{Code, Diagnostic};
use crate::limits::Limits;
use crate::source::Span;
use std::ops::Range;

/// The generated parser, in a module of its own because it documents nothing.
mod parser {
    #![allow(missing_docs, unreachable_pub)]
    #[derive(pest_derive::Parser)]
    #[grammar = "syntax/grammar.pest"]
    pub struct Grammar;
}
use parser::Rule;

type Pair<'i> = pest::iterators::Pair<'i, Rule>;
#[cfg(not(target_family = "wasm"))]
type Pairs<'i> = pest::iterators::Pairs<'i, Rule>;

/// Parses a text by a rule: by the functions that `pest_derive` made of the grammar.
#[cfg(not(target_family = "wasm"))]
fn parse(rule: Rule, text: &str) -> Result<Pairs<'_>, Box<pest::error::Error<Rule>>> {
    <parser::Grammar as pest::Parser<Rule>>::parse(rule, text).map_err(Box::new)
}

/// In the browser by the same grammar as data.
#[cfg(target_family = "wasm")]
use table::parse;

/// Whether a bare name may begin with it.
pub(super) fn starts_word(c: char) -> bool {
    c == '_' || pest::unicode::XID_START(c)
}

/// Whether a bare name may go on with it.
pub(super) fn continues_word(c: char) -> bool {
    pest::unicode::XID_CONTINUE(c)
}

/// What the formatter does before a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    /// A line of its own: clauses, steps, parts of a list.
    Line,
    /// A line of its own unless all fit on one, and a comma before: fields, parts of a score.
    Field,
    /// A line of its own if it was on one: patterns.
    Fill,
    /// A comma before.
    Comma,
    /// No comma before.
    NoComma,
}

/// What lowering an item gave.
pub(super) struct Lowered {
    /// Nothing where there are errors.
    pub(super) item: Option<ast::Item>,
    pub(super) errors: Vec<Diagnostic>,
    /// What the formatter knows by, in order of place.
    pub(super) marks: Vec<(usize, Mark)>,
}

/// Parses and lowers the item at `range` of `text`. `tokens` are those of the item, without comments, for messages.
pub(super) fn item(
    text: &str,
    range: Range<usize>,
    source: u16,
    tokens: &[Token],
    limits: &Limits,
) -> Lowered {
    let mut lower = Lower {
        source,
        base: range.start,
        map: None,
        limits,
        operators: 0,
        errors: Vec::new(),
        marks: Vec::new(),
    };
    let piece = text.get(range.clone()).unwrap_or("");
    let item = match parse(Rule::item, piece) {
        Ok(mut pairs) => pairs.next().and_then(|pair| lower.item(pair)),
        Err(error) => {
            lower.errors.push(messages::unexpected(text, &range, source, tokens, &error));
            None
        }
    };
    if item.is_none() && lower.errors.is_empty() {
        // The grammar and the lowering disagree: never seen, and no reason to panic in a host.
        let span = Span { source, start: range.start as u32, end: range.end as u32 };
        lower.errors.push(Diagnostic::new(Code::UnexpectedToken, span, "this item cannot be read", ""));
    }
    let item = if lower.errors.is_empty() { item } else { None };
    Lowered { item, errors: lower.errors, marks: lower.marks }
}

/// Lowers the pairs of one item. Methods give `None` where an error was reported; where one can go on they do, with a
/// stand-in, since an item with an error is dropped in any case.
struct Lower<'a> {
    source: u16,
    /// Where the text that pest sees begins in the source.
    base: usize,
    /// For an interpolation that had to be unescaped first: the place in the source of each of its bytes, from `base`.
    map: Option<Vec<usize>>,
    limits: &'a Limits,
    /// Operators that the expression at hand stands in.
    operators: usize,
    errors: Vec<Diagnostic>,
    marks: Vec<(usize, Mark)>,
}

impl Lower<'_> {
    fn span(&self, pair: &Pair<'_>) -> Span {
        self.span_of(pair.as_span().start(), end(pair))
    }

    /// The span of bytes of the text that pest sees.
    fn span_of(&self, start: usize, end: usize) -> Span {
        let place = |at: usize| match &self.map {
            Some(map) => self.base + map.get(at).or(map.last()).copied().unwrap_or(at),
            None => self.base + at,
        };
        Span { source: self.source, start: place(start) as u32, end: place(end) as u32 }
    }

    fn error(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
        label: impl Into<String>,
    ) -> &mut Diagnostic {
        self.errors.push(Diagnostic::new(code, span, message, label));
        let last = self.errors.len() - 1;
        &mut self.errors[last]
    }

    /// Says that a part of something stands there twice.
    fn repeated(&mut self, span: Span, what: &str) {
        self.error(Code::RepeatedPart, span, format!("{what} is given twice"), "leave one of them out");
    }

    /// Tells the formatter what to do before a pair.
    fn mark(&mut self, pair: &Pair<'_>, mark: Mark) {
        self.marks.push((self.base + pair.as_span().start(), mark));
    }
}

/// Where the last token of a pair ends: a pair itself may go on with white space and comments.
fn end(pair: &Pair<'_>) -> usize {
    let mut end = pair.as_span().end();
    let mut last = pair.clone().into_inner().next_back();
    while let Some(inner) = last {
        end = inner.as_span().end();
        last = inner.into_inner().next_back();
    }
    end
}

/// The pairs within a pair, taken out one by one.
struct Kids<'i> {
    pairs: std::iter::Peekable<pest::iterators::Pairs<'i, Rule>>,
}

impl<'i> Kids<'i> {
    fn of(pair: Pair<'i>) -> Kids<'i> {
        Kids { pairs: pair.into_inner().peekable() }
    }

    /// The next pair that is no mere word or mark of the language.
    fn next(&mut self) -> Option<Pair<'i>> {
        self.pairs.find(|pair| !is_mark(pair.as_rule()))
    }

    /// The next pair if it is `rule`, skipping words and marks before it.
    fn optional(&mut self, rule: Rule) -> Option<Pair<'i>> {
        while self.pairs.next_if(|pair| is_mark(pair.as_rule()) && pair.as_rule() != rule).is_some() {}
        self.pairs.next_if(|pair| pair.as_rule() == rule)
    }

    /// Every pair that follows and is `rule`.
    fn all(&mut self, rule: Rule) -> impl Iterator<Item = Pair<'i>> {
        std::iter::from_fn(move || self.optional(rule))
    }
}

/// Whether a rule is a word or a mark of the language that says nothing beyond its being there.
fn is_mark(rule: Rule) -> bool {
    expected::literal(rule).is_some() || rule == Rule::EOI
}

/// A token as a message shows it: a long one would hide the rest.
fn found_text(token: Token, text: &str) -> &str {
    match token.kind {
        Kind::Text if token.end - token.start > LONGEST_SHOWN => "a text",
        _ => shown(token.text(text)),
    }
}

/// The beginning of a text that is too long to be shown in a message.
fn shown(text: &str) -> &str {
    match text.char_indices().nth(LONGEST_SHOWN) {
        Some((end, _)) => text.get(..end).unwrap_or(text),
        None => text,
    }
}

/// Characters of the source that a message repeats at most.
const LONGEST_SHOWN: usize = 40;
