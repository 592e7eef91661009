//! The subjects, found by entity and key, numbered in the order in which they were first seen.

use crate::schema::EntityId;
use crate::state::Subject;
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::Arc;

/// The index is many small tables, so that no single event has to wait for the growth of one big one.
const PARTS: usize = 64;

/// Subjects lie together in blocks of so many: a growing table never copies them.
const BLOCK: usize = 1 << 10;

/// Where a subject stands, and what it was found by, so that growth need not look at the subjects again.
#[derive(Clone, Copy, Debug)]
struct Place {
    hash: u32,
    at: u32,
}

/// A key that stands for the subject of another key, with that one.
pub(super) type Alias = (EntityId, Arc<str>, Arc<str>);

#[derive(Debug)]
pub(super) struct Table {
    index: Box<[HashTable<Place>]>,
    /// A number is never used again: ties are decided by it. Forgotten subjects leave a hole.
    blocks: Vec<Vec<Option<Subject>>>,
    numbers: u32,
    len: usize,
    /// Keys under which a subject that was another one is known as well.
    aliases: HashMap<(EntityId, Arc<str>), u32>,
}

impl Default for Table {
    fn default() -> Self {
        Table {
            index: (0..PARTS).map(|_| HashTable::new()).collect(),
            blocks: Vec::new(),
            numbers: 0,
            len: 0,
            aliases: HashMap::new(),
        }
    }
}

/// What a subject is found by.
pub(super) fn hash(entity: EntityId, key: &str) -> u32 {
    let hash = FixedState::default().hash_one(key) ^ u64::from(entity.0).wrapping_mul(0xA24B_AED4_963E_E407);
    (hash >> 32) as u32 ^ hash as u32
}

/// A stored hash, spread over all bits that a table looks at.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

impl Table {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(super) fn get(&self, at: u32) -> Option<&Subject> {
        self.blocks.get(at as usize / BLOCK)?.get(at as usize % BLOCK)?.as_ref()
    }

    #[inline]
    pub(super) fn get_mut(&mut self, at: u32) -> Option<&mut Subject> {
        self.blocks.get_mut(at as usize / BLOCK)?.get_mut(at as usize % BLOCK)?.as_mut()
    }

    fn part(hash: u32) -> usize {
        hash as usize % PARTS
    }

    pub(super) fn find(&self, entity: EntityId, key: &str) -> Option<u32> {
        self.find_hashed(hash(entity, key), entity, key)
    }

    /// The number of the first subject that may have a hash, without a look at it.
    pub(super) fn guess(&self, hash: u32) -> Option<u32> {
        self.index.get(Table::part(hash))?.iter_hash(spread(hash)).next().map(|place| place.at)
    }

    /// [`Table::find`], the hash worked out already.
    #[inline]
    pub(super) fn find_hashed(&self, hash: u32, entity: EntityId, key: &str) -> Option<u32> {
        let is = |place: &Place| {
            place.hash == hash
                && self.get(place.at).is_some_and(|subject| subject.entity == entity && subject.has_key(key))
        };
        match self.index.get(Table::part(hash))?.find(spread(hash), is) {
            Some(place) => Some(place.at),
            None if self.aliases.is_empty() => None,
            None => self.aliases.get(&(entity, Arc::from(key))).copied(),
        }
    }

    /// Puts in a subject that is not here yet, and returns its number.
    pub(super) fn add(&mut self, subject: Subject) -> u32 {
        let hash = hash(subject.entity, &subject.key);
        let at = self.numbers;
        self.numbers += 1;
        self.len += 1;
        if let Some(part) = self.index.get_mut(Table::part(hash)) {
            part.insert_unique(spread(hash), Place { hash, at }, |place| spread(place.hash));
        }
        match self.blocks.last_mut().filter(|block| block.len() < BLOCK) {
            Some(block) => block.push(Some(subject)),
            None => {
                // The first block of a small engine should be small.
                let mut block = Vec::with_capacity(if self.blocks.is_empty() { 0 } else { BLOCK });
                block.push(Some(subject));
                self.blocks.push(block);
            }
        }
        at
    }

    /// Puts in a subject that was elsewhere before; `false` if it is here already.
    pub(super) fn insert(&mut self, subject: Subject) -> bool {
        let new = self.find(subject.entity, &subject.key).is_none();
        if new {
            self.add(subject);
        }
        new
    }

    /// Takes all subjects out, and begins to number anew.
    pub(super) fn clear(&mut self) {
        if self.numbers <= PARTS as u32 {
            for at in 0..self.numbers {
                self.take(at);
            }
        } else {
            self.index.iter_mut().for_each(HashTable::clear);
        }
        self.blocks.truncate(1);
        self.blocks.iter_mut().for_each(Vec::clear);
        self.aliases.clear();
        (self.numbers, self.len) = (0, 0);
    }

    /// Takes a subject out, with the other keys that it is known by.
    pub(super) fn take(&mut self, at: u32) -> Option<Subject> {
        let subject = self.get(at)?;
        let hash = hash(subject.entity, &subject.key);
        self.aliases.retain(|_, other| *other != at);
        let part = self.index.get_mut(Table::part(hash))?;
        part.find_entry(spread(hash), |place| place.at == at).ok()?.remove();
        self.len -= 1;
        self.blocks.get_mut(at as usize / BLOCK)?.get_mut(at as usize % BLOCK)?.take()
    }

    /// Has a key stand for a subject. Keys that stood for the subject of that key are to be given anew.
    pub(super) fn alias(&mut self, entity: EntityId, key: &Arc<str>, at: u32) {
        self.aliases.insert((entity, Arc::clone(key)), at);
    }

    /// The other keys of a subject.
    pub(super) fn aliases_of(&self, at: u32) -> Vec<Arc<str>> {
        let own = self.aliases.iter().filter(|(_, other)| **other == at);
        own.map(|((_, key), _)| Arc::clone(key)).collect()
    }

    /// The keys that stand for subjects of another key, each with that key, in order.
    pub(super) fn aliases(&self) -> Vec<Alias> {
        let known = |((entity, key), at): (&(EntityId, Arc<str>), &u32)| {
            Some((*entity, Arc::clone(key), Arc::clone(&self.get(*at)?.key)))
        };
        let mut all: Vec<_> = self.aliases.iter().filter_map(known).collect();
        all.sort_unstable();
        all
    }

    pub(super) fn into_subjects(self) -> impl Iterator<Item = Subject> {
        self.blocks.into_iter().flatten().flatten()
    }

    /// The subject of each number, as far as it is still there.
    #[cfg(feature = "rayon")]
    pub(super) fn into_places(self) -> impl Iterator<Item = Option<Subject>> {
        self.blocks.into_iter().flatten()
    }

    /// How many numbers have been given out.
    pub(super) fn numbers(&self) -> u32 {
        self.numbers
    }

    /// The subjects with their numbers, in the order in which they were first seen.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &Subject)> {
        let all = self.blocks.iter().flatten().enumerate();
        all.filter_map(|(at, subject)| Some((at as u32, subject.as_ref()?)))
    }
}
