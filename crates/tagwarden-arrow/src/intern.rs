//! Texts that come again and again, held once.

use foldhash::fast::FixedState;
use std::hash::BuildHasher;
use std::sync::Arc;

/// How many texts are remembered.
const SLOTS: usize = 1 << 15;

/// Longer texts hardly come twice.
const LONGEST: usize = 64;

/// The last text of each hash, so that a text which comes often is allocated once. It never grows.
#[derive(Debug)]
pub(crate) struct Interner {
    slots: Vec<Option<Arc<str>>>,
    hasher: FixedState,
}

impl Interner {
    pub(crate) fn new() -> Interner {
        Interner { slots: vec![None; SLOTS], hasher: FixedState::default() }
    }

    pub(crate) fn get(&mut self, text: &str) -> Arc<str> {
        if text.len() > LONGEST {
            return text.into();
        }
        let at = self.hasher.hash_one(text) as usize % SLOTS;
        match self.slots.get_mut(at) {
            Some(Some(held)) if **held == *text => Arc::clone(held),
            Some(slot) => Arc::clone(slot.insert(text.into())),
            None => text.into(),
        }
    }
}
