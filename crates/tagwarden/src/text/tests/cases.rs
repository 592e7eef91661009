//! Known traps.

use super::{FIRST, compile, found, parts, set};
use crate::limits::Limits;
use crate::text::{KeywordPattern, KeywordsId};
use crate::text::{Keywords, Place, Regex, Switches, TextError};

#[test]
fn words_are_whole() {
    for text in ["class", "Scunthorpe", "bass", "asset", "ass2", "classy", "übersass"] {
        assert_eq!(parts(&["ass", "cunt"], text), [""; 0], "{text}");
    }
    for text in [
        "ass",
        "an ass!",
        "Ass",
        "\"ass\"",
        "ass_",
        "-ass-",
        "你ass好",
        "ass사기",
        "ass😀",
        "①ass②",
        "ａｓｓ",
        "ⓐⓢⓢ",
    ] {
        assert_eq!(parts(&["ass", "cunt"], text).len(), 1, "{text}");
    }
    assert_eq!(parts(&["ass*"], "class assess"), ["ass", "ass"]);
}

/// An edge that is a symbol is free; the other edge of the same pattern is not.
#[test]
fn symbols_are_free() {
    assert_eq!(parts(&["£"], "5£6"), ["£"]);
    assert_eq!(parts(&["£5"], "a£5 £50 x￡5"), ["£5", "￡5"]);
    assert_eq!(parts(&["c++"], "c++11 objc++"), ["c++"]);
    assert_eq!(parts(&["😀"], "a😀b"), ["😀"]);
    assert_eq!(parts(&["❤"], "I ❤\u{FE0F} u"), ["❤"]);
}

/// What folds to a letter or digit is one.
#[test]
fn enclosed_patterns_have_edges() {
    assert_eq!(parts(&["①"], "2134 1 ①"), ["1", "①"]);
    assert_eq!(parts(&["㎏"], "background 5 kg 5 ㎏ 5kg"), ["kg", "㎏"]);
}

#[test]
fn han_and_other_scripts_without_spaces_are_free() {
    assert_eq!(parts(&["大麻"], "卖大麻的"), ["大麻"]);
    assert_eq!(parts(&["大麻", "!大麻烦"], "这是大麻烦,不是大麻"), ["大麻"]);
    assert_eq!(parts(&["鸡巴"], "宝鸡巴士"), ["鸡巴"]);
    assert_eq!(parts(&["鸡巴", "!宝鸡巴士"], "宝鸡巴士"), [""; 0]);
    // A phrase must cover the whole hit.
    assert_eq!(parts(&["鸡巴", "!宝鸡"], "宝鸡巴士"), ["鸡巴"]);
    assert_eq!(parts(&["加v信"], "请加V信聊"), ["加V信"]);
    assert_eq!(parts(&["v信"], "vv信 加v信"), ["v信"]);
    assert_eq!(parts(&["カモ"], "これはカモです"), ["カモ"]);
    assert_eq!(parts(&["ｶﾞｷ"], "このガキめ"), ["ガキ"]);
    assert_eq!(parts(&["โกง"], "คนโกงมาก"), ["โกง"]);
}

/// Hangul begins at the beginning of a word; particles may follow.
#[test]
fn hangul_is_free_at_its_end() {
    assert_eq!(parts(&["사기"], "사기 사기꾼이 사기를"), ["사기", "사기", "사기"]);
    assert_eq!(parts(&["사기"], "역사기록"), [""; 0]);
    assert_eq!(parts(&["사기*"], "보험사기"), ["사기"]);
    assert_eq!(parts(&["scam"], "scam이다"), ["scam"]);
    assert_eq!(parts(&["사기"], "VIP사기 10사기 韓사기"), ["사기", "사기", "사기"]);
}

#[test]
fn overlapping_hits_are_all_found() {
    assert_eq!(found(&set(&["abcd*", "bc*"]), "abcx"), [(1, 3, 1)]);
    assert_eq!(found(&set(&["abcd*", "bc*"]), "abcd"), [(0, 4, 0), (1, 3, 1)]);
    assert_eq!(found(&set(&["a*", "aa*"]), "aaa"), [(0, 1, 0), (0, 2, 1), (1, 2, 0), (1, 3, 1), (2, 3, 0)]);
    assert_eq!(found(&set(&["垃圾平台", "垃圾", "圾平"]), "垃圾平台"), [(0, 2, 1), (0, 4, 0), (1, 3, 2)]);
}

#[test]
fn patterns_that_fold_to_the_same_are_each_reported() {
    let keywords = compile(&[set(&["scam", "SCAM", "ｓｃａｍ*"])]);
    let hits: Vec<u32> = keywords.hits(FIRST, "Scam").into_iter().map(|hit| hit.pattern).collect();
    assert_eq!(hits, [0, 1, 2]);
    assert_eq!(keywords.words(FIRST, "scam scam"), 3);
    assert_eq!(keywords.words(FIRST, "scams"), 1);
}

#[test]
fn text_may_end_inside_a_pattern() {
    assert_eq!(found(&set(&["abcd", "垃圾平台"]), "abc"), []);
    assert_eq!(found(&set(&["abcd", "垃圾平台"]), "垃圾平"), []);
    assert_eq!(found(&set(&["abcd"]), ""), []);
}

#[test]
fn offsets_are_those_of_the_original() {
    let text = "😀垃圾ｓｃａｍ㎏ß𝐛𝐚𝐝é";
    let set = set(&["scam*", "垃圾", "ss*", "bad*", "kg*", "é*"]);
    assert_eq!(found(&set, text), [(1, 3, 1), (3, 7, 0), (7, 8, 4), (8, 9, 2), (9, 12, 3), (12, 13, 5)]);
    let hits = compile(&[set]).hits(FIRST, text);
    assert_eq!(hits[1].bytes, 10..22);
    assert_eq!(found(&super::set(&["bad*"]), "😀𝐛𝐚𝐝"), [(1, 4, 0)]);
}

/// A hit covers whole characters of the original.
#[test]
fn half_a_character_is_no_hit() {
    assert_eq!(parts(&["s*"], "ß"), [""; 0]);
    assert_eq!(parts(&["mass"], "maß"), ["maß"]);
    assert_eq!(parts(&["k*", "g*"], "㎏"), [""; 0]);
    assert_eq!(parts(&["fi*", "f*"], "ﬁﬂ"), ["ﬁ"]);
    assert_eq!(parts(&["e*"], "é"), [""; 0]);
    assert_eq!(parts(&["!㎏", "kg*"], "kg ㎏"), [""; 0]);
    assert_eq!(parts(&["xkg*", "!gx"], "x㎏x"), ["x㎏"]);
}

#[test]
fn case() {
    assert_eq!(parts(&["straße"], "STRASSE Straße STRAẞE"), ["STRASSE", "Straße", "STRAẞE"]);
    assert_eq!(parts(&["istanbul"], "İSTANBUL Istanbul ıstanbul"), ["İSTANBUL", "Istanbul"]);
    assert_eq!(parts(&["σοφος"], "ΣΟΦΟΣ σοφοσ σοφος"), ["ΣΟΦΟΣ", "σοφοσ", "σοφος"]);
}

#[test]
fn differences_can_be_kept() {
    let mut exact = set(&["Scam", "ＡＢ"]);
    exact.undo = exact.undo.without(Switches::CASE);
    assert_eq!(found(&exact, "scam Scam Ｓcam AB ab"), [(5, 9, 0), (10, 14, 0), (15, 17, 1)]);
    exact.undo = exact.undo.without(Switches::WIDTH);
    assert_eq!(found(&exact, "scam Scam Ｓcam AB ＡＢ"), [(5, 9, 0), (18, 20, 1)]);
    exact.undo = exact.undo | Switches::CASE;
    assert_eq!(found(&exact, "scam Ｓcam AB ａｂ"), [(0, 4, 0), (13, 15, 1)]);
    let mut exact = set(&["发票", "scam"]);
    exact.undo = exact.undo.without(Switches::SCRIPT);
    assert_eq!(found(&exact, "發票 发票"), [(3, 5, 0)]);
    exact.undo = exact.undo.without(Switches::INVISIBLE);
    assert_eq!(found(&exact, "sc\u{200B}am scam"), [(6, 10, 1)]);
    exact.undo = Switches::NONE;
    assert_eq!(found(&exact, "Scam ｓｃａｍ 發票 scam"), [(13, 17, 1)]);
}

#[test]
fn traditional_is_simplified() {
    assert_eq!(parts(&["发票", "頭髮"], "開發票 理头发 理頭髮"), ["發票", "头发", "頭髮"]);
    assert_eq!(parts(&["微信"], "微信 㣲信"), ["微信"]);
}

#[test]
fn what_shows_nothing_is_nothing() {
    let text = "s\u{200B}c\u{AD}a\u{2060}m \u{FEFF}scam\u{200D}! sc\u{E0041}am 微\u{FE0F}信";
    assert_eq!(
        parts(&["scam", "微信"], text),
        ["s\u{200B}c\u{AD}a\u{2060}m", "scam", "sc\u{E0041}am", "微\u{FE0F}信"]
    );
    // It is no edge of a word either.
    assert_eq!(parts(&["ass"], "cl\u{200B}ass ass\u{200B}et"), [""; 0]);
    assert_eq!(parts(&["a\u{200B}b"], "ab"), ["ab"]);
    assert_eq!(parts(&["👨\u{200D}👩"], "👨👩👨\u{200D}👩"), ["👨👩", "👨\u{200D}👩"]);
    // Phrases are matched on what they are, not on what the patterns undo.
    assert_eq!(parts(&["scam", "!no scam"], "no sc\u{200B}am, no scam"), ["sc\u{200B}am"]);
}

/// Marks belong to the letter before them.
#[test]
fn combining_marks() {
    assert_eq!(parts(&["cafe"], "cafe\u{301}"), [""; 0], "decomposed");
    assert_eq!(parts(&["cafe"], "café"), [""; 0], "composed");
    assert_eq!(parts(&["café"], "café cafe\u{301}"), ["café", "cafe\u{301}"]);
    assert_eq!(parts(&["cafe\u{301}"], "cafés café"), ["café"]);
    assert_eq!(parts(&["bar"], "e\u{301}bar"), [""; 0]);
    assert_eq!(parts(&["bar"], "麻\u{301}bar"), ["bar"]);
    assert_eq!(parts(&["a\u{FE0F}"], "a\u{FE0F}"), ["a"], "what shows nothing behind a hit is none of it");
    assert_eq!(parts(&["ok"], "ok\u{FE0F} ok\u{FE0F}a"), ["ok"]);
}

#[test]
fn devanagari_words_are_whole() {
    assert_eq!(parts(&["ठग"], "ठग ठगी ठगा"), ["ठग"]);
}

#[test]
fn except_suppresses_wherever_it_starts() {
    let patterns = ["骗消费者", "scam", "!骗消费者权益保护", "!no scam", "!SCAM alert"];
    assert_eq!(parts(&patterns, "骗消费者权益保护 no Scam, scam ａlert"), [""; 0]);
    assert_eq!(parts(&patterns, "骗消费者权益保护 骗消费者 scam").len(), 2);
    // A hit is lost only where it is covered, also if another is.
    assert_eq!(found(&set(&["b*", "!abc"]), "b abc b"), [(0, 1, 0), (6, 7, 0)]);
    // Phrases have no edges.
    assert_eq!(parts(&["b*", "!ab"], "xxabxx"), [""; 0]);
}

#[test]
fn categories() {
    let mut sets = [set(&["scam", "rude", "!scam alert"]), set(&["scam"])];
    sets[0].patterns[0].category = Some("诈骗".into());
    let keywords = compile(&sets);
    assert!(keywords.has(FIRST, Some("诈骗"), "a scam"));
    assert!(!keywords.has(FIRST, Some("诈骗"), "rude"));
    assert!(!keywords.has(FIRST, Some("诈骗"), "scam alert"));
    assert!(keywords.has(FIRST, Some("诈骗"), "scam alert scam"));
    assert!(keywords.has(FIRST, None, "rude"));
    assert!(keywords.has(KeywordsId(1), None, "scam alert"));
    assert!(!keywords.has(KeywordsId(1), Some("诈骗"), "scam"));
    assert!(!keywords.has(KeywordsId(2), None, "scam"), "no such set");
}

#[test]
fn empty_sets_find_nothing() {
    assert_eq!(found(&set(&[]), "text"), []);
    assert_eq!(found(&set(&["!text"]), "text"), []);
    assert!(!compile(&[]).has(FIRST, None, "text"));
}

#[test]
fn what_would_match_everything_is_an_error() {
    for blank in ["", " ", "\u{3000}\t", "\u{200B}", "\u{FEFF}\u{FE0F}", "\u{3164}"] {
        assert_eq!(
            Keywords::compile(&[set(&[]), set(&["a", blank])], &Limits::default()).unwrap_err(),
            TextError::Blank { set: KeywordsId(1), place: Place::Pattern(1) },
            "{blank:?}"
        );
        let mut set = set(&["a"]);
        set.except.push(blank.into());
        assert_eq!(
            Keywords::compile(&[set], &Limits::default()).unwrap_err(),
            TextError::Blank { set: FIRST, place: Place::Except(0) }
        );
    }
}

#[test]
fn limits_hold() {
    let limits = Limits { patterns: 2, ..Limits::default() };
    assert!(Keywords::compile(&[set(&["a", "!b"])], &limits).is_ok());
    assert_eq!(
        Keywords::compile(&[set(&["a"]), set(&["a", "!b"])], &limits).unwrap_err(),
        TextError::TooMany { limit: 2 }
    );
}

/// Long texts with many hits and phrases take time linear in their length.
#[test]
fn many_hits() {
    let text = "ab".repeat(200_000);
    let mut set = set(&["b*", "!ab"]);
    assert!(found(&set, &text).is_empty());
    set.except = vec!["bb".into()];
    set.patterns.push(KeywordPattern {
        text: "a".into(),
        anywhere: true,
        ignoring: Switches::NONE,
        category: None,
    });
    let limits = Limits { keyword_hits: 1 << 20, ..Limits::default() };
    assert_eq!(Keywords::compile(&[set], &limits).unwrap().hits(FIRST, &text).len(), 400_000);
}

#[test]
fn regular_expressions() {
    let limits = Limits::default();
    let regex = Regex::compile(r"(?i)\bref(und)?\b", &limits).unwrap();
    assert!(regex.is_match("a Refund!") && !regex.is_match("refunds"));
    assert_eq!(regex.as_str(), r"(?i)\bref(und)?\b");
    assert!(matches!(Regex::compile("(", &limits), Err(TextError::Regex { .. })));
    assert!(matches!(Regex::compile(r"\w{1000}{100}", &limits), Err(TextError::RegexTooLarge { .. })));
    assert!(matches!(Regex::compile(&"(".repeat(1000), &limits), Err(TextError::Regex { .. })));
}

#[test]
fn may_be_shared() {
    fn shared<T: Send + Sync>() {}
    shared::<Keywords>();
    shared::<Regex>();
}
