//! What keyword searches cost: the whole path (fold, search, edges, `except`, offsets) beside bare automata on texts folded before.
//!
//! Called with FOLDER ROUNDS. Writes into the folder what the peers search: of each workload `NAME.patterns` and `NAME.texts`, and
//! `NAME.anywhere` and `NAME.words` with the hits of each text where nothing but case is undone. Prints one JSON array.

#![allow(clippy::expect_used, reason = "a benchmark that cannot run must stop")]

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use daachorse::{CharwiseDoubleArrayAhoCorasick, CharwiseDoubleArrayAhoCorasickBuilder};
use serde_json::{Value, json};
use std::hint::black_box;
use std::path::Path;
use std::time::Duration;
use tagwarden::Limits;
use tagwarden::machinery::{KeywordPattern, KeywordSet, Keywords, KeywordsId, Switches};
use tagwarden_benches::measure::{computing, median, nanos_each, ratio, rounds};
use tagwarden_benches::words::Workload;

const ID: KeywordsId = KeywordsId(0);

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().expect("FOLDER ROUNDS");
    let count: usize = arguments.next().and_then(|count| count.parse().ok()).expect("a number of rounds");
    let results: Vec<Value> = Workload::all()
        .iter()
        .map(|workload| {
            write(workload, Path::new(&folder));
            measured(workload, count)
        })
        .collect();
    println!("{}", Value::Array(results));
}

fn compiled(workload: &Workload, undo: Switches, anywhere: bool) -> Keywords {
    let pattern = |word: &String| KeywordPattern {
        text: word.as_str().into(),
        anywhere,
        ignoring: Switches::NONE,
        category: None,
    };
    let patterns = workload.patterns.iter().map(pattern).collect();
    // Phrases as a set would have them; they are looked for where a pattern that lies in one is hit.
    let except = vec!["不要紧".into(), "not at all".into()];
    let set = KeywordSet { name: "k".into(), undo, patterns, except };
    Keywords::compile(&[set], &Limits::default()).expect("compiles")
}

/// The texts and patterns for the peers, and what is to be found.
fn write(workload: &Workload, folder: &Path) {
    let file = |ending: &str, lines: Vec<String>| {
        std::fs::write(folder.join(format!("{}.{ending}", workload.name)), lines.join("\n") + "\n")
            .expect("a file");
    };
    file("patterns", workload.patterns.clone());
    file("texts", workload.texts.clone());
    for (ending, anywhere) in [("anywhere", true), ("words", false)] {
        let keywords = compiled(workload, Switches::CASE, anywhere);
        file(ending, workload.texts.iter().map(|text| keywords.count(ID, text).to_string()).collect());
    }
}

fn measured(workload: &Workload, count: usize) -> Value {
    let texts = &workload.texts;
    let hits = |keywords: &Keywords| -> Duration {
        computing(|| {
            texts.iter().map(|text| black_box(keywords.hits(ID, black_box(text))).len()).sum::<usize>()
        })
        .0
    };
    let keywords = compiled(workload, Switches::BASE, false);
    let anywhere = compiled(workload, Switches::CASE, true);
    let words = compiled(workload, Switches::CASE, false);

    let folded: Vec<String> = texts.iter().map(|text| Switches::BASE.apply(text).into_owned()).collect();
    let mut patterns: Vec<String> =
        workload.patterns.iter().map(|word| Switches::BASE.apply(word).into_owned()).collect();
    patterns.sort_unstable();
    patterns.dedup();
    let build = |filter: bool| -> CharwiseDoubleArrayAhoCorasick<u32> {
        CharwiseDoubleArrayAhoCorasickBuilder::new().use_prefilter(filter).build(&patterns).expect("builds")
    };
    let (bare, filtered) = (build(false), build(true));
    let nfa =
        AhoCorasick::builder().kind(Some(AhoCorasickKind::ContiguousNFA)).build(&patterns).expect("builds");
    let alone = |automaton: &CharwiseDoubleArrayAhoCorasick<u32>| -> Duration {
        let found = |text: &String| automaton.find_overlapping_iter(black_box(text)).count();
        computing(|| folded.iter().map(found).sum::<usize>()).0
    };

    let times = rounds(
        count,
        &mut [
            &mut || hits(&keywords),
            &mut || {
                computing(|| texts.iter().filter(|text| keywords.has(ID, None, black_box(text))).count()).0
            },
            &mut || alone(&bare),
            &mut || alone(&filtered),
            &mut || {
                let found = |text: &String| nfa.find_overlapping_iter(black_box(text)).count();
                computing(|| folded.iter().map(found).sum::<usize>()).0
            },
            &mut || hits(&anywhere),
            &mut || hits(&words),
        ],
    );
    let each = |at: usize| nanos_each(&times[at], texts.len());
    let bytes = keywords.to_bytes();
    let limits = Limits::default();
    let millis = |run: &dyn Fn() -> Duration| median((0..9).map(|_| run().as_secs_f64() * 1e3).collect());
    json!({
        "name": workload.name,
        "title": workload.title,
        "patterns": workload.patterns.len(),
        "texts": texts.len(),
        "bytes": texts.iter().map(String::len).sum::<usize>(),
        "hits": texts.iter().map(|text| keywords.count(ID, text)).sum::<usize>(),
        "ours": { "hits": each(0), "has": each(1) },
        "bare": { "daachorse": each(2), "filtered": each(3), "aho-corasick": each(4) },
        "of_daachorse": ratio(&times[2], &times[0]).0,
        "of_filtered": ratio(&times[3], &times[0]).0,
        "peers": { "anywhere": each(5), "words": each(6) },
        "build": millis(&|| computing(|| compiled(workload, Switches::BASE, false)).0),
        "load": millis(&|| computing(|| Keywords::from_bytes(&bytes, &limits).expect("loads")).0),
        "saved": bytes.len(),
        "heap": keywords.heap_bytes(),
        "bare_heap": bare.heap_bytes(),
    })
}
