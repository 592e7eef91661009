//! Entities, events and fields, resolved to small ids.

use crate::value::Value;
use std::sync::Arc;

/// Index of an entity in [`Schema::entities`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct EntityId(pub u16);

/// Index of an event type in [`Schema::events`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct EventId(pub u16);

/// Index of a field in [`EventType::fields`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldId(pub u16);

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Any text.
    Text,
    /// An exact decimal.
    Number,
    /// A truth value.
    Bool,
    /// A point in time.
    Time,
    /// One of a closed set of texts.
    Choice(Vec<Arc<str>>),
}

/// A declared field.
#[derive(Clone, Debug)]
pub struct FieldType {
    /// Its name.
    pub name: Arc<str>,
    /// What it holds.
    pub kind: FieldKind,
    /// Whether an event may lack it.
    pub optional: bool,
    /// Whether it is kept out of state and masked wherever it would be shown.
    pub private: bool,
}

/// A declared event type.
#[derive(Clone, Debug)]
pub struct EventType {
    /// Its name.
    pub name: Arc<str>,
    /// The entities that it concerns, each with a key in the event.
    pub entities: Vec<EntityId>,
    /// Its fields.
    pub fields: Vec<FieldType>,
}

/// The entities and events that a rulebook declares.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// Names of the entities.
    pub entities: Vec<Arc<str>>,
    /// The event types.
    pub events: Vec<EventType>,
}

impl Schema {
    /// The event type of a name.
    #[must_use]
    pub fn event(&self, name: &str) -> Option<EventId> {
        self.events.iter().position(|event| &*event.name == name).map(|at| EventId(at as u16))
    }

    /// The entity of a name.
    #[must_use]
    pub fn entity(&self, name: &str) -> Option<EntityId> {
        self.entities.iter().position(|entity| &**entity == name).map(|at| EntityId(at as u16))
    }

    /// The declaration of an event type.
    #[must_use]
    pub fn event_type(&self, id: EventId) -> Option<&EventType> {
        self.events.get(usize::from(id.0))
    }
}

impl FieldType {
    /// Whether a value, or none, may stand in it, and is no longer text than is allowed.
    #[inline]
    pub(crate) fn is_fine(&self, value: Option<&Value>, longest: usize) -> bool {
        match value {
            None => self.optional,
            Some(value) => {
                self.kind.admits(value) && !matches!(value, Value::Text(text) if text.len() > longest)
            }
        }
    }
}

impl FieldKind {
    /// Whether a value is of this kind.
    #[must_use]
    pub fn admits(&self, value: &Value) -> bool {
        match (self, value) {
            (FieldKind::Text, Value::Text(_))
            | (FieldKind::Number, Value::Number(_))
            | (FieldKind::Bool, Value::Bool(_))
            | (FieldKind::Time, Value::Time(_)) => true,
            (FieldKind::Choice(set), Value::Text(text)) => set.contains(text),
            _ => false,
        }
    }

    /// What to call it in messages: `number`, `one of "sms", "email"`, …
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            FieldKind::Text => "string".into(),
            FieldKind::Number => "number".into(),
            FieldKind::Bool => "bool".into(),
            FieldKind::Time => "time".into(),
            FieldKind::Choice(set) => {
                let quoted: Vec<_> = set.iter().map(|text| format!("{text:?}")).collect();
                format!("one of {}", quoted.join(", "))
            }
        }
    }
}
