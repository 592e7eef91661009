//! Events as the engine takes them.

mod columns;
mod command;
mod copies;
mod json;
mod name;
#[cfg(test)]
mod tests;
mod unit;
mod wire;
mod write;

pub use columns::Columns;
pub use command::{Command, CommandKind, Term};
pub use unit::TimeUnit;
pub use wire::Reader;

use crate::schema::{EventId, EventType, Schema};
use crate::value::{Timestamp, Value};
use std::sync::Arc;

/// One event, its type and fields resolved against the schema of a rulebook.
///
/// Build it with a [`Reader`] from JSON or CSV, or field by field and check it with [`Event::validate`].
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Event {
    /// Its type.
    pub event: EventId,
    /// When it happened.
    pub time: Timestamp,
    /// An identifier that the host gave it, for recognising duplicates.
    pub id: Option<Arc<str>>,
    /// One key for each entity of its type, in the order declared.
    pub keys: Vec<Arc<str>>,
    /// One value for each field of its type, in the order declared; `None` where absent.
    pub fields: Vec<Option<Value>>,
}

/// One input: an event, a command, or the clock alone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Input {
    /// Something happened.
    Event(Event),
    /// A person has done something.
    Command(Box<Command>),
    /// The clock moves to a time, and every input up to it has been seen.
    Tick(Timestamp),
}

impl Input {
    /// Its time.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        match self {
            Input::Event(event) => event.time,
            Input::Command(command) => command.time,
            Input::Tick(time) => *time,
        }
    }
}

/// Why an input was refused. Nothing has changed, but for [`InputError::Unfinished`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// Older than the clock, or than the watermark.
    #[error("late: {time} is before the clock, {clock}")]
    Late {
        /// The input's time.
        time: Timestamp,
        /// The clock's.
        clock: Timestamp,
    },
    /// An event with this id was applied already.
    #[error("duplicate: an event with the id {id:?} was applied already")]
    Duplicate {
        /// The id.
        id: Arc<str>,
    },
    /// Not an event of the schema.
    #[error("invalid: {}expected {expected}, found {found}", place(path))]
    Invalid {
        /// The path to the field, such as `amount`; empty for the whole input.
        path: String,
        /// What was expected.
        expected: String,
        /// What came.
        found: String,
    },
    /// The call has made as many decisions as the limit allows, though more are due. Calling again with the same input goes on;
    /// nothing is lost and nothing comes twice.
    #[error("unfinished: as many decisions as one call may make are made, at {clock}; the same call goes on")]
    Unfinished {
        /// The time up to which everything has happened.
        clock: Timestamp,
        /// The decisions of the call; empty where a sink has had them.
        decisions: Vec<crate::decision::Decision>,
    },
    /// A limit was reached.
    #[error("limit: {limit}: at most {most}")]
    Limit {
        /// Which limit.
        limit: &'static str,
        /// Its value.
        most: u64,
    },
}

/// A path with what parts it from what follows; nothing for the whole input.
fn place(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!("{path}: ") }
}

impl Event {
    /// Checks the event against a schema: type, number of keys, kinds of fields, required fields.
    ///
    /// # Errors
    /// [`InputError::Invalid`] with the path to the first field that is wrong.
    pub fn validate(&self, schema: &Schema) -> Result<(), InputError> {
        self.admit(schema, usize::MAX).map(|_| ())
    }

    /// [`Event::validate`], with a limit to the bytes of a text; returns its type.
    #[inline]
    pub(crate) fn admit<'s>(&self, schema: &'s Schema, longest: usize) -> Result<&'s EventType, InputError> {
        if let Some(ty) = schema.event_type(self.event)
            && self.keys.len() == ty.entities.len()
            && self.fields.len() == ty.fields.len()
            && self.fields.iter().zip(&ty.fields).all(|(value, field)| field.is_fine(value.as_ref(), longest))
        {
            return Ok(ty);
        }
        Err(self.refusal(schema, longest))
    }

    /// Why it is not admitted: what is not of the schema comes before what is too long.
    #[cold]
    fn refusal(&self, schema: &Schema, longest: usize) -> InputError {
        let limit = InputError::Limit { limit: "bytes of a text", most: longest as u64 };
        self.check(schema).err().unwrap_or(limit)
    }

    fn check(&self, schema: &Schema) -> Result<(), InputError> {
        let invalid = |path: &str, expected: String, found: String| InputError::Invalid {
            path: path.to_owned(),
            expected,
            found,
        };
        let Some(ty) = schema.event_type(self.event) else {
            return Err(invalid(
                "type",
                "an event type of the rulebook".into(),
                format!("type {}", self.event.0),
            ));
        };
        if self.keys.len() != ty.entities.len() {
            return Err(invalid("", format!("{} keys", ty.entities.len()), format!("{}", self.keys.len())));
        }
        if self.fields.len() != ty.fields.len() {
            return Err(invalid("", format!("{} fields", ty.fields.len()), format!("{}", self.fields.len())));
        }
        for (value, field) in self.fields.iter().zip(&ty.fields) {
            match value {
                None if field.optional => {}
                None => return Err(invalid(&field.name, field.kind.describe(), "nothing".into())),
                Some(value) if field.kind.admits(value) => {}
                Some(_) if field.private => {
                    let found = "a value of another kind".into();
                    return Err(invalid(&field.name, field.kind.describe(), found));
                }
                Some(value) => return Err(invalid(&field.name, field.kind.describe(), format!("{value:?}"))),
            }
        }
        Ok(())
    }
}
