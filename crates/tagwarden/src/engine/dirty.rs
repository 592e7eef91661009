//! The rules that must be looked at, in the order in which they run.

use crate::plan::Readers;

/// One bit a rule, and one bit for every 64 rules of which some must be looked at: among ten thousand rules the next one is found
/// in a few steps.
#[derive(Debug, Default)]
pub(super) struct Dirty {
    rules: Vec<u64>,
    words: Vec<u64>,
}

impl Dirty {
    /// For how many rules there is room.
    pub(super) fn len(&self) -> usize {
        self.rules.len() * 64
    }

    /// Makes room for so many rules.
    pub(super) fn reserve(&mut self, rules: usize) {
        let words = rules.div_ceil(64);
        if self.rules.len() < words {
            self.rules.resize(words, 0);
            self.words.resize(words.div_ceil(64), 0);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.iter().all(|words| *words == 0)
    }

    pub(super) fn mark(&mut self, rule: u32) {
        let word = rule as usize / 64;
        if let (Some(bits), Some(words)) = (self.rules.get_mut(word), self.words.get_mut(word / 64)) {
            *bits |= 1 << (rule % 64);
            *words |= 1 << (word % 64);
        }
    }

    /// Marks many at once.
    pub(super) fn mark_all(&mut self, readers: &Readers) {
        for (word, bits) in readers.words() {
            let word = *word as usize;
            if let (Some(rules), Some(words)) = (self.rules.get_mut(word), self.words.get_mut(word / 64)) {
                *rules |= bits;
                *words |= 1 << (word % 64);
            }
        }
    }

    /// The first one, which then counts as looked at.
    pub(super) fn pop(&mut self) -> Option<u32> {
        // Few rulebooks have more than the first group.
        let group = if self.words.first().is_some_and(|words| *words != 0) {
            0
        } else {
            self.words.iter().position(|words| *words != 0)?
        };
        let words = self.words.get_mut(group)?;
        let word = group * 64 + words.trailing_zeros() as usize;
        let bits = self.rules.get_mut(word)?;
        let bit = bits.trailing_zeros();
        *bits &= bits.wrapping_sub(1);
        if *bits == 0 {
            *words &= words.wrapping_sub(1);
        }
        Some(word as u32 * 64 + bit)
    }

    pub(super) fn clear(&mut self) {
        while self.pop().is_some() {}
    }
}
