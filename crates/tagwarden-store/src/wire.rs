//! Inputs as they are kept: the canonical wire form, private fields apart.

use crate::keys::Keys;
use std::fmt::Write as _;
use std::sync::Arc;
use tagwarden::{CommandKind, Event, Input, Schema, Value};

/// An event as it is kept.
pub(crate) struct Written {
    /// One flat JSON object, in one order, without the private fields.
    pub(crate) public: String,
    /// The private fields as they would stand before the closing brace, each after a comma; empty without any.
    pub(crate) private: String,
}

/// Writes an event: always the same text for the same event.
pub(crate) fn event(schema: &Schema, event: &Event) -> Written {
    let mut written = Written { public: String::with_capacity(160), private: String::new() };
    let Some(ty) = schema.event_type(event.event) else { return written };
    written.public.push_str("{\"type\":");
    text(&mut written.public, &ty.name);
    let _ = write!(written.public, ",\"time\":\"{}\"", event.time);
    if let Some(id) = &event.id {
        pair(&mut written.public, "id", id);
    }
    for (entity, key) in ty.entities.iter().zip(&event.keys) {
        let name = schema.entities.get(usize::from(entity.0)).map_or("", |name| name);
        pair(&mut written.public, name, key);
    }
    for (field, value) in ty.fields.iter().zip(&event.fields) {
        let Some(value) = value else { continue };
        let out = if field.private { &mut written.private } else { &mut written.public };
        out.push(',');
        text(out, &field.name);
        out.push(':');
        self::value(out, value);
    }
    written.public.push('}');
    written
}

/// The whole object again.
pub(crate) fn join(public: &str, private: &str) -> String {
    let open = public.strip_suffix('}').unwrap_or(public);
    format!("{open}{private}}}")
}

fn pair(out: &mut String, name: &str, value: &str) {
    out.push(',');
    text(out, name);
    out.push(':');
    text(out, value);
}

fn value(out: &mut String, value: &Value) {
    match value {
        Value::Number(number) => {
            let _ = write!(out, "{number}");
        }
        Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Value::Text(written) => text(out, written),
        other => {
            let _ = write!(out, "\"{other}\"");
        }
    }
}

/// A JSON string.
pub(crate) fn text(out: &mut String, plain: &str) {
    out.push('"');
    let mut rest = plain;
    while let Some(at) = rest.find(|c: char| c < ' ' || c == '"' || c == '\\') {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let mut chars = after.chars();
        match chars.next() {
            Some('\u{8}') => out.push_str("\\b"),
            Some('\u{c}') => out.push_str("\\f"),
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            Some(c @ ('"' | '\\')) => out.extend(['\\', c]),
            Some(c) => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            None => {}
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
    out.push('"');
}

/// The input with keyed hashes in place of its subjects' keys.
pub(crate) fn pseudonymous(schema: &Schema, keys: &Keys, input: Input) -> Input {
    match input {
        Input::Event(event) => Input::Event(pseudonymous_event(schema, keys, event)),
        Input::Command(mut command) => {
            let entity = schema.entities.get(usize::from(command.entity.0)).map_or("", |name| name);
            command.subject = Arc::from(keys.pseudonym(entity, &command.subject));
            if let CommandKind::Merge { into } = &mut command.kind {
                *into = Arc::from(keys.pseudonym(entity, into));
            }
            Input::Command(command)
        }
        other => other,
    }
}

fn pseudonymous_event(schema: &Schema, keys: &Keys, mut event: Event) -> Event {
    if let Some(ty) = schema.event_type(event.event) {
        for (entity, key) in ty.entities.iter().zip(&mut event.keys) {
            let name = schema.entities.get(usize::from(entity.0)).map_or("", |name| name);
            *key = Arc::from(keys.pseudonym(name, key));
        }
    }
    event
}

#[cfg(test)]
mod tests {
    use super::*;
    use tagwarden::{Reader, Rulebook, TimeUnit};

    #[test]
    fn an_event_is_read_back_as_it_was() {
        let rulebook = Rulebook::compile(
            "entity customer event order(customer) { amount: number, paid: bool, at_shop: time?, note: string private }",
        )
        .unwrap();
        let reader = Reader::new(rulebook.schema(), TimeUnit::Millis);
        let line = br#"{"note":"a\"\\\n\u0001\b\u00e9","paid":true,"at_shop":"2026-01-01T08:00:00+08:00","customer":"c\"1","amount":19.90,"type":"order","time":1767225600000,"id":"o-1"}"#;
        let Input::Event(event) = reader.json(line).unwrap() else { panic!("an event") };
        let written = super::event(rulebook.schema(), &event);
        assert_eq!(
            written.public,
            r#"{"type":"order","time":"2026-01-01T00:00:00Z","id":"o-1","customer":"c\"1","amount":19.9,"paid":true,"at_shop":"2026-01-01T00:00:00Z"}"#
        );
        let whole = join(&written.public, &written.private);
        assert_eq!(whole, Input::Event(event.clone()).to_json(rulebook.schema()));
        assert_eq!(reader.json(whole.as_bytes()).unwrap(), Input::Event(event));
    }
}
