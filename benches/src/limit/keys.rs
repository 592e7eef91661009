//! Keys to indices: hashed once at the edge.

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// A key of up to 15 bytes in place, a longer one on the heap.
#[derive(Clone, Debug)]
enum Key {
    Short { length: u8, bytes: [u8; 15] },
    Long(Box<str>),
}

impl Key {
    fn new(text: &str) -> Key {
        let mut bytes = [0; 15];
        match bytes.get_mut(..text.len()) {
            Some(place) => {
                place.copy_from_slice(text.as_bytes());
                Key::Short { length: text.len() as u8, bytes }
            }
            None => Key::Long(text.into()),
        }
    }

    fn is(&self, text: &str) -> bool {
        match self {
            Key::Short { length, bytes } => bytes.get(..usize::from(*length)) == Some(text.as_bytes()),
            Key::Long(long) => **long == *text,
        }
    }
}

/// A flat table of states, one a key, each with the text of its key beside it.
#[derive(Debug, Default)]
pub(super) struct Keyed<S> {
    indices: HashTable<(u32, u32)>,
    states: Vec<(Key, S)>,
    hasher: FixedState,
}

impl<S: Default> Keyed<S> {
    /// The state of a key; a new one where there is none.
    #[inline]
    pub(super) fn state(&mut self, text: &str) -> &mut S {
        let hash = self.hasher.hash_one(text.as_bytes());
        // 32 bits of the hash beside the index spare nearly every look at a wrong key, and growing needs no key at all
        // but for the other half, so the table is keyed by those bits spread over 64.
        let short = (hash >> 32) as u32;
        let spread = spread(short);
        let states = &self.states;
        let found = self.indices.find(spread, |(other, at)| {
            *other == short && states.get(*at as usize).is_some_and(|(key, _)| key.is(text))
        });
        let at = match found {
            Some((_, at)) => *at as usize,
            None => {
                let at = self.states.len();
                self.states.push((Key::new(text), S::default()));
                let entry = (short, at as u32);
                self.indices.insert_unique(spread, entry, |(short, _)| self::spread(*short));
                at
            }
        };
        &mut self.states[at].1
    }

    pub(super) fn len(&self) -> usize {
        self.states.len()
    }
}

/// 64 bits with the given 32 in both halves: the table takes its buckets from the low and its tags from the high ones.
fn spread(short: u32) -> u64 {
    (u64::from(short) << 32) | u64::from(short)
}
