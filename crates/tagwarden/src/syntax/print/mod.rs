//! From the syntax tree back to text, in the one canonical form: what evidence shows and what rule versions hash.
//!
//! Brackets are printed only where the tree asks for them, names in quotes only where they must be.

mod exprs;
mod rules;
mod selectors;

#[cfg(any(test, feature = "machinery"))]
use super::ast::Selector;
use super::ast::{Expr, Name, Rule, Spanned, Template, TemplatePart};
use super::lower::{continues_word, starts_word};
use super::words::is_reserved;
use crate::source::Span;
use crate::value::{Decimal, Duration};
use exprs::Follow;
use std::fmt::{Display, Write};

/// Columns that a line has room for.
pub(super) const WIDTH: usize = 100;

/// An expression.
pub fn print_expr(expr: &Expr) -> String {
    let mut printer = Printer::new(None);
    printer.expr(expr, 0, Follow::Nothing);
    printer.out
}

/// An expression with its numbers and durations as they are written in `source`, the text that it was parsed from: `over
/// 24h` where [`print_expr`] has `over 1d`.
pub fn print_expr_as_written(expr: &Expr, source: &str) -> String {
    let mut printer = Printer::new(Some(source));
    printer.expr(expr, 0, Follow::Nothing);
    printer.out
}

/// A selector.
#[cfg(any(test, feature = "machinery"))]
pub fn print_selector(selector: &Selector) -> String {
    let mut printer = Printer::new(None);
    printer.selector(selector, None, Follow::Nothing);
    printer.out
}

/// A rule without its comments.
pub fn print_rule(rule: &Rule) -> String {
    let mut printer = Printer::new(None);
    printer.rule(rule);
    printer.out
}

/// Collects the text.
struct Printer<'a> {
    /// Where numbers and durations are taken from as written.
    source: Option<&'a str>,
    out: String,
}

impl<'a> Printer<'a> {
    fn new(source: Option<&'a str>) -> Printer<'a> {
        Printer { source, out: String::new() }
    }

    fn put(&mut self, text: impl Display) {
        // Writing to a string does not fail.
        let _ = write!(self.out, "{text}");
    }

    /// A literal as written, if its source is at hand.
    fn literal(&mut self, value: impl Display, span: Span) {
        let written = self.source.and_then(|source| source.get(span.range()));
        match written.filter(|text| text.starts_with(|c: char| c.is_ascii_digit())) {
            Some(text) => self.put(text),
            None => self.put(value),
        }
    }

    fn duration(&mut self, duration: &Spanned<Duration>) {
        self.literal(duration.node, duration.span);
    }

    fn number(&mut self, number: &Spanned<Decimal>) {
        self.literal(number.node, number.span);
    }

    /// A name, in quotes where it must be.
    fn name(&mut self, name: &Name) {
        self.name_but(&name.text, &[]);
    }

    /// A name that is also in quotes if it is one of `but`, which would mean something else here.
    fn name_but(&mut self, name: &str, but: &[&str]) {
        if is_word(name) && !is_reserved(name) && !but.contains(&name) {
            self.put(name);
        } else {
            self.text(name);
        }
    }

    /// A key of an object or the field of a `matching`: any word will do.
    fn key(&mut self, name: &str) {
        if is_word(name) {
            self.put(name);
        } else {
            self.text(name);
        }
    }

    /// A text in quotes.
    fn text(&mut self, text: &str) {
        self.put('"');
        self.escaped(text);
        self.put('"');
    }

    fn escaped(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '"' => self.put("\\\""),
                '\\' => self.put("\\\\"),
                '\n' => self.put("\\n"),
                '\t' => self.put("\\t"),
                c if c.is_control() => self.put(format_args!("\\u{{{:x}}}", u32::from(c))),
                c => self.out.push(c),
            }
        }
    }

    fn template(&mut self, template: &Template) {
        self.put('"');
        for part in &template.parts {
            match part {
                TemplatePart::Text(text) => self.escaped_braces(text),
                TemplatePart::Expr(expr) => {
                    let mut inner = Printer::new(self.source);
                    inner.expr(expr, 0, Follow::Nothing);
                    self.put('{');
                    self.out.push_str(&inner.out.replace('\\', "\\\\").replace('"', "\\\""));
                    self.put('}');
                }
            }
        }
        self.put('"');
    }

    fn escaped_braces(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, tail) = rest.split_at(at);
            self.escaped(before);
            let (brace, tail) = tail.split_at(1);
            self.put(brace);
            self.put(brace);
            rest = tail;
        }
        self.escaped(rest);
    }
}

/// Whether a text can stand as one bare word.
fn is_word(text: &str) -> bool {
    text.starts_with(starts_word) && text.chars().all(continues_word)
}

/// A rule of at most two clauses stands on one line if there is room.
pub(super) fn fits_on_one_line(clauses: usize, line: &str) -> bool {
    clauses <= 2 && line.chars().count() <= WIDTH
}
