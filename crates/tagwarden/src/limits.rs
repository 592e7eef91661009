//! Every limit and its default.

/// What a rulebook and its state may grow to. Each limit has its own error; nothing grows without bound.
///
/// ```
/// use tagwarden::Limits;
/// let limits = Limits { rules: 100, ..Limits::default() };
/// assert_eq!(limits.nesting, 64);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "built with ..Limits::default()")]
pub struct Limits {
    /// Bytes of all sources together.
    pub source_bytes: usize,
    /// Brackets within brackets.
    pub nesting: usize,
    /// Operators of one expression, with those that it stands within.
    pub operators: usize,
    /// Rules.
    pub rules: usize,
    /// Keyword patterns of all sets together.
    pub patterns: usize,
    /// Hits of one keyword set in one text: what lies behind the last of them is not looked at.
    pub keyword_hits: usize,
    /// Bytes of one compiled regular expression.
    pub regex_bytes: usize,
    /// Events of one subject that windows hold. They are counted now and then: it may be passed by a few hundred events.
    pub held_events: usize,
    /// Subjects. Inputs that lateness holds back are asked when they come, so theirs may come on top.
    pub subjects: usize,
    /// Decisions of one call.
    pub decisions: usize,
    /// Inputs held back by lateness.
    pub held_inputs: usize,
    /// Bytes of one text field of an event.
    pub text_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            source_bytes: 4 << 20,
            nesting: 64,
            operators: 256,
            rules: 20_000,
            patterns: 1_000_000,
            keyword_hits: 1 << 16,
            regex_bytes: 1 << 20,
            held_events: 10_000_000,
            subjects: 100_000_000,
            decisions: 10_000_000,
            held_inputs: 10_000_000,
            text_bytes: 1 << 20,
        }
    }
}
