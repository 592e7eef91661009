//! What matching promises, case by case and against a slow matcher that is simple enough to be believed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cases;
mod disguises;
mod folding;
mod generated;
mod reference;
mod scripts;
mod sieve;

use super::Keywords;
use crate::limits::Limits;
use crate::text::{KeywordPattern, KeywordSet, KeywordsId, Switches};

/// A set of these patterns; `*` behind one is `anywhere`, `!` before one makes it an `except` phrase.
fn set(patterns: &[&str]) -> KeywordSet {
    let mut set = KeywordSet { name: "k".into(), undo: Switches::BASE, patterns: vec![], except: vec![] };
    for pattern in patterns {
        if let Some(phrase) = pattern.strip_prefix('!') {
            set.except.push(phrase.into());
        } else {
            let text = pattern.strip_suffix('*');
            set.patterns.push(KeywordPattern {
                text: text.unwrap_or(pattern).into(),
                anywhere: text.is_some(),
                ignoring: Switches::NONE,
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
    assert_eq!(keywords.count(FIRST, text), hits.len());
    for hit in &hits {
        assert_eq!(text[..hit.bytes.start].chars().count(), hit.chars.start as usize);
        assert_eq!(text[..hit.bytes.end].chars().count(), hit.chars.end as usize);
        assert_eq!(text[..hit.bytes.start].encode_utf16().count(), hit.utf16.start as usize);
        assert_eq!(text[..hit.bytes.end].encode_utf16().count(), hit.utf16.end as usize);
        assert_eq!(keywords.pattern(FIRST, hit.pattern).unwrap(), &set.patterns[hit.pattern as usize]);
    }
    let reported = keywords.report(FIRST, None, text, usize::MAX);
    let counted: Vec<_> = reported.iter().filter(|it| it.except.is_none()).map(|it| it.hit.clone()).collect();
    assert_eq!(counted, hits);
    for report in &reported {
        let pattern = &set.patterns[report.hit.pattern as usize].text;
        assert_eq!(
            report.undone == Switches::NONE,
            **pattern == text[report.hit.bytes.clone()],
            "{text:?}: {report:?}"
        );
    }
    hits.into_iter().map(|hit| (hit.chars.start, hit.chars.end, hit.pattern)).collect()
}

/// The set with more undone.
fn ignoring(switches: Switches, patterns: &[&str]) -> KeywordSet {
    let mut set = set(patterns);
    set.undo = set.undo | switches;
    set
}

/// The parts of the text that a set hits.
fn slices<'t>(set: &KeywordSet, text: &'t str) -> Vec<&'t str> {
    let _ = found(set, text);
    compile(std::slice::from_ref(set)).hits(FIRST, text).into_iter().map(|hit| &text[hit.bytes]).collect()
}

/// The parts of the text that one pattern hits.
fn parts<'t>(patterns: &[&str], text: &'t str) -> Vec<&'t str> {
    compile(&[set(patterns)]).hits(FIRST, text).into_iter().map(|hit| &text[hit.bytes]).collect()
}
