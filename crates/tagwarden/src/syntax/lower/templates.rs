//! Texts with `{expr}` in them.

use super::{Kids, Lower, Pair, Rule, messages, parse, shown};
use crate::diagnostic::{Code, Diagnostic, Label};
use crate::syntax::ast::{Expr, Template, TemplatePart};
use crate::syntax::{cut, scan};

impl Lower<'_> {
    /// A text with `{expr}` in it.
    pub(super) fn template(&mut self, pair: Pair<'_>) -> Template {
        let span = self.span(&pair);
        let raw = pair.as_str();
        let raw = raw.get(1..raw.len().saturating_sub(1)).unwrap_or("");
        let start = pair.as_span().start() + 1;
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut at = 0;
        while let Some(rest) = raw.get(at..).filter(|rest| !rest.is_empty()) {
            if rest.starts_with("{{") || rest.starts_with("}}") {
                text.push_str(&rest[..1]);
                at += 2;
            } else if rest.starts_with('{') {
                let Some(length) = closing_brace(rest) else {
                    let span = self.span_of(start + at, start + raw.len());
                    self.error(
                        Code::BadInterpolation,
                        span,
                        "this `{` has no `}` in the text",
                        "opened here",
                    )
                    .help = Some("write `{{` for a brace that is meant as such".to_owned());
                    break;
                };
                if !text.is_empty() {
                    parts.push(TemplatePart::Text(std::mem::take(&mut text)));
                }
                if let Some(expr) = self.interpolation(&rest[1..length], start + at + 1) {
                    parts.push(TemplatePart::Expr(expr));
                }
                at += length + 1;
            } else if rest.starts_with('}') {
                let span = self.span_of(start + at, start + at + 1);
                self.error(Code::BadInterpolation, span, "this `}` closes nothing", "no `{` before it")
                    .help = Some("write `}}` for a brace that is meant as such".to_owned());
                at += 1;
            } else if rest.starts_with('\\') {
                let (character, length) = self.escape(rest, start + at);
                text.push(character);
                at += length;
            } else {
                let length = rest.find(['{', '}', '\\']).unwrap_or(rest.len());
                text.push_str(&rest[..length]);
                at += length;
            }
        }
        if !text.is_empty() {
            parts.push(TemplatePart::Text(text));
        }
        Template { parts, span }
    }

    /// The expression between braces of a text, at byte `at` of the item.
    fn interpolation(&mut self, raw: &str, at: usize) -> Option<Expr> {
        let (text, map) = unescape(raw);
        let span = self.span_of(at, at + raw.len());
        if text.trim().is_empty() {
            self.error(
                Code::BadInterpolation,
                span,
                "there is nothing between these braces",
                "expected a value",
            )
            .help = Some("write `{{` for a brace that is meant as such".to_owned());
            return None;
        }
        let scan = scan::scan(&text);
        let pieces = cut::cut(&text, self.source, &scan, self.limits);
        let broken = scan
            .flaws
            .first()
            .map(|_| Code::BadInterpolation)
            .or_else(|| pieces.iter().flat_map(|piece| &piece.errors).next().map(|error| error.code));
        if let Some(code) = broken {
            self.error(code, span, format!("`{}` is not a value", shown(text.trim())), "this cannot be read");
            return None;
        }
        match parse(Rule::interpolation, &text) {
            Ok(mut pairs) => {
                let expression = Kids::of(pairs.next()?).next()?;
                let base = self.base;
                self.base += at;
                let map = std::mem::replace(&mut self.map, map);
                let expr = self.expression(expression);
                (self.base, self.map) = (base, map);
                expr
            }
            Err(error) => {
                let unmapped =
                    messages::unexpected(&text, &(0..text.len()), self.source, &scan.tokens, &error);
                let place = |byte: u32| {
                    map.as_ref().and_then(|map| map.get(byte as usize).copied()).unwrap_or(byte as usize)
                };
                let (start, end) = (place(unmapped.primary.span.start), place(unmapped.primary.span.end));
                let span = self.span_of(at + start, at + end);
                self.errors.push(Diagnostic {
                    primary: Label { span, text: unmapped.primary.text },
                    secondary: Vec::new(),
                    ..unmapped
                });
                None
            }
        }
    }
}

/// Where the brace that begins `text` is closed. Braces in quotes, which are escaped here, do not count.
fn closing_brace(text: &str) -> Option<usize> {
    let (mut depth, mut quoted, mut at) = (0_usize, false, 0);
    let bytes = text.as_bytes();
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => {
                // `\"` begins or ends a text; `\\\"` is a quote within one.
                if bytes.get(at + 1) == Some(&b'"') {
                    quoted = !quoted;
                } else if quoted && bytes.get(at + 1) == Some(&b'\\') && bytes.get(at + 2) == Some(&b'\\') {
                    at += 2;
                }
                at += 1;
            }
            b'{' if !quoted => depth += 1,
            b'}' if !quoted => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// Undoes the escapes of quotes and backslashes, and says where each byte came from if there were any.
fn unescape(raw: &str) -> (String, Option<Vec<usize>>) {
    if !raw.contains('\\') {
        return (raw.to_owned(), None);
    }
    let mut text = String::with_capacity(raw.len());
    let mut map = Vec::with_capacity(raw.len() + 1);
    let mut chars = raw.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let c = match (c, chars.peek()) {
            ('\\', Some((_, next @ ('"' | '\\')))) => {
                let next = *next;
                chars.next();
                next
            }
            _ => c,
        };
        text.push(c);
        map.extend(std::iter::repeat_n(at, c.len_utf8()));
    }
    map.push(raw.len());
    (text, Some(map))
}
