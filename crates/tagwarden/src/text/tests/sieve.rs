//! The sieve holds back nothing: with it the same is found as without it.

use super::{FIRST, compile};
use crate::text::{KeywordPattern, KeywordSet, Switches};
use proptest::prelude::*;

/// Texts and patterns of a few of these, so that patterns begin often and overlap.
fn of(characters: &'static str, lengths: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = String> {
    let all: Vec<char> = characters.chars().collect();
    proptest::collection::vec(proptest::sample::select(all), lengths).prop_map(String::from_iter)
}

/// What a pattern and a text are made of: ASCII alone, with what folds to nothing, and what folds to one, several or none.
const ALPHABETS: [&str; 4] = [
    "aaabbcABC  .1",
    "aabbAB \u{1}\u{7F}\t.1-",
    "麻烦发發大小aabABａｂ ，。👍",
    "麻烦发ssßẞ㎏kgＡa\u{200B}\u{1}é\u{301}e업사기사 .1①İi👍🏽",
];

fn case() -> impl Strategy<Value = (Vec<String>, Vec<bool>, String)> {
    (0..ALPHABETS.len(), 0..ALPHABETS.len()).prop_flat_map(|(ours, theirs)| {
        let pattern =
            prop_oneof![of(ALPHABETS[ours], 1..=3), of(ALPHABETS[ours], 2..=5), of(ALPHABETS[ours], 3..=12)];
        (
            proptest::collection::vec(pattern, 1..12),
            proptest::collection::vec(any::<bool>(), 12),
            of(ALPHABETS[theirs], 0..=300),
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn holds_back_nothing((patterns, anywhere, text) in case(), cuts in proptest::collection::vec((0..300_usize, 1..12_usize), 0..4)) {
        let chars: Vec<char> = text.chars().collect();
        // Parts of the text too, so that there are hits of any length.
        let parts = cuts.iter().map(|&(from, len)| chars.iter().skip(from).take(len).collect::<String>());
        let patterns: Vec<KeywordPattern> = patterns
            .into_iter()
            .chain(parts)
            .filter(|pattern| !crate::text::keywords::is_blank(pattern))
            .zip(anywhere.iter().cycle())
            .map(|(text, &anywhere)| KeywordPattern {
                text: text.into(),
                anywhere,
                ignoring: Switches::NONE,
                category: None,
            })
            .collect();
        for undo in [Switches::BASE, Switches::NONE, Switches::CASE | Switches::WIDTH] {
            let set = KeywordSet { name: "k".into(), undo, patterns: patterns.clone(), except: vec![] };
            let mut keywords = compile(&[set]);
            let hits = keywords.hits(FIRST, &text);
            keywords.machines.iter_mut().for_each(|machine| machine.sieve = None);
            prop_assert_eq!(hits, keywords.hits(FIRST, &text));
        }
    }
}

/// As much as the longest window, less and more of it, at both ends of the text, with and without edges.
#[test]
fn windows_of_every_length() {
    let letters = "abcdefghijklmnop";
    for shortest in 1..12 {
        for longest in [shortest, 12] {
            let pattern = |len: usize, anywhere| KeywordPattern {
                text: letters[..len].into(),
                anywhere,
                ignoring: Switches::NONE,
                category: None,
            };
            let patterns = vec![pattern(shortest, false), pattern(longest, true)];
            let set = KeywordSet { name: "k".into(), undo: Switches::BASE, patterns, except: vec![] };
            let keywords = compile(&[set]);
            for (before, behind, edged) in
                [("", "", 1), ("麻", "烦", 1), (" ", ".", 1), ("x", "", 0), ("", "x", 0), ("麻x", "", 0)]
            {
                for len in [shortest, longest] {
                    let text = format!("{before}{}{behind}", letters[..len].to_uppercase());
                    // The shorter is in the longer too, but as part of a word; the longer may be anywhere.
                    let free = usize::from(len == longest);
                    let whole = usize::from(len == shortest) * edged;
                    assert_eq!(keywords.count(FIRST, &text), free + whole, "{text} {shortest} {longest}");
                }
            }
        }
    }
}
