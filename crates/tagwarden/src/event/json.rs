//! Inputs from JSON: one flat object each. The only file of the core that reads JSON.
//!
//! The values go from the text straight into the event, without a map in between. A number is taken as it is written, so that it
//! never passes through a binary float.

use super::wire::{Filler, Raw, Reader, invalid};
use super::{Input, InputError};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// How many keys may come before `type`: they are held until it is known what they mean.
const HELD: usize = 4096;

impl Reader {
    /// Reads an event, a command such as `{"command":"release",…}`, or a tick such as `{"tick":"2026-01-02T00:00:00Z"}`, from one JSON object in UTF-8.
    ///
    /// Keys may come in any order. `null` is the same as a missing key. Keys that the schema does not know are passed over in an
    /// event, and refused in a command.
    ///
    /// # Errors
    /// [`InputError::Invalid`] with the key, what was expected and what came; [`InputError::Limit`].
    pub fn json(&self, bytes: &[u8]) -> Result<Input, InputError> {
        let mut object = Object { reader: self, place: Cow::Borrowed(""), refused: None };
        let mut json = serde_json::Deserializer::from_slice(bytes);
        let read = json.deserialize_map(&mut object);
        let Object { place, refused, .. } = object;
        match read {
            Ok(input) => {
                json.end().map_err(|error| invalid("", "nothing after the object", broken(&error)))?;
                Ok(input)
            }
            Err(error) => Err(refused.unwrap_or_else(|| match error.classify() {
                Category::Data if place.is_empty() => invalid("", "a JSON object", kind(bytes)),
                _ if place.is_empty() => invalid("", "a JSON object", broken(&error)),
                _ => invalid(place, "a JSON value", broken(&error)),
            })),
        }
    }
}

fn broken(error: &serde_json::Error) -> String {
    format!("broken JSON: {error}")
}

/// What a JSON text that is no object is.
fn kind(bytes: &[u8]) -> &'static str {
    match bytes.trim_ascii_start().first() {
        Some(b'[') => "an array",
        Some(b'"') => "a string",
        Some(b't' | b'f') => "a truth value",
        Some(b'n') => "null",
        _ => "a number",
    }
}

/// The object as it is read, and what went wrong in it.
struct Object<'r, 'de> {
    reader: &'r Reader,
    /// The key whose value is being read.
    place: Cow<'de, str>,
    /// Why the input is refused, where that is not a matter of JSON.
    refused: Option<InputError>,
}

impl<'de> Visitor<'de> for &mut Object<'_, 'de> {
    type Value = Input;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Input, A::Error> {
        match self.fill(&mut map)? {
            Ok(input) => Ok(input),
            Err(refused) => {
                self.refused = Some(refused);
                Err(serde::de::Error::custom("refused"))
            }
        }
    }
}

impl<'de> Object<'_, 'de> {
    /// The outer error is one of JSON, the inner one of what it says.
    fn fill<A: MapAccess<'de>>(&mut self, map: &mut A) -> Result<Result<Input, InputError>, A::Error> {
        let mut held: Vec<(Cow<'de, str>, &'de RawValue)> = Vec::new();
        let mut filler: Option<Filler<'_>> = None;
        while let Some(name) = map.next_key_seed(Key)? {
            self.place = name.clone();
            let value: &'de RawValue = map.next_value()?;
            self.place = Cow::Borrowed("");
            let done = match &mut filler {
                Some(filler) => put(filler, &name, value),
                None if name == "type" => start(self.reader, value, &held).map(|started| {
                    held.clear();
                    filler = Some(started);
                }),
                None if held.len() == HELD => {
                    Err(InputError::Limit { limit: "keys before `type`", most: HELD as u64 })
                }
                None => {
                    held.push((name, value));
                    Ok(())
                }
            };
            if let Err(refused) = done {
                return Ok(Err(refused));
            }
        }
        Ok(match filler {
            Some(filler) => filler.finish(),
            None => untyped(self.reader, &held),
        })
    }
}

/// An event whose type has just come, with the keys that came before it.
fn start<'r>(
    reader: &'r Reader,
    ty: &RawValue,
    held: &[(Cow<'_, str>, &RawValue)],
) -> Result<Filler<'r>, InputError> {
    let at = reader.find(&raw("type", ty)?)?;
    let shape = reader.shapes().get(at).ok_or_else(|| invalid("type", "an event type", "none"))?;
    let mut filler = Filler::new(reader.unit(), shape);
    filler.claim("type")?;
    for (name, value) in held {
        put(&mut filler, name, value)?;
    }
    Ok(filler)
}

fn put(filler: &mut Filler<'_>, name: &str, value: &RawValue) -> Result<(), InputError> {
    match filler.claim(name)? {
        Some(slot) => filler.set(slot, &raw(name, value)?),
        None => Ok(()),
    }
}

/// What an object without a `type` may be.
fn untyped(reader: &Reader, held: &[(Cow<'_, str>, &RawValue)]) -> Result<Input, InputError> {
    let mut ticks = held.iter().filter(|(name, _)| name == "tick");
    match (ticks.next(), ticks.next()) {
        (Some(_), Some(_)) => Err(invalid("tick", "each key once", "it twice")),
        (Some((name, value)), None) => reader.unit().read(name, &raw(name, value)?, false).map(Input::Tick),
        (None, _) if held.iter().any(|(name, _)| name == "command") => {
            let fields = held.iter().map(|(name, value)| Ok((name.clone(), raw(name, value)?)));
            super::command::command(reader.unit(), reader.entities(), fields)
        }
        (None, _) => Err(invalid("type", "the name of an event type", "nothing")),
    }
}

/// The kind of a value, by its first character: that it is well formed has been seen already.
fn raw<'de>(name: &str, value: &'de RawValue) -> Result<Raw<'de>, InputError> {
    let text = value.get();
    Ok(match text.as_bytes().first() {
        Some(b'"') => Raw::Text(match text.get(1..text.len() - 1) {
            Some(inner) if !inner.contains('\\') => Cow::Borrowed(inner),
            // An escape may be half of a pair of surrogates that lacks the other half.
            _ => Cow::Owned(
                serde_json::from_str(text).map_err(|error| invalid(name, "string", broken(&error)))?,
            ),
        }),
        Some(b'{') => Raw::Object,
        Some(b'[') => Raw::Array,
        Some(b't') => Raw::Bool(true),
        Some(b'f') => Raw::Bool(false),
        Some(b'n') => Raw::Null,
        _ => Raw::Number(text),
    })
}

/// A key, borrowed from the text where it has no escapes.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}
