//! Keywords, looked for at every place of the text.

use tagwarden::machinery::Switches;
use tagwarden::machinery::tree::KeywordSet;
use unicode_normalization::UnicodeNormalization;

/// A hit: code points of the original text, the pattern's place in its set, and that of the phrase that covers it.
pub(crate) type Hit = (u32, u32, usize, Option<usize>);

fn fold_char(undo: Switches, c: char) -> Vec<char> {
    let wide: Vec<char> = match undo.has(Switches::WIDTH) {
        true => c.nfkd().collect(),
        false => vec![c],
    };
    if !undo.has(Switches::CASE) {
        return wide;
    }
    let lower = wide.into_iter().flat_map(char::to_lowercase);
    lower
        .flat_map(|c| match c {
            'ß' => vec!['s', 's'],
            'ς' => vec!['σ'],
            'ſ' => vec!['s'],
            c => vec![c],
        })
        .collect()
}

fn fold(undo: Switches, text: &str) -> Vec<char> {
    text.chars().flat_map(|c| fold_char(undo, c)).collect()
}

/// What had to be undone for the slice to be the pattern: the least that suffices.
pub(crate) fn undone(set: &KeywordSet, pattern: &str, slice: &str) -> Vec<&'static str> {
    let mut needed = set.undo.and(Switches::CASE | Switches::WIDTH);
    for switch in [Switches::WIDTH, Switches::CASE] {
        let less = needed.without(switch);
        if fold(less, pattern) == fold(less, slice) {
            needed = less;
        }
    }
    needed.names().collect()
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum Class {
    /// A letter or digit of an alphabetic script.
    Alphabetic,
    Hangul,
    /// Everything else.
    Free,
}

fn class(c: char) -> Class {
    match u32::from(c) {
        0x1100..=0x11ff | 0x3130..=0x318f | 0xa960..=0xa97f | 0xac00..=0xd7ff => Class::Hangul,
        // Thai, Lao, Tibetan, Myanmar, Khmer; Kana, Bopomofo, Han, Yi.
        0x0e00..=0x0fff | 0x1000..=0x109f | 0x1780..=0x17ff => Class::Free,
        0x2e80..=0x312f | 0x31a0..=0x9fff | 0xa000..=0xa4cf | 0xf900..=0xfaff => Class::Free,
        0xff66..=0xff9d | 0x1b000..=0x1b16f | 0x20000..=0x3ffff => Class::Free,
        _ if c.is_alphabetic() || c.is_ascii_digit() || ('０'..='９').contains(&c) => Class::Alphabetic,
        _ => Class::Free,
    }
}

/// Every place at which `pattern` lies in `text`, as `(start, end)` in folded characters.
fn places(text: &[char], pattern: &[char]) -> Vec<(usize, usize)> {
    (0..text.len())
        .filter(|at| !pattern.is_empty() && text[*at..].starts_with(pattern))
        .map(|at| (at, at + pattern.len()))
        .collect()
}

/// All hits, sorted by start, end and pattern, those too that a phrase covers.
pub(crate) fn hits(set: &KeywordSet, text: &str) -> Vec<Hit> {
    let original: Vec<char> = text.chars().collect();
    let mut folded = Vec::new();
    // For each folded character the original one that it came from, and one more for the end.
    let mut origin = Vec::new();
    for (at, c) in original.iter().enumerate() {
        for c in fold_char(set.undo, *c) {
            folded.push(c);
            origin.push(at);
        }
    }
    origin.push(original.len());
    let whole = |(start, end): &(usize, usize)| {
        (*start == 0 || origin[*start - 1] != origin[*start]) && origin[*end - 1] != origin[*end]
    };
    let spared: Vec<(usize, usize, usize)> = (0..)
        .zip(&set.except)
        .flat_map(|(number, phrase)| {
            let places = places(&folded, &fold(set.undo, phrase)).into_iter();
            places.map(move |(from, to)| (from, to, number))
        })
        .collect();
    let mut found = Vec::new();
    for (number, pattern) in set.patterns.iter().enumerate() {
        let wanted = fold(set.undo, &pattern.text);
        for place in places(&folded, &wanted).into_iter().filter(whole) {
            let (start, end) = (origin[place.0], origin[place.1 - 1] + 1);
            let before = start.checked_sub(1).map_or(Class::Free, |at| class(original[at]));
            let behind = original.get(end).map_or(Class::Free, |c| class(*c));
            let begins = match class(wanted[0]) {
                Class::Free => true,
                edge => before != edge,
            };
            let ends = class(wanted[wanted.len() - 1]) != Class::Alphabetic || behind != Class::Alphabetic;
            // Of several phrases the one that reaches farthest, of those the one that begins first.
            let covers = |(from, to, _): &&(usize, usize, usize)| *from <= place.0 && place.1 <= *to;
            let phrase = spared
                .iter()
                .filter(covers)
                .max_by_key(|(from, to, number)| (*to, std::cmp::Reverse(*from), std::cmp::Reverse(*number)));
            if pattern.anywhere || (begins && ends) {
                found.push((start as u32, end as u32, number, phrase.map(|(.., number)| *number)));
            }
        }
    }
    found.sort_unstable();
    found
}
