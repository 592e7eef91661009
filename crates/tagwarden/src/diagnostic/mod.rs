//! Messages about rulebooks: flat, owned data with places; drawn at the very end, by the host or by `render`.

mod code;
mod record;
#[cfg(feature = "render")]
mod render;

pub use code::Code;
pub use record::{DiagnosticRecord, LabelRecord, Offsets, PlaceRecord};

use crate::source::{Sources, Span};
use std::fmt;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The rulebook compiles, but probably does not mean what was meant.
    Warning,
    /// The rulebook does not compile.
    Error,
}

/// A place with a remark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// The remark; may be empty.
    pub text: String,
}

/// One message about a rulebook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which kind of mistake.
    pub code: Code,
    /// What is wrong, in one line.
    pub message: String,
    /// The place of the mistake, and what was expected there.
    pub primary: Label,
    /// Other places that matter.
    pub secondary: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A message with a remark at its place.
    #[must_use]
    pub fn new(code: Code, span: Span, message: impl Into<String>, label: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            message: message.into(),
            primary: Label { span, text: label.into() },
            secondary: Vec::new(),
            help: None,
        }
    }

    /// The same with another place that matters.
    #[must_use]
    pub fn with_label(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.secondary.push(Label { span, text: text.into() });
        self
    }

    /// The same with advice.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }

    /// On one line: `main.tw:3:14: error[E0101]: there is no event called `ordr`: expected an event`.
    #[must_use]
    pub fn line(&self, sources: &Sources) -> String {
        let place = match sources.get(self.primary.span.source) {
            Some(source) => {
                let position = source.position(self.primary.span.start);
                format!("{}:{}:{}: ", source.name, position.line, position.char)
            }
            None => String::new(),
        };
        let label =
            if self.primary.text.is_empty() { String::new() } else { format!(": {}", self.primary.text) };
        let help = self.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
        format!("{place}{}[{}]: {}{label}{help}", self.severity(), self.code, self.message)
    }

    /// Drawn with the lines that it is about and carets under them, without colours.
    #[cfg(feature = "render")]
    #[must_use]
    pub fn render(&self, sources: &Sources) -> String {
        render::render(self, sources, render::Style::Plain)
    }

    /// The same with ANSI colours, for a terminal.
    #[cfg(feature = "render")]
    #[must_use]
    pub fn render_coloured(&self, sources: &Sources) -> String {
        render::render(self, sources, render::Style::Coloured)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}

/// Why a rulebook did not compile: every error at once, and the warnings.
#[derive(Clone, Debug)]
pub struct CompileError {
    /// The errors and warnings, by place.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts that they point into.
    pub sources: Sources,
}

/// Every message, drawn where the feature `render` is on and on one line each otherwise.
impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for diagnostic in &self.diagnostics {
            #[cfg(feature = "render")]
            writeln!(f, "{}\n", diagnostic.render(&self.sources))?;
            #[cfg(not(feature = "render"))]
            writeln!(f, "{}", diagnostic.line(&self.sources))?;
        }
        let errors = self.diagnostics.iter().filter(|d| d.severity() == Severity::Error).count();
        let plural = if errors == 1 { "" } else { "s" };
        write!(f, "the rulebook does not compile: {errors} error{plural}")
    }
}

impl std::error::Error for CompileError {}

/// Names among which a near one is looked for: the time that it takes grows with them.
const MOST_CANDIDATES: usize = 5_000;

/// The nearest of `candidates` to a misspelt `word`, if one is near enough to be meant.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest_of(word, &mut candidates.into_iter())
}

/// It stands once, whatever the candidates come from.
fn nearest_of<'a>(word: &str, candidates: &mut dyn Iterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    candidates
        .take(MOST_CANDIDATES)
        .filter(|candidate| *candidate != word)
        .map(|candidate| (strsim::osa_distance(&word.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| {
            *distance <= (length.max(candidate.chars().count()) / 3).max(1) && *distance < length.max(2)
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
