//! What people have decided of a subject, beside the tags and entries that they gave.

use crate::decision::{About, Reason, Spared};
use crate::window::NEVER;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// An entry does not count for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Suspension {
    pub(crate) since: i64,
    /// First instant at which it counts again.
    pub(crate) until: i64,
    pub(crate) session: Option<Arc<str>>,
    #[serde(with = "crate::decision::saved::reason")]
    pub(crate) reason: Arc<Reason>,
}

/// Rules spare the subject something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Exemption {
    pub(crate) from: Spared,
    pub(crate) since: i64,
    /// First instant at which it is over.
    pub(crate) end: i64,
    #[serde(with = "crate::decision::saved::reason")]
    pub(crate) reason: Arc<Reason>,
}

/// A rule was wrong to set something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mark {
    pub(crate) rule: Arc<str>,
    pub(crate) about: About,
    pub(crate) since: i64,
    #[serde(with = "crate::decision::saved::reason")]
    pub(crate) reason: Arc<Reason>,
}

/// An appeal that nobody has decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Appeal {
    pub(crate) about: About,
    pub(crate) since: i64,
    #[serde(with = "crate::decision::saved::reason")]
    pub(crate) reason: Arc<Reason>,
}

/// Rules and names stand by name, so that they outlive a rulebook.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct People {
    pub(crate) exemptions: Vec<Exemption>,
    pub(crate) marks: Vec<Mark>,
    pub(crate) appeals: Vec<Appeal>,
}

impl People {
    /// When the next exemption runs out.
    pub(crate) fn next_change(&self) -> i64 {
        self.exemptions.iter().map(|exemption| exemption.end).min().unwrap_or(NEVER)
    }

    /// Whether some rule is to do nothing at all.
    pub(crate) fn spares_rules(&self) -> bool {
        !self.marks.is_empty()
            || self.exemptions.iter().any(|exemption| matches!(exemption.from, Spared::Rule(_)))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.exemptions.is_empty() && self.marks.is_empty() && self.appeals.is_empty()
    }
}
