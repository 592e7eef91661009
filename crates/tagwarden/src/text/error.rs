//! What can be wrong with keywords and regular expressions.

use super::KeywordsId;

/// Why keyword sets or a regular expression could not be compiled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TextError {
    /// A pattern or phrase of nothing that can be seen: it would match nearly everything.
    #[error("a keyword needs at least one visible character")]
    Blank {
        /// The set.
        set: KeywordsId,
        /// The pattern or phrase.
        place: Place,
    },
    /// More patterns and `except` phrases, of all sets together, than [`Limits::patterns`](crate::Limits::patterns).
    #[error("more than {limit} keywords in all sets together")]
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// The keywords are too large for one automaton.
    #[error("the keywords are too large: {message}")]
    Automaton {
        /// What the automaton's builder says.
        message: String,
    },
    /// The compiled expression is larger than [`Limits::regex_bytes`](crate::Limits::regex_bytes).
    #[error("the regular expression needs more than {limit} bytes")]
    RegexTooLarge {
        /// The limit.
        limit: usize,
    },
    /// The expression is malformed.
    #[error("{message}")]
    Regex {
        /// What is wrong with it, over several lines, with the place marked.
        message: String,
    },
}

/// Which text of a keyword set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Index among the patterns.
    Pattern(usize),
    /// Index among the `except` phrases.
    Except(usize),
}
