//! Keywords and regular expressions in the texts of events.
//!
//! A text is *folded* ([`fold`]): each code point is rewritten by itself, in patterns and texts alike, so that spellings
//! that a set does not tell apart become one. One automaton for all sets with the same switches finds every pattern in
//! the folded text ([`keywords`]); each match is carried back to the original ([`map`]), must cover whole characters
//! there, and must respect the edges of words ([`words`]).

mod error;
mod fold;
mod keywords;
mod map;
mod regex;
mod set;
mod words;

#[cfg(test)]
mod tests;

pub use error::{Place, TextError};
pub use fold::Fold;
pub use keywords::{Hit, Keywords};
pub use regex::Regex;
pub use set::{KeywordPattern, KeywordSet, KeywordsId};
