//! The codes of messages. Each has a page in the guide, which `tagwarden explain CODE` shows.

use super::Severity;
use std::fmt;

macro_rules! codes {
    ($($name:ident = $text:literal, $title:literal;)*) => {
        /// Which kind of mistake a message is about: `E` for errors, `W` for warnings.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $title] $name,)*
        }

        impl Code {
            /// Every code, in order.
            pub const ALL: &[Code] = &[$(Code::$name),*];

            /// As written, such as `E0101`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text),* }
            }

            /// What it is about, in a few words.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Code::$name => $title),* }
            }

            /// The guide's page about it, in Markdown.
            #[must_use]
            pub const fn page(self) -> &'static str {
                match self { $(Code::$name => include_str!(concat!("../guide/codes/", $text, ".md"))),* }
            }
        }
    };
}

codes! {
    // Syntax: E00xx
    UnexpectedToken = "E0001", "something else was expected here";
    UnknownItem = "E0002", "nothing in a rulebook begins with this";
    UnclosedText = "E0003", "a text without a closing quote";
    UnclosedBracket = "E0004", "a bracket that is never closed";
    StrayBracket = "E0005", "a closing bracket without an opening one";
    UnclosedRegex = "E0006", "a regular expression without a closing slash";
    UnknownCharacter = "E0007", "a character that the language does not use";
    BadEscape = "E0008", "an unknown escape in a text";
    BadInterpolation = "E0009", "braces in a text that hold no value";
    BadNumber = "E0010", "a number that cannot be read or held";
    BadDuration = "E0011", "a duration that cannot be read or held";
    BadTime = "E0012", "a day or time that does not exist";
    BadClock = "E0013", "a time of day that does not exist";
    BadScheduleDay = "E0014", "a day that a schedule does not know";
    ChainedComparison = "E0015", "comparisons in a row";
    AssignInCondition = "E0016", "`=` where `==` is meant";
    ForeignOperator = "E0017", "an operator of another language";
    SelectorShape = "E0018", "events, fields and conditions in the wrong place of a selector";
    RepeatedPart = "E0019", "the same part given twice";
    // Names: E01xx
    UnknownName = "E0101", "a name that nothing declares";
    // Types: E02xx
    // Rules: E03xx
    // Keywords: E04xx
    // Limits: E09xx
    SourceTooLarge = "E0901", "a source with too many bytes";
    NestingTooDeep = "E0902", "too many brackets within brackets";
    ExpressionTooLong = "E0903", "too many operators in one expression";
    // Warnings: W0xxx
}

impl Code {
    /// The code of a text such as `E0101`, in any case.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Code> {
        Code::ALL.iter().copied().find(|code| code.as_str().eq_ignore_ascii_case(text))
    }

    /// Errors begin with `E`, warnings with `W`.
    #[must_use]
    pub fn severity(self) -> Severity {
        if self.as_str().starts_with('W') { Severity::Warning } else { Severity::Error }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl serde::Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
