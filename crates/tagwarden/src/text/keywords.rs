//! Keyword sets, compiled.

use super::disguise::Reading;
use super::machine::{Draft, Machine, build};
use super::spared::Spared;
use super::{KeywordPattern, KeywordSet, KeywordsId, Place, Switches, TextError};
use crate::limits::Limits;
use crate::small::{sort, sort_by_key};
use std::ops::{ControlFlow, Range};

/// All keyword sets of a rulebook, compiled once.
pub struct Keywords {
    pub(super) sets: Vec<Set>,
    pub(super) machines: Vec<Machine>,
    /// How many hits of a set in one text are looked at.
    pub(super) most: usize,
}

/// A place in a text where a pattern was found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "plain data")]
pub struct Hit {
    /// Index of the pattern in its set.
    pub pattern: u32,
    /// The place in bytes of the text.
    pub bytes: Range<usize>,
    /// The place in code points.
    pub chars: Range<u32>,
    /// The place in UTF-16 units.
    pub utf16: Range<u32>,
}

pub(super) struct Set {
    pub(super) declared: KeywordSet,
    /// The machines of its patterns.
    pub(super) machines: Vec<u32>,
    /// The machine of its `except` phrases.
    pub(super) except: Option<u32>,
    /// The patterns that lie in a phrase, in order: no other hit can be covered by one.
    coverable: Vec<u32>,
}

impl Keywords {
    /// Compiles the sets of a rulebook, in the order of their ids.
    ///
    /// # Errors
    /// If there are more patterns than [`Limits::patterns`], or one that would match nearly everything.
    pub fn compile(sets: &[KeywordSet], limits: &Limits) -> Result<Keywords, TextError> {
        Keywords::assemble(sets.to_vec(), limits, |_, texts| build(texts))
    }

    /// Compiles the sets with automata from elsewhere, each asked for by the number of its machine.
    pub(super) fn assemble(
        sets: Vec<KeywordSet>,
        limits: &Limits,
        mut automaton: impl FnMut(usize, Vec<(String, u32)>) -> Result<super::machine::Automaton, TextError>,
    ) -> Result<Keywords, TextError> {
        let total = sets.iter().map(|set| set.patterns.len() + set.except.len()).sum::<usize>();
        if total > limits.patterns {
            return Err(TextError::TooMany { limit: limits.patterns });
        }
        let mut drafts: Vec<(bool, Draft)> = Vec::new();
        let mut compiled = Vec::with_capacity(sets.len());
        for (id, set) in (0..).map(KeywordsId).zip(sets) {
            let mut machines: Vec<u32> = Vec::new();
            for (number, pattern) in (0..).zip(&set.patterns) {
                let folded = visible(set.undo, &pattern.text, id, Place::Pattern(number as usize))?;
                let undo = applicable(set.undo | pattern.ignoring, &pattern.text, &folded);
                let at = find(&mut drafts, undo, false, set.patterns.len());
                drafts[at].1.add(id, number, &pattern.text, folded, pattern.anywhere);
                if !machines.contains(&(at as u32)) {
                    machines.push(at as u32);
                }
            }
            let weaker = set.undo.and(Switches::CASE | Switches::WIDTH);
            let mut except = None;
            for (number, phrase) in (0..).zip(&set.except) {
                let folded = visible(weaker, phrase, id, Place::Except(number as usize))?;
                let at = find(&mut drafts, weaker, true, set.except.len());
                drafts[at].1.add(id, number, phrase, folded, true);
                except = Some(at as u32);
            }
            compiled.push(Set { declared: set, machines, except, coverable: Vec::new() });
        }
        let machines = drafts
            .into_iter()
            .enumerate()
            .map(|(number, (_, draft))| draft.finish(|texts| automaton(number, texts)))
            .collect::<Result<_, _>>()?;
        let mut keywords = Keywords { sets: compiled, machines, most: limits.keyword_hits };
        for at in 0..keywords.sets.len() {
            let coverable = keywords.within_phrases(KeywordsId(at as u32));
            if let Some(set) = keywords.sets.get_mut(at) {
                set.coverable = coverable;
            }
        }
        Ok(keywords)
    }

    /// The pattern that a [`Hit`] of the set names.
    #[must_use]
    pub fn pattern(&self, set: KeywordsId, index: u32) -> Option<&KeywordPattern> {
        self.sets.get(set.index())?.declared.patterns.get(index as usize)
    }

    /// Whether a pattern of the set, or only of one category of it, is in the text.
    #[must_use]
    pub fn has(&self, set: KeywordsId, category: Option<&str>, text: &str) -> bool {
        let Some(found) = self.sets.get(set.index()) else { return false };
        let patterns = &found.declared.patterns;
        let wanted = |pattern: u32| {
            category.is_none()
                || patterns
                    .get(pattern as usize)
                    .is_some_and(|pattern| pattern.category.as_deref() == category)
        };
        self.visit(set, text, |pattern, _, spared| {
            if spared.is_none() && wanted(pattern) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })
        .is_break()
    }

    /// All hits, overlapping ones too, sorted by start, end and pattern; no more than [`Limits::keyword_hits`].
    #[must_use]
    pub fn hits(&self, set: KeywordsId, text: &str) -> Vec<Hit> {
        let mut hits = Vec::new();
        self.each_hit(set, text, |pattern, bytes| {
            hits.push(Hit { pattern, bytes, chars: 0..0, utf16: 0..0 })
        });
        sort_by_key(&mut hits, |hit| (hit.bytes.start, hit.bytes.end, hit.pattern));
        locate(text, hits.iter_mut());
        hits
    }

    /// How many hits there are, as [`Keywords::hits`] gives them.
    #[must_use]
    pub fn count(&self, set: KeywordsId, text: &str) -> usize {
        let mut count = 0;
        self.each_hit(set, text, |_, _| count += 1);
        count
    }

    /// How many different patterns of the set are in the text.
    #[must_use]
    pub fn words(&self, set: KeywordsId, text: &str) -> usize {
        let mut patterns: Vec<u32> = Vec::new();
        self.each_hit(set, text, |pattern, _| patterns.push(pattern));
        sort(&mut patterns);
        patterns.dedup();
        patterns.len()
    }

    /// Pattern and bytes of all hits that no phrase covers, in the order of the ends.
    fn each_hit(&self, set: KeywordsId, text: &str, mut each: impl FnMut(u32, Range<usize>)) {
        let mut left = self.most;
        let _ = self.visit(set, text, |pattern, place, spared| {
            if spared.is_none() {
                each(pattern, place);
                left = left.saturating_sub(1);
            }
            if left > 0 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
    }

    /// Visits what the patterns of a set hit, with the `except` phrase that covers it if there is one. The text is
    /// searched for phrases only once something is found.
    pub(super) fn visit(
        &self,
        id: KeywordsId,
        text: &str,
        mut visit: impl FnMut(u32, Range<usize>, Option<u32>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let Some(set) = self.sets.get(id.index()) else { return ControlFlow::Continue(()) };
        let mut spared: Option<Spared> = None;
        for machine in set.machines.iter().filter_map(|&at| self.machines.get(at as usize)) {
            machine.scan(text, Some(id), |used, place| {
                let phrase = match set.except {
                    Some(except) if set.coverable.binary_search(&used.number).is_ok() => {
                        spared.get_or_insert_with(|| self.spared(except, id, text)).phrase(&place)
                    }
                    _ => None,
                };
                visit(used.number, place, phrase)
            })?;
        }
        ControlFlow::Continue(())
    }

    /// The patterns of a set that lie in one of its phrases, whatever edges they ask for; and those for which a capital I is not what
    /// a small one is, as it is to phrases.
    fn within_phrases(&self, id: KeywordsId) -> Vec<u32> {
        let Some(set) = self.sets.get(id.index()) else { return Vec::new() };
        let weaker = set.declared.undo.and(Switches::CASE | Switches::WIDTH);
        let mut within = Vec::new();
        for phrase in &set.declared.except {
            // As a text may have it: a unit such as `㎏` letter by letter.
            let phrase = weaker.apply(phrase);
            for machine in set.machines.iter().filter_map(|&at| self.machines.get(at as usize)) {
                if machine.undo.has(Switches::LOOKALIKES) {
                    machine.all_of(id).for_each(|used| within.push(used.number));
                } else {
                    machine.scan_inside(&phrase, id, |pattern| within.push(pattern));
                }
            }
        }
        sort(&mut within);
        within.dedup();
        within
    }

    fn spared(&self, machine: u32, set: KeywordsId, text: &str) -> Spared {
        let mut places = Vec::new();
        if let Some(machine) = self.machines.get(machine as usize) {
            let _ = machine.scan(text, Some(set), |used, place| {
                places.push((place, used.number));
                ControlFlow::Continue(())
            });
        }
        Spared::new(places)
    }

    /// Bytes of heap that the automata and their tables take.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.machines.iter().map(Machine::heap_bytes).sum()
    }
}

impl std::fmt::Debug for Keywords {
    /// Without the patterns: there may be a million.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keywords")
            .field("sets", &self.sets.len())
            .field("automata", &self.machines.len())
            .finish_non_exhaustive()
    }
}

/// The draft with these switches, made if there is none. Phrases keep to themselves, so that a text in which nothing is
/// found is not searched for them.
fn find(drafts: &mut Vec<(bool, Draft)>, undo: Switches, except: bool, expected: usize) -> usize {
    let found = drafts.iter().position(|(of_except, draft)| draft.undo == undo && *of_except == except);
    found.unwrap_or_else(|| {
        drafts.push((except, Draft::new(undo, expected)));
        drafts.len() - 1
    })
}

impl KeywordPattern {
    /// What is undone for the pattern in a set for which `set` is: less than what is asked for where it could change nothing.
    #[must_use]
    pub fn undone(&self, set: Switches) -> Switches {
        applicable(set | self.ignoring, &self.text, &set.apply(&self.text))
    }
}

/// The switches less those that can undo nothing in this pattern, so that it is looked for as cheaply as can be.
pub(super) fn applicable(mut undo: Switches, text: &str, folded: &str) -> Switches {
    undo = undo.and(Switches::built());
    if !undo.any(Switches::EVASIONS) {
        return undo;
    }
    if !folded.chars().any(|c| c.is_ascii_alphabetic()) {
        undo = undo.without(Switches::LEET | Switches::LOOKALIKES);
    }
    let han = |c: char| super::tables::sound(c).is_some();
    if folded.chars().filter(|&c| han(c)).count() < SOUNDING {
        undo = undo.without(Switches::SOUND);
    }
    if folded.chars().count() < 2 || !Reading::is_framed(text, undo) {
        undo = undo.without(Switches::SEPARATORS);
    }
    undo
}

/// How many Han characters a pattern needs for `sound`: with two, nearly every text has something that sounds like it.
const SOUNDING: usize = 3;

/// The folded text, unless it has nothing that can be seen.
pub(super) fn visible(
    undo: Switches,
    text: &str,
    set: KeywordsId,
    place: Place,
) -> Result<String, TextError> {
    let folded = undo.apply(text).into_owned();
    if is_blank(&folded) { Err(TextError::Blank { set, place }) } else { Ok(folded) }
}

/// Whether a text, folded or not, is nothing but white space and what shows nothing.
pub(super) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c.is_control() || super::tables::is_invisible(c))
}

/// Sets the offsets in code points and UTF-16 units of hits in order of their starts.
pub(super) fn locate<'h>(text: &str, hits: impl Iterator<Item = &'h mut Hit>) {
    let mut counter = Counter { text, bytes: 0, chars: 0, utf16: 0 };
    for hit in hits {
        counter.advance_to(hit.bytes.start);
        let mut end = Counter { ..counter };
        end.advance_to(hit.bytes.end);
        hit.chars = counter.chars..end.chars;
        hit.utf16 = counter.utf16..end.utf16;
    }
}

/// Counts code points and UTF-16 units up to byte offsets that grow.
struct Counter<'t> {
    text: &'t str,
    bytes: usize,
    chars: u32,
    utf16: u32,
}

impl Counter<'_> {
    fn advance_to(&mut self, bytes: usize) {
        // Bytes that begin a character, and those that begin one beyond the basic plane: counted many together.
        let passed = self.text.as_bytes().get(self.bytes..bytes).unwrap_or_default();
        let chars: usize = passed.iter().map(|&byte| usize::from(byte & 0xC0 != 0x80)).sum();
        let beyond: usize = passed.iter().map(|&byte| usize::from(byte >= 0xF0)).sum();
        self.chars = self.chars.saturating_add(u32::try_from(chars).unwrap_or(u32::MAX));
        self.utf16 = self.utf16.saturating_add(u32::try_from(chars + beyond).unwrap_or(u32::MAX));
        self.bytes = bytes;
    }
}
