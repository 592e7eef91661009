//! What matching promises, case by case and against a slow matcher that is simple enough to be believed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cases;
mod folding;
mod generated;
mod reference;
mod scripts;

use super::Keywords;
use crate::limits::Limits;
use crate::text::{KeywordPattern, KeywordSet, KeywordsId};

/// A set of these patterns; `*` behind one is `anywhere`, `!` before one makes it an `except` phrase.
fn set(patterns: &[&str]) -> KeywordSet {
    let mut set =
        KeywordSet { name: "k".into(), fold_case: true, fold_width: true, patterns: vec![], except: vec![] };
    for pattern in patterns {
        if let Some(phrase) = pattern.strip_prefix('!') {
            set.except.push(phrase.into());
        } else {
            let text = pattern.strip_suffix('*');
            set.patterns.push(KeywordPattern {
                text: text.unwrap_or(pattern).into(),
                anywhere: text.is_some(),
                category: None,
            });
        }
    }
    set
}

const FIRST: KeywordsId = KeywordsId(0);

fn compile(sets: &[KeywordSet]) -> Keywords {
    Keywords::compile(sets, &Limits::default()).unwrap()
}

/// Start, end and pattern of each hit, after checks of what always holds.
fn found(set: &KeywordSet, text: &str) -> Vec<(u32, u32, u32)> {
    let keywords = compile(std::slice::from_ref(set));
    let hits = keywords.hits(FIRST, text);
    assert_eq!(keywords.has(FIRST, None, text), !hits.is_empty(), "has and hits differ on {text:?}");
    for hit in &hits {
        assert_eq!(text[..hit.bytes.start].chars().count(), hit.start as usize);
        assert_eq!(text[..hit.bytes.end].chars().count(), hit.end as usize);
        assert_eq!(keywords.pattern(FIRST, hit.pattern).text, set.patterns[hit.pattern as usize].text);
    }
    hits.into_iter().map(|hit| (hit.start, hit.end, hit.pattern)).collect()
}

/// The parts of the text that one pattern hits.
fn parts<'t>(patterns: &[&str], text: &'t str) -> Vec<&'t str> {
    compile(&[set(patterns)]).hits(FIRST, text).into_iter().map(|hit| &text[hit.bytes]).collect()
}
