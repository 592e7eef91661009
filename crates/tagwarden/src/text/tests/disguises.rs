//! What `ignoring` sees through, and what it must not.

use super::{FIRST, compile, found, ignoring, set, slices};
use crate::text::{KeywordsId, Switches};

#[test]
fn separators() {
    let set = ignoring(Switches::SEPARATORS, &["scam", "微信", "rip-off", "£", "c++", "x"]);
    assert_eq!(
        slices(&set, "s c a m, s.c.a.m, s  c--a_m, s   cam, scam, sc am"),
        ["s c a m", "s.c.a.m", "s  c--a_m", "scam", "sc am"]
    );
    assert_eq!(slices(&set, "微.信 微😀信 微。\n信 微 - 信"), ["微.信", "微😀信", "微。\n信"]);
    assert_eq!(
        slices(&set, "ripoff rip off rip--off r.i.p-o.f.f"),
        ["ripoff", "rip off", "rip--off", "r.i.p-o.f.f"]
    );
    // A pattern that begins or ends with a separator is looked for as it is written.
    assert_eq!(slices(&set, "c c++ c+ + £"), ["c++", "£"]);
    assert_eq!(slices(&set, "as c a m"), [""; 0]);
    assert_eq!(slices(&set, "s c a mx scamp"), [""; 0]);
    assert_eq!(slices(&set, "s\u{336}c\u{336}a\u{336}m\u{336}"), ["s\u{336}c\u{336}a\u{336}m"]);
}

#[test]
fn repeats() {
    let set = ignoring(Switches::REPEATS, &["scam", "boob", "微信", "aa*"]);
    assert_eq!(slices(&set, "scaaam SSSCAMMM sScCaM"), ["scaaam", "aaa", "SSSCAMMM", "sScCaM"]);
    assert_eq!(slices(&set, "bob boob booob bobb"), ["boob", "booob"]);
    assert_eq!(slices(&set, "微微微信信"), ["微微微信信"]);
    assert_eq!(slices(&set, "a aa aaaa"), ["aa", "aaaa"]);
}

#[test]
fn leet() {
    let set = ignoring(Switches::LEET, &["scam", "illegal", "ass", "4ever", "kill"]);
    assert_eq!(slices(&set, "sc4m 5c@m $cam SC4M"), ["sc4m", "5c@m", "$cam", "SC4M"]);
    assert_eq!(slices(&set, "i11ega1 1llegal ki11 k|ll"), ["i11ega1", "1llegal", "ki11", "k|ll"]);
    // `1` is an i or an l, never an a; and no letter is a digit.
    assert_eq!(slices(&set, "kial aever a5s2 4ever kall kiil"), ["4ever"]);
    // Numbers are not words.
    assert_eq!(slices(&set, "455 4.55 a55 @$$ @55"), ["a55", "@$$", "@55"]);
}

#[cfg(feature = "lookalikes")]
#[test]
fn lookalikes() {
    let set = ignoring(Switches::LOOKALIKES, &["scam", "paypal", "bank", "мир"]);
    assert_eq!(slices(&set, "ѕсаm sсam ЅСАМ"), ["ѕсаm", "sсam", "ЅСАМ"]);
    assert_eq!(slices(&set, "paypaI PAYPAL pаypаl paypai"), ["paypaI", "PAYPAL", "pаypаl"]);
    assert_eq!(slices(&set, "ВАNК bánk bаņk"), ["ВАNК", "bánk", "bаņk"]);
    // Patterns of other scripts are what they are.
    assert_eq!(slices(&set, "мир mиp"), ["мир"]);
}

#[cfg(feature = "sound")]
#[test]
fn sound() {
    let set = ignoring(Switches::SOUND, &["加微信", "微信"]);
    assert_eq!(slices(&set, "加威信 佳薇芯 加微信 加 微信"), ["加威信", "佳薇芯", "加微信", "微信", "微信"]);
    assert_eq!(slices(&set, "威信"), [""; 0]);
}

#[test]
fn together() {
    let all = Switches::EVASIONS;
    let set = ignoring(all, &["scam", "加微信"]);
    assert_eq!(slices(&set, "5.с.@.@.m"), ["5.с.@.@.m"]);
    assert_eq!(slices(&set, "佳-薇 芯芯"), ["佳-薇 芯芯"]);
    let report = compile(&[set]).report(FIRST, None, "S c 4 m", 9);
    assert_eq!(
        report[0].undone.names().collect::<Vec<_>>(),
        ["case", "separators", "leet"],
        "only what was needed"
    );
}

#[test]
fn of_one_pattern() {
    let mut set = set(&["scam", "rude"]);
    set.patterns[0].ignoring = Switches::SEPARATORS;
    assert_eq!(slices(&set, "s.c.a.m r.u.d.e rude"), ["s.c.a.m", "rude"]);
    let keywords = compile(&[set.clone(), ignoring(Switches::SEPARATORS, &["rude"])]);
    assert_eq!(keywords.hits(KeywordsId(1), "s.c.a.m r.u.d.e").len(), 1);
}

#[test]
fn phrases_see_through_nothing() {
    let set = ignoring(Switches::SEPARATORS, &["scam", "!no scam"]);
    assert_eq!(slices(&set, "no scam, no s c a m, NO ＳＣＡＭ"), ["s c a m"]);
    let report = compile(&[set]).report(FIRST, None, "no scam", 9);
    assert_eq!(report[0].except.as_deref(), Some("no scam"));
}

/// A character that folds to several is hit whole or not at all.
#[test]
fn whole_characters() {
    let set = ignoring(Switches::REPEATS | Switches::SEPARATORS, &["mas*", "mass*", "kg*", "k*"]);
    assert_eq!(slices(&set, "maß"), ["maß", "maß"]);
    assert_eq!(slices(&set, "㎏"), ["㎏"]);
    assert_eq!(found(&set, "½"), []);
}
