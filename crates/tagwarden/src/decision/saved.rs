//! Reasons and proposals in snapshots: the same facts in a compact form of their own, so that what people read can
//! change without old snapshots becoming unreadable.

use crate::decision::{By, Evidence, KeywordHit, ProposedAction, Reason, RuleRef, Shown};
use crate::value::{Decimal, Timestamp, Value};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Serialize, Deserialize)]
struct SavedReason {
    text: Option<Arc<str>>,
    because: Vec<SavedEvidence>,
    by: Option<SavedBy>,
}

/// Actor, role, time.
type SavedBy = (Arc<str>, Option<Arc<str>>, Timestamp);

#[derive(Serialize, Deserialize)]
struct SavedEvidence {
    expr: Arc<str>,
    value: SavedShown,
    than: Option<(u8, SavedShown)>,
    holds: bool,
    events: Option<u64>,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    warming_until: Option<Timestamp>,
    hits: Vec<SavedHit>,
}

#[derive(Serialize, Deserialize)]
struct SavedHit {
    /// In code points, bytes and UTF-16 units.
    places: [(u32, u32); 3],
    pattern: Arc<str>,
    category: Option<Arc<str>>,
    text: Arc<str>,
    /// Places in [`UNDONE`].
    undone: Vec<u8>,
    except: Option<Arc<str>>,
}

/// What a hit may say was undone, each saved as its place here.
const UNDONE: [&str; 9] =
    ["case", "width", "script", "invisible", "separators", "repeats", "leet", "lookalikes", "sound"];

#[derive(Serialize, Deserialize)]
enum SavedShown {
    Value(Value),
    Absent,
    Masked,
}

#[derive(Serialize, Deserialize)]
enum SavedAction {
    Tag(Arc<str>),
    Untag(Arc<str>),
    Add(Arc<str>, u8, Option<Arc<str>>),
    Remove(Arc<str>),
    Score(Arc<str>, Decimal),
    Notify(Arc<str>, Option<Arc<str>>),
    Emit(Arc<str>, Vec<(Arc<str>, Value)>),
    Level(Arc<str>, u8),
}

/// The operators that evidence shows, each saved as its place here.
const OPERATORS: [&str; 6] = ["==", "!=", "<", "<=", ">", ">="];

impl From<&Shown> for SavedShown {
    fn from(shown: &Shown) -> Self {
        match shown {
            Shown::Value(value) => SavedShown::Value(value.clone()),
            Shown::Absent => SavedShown::Absent,
            Shown::Masked => SavedShown::Masked,
        }
    }
}

impl From<SavedShown> for Shown {
    fn from(shown: SavedShown) -> Self {
        match shown {
            SavedShown::Value(value) => Shown::Value(value),
            SavedShown::Absent => Shown::Absent,
            SavedShown::Masked => Shown::Masked,
        }
    }
}

impl From<&Evidence> for SavedEvidence {
    fn from(evidence: &Evidence) -> Self {
        let operator = |symbol: &str| OPERATORS.iter().position(|op| *op == symbol).unwrap_or(0) as u8;
        let undone = |name: &str| UNDONE.iter().position(|known| *known == name).map(|at| at as u8);
        let hit = |hit: &KeywordHit| SavedHit {
            places: [(hit.start, hit.end), hit.bytes, hit.utf16],
            pattern: hit.pattern.clone(),
            category: hit.category.clone(),
            text: hit.text.clone(),
            undone: hit.undone.iter().filter_map(|name| undone(name)).collect(),
            except: hit.except.clone(),
        };
        SavedEvidence {
            expr: evidence.expr.clone(),
            value: (&evidence.value).into(),
            than: evidence.than.as_ref().map(|(op, than)| (operator(op), than.into())),
            holds: evidence.holds,
            events: evidence.events,
            first: evidence.first,
            last: evidence.last,
            warming_until: evidence.warming_until,
            hits: evidence.hits.iter().map(hit).collect(),
        }
    }
}

impl From<SavedEvidence> for Evidence {
    fn from(saved: SavedEvidence) -> Self {
        let operator = |at: u8| OPERATORS.get(usize::from(at)).copied().unwrap_or("==");
        let hit = |hit: SavedHit| KeywordHit {
            start: hit.places[0].0,
            end: hit.places[0].1,
            bytes: hit.places[1],
            utf16: hit.places[2],
            pattern: hit.pattern,
            category: hit.category,
            text: hit.text,
            undone: hit.undone.iter().filter_map(|at| UNDONE.get(usize::from(*at)).copied()).collect(),
            except: hit.except,
        };
        Evidence {
            expr: saved.expr,
            value: saved.value.into(),
            than: saved.than.map(|(op, than)| (operator(op), than.into())),
            holds: saved.holds,
            events: saved.events,
            first: saved.first,
            last: saved.last,
            warming_until: saved.warming_until,
            hits: saved.hits.into_iter().map(hit).collect(),
        }
    }
}

/// Serde functions for `Arc<Reason>`.
pub(crate) mod reason {
    use super::{Arc, By, Deserialize, Reason, SavedReason, Serialize};
    use serde::{Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(reason: &Arc<Reason>, serializer: S) -> Result<S::Ok, S::Error> {
        let because = reason.because.iter().map(Into::into).collect();
        let by = reason.by.as_ref().map(|by| (by.actor.clone(), by.role.clone(), by.time));
        SavedReason { text: reason.text.clone(), because, by }.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<Reason>, D::Error> {
        let saved = SavedReason::deserialize(deserializer)?;
        let because = saved.because.into_iter().map(Into::into).collect();
        let by = saved.by.map(|(actor, role, time)| Box::new(By { actor, role, time }));
        Ok(Arc::new(Reason { text: saved.text, because, by }))
    }
}

/// Serde functions for [`ProposedAction`].
pub(crate) mod action {
    use super::{Deserialize, ProposedAction, SavedAction, Serialize};
    use serde::{Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        action: &ProposedAction,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match action.clone() {
            ProposedAction::Tag { tag } => SavedAction::Tag(tag),
            ProposedAction::Untag { tag } => SavedAction::Untag(tag),
            ProposedAction::Add { list, level, category } => SavedAction::Add(list, level, category),
            ProposedAction::Remove { list } => SavedAction::Remove(list),
            ProposedAction::Score { score, value } => SavedAction::Score(score, value),
            ProposedAction::Notify { channel, text } => SavedAction::Notify(channel, text),
            ProposedAction::Emit { name, fields } => SavedAction::Emit(name, fields),
            ProposedAction::Level { list, level } => SavedAction::Level(list, level),
        }
        .serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<ProposedAction, D::Error> {
        Ok(match SavedAction::deserialize(deserializer)? {
            SavedAction::Tag(tag) => ProposedAction::Tag { tag },
            SavedAction::Untag(tag) => ProposedAction::Untag { tag },
            SavedAction::Add(list, level, category) => ProposedAction::Add { list, level, category },
            SavedAction::Remove(list) => ProposedAction::Remove { list },
            SavedAction::Score(score, value) => ProposedAction::Score { score, value },
            SavedAction::Notify(channel, text) => ProposedAction::Notify { channel, text },
            SavedAction::Emit(name, fields) => ProposedAction::Emit { name, fields },
            SavedAction::Level(list, level) => ProposedAction::Level { list, level },
        })
    }
}

/// Serde functions for rules that are gone but whose grants are not.
pub(crate) mod rules {
    use super::{Arc, Deserialize, RuleRef, Serialize};
    use serde::{Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(rules: &[RuleRef], serializer: S) -> Result<S::Ok, S::Error> {
        let pairs: Vec<_> = rules.iter().map(|rule| (rule.name.clone(), rule.version.clone())).collect();
        pairs.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<RuleRef>, D::Error> {
        let pairs = Vec::<(Arc<str>, Arc<str>)>::deserialize(deserializer)?;
        Ok(pairs.into_iter().map(|(name, version)| RuleRef { name, version }).collect())
    }
}
