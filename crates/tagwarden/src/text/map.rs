//! The way back from offsets in a folded text to the original.

/// Where the folded text differs in length from the original. It grows as the text is folded, and stays empty for most texts.
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
    pub(super) fn push(&mut self, folded: (usize, usize), original: (usize, usize)) {
        self.seams.push(Seam { folded, original });
    }

    /// The original offset at which what begins at this folded offset begins; `None` inside a character.
    /// What folds to nothing is left out in front.
    pub(super) fn start(&self, offset: usize) -> Option<usize> {
        if self.seams.is_empty() {
            return Some(offset);
        }
        let next = self.seams.partition_point(|seam| seam.folded.1 <= offset);
        if self.seams.get(next).is_some_and(|seam| seam.folded.0 < offset) {
            return None;
        }
        match next.checked_sub(1).and_then(|last| self.seams.get(last)) {
            None => Some(offset),
            Some(seam) => Some(seam.original.1 + offset.checked_sub(seam.folded.1)?),
        }
    }
}
