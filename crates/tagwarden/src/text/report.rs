//! Hits as reasons show them: what was undone, and what was spared.

use super::disguise::Reading;
use super::keywords::{applicable, locate};
use super::{Hit, KeywordSet, Keywords, KeywordsId, Switches};
use crate::decision::{KeywordHit, MASK};
use crate::small::sort_by_key;
use std::ops::ControlFlow;
use std::sync::Arc;

/// A hit and what there is to know about it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "plain data")]
pub struct Report {
    /// The place and the pattern.
    pub hit: Hit,
    /// What had to be undone to find it: the least that suffices.
    pub undone: Switches,
    /// The `except` phrase that covers it: it does not count.
    pub except: Option<Arc<str>>,
}

impl Keywords {
    /// The first hits of a set, or of one category of it, and those that a phrase covers, in order; at most `most`.
    #[must_use]
    pub fn report(&self, set: KeywordsId, category: Option<&str>, text: &str, most: usize) -> Vec<Report> {
        let Some(declared) = self.sets.get(set.index()).map(|set| &set.declared) else { return Vec::new() };
        let wanted = |pattern: u32| {
            category.is_none()
                || declared
                    .patterns
                    .get(pattern as usize)
                    .is_some_and(|it| it.category.as_deref() == category)
        };
        let mut found: Vec<(Hit, Option<u32>)> = Vec::new();
        let _ = self.visit(set, text, |pattern, bytes, phrase| {
            if wanted(pattern) {
                found.push((Hit { pattern, bytes, chars: 0..0, utf16: 0..0 }, phrase));
            }
            if found.len() < self.most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        sort_by_key(&mut found, |(hit, _)| (hit.bytes.start, hit.bytes.end, hit.pattern));
        found.truncate(most);
        locate(text, found.iter_mut().map(|(hit, _)| hit));
        found.into_iter().map(|(hit, phrase)| report(declared, text, hit, phrase)).collect()
    }
}

impl Keywords {
    /// [`Keywords::report`] in the words of decisions; of a private text nothing but places.
    pub(crate) fn shown(
        &self,
        set: KeywordsId,
        category: Option<&str>,
        text: &str,
        most: usize,
        private: bool,
    ) -> Vec<KeywordHit> {
        let mask = |shown: Arc<str>| if private { MASK.into() } else { shown };
        let narrow = |place: &std::ops::Range<usize>| {
            let narrow = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            (narrow(place.start), narrow(place.end))
        };
        let shown = |report: Report| {
            let pattern = self.pattern(set, report.hit.pattern)?;
            Some(KeywordHit {
                start: report.hit.chars.start,
                end: report.hit.chars.end,
                bytes: narrow(&report.hit.bytes),
                utf16: (report.hit.utf16.start, report.hit.utf16.end),
                pattern: mask(pattern.text.clone()),
                category: pattern.category.clone(),
                text: mask(text.get(report.hit.bytes.clone())?.into()),
                undone: report.undone.names().collect(),
                except: report.except.map(mask),
            })
        };
        self.report(set, category, text, most).into_iter().filter_map(shown).collect()
    }
}

fn report(set: &KeywordSet, text: &str, hit: Hit, phrase: Option<u32>) -> Report {
    let slice = text.get(hit.bytes.clone()).unwrap_or_default();
    let undone = set
        .patterns
        .get(hit.pattern as usize)
        .map_or(Switches::NONE, |pattern| undone(&pattern.text, slice, set.undo | pattern.ignoring));
    let except = phrase.and_then(|phrase| set.except.get(phrase as usize).cloned());
    Report { hit, undone, except }
}

/// The least of the switches with which the slice still is the pattern: those that do most are tried to do without first.
fn undone(pattern: &str, slice: &str, undo: Switches) -> Switches {
    let mut needed = applicable(undo, pattern, &undo.apply(pattern));
    for (_, switch) in Switches::NAMES.into_iter().rev() {
        let less = needed.without(switch);
        if less != needed && same(pattern, slice, less) {
            needed = less;
        }
    }
    needed
}

/// Whether the whole slice is the pattern, with these differences undone.
fn same(pattern: &str, slice: &str, undo: Switches) -> bool {
    if !undo.any(Switches::EVASIONS) {
        return undo.apply(pattern) == undo.apply(slice);
    }
    let (pattern, slice) = (Reading::of(pattern, undo), Reading::of(slice, undo));
    pattern.tokens.len() == slice.tokens.len()
        && pattern.tokens.iter().zip(&slice.tokens).all(|(ours, theirs)| ours.key == theirs.key)
        && pattern.stands_in(&slice, 0, undo)
}
