//! The guide: the language, what happens when, and how to embed the engine.

/// The rule language.
pub mod language {
    #![doc = include_str!("language.md")]
}

/// What happens when.
pub mod semantics {
    #![doc = include_str!("semantics.md")]
}

/// How keywords are matched.
pub mod keywords {
    #![doc = include_str!("keywords.md")]
}

/// How to embed the engine.
pub mod embedding {
    #![doc = include_str!("embedding.md")]
}

/// Why it is as it is.
pub mod design {
    #![doc = include_str!("design.md")]
}

/// Messages about rulebooks.
pub mod errors {
    #![doc = include_str!("errors.md")]
}
