//! The automaton in one text: folding character by character, from where a pattern may begin to where none can be under way.

use super::KeywordsId;
use super::fold::{Folded, Table};
use super::machine::{Automaton, Machine, Use};
use super::map::Map;
use std::ops::{ControlFlow, Range};

pub(super) struct Search<'a> {
    pub(super) machine: &'a Machine,
    pub(super) automaton: &'a Automaton,
    pub(super) table: &'a Table,
    pub(super) text: &'a str,
    pub(super) set: Option<KeywordsId>,
    /// What ends up to here has been visited.
    pub(super) done: usize,
}

impl Search<'_> {
    /// Searches from `start` to where, at `until` or behind it, no pattern is under way that began before the last character.
    /// Gives where the next one may begin: behind `start`, so that searches come to an end, and at most one character is looked at
    /// by two of them.
    pub(super) fn run(
        &mut self,
        start: usize,
        until: usize,
        visit: &mut impl FnMut(&Use, Range<usize>) -> ControlFlow<()>,
    ) -> ControlFlow<(), usize> {
        let mut stepper = self.automaton.find_overlapping_stepper();
        let mut map = Map::default();
        // What is folded is counted as if it began where the search does.
        let mut folded = start;
        for (at, c) in self.text.get(start..).unwrap_or_default().char_indices() {
            let (at, len) = (start + at, c.len_utf8());
            let one = match self.table.get(c) {
                Folded::Same => c,
                Folded::One(one) => one,
                Folded::Many(many) => {
                    let all = many.iter().map(|c| c.len_utf8()).sum::<usize>();
                    map.seam(at, len, (folded, folded + all));
                    for &one in many {
                        stepper.consume(one);
                        folded += one.len_utf8();
                        for found in stepper.matches() {
                            self.visit(found.value(), folded, &map, visit)?;
                        }
                    }
                    self.done = at + len;
                    if at + len >= until && at + len > start && stepper.depth() == Some(0) {
                        return ControlFlow::Continue(at + len);
                    }
                    continue;
                }
            };
            stepper.consume(one);
            if one.len_utf8() != len {
                map.seam(at, len, (folded, folded + one.len_utf8()));
            }
            folded += one.len_utf8();
            let end = at + len;
            if end > self.done {
                for found in stepper.matches() {
                    self.visit(found.value(), folded, &map, visit)?;
                }
                self.done = end;
            }
            let next = match stepper.depth() {
                Some(0) => end,
                Some(1) => at,
                _ => continue,
            };
            if end >= until && next > start {
                return ControlFlow::Continue(next);
            }
        }
        ControlFlow::Continue(self.text.len())
    }

    /// Visits those who look for a text that ends at a folded offset.
    #[inline]
    fn visit(
        &self,
        found: u32,
        folded: usize,
        map: &Map,
        visit: &mut impl FnMut(&Use, Range<usize>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        // Not by the automaton's word, which may have come from outside.
        let len = self.machine.lens.get(found as usize).copied().unwrap_or(u32::MAX) as usize;
        let first = folded.checked_sub(len).and_then(|first| map.start(first));
        let Some((start, end)) = first.zip(map.end(folded)) else { return ControlFlow::Continue(()) };
        for (_, used) in self.machine.uses_of(found, self.set) {
            if used.edges.met(self.text, start, end, self.machine.undo) {
                visit(used, start..end)?;
            }
        }
        ControlFlow::Continue(())
    }
}
