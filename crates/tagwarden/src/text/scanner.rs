//! Many questions about one text, for one search.

use super::spared::Spared;
use super::{Keywords, KeywordsId};
use crate::small::{sort, sort_by_key};
use std::ops::{ControlFlow, Range};

/// Answers what rules ask about a text, and remembers it for the next rule: however many rules ask, and about however
/// many sets, a text is searched once by each automaton. It is for one [`Keywords`] at a time.
///
/// It keeps a copy of the last text; [`Scanner::clear`] forgets it.
#[derive(Debug, Default)]
pub struct Scanner {
    text: String,
    /// Of each machine what it found, once it was asked.
    found: Vec<Option<Found>>,
}

/// What a machine found, in order of sets; `None` where it was too much to remember.
#[derive(Debug)]
struct Found(Option<Vec<(KeywordsId, u32, Range<usize>)>>);

/// How much is remembered of one machine and text.
const REMEMBERED: usize = 1_024;

impl Scanner {
    /// As [`Keywords::has`].
    pub fn has(&mut self, keywords: &Keywords, set: KeywordsId, category: Option<&str>, text: &str) -> bool {
        let wanted = |pattern: u32| {
            category.is_none()
                || keywords
                    .pattern(set, pattern)
                    .is_some_and(|pattern| pattern.category.as_deref() == category)
        };
        match self.places(keywords, set, text) {
            Some(places) => places.iter().any(|(_, pattern, _)| wanted(*pattern)),
            None => keywords.has(set, category, text),
        }
    }

    /// As [`Keywords::count`].
    pub fn count(&mut self, keywords: &Keywords, set: KeywordsId, text: &str) -> usize {
        self.places(keywords, set, text).map_or_else(|| keywords.count(set, text), |places| places.len())
    }

    /// As [`Keywords::words`].
    pub fn words(&mut self, keywords: &Keywords, set: KeywordsId, text: &str) -> usize {
        let Some(places) = self.places(keywords, set, text) else { return keywords.words(set, text) };
        let mut patterns: Vec<u32> = places.into_iter().map(|(_, pattern, _)| pattern).collect();
        sort(&mut patterns);
        patterns.dedup();
        patterns.len()
    }

    /// Forgets the text.
    pub fn clear(&mut self) {
        self.text.clear();
        self.found.clear();
    }

    /// What a set hits and no phrase of it covers; `None` where that is too much to remember.
    fn places(
        &mut self,
        keywords: &Keywords,
        id: KeywordsId,
        text: &str,
    ) -> Option<Vec<(KeywordsId, u32, Range<usize>)>> {
        let Some(set) = keywords.sets.get(id.index()) else { return Some(Vec::new()) };
        if self.text != text || self.found.len() != keywords.machines.len() {
            self.text.clear();
            self.text.push_str(text);
            self.found.clear();
            self.found.resize_with(keywords.machines.len(), || None);
        }
        let mut places: Vec<(KeywordsId, u32, Range<usize>)> = Vec::new();
        for &machine in &set.machines {
            places.extend_from_slice(self.of_machine(keywords, machine, id)?);
        }
        if let (Some(except), false) = (set.except, places.is_empty()) {
            let phrases = self.of_machine(keywords, except, id)?;
            let spared =
                Spared::new(phrases.iter().map(|(_, phrase, place)| (place.clone(), *phrase)).collect());
            places.retain(|(.., place)| spared.phrase(place).is_none());
        }
        Some(places)
    }

    /// What a machine finds for a set; it searches the text the first time it is asked.
    fn of_machine(
        &mut self,
        keywords: &Keywords,
        machine: u32,
        set: KeywordsId,
    ) -> Option<&[(KeywordsId, u32, Range<usize>)]> {
        let text = &self.text;
        let found = self.found.get_mut(machine as usize)?.get_or_insert_with(|| {
            let mut found = Vec::new();
            let done = keywords.machines.get(machine as usize).map(|machine| {
                machine.scan(text, None, |used, place| {
                    found.push((used.set, used.number, place));
                    if found.len() <= REMEMBERED { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
                })
            });
            if done.is_none_or(|done| done.is_break()) {
                return Found(None);
            }
            sort_by_key(&mut found, |(set, ..)| *set);
            Found(Some(found))
        });
        let found = found.0.as_deref()?;
        let first = found.partition_point(|(of, ..)| *of < set);
        let count = found.get(first..)?.partition_point(|(of, ..)| *of == set);
        found.get(first..first + count)
    }
}
