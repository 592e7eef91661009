//! The tables of scripts and digits against Unicode's properties, as the regular expressions know them.

use crate::text::words::WordClass;
use regex::Regex;

fn all() -> impl Iterator<Item = (char, String)> {
    // The standard library may know a later version of Unicode than the expressions do.
    let assigned = Regex::new(r"\P{Cn}").unwrap();
    ('\u{80}'..=char::MAX).map(|c| (c, c.to_string())).filter(move |(_, text)| assigned.is_match(text))
}

#[test]
fn scripts_without_spaces_are_free_and_the_others_are_not() {
    let free = Regex::new(
        r"[\p{Thai}\p{Lao}\p{Tibetan}\p{Myanmar}\p{Khmer}\p{Tai_Le}\p{New_Tai_Lue}\p{Tai_Tham}\p{Tai_Viet}\p{Ahom}\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}\p{Yi}\p{Tangut}\p{Nushu}\p{Khitan_Small_Script}]",
    )
    .unwrap();
    let hangul = Regex::new(r"[\p{Hangul}&&\p{L}]").unwrap();
    let common = Regex::new(r"[\p{Common}\p{Inherited}]").unwrap();
    let word = Regex::new(r"[\p{Alphabetic}\p{Nd}]").unwrap();
    for (c, text) in all() {
        let class = WordClass::of(c);
        let name = format!("U+{:04X} {c}", c as u32);
        if free.is_match(&text) {
            assert_eq!(class, None, "{name} is of a script without spaces");
        } else if hangul.is_match(&text) {
            assert_eq!(class, Some(WordClass::Hangul), "{name}");
        } else if word.is_match(&text) && !common.is_match(&text) {
            let enclosed_hangul = matches!(c, '\u{3200}'..='\u{32FF}' | '\u{302E}' | '\u{302F}');
            assert!(
                class == Some(WordClass::Alphabetic) || enclosed_hangul,
                "{name} is a letter or digit: {class:?}"
            );
        } else if !word.is_match(&text) {
            assert_ne!(class, Some(WordClass::Alphabetic), "{name} is neither letter nor digit");
        }
    }
}

#[test]
fn all_decimal_digits_are_known() {
    let digit = Regex::new(r"\p{Nd}").unwrap();
    let free = |c: char| matches!(c as u32, 0xE00..=0x109F | 0x1780..=0x17FF | 0x1950..=0x19FF | 0x1A20..=0x1AAF | 0x11730..=0x11739 | 0xA9F0..=0xA9F9 | 0x116D0..=0x116E3);
    let unknown: Vec<String> = all()
        .filter(|(c, text)| {
            digit.is_match(text) && !free(*c) && WordClass::of(*c) != Some(WordClass::Alphabetic)
        })
        .map(|(c, _)| format!("{:#X}", c as u32))
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
