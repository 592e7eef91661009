//! The way back from offsets in a folded text to the original.

use super::fold::{Folded, Table};

/// Where the folded text differs in length from the original. Made only for texts in which something was found; empty
/// for most of them.
#[derive(Default)]
pub(super) struct Map {
    /// In order. Between two of them offsets differ by a constant.
    seams: Vec<Seam>,
}

/// A character that does not fold to exactly one of as many bytes: where it and what it becomes begin and end.
struct Seam {
    folded: (usize, usize),
    original: (usize, usize),
}

impl Map {
    pub(super) fn new(table: &Table, text: &str) -> Map {
        let mut seams = Vec::new();
        let mut folded = 0;
        for (at, c) in text.char_indices() {
            let len = c.len_utf8();
            let new = match table.get(c) {
                Folded::Same => len,
                Folded::One(one) => one.len_utf8(),
                Folded::Many(many) => many.iter().map(|c| c.len_utf8()).sum(),
            };
            // Several characters may be as long as the one that they come from.
            if new != len || matches!(table.get(c), Folded::Many(_)) {
                seams.push(Seam { folded: (folded, folded + new), original: (at, at + len) });
            }
            folded += new;
        }
        Map { seams }
    }

    /// The original offset at which what begins at this folded offset begins; `None` inside a character.
    /// What folds to nothing is left out in front.
    pub(super) fn start(&self, offset: usize) -> Option<usize> {
        let next = self.seams.partition_point(|seam| seam.folded.1 <= offset);
        self.outside(next, offset)
    }

    /// The original offset at which what ends at this folded offset ends; `None` inside a character.
    /// What folds to nothing is left out behind.
    pub(super) fn end(&self, offset: usize) -> Option<usize> {
        let next = self.seams.partition_point(|seam| seam.folded.0 < offset);
        self.outside(next, offset)
    }

    /// The original offset between the seams `next - 1` and `next`.
    fn outside(&self, next: usize, offset: usize) -> Option<usize> {
        if self.seams.get(next).is_some_and(|seam| seam.folded.0 < offset) {
            return None;
        }
        let Some(last) = next.checked_sub(1).and_then(|last| self.seams.get(last)) else {
            return Some(offset);
        };
        Some(last.original.1 + offset.checked_sub(last.folded.1)?)
    }
}
