//! Flaws that the scan finds, as messages of the pieces that they lie in.

use super::MAX_ERRORS;
use super::cut::Piece;
use super::scan::{FlawKind, Scan};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use std::ops::Range;

/// A piece with a flaw is reported for that alone: the brackets behind an open quote mean nothing.
pub(super) fn add(source: u16, scan: &Scan, pieces: &mut Vec<Piece>) {
    let mut flawed: Vec<Vec<Diagnostic>> = pieces.iter().map(|_| Vec::new()).collect();
    let mut outside = Vec::new();
    // Pieces behind that many are not looked at.
    for flaw in scan.flaws.iter().take(MAX_ERRORS) {
        let diagnostic = flaw_message(source, flaw.kind, &flaw.range);
        let index = pieces.partition_point(|piece| piece.range.start <= flaw.range.start);
        match index.checked_sub(1).and_then(|index| flawed.get_mut(index)) {
            Some(errors) => errors.push(diagnostic),
            None => outside.push(Piece { range: flaw.range.clone(), errors: vec![diagnostic] }),
        }
    }
    for (piece, flaws) in pieces.iter_mut().zip(flawed) {
        if !flaws.is_empty() {
            piece.errors = flaws;
        }
    }
    // Only flaws before the first item belong to none.
    outside.append(pieces);
    *pieces = outside;
}

fn flaw_message(source: u16, kind: FlawKind, range: &Range<usize>) -> Diagnostic {
    let span = Span { source, start: range.start as u32, end: range.end as u32 };
    match kind {
        FlawKind::UnclosedText => Diagnostic::new(
            Code::UnclosedText,
            span,
            "this text has no closing quote",
            "the line ends before a `\"`",
        )
        .with_help(
            "a text ends on the line where it begins; write `\\n` for a line end and `\\\"` for a quote",
        ),
        FlawKind::UnclosedRegex => Diagnostic::new(
            Code::UnclosedRegex,
            span,
            "this regular expression has no closing slash",
            "the line ends before a `/`",
        )
        .with_help("write a slash within it as `\\/`"),
        FlawKind::Character(c) => {
            let message = format!("`{c}` has no place here");
            let diagnostic =
                Diagnostic::new(Code::UnknownCharacter, span, message, "not used by the language");
            diagnostic.with_help(match (c, ascii_of(c)) {
                (_, Some(plain)) => format!("write `{plain}`, the half-width form"),
                (';' | '；', _) => "nothing stands between clauses or items".to_owned(),
                ('#', _) => "comments begin with `//`".to_owned(),
                ('\'' | '‘' | '’' | '`', _) => "texts stand in double quotes".to_owned(),
                ('&', _) => "write `and`".to_owned(),
                _ => "names with such characters are written in quotes".to_owned(),
            })
        }
    }
}

/// The mark that a full-width or typographic one was meant to be.
fn ascii_of(c: char) -> Option<char> {
    Some(match c {
        '，' | '、' => ',',
        '。' => '.',
        '：' => ':',
        '“' | '”' | '„' | '「' | '」' | '＂' | '«' | '»' => '"',
        '（' => '(',
        '）' => ')',
        '【' | '［' => '[',
        '】' | '］' => ']',
        '｛' => '{',
        '｝' => '}',
        '《' | '＜' => '<',
        '》' | '＞' => '>',
        '＝' => '=',
        '＋' => '+',
        '－' | '–' | '—' | '−' => '-',
        '％' => '%',
        '？' => '?',
        '！' => '!',
        '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0'))?,
        _ => return None,
    })
}
