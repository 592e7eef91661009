//! Regular expressions in the browser: the parser, the Unicode tables and the slowest of the searches that the crate
//! `regex` chooses from, without what it chooses with. So syntax, messages, limits and matches are its own; a test compares.

#![cfg_attr(not(target_family = "wasm"), allow(unreachable_pub, reason = "natively its test alone reads it"))]

use super::TextError;
use crate::limits::Limits;
use regex_automata::nfa::thompson::pikevm::{Cache, PikeVM};
use regex_automata::nfa::thompson::{BuildError, NFA, WhichCaptures};
use std::sync::{Arc, Mutex, PoisonError};

/// A compiled regular expression. Matching takes time linear in the text, whatever the expression.
#[derive(Clone, Debug)]
pub struct Regex {
    pattern: Arc<str>,
    machine: PikeVM,
    /// Room to search in, kept from one search to the next.
    room: Arc<Mutex<Cache>>,
}

impl Regex {
    /// Compiles the text between the slashes.
    ///
    /// # Errors
    /// If it is malformed, nests too deeply, or needs more than [`Limits::regex_bytes`].
    pub fn compile(pattern: &str, limits: &Limits) -> Result<Regex, TextError> {
        let nesting = u32::try_from(limits.nesting).unwrap_or(u32::MAX);
        let parsed = regex_syntax::ParserBuilder::new().nest_limit(nesting).build().parse(pattern);
        let parsed = parsed.map_err(|error| TextError::Regex { message: error.to_string() })?;
        let options = NFA::config().nfa_size_limit(Some(limits.regex_bytes)).shrink(false);
        // Natively there is a machine that runs backwards, and the limit is for each of both.
        let backwards = options.clone().which_captures(WhichCaptures::None).reverse(true);
        let refused = |error: BuildError| match error.size_limit() {
            Some(limit) => TextError::RegexTooLarge { limit },
            None => TextError::Regex { message: error.to_string() },
        };
        let compile = |options| NFA::compiler().configure(options).build_from_hir(&parsed).map_err(refused);
        compile(backwards)?;
        let machine = PikeVM::new_from_nfa(compile(options)?).map_err(refused)?;
        let room = Arc::new(Mutex::new(machine.create_cache()));
        Ok(Regex { pattern: pattern.into(), machine, room })
    }

    /// Whether it matches anywhere in the text.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        let mut room = self.room.lock().unwrap_or_else(PoisonError::into_inner);
        self.machine.is_match(&mut room, text)
    }

    /// The expression as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.pattern
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_know_what_the_guide_promises() {
        for (pattern, yes, no) in [
            (r"^\p{Han}+$", "微信", "weixin"),
            (r"^\p{L}+$", "Straße", "12"),
            (r"\p{Emoji_Presentation}", "😀", "a"),
            (r"^\w+\b", "naïve", "-"),
            (r"(?i)straße", "STRAẞE", "STRASSE"),
        ] {
            let limits = Limits::default();
            let ours = Regex::compile(pattern, &limits).unwrap();
            let native = super::super::regex::Regex::compile(pattern, &limits).unwrap();
            assert!(ours.is_match(yes) && !ours.is_match(no), "{pattern}");
            assert!(native.is_match(yes) && !native.is_match(no), "{pattern}");
        }
    }

    #[test]
    fn it_says_what_the_crate_regex_says() {
        let texts = [
            "",
            "a",
            "aaab",
            "Straße 12",
            "STRASSE",
            "加微信 v123",
            "ﬀ K k ſ s",
            "line\nbreak",
            "naïve",
            "٣ 3 ３",
            "a.b@c.de",
            "😀 ok",
            "ΣΑΣ σας ς",
            "foo bar",
            "\u{200B}x",
        ];
        let patterns = [
            "a",
            "^a+b$",
            r"(?i)strasse|straße",
            r"\d+",
            r"(?-u:\d)",
            r"\bvx?\d{3}\b",
            r"\w+\s\w+",
            r"(?i)[k-s]",
            r"\p{Han}{2}",
            r"\p{Greek}",
            r"(?i)σας",
            r"[^\x00-\x7F]",
            r".",
            r"(?s).\n.",
            r"(?m)^b",
            r"^$",
            r"\p{Emoji}",
            r"[\p{Lu}&&\p{Latin}]",
            r"\p{Script=Han}",
            r"\b{start}o",
            "a{2,3}?",
            r"[[:alpha:]]",
            "(",
            "[z-a]",
            r"\p{Nope}",
            "a{1000}{1000}{9}",
            r"\xFF",
            r"(?-u:\xFF)",
            "(?R)$",
            r"\p{Age=6.0}",
            "**",
            "((((((((((((a))))))))))))",
            r"\pL{900}",
        ];
        let small = Limits { regex_bytes: 100_000, nesting: 8, ..Limits::default() };
        for limits in [Limits::default(), small] {
            for pattern in patterns {
                let (ours, theirs) =
                    (Regex::compile(pattern, &limits), super::super::regex::Regex::compile(pattern, &limits));
                match (ours, theirs) {
                    (Ok(ours), Ok(theirs)) => {
                        assert_eq!(ours.as_str(), theirs.as_str());
                        for text in texts {
                            assert_eq!(ours.is_match(text), theirs.is_match(text), "{pattern} in {text:?}");
                        }
                    }
                    (ours, theirs) => {
                        let message = |error: TextError| error.to_string();
                        assert_eq!(ours.err().map(message), theirs.err().map(message), "{pattern}");
                    }
                }
            }
        }
    }
}
