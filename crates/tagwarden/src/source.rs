//! Texts and places in them.

use std::ops::Range;
use std::sync::Arc;

/// A place in a source: a range of bytes, and which source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// Index of the source in [`Sources`].
    pub source: u16,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span that starts where `self` does and ends where `other` does.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        Span { end: other.end.max(self.end), ..self }
    }

    /// The bytes as a range.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// One named text.
#[derive(Clone, Debug)]
pub struct Source {
    /// What to call it in messages, usually a file name.
    pub name: Arc<str>,
    /// The text.
    pub text: Arc<str>,
    line_starts: Arc<[u32]>,
}

/// A place as a person counts: lines from 1, columns from 1, in each unit that a host may count in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in bytes, from 1.
    pub byte: u32,
    /// Column in Unicode code points, from 1.
    pub char: u32,
    /// Column in UTF-16 code units, from 1.
    pub utf16: u32,
}

impl Source {
    /// A source with its lines indexed.
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Source {
        let text = text.into();
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at as u32 + 1);
        let line_starts = std::iter::once(0).chain(ends).collect();
        Source { name: name.into(), text, line_starts }
    }

    /// Where the byte `offset` is; an offset beyond the end counts as the end.
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        let line = self.line_starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.line_starts.get(line).copied().unwrap_or(0) as usize;
        let mut end = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = self.text.get(start..end).unwrap_or("");
        Position {
            line: line as u32 + 1,
            byte: before.len() as u32 + 1,
            char: before.chars().count() as u32 + 1,
            utf16: before.encode_utf16().count() as u32 + 1,
        }
    }
}

/// The sources of a rulebook, in the order in which they were first used.
#[derive(Clone, Debug, Default)]
pub struct Sources(Vec<Source>);

impl Sources {
    /// Adds a source and returns its index.
    pub fn add(&mut self, source: Source) -> u16 {
        self.0.push(source);
        (self.0.len() - 1) as u16
    }

    /// The source that a span lies in.
    #[must_use]
    pub fn get(&self, index: u16) -> Option<&Source> {
        self.0.get(usize::from(index))
    }

    /// The text of a span; empty for a span that lies in no source.
    #[must_use]
    pub fn text(&self, span: Span) -> &str {
        self.get(span.source).and_then(|source| source.text.get(span.range())).unwrap_or("")
    }

    /// Every source.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.0.iter()
    }
}
