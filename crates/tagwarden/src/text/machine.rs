//! The automaton of all patterns with the same switches, whichever sets they are of.

use super::disguise::Reading;
use super::search::Search;
use super::sieve::{Sieve, all_plain};
use super::words::Edges;
use super::{KeywordsId, Switches, TextError};
use crate::small::sort_by_key;
use daachorse::{CharwiseDoubleArrayAhoCorasick, CharwiseDoubleArrayAhoCorasickBuilder};
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::borrow::Cow;
use std::hash::BuildHasher;
use std::ops::{ControlFlow, Range};

pub(super) type Automaton = CharwiseDoubleArrayAhoCorasick<u32>;

pub(super) struct Machine {
    pub(super) undo: Switches,
    /// Its values are indices of texts. `None` where there are none.
    pub(super) automaton: Option<Automaton>,
    /// Of each text where in `uses` those who look for it begin, and one more for the end. Several patterns may fold to
    /// the same text, and several sets may look for it.
    firsts: Vec<u32>,
    /// Of each text how many bytes it has.
    pub(super) lens: Vec<u32>,
    uses: Vec<Use>,
    /// Of each use, how its pattern is read; empty where nothing but folding is undone.
    readings: Vec<Reading>,
    /// Where it has to look; without it, everywhere. It knows nothing of what is undone beyond folding.
    pub(super) sieve: Option<Sieve>,
}

/// The sieve is left out for the rest of a text once it has held back fewer bytes than these so much more often than more.
const WORTH: usize = 4;
const PATIENCE: i32 = 8;

/// A pattern or phrase that is looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Use {
    pub(super) set: KeywordsId,
    /// Index of the pattern, or of the `except` phrase.
    pub(super) number: u32,
    pub(super) edges: Edges,
}

impl Machine {
    /// Visits what is found of one set, or of all, over whole characters and where the edges of words allow it, in the
    /// order of the ends, with its bytes in the text.
    pub(super) fn scan(
        &self,
        text: &str,
        set: Option<KeywordsId>,
        visit: impl FnMut(&Use, Range<usize>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let Some(automaton) = &self.automaton else { return ControlFlow::Continue(()) };
        if self.readings.is_empty() {
            self.scan_folded(automaton, text, set, visit)
        } else {
            self.scan_read(automaton, text, set, visit)
        }
    }

    /// The automaton looks only where the sieve lets something through; only that is folded.
    fn scan_folded(
        &self,
        automaton: &Automaton,
        text: &str,
        set: Option<KeywordsId>,
        mut visit: impl FnMut(&Use, Range<usize>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let (table, plain) = (self.undo.table(), all_plain(text));
        let mut search = Search { machine: self, automaton, table, text, set, done: 0 };
        let Some(sieve) = &self.sieve else {
            return search.run(0, text.len(), &mut visit).map_continue(|_| ());
        };
        let (mut low, mut stays) = (0, 0);
        while let Some(candidate) = sieve.next(table, text, plain, low) {
            // Where it holds little back, it is not worth its time.
            stays += if candidate.start < low + WORTH { 1 } else { -1 };
            let until = if stays > PATIENCE { text.len() } else { candidate.until };
            low = search.run(candidate.start, until, &mut visit)?;
        }
        ControlFlow::Continue(())
    }

    fn scan_read(
        &self,
        automaton: &Automaton,
        text: &str,
        set: Option<KeywordsId>,
        mut visit: impl FnMut(&Use, Range<usize>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let reading = Reading::of(text, self.undo);
        let mut stepper = automaton.find_overlapping_stepper();
        for (at, token) in reading.tokens.iter().enumerate() {
            stepper.consume(token.key);
            for found in stepper.matches() {
                for (number, used) in self.uses_of(found.value(), set) {
                    let Some(pattern) = self.readings.get(number) else { continue };
                    let Some(first) = (at + 1).checked_sub(pattern.tokens.len()) else { continue };
                    let (start, end) = (reading.tokens.get(first).map_or(0, |token| token.start), token.end);
                    if used.edges.met(text, start, end, self.undo)
                        && pattern.stands_in(&reading, first, self.undo)
                    {
                        visit(used, start..end)?;
                    }
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// The patterns of a set whose keys stand in a text, whatever is around them.
    pub(super) fn scan_inside(&self, text: &str, set: KeywordsId, mut visit: impl FnMut(u32)) {
        let Some(automaton) = &self.automaton else { return };
        let keys: Cow<'_, str> = if self.readings.is_empty() {
            self.undo.apply(text)
        } else {
            Cow::Owned(Reading::of(text, self.undo).tokens.iter().map(|token| token.key).collect())
        };
        for found in automaton.find_overlapping_iter(&*keys) {
            self.uses_of(found.value(), Some(set)).for_each(|(_, used)| visit(used.number));
        }
    }

    /// Whatever is looked for of a set.
    pub(super) fn all_of(&self, set: KeywordsId) -> impl Iterator<Item = &Use> {
        self.uses.iter().filter(move |used| used.set == set)
    }

    /// Who looks for a text, of one set or of all, each with its index.
    pub(super) fn uses_of(&self, text: u32, set: Option<KeywordsId>) -> impl Iterator<Item = (usize, &Use)> {
        let place = |text: usize| self.firsts.get(text).map_or(0, |&at| at as usize);
        let (first, end) = (place(text as usize), place(text as usize + 1));
        let all = self.uses.get(first..end).unwrap_or_default();
        let skipped = set.map_or(0, |set| all.partition_point(|used| used.set < set));
        let ours = move |used: &Use| set.is_none_or(|set| used.set == set);
        (first + skipped..).zip(all.iter().skip(skipped)).take_while(move |(_, used)| ours(used))
    }

    /// Bytes of heap.
    pub(super) fn heap_bytes(&self) -> usize {
        self.automaton.as_ref().map_or(0, Automaton::heap_bytes)
            + (self.firsts.capacity() + self.lens.capacity()) * size_of::<u32>()
            + self.uses.capacity() * size_of::<Use>()
            + self.sieve.as_ref().map_or(0, Sieve::heap_bytes)
    }
}

/// A machine in the making.
pub(super) struct Draft {
    pub(super) undo: Switches,
    texts: Vec<String>,
    /// The indices of `texts`, found by the hash of the text.
    ids: HashTable<u32>,
    /// In the order of sets and patterns, with the text that each looks for.
    uses: Vec<(u32, Use)>,
    readings: Vec<Reading>,
}

impl Draft {
    /// With room for so many patterns.
    pub(super) fn new(undo: Switches, expected: usize) -> Draft {
        Draft {
            undo,
            texts: Vec::with_capacity(expected),
            ids: HashTable::with_capacity(expected),
            uses: Vec::with_capacity(expected),
            readings: Vec::new(),
        }
    }

    /// Adds a pattern that folds to `folded`.
    pub(super) fn add(&mut self, set: KeywordsId, number: u32, text: &str, folded: String, anywhere: bool) {
        let edges = Edges::of(&folded, anywhere);
        let key = if self.undo.any(Switches::EVASIONS) {
            let reading = Reading::of(text, self.undo);
            let key = reading.tokens.iter().map(|token| token.key).collect();
            self.readings.push(reading);
            key
        } else {
            folded
        };
        // Whoever writes patterns writes the rules too, and has no need to make the table slow.
        let hasher = FixedState::default();
        let hash = |text: &str| hasher.hash_one(text);
        let of = |&id: &u32| self.texts.get(id as usize).map_or("", |text| text);
        let found = self.ids.entry(hash(&key), |id| of(id) == key, |id| hash(of(id)));
        let next = self.texts.len() as u32;
        let id = *found.or_insert(next).get();
        if id == next {
            self.texts.push(key);
        }
        self.uses.push((id, Use { set, number, edges }));
    }

    /// The machine, with the automaton that `make` gives for the texts in their order.
    pub(super) fn finish(
        self,
        make: impl FnOnce(Vec<(String, u32)>) -> Result<Automaton, TextError>,
    ) -> Result<Machine, TextError> {
        let texts: Vec<(String, u32)> = self.texts.into_iter().zip(0..).collect();
        let mut firsts = vec![0_u32; texts.len() + 1];
        self.uses.iter().for_each(|&(id, _)| firsts[id as usize + 1] += 1);
        for at in 1..firsts.len() {
            firsts[at] += firsts[at - 1];
        }
        let mut order: Vec<u32> = (0..self.uses.len() as u32).collect();
        // Stable: sets and patterns stay in order within a text.
        sort_by_key(&mut order, |&at| self.uses[at as usize].0);
        let uses: Vec<Use> = order.iter().map(|&at| self.uses[at as usize].1).collect();
        let readings = if self.readings.is_empty() {
            Vec::new()
        } else {
            order.iter().map(|&at| self.readings[at as usize].clone()).collect()
        };
        let lens = texts.iter().map(|(text, _)| u32::try_from(text.len()).unwrap_or(u32::MAX)).collect();
        let sieve = readings.is_empty().then(|| {
            let edges = |id: usize| {
                let uses: &[Use] = uses.get(firsts[id] as usize..firsts[id + 1] as usize).unwrap_or_default();
                uses.iter().map(|used| used.edges).reduce(Edges::both).unwrap_or_default()
            };
            let patterns = texts.iter().map(|(text, id)| (&**text, edges(*id as usize)));
            Sieve::new(self.undo.table(), patterns)
        });
        let automaton = if texts.is_empty() { None } else { Some(make(texts)?) };
        Ok(Machine { undo: self.undo, automaton, firsts, lens, uses, readings, sieve })
    }
}

/// Builds the automaton, without a filter of its own: [`Sieve`] is one, and sees through what is folded.
pub(super) fn build(texts: Vec<(String, u32)>) -> Result<Automaton, TextError> {
    let automaton = CharwiseDoubleArrayAhoCorasickBuilder::new().use_prefilter(false);
    let automaton: Result<Automaton, _> = automaton.build_with_values(texts);
    automaton
        .and_then(|mut automaton| automaton.cache_depths().map(|()| automaton))
        .map_err(|error| TextError::Automaton { message: error.to_string() })
}
