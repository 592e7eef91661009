//! Compatibility forms.

use unicode_normalization::UnicodeNormalization;

/// The compatibility form, decomposed, so that `é` is the same written as one code point or as two, and `ｶﾞ` is `ガ`.
/// Hangul syllables stay whole: their letters would only make texts longer. Applied until nothing changes: the first
/// step makes letters of some letters in brackets that have forms of their own.
pub(super) fn compatible(c: char) -> String {
    let mut now = String::from(c);
    for _ in 0..8 {
        let next: String = now.chars().map(once).collect();
        if next == now {
            break;
        }
        now = next;
    }
    now
}

fn once(c: char) -> String {
    if let Some(number) = enclosed_number(c) {
        return number.to_string();
    }
    if let Some(letter) = enclosed_letter(c) {
        return letter.into();
    }
    let whole: String = std::iter::once(c).nfkc().collect();
    let inner = if is_enclosed(c) { strip_enclosure(&whole) } else { &whole };
    let mut out = String::new();
    for c in inner.chars() {
        if ('\u{AC00}'..='\u{D7A3}').contains(&c) {
            out.push(c);
        } else {
            out.extend(std::iter::once(c).nfd());
        }
    }
    out
}

/// Numbers in negative or double circles, for which Unicode has no compatibility form.
fn enclosed_number(c: char) -> Option<u32> {
    let from = |first: u32, number: u32| Some(c as u32 - first + number);
    match c {
        '⓫'..='⓴' => from(0x24EB, 11),
        '⓵'..='⓾' => from(0x24F5, 1),
        '❶'..='❿' => from(0x2776, 1),
        '➀'..='➉' => from(0x2780, 1),
        '➊'..='➓' => from(0x278A, 1),
        '\u{3248}'..='\u{324F}' => Some((c as u32 - 0x3248 + 1) * 10),
        '⓿' | '\u{1F10B}' | '\u{1F10C}' => Some(0),
        _ => None,
    }
}

/// Letters in negative circles and squares, for which Unicode has no compatibility form.
fn enclosed_letter(c: char) -> Option<char> {
    let from = |first: u32| char::from_u32(c as u32 - first + u32::from(b'A'));
    match c {
        '\u{1F150}'..='\u{1F169}' => from(0x1F150),
        '\u{1F170}'..='\u{1F189}' => from(0x1F170),
        _ => None,
    }
}

fn is_enclosed(c: char) -> bool {
    matches!(c, '\u{2460}'..='\u{24FF}' | '\u{3200}'..='\u{32FF}' | '\u{1F100}'..='\u{1F2FF}')
}

/// `⒦` is a way to write `k`, not `(k)`; `⒈` is `1`.
fn strip_enclosure(text: &str) -> &str {
    let inner = text.trim_start_matches(['(', '〔']).trim_end_matches([')', '〕', '.', ',']);
    if inner.is_empty() { text } else { inner }
}
