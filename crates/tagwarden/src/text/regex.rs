//! Regular expressions: the one place that knows which engine runs them.

use super::TextError;
use crate::limits::Limits;

/// A compiled regular expression. Matching takes time linear in the text, whatever the expression.
#[cfg(feature = "regex")]
#[derive(Clone, Debug)]
pub struct Regex(regex::Regex);

/// Without the feature `regex` there is none.
#[cfg(not(feature = "regex"))]
#[derive(Clone, Debug)]
pub enum Regex {}

#[cfg(feature = "regex")]
impl Regex {
    /// Compiles the text between the slashes.
    ///
    /// # Errors
    /// If it is malformed, nests too deeply, or needs more than [`Limits::regex_bytes`].
    pub fn compile(pattern: &str, limits: &Limits) -> Result<Regex, TextError> {
        regex::RegexBuilder::new(pattern)
            .size_limit(limits.regex_bytes)
            .nest_limit(u32::try_from(limits.nesting).unwrap_or(u32::MAX))
            .build()
            .map(Regex)
            .map_err(|error| match error {
                regex::Error::CompiledTooBig(limit) => TextError::RegexTooLarge { limit },
                other => TextError::Regex { message: other.to_string() },
            })
    }

    /// Whether it matches anywhere in the text.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    /// The expression as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

#[cfg(not(feature = "regex"))]
impl Regex {
    /// Says that this build has none.
    ///
    /// # Errors
    /// Always.
    pub fn compile(_: &str, _: &Limits) -> Result<Regex, TextError> {
        Err(TextError::Regex { message: "this build has no regular expressions".to_owned() })
    }

    /// Never called: there is no value of this type.
    #[must_use]
    pub fn is_match(&self, _: &str) -> bool {
        match *self {}
    }

    /// Never called: there is no value of this type.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match *self {}
    }
}
