//! Inputs from JSON: one flat object each. The only file of the core that reads JSON.
//!
//! The values go from the text straight into the event, without a map in between. A number is taken as it is written, so that it
//! never passes through a binary float.

#[cfg(feature = "quick")]
mod block;
#[cfg(feature = "quick")]
mod quick;
#[cfg(feature = "quick")]
mod scan;
#[cfg(test)]
mod tests;

use super::wire::{Filler, Raw, Reader, invalid};
use super::{Event, Input, InputError};
use crate::schema::EventId;
use crate::value::Timestamp;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
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
        let (keys, fields) = (Vec::new(), Vec::new());
        let mut event = Event { event: EventId(0), time: Timestamp::MIN, id: None, keys, fields };
        self.json_over(bytes, &mut event).map(|other| other.unwrap_or(Input::Event(event)))
    }

    /// As [`Reader::json`], but an event is written over one that is done with, whose memory it uses again. `None` then; any other input is
    /// returned. What `event` holds after that, or after an error, has no meaning.
    ///
    /// ```
    /// use tagwarden::{Input, Reader, Rulebook, TimeUnit};
    /// let rulebook = Rulebook::compile("entity customer  event login(customer) {}")?;
    /// let reader = Reader::new(rulebook.schema(), TimeUnit::Seconds);
    /// let first = reader.json(br#"{"type":"login","time":1,"customer":"c1"}"#)?;
    /// let Input::Event(mut event) = first else { unreachable!() };
    /// let other = reader.json_over(br#"{"type":"login","time":2,"customer":"c1"}"#, &mut event)?;
    /// assert_eq!((event.time.to_string().as_str(), other), ("1970-01-01T00:00:02Z", None));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Reader::json`].
    #[inline]
    pub fn json_over(&self, bytes: &[u8], event: &mut Event) -> Result<Option<Input>, InputError> {
        #[cfg(feature = "quick")]
        if self.quick(bytes, event) {
            return Ok(None);
        }
        self.general_over(bytes, event)
    }

    #[cold]
    fn general_over(&self, bytes: &[u8], event: &mut Event) -> Result<Option<Input>, InputError> {
        Ok(match self.general(bytes)? {
            Input::Event(read) => {
                *event = read;
                None
            }
            other => Some(other),
        })
    }

    /// As [`Reader::json`], only slower.
    #[cfg(feature = "machinery")]
    #[doc(hidden)]
    pub fn json_in_general(&self, bytes: &[u8]) -> Result<Input, InputError> {
        self.general(bytes)
    }

    /// Reads any input.
    fn general(&self, bytes: &[u8]) -> Result<Input, InputError> {
        let (text, unreadable) = match std::str::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(error) => {
                let readable =
                    bytes.get(..error.valid_up_to()).and_then(|bytes| std::str::from_utf8(bytes).ok());
                (readable.unwrap_or_default(), Some(error.valid_up_to()))
            }
        };
        // Where something is wrong the texts are read again as they stand, so that the message can show them.
        let read = self.object(text, true).or_else(|_| self.object(text, false));
        let Some(at) = unreadable else { return read };
        let found = format!("broken JSON: invalid unicode at byte {}", at + 1);
        match read {
            Ok(_) => Err(invalid("", "nothing after the object", found)),
            Err(InputError::Invalid { path, .. }) if path.is_empty() => {
                Err(invalid("", "a JSON object", found))
            }
            Err(InputError::Invalid { path, .. }) => Err(invalid(path, "a JSON value", found)),
            Err(error) => Err(error),
        }
    }

    /// `direct`: values of text slots are taken from the parser at once.
    pub(super) fn object(&self, text: &str, direct: bool) -> Result<Input, InputError> {
        let mut object = Object { reader: self, place: Cow::Borrowed(""), refused: None, direct };
        let mut json = serde_json::Deserializer::from_str(text);
        let read = json.deserialize_map(&mut object);
        let Object { place, refused, .. } = object;
        match read {
            Ok(input) => {
                json.end().map_err(|error| invalid("", "nothing after the object", broken(&error)))?;
                Ok(input)
            }
            Err(error) => Err(refused.unwrap_or_else(|| match error.classify() {
                Category::Data if place.is_empty() => invalid("", "a JSON object", kind(text)),
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
fn kind(text: &str) -> &'static str {
    match text.trim_ascii_start().as_bytes().first() {
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
    direct: bool,
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
        let mut filler = loop {
            let Some(name) = map.next_key_seed(Key)? else { return Ok(untyped(self.reader, &held)) };
            let value: &'de RawValue = self.value(&name, map)?;
            if name == "type" {
                match start(self.reader, value, &held) {
                    Ok(filler) => break filler,
                    Err(refused) => return Ok(Err(refused)),
                }
            }
            if held.len() == HELD {
                return Ok(Err(InputError::Limit { limit: "keys before `type`", most: HELD as u64 }));
            }
            held.push((name, value));
        };
        while let Some(name) = map.next_key_seed(Key)? {
            if let Err(refused) = self.next(&mut filler, &name, map)? {
                return Ok(Err(refused));
            }
        }
        Ok(filler.finish())
    }

    /// Reads the value of a key of an event whose type is known.
    fn next<A: MapAccess<'de>>(
        &mut self,
        filler: &mut Filler<'_>,
        name: &Cow<'de, str>,
        map: &mut A,
    ) -> Result<Result<(), InputError>, A::Error> {
        let slot = match filler.claim(name) {
            Ok(Some(slot)) => slot,
            Ok(None) => return self.value::<A, IgnoredAny>(name, map).map(|_| Ok(())),
            Err(refused) => return Ok(Err(refused)),
        };
        if self.direct && filler.is_text(slot) {
            let Plain(raw) = self.value(name, map)?;
            return Ok(filler.set(slot, &raw));
        }
        let value: &'de RawValue = self.value(name, map)?;
        Ok(raw(name, value).and_then(|raw| filler.set(slot, &raw)))
    }

    fn value<A: MapAccess<'de>, T: Deserialize<'de>>(
        &mut self,
        name: &Cow<'de, str>,
        map: &mut A,
    ) -> Result<T, A::Error> {
        map.next_value().inspect_err(|_| self.place.clone_from(name))
    }
}

/// A text, borrowed where it has no escapes, or nothing. Anything else is an error.
struct Plain<'de>(Raw<'de>);

impl<'de> Deserialize<'de> for Plain<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl<'de> Visitor<'de> for Text {
            type Value = Plain<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Plain(Raw::Text(Cow::Borrowed(text))))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Plain(Raw::Text(Cow::Owned(text.to_owned()))))
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Plain(Raw::Null))
            }
        }

        deserializer.deserialize_any(Text)
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
