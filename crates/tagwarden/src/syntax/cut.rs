//! Cuts a text at its top-level items, and counts brackets before the grammar sees them.
//!
//! Each item is parsed alone, so that three broken rules give three errors and the good ones are still returned.

use super::MAX_ERRORS;
use super::flaws;
use super::scan::{Kind, Scan, Token};
use super::words::{CHAINING, ITEMS, is_item_word, is_reserved};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::limits::Limits;
use crate::source::Span;
use std::ops::Range;

/// One top-level item, or what was meant to be one.
#[derive(Debug)]
pub(super) struct Piece {
    /// Its bytes, without comments before and after.
    pub(super) range: Range<usize>,
    /// Mistakes that keep it from being parsed.
    pub(super) errors: Vec<Diagnostic>,
}

/// A bracket that is open.
struct Open {
    mark: u8,
    token: Token,
    /// How many `where` conditions are open within it; they nest without brackets.
    wheres: usize,
    /// Operators in a row within it.
    operators: usize,
}

struct Cutter<'a> {
    text: &'a str,
    source: u16,
    limits: &'a Limits,
    tokens: Vec<Token>,
    pieces: Vec<Piece>,
    /// Index of the first token of the piece at hand.
    start: usize,
    open: Vec<Open>,
    /// How many of each kind of bracket are open: `(`, `[`, `{`.
    counts: [usize; 3],
    /// All `where` conditions that are open.
    wheres: usize,
    errors: Vec<Diagnostic>,
    /// Pieces with errors.
    failed: usize,
    /// How often a word was compared with those that begin items: only so often, since that takes time.
    guesses: usize,
    /// Operators in a row outside brackets.
    operators: usize,
    /// Whether the token before is a dot.
    behind_dot: bool,
    /// Whether a bracket was left open somewhere: from then on, an item's word at the margin begins an item in any case.
    recovering: bool,
}

pub(super) fn cut(text: &str, source: u16, scan: &Scan, limits: &Limits) -> Vec<Piece> {
    let tokens: Vec<Token> =
        scan.tokens.iter().copied().filter(|token| token.kind != Kind::Comment).collect();
    let mut cutter = Cutter {
        text,
        source,
        limits,
        tokens,
        pieces: Vec::new(),
        start: 0,
        open: Vec::new(),
        counts: [0; 3],
        wheres: 0,
        errors: Vec::new(),
        failed: 0,
        guesses: 0,
        operators: 0,
        behind_dot: false,
        recovering: false,
    };
    cutter.run();
    let mut pieces = cutter.pieces;
    flaws::add(source, scan, &mut pieces);
    pieces
}

impl Cutter<'_> {
    fn word(&self, index: usize) -> &str {
        self.tokens
            .get(index)
            .filter(|token| token.kind == Kind::Word)
            .map_or("", |token| token.text(self.text))
    }

    fn span(&self, token: Token) -> Span {
        Span { source: self.source, start: token.start as u32, end: token.end as u32 }
    }

    fn run(&mut self) {
        let mut at = 0;
        // Whether the token before closed the block of an item.
        let mut closed = false;
        while let Some(token) = self.tokens.get(at).copied()
            && self.failed < MAX_ERRORS
        {
            let begins = if self.open.is_empty() {
                closed || self.begins_item(at, token)
            } else {
                self.recovering && self.may_begin_item(at, token)
            };
            if begins && at > self.start {
                self.finish(at);
            }
            closed = self.step(token) && token.text(self.text) == "}" && self.open.is_empty();
            self.behind_dot = token.text(self.text) == ".";
            at += 1;
            if self.open.len() > self.limits.nesting.saturating_mul(16) {
                // This is no rulebook: what follows is not worth a look.
                break;
            }
            if at == self.tokens.len() && !self.open.is_empty() && !self.recovering {
                // Begin this piece again, now with an eye on the margin. This happens once.
                self.recovering = true;
                self.reset();
                (at, closed) = (self.start, false);
            }
        }
        self.finish(at);
    }

    fn reset(&mut self) {
        self.open.clear();
        self.errors.clear();
        self.counts = [0; 3];
        self.wheres = 0;
        self.operators = 0;
    }

    /// Ends the piece at hand before token `end`.
    fn finish(&mut self, end: usize) {
        if let Some(open) = self.open.last() {
            let mark = char::from(open.mark);
            let error = Diagnostic::new(
                Code::UnclosedBracket,
                self.span(open.token),
                format!("this `{mark}` is never closed"),
                "opened here",
            );
            if self.errors.is_empty() {
                self.errors.push(error);
            }
        }
        let first = self.tokens.get(self.start);
        let last = end.checked_sub(1).and_then(|end| self.tokens.get(end));
        if let (Some(first), Some(last)) = (first, last)
            && self.start < end
        {
            let errors = std::mem::take(&mut self.errors);
            self.failed += usize::from(!errors.is_empty());
            self.pieces.push(Piece { range: first.start..last.end, errors });
        }
        self.start = end;
        self.reset();
    }

    /// Keeps count of brackets; `true` where one was closed.
    fn step(&mut self, token: Token) -> bool {
        match (token.kind, token.text(self.text)) {
            (Kind::Mark, "(" | "[" | "{") => {
                let mark = token.text(self.text).as_bytes().first().copied().unwrap_or(b'(');
                self.open.push(Open { mark, token, wheres: 0, operators: 0 });
                self.counts[place(mark)] += 1;
                self.check_depth(token);
            }
            (Kind::Mark, ")") => return self.close(b'(', token),
            (Kind::Mark, "]") => return self.close(b'[', token),
            (Kind::Mark, "}") => return self.close(b'{', token),
            (Kind::Word, "where") => {
                self.wheres += 1;
                if let Some(open) = self.open.last_mut() {
                    open.wheres += 1;
                }
                self.check_depth(token);
            }
            // These begin the next clause, unless they name a field.
            (Kind::Word, "then" | "when" | "while" | "unless" | "because" | "on") if !self.behind_dot => {
                self.close_wheres();
                self.restart_chain();
            }
            (Kind::Mark, "," | ":") => self.restart_chain(),
            (Kind::Mark, "." | "?" | "|") => {}
            (Kind::Mark, _) => self.chain(token),
            (Kind::Word, word) if CHAINING.contains(&word) && !self.behind_dot => self.chain(token),
            _ => {}
        }
        false
    }

    /// Counts an operator of an expression. The lowering counts them exactly; this keeps hopeless ones from the grammar.
    fn chain(&mut self, token: Token) {
        let count = self.open.last_mut().map_or(&mut self.operators, |open| &mut open.operators);
        *count += 1;
        // Comparisons with their `not` and a sign on either side still fit.
        if *count > self.limits.operators.saturating_mul(2)
            && !self.limited()
            && matches!(self.word(self.start), "rule" | "shadow" | "exempt" | "approve")
        {
            let error = too_long(self.span(token), self.limits);
            self.errors = vec![error];
        }
    }

    /// Whether a limit is reported already.
    fn limited(&self) -> bool {
        self.errors.iter().any(|error| matches!(error.code, Code::NestingTooDeep | Code::ExpressionTooLong))
    }

    fn restart_chain(&mut self) {
        *self.open.last_mut().map_or(&mut self.operators, |open| &mut open.operators) = 0;
    }

    fn close_wheres(&mut self) {
        self.wheres -= match self.open.last_mut() {
            Some(open) => std::mem::take(&mut open.wheres),
            None => self.wheres,
        };
    }

    fn check_depth(&mut self, token: Token) {
        if self.open.len() + self.wheres > self.limits.nesting && !self.limited() {
            let message = format!("more than {} brackets within brackets", self.limits.nesting);
            // A limit counts for more than a bracket: such a piece is kept from the grammar in any case.
            self.errors = vec![
                Diagnostic::new(Code::NestingTooDeep, self.span(token), message, "one too many")
                    .with_help("each `where` that stands within another one counts as a bracket"),
            ];
        }
    }

    fn close(&mut self, mark: u8, token: Token) -> bool {
        if self.counts[place(mark)] == 0 {
            if self.errors.is_empty() {
                let text = token.text(self.text);
                self.errors.push(Diagnostic::new(
                    Code::StrayBracket,
                    self.span(token),
                    format!("this `{text}` closes nothing"),
                    "nothing is open here",
                ));
            }
            return false;
        }
        while let Some(open) = self.open.pop() {
            self.counts[place(open.mark)] -= 1;
            self.wheres -= open.wheres;
            if open.mark == mark {
                return true;
            }
            if self.errors.is_empty() {
                let wanted = char::from(open.mark);
                let found = token.text(self.text);
                self.errors.push(
                    Diagnostic::new(
                        Code::UnclosedBracket,
                        self.span(open.token),
                        format!("this `{wanted}` is not closed before the next `{found}`"),
                        "opened here",
                    )
                    .with_label(self.span(token), "something else is closed here"),
                );
            }
        }
        true
    }

    /// Whether an item begins at this token, outside all brackets.
    fn begins_item(&mut self, at: usize, token: Token) -> bool {
        if token.kind != Kind::Word || at == self.start {
            return false;
        }
        let word = token.text(self.text);
        if !is_item_word(word) {
            // A misspelt one is taken for an item only where it stands like one.
            let like_an_item = token.at_margin
                && !is_reserved(word)
                && !self.awaits_more(at)
                && self.tokens.get(at + 1).is_some_and(|next| matches!(next.kind, Kind::Word | Kind::Text))
                && self.guesses < MAX_ERRORS;
            self.guesses += usize::from(like_an_item);
            return like_an_item && nearest_item(word).is_some();
        }
        let before = self.tokens.get(at - 1).map_or("", |token| token.text(self.text));
        match (self.word(self.start), before, word) {
            ("strict", "strict", "tags") | ("shadow", "shadow", "rule") => at - 1 != self.start,
            ("role", "may", _) | ("exempt", "from", "tag") | ("approve", "for", "tag") => false,
            // What is allowed may be called so too, and the last comma may have nothing behind it.
            ("role", ",", "tag") => token.at_margin && self.is_headed(at),
            ("role", ",", "list") => self.has_block(at),
            ("role", ",", "exempt" | "approve") => self.is_headed(at),
            ("role", ",", _) => true,
            ("tags", ",", "strict" | "shadow") if !token.at_margin => self.is_headed(at),
            // Of two such words in a row the first is a name: `tags size: small, list list blocked`.
            ("tags", ",", _) if !token.at_margin => self.is_headed(at) && !self.is_headed(at + 1),
            ("role", "list", _) | ("exempt" | "approve", "tag", _) => token.first_on_line(),
            _ => token.at_margin || !self.awaits_more(at),
        }
    }

    /// Whether an item's word at token `at` is followed by what such an item goes on with.
    fn is_headed(&self, at: usize) -> bool {
        let Some(next) = self.tokens.get(at + 1) else { return false };
        match self.word(at) {
            "strict" => self.word(at + 1) == "tags",
            "shadow" => self.word(at + 1) == "rule",
            "exempt" => self.word(at + 1) == "from",
            "approve" => self.word(at + 1) == "for",
            "timezone" | "use" => next.kind == Kind::Text,
            word if is_item_word(word) => match next.kind {
                Kind::Word => !is_reserved(self.word(at + 1)),
                kind => kind == Kind::Text,
            },
            _ => false,
        }
    }

    /// Whether a word, a name and a block stand at token `at`.
    fn has_block(&self, at: usize) -> bool {
        self.is_headed(at) && self.tokens.get(at + 2).is_some_and(|token| token.text(self.text) == "{")
    }

    /// Whether what stands before token `at` goes on with a name, so that a word there is that name.
    fn awaits_more(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1).and_then(|index| self.tokens.get(index)) else { return false };
        match before.kind {
            Kind::Mark => !matches!(before.text(self.text), ")" | "]" | "}" | "%" | "?"),
            Kind::Word => {
                let is_first = at - 1 == self.start;
                let behind_shadow = at >= 2 && at - 2 == self.start && self.word(at - 2) == "shadow";
                let first_on_line = self.tokens.get(at).is_some_and(|token| token.first_on_line());
                ((is_first || behind_shadow) && !first_on_line) || is_reserved(self.word(at - 1))
            }
            _ => false,
        }
    }

    /// Whether an item seems to begin at this token, within brackets that were left open.
    fn may_begin_item(&self, at: usize, token: Token) -> bool {
        token.at_margin
            && token.kind == Kind::Word
            && is_item_word(token.text(self.text))
            && self.tokens.get(at + 1).is_some_and(|next| matches!(next.kind, Kind::Word | Kind::Text))
    }
}

/// The message about an expression with too many operators.
pub(super) fn too_long(span: Span, limits: &Limits) -> Diagnostic {
    let message = format!("more than {} operators in one expression", limits.operators);
    Diagnostic::new(Code::ExpressionTooLong, span, message, "too long")
        .with_help("write `x in [a, b, c]` for `x == a or x == b or x == c`, or split the rule")
}

/// The item's word that a misspelt one was meant to be.
pub(super) fn nearest_item(word: &str) -> Option<&'static str> {
    if word.len() > 32 { None } else { nearest(word, ITEMS.iter().copied()) }
}

const fn place(mark: u8) -> usize {
    match mark {
        b'(' => 0,
        b'[' => 1,
        _ => 2,
    }
}
