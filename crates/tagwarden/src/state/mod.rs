//! What the engine remembers of subjects.

mod hash;
pub(crate) mod snapshot;
mod sparse;
mod subject;

pub(crate) use hash::{key_fingerprint, keyed_hash, share};
pub(crate) use sparse::Sparse;
pub(crate) use subject::{Bounds, Fresh, Held, Proposal, ScoreState, SequenceState, Subject};
