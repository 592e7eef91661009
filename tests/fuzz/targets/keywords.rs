//! Keyword sets and texts.

use tagwarden::Limits;
use tagwarden::machinery::{KeywordPattern, KeywordSet, Keywords, KeywordsId, Scanner, Switches};

/// However a text is searched, the same is found; also by automata that were written and read again.
///
/// A set is a line of switches by letter, and lines of patterns: with `*` in front anywhere, with `!` an exception, with
/// `?` ignoring what the set's line names in capitals. An empty line ends a set; what stands behind the line `==` is
/// the text.
pub fn target(data: &[u8]) {
    let all = String::from_utf8_lossy(data);
    let (declared, text) = all.split_once("\n==\n").unwrap_or((&all, ""));
    let sets: Vec<KeywordSet> = declared.split("\n\n").take(3).map(set).collect();
    let limits = Limits { patterns: 64, ..Limits::default() };
    let Ok(keywords) = Keywords::compile(&sets, &limits) else { return };
    let bytes = keywords.to_bytes();
    let loaded = Keywords::from_bytes(&bytes, &limits).expect("its own bytes");
    let mut scanner = Scanner::default();
    for (id, set) in (0..).map(KeywordsId).zip(&sets) {
        let hits = keywords.hits(id, text);
        assert_eq!(hits, loaded.hits(id, text), "written and read again");
        let alone = Keywords::compile(std::slice::from_ref(set), &limits).expect("it compiles with others");
        assert_eq!(hits, alone.hits(KeywordsId(0), text), "without the other sets");
        for hit in &hits {
            let before = text.get(..hit.bytes.start).expect("a place between characters");
            let found = text.get(hit.bytes.clone()).expect("a place between characters");
            assert_eq!(before.chars().count(), hit.chars.start as usize);
            assert_eq!(found.chars().count(), hit.chars.len());
            assert_eq!(before.encode_utf16().count(), hit.utf16.start as usize);
            assert_eq!(found.encode_utf16().count(), hit.utf16.len());
        }
        let mut words: Vec<u32> = hits.iter().map(|hit| hit.pattern).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(keywords.has(id, None, text), !hits.is_empty());
        assert_eq!(keywords.count(id, text), hits.len());
        assert_eq!(keywords.words(id, text), words.len());
        assert_eq!(scanner.has(&keywords, id, None, text), !hits.is_empty());
        assert_eq!(scanner.count(&keywords, id, text), hits.len());
        assert_eq!(scanner.words(&keywords, id, text), words.len());
        let reported = keywords.report(id, None, text, usize::MAX);
        let counted: Vec<_> =
            reported.into_iter().filter(|it| it.except.is_none()).map(|it| it.hit).collect();
        assert_eq!(counted, hits);
        // A text that is a pattern is found, as far as exceptions let it.
        for (number, pattern) in (0..).zip(&set.patterns) {
            let hits = alone.report(KeywordsId(0), None, &pattern.text, usize::MAX);
            assert!(hits.iter().any(|it| it.hit.pattern == number), "{pattern:?} in itself: {set:?}");
        }
    }
}

fn set(text: &str) -> KeywordSet {
    let (names, lines) = text.split_once('\n').unwrap_or((text, ""));
    let switches = |first: u8| {
        let named = |(at, (_, switch)): (usize, &(&str, Switches))| {
            names.bytes().any(|byte| usize::from(byte.wrapping_sub(first)) == at).then_some(*switch)
        };
        Switches::NAMES.iter().enumerate().filter_map(named).fold(Switches::NONE, |all, one| all | one)
    };
    let (undo, ignoring) = (switches(b'a'), switches(b'A').and(Switches::EVASIONS));
    let mut set = KeywordSet { name: "k".into(), undo, patterns: Vec::new(), except: Vec::new() };
    for line in lines.lines().filter(|line| !line.is_empty()) {
        if let Some(phrase) = line.strip_prefix('!') {
            set.except.push(phrase.into());
            continue;
        }
        let (evading, line) = line.strip_prefix('?').map_or((false, line), |rest| (true, rest));
        let (anywhere, text) = line.strip_prefix('*').map_or((false, line), |rest| (true, rest));
        let ignoring = if evading { ignoring } else { Switches::NONE };
        set.patterns.push(KeywordPattern { text: text.into(), anywhere, ignoring, category: None });
    }
    set
}
