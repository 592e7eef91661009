//! The slow matcher: every stretch of the text is held against every pattern, letter by letter.

use crate::text::words::{WordClass, is_overlay};
use crate::text::{KeywordSet, Switches, tables};
use unicode_normalization::char::is_combining_mark;

pub(super) fn hits(set: &KeywordSet, text: &str) -> Vec<(u32, u32, u32)> {
    let text: Vec<char> = text.chars().collect();
    let stretches =
        || (0..text.len()).flat_map(|start| (start + 1..=text.len()).map(move |end| (start, end)));
    let weaker = set.undo.and(Switches::CASE | Switches::WIDTH);
    let mut excepts = Vec::new();
    for phrase in &set.except {
        let phrase = fold(&phrase.chars().collect::<Vec<_>>(), weaker);
        excepts.extend(stretches().filter(|&(start, end)| fold(&text[start..end], weaker) == phrase));
    }
    let mut hits = Vec::new();
    for (index, pattern) in set.patterns.iter().enumerate() {
        let undo = pattern.undone(set.undo);
        let wanted: Vec<char> = pattern.text.chars().collect();
        for (start, end) in stretches() {
            if stands(&wanted, &text, start, end, undo)
                && (pattern.anywhere || edges(&fold(&wanted, undo), &text[..start], &text[end..], undo))
                && !excepts.iter().any(|except| except.0 <= start && end <= except.1)
            {
                hits.push((start as u32, end as u32, index as u32));
            }
        }
    }
    hits.sort_unstable();
    hits
}

fn fold(text: &[char], undo: Switches) -> Vec<char> {
    text.iter().flat_map(|&c| undo.code_point(c).chars().collect::<Vec<_>>()).collect()
}

/// A folded character that is a letter: what it is, what it is seen as, and the separators before it.
#[derive(Clone, Copy, PartialEq)]
struct Letter {
    is: char,
    seen: char,
    gap: usize,
}

fn separates(c: char, undo: Switches) -> bool {
    let letter = c.is_alphanumeric() || undo.seen(c) != c;
    undo.has(Switches::SEPARATORS) && !letter && (is_overlay(c) || !is_combining_mark(c))
}

/// The letters of a stretch, and the separators behind the last.
fn letters(text: &[char], undo: Switches) -> (Vec<Letter>, usize) {
    let mut letters: Vec<Letter> = Vec::new();
    let mut gap = 0;
    for &original in text {
        for c in fold(&[original], undo) {
            let latin = letters
                .last()
                .is_some_and(|last| last.seen.is_ascii_alphabetic() || last.seen == tables::EITHER);
            if separates(c, undo) {
                gap += 1;
            } else if undo.has(Switches::LOOKALIKES) && is_combining_mark(c) && latin {
                // An accent.
            } else {
                let like_l = original == 'I' && undo.has(Switches::LOOKALIKES);
                letters.push(Letter { is: c, seen: if like_l { tables::EITHER } else { undo.seen(c) }, gap });
                gap = 0;
            }
        }
    }
    (letters, gap)
}

/// Letters that are one where repeats are undone.
fn runs(letters: &[Letter], undo: Switches) -> Vec<Vec<Letter>> {
    let mut runs: Vec<Vec<Letter>> = Vec::new();
    for &letter in letters {
        match runs.last_mut() {
            Some(run) if undo.has(Switches::REPEATS) && run[0].seen == letter.seen && letter.gap <= 2 => {
                run.push(letter)
            }
            _ => runs.push(vec![letter]),
        }
    }
    runs
}

fn stands(pattern: &[char], text: &[char], start: usize, end: usize, undo: Switches) -> bool {
    let stretch = &text[start..end];
    let first = fold(&stretch[..1], undo);
    let last = fold(&stretch[stretch.len() - 1..], undo);
    // It begins with a letter, and ends with one or with its accents.
    let (Some(&first), Some(&last)) = (first.first(), last.last()) else { return false };
    if separates(first, undo) || separates(last, undo) {
        return false;
    }
    let (ours, theirs) = (runs(&letters(pattern, undo).0, undo), runs(&letters(stretch, undo).0, undo));
    if ours.len() != theirs.len() || theirs.is_empty() {
        return false;
    }
    // It is as long as it can be: neither accents nor runs go on beyond it. Read with more before or behind it, the
    // text has all that is beyond in runs of its own.
    let count = |from: usize, to: usize| runs(&letters(&text[from..to], undo).0, undo).len();
    let undisturbed = count(0, text.len()) == count(0, start) + count(start, text.len())
        && count(start, text.len()) == count(start, end) + count(end, text.len());
    let (inside, behind) = (letters(&text[..end], undo).0.len(), letters(text, undo).0.len());
    let alone = letters(&text[end..], undo).0.len();
    let accented = inside + alone != behind;
    let starts_as_accent =
        letters(&text[..start], undo).0.len() + letters(&text[start..], undo).0.len() != behind;
    if !undisturbed && undo.has(Switches::REPEATS) && touching(text, start, end, undo) {
        return false;
    }
    if accented || starts_as_accent {
        return false;
    }
    let mut plain = true;
    for (number, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
        if number > 0 && theirs[0].gap > ours[0].gap.max(2) || theirs.len() < ours.len() {
            return false;
        }
        if !theirs.iter().all(|theirs| ours.iter().any(|ours| accepts(*ours, *theirs))) {
            return false;
        }
        plain &= theirs.iter().all(|theirs| ours.iter().any(|ours| ours.is == theirs.is));
    }
    let digits = theirs.iter().flatten().all(|letter| letter.is.is_ascii_digit());
    plain || !digits || !(undo.has(Switches::LEET) || undo.has(Switches::LOOKALIKES))
}

/// Whether the letter before the stretch is one with its first, or the one behind it with its last.
fn touching(text: &[char], start: usize, end: usize, undo: Switches) -> bool {
    let all = letters(text, undo).0;
    let before = letters(&text[..start], undo).0.len();
    let inside = letters(&text[start..end], undo).0.len();
    let one = |left: Option<&Letter>, right: Option<&Letter>| {
        left.zip(right).is_some_and(|(left, right)| left.seen == right.seen && right.gap <= 2)
    };
    one(before.checked_sub(1).and_then(|at| all.get(at)), all.get(before))
        || one(all.get((before + inside).wrapping_sub(1)), all.get(before + inside))
}

fn accepts(pattern: Letter, text: Letter) -> bool {
    let stands_for = |letters: &str| letters.contains(pattern.is.to_ascii_lowercase());
    if pattern.is == text.is {
        true
    } else if pattern.is.is_ascii_alphabetic() {
        text.is != text.seen
            && (stands_for(&text.seen.to_string()) || text.seen == tables::EITHER && stands_for("il"))
    } else {
        tables::sound(pattern.is).is_some_and(|sound| sound == pattern.seen && sound == text.seen)
    }
}

fn edges(pattern: &[char], before: &[char], behind: &[char], undo: Switches) -> bool {
    let there = |c: &&char| {
        !(undo.has(Switches::INVISIBLE) && tables::is_invisible(**c)
            || undo.has(Switches::SEPARATORS) && is_overlay(**c))
    };
    let class = |c: &char| WordClass::of(*c);
    let begins = match pattern.first().filter(|c| !is_combining_mark(**c)).and_then(class) {
        None => true,
        wanted => {
            before.iter().rev().filter(there).find(|c| !is_combining_mark(**c)).and_then(class) != wanted
        }
    };
    let last = pattern.iter().rev().find(|c| !is_combining_mark(**c)).and_then(class);
    let next = behind.iter().filter(there).find(|c| !('\u{FE00}'..='\u{FE0F}').contains(*c));
    let goes_on = next.is_some_and(|c| is_combining_mark(*c) || class(c) == Some(WordClass::Alphabetic));
    begins && (last != Some(WordClass::Alphabetic) || !goes_on)
}
