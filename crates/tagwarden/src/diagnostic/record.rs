//! Messages for editors and other languages: every place in each unit that a host may count in.

use super::{Code, CompileError, Diagnostic, Severity};
use crate::source::{Sources, Span};
use std::sync::Arc;

/// A message with its places worked out, to be serialised.
///
/// ```
/// use tagwarden::Rulebook;
///
/// let error = Rulebook::compile("entity customer\nrule r { on order then tag x }").unwrap_err();
/// let records = serde_json::to_value(error.records())?;
/// assert_eq!(records[0]["code"], "E0101");
/// assert_eq!(records[0]["place"]["line"], 2);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct DiagnosticRecord {
    /// Which kind of mistake.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub message: String,
    /// The remark at the place of the mistake; may be empty.
    pub label: String,
    /// The place of the mistake.
    pub place: PlaceRecord,
    /// Other places that matter.
    pub labels: Vec<LabelRecord>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// Another place that matters.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct LabelRecord {
    /// The remark; may be empty.
    pub text: String,
    /// The place.
    pub place: PlaceRecord,
}

/// A range of a source.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct PlaceRecord {
    /// The source's name.
    pub file: Arc<str>,
    /// Line of its start, from 1.
    pub line: u32,
    /// Column of its start in code points, from 1.
    pub column: u32,
    /// Its start, from the start of the source.
    pub start: Offsets,
    /// One past its end, from the start of the source.
    pub end: Offsets,
}

/// One offset in three units, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Offsets {
    /// Bytes, as Rust counts.
    pub byte: u32,
    /// Code points, as Python counts.
    pub char: u32,
    /// UTF-16 code units, as JavaScript counts.
    pub utf16: u32,
}

impl Offsets {
    fn of(text: &str, at: u32) -> Offsets {
        let mut end = (at as usize).min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let before = text.get(..end).unwrap_or_default();
        let chars = before.chars().count();
        let wide = before.chars().filter(|c| c.len_utf16() == 2).count();
        Offsets { byte: end as u32, char: chars as u32, utf16: (chars + wide) as u32 }
    }
}

impl PlaceRecord {
    fn of(span: Span, sources: &Sources) -> PlaceRecord {
        let Some(source) = sources.get(span.source) else {
            let nowhere = Offsets { byte: 0, char: 0, utf16: 0 };
            return PlaceRecord { file: "".into(), line: 1, column: 1, start: nowhere, end: nowhere };
        };
        let position = source.position(span.start);
        PlaceRecord {
            file: source.name.clone(),
            line: position.line,
            column: position.char,
            start: Offsets::of(&source.text, span.start),
            end: Offsets::of(&source.text, span.end),
        }
    }
}

impl Diagnostic {
    /// The message with its places worked out.
    #[must_use]
    pub fn record(&self, sources: &Sources) -> DiagnosticRecord {
        let label = |label: &super::Label| LabelRecord {
            text: label.text.clone(),
            place: PlaceRecord::of(label.span, sources),
        };
        DiagnosticRecord {
            code: self.code,
            severity: self.severity(),
            message: self.message.clone(),
            label: self.primary.text.clone(),
            place: PlaceRecord::of(self.primary.span, sources),
            labels: self.secondary.iter().map(label).collect(),
            help: self.help.clone(),
        }
    }
}

impl CompileError {
    /// Every message with its places worked out.
    #[must_use]
    pub fn records(&self) -> Vec<DiagnosticRecord> {
        self.diagnostics.iter().map(|diagnostic| diagnostic.record(&self.sources)).collect()
    }
}
