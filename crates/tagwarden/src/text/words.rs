//! Where words begin and end.
//!
//! A pattern's edge that is a letter or digit of an alphabetic script must meet the edge of a word. Scripts that are
//! written without spaces between words have no such edges to meet: there every place is one.

use super::Switches;
use super::tables::{is_han, is_invisible, is_mark};

/// What words are made of. Two neighbours are inside the same word if they have the same class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WordClass {
    /// Letters and decimal digits of alphabetic scripts, whichever.
    Alphabetic,
    /// Hangul. A class of its own, since particles follow foreign words and numbers without a space: `scam이`.
    Hangul,
}

impl WordClass {
    /// The class of a character that is not a combining mark; `None` for those that are in no word: Han, Kana, Thai and
    /// the like, symbols, punctuation, numbers in circles.
    #[must_use]
    pub(super) fn of(c: char) -> Option<WordClass> {
        if c.is_ascii() {
            return c.is_ascii_alphanumeric().then_some(WordClass::Alphabetic);
        }
        if is_han(c) || within(&FREE, c) {
            None
        } else if within(&HANGUL, c) {
            Some(WordClass::Hangul)
        } else {
            (c.is_alphabetic() || is_decimal_digit(c)).then_some(WordClass::Alphabetic)
        }
    }
}

/// What a pattern's ends ask of the places where it is found. `None` is a free edge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Edges {
    start: Option<WordClass>,
    end: Option<WordClass>,
}

impl Edges {
    /// The edges of a pattern, from what it folds to: `①` is as much a digit as `1`.
    #[must_use]
    pub(super) fn of(folded: &str, anywhere: bool) -> Edges {
        if anywhere {
            return Edges::default();
        }
        Edges {
            start: folded.chars().next().filter(|&c| !is_mark(c)).and_then(WordClass::of),
            // Korean attaches particles and endings to the end of words, so there every place is an edge.
            end: class_before(folded, Switches::NONE).filter(|&class| class == WordClass::Alphabetic),
        }
    }

    /// What both ask for.
    #[must_use]
    pub(super) fn both(self, other: Edges) -> Edges {
        Edges {
            start: self.start.filter(|_| self.start == other.start),
            end: self.end.filter(|_| self.end == other.end),
        }
    }

    /// Whether neither letter nor digit of ASCII may stand before it.
    #[must_use]
    pub(super) fn begins_a_word(self) -> bool {
        self.start == Some(WordClass::Alphabetic)
    }

    /// Whether neither letter nor digit of ASCII may stand behind it.
    #[must_use]
    pub(super) fn ends_a_word(self) -> bool {
        self.end == Some(WordClass::Alphabetic)
    }

    /// Whether the bytes of the text from `start` to `end` meet the edges of words where they must. What the switches
    /// undo is passed over.
    #[must_use]
    pub(super) fn met(self, text: &str, start: usize, end: usize, undo: Switches) -> bool {
        let before = || text.get(..start).and_then(|before| class_before(before, undo));
        self.start.is_none_or(|class| before() != Some(class))
            && self.end.is_none_or(|class| !text.get(end..).is_some_and(|rest| goes_on(rest, class, undo)))
    }
}

/// The class of the last letter, whatever marks it bears.
fn class_before(text: &str, undo: Switches) -> Option<WordClass> {
    text.chars().rev().find(|&c| !is_mark(c) && !passed_over(c, undo)).and_then(WordClass::of)
}

/// Whether a word of the class goes on. A combining mark makes the letter before it another one: `n` is not a word in
/// `n̄`. Variation selectors are marks only in name.
fn goes_on(rest: &str, class: WordClass, undo: Switches) -> bool {
    rest.chars()
        .find(|&c| !matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}') && !passed_over(c, undo))
        .is_some_and(|c| is_mark(c) || WordClass::of(c) == Some(class))
}

/// What is not there as far as words go: what cannot be seen, and lines through letters that separators undo.
fn passed_over(c: char, undo: Switches) -> bool {
    if matches!(c, ' '..='~') {
        return false;
    }
    undo.any(Switches::INVISIBLE) && is_invisible(c) || undo.any(Switches::SEPARATORS) && is_overlay(c)
}

/// Marks drawn over a letter, as in `s̶c̶a̶m̶`, or around it, as in `1⃣`. They make no other letter of it.
pub(super) fn is_overlay(c: char) -> bool {
    matches!(c, '\u{334}'..='\u{338}' | '\u{488}' | '\u{489}' | '\u{20D0}'..='\u{20F0}')
}

fn within(ranges: &[(u32, u32)], c: char) -> bool {
    let c = c as u32;
    ranges.get(ranges.partition_point(|&(_, last)| last < c)).is_some_and(|&(first, _)| first <= c)
}

fn is_decimal_digit(c: char) -> bool {
    let c = c as u32;
    ZEROS.partition_point(|&zero| zero <= c).checked_sub(1).is_some_and(|at| c - ZEROS[at] < 10)
}

/// Blocks of the scripts written without spaces between words. A test holds them against the script property.
const FREE: [(u32, u32); 22] = [
    (0x0E00, 0x109F),     // Thai, Lao, Tibetan, Myanmar
    (0x1780, 0x17FF),     // Khmer
    (0x1950, 0x19FF),     // Tai Le, New Tai Lue, Khmer symbols
    (0x1A20, 0x1AAF),     // Tai Tham
    (0x2E80, 0x312F),     // radicals, punctuation, Hiragana, Katakana, Bopomofo
    (0x3190, 0x4DBF),     // annotations, Bopomofo, Katakana, enclosed forms, Han
    (0x4DC0, 0x9FFF),     // Han
    (0xA000, 0xA4CF),     // Yi
    (0xA9E0, 0xA9FF),     // Myanmar
    (0xAA60, 0xAADF),     // Myanmar, Tai Viet
    (0xF900, 0xFAFF),     // Han
    (0xFE30, 0xFE4F),     // vertical forms
    (0xFF65, 0xFF9F),     // halfwidth Katakana
    (0x1_16D0, 0x1_16FF), // Myanmar
    (0x1_1700, 0x1_174F), // Ahom
    (0x1_6FE0, 0x1_6FFF), // ideographic marks
    (0x1_7000, 0x1_8AFF), // Tangut
    (0x1_8B00, 0x1_8DFF), // Khitan, Tangut
    (0x1_AFF0, 0x1_B16F), // Kana
    (0x1_B170, 0x1_B2FF), // Nushu
    (0x1_F200, 0x1_F2FF), // enclosed ideographs
    (0x2_0000, 0x3_FFFF), // Han
];

const HANGUL: [(u32, u32); 5] =
    [(0x1100, 0x11FF), (0x3130, 0x318F), (0xA960, 0xA97F), (0xAC00, 0xD7FF), (0xFFA0, 0xFFDC)];

/// The zeros of all sets of decimal digits. A test holds them against the general category.
const ZEROS: [u32; 73] = [
    0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0,
    0xF20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50,
    0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10, 0x104A0, 0x10D30, 0x10D40, 0x11066,
    0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x11730, 0x118E0, 0x11950,
    0x11BF0, 0x11C50, 0x11D50, 0x11DA0, 0x11F50, 0x16130, 0x16A60, 0x16AC0, 0x16B50, 0x16D70, 0x1CCF0,
    0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E4F0, 0x1E5F1, 0x1E950, 0x1FBF0,
];
