//! Inputs as they come from outside: the names of the schema made into slots, and an event filled slot by slot.
//!
//! What reads a format ([`super::json`], [`super::columns`]) only finds names and raw values; what they mean is decided here.

use super::copies::Copies;
use super::name::{Likeness, Name, Written};
use super::unit::TimeUnit;
use super::{Event, Input, InputError};
use crate::diagnostic::nearest;
use crate::schema::{EventId, FieldKind, Schema};
use crate::value::{DecimalError, Timestamp, Value};
use std::borrow::Cow;
use std::sync::Arc;

/// Reads inputs by the schema of a rulebook. Cheap to clone.
///
/// An event is one flat object: its `type`, its `time`, a key for each entity, its fields, and perhaps an `id`.
///
/// ```
/// use tagwarden::{Input, Reader, Rulebook, TimeUnit};
/// let rulebook = Rulebook::compile("entity customer  event order(customer) { amount: number }")?;
/// let reader = Reader::new(rulebook.schema(), TimeUnit::Millis);
/// let input = reader.json(br#"{"type":"order","time":1767225600000,"customer":"c1","amount":19.90}"#)?;
/// assert_eq!(input.time().to_string(), "2026-01-01T00:00:00Z");
/// assert_eq!(reader.json(br#"{"tick":"2026-01-02T00:00:00Z"}"#)?, Input::Tick("2026-01-02T00:00:00Z".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Reader {
    shapes: Arc<[Shape]>,
    /// The names of the entities.
    entities: Arc<[Arc<str>]>,
    unit: TimeUnit,
}

/// An event type as its names on the wire.
#[derive(Debug)]
pub(super) struct Shape {
    id: EventId,
    name: Name,
    /// The type, the time and the id, then the keys, then the fields, each as declared.
    slots: Vec<(Name, Slot)>,
    likeness: Likeness,
    keys: usize,
    fields: usize,
    /// Slots whose value an event may not lack.
    required: Vec<usize>,
}

#[derive(Debug)]
pub(super) enum Slot {
    Type,
    Time,
    Id,
    Key(usize),
    Field { at: usize, kind: FieldKind, copies: Copies, private: bool, optional: bool },
}

/// A value before the schema has said what it should be.
#[derive(Debug)]
pub(super) enum Raw<'a> {
    Null,
    Bool(bool),
    /// As it was written.
    Number(&'a str),
    Text(Cow<'a, str>),
    /// A cell of a table: whatever the schema wants it to be. Not empty.
    Cell(&'a str),
    Array,
    Object,
}

pub(super) fn invalid(
    path: impl Into<String>,
    expected: impl Into<String>,
    found: impl Into<String>,
) -> InputError {
    InputError::Invalid { path: path.into(), expected: expected.into(), found: found.into() }
}

/// How many characters of a wrong value a message shows.
const SHOWN: usize = 60;

fn quoted(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{:?}…", text.get(..end).unwrap_or_default()),
        None => format!("{text:?}"),
    }
}

impl Raw<'_> {
    /// What came, for messages; of a private value only its kind.
    pub(super) fn describe(&self, private: bool) -> String {
        match self {
            Raw::Null => "nothing".into(),
            Raw::Bool(_) if private => "a truth value".into(),
            Raw::Number(_) if private => "a number".into(),
            Raw::Text(_) | Raw::Cell(_) if private => "a text".into(),
            Raw::Bool(truth) => truth.to_string(),
            Raw::Number(digits) => digits.chars().take(SHOWN).collect(),
            Raw::Text(text) => quoted(text),
            Raw::Cell(text) => quoted(text),
            Raw::Array => "an array".into(),
            Raw::Object => "an object".into(),
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Raw::Text(text) => Some(text),
            Raw::Cell(text) => Some(text),
            _ => None,
        }
    }
}

impl Reader {
    /// A reader for the events of a schema. Times that are integers count in `unit`.
    #[must_use]
    pub fn new(schema: &Schema, unit: TimeUnit) -> Reader {
        let shape = |(at, ty): (usize, &crate::schema::EventType)| {
            let name = |name: Arc<str>| Name::from(name);
            let mut slots = vec![
                (name("type".into()), Slot::Type),
                (name("time".into()), Slot::Time),
                (name("id".into()), Slot::Id),
            ];
            for (key, entity) in ty.entities.iter().enumerate() {
                let entity = schema.entities.get(usize::from(entity.0)).cloned().unwrap_or_default();
                slots.push((name(entity), Slot::Key(key)));
            }
            for (at, field) in ty.fields.iter().enumerate() {
                let (kind, private, optional) = (field.kind.clone(), field.private, field.optional);
                slots.push((
                    name(field.name.clone()),
                    Slot::Field { at, copies: Copies::new(&kind), kind, private, optional },
                ));
            }
            let needed = |slot: &Slot| match slot {
                Slot::Type | Slot::Id => false,
                Slot::Time | Slot::Key(_) => true,
                Slot::Field { optional, .. } => !optional,
            };
            let required =
                slots.iter().enumerate().filter(|(_, (_, slot))| needed(slot)).map(|(at, _)| at).collect();
            Shape {
                id: EventId(at as u16),
                name: name(ty.name.clone()),
                likeness: Likeness::of(slots.iter().map(|(name, _)| name)),
                slots,
                keys: ty.entities.len(),
                fields: ty.fields.len(),
                required,
            }
        };
        Reader {
            shapes: schema.events.iter().enumerate().map(shape).collect(),
            entities: schema.entities.clone().into(),
            unit,
        }
    }

    pub(super) fn unit(&self) -> TimeUnit {
        self.unit
    }

    pub(super) fn entities(&self) -> &[Arc<str>] {
        &self.entities
    }

    /// The index of the event type that a value of `type` names.
    pub(super) fn find(&self, raw: &Raw<'_>) -> Result<usize, InputError> {
        let Some(name) = raw.text() else {
            return Err(invalid("type", "the name of an event type", raw.describe(false)));
        };
        self.shapes.iter().position(|shape| **shape.name.text() == *name).ok_or_else(|| {
            let expected = match nearest(name, self.shapes.iter().map(|shape| &**shape.name.text())) {
                Some(near) => format!("an event type of the rulebook; the nearest is {near:?}"),
                None => "an event type of the rulebook".to_owned(),
            };
            invalid("type", expected, quoted(name))
        })
    }

    pub(super) fn shapes(&self) -> &[Shape] {
        &self.shapes
    }
}

impl Shape {
    pub(super) fn id(&self) -> EventId {
        self.id
    }

    pub(super) fn name(&self) -> &Name {
        &self.name
    }

    pub(super) fn slots(&self) -> &[(Name, Slot)] {
        &self.slots
    }

    pub(super) fn keys(&self) -> usize {
        self.keys
    }

    pub(super) fn fields(&self) -> usize {
        self.fields
    }

    /// The slot of a name, if it has one. `from` and the next are looked at first, because events mostly come in one order.
    #[inline]
    pub(super) fn slot(&self, name: Written<'_>, from: usize) -> Option<usize> {
        let found = |(other, _): &(Name, Slot)| other.is(name);
        if self.slots.get(from).is_some_and(found) {
            return Some(from);
        }
        if self.slots.get(from + 1).is_some_and(found) {
            return Some(from + 1);
        }
        if self.likeness.may_have(name) { self.slots.iter().position(found) } else { None }
    }
}

/// An event that is being filled.
pub(super) struct Filler<'r> {
    shape: &'r Shape,
    unit: TimeUnit,
    time: Option<Timestamp>,
    id: Option<Arc<str>>,
    keys: Vec<Option<Arc<str>>>,
    fields: Vec<Option<Value>>,
    /// Which slots came already, also with nothing in them: a bit for each.
    seen: u64,
    /// Likewise of those beyond the first 64.
    seen_more: Vec<bool>,
    /// Where the search for the next name starts.
    next: usize,
}

impl<'r> Filler<'r> {
    pub(super) fn new(unit: TimeUnit, shape: &'r Shape) -> Filler<'r> {
        Filler {
            shape,
            unit,
            time: None,
            id: None,
            keys: vec![None; shape.keys],
            fields: vec![None; shape.fields],
            seen: 0,
            seen_more: vec![false; shape.slots.len().saturating_sub(64)],
            next: 1,
        }
    }

    /// The slot of a name: `None` for a name that the schema does not know.
    ///
    /// # Errors
    /// The name came already.
    pub(super) fn claim(&mut self, name: &str) -> Result<Option<usize>, InputError> {
        let Some(at) = self.shape.slot(name.into(), self.next) else { return Ok(None) };
        self.next = at + 1;
        self.claim_slot(at).map(|()| Some(at))
    }

    pub(super) fn claim_slot(&mut self, at: usize) -> Result<(), InputError> {
        let again = match at.checked_sub(64) {
            None => {
                let bit = 1_u64 << at;
                let again = self.seen & bit != 0;
                self.seen |= bit;
                again
            }
            Some(at) => self.seen_more.get_mut(at).is_none_or(|seen| std::mem::replace(seen, true)),
        };
        if again {
            let name = self.shape.slots.get(at).map_or("", |(name, _)| name.text());
            return Err(invalid(name, "each key once", "it twice"));
        }
        Ok(())
    }

    /// Whether nothing but a text is right for a slot.
    pub(super) fn is_text(&self, at: usize) -> bool {
        matches!(
            self.shape.slots.get(at),
            Some((
                _,
                Slot::Id | Slot::Key(_) | Slot::Field { kind: FieldKind::Text | FieldKind::Choice(_), .. }
            ))
        )
    }

    /// Takes the value of a slot; an absent one leaves it as it is.
    pub(super) fn set(&mut self, at: usize, raw: &Raw<'_>) -> Result<(), InputError> {
        let Some((name, slot)) = self.shape.slots.get(at) else { return Ok(()) };
        let name = name.text();
        if matches!(raw, Raw::Null) {
            return Ok(());
        }
        match slot {
            Slot::Type => {}
            Slot::Time => self.time = Some(self.unit.read(name, raw, false)?),
            Slot::Id => match raw.text() {
                Some(id) => self.id = Some(id.into()),
                None => return Err(invalid(&**name, "string", raw.describe(false))),
            },
            Slot::Key(key) => match (raw.text(), self.keys.get_mut(*key)) {
                (Some(text), Some(key)) if !text.is_empty() => *key = Some(text.into()),
                _ => return Err(invalid(&**name, A_KEY, raw.describe(false))),
            },
            Slot::Field { at, kind, private, .. } => {
                let value = field(self.unit, name, kind, raw, *private)?;
                if let Some(field) = self.fields.get_mut(*at) {
                    *field = Some(value);
                }
            }
        }
        Ok(())
    }

    /// The event, if nothing is missing.
    pub(super) fn finish(self) -> Result<Input, InputError> {
        for at in &self.shape.required {
            let Some((name, slot)) = self.shape.slots.get(*at) else { continue };
            let missing = match slot {
                Slot::Time if self.time.is_none() => "a time".into(),
                Slot::Key(key) if self.keys.get(*key) == Some(&None) => A_KEY.into(),
                Slot::Field { at, kind, .. } if self.fields.get(*at) == Some(&None) => kind.describe(),
                _ => continue,
            };
            return Err(invalid(&**name.text(), missing, "nothing"));
        }
        Ok(Input::Event(Event {
            event: self.shape.id,
            time: self.time.unwrap_or(Timestamp::MIN),
            id: self.id,
            keys: self.keys.into_iter().flatten().collect(),
            fields: self.fields,
        }))
    }
}

/// What a key must be.
const A_KEY: &str = "a key: a string that is not empty";

fn field(
    unit: TimeUnit,
    name: &str,
    kind: &FieldKind,
    raw: &Raw<'_>,
    private: bool,
) -> Result<Value, InputError> {
    let wrong = |expected: String| invalid(name, expected, raw.describe(private));
    match (kind, raw) {
        (FieldKind::Text, Raw::Text(text)) => Ok(Value::Text((&**text).into())),
        (FieldKind::Text, Raw::Cell(text)) => Ok(Value::Text((*text).into())),
        (FieldKind::Choice(set), Raw::Text(_) | Raw::Cell(_)) => {
            let text = raw.text().unwrap_or_default();
            let member = set.iter().find(|member| ***member == *text);
            member.cloned().map(Value::Text).ok_or_else(|| wrong(kind.describe()))
        }
        (FieldKind::Number, Raw::Number(digits) | Raw::Cell(digits)) => {
            digits.parse().map(Value::Number).map_err(|error| {
                wrong(match error {
                    DecimalError::Syntax => kind.describe(),
                    DecimalError::Scale => "a number with at most 6 digits after the point".into(),
                    DecimalError::Precision => {
                        "a number with at most 18 significant digits, below 10^18".into()
                    }
                })
            })
        }
        (FieldKind::Bool, Raw::Bool(truth)) => Ok(Value::Bool(*truth)),
        (FieldKind::Bool, Raw::Cell(text)) if text.eq_ignore_ascii_case("true") => Ok(Value::Bool(true)),
        (FieldKind::Bool, Raw::Cell(text)) if text.eq_ignore_ascii_case("false") => Ok(Value::Bool(false)),
        (FieldKind::Time, _) => unit.read(name, raw, private).map(Value::Time),
        _ => Err(wrong(kind.describe())),
    }
}
