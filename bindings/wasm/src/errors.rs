//! Errors as JSON texts: `api.js` makes `Error` objects of them. `class` says of which kind.

use crate::answers::text;
use serde_json::{Map, Value, json};
use tagwarden::{CompileError, InputError, SnapshotError, StatusError};
use wasm_bindgen::JsValue;

/// An error on its way to JavaScript.
#[derive(Debug)]
pub struct Failure(Value);

impl From<Failure> for JsValue {
    fn from(failure: Failure) -> JsValue {
        JsValue::from_str(&text(&failure.0))
    }
}

impl Failure {
    /// An argument that is not what the types say.
    pub(crate) fn argument(message: impl Into<String>) -> Failure {
        Failure(json!({ "class": "argument", "message": message.into() }))
    }

    /// The messages of a compile error; any other stays an error.
    pub(crate) fn diagnostics(mut self) -> Result<String, Failure> {
        match self.0.get_mut("diagnostics") {
            Some(found) => Ok(text(found)),
            None => Err(self),
        }
    }
}

impl From<CompileError> for Failure {
    fn from(error: CompileError) -> Failure {
        Failure(json!({ "class": "compile", "message": error.to_string(), "diagnostics": error.records() }))
    }
}

impl From<StatusError> for Failure {
    fn from(error: StatusError) -> Failure {
        let kind = match error {
            StatusError::UnknownEntity(_) => "unknown_entity",
            StatusError::UnknownRule(_) => "unknown_rule",
            StatusError::Past { .. } => "past",
            _ => "other",
        };
        Failure(json!({ "class": "query", "kind": kind, "message": error.to_string() }))
    }
}

impl From<SnapshotError> for Failure {
    fn from(error: SnapshotError) -> Failure {
        let kind = match error {
            SnapshotError::Foreign => "foreign",
            SnapshotError::Newer { .. } => "newer",
            SnapshotError::Damaged { .. } => "damaged",
            SnapshotError::OtherRulebook => "other_rulebook",
            SnapshotError::OtherKey => "other_key",
            SnapshotError::Limit { .. } => "limit",
            _ => "other",
        };
        Failure(json!({ "class": "snapshot", "kind": kind, "message": error.to_string() }))
    }
}

impl From<InputError> for Failure {
    fn from(error: InputError) -> Failure {
        let mut parts = refusal(&error);
        parts.insert("class".into(), "input".into());
        if let InputError::Unfinished { decisions, .. } = &error {
            parts.insert("decisions".into(), json!(decisions));
        }
        Failure(Value::Object(parts))
    }
}

/// Why an input was refused: `kind`, `message`, and what the kind has.
pub(crate) fn refusal(error: &InputError) -> Map<String, Value> {
    let (kind, more) = match error {
        InputError::Late { time, clock } => {
            ("late", json!({ "time": time.to_string(), "clock": clock.to_string() }))
        }
        InputError::Duplicate { id } => ("duplicate", json!({ "id": id })),
        InputError::Invalid { path, expected, found } => {
            ("invalid", json!({ "path": path, "expected": expected, "found": found }))
        }
        InputError::Unfinished { clock, .. } => ("unfinished", json!({ "clock": clock.to_string() })),
        InputError::Limit { limit, most } => ("limit", json!({ "limit": limit, "most": most })),
        _ => ("other", json!({})),
    };
    let mut parts = Map::new();
    parts.insert("kind".into(), kind.into());
    parts.insert("message".into(), error.to_string().into());
    if let Value::Object(more) = more {
        parts.extend(more);
    }
    parts
}
