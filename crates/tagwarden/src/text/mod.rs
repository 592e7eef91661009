//! Keywords and regular expressions in the texts of events.
//!
//! A text is *folded* ([`fold`]): each code point is rewritten by itself, in patterns and texts alike, so that spellings
//! that a set does not tell apart become one. A [`sieve`] in front of it passes over the places where no pattern begins; from
//! the others on, one automaton for all patterns with the same switches ([`machine`]) searches what is folded character by
//! character ([`search`]). Each match is carried back to the original ([`map`]), must cover whole characters
//! there, and must respect the edges of words ([`words`]). Where disguises are to be seen through, texts are read letter
//! by letter ([`disguise`]), with an automaton of their own, so that plain patterns do not pay for it. What lies within
//! an `except` phrase does not count ([`spared`]).

mod disguise;
mod error;
mod fold;
mod keywords;
mod lint;
mod list;
mod machine;
mod map;
#[cfg(all(feature = "regex", any(test, target_family = "wasm")))]
mod pike;
#[cfg(not(all(feature = "regex", target_family = "wasm")))]
mod regex;
mod report;
mod saved;
mod scanner;
mod search;
mod set;
mod sieve;
mod spared;
mod switches;
mod tables;
mod words;

#[cfg(test)]
mod tests;

pub use error::{Place, TextError};
pub use keywords::{Hit, Keywords};
pub use lint::{ListFault, ListFinding, lint_list};
pub use list::read as read_list;
#[cfg(all(feature = "regex", target_family = "wasm"))]
pub use pike::Regex;
#[cfg(not(all(feature = "regex", target_family = "wasm")))]
pub use regex::Regex;
pub use report::Report;
pub use scanner::Scanner;
pub use set::{KeywordPattern, KeywordSet, KeywordsId};
pub use switches::Switches;
