//! JSON of answers, written as it goes: a tree of values in between, with maps of its own, would be a tenth of the slim module.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::Serialize;
use std::fmt::{self, Display};
use std::marker::PhantomData;
use std::sync::Arc;
use tagwarden::{Decimal, Duration, Timestamp};

/// JSON that is written already.
#[derive(Clone, Debug)]
pub(crate) struct Written(pub(crate) String);

/// What may stand in an answer: times in RFC 3339, decimals as texts, what is absent as `null`.
pub(crate) trait Json {
    fn write(&self, out: &mut String);
}

/// An object with these keys, in this order.
pub(crate) fn object(fields: &[(&str, &dyn Json)]) -> Written {
    let mut out = String::from("{");
    for (at, (key, value)) in fields.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        key.write(&mut out);
        out.push(':');
        value.write(&mut out);
    }
    out.push('}');
    Written(out)
}

/// An array of these.
pub(crate) fn array(items: impl IntoIterator<Item = Written>) -> Written {
    let mut out = String::from("[");
    for Written(item) in items {
        if out.len() > 1 {
            out.push(',');
        }
        out.push_str(&item);
    }
    out.push(']');
    Written(out)
}

/// What has a JSON form of its own. Writing to memory cannot fail, and no key of an answer is anything but a string.
pub(crate) fn of(answer: &impl Serialize) -> Written {
    Written(serde_json::to_string(answer).unwrap_or_default())
}

impl Json for Written {
    fn write(&self, out: &mut String) {
        out.push_str(&self.0);
    }
}

impl Json for &str {
    fn write(&self, out: &mut String) {
        of(self).write(out);
    }
}

impl Json for Arc<str> {
    fn write(&self, out: &mut String) {
        (&**self).write(out);
    }
}

impl Json for String {
    fn write(&self, out: &mut String) {
        self.as_str().write(out);
    }
}

impl Json for bool {
    fn write(&self, out: &mut String) {
        out.push_str(if *self { "true" } else { "false" });
    }
}

impl<T: Json> Json for Option<T> {
    fn write(&self, out: &mut String) {
        match self {
            Some(value) => value.write(out),
            None => out.push_str("null"),
        }
    }
}

/// Without quotes.
fn bare(value: &dyn Display, out: &mut String) {
    out.push_str(&value.to_string());
}

/// In quotes: of what has nothing to escape.
fn quoted(value: &dyn Display, out: &mut String) {
    out.push('"');
    bare(value, out);
    out.push('"');
}

macro_rules! written {
    ($how:ident: $($ty:ty),*) => { $(
        impl Json for $ty {
            fn write(&self, out: &mut String) {
                $how(self, out);
            }
        }
    )* };
}

written!(bare: u8, u32, u64, usize);
written!(quoted: Decimal, Duration, Timestamp);

/// An object whose keys are names, as it was given.
#[derive(Debug)]
pub(crate) struct Entries<T>(pub(crate) Vec<(String, T)>);

impl<T> Entries<T> {
    /// What stands under a name; of several the last counts.
    pub(crate) fn get(&self, name: &str) -> Option<&T> {
        self.0.iter().rev().find(|(own, _)| own == name).map(|(_, value)| value)
    }
}

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Entries(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Object(PhantomData))
    }
}

struct Object<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
    type Value = Entries<T>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut given: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = given.next_entry()? {
            entries.push(entry);
        }
        Ok(Entries(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_holds_what_it_is_given() {
        let time = Timestamp::from_micros(0).unwrap();
        let written = object(&[
            ("text", &"a \"b\"\n\u{1}"),
            ("shared", &Arc::<str>::from("c")),
            ("number", &7_u32),
            ("decimal", &Decimal::from(7_u32)),
            ("time", &time),
            ("none", &None::<Timestamp>),
            ("some", &Some(true)),
            ("list", &array([object(&[]), of(&["x"])])),
        ]);
        let expected = r#"{"text":"a \"b\"\n\u0001","shared":"c","number":7,"decimal":"7","time":"1970-01-01T00:00:00Z","none":null,"some":true,"list":[{},["x"]]}"#;
        assert_eq!(written.0, expected);
    }

    #[test]
    fn of_several_entries_the_last_counts() {
        let entries: Entries<u64> = serde_json::from_str(r#"{"a":1,"b":2,"a":3}"#).unwrap();
        assert_eq!((entries.get("a"), entries.get("b"), entries.get("c")), (Some(&3), Some(&2), None));
        let error = serde_json::from_str::<Entries<u64>>("[]").unwrap_err();
        assert_eq!(error.to_string(), "invalid type: sequence, expected a map at line 1 column 0");
    }
}
