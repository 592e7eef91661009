//! The slow matcher: at every character of the text, fold on until a pattern is complete.

use crate::text::Fold;
use crate::text::KeywordSet;
use crate::text::words::WordClass;
use unicode_normalization::char::is_combining_mark;

pub(super) fn hits(set: &KeywordSet, text: &str) -> Vec<(u32, u32, u32)> {
    let fold = Fold { case: set.fold_case, width: set.fold_width };
    let text: Vec<char> = text.chars().collect();
    let folded: Vec<String> = text.iter().map(|&c| fold.code_point(c)).collect();
    let places = |wanted: &str| {
        let wanted: String = wanted.chars().map(|c| fold.code_point(c)).collect();
        let mut places = Vec::new();
        for start in 0..text.len() {
            for end in start + 1..=text.len() {
                let part = folded[start..end].concat();
                if part == wanted {
                    places.push((start, end));
                }
                if part.len() > wanted.len() {
                    break;
                }
            }
        }
        places
    };
    let excepts: Vec<_> = set.except.iter().flat_map(|phrase| places(phrase)).collect();
    let mut hits = Vec::new();
    for (index, pattern) in set.patterns.iter().enumerate() {
        let wanted: Vec<char> =
            pattern.text.chars().flat_map(|c| fold.code_point(c).chars().collect::<Vec<_>>()).collect();
        for (start, end) in places(&pattern.text) {
            if !pattern.anywhere
                && (split_before(&wanted, &text[..start]) || split_behind(&wanted, &text[end..]))
            {
                continue;
            }
            if excepts.iter().any(|except| except.0 <= start && end <= except.1) {
                continue;
            }
            hits.push((start as u32, end as u32, index as u32));
        }
    }
    hits.sort_unstable();
    hits
}

fn last_letter(chars: &[char]) -> Option<WordClass> {
    let mut at = chars.len();
    while at > 0 && is_combining_mark(chars[at - 1]) {
        at -= 1;
    }
    if at == 0 { None } else { WordClass::of(chars[at - 1]) }
}

fn split_before(pattern: &[char], before: &[char]) -> bool {
    if is_combining_mark(pattern[0]) {
        return false;
    }
    let class = WordClass::of(pattern[0]);
    class.is_some() && last_letter(before) == class
}

fn split_behind(pattern: &[char], behind: &[char]) -> bool {
    if last_letter(pattern) != Some(WordClass::Alphabetic) {
        return false;
    }
    for &c in behind {
        if ('\u{FE00}'..='\u{FE0F}').contains(&c) {
            continue;
        }
        return is_combining_mark(c) || WordClass::of(c) == Some(WordClass::Alphabetic);
    }
    false
}
