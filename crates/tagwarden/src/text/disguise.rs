//! Texts as those read them who see through disguises: letters, each with the stretch of the text that stands for it.
//!
//! A *unit* is a folded character, and what it is seen as. A *token* is a letter of the text: one unit, or with
//! `repeats` a run of them. Separators and accents are in no token. Patterns are read the same way. An automaton finds
//! where the keys of a pattern's tokens stand in a row in those of the text; that a hit is one is then decided here,
//! letter by letter, since keys say less than letters: `1` may be `i` or `l`, and so all three have one key.

use super::Switches;
use super::tables::{EITHER, is_mark, is_sound};
use super::words::is_overlay;

/// How many separators may stand between two letters, if the pattern does not have more there.
const MAX_GAP: u32 = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Unit {
    folded: char,
    seen: char,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// What the automaton looks for.
    pub(super) key: char,
    /// Bytes of the original.
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether it begins where a character of the original begins, and ends where one ends.
    pub(super) starts: bool,
    pub(super) ends: bool,
    /// Separators before it, behind the token before.
    gap: u32,
    /// Its units.
    units: (usize, usize),
}

/// A text or pattern, read.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    units: Vec<Unit>,
    pub(super) tokens: Vec<Token>,
}

impl Reading {
    pub(super) fn of(text: &str, undo: Switches) -> Reading {
        let table = undo.table();
        let mut reading = Reading::default();
        let mut gap = 0;
        for (start, c) in text.char_indices() {
            let end = start + c.len_utf8();
            table.each(c, |folded, at, of| {
                if undo.any(Switches::SEPARATORS) && is_separator(folded, undo) {
                    gap += 1;
                } else if undo.any(Switches::LOOKALIKES) && is_mark(folded) && reading.ends_in_latin() {
                    reading.lengthen(end, at + 1 == of);
                } else {
                    // A capital `I` looks like an `l`, and folding case would hide it.
                    let capital_i = c == 'I' && undo.any(Switches::LOOKALIKES);
                    let seen = if capital_i { EITHER } else { undo.seen(folded) };
                    reading.push(Unit { folded, seen }, undo, gap, (start, end), (at == 0, at + 1 == of));
                    gap = 0;
                }
            });
        }
        reading
    }

    fn push(&mut self, unit: Unit, undo: Switches, gap: u32, place: (usize, usize), whole: (bool, bool)) {
        let number = self.units.len();
        let repeats = undo.any(Switches::REPEATS)
            && gap <= MAX_GAP
            && self.units.last().is_some_and(|last| last.seen == unit.seen);
        self.units.push(unit);
        if repeats && let Some(last) = self.tokens.last_mut() {
            last.end = place.1;
            last.ends = whole.1;
            last.units.1 = number + 1;
            return;
        }
        self.tokens.push(Token {
            key: key(unit.seen, undo),
            start: place.0,
            end: place.1,
            starts: whole.0,
            ends: whole.1,
            gap,
            units: (number, number + 1),
        });
    }

    fn lengthen(&mut self, end: usize, ends: bool) {
        if let Some(last) = self.tokens.last_mut() {
            last.end = end;
            last.ends = ends;
        }
    }

    /// Whether the last letter is a Latin one, or seen as one.
    fn ends_in_latin(&self) -> bool {
        self.units.last().is_some_and(|unit| unit.seen.is_ascii_alphabetic() || unit.seen == EITHER)
    }

    fn units(&self, token: &Token) -> &[Unit] {
        self.units.get(token.units.0..token.units.1).unwrap_or_default()
    }

    /// Whether the pattern stands in the text from the token `at` on, over whole characters.
    pub(super) fn stands_in(&self, text: &Reading, at: usize, undo: Switches) -> bool {
        let Some(place) = text.tokens.get(at..at + self.tokens.len()) else { return false };
        let (Some(first), Some(last)) = (place.first(), place.last()) else { return false };
        if !(first.starts && last.ends) {
            return false;
        }
        let mut disguised = false;
        let mut letter = false;
        for (number, (ours, theirs)) in self.tokens.iter().zip(place).enumerate() {
            if number > 0 && theirs.gap > ours.gap.max(MAX_GAP) {
                return false;
            }
            let (ours, theirs) = (self.units(ours), text.units(theirs));
            // Without `repeats` both are one.
            if theirs.len() < ours.len() {
                return false;
            }
            for unit in theirs {
                if !ours.iter().any(|pattern| accepts(*pattern, *unit)) {
                    return false;
                }
                letter |= !unit.folded.is_ascii_digit();
                disguised |= ours.iter().all(|pattern| pattern.folded != unit.folded);
            }
        }
        // Numbers are not words: 455 is no `ass`.
        letter || !disguised || !undo.any(Switches::LEET | Switches::LOOKALIKES)
    }

    /// Whether it begins and ends with a letter, so that separators between its letters can be told from its own.
    pub(super) fn is_framed(text: &str, undo: Switches) -> bool {
        let folded = undo.apply(text);
        let letter = |c: Option<char>| c.is_some_and(|c| !is_separator(c, undo));
        letter(folded.chars().next()) && letter(folded.chars().next_back())
    }
}

/// Whether the character of a pattern may be written as that of a text.
fn accepts(pattern: Unit, text: Unit) -> bool {
    if pattern.folded == text.folded {
        return true;
    }
    let letter = pattern.folded.to_ascii_lowercase();
    if letter.is_ascii_lowercase() {
        let either = text.seen == EITHER && text.folded != EITHER && matches!(letter, 'i' | 'l');
        either || text.seen == letter && text.seen != text.folded
    } else {
        is_sound(text.seen)
            && pattern.seen == text.seen
            && pattern.seen != pattern.folded
            && text.seen != text.folded
    }
}

/// Letters that may stand for each other have the same key.
fn key(seen: char, undo: Switches) -> char {
    if !undo.any(Switches::LEET | Switches::LOOKALIKES) {
        return seen;
    }
    match seen.to_ascii_lowercase() {
        'l' | EITHER => 'i',
        other => other,
    }
}

/// What is neither letter nor digit, nor stands for one.
fn is_separator(c: char, undo: Switches) -> bool {
    if c.is_alphanumeric() || undo.seen(c) != c {
        return false;
    }
    is_overlay(c) || !is_mark(c)
}
