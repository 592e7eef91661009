//! Draws messages as text with carets. The only file that names `annotate-snippets`.

use super::{Diagnostic, Label, Severity};
use crate::source::{Sources, Span};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::ops::Range;

/// Columns that drawn messages have room for.
const WIDTH: usize = 120;

/// Whether drawn messages have colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Coloured,
}

/// One message, drawn like rustc's.
pub(super) fn render(diagnostic: &Diagnostic, sources: &Sources, style: Style) -> String {
    let level = match diagnostic.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(visible(&diagnostic.message)).id(diagnostic.code.as_str());
    let mut group: Group<'_> = Group::with_title(title);
    // One snippet a source, the one with the mistake first.
    let mut shown: Vec<u16> = vec![diagnostic.primary.span.source];
    for label in &diagnostic.secondary {
        if !shown.contains(&label.span.source) {
            shown.push(label.span.source);
        }
    }
    for source in shown {
        if let Some(snippet) = snippet(diagnostic, sources, source) {
            group = group.element(snippet);
        }
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(visible(help)));
    }
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Coloured => Renderer::styled(),
    };
    renderer.term_width(WIDTH).render(&[group])
}

/// The lines of one source from the first label to the last, with the labels in it.
fn snippet<'d>(
    diagnostic: &'d Diagnostic,
    sources: &'d Sources,
    index: u16,
) -> Option<Snippet<'d, annotate_snippets::Annotation<'d>>> {
    let source = sources.get(index)?;
    let text: &str = &source.text;
    let of_source = |label: &&Label| label.span.source == index;
    let labels = || std::iter::once(&diagnostic.primary).chain(&diagnostic.secondary).filter(of_source);
    let ranges: Vec<Range<usize>> = labels().map(|label| range_in(text, label.span)).collect();
    let first = ranges.iter().map(|range| range.start).min()?;
    let last = ranges.iter().map(|range| range.end).max()?;
    let start = text.get(..first)?.rfind('\n').map_or(0, |at| at + 1);
    let end = text.get(last..)?.find('\n').map_or(text.len(), |at| last + at);
    let line = source.position(u32::try_from(start).unwrap_or(u32::MAX)).line as usize;
    let mut snippet = Snippet::source(text.get(start..end)?).path(&*source.name).line_start(line);
    for (label, range) in labels().zip(ranges) {
        let is_primary = std::ptr::eq(label, &raw const diagnostic.primary);
        let kind = if is_primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        let mut annotation = kind.span(range.start - start..range.end - start);
        if !label.text.is_empty() {
            annotation = annotation.label(visible(&label.text));
        }
        snippet = snippet.annotation(annotation);
    }
    Some(snippet)
}

/// The bytes of a span, held within the text and at the edges of characters.
fn range_in(text: &str, span: Span) -> Range<usize> {
    let floor = |at: usize| {
        let mut at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = floor(span.start as usize);
    start..floor(span.end as usize).max(start)
}

/// A text on one line, since a name between quotes may hold anything.
fn visible(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}
