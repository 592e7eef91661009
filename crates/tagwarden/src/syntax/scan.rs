//! Tokens: what the cutting into items, the counting of brackets, the messages and the formatter see of a text.
//!
//! The scanner never fails. What it cannot make a token of becomes a [`Flaw`], and it goes on behind it.

use super::lower::{continues_word, starts_word};
use std::ops::Range;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A run of letters and digits that does not begin with a digit.
    Word,
    /// Whatever begins with a digit: a number, a duration, a time or a clock time.
    Number,
    /// A text in quotes.
    Text,
    /// A regular expression in slashes.
    Regex,
    /// An operator, a bracket or a separator.
    Mark,
    /// A comment without its line end.
    Comment,
}

/// A piece of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// How many line ends stand between it and the token before, 2 for any more; 2 for the first.
    pub(crate) lines_before: u8,
    /// Whether no white space stands between it and the start of its line.
    pub(crate) at_margin: bool,
}

impl Token {
    pub(crate) fn text(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or("")
    }

    /// Whether it is the first token of its line.
    pub(crate) fn first_on_line(self) -> bool {
        self.lines_before > 0
    }
}

/// Something in the text that is no token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Flaw {
    pub(super) kind: FlawKind,
    pub(super) range: Range<usize>,
}

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FlawKind {
    /// The line ends within quotes.
    UnclosedText,
    /// The line ends within a regular expression.
    UnclosedRegex,
    /// A character that the language does not use.
    Character(char),
}

/// Every token, comments too, and every flaw, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Scan {
    pub(super) tokens: Vec<Token>,
    pub(super) flaws: Vec<Flaw>,
}

pub(super) fn scan(text: &str) -> Scan {
    let mut scan = Scan::default();
    let (mut lines_before, mut at_margin) = (2_u8, true);
    let mut at = 0;
    while let Some(rest) = text.get(at..)
        && let Some(first) = first_char(rest)
    {
        if first == '\n' {
            (lines_before, at_margin) = (lines_before.saturating_add(1).min(2), true);
            at += 1;
            continue;
        }
        if first.is_whitespace() || first == '\u{FEFF}' {
            at_margin = at_margin && first == '\u{FEFF}';
            at += first.len_utf8();
            continue;
        }
        let (kind, length) = if rest.starts_with("//") {
            (Kind::Comment, rest.find('\n').unwrap_or(rest.len()))
        } else if starts_word(first) {
            // The one word of the language with a hyphen.
            match rest.strip_prefix("half-life") {
                Some(tail) if !tail.starts_with(continues_word) => (Kind::Word, "half-life".len()),
                _ => (Kind::Word, prefix(rest, continues_word)),
            }
        } else if first.is_ascii_digit() {
            (Kind::Number, digits(rest))
        } else if first == '"' {
            let (length, closed) = delimited(rest, '"');
            if !closed {
                scan.flaws.push(Flaw { kind: FlawKind::UnclosedText, range: at..at + length });
            }
            (Kind::Text, length)
        } else if first == '/' && wants_regex(&scan.tokens, text) {
            let (length, closed) = delimited(rest, '/');
            if !closed {
                scan.flaws.push(Flaw { kind: FlawKind::UnclosedRegex, range: at..at + length });
            }
            (Kind::Regex, length)
        } else if let Some(length) = mark(rest.as_bytes()) {
            (Kind::Mark, length)
        } else {
            let range = at..at + foreign(rest, first);
            // What is a comment elsewhere is passed over.
            let end = if first == '#' { at + rest.find('\n').unwrap_or(rest.len()) } else { range.end };
            at = end;
            // One message for a run of them.
            match scan.flaws.last_mut() {
                Some(Flaw { kind: FlawKind::Character(_), range: last })
                    if last.end == range.start && first != '#' =>
                {
                    last.end = range.end;
                }
                _ => scan.flaws.push(Flaw { kind: FlawKind::Character(first), range }),
            }
            at_margin = false;
            continue;
        };
        let end = at + length.max(1);
        scan.tokens.push(Token { kind, start: at, end, lines_before, at_margin });
        (lines_before, at_margin) = (0, false);
        at = end;
    }
    scan
}

/// The first character, found at once where it is ASCII.
fn first_char(text: &str) -> Option<char> {
    match text.as_bytes().first() {
        Some(byte) if byte.is_ascii() => Some(char::from(*byte)),
        Some(_) => text.chars().next(),
        None => None,
    }
}

/// Bytes of the mark at the beginning of a text.
fn mark(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [b'=' | b'!' | b'<' | b'>' | b'+' | b'-', b'=', ..]
        | [b'<', b'>', ..]
        | [b'?', b'?', ..]
        | [b'&', b'&', ..]
        | [b'|', b'|', ..] => Some(2),
        [
            b'(' | b')' | b'{' | b'}' | b'[' | b']' | b',' | b':' | b'.' | b'<' | b'>' | b'=' | b'+' | b'-'
            | b'*' | b'/' | b'%' | b'?' | b'|' | b'!',
            ..,
        ] => Some(1),
        _ => None,
    }
}

/// Bytes of something that other languages have and this one does not: a text in single quotes, or one character.
fn foreign(text: &str, first: char) -> usize {
    if first != '\'' {
        return first.len_utf8();
    }
    let rest = text.get(1..).unwrap_or("");
    match rest.find(['\'', '\n']) {
        Some(end) if rest.as_bytes().get(end) == Some(&b'\'') => end + 2,
        _ => 1,
    }
}

/// A regular expression stands only behind the operator `matches`.
fn wants_regex(tokens: &[Token], text: &str) -> bool {
    let mut before =
        tokens.iter().rev().filter(|token| token.kind != Kind::Comment).map(|token| token.text(text));
    before.next() == Some("matches") && before.next() != Some(".")
}

/// Bytes of the longest beginning of which every character is `wanted`.
fn prefix(text: &str, wanted: impl Fn(char) -> bool) -> usize {
    text.find(|c| !wanted(c)).unwrap_or(text.len())
}

/// Bytes up to the closing delimiter, or to the end of the line, and whether there was one.
fn delimited(text: &str, delimiter: char) -> (usize, bool) {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\n' => return (text.get(..at).unwrap_or("").trim_end().len(), false),
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == delimiter => return (at + c.len_utf8(), true),
            _ => {}
        }
    }
    (text.trim_end().len(), false)
}

/// Bytes of a number, duration, time or clock time. The same forms as `number`, `moment` and `clock` of the grammar.
fn digits(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let all = |from: usize, count: usize| (from..from + count).all(digit);
    let is = |at: usize, wanted: u8| bytes.get(at) == Some(&wanted);
    let goes_on = |at: usize| text.get(at..).and_then(|rest| rest.chars().next()).is_some_and(continues_word);
    if all(0, 4) && is(4, b'-') && all(5, 2) && is(7, b'-') && all(8, 2) {
        let mut end = 10;
        if is(end, b'T') || is(end, b't') {
            end += 1;
            while bytes.get(end).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b':')
                || (is(end, b'.') && digit(end + 1))
            {
                end += 1;
            }
            if (is(end, b'+') || is(end, b'-')) && digit(end + 1) {
                end += 1;
                while digit(end) || is(end, b':') {
                    end += 1;
                }
            }
        }
        if !goes_on(end) {
            return end;
        }
    }
    let leading = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
    if leading <= 2 && is(leading, b':') && digit(leading + 1) {
        let minutes = bytes.iter().skip(leading + 1).take_while(|b| b.is_ascii_digit()).count();
        if minutes <= 2 && !goes_on(leading + 1 + minutes) && !is(leading + 1 + minutes, b':') {
            return leading + 1 + minutes;
        }
    }
    let mut end = 0;
    for (at, c) in text.char_indices() {
        if !(continues_word(c) || c == '.' && digit(at + 1)) {
            break;
        }
        end = at + c.len_utf8();
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        scan(text).tokens.into_iter().map(|token| token.text(text)).collect()
    }

    #[test]
    fn makes_tokens_of_everything() {
        assert_eq!(
            texts("when a.matches / 2 > 1h30m // so\nx matches /a\\/b/ \"c\\\"d\" 2026-01-01T09:00+08:00"),
            [
                "when",
                "a",
                ".",
                "matches",
                "/",
                "2",
                ">",
                "1h30m",
                "// so",
                "x",
                "matches",
                "/a\\/b/",
                "\"c\\\"d\"",
                "2026-01-01T09:00+08:00"
            ]
        );
        assert_eq!(
            texts("09:00 half-life 1.5 5% 流失 2026-01-01"),
            ["09:00", "half-life", "1.5", "5", "%", "流失", "2026-01-01"]
        );
    }

    #[test]
    fn goes_on_behind_flaws() {
        let scan = scan("a \"b\nc ；； d");
        assert_eq!(scan.flaws[0], Flaw { kind: FlawKind::UnclosedText, range: 2..4 });
        assert_eq!(scan.flaws[1], Flaw { kind: FlawKind::Character('；'), range: 7..13 });
        assert_eq!(scan.tokens.len(), 4);
    }
}
