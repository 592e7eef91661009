//! What is not about rules, and wanted in several rooms.
//!
//! Much of it the standard library has too, and here it is in a form that is small in the browser. Every type that is
//! sorted or kept in a tree has a copy of the algorithm of its own: fast natively, and in a module for the browser
//! together a tenth of the download. There the algorithm stands once, and each type adds but its comparison. The answers
//! are the same: both sorts are stable, both maps are in the order of their keys. Rooms that work for each event take the
//! standard library's own.

mod checksum;
mod head;
#[cfg(any(test, target_family = "wasm"))]
mod ordered;
#[cfg(any(test, target_family = "wasm"))]
mod saved;
mod sorting;

pub(crate) use checksum::crc32;
pub(crate) use head::head;
pub(crate) use sorting::{sort, sort_by, sort_by_key};

#[cfg(target_family = "wasm")]
pub(crate) use ordered::{Map as BTreeMap, Set as BTreeSet};
#[cfg(not(target_family = "wasm"))]
pub(crate) use std::collections::{BTreeMap, BTreeSet};
