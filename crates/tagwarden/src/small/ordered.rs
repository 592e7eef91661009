//! Maps and sets in the order of their keys, as sorted rows: what a rulebook names is some hundred things at most.
//!
//! They have those of the methods of the standard library's trees that somebody asks for, and answer alike.

use super::sorting::sort_by;
use std::borrow::Borrow;
use std::ops::RangeFrom;

/// A map in the order of its keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Map<K, V>(Vec<(K, V)>);

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Map(Vec::new())
    }
}

impl<K: Ord, V> Map<K, V> {
    pub(crate) fn new() -> Self {
        Map::default()
    }

    /// Where the key is, or belongs.
    fn place<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        self.0.binary_search_by(|(own, _)| own.borrow().cmp(key))
    }

    pub(crate) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let at = self.place(key).ok()?;
        self.0.get(at).map(|(_, value)| value)
    }

    pub(crate) fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let at = self.place(key).ok()?;
        self.0.get_mut(at).map(|(_, value)| value)
    }

    pub(crate) fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.place(key).is_ok()
    }

    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.place(&key) {
            Ok(at) => self.0.get_mut(at).map(|(_, old)| std::mem::replace(old, value)),
            Err(at) => {
                self.0.insert(at, (key, value));
                None
            }
        }
    }

    pub(crate) fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let at = self.place(key).ok()?;
        Some(self.0.remove(at).1)
    }

    pub(crate) fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        Entry { place: self.place(&key), key, map: self }
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> + ExactSizeIterator + Clone {
        self.0.iter().map(|(key, value)| (key, value))
    }

    pub(crate) fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + ExactSizeIterator + Clone {
        self.0.iter().map(|(key, _)| key)
    }

    pub(crate) fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator + Clone {
        self.0.iter().map(|(_, value)| value)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The place of a key, taken or free.
pub(crate) struct Entry<'m, K, V> {
    place: Result<usize, usize>,
    key: K,
    map: &'m mut Map<K, V>,
}

impl<'m, K: Ord, V> Entry<'m, K, V> {
    pub(crate) fn or_insert(self, value: V) -> &'m mut V {
        self.or_insert_with(|| value)
    }

    pub(crate) fn or_default(self) -> &'m mut V
    where
        V: Default,
    {
        self.or_insert_with(V::default)
    }

    pub(crate) fn or_insert_with(self, value: impl FnOnce() -> V) -> &'m mut V {
        let at = match self.place {
            Ok(at) => at,
            Err(at) => {
                self.map.0.insert(at, (self.key, value()));
                at
            }
        };
        &mut self.map.0[at].1
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for Map<K, V> {
    /// Of equal keys the last counts.
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut rows: Vec<(K, V)> = pairs.into_iter().collect();
        sort_by(&mut rows, |(a, _), (b, _)| a.cmp(b));
        rows.dedup_by(|later, earlier| {
            let same = later.0 == earlier.0;
            if same {
                std::mem::swap(later, earlier);
            }
            same
        });
        Map(rows)
    }
}

impl<K: Ord, V> Extend<(K, V)> for Map<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, pairs: I) {
        for (key, value) in pairs {
            self.insert(key, value);
        }
    }
}

impl<K, V> IntoIterator for Map<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'m, K, V> IntoIterator for &'m Map<K, V> {
    type Item = (&'m K, &'m V);
    type IntoIter = std::iter::Map<std::slice::Iter<'m, (K, V)>, fn(&'m (K, V)) -> (&'m K, &'m V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().map(|(key, value)| (key, value))
    }
}

/// A set in the order of its members.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Set<T>(Vec<T>);

impl<T> Default for Set<T> {
    fn default() -> Self {
        Set(Vec::new())
    }
}

impl<T: Ord> Set<T> {
    pub(crate) fn new() -> Self {
        Set::default()
    }

    pub(crate) fn insert(&mut self, item: T) -> bool {
        match self.0.binary_search(&item) {
            Ok(_) => false,
            Err(at) => {
                self.0.insert(at, item);
                true
            }
        }
    }

    pub(crate) fn contains<Q: Ord + ?Sized>(&self, item: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.0.binary_search_by(|own| own.borrow().cmp(item)).is_ok()
    }

    pub(crate) fn remove<Q: Ord + ?Sized>(&mut self, item: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        let place = self.0.binary_search_by(|own| own.borrow().cmp(item));
        place.map(|at| self.0.remove(at)).is_ok()
    }

    pub(crate) fn first(&self) -> Option<&T> {
        self.0.first()
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }

    /// The members from one on.
    pub(crate) fn range(&self, from: RangeFrom<T>) -> std::slice::Iter<'_, T> {
        let at = self.0.partition_point(|item| *item < from.start);
        self.0.get(at..).unwrap_or_default().iter()
    }

    /// The members of both, each once.
    pub(crate) fn union<'s>(&'s self, other: &'s Set<T>) -> std::vec::IntoIter<&'s T> {
        self.iter().chain(other).collect::<Set<&T>>().into_iter()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Ord> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut rows: Vec<T> = items.into_iter().collect();
        sort_by(&mut rows, T::cmp);
        rows.dedup();
        Set(rows)
    }
}

impl<T: Ord, const N: usize> From<[T; N]> for Set<T> {
    fn from(items: [T; N]) -> Self {
        items.into_iter().collect()
    }
}

impl<T: Ord> Extend<T> for Set<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        for item in items {
            self.insert(item);
        }
    }
}

impl<'s, T: Ord + Copy + 's> Extend<&'s T> for Set<T> {
    fn extend<I: IntoIterator<Item = &'s T>>(&mut self, items: I) {
        self.extend(items.into_iter().copied());
    }
}

impl<T> IntoIterator for Set<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'s, T> IntoIterator for &'s Set<T> {
    type Item = &'s T;
    type IntoIter = std::slice::Iter<'s, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    /// Numbers in no order, some of them twice.
    fn numbers() -> impl Iterator<Item = u32> + Clone {
        (0..200_u32).map(|n| n * 7_919 % 151)
    }

    #[test]
    fn a_map_is_as_the_standard_one() {
        let pairs = numbers().map(|n| (n.to_string(), n % 7)).enumerate();
        let pairs: Vec<(String, usize)> = pairs.map(|(at, (key, _))| (key, at)).collect();
        let (ours, theirs): (Map<_, _>, BTreeMap<_, _>) =
            (pairs.iter().cloned().collect(), pairs.iter().cloned().collect());
        assert!(ours.iter().eq(theirs.iter()) && ours.clone().into_iter().eq(theirs.clone()));
        let (mut ours, mut theirs) = (Map::new(), BTreeMap::new());
        assert!(ours.is_empty());
        for (key, value) in pairs {
            assert_eq!(ours.get(&key), theirs.get(&key));
            assert_eq!(ours.contains_key(key.as_str()), theirs.contains_key(&key));
            *ours.entry(key.clone()).or_default() += value;
            *theirs.entry(key.clone()).or_default() += value;
            assert_eq!(ours.entry(key.clone()).or_insert(3), theirs.entry(key.clone()).or_insert(3));
            if value % 3 == 0 {
                assert_eq!(ours.insert(key.clone(), 5), theirs.insert(key.clone(), 5));
            }
            assert_eq!(ours.get_mut(&key), theirs.get_mut(&key));
            if value % 5 == 0 {
                assert_eq!(ours.remove(&key), theirs.remove(&key));
                assert_eq!(ours.remove(&key), None);
            }
            assert_eq!(ours.len(), theirs.len());
        }
        ours.extend([("a".to_owned(), 1)]);
        theirs.extend([("a".to_owned(), 1)]);
        assert!((&ours).into_iter().eq(&theirs));
        assert!(ours.keys().eq(theirs.keys()) && ours.values().eq(theirs.values()));
    }

    #[test]
    fn a_set_is_as_the_standard_one() {
        let (ours, theirs): (Set<_>, BTreeSet<_>) = (numbers().collect(), numbers().collect());
        assert!(ours.iter().eq(theirs.iter()) && ours.clone().into_iter().eq(theirs.clone()));
        assert!(ours.range(100..).eq(theirs.range(100..)));
        assert!(Set::from([2, 1, 2]).iter().eq([1, 2].iter()));
        let (mut ours, mut theirs) = (Set::new(), BTreeSet::new());
        assert!(ours.is_empty());
        for number in numbers() {
            assert_eq!(ours.insert(number), theirs.insert(number));
            if number % 5 == 0 {
                assert_eq!(ours.remove(&(number / 2)), theirs.remove(&(number / 2)));
            }
            assert_eq!((ours.contains(&60), ours.first()), (theirs.contains(&60), theirs.first()));
        }
        let others = (Set::from([3, 150, 400]), BTreeSet::from([3, 150, 400]));
        assert!(ours.union(&others.0).eq(theirs.union(&others.1)));
        ours.extend([1_000, 2].iter());
        theirs.extend([1_000, 2].iter());
        assert!((&ours).into_iter().eq(&theirs) && ours.len() == theirs.len());
    }
}
