//! From text to the syntax tree and back. Only `grammar.pest` and the folder `lower` know pest.

pub mod ast;
mod cut;
mod flaws;
mod format;
mod lower;
mod precedence;
mod print;
mod scan;
mod words;

#[cfg(any(test, feature = "machinery"))]
pub use format::format;
pub use format::format_text;
#[cfg(any(test, feature = "machinery"))]
pub use print::print_selector;
pub use print::{print_expr, print_expr_as_written, print_rule};
pub(crate) use scan::{Kind as TokenKind, Token};
pub(crate) use words::{is_item_word, is_reserved};

use crate::diagnostic::{Code, Diagnostic};
use crate::limits::Limits;
use crate::source::{Source, Span};
use cut::Piece;
use scan::{Kind, Scan};
use std::ops::Range;

/// Errors of one source beyond which no more are looked for.
const MAX_ERRORS: usize = 200;

/// Parses a source. Each top-level item stands for itself: those with mistakes are reported and left out, all others
/// are returned.
pub fn parse(source_index: u16, source: &Source, limits: &Limits) -> (ast::File, Vec<Diagnostic>) {
    let parsed = parse_parts(source_index, source, limits);
    (parsed.file, parsed.errors)
}

/// The tokens of a text without its comments, and the ranges of those.
pub(crate) fn tokens(text: &str) -> (Vec<Token>, Vec<Range<usize>>) {
    let (comments, tokens): (Vec<Token>, Vec<Token>) =
        scan::scan(text).tokens.into_iter().partition(|token| token.kind == Kind::Comment);
    (tokens, comments.into_iter().map(|comment| comment.start..comment.end).collect())
}

/// A name as one writes it: in quotes where it must be.
pub(crate) fn written(name: &str) -> String {
    let mut rest = name.chars();
    let bare = rest.next().is_some_and(lower::starts_word) && rest.all(lower::continues_word);
    if bare && !is_reserved(name) {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

/// A parsed source with what the formatter needs beside the tree.
#[derive(Default)]
struct Parsed {
    file: ast::File,
    errors: Vec<Diagnostic>,
    scan: Scan,
    /// What the formatter does where.
    marks: Vec<(usize, lower::Mark)>,
}

fn parse_parts(source_index: u16, source: &Source, limits: &Limits) -> Parsed {
    let text = &*source.text;
    let most = limits.source_bytes.min(u32::MAX as usize);
    if text.len() > most {
        let span = Span { source: source_index, start: 0, end: 0 };
        let message = format!("this source has {} bytes", text.len());
        let error = Diagnostic::new(Code::SourceTooLarge, span, message, format!("at most {most} are read"));
        return Parsed { errors: vec![error], ..Parsed::default() };
    }
    let scan = scan::scan(text);
    let tokens: Vec<Token> =
        scan.tokens.iter().copied().filter(|token| token.kind != Kind::Comment).collect();
    let pieces = cut::cut(text, source_index, &scan, limits);
    let mut parsed = Parsed { scan, ..Parsed::default() };
    for piece in pieces {
        if parsed.errors.len() >= MAX_ERRORS {
            break;
        }
        let own = tokens_in(&tokens, &piece.range);
        if !piece.errors.is_empty() {
            parsed.errors.extend(first_cause(text, source_index, piece, own, limits));
            continue;
        }
        if let Some(error) = unknown_item(text, source_index, own) {
            parsed.errors.push(error);
            continue;
        }
        let lowered = lower::item(text, piece.range, source_index, own, limits);
        parsed.file.items.extend(lowered.item);
        parsed.errors.extend(lowered.errors);
        parsed.marks.extend(lowered.marks);
    }
    parsed
}

/// A bracket that closes nothing often comes from something before it that the grammar can tell: `rule r when … }`.
fn first_cause(text: &str, source: u16, piece: Piece, tokens: &[Token], limits: &Limits) -> Vec<Diagnostic> {
    let [Diagnostic { code: Code::StrayBracket, primary, .. }] = &*piece.errors else { return piece.errors };
    if unknown_item(text, source, tokens).is_some() {
        return piece.errors;
    }
    let errors = lower::item(text, piece.range, source, tokens, limits).errors;
    if errors.first().is_some_and(|error| error.primary.span.start < primary.span.start) {
        errors
    } else {
        piece.errors
    }
}

/// The tokens that lie within a range.
fn tokens_in<'t>(tokens: &'t [Token], range: &Range<usize>) -> &'t [Token] {
    let start = tokens.partition_point(|token| token.start < range.start);
    let end = tokens.partition_point(|token| token.start < range.end);
    tokens.get(start..end).unwrap_or(&[])
}

/// The message about an item that begins with no item's word.
fn unknown_item(text: &str, source: u16, tokens: &[Token]) -> Option<Diagnostic> {
    let first = tokens.first()?;
    let word = first.text(text);
    if first.kind == Kind::Word && words::is_item_word(word) {
        return None;
    }
    let span = Span { source, start: first.start as u32, end: first.end as u32 };
    let shown = if word.len() > 32 { "this" } else { word };
    let message = format!("nothing in a rulebook begins with `{shown}`");
    let label = "expected `rule`, `event`, `tag`, `list` or another item";
    let error = Diagnostic::new(Code::UnknownItem, span, message, label);
    let help = if words::CLAUSES.contains(&word) {
        Some(format!("`{word}` stands within the braces of a rule"))
    } else if first.kind == Kind::Word {
        cut::nearest_item(word).map(|near| format!("did you mean `{near}`?"))
    } else {
        None
    };
    Some(match help {
        Some(help) => error.with_help(help),
        None => error,
    })
}

#[cfg(test)]
mod tests;
