//! Maps and sets of this room in snapshots: written as the standard library's are, and in order however they come.

use super::ordered::{Map, Set};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use std::fmt;
use std::marker::PhantomData;

impl<K: Ord + Serialize, V: Serialize> Serialize for Map<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self)
    }
}

impl<'de, K: Ord + Deserialize<'de>, V: Deserialize<'de>> Deserialize<'de> for Map<K, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Pairs(PhantomData))
    }
}

struct Pairs<K, V>(PhantomData<(K, V)>);

impl<'de, K: Ord + Deserialize<'de>, V: Deserialize<'de>> Visitor<'de> for Pairs<K, V> {
    type Value = Map<K, V>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Self::Value, A::Error> {
        let mut rows = Vec::new();
        while let Some(pair) = pairs.next_entry()? {
            rows.push(pair);
        }
        Ok(rows.into_iter().collect())
    }
}

impl<T: Serialize> Serialize for Set<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self)
    }
}

impl<'de, T: Ord + Deserialize<'de>> Deserialize<'de> for Set<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::deserialize(deserializer)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn both_are_written_and_read_as_the_standard_ones() {
        let pairs = [(3, "c"), (1, "a"), (2, "b")].map(|(key, value)| (key, value.to_owned()));
        let (map, standard) = (Map::from_iter(pairs.clone()), BTreeMap::from_iter(pairs));
        let bytes = postcard::to_allocvec(&map).unwrap();
        assert_eq!(bytes, postcard::to_allocvec(&standard).unwrap());
        assert_eq!(postcard::from_bytes::<Map<i32, String>>(&bytes).unwrap(), map);
        let (set, standard) = (Set::from([5, 1, 3]), BTreeSet::from([5, 1, 3]));
        let bytes = postcard::to_allocvec(&set).unwrap();
        assert_eq!(bytes, postcard::to_allocvec(&standard).unwrap());
        assert_eq!(postcard::from_bytes::<Set<i32>>(&bytes).unwrap(), set);
    }

    #[test]
    fn what_comes_in_no_order_is_put_in_order() {
        let bytes = postcard::to_allocvec(&vec![(7, 1_u8), (2, 2), (7, 3)]).unwrap();
        let (ours, standard) = (postcard::from_bytes::<Map<i32, u8>>(&bytes), postcard::from_bytes(&bytes));
        let standard: BTreeMap<i32, u8> = standard.unwrap();
        assert!(ours.unwrap().into_iter().eq(standard));
        let bytes = postcard::to_allocvec(&vec![9, 4, 9]).unwrap();
        assert_eq!(postcard::from_bytes::<Set<i32>>(&bytes).unwrap(), Set::from([4, 9]));
    }
}
