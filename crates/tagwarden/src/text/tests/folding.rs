//! Folding, code point by code point.

use crate::text::Fold;
use unicode_normalization::UnicodeNormalization;

const BOTH: Fold = Fold { case: true, width: true };
const CASE: Fold = Fold { case: true, width: false };
const WIDTH: Fold = Fold { case: false, width: true };

#[test]
fn cases() {
    for (text, folded) in [
        ("Straße STRASSE STRAẞE", "strasse strasse strasse"),
        ("ΟΔΥΣΣΕΥΣ ὀδυσσεύς", "οδυσσευσ ὀδυσσεύσ"),
        ("İSTANBUL ISPARTA ısparta", "istanbul isparta ısparta"),
        ("ſ K Å ﬁ ŉ Ǆ ǅ", "s k å fi ʼn ǆ ǆ"),
        ("ᏣᎳᎩ ꮳꮃꭹ", "ꮳꮃꭹ ꮳꮃꭹ"),
        ("Ａ", "ａ"),
    ] {
        assert_eq!(CASE.apply(text), folded);
    }
}

#[test]
fn widths() {
    for (text, folded) in [
        ("ｓｃａｍ！　１２", "scam! 12"),
        ("ⓢⒸ⒜🅼🅂🄐", "sCaMSA"),
        ("𝐬𝓬𝖆𝚖 𝟙𝟚", "scam 12"),
        ("①⑴⒈⓿❶➀➊⓫⓵", "1110111111"),
        ("ﾊﾝｶｸ ㈱ ㊙ ㎏ ㍿ 〔", "ハンカク 株 秘 kg 株式会社 〔"),
        ("가각힣", "가각힣"),
        ("㈎㉮", "가가"),
        ("宝鸡巴士 £", "宝鸡巴士 £"),
        ("ﬁ ½ ²", "fi 1⁄2 2"),
        ("🇨🇳", "🇨🇳"),
        ("Ａ", "A"),
    ] {
        assert_eq!(WIDTH.apply(text), folded);
    }
    assert_eq!(BOTH.apply("ｶﾞ"), BOTH.apply("ガ"), "a voiced mark of its own");
    assert_eq!(BOTH.apply("\u{E9}"), BOTH.apply("e\u{301}"), "an accent of its own");
    assert_eq!(BOTH.apply("ＳＣＡＭ🅐"), "scama");
}

#[test]
fn nothing_changes_without_switches() {
    let text = "ＳＣＡＭ ß";
    assert_eq!(Fold { case: false, width: false }.apply(text), text);
}

/// Unchanged texts are not copied.
#[test]
fn borrows() {
    for text in ["", "scam 12", "这个商家骗消费者。垃圾平台", "가나다"] {
        assert!(matches!(BOTH.apply(text), std::borrow::Cow::Borrowed(_)), "{text}");
    }
}

/// Every code point: the table says what the rules say, folding is finished after once, nothing vanishes, and what is
/// canonically equal folds to the same.
#[test]
fn every_code_point() {
    for c in '\0'..=char::MAX {
        let text = c.to_string();
        let name = format!("U+{:04X}", c as u32);
        for fold in [BOTH, CASE, WIDTH] {
            let folded = fold.code_point(c);
            assert_eq!(fold.apply(&text), folded, "{name}: table");
            assert_eq!(fold.apply(&folded), folded, "{name}: twice");
            assert!(!folded.is_empty(), "{name}: vanishes");
        }
        let decomposed: String = text.nfd().collect();
        // İ is i, and a decomposed one i with another dot: see `case_folded`. Hangul stays composed.
        if c != 'İ' && !('\u{AC00}'..='\u{D7A3}').contains(&c) {
            assert_eq!(BOTH.apply(&decomposed), BOTH.apply(&text), "{name}: decomposed");
            assert_eq!(WIDTH.apply(&decomposed), WIDTH.apply(&text), "{name}: decomposed");
        }
        let [lower, upper]: [String; 2] = [c.to_lowercase().collect(), c.to_uppercase().collect()];
        if c != 'ı' && c != 'İ' {
            assert_eq!(CASE.apply(&lower), CASE.apply(&text), "{name}: lower case");
            assert_eq!(CASE.apply(&upper), CASE.apply(&text), "{name}: upper case");
        }
    }
}
