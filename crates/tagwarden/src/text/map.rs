//! The way back from offsets in a folded text to the original.

/// Where the folded text differs in length from the original. Made only where a pattern may be; empty mostly.
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
    /// Goes on with a character that stands at `at` and becomes `folded` bytes. It has to be told of those of another length, and of all
    /// that become several characters or none.
    pub(super) fn seam(&mut self, at: usize, len: usize, folded: (usize, usize)) {
        self.seams.push(Seam { folded, original: (at, at + len) });
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
