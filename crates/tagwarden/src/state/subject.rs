//! One subject.

use crate::grants::{Grants, Owner};
use crate::plan::{EntityPlan, StreamKind};
use crate::schema::{EntityId, EventId};
use crate::value::{Decimal, Timestamp, Value};
use crate::window::{NEVER, Series};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Everything that is remembered of one subject.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Subject {
    pub(crate) entity: EntityId,
    pub(crate) key: Arc<str>,
    /// Time of its first event.
    pub(crate) first_event: i64,
    /// Whether no rule has run for it yet.
    pub(crate) fresh: bool,
    pub(crate) streams: Box<[StreamState]>,
    pub(crate) series: Box<[Series]>,
    /// When something next leaves each window, in the row of the plan's slots: read at every instant, so it lies together.
    pub(crate) changes: Box<[i64]>,
    /// The least of them.
    pub(crate) next_leave: i64,
    /// For each `no S for D`, the end of the last pick's hold; `None` where nothing was ever picked.
    pub(crate) quiets: Box<[Option<i64>]>,
    /// When each of the plan's leaves next changes by the clock alone.
    pub(crate) leaves: Box<[i64]>,
    pub(crate) rules: Box<[RuleState]>,
    pub(crate) grants: Grants,
    pub(crate) scores: BTreeMap<u32, ScoreState>,
    pub(crate) proposals: Vec<Proposal>,
    /// When messages last went out to it, oldest first.
    pub(crate) contacts: VecDeque<i64>,
    /// Events since the number of held ones was last counted.
    pub(crate) uncounted: u32,
    /// The next instant at which the clock alone may change something that is read.
    pub(crate) wake: i64,
    /// The time with which it stands in the queue of due times; [`NEVER`] where it does not.
    #[serde(skip, default = "never")]
    pub(crate) queued: i64,
}

const fn never() -> i64 {
    NEVER
}

/// What a stream remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StreamState {
    /// Time of the last pick.
    pub(crate) last: Option<i64>,
    pub(crate) sequence: Option<Box<SequenceState>>,
}

/// What `after` and `without` remember.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SequenceState {
    /// `after`: until when the last other pick counts, for each value that must match.
    pub(crate) open: BTreeMap<Option<Value>, i64>,
    /// `without`: picks that wait for their deadline.
    pub(crate) pending: VecDeque<Held>,
    /// The latest deadline so far: none comes before an earlier one.
    pub(crate) latest: Option<i64>,
}

/// An event that waits for a deadline. Private fields are kept as keyed hashes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Held {
    pub(crate) deadline: i64,
    pub(crate) event: EventId,
    /// The event's own time.
    pub(crate) time: Timestamp,
    pub(crate) fields: Arc<[Option<Value>]>,
    /// The value that must match; absent matches nothing.
    pub(crate) matching: Option<Value>,
}

/// What a rule remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RuleState {
    /// Whether its condition held when it last ran.
    pub(crate) held: bool,
    /// Whether it is a shadow for this subject.
    pub(crate) shadow: bool,
    /// When it last fired; `i64::MIN` for never.
    pub(crate) fired: i64,
    /// The next time of its schedule.
    pub(crate) due: i64,
    /// Which of the first 64 actions of a `while` rule a guard withheld.
    pub(crate) withheld: u64,
}

/// A score at its last change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ScoreState {
    pub(crate) at: i64,
    pub(crate) value: Decimal,
}

/// A proposal that nobody has decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Proposal {
    pub(crate) owner: Owner,
    pub(crate) shadow: bool,
    pub(crate) since: i64,
    #[serde(with = "crate::decision::saved::action")]
    pub(crate) action: crate::decision::ProposedAction,
    #[serde(with = "crate::decision::saved::reason")]
    pub(crate) reason: Arc<crate::decision::Reason>,
}

impl Subject {
    pub(crate) fn new(plan: &EntityPlan, entity: EntityId, key: Arc<str>) -> Subject {
        let streams = plan.streams.iter().map(|stream| StreamState {
            last: None,
            sequence: (!matches!(stream.kind, StreamKind::Base { .. })).then(Box::default),
        });
        let rules = plan.rules.iter().map(|rule| RuleState {
            held: false,
            shadow: rule.shadow
                || rule.rollout.is_some_and(|share| super::hash::share(&rule.reference.name, &key) >= share),
            fired: i64::MIN,
            due: NEVER,
            withheld: 0,
        });
        Subject {
            entity,
            first_event: NEVER,
            fresh: true,
            streams: streams.collect(),
            series: plan.series.iter().map(|series| Series::new(&series.plan)).collect(),
            changes: plan.slots.iter().map(|_| NEVER).collect(),
            next_leave: NEVER,
            quiets: plan.quiets.iter().map(|_| None).collect(),
            leaves: plan.leaves.iter().map(|_| NEVER).collect(),
            rules: rules.collect(),
            grants: Grants::default(),
            scores: BTreeMap::new(),
            proposals: Vec::new(),
            contacts: VecDeque::new(),
            uncounted: 0,
            wake: NEVER,
            queued: NEVER,
            key,
        }
    }

    /// How many events and values its windows hold.
    pub(crate) fn held(&self) -> usize {
        let sequences = self.streams.iter().filter_map(|stream| stream.sequence.as_ref());
        self.series.iter().map(Series::held).sum::<usize>()
            + sequences.map(|sequence| sequence.open.len() + sequence.pending.len()).sum::<usize>()
    }
}
