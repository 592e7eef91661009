//! Keyword sets, compiled.

use super::fold::Fold;
use super::map::Map;
use super::words::Edges;
use super::{KeywordPattern, KeywordSet, KeywordsId};
use super::{Place, TextError};
use crate::limits::Limits;
use daachorse::CharwiseDoubleArrayAhoCorasick;
use std::collections::{HashMap, VecDeque};
use std::ops::{ControlFlow, Range};

/// All keyword sets of a rulebook, compiled once.
pub struct Keywords {
    sets: Vec<Set>,
    machines: Vec<Machine>,
}

/// A place in a text where a pattern was found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "plain data")]
pub struct Hit {
    /// Offset of the first character, in code points of the original text.
    pub start: u32,
    /// Offset behind the last character, in code points of the original text.
    pub end: u32,
    /// The same place in bytes.
    pub bytes: Range<usize>,
    /// Index of the pattern in its set.
    pub pattern: u32,
}

struct Set {
    patterns: Vec<KeywordPattern>,
    machine: usize,
    /// Bytes of the longest `except` phrase, folded; 0 without any.
    longest_except: usize,
}

/// The automaton of all sets with the same switches.
struct Machine {
    fold: Fold,
    /// Its values are indices in `uses`. `None` where the sets have no patterns at all.
    automaton: Option<CharwiseDoubleArrayAhoCorasick<u32>>,
    /// For each different folded text, who looks for it, by set. Patterns may fold to the same text, and several sets may share one.
    uses: Vec<Vec<Use>>,
}

struct Use {
    set: KeywordsId,
    what: What,
}

#[derive(Clone, Copy)]
enum What {
    /// The pattern with this index, and what its edges ask for.
    Pattern(u32, Edges),
    /// A phrase that suppresses what lies inside it.
    Except,
}

/// A text that one set looks for, found over whole characters of the original.
struct Found {
    what: What,
    /// Bytes of the folded text.
    folded: Range<usize>,
    /// Bytes of the original.
    bytes: Range<usize>,
}

impl Keywords {
    /// Compiles the sets of a rulebook, in the order of their ids.
    ///
    /// # Errors
    /// If there are more patterns than [`Limits::patterns`], or one that would match nearly everything.
    pub fn compile(sets: &[KeywordSet], limits: &Limits) -> Result<Keywords, TextError> {
        let total = sets.iter().map(|set| set.patterns.len() + set.except.len()).sum::<usize>();
        if total > limits.patterns {
            return Err(TextError::TooMany { limit: limits.patterns });
        }
        let mut drafts: Vec<Draft> = Vec::new();
        let mut compiled = Vec::with_capacity(sets.len());
        for (id, set) in (0..).map(KeywordsId).zip(sets) {
            let fold = Fold { case: set.fold_case, width: set.fold_width };
            let machine = drafts.iter().position(|draft| draft.fold == fold).unwrap_or(drafts.len());
            if machine == drafts.len() {
                drafts.push(Draft { fold, ids: HashMap::new(), uses: Vec::new() });
            }
            let draft = &mut drafts[machine];
            for (at, pattern) in set.patterns.iter().enumerate() {
                let folded = visible(fold, &pattern.text, id, Place::Pattern(at))?;
                let edges = Edges::of(&folded, pattern.anywhere);
                draft.add(folded, Use { set: id, what: What::Pattern(at as u32, edges) });
            }
            let mut longest_except = 0;
            for (at, phrase) in set.except.iter().enumerate() {
                let folded = visible(fold, phrase, id, Place::Except(at))?;
                longest_except = longest_except.max(folded.len());
                draft.add(folded, Use { set: id, what: What::Except });
            }
            compiled.push(Set { patterns: set.patterns.clone(), machine, longest_except });
        }
        let machines = drafts.into_iter().map(Draft::finish).collect::<Result<_, _>>()?;
        Ok(Keywords { sets: compiled, machines })
    }

    /// The pattern that a [`Hit`] of the set names.
    ///
    /// # Panics
    /// If the index is not that of a hit of this set.
    #[must_use]
    pub fn pattern(&self, set: KeywordsId, index: u32) -> &KeywordPattern {
        &self.sets[set.index()].patterns[index as usize]
    }

    /// Whether a pattern of the set, or only of one category of it, is in the text.
    #[must_use]
    pub fn has(&self, set: KeywordsId, category: Option<&str>, text: &str) -> bool {
        let Some(Set { patterns, longest_except, .. }) = self.sets.get(set.index()) else { return false };
        let wanted = |pattern: u32| {
            category.is_none()
                || patterns
                    .get(pattern as usize)
                    .is_some_and(|pattern| pattern.category.as_deref() == category)
        };
        let mut excepts: Vec<Range<usize>> = Vec::new();
        // Hits for which a phrase around them may still come. Matches come in the order of their ends.
        let mut waiting: VecDeque<Found> = VecDeque::new();
        let stopped = self.scan(set, text, |found| {
            while let Some(hit) =
                waiting.front().filter(|hit| hit.folded.start + longest_except < found.folded.end)
            {
                if !suppressed(&excepts, &hit.bytes) {
                    return ControlFlow::Break(());
                }
                waiting.pop_front();
            }
            match found.what {
                What::Except => excepts.push(found.bytes),
                What::Pattern(pattern, _) if !wanted(pattern) => {}
                What::Pattern(..) if *longest_except == 0 => return ControlFlow::Break(()),
                What::Pattern(..) => waiting.push_back(found),
            }
            ControlFlow::Continue(())
        });
        stopped.is_break() || waiting.iter().any(|hit| !suppressed(&excepts, &hit.bytes))
    }

    /// All hits, overlapping ones too, sorted by start, end and pattern.
    #[must_use]
    pub fn hits(&self, set: KeywordsId, text: &str) -> Vec<Hit> {
        let mut hits = self.places(set, text);
        let mut characters = Counter { text, bytes: 0, characters: 0 };
        hits.iter_mut().for_each(|hit| {
            hit.start = characters.advance_to(hit.bytes.start);
            hit.end = Counter { ..characters }.advance_to(hit.bytes.end);
        });
        hits
    }

    /// How many different patterns of the set are in the text.
    #[must_use]
    pub fn words(&self, set: KeywordsId, text: &str) -> usize {
        let mut patterns: Vec<u32> = self.places(set, text).into_iter().map(|hit| hit.pattern).collect();
        patterns.sort_unstable();
        patterns.dedup();
        patterns.len()
    }

    /// All hits, sorted, without the offsets in code points.
    fn places(&self, set: KeywordsId, text: &str) -> Vec<Hit> {
        let mut hits = Vec::new();
        let mut excepts: Vec<Range<usize>> = Vec::new();
        let _ = self.scan(set, text, |found| {
            match found.what {
                What::Except => excepts.push(found.bytes),
                What::Pattern(pattern, _) => hits.push(Hit { start: 0, end: 0, bytes: found.bytes, pattern }),
            }
            ControlFlow::Continue(())
        });
        hits.sort_unstable_by_key(|hit| (hit.bytes.start, hit.bytes.end, hit.pattern));
        excepts.sort_unstable_by_key(|except| except.start);
        let mut next = excepts.into_iter().peekable();
        let mut farthest = 0;
        hits.retain(|hit| {
            while let Some(except) = next.next_if(|except| except.start <= hit.bytes.start) {
                farthest = farthest.max(except.end);
            }
            farthest < hit.bytes.end
        });
        hits
    }

    /// Visits what the set finds, in the order of the ends; patterns only where their edges allow.
    fn scan(
        &self,
        set: KeywordsId,
        text: &str,
        mut visit: impl FnMut(Found) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let machine = self.sets.get(set.index()).and_then(|set| self.machines.get(set.machine));
        let Some(Machine { fold, automaton: Some(automaton), uses }) = machine else {
            return ControlFlow::Continue(());
        };
        let folded = fold.apply(text);
        // Most texts hold nothing: the way back is made when something is found.
        let mut map = None;
        for found in automaton.find_overlapping_iter(&*folded) {
            let uses = uses.get(found.value() as usize).map_or(&[][..], Vec::as_slice);
            let first = uses.partition_point(|used| used.set < set);
            let mut uses = uses.iter().skip(first).take_while(|used| used.set == set).peekable();
            if uses.peek().is_none() {
                continue;
            }
            let map = map.get_or_insert_with(|| Map::new(*fold, text));
            let (Some(start), Some(end)) = (map.start(found.start()), map.end(found.end())) else { continue };
            for used in uses {
                if let What::Pattern(_, edges) = used.what
                    && !edges.met(text, start, end)
                {
                    continue;
                }
                visit(Found { what: used.what, folded: found.start()..found.end(), bytes: start..end })?;
            }
        }
        ControlFlow::Continue(())
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

/// Whether one of the phrases, which are in the order of their ends, covers the place. It looks only at those that end
/// behind the place, so ask soon.
fn suppressed(excepts: &[Range<usize>], place: &Range<usize>) -> bool {
    excepts
        .iter()
        .rev()
        .take_while(|except| except.end >= place.end)
        .any(|except| except.start <= place.start)
}

/// The folded text, unless it has nothing that can be seen.
fn visible(fold: Fold, text: &str, set: KeywordsId, place: Place) -> Result<String, TextError> {
    let folded = fold.apply(text).into_owned();
    if folded.chars().all(is_blank) { Err(TextError::Blank { set, place }) } else { Ok(folded) }
}

/// White space, control characters and those that show nothing.
fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(
            c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
                | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}'
                | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}'
        )
}

/// Counts code points up to byte offsets that grow.
struct Counter<'t> {
    text: &'t str,
    bytes: usize,
    characters: u32,
}

impl Counter<'_> {
    fn advance_to(&mut self, bytes: usize) -> u32 {
        let between = self.text.get(self.bytes..bytes).unwrap_or_default();
        self.characters =
            self.characters.saturating_add(u32::try_from(between.chars().count()).unwrap_or(u32::MAX));
        self.bytes = bytes;
        self.characters
    }
}

/// A machine in the making.
struct Draft {
    fold: Fold,
    ids: HashMap<String, usize>,
    uses: Vec<Vec<Use>>,
}

impl Draft {
    fn add(&mut self, folded: String, used: Use) {
        let next = self.uses.len();
        let id = *self.ids.entry(folded).or_insert(next);
        if id == next {
            self.uses.push(Vec::with_capacity(1));
        }
        self.uses[id].push(used);
    }

    fn finish(self) -> Result<Machine, TextError> {
        let mut texts: Vec<(String, u32)> =
            self.ids.into_iter().map(|(text, id)| (text, id as u32)).collect();
        // The same automaton for the same rulebook, whatever the order of the hash table.
        texts.sort_unstable_by_key(|&(_, id)| id);
        let automaton = if texts.is_empty() {
            None
        } else {
            let built = CharwiseDoubleArrayAhoCorasick::with_values(texts);
            Some(built.map_err(|error| TextError::Automaton { message: error.to_string() })?)
        };
        Ok(Machine { fold: self.fold, automaton, uses: self.uses })
    }
}
