//! What the engine remembers of subjects.

mod hash;
mod subject;

pub(crate) use hash::keyed_hash;
pub(crate) use subject::{Held, Proposal, RuleState, ScoreState, Subject};
