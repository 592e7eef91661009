//! Which column holds what.

use std::collections::BTreeMap;
use tagwarden::{TimeUnit, Zone};

/// Which column of a table holds what. A field of an event, or the key of an entity, is in the column of its own name, if
/// [`Mapping::columns`] says nothing else.
///
/// ```
/// use tagwarden_arrow::Mapping;
/// let mapping = Mapping { time: "ts".into(), ..Mapping::default() };
/// assert_eq!(mapping.event, "type");
/// ```
#[derive(Clone, Debug)]
#[allow(clippy::exhaustive_structs, reason = "built with ..Mapping::default()")]
pub struct Mapping {
    /// The column with the name of each row's event type.
    pub event: String,
    /// The event type of every row, instead of a column.
    pub event_type: Option<String>,
    /// The column with the time.
    pub time: String,
    /// The column with the identifiers by which duplicates are known; it may be missing.
    pub id: String,
    /// The column of a field or entity, by its name, or by `event.field` for one event type alone. `None` for a field that
    /// stands in no column, though there is one of its name.
    pub columns: BTreeMap<String, Option<String>>,
    /// What whole numbers count that stand for times.
    pub unit: TimeUnit,
    /// The zone of times that have none. Without one such a column is refused, because to guess is to be wrong by hours.
    pub zone: Option<Zone>,
}

impl Default for Mapping {
    fn default() -> Mapping {
        Mapping {
            event: "type".into(),
            event_type: None,
            time: "time".into(),
            id: "id".into(),
            columns: BTreeMap::new(),
            unit: TimeUnit::Millis,
            zone: None,
        }
    }
}

impl Mapping {
    /// The column of a field or entity of an event type, if it is in one.
    pub(crate) fn column<'m>(&'m self, event: &str, name: &'m str) -> Option<&'m str> {
        let own = self.columns.get(&format!("{event}.{name}"));
        match own.or_else(|| self.columns.get(name)) {
            Some(column) => column.as_deref(),
            None => Some(name),
        }
    }
}
