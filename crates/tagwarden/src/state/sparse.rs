//! A small map from plan indices: of ten thousand rules a subject has to do with few.

use serde::{Deserialize, Serialize};

/// Entries in order of their index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sparse<T>(Vec<(u32, T)>);

impl<T> Default for Sparse<T> {
    fn default() -> Self {
        Sparse::new()
    }
}

impl<T> Sparse<T> {
    pub(crate) const fn new() -> Sparse<T> {
        Sparse(Vec::new())
    }

    fn place(&self, at: u32) -> Result<usize, usize> {
        self.0.binary_search_by_key(&at, |(index, _)| *index)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn get(&self, at: u32) -> Option<&T> {
        self.place(at).ok().and_then(|place| self.0.get(place)).map(|(_, value)| value)
    }

    pub(crate) fn get_mut(&mut self, at: u32) -> Option<&mut T> {
        let place = self.place(at).ok()?;
        self.0.get_mut(place).map(|(_, value)| value)
    }

    pub(crate) fn set(&mut self, at: u32, value: T) {
        match self.place(at) {
            Ok(place) => {
                if let Some(entry) = self.0.get_mut(place) {
                    entry.1 = value;
                }
            }
            Err(place) => self.0.insert(place, (at, value)),
        }
    }

    pub(crate) fn get_or_insert_with(&mut self, at: u32, value: impl FnOnce() -> T) -> Option<&mut T> {
        let place = match self.place(at) {
            Ok(place) => place,
            Err(place) => {
                self.0.insert(place, (at, value()));
                place
            }
        };
        self.0.get_mut(place).map(|(_, value)| value)
    }

    pub(crate) fn remove(&mut self, at: u32) -> Option<T> {
        self.place(at).ok().map(|place| self.0.remove(place).1)
    }

    pub(crate) fn retain(&mut self, mut keep: impl FnMut(u32, &mut T) -> bool) {
        self.0.retain_mut(|(index, value)| keep(*index, value));
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        self.0.iter().map(|(index, value)| (*index, value))
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (u32, &mut T)> {
        self.0.iter_mut().map(|(index, value)| (*index, value))
    }

    /// Whether the entries stand in order below a bound: of one that comes from outside.
    pub(crate) fn fits(&self, bound: usize) -> bool {
        self.0.is_sorted_by(|(before, _), (after, _)| before < after)
            && self.0.last().is_none_or(|(last, _)| (*last as usize) < bound)
    }
}

impl Sparse<i64> {
    /// The least value, or another if that is less.
    pub(crate) fn least(&self, other: i64) -> i64 {
        self.0.iter().fold(other, |least, (_, value)| least.min(*value))
    }
}
