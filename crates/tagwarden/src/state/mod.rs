//! What the engine remembers of subjects.

mod hash;
pub(crate) mod snapshot;
mod subject;

pub(crate) use hash::{key_fingerprint, keyed_hash};
pub(crate) use subject::{Held, Proposal, RuleState, ScoreState, StreamState, Subject};
