//! The way back from offsets in a folded text to the original.

use super::fold::{Fold, Folded};

/// Where the folded text differs in length from the original. Made only for texts in which something was found.
pub(super) struct Map {
    /// In order. Between two of them offsets differ by a constant.
    seams: Vec<Seam>,
}

/// A character that does not fold to exactly one of as many bytes.
struct Seam {
    folded: (usize, usize),
    original: (usize, usize),
}

impl Map {
    pub(super) fn new(fold: Fold, text: &str) -> Map {
        let mut seams = Vec::new();
        let Some(table) = fold.table() else { return Map { seams } };
        let mut folded = 0;
        for (at, c) in text.char_indices() {
            let len = c.len_utf8();
            let (new, seam) = match if c.is_ascii() { Folded::Same } else { table.get(c) } {
                Folded::Same => (len, false),
                Folded::One(one) => (one.len_utf8(), one.len_utf8() != len),
                Folded::Many(many) => (many.len(), true),
            };
            if seam {
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
        match next.checked_sub(1).and_then(|last| self.seams.get(last)) {
            None => Some(offset),
            Some(seam) => Some(seam.original.1 + offset.checked_sub(seam.folded.1)?),
        }
    }
}
