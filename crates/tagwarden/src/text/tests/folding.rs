//! Folding, code point by code point.

use crate::text::Switches;
use unicode_normalization::UnicodeNormalization;

const BASE: Switches = Switches::BASE;
const CASE: Switches = Switches::CASE;
const WIDTH: Switches = Switches::WIDTH;

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
    assert_eq!(BASE.apply("ｶﾞ"), BASE.apply("ガ"), "a voiced mark of its own");
    assert_eq!(BASE.apply("\u{E9}"), BASE.apply("e\u{301}"), "an accent of its own");
    assert_eq!(BASE.apply("ＳＣＡＭ🅐"), "scama");
}

#[test]
fn nothing_changes_without_switches() {
    let text = "ＳＣＡＭ ß";
    assert_eq!(Switches::NONE.apply(text), text);
}

/// Unchanged texts are not copied.
#[test]
fn borrows() {
    for text in ["", "scam 12", "这个商家骗消费者。垃圾平台", "가나다"] {
        assert!(matches!(BASE.apply(text), std::borrow::Cow::Borrowed(_)), "{text}");
    }
}

/// Every code point: the table says what the rules say, folding is finished after once, only what is invisible vanishes,
/// and what is canonically equal folds to the same.
#[test]
fn every_code_point() {
    let both = CASE | WIDTH;
    for c in '\0'..=char::MAX {
        let text = c.to_string();
        let name = format!("U+{:04X}", c as u32);
        for undo in [BASE, both, CASE, WIDTH, Switches::SCRIPT, Switches::INVISIBLE, CASE | Switches::SCRIPT]
        {
            let folded = undo.code_point(c);
            assert_eq!(undo.apply(&text), folded, "{name}: table");
            assert_eq!(undo.apply(&folded), folded, "{name}: twice");
            assert!(!folded.is_empty() || undo.has(Switches::INVISIBLE), "{name}: vanishes");
        }
        let decomposed: String = text.nfd().collect();
        // İ is i, and a decomposed one i with another dot: see the rules. Hangul stays composed.
        if c != 'İ' && !('\u{AC00}'..='\u{D7A3}').contains(&c) {
            assert_eq!(both.apply(&decomposed), both.apply(&text), "{name}: decomposed");
            assert_eq!(WIDTH.apply(&decomposed), WIDTH.apply(&text), "{name}: decomposed");
        }
        let [lower, upper]: [String; 2] = [c.to_lowercase().collect(), c.to_uppercase().collect()];
        if c != 'ı' && c != 'İ' {
            assert_eq!(CASE.apply(&lower), CASE.apply(&text), "{name}: lower case");
            assert_eq!(CASE.apply(&upper), CASE.apply(&text), "{name}: upper case");
        }
    }
}

#[test]
fn invisible_characters_vanish() {
    let ignorable = regex::Regex::new(r"^\p{Default_Ignorable_Code_Point}$").unwrap();
    for c in '\0'..=char::MAX {
        let text = c.to_string();
        if ignorable.is_match(&text) {
            assert_eq!(Switches::INVISIBLE.apply(&text), "", "U+{:04X}", c as u32);
        } else if c.is_alphanumeric() || c.is_whitespace() || c.is_ascii_graphic() {
            assert_eq!(Switches::INVISIBLE.apply(&text), text, "U+{:04X}", c as u32);
        }
    }
}

#[test]
fn scripts() {
    assert_eq!(Switches::SCRIPT.apply("開發票頭髮後裏裡麵隻後台臺灣"), "开发票头发后里里面只后台台湾");
    assert_eq!(BASE.apply("ＳＣＡＭ發"), "scam发");
}
