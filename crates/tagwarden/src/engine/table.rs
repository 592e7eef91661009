//! The subjects, found by entity and key, numbered in the order in which they were first seen.

use crate::plan::{EntityPlan, Plan};
use crate::schema::EntityId;
use crate::state::Subject;
use foldhash::quality::FixedState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use std::hash::BuildHasher;
use std::sync::Arc;

#[derive(Debug, Default)]
pub(super) struct Table {
    index: HashTable<u32>,
    /// A number is never used again: ties are decided by it. Forgotten subjects leave a hole.
    subjects: Vec<Option<Box<Subject>>>,
    hasher: FixedState,
}

impl Table {
    pub(super) fn len(&self) -> usize {
        self.index.len()
    }

    pub(super) fn get(&self, at: u32) -> Option<&Subject> {
        self.subjects.get(at as usize)?.as_deref()
    }

    pub(super) fn get_mut(&mut self, at: u32) -> Option<&mut Subject> {
        self.subjects.get_mut(at as usize)?.as_deref_mut()
    }

    pub(super) fn find(&self, entity: EntityId, key: &str) -> Option<u32> {
        let hash = self.hasher.hash_one((entity.0, key));
        self.index.find(hash, |at| is(&self.subjects, *at, entity, key)).copied()
    }

    pub(super) fn find_or_insert(&mut self, plan: &Plan, entity: EntityId, key: &Arc<str>) -> u32 {
        let hash = self.hasher.hash_one((entity.0, &**key));
        let subjects = &self.subjects;
        let rehash = |at: &u32| match subjects.get(*at as usize) {
            Some(Some(subject)) => self.hasher.hash_one((subject.entity.0, &*subject.key)),
            _ => 0,
        };
        match self.index.entry(hash, |at| is(subjects, *at, entity, key), rehash) {
            Entry::Occupied(entry) => *entry.get(),
            Entry::Vacant(entry) => {
                let at = self.subjects.len() as u32;
                entry.insert(at);
                let empty = EntityPlan::default();
                let plan = plan.entity(entity).unwrap_or(&empty);
                self.subjects.push(Some(Box::new(Subject::new(plan, entity, Arc::clone(key)))));
                at
            }
        }
    }

    /// Puts in a subject that was elsewhere before; `false` if it is here already.
    pub(super) fn insert(&mut self, subject: Subject) -> bool {
        if self.find(subject.entity, &subject.key).is_some() {
            return false;
        }
        let hash = self.hasher.hash_one((subject.entity.0, &*subject.key));
        let at = self.subjects.len() as u32;
        self.subjects.push(Some(Box::new(subject)));
        let subjects = &self.subjects;
        let rehash = |at: &u32| match subjects.get(*at as usize) {
            Some(Some(subject)) => self.hasher.hash_one((subject.entity.0, &*subject.key)),
            _ => 0,
        };
        self.index.insert_unique(hash, at, rehash);
        true
    }

    pub(super) fn remove(&mut self, entity: EntityId, key: &str) -> Option<Box<Subject>> {
        let hash = self.hasher.hash_one((entity.0, key));
        let entry = self.index.find_entry(hash, |at| is(&self.subjects, *at, entity, key)).ok()?;
        let (at, _) = entry.remove();
        self.subjects.get_mut(at as usize)?.take()
    }

    pub(super) fn into_subjects(self) -> impl Iterator<Item = Box<Subject>> {
        self.subjects.into_iter().flatten()
    }

    /// How many numbers have been given out.
    pub(super) fn numbers(&self) -> u32 {
        self.subjects.len() as u32
    }

    /// The subjects with their numbers, in the order in which they were first seen.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &Subject)> {
        self.subjects.iter().enumerate().filter_map(|(at, subject)| Some((at as u32, subject.as_deref()?)))
    }
}

fn is(subjects: &[Option<Box<Subject>>], at: u32, entity: EntityId, key: &str) -> bool {
    matches!(subjects.get(at as usize), Some(Some(subject)) if subject.entity == entity && *subject.key == *key)
}
