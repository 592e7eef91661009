//! Errors as JSON texts: `api.js` makes `Error` objects of them. `class` says of which kind.

use crate::json::{Json, Written, object, of};
use tagwarden::{CompileError, InputError, SnapshotError, StatusError};
use wasm_bindgen::JsValue;

/// An error on its way to JavaScript.
#[derive(Debug)]
pub struct Failure {
    text: Written,
    /// The messages of a compile error.
    diagnostics: Option<Written>,
}

impl From<Failure> for JsValue {
    fn from(failure: Failure) -> JsValue {
        JsValue::from_str(&failure.text.0)
    }
}

impl Failure {
    fn new(fields: &[(&str, &dyn Json)]) -> Failure {
        Failure { text: object(fields), diagnostics: None }
    }

    /// An argument that is not what the types say.
    pub(crate) fn argument(message: impl Into<String>) -> Failure {
        Failure::new(&[("class", &"argument"), ("message", &message.into())])
    }

    /// The messages of a compile error; any other stays an error.
    pub(crate) fn diagnostics(mut self) -> Result<String, Failure> {
        self.diagnostics.take().map(|found| found.0).ok_or(self)
    }
}

impl From<CompileError> for Failure {
    fn from(error: CompileError) -> Failure {
        let found = of(&error.records());
        let message = error.to_string();
        let text = object(&[("class", &"compile"), ("message", &message), ("diagnostics", &found)]);
        Failure { text, diagnostics: Some(found) }
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
        Failure::new(&[("class", &"query"), ("kind", &kind), ("message", &error.to_string())])
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
        Failure::new(&[("class", &"snapshot"), ("kind", &kind), ("message", &error.to_string())])
    }
}

impl From<InputError> for Failure {
    fn from(error: InputError) -> Failure {
        let text = match &error {
            InputError::Unfinished { decisions, .. } => {
                refusal(&error, &[("class", &"input"), ("decisions", &of(decisions))])
            }
            _ => refusal(&error, &[("class", &"input")]),
        };
        Failure { text, diagnostics: None }
    }
}

/// Why an input was refused: `kind`, `message`, what the kind has, and what the caller adds.
pub(crate) fn refusal(error: &InputError, more: &[(&str, &dyn Json)]) -> Written {
    let with = |kind: &str, fields: &[(&str, &dyn Json)]| {
        let message = error.to_string();
        let head: [(&str, &dyn Json); 2] = [("kind", &kind), ("message", &message)];
        object(&[&head, fields, more].concat())
    };
    match error {
        InputError::Late { time, clock } => with("late", &[("time", time), ("clock", clock)]),
        InputError::Duplicate { id } => with("duplicate", &[("id", id)]),
        InputError::Invalid { path, expected, found } => {
            with("invalid", &[("path", path), ("expected", expected), ("found", found)])
        }
        InputError::Unfinished { clock, .. } => with("unfinished", &[("clock", clock)]),
        InputError::Limit { limit, most } => with("limit", &[("limit", limit), ("most", most)]),
        _ => with("other", &[]),
    }
}
