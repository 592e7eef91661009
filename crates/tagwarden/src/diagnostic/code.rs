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
    Duplicate = "E0102", "the same name twice";
    ReservedName = "E0103", "a name that is taken";
    UnknownField = "E0104", "a field that an event does not have";
    Ambiguous = "E0105", "a name that may mean two things";
    UnknownZone = "E0106", "a time zone that does not exist";
    UnknownType = "E0107", "a type that does not exist";
    MissingFile = "E0108", "a file that the host does not find";
    // Types: E02xx
    WrongType = "E0201", "a value of another type than expected";
    DifferentTypes = "E0202", "two values of different types together";
    MayBeAbsent = "E0203", "a value that may be absent";
    NotInSet = "E0204", "a text that a closed set does not have";
    NotComparable = "E0205", "values that have no order";
    WrongArguments = "E0206", "a function with the wrong arguments";
    BadRegex = "E0207", "a regular expression that cannot be read";
    PrivateKept = "E0208", "a private field that would be kept";
    NotConstant = "E0209", "a value that must be written out";
    AggregateField = "E0210", "an aggregate with the wrong field";
    DurationUnfit = "E0211", "a duration that does not fit here";
    NumberUnfit = "E0212", "a number that does not fit here";
    OutOfScope = "E0213", "something that cannot be seen from here";
    // Rules: E03xx
    Trigger = "E0301", "no trigger, or more than one";
    NoAction = "E0302", "a rule that does nothing";
    Repeated = "E0303", "a clause that stands twice";
    WhileAction = "E0304", "something that a `while` rule cannot do";
    EntityUnclear = "E0305", "a rule whose entity is not clear";
    WrongEntity = "E0306", "an event that does not concern the subject";
    Circle = "E0307", "rules that wait for one another";
    UnknownLevel = "E0308", "a level that a list does not have";
    UnknownCategory = "E0309", "a category that is not declared";
    TestValue = "E0310", "an event in a test that does not fit its declaration";
    Permission = "E0311", "a permission that is not complete";
    // Keywords: E04xx
    BlankPattern = "E0401", "a keyword of nothing that can be seen";
    // Limits: E09xx
    SourceTooLarge = "E0901", "a source with too many bytes";
    NestingTooDeep = "E0902", "too many brackets within brackets";
    ExpressionTooLong = "E0903", "too many operators in one expression";
    TooMany = "E0904", "more of something than the limits allow";
    RegexTooLarge = "E0905", "a regular expression that is too large";
    // Warnings: W0xxx
    TagNeverSet = "W0101", "a tag that is read and that nothing sets";
    ScoreNeverSet = "W0102", "a score that is read and that nothing sets";
    KeywordsUnused = "W0103", "a keyword set that nothing uses";
    AlwaysTrue = "W0201", "a condition that is always true";
    NeverTrue = "W0202", "a condition that is never true";
    DefaultUnused = "W0203", "a default that is never used";
    Implied = "W0301", "a rule that another one makes needless";
    EndsAtOnce = "W0302", "a grant that ends where it would begin";
    Undone = "W0303", "a rule that takes away at once what was given";
    IgnoringIdle = "W0401", "an `ignoring` that changes nothing";
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
