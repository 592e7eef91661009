//! Generated sets and texts: the automaton agrees with the slow matcher, and the parts of it with each other.

use super::{FIRST, compile, found, reference};
use crate::text::{KeywordPattern, KeywordSet, KeywordsId, Scanner, Switches};
use aho_corasick::AhoCorasick;
use proptest::prelude::*;

/// Few characters, so that things meet; each with forms that fold to it or hold it.
fn character() -> impl Strategy<Value = char> {
    proptest::sample::select(
        "aaaabbbsAB1ssßẞſＡａⓐ⒜🅰①⑪㎏kgﬁfi éeE\u{301}İıi\u{307}σςΣ麻麻烦大ガカｶﾞ\u{3099}가ㅏ나\u{FE0F}£.-_😀𝐚𝓑\u{200B}กั發发業𠂤4@5$!lIL|0оаѕІ微威维信"
            .chars()
            .collect::<Vec<_>>(),
    )
}

fn blank(c: char) -> bool {
    matches!(c, ' ' | '\u{FE0F}' | '\u{200B}')
}

/// Any switches: mostly what is undone by default, and one or two more.
fn switches() -> impl Strategy<Value = Switches> {
    let some = |names: &'static [(&'static str, Switches)]| {
        proptest::sample::subsequence(names, 0..=names.len())
            .prop_map(|chosen| chosen.into_iter().fold(Switches::NONE, |all, (_, switch)| all | switch))
    };
    let base = prop_oneof![2 => Just(Switches::BASE), 1 => some(&Switches::NAMES[..4])];
    let more = prop_oneof![1 => Just(Switches::NONE), 2 => some(&Switches::NAMES[4..])];
    (base, more).prop_map(|(base, more)| base | more)
}

fn text(max: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(character(), 1..=max).prop_map(String::from_iter)
}

fn visible(max: usize) -> impl Strategy<Value = String> {
    text(max).prop_filter("blank", |text| text.chars().any(|c| !blank(c)))
}

fn any_set() -> impl Strategy<Value = KeywordSet> {
    let ignoring =
        prop_oneof![3 => Just(Switches::NONE), 1 => switches().prop_map(|it| it.and(Switches::EVASIONS))];
    let pattern = (visible(4), any::<bool>(), ignoring, proptest::option::of(Just("c".into()))).prop_map(
        |(text, anywhere, ignoring, category)| KeywordPattern {
            text: text.into(),
            anywhere,
            ignoring,
            category,
        },
    );
    (
        switches(),
        proptest::collection::vec(pattern, 0..8),
        proptest::collection::vec(visible(5).prop_map(Into::into), 0..3),
    )
        .prop_map(|(undo, patterns, except)| KeywordSet { name: "k".into(), undo, patterns, except })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn agrees_with_the_slow_matcher(set in any_set(), text in text(24)) {
        prop_assert_eq!(found(&set, &text), reference::hits(&set, &text));
    }

    /// Patterns are cut out of the text, so that there are hits, overlaps and phrases around them.
    #[test]
    fn agrees_on_parts_of_the_text(
        mut set in any_set(), text in text(24), cuts in proptest::collection::vec((0..24_usize, 1..6_usize, any::<bool>()), 1..8),
    ) {
        let chars: Vec<char> = text.chars().collect();
        for (from, len, except) in cuts {
            let part: String = chars.iter().skip(from).take(len).collect();
            if part.chars().all(blank) {
                continue;
            }
            if except {
                set.except.push(part.into());
            } else {
                set.patterns.push(KeywordPattern {
                    text: part.into(),
                    anywhere: from % 2 == 0,
                    ignoring: Switches::NONE,
                    category: None,
                });
            }
        }
        prop_assert_eq!(found(&set, &text), reference::hits(&set, &text));
    }

    /// Sets that share an automaton find what each finds alone; categories and the number of words follow from the hits.
    #[test]
    fn sets_do_not_disturb_each_other(sets in proptest::collection::vec(any_set(), 1..5), text in text(24)) {
        let keywords = compile(&sets);
        let mut scanner = Scanner::default();
        for (id, set) in (0..).map(KeywordsId).zip(&sets) {
            let hits = keywords.hits(id, &text);
            prop_assert_eq!(&hits, &compile(std::slice::from_ref(set)).hits(FIRST, &text));
            let mut words: Vec<u32> = hits.iter().map(|hit| hit.pattern).collect();
            words.sort_unstable();
            words.dedup();
            prop_assert_eq!(keywords.words(id, &text), words.len());
            prop_assert_eq!(keywords.has(id, None, &text), !hits.is_empty());
            let of_category = words.iter().any(|&word| set.patterns[word as usize].category.is_some());
            prop_assert_eq!(keywords.has(id, Some("c"), &text), of_category);
            prop_assert!(!keywords.has(id, Some("d"), &text));
            prop_assert_eq!(scanner.count(&keywords, id, &text), hits.len());
            prop_assert_eq!(scanner.words(&keywords, id, &text), words.len());
            prop_assert_eq!(scanner.has(&keywords, id, None, &text), !hits.is_empty());
            prop_assert_eq!(scanner.has(&keywords, id, Some("c"), &text), of_category);
            prop_assert_eq!(scanner.count(&keywords, id, "other"), keywords.count(id, "other"));
        }
    }

    /// Where nothing is folded and no edge asked for, another automaton of the same family finds the same.
    #[test]
    fn agrees_with_another_automaton(patterns in proptest::collection::vec(visible(4), 1..8), text in text(40)) {
        let set = KeywordSet {
            name: "k".into(),
            undo: Switches::NONE,
            patterns: patterns
                .iter()
                .map(|text| KeywordPattern {
                    text: text.as_str().into(),
                    anywhere: true,
                    ignoring: Switches::NONE,
                    category: None,
                })
                .collect(),
            except: vec![],
        };
        let mut expected: Vec<_> = AhoCorasick::new(&patterns)
            .unwrap()
            .find_overlapping_iter(&text)
            .map(|hit| (hit.start(), hit.end(), hit.pattern().as_u32()))
            .collect();
        expected.sort_unstable();
        let hits = compile(&[set]).hits(FIRST, &text);
        let hits: Vec<_> = hits.into_iter().map(|hit| (hit.bytes.start, hit.bytes.end, hit.pattern)).collect();
        prop_assert_eq!(hits, expected);
    }

    /// The table does what the rules say, and folding twice changes nothing more.
    #[test]
    fn the_table_is_the_rules(text in ".{0,40}", undo in switches()) {
        let folded = undo.apply(&text);
        prop_assert_eq!(folded.as_ref(), text.chars().map(|c| undo.code_point(c)).collect::<String>());
        prop_assert_eq!(undo.apply(&folded), folded.as_ref());
    }
}
