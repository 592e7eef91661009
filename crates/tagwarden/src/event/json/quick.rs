//! The usual event, read in one go.
//!
//! Most lines hold nothing unusual, and reading them is most of the work of a stream. This reader knows the schema, looks at each byte
//! about once, and makes nothing but the event. What it does not know, and everything that is wrong, it leaves to the
//! general reader in [`super`], which alone decides what is refused and with which message: whatever this one gives, that one would
//! give too.

use super::scan::{Kind, Part, Scan};
use crate::event::Event;
use crate::event::name::Written;
use crate::event::wire::{Reader, Shape, Slot};
use crate::schema::FieldKind;
use crate::value::{Decimal, Timestamp, Value};
use std::sync::Arc;

/// How many keys may come before `type`.
const BEFORE: usize = 16;

/// How many slots an event type may have.
const SLOTS: usize = 64;

/// The values of an event by slot.
type Parts = [Option<Part>; SLOTS];

impl Reader {
    /// Reads an event into `event`, whose memory is used again; `false` leaves it to the general reader, and `event` as it may be.
    #[inline(never)]
    pub(super) fn quick(&self, line: &[u8], event: &mut Event) -> bool {
        let mut parts = [None; SLOTS];
        self.find_parts(line, &mut parts).and_then(|shape| self.fill(line, shape, &parts, event)).is_some()
    }

    /// Finds the value of each slot of the event's type.
    fn find_parts(&self, line: &[u8], parts: &mut Parts) -> Option<&Shape> {
        let mut scan = Scan::new(line)?;
        if scan.next()? != b'{' {
            return None;
        }
        let mut slots: Option<Slots<'_, '_>> = None;
        let mut parts = Some(parts);
        let mut early = [None; BEFORE];
        let mut held = 0;
        loop {
            let key = scan.key()?;
            let name = Written::of(line, key.start, key.end)?;
            let value = scan.value()?;
            if let Some(slots) = &mut slots {
                slots.put(line, name, value, || key.part())?;
            } else if name.is(b"type") {
                let ty =
                    Written::of(line, value.start(), value.end()).filter(|_| value.kind() == Kind::Plain)?;
                let shape = self.shapes().iter().find(|shape| shape.name().is(ty))?;
                let mut found = Slots { shape, parts: parts.take()?, seen: 1, next: 1 };
                for (key, value) in early.into_iter().take(held).flatten() {
                    found.put_early(line, key, value)?;
                }
                slots = Some(found);
            } else {
                *early.get_mut(held)? = Some((key.part()?, value));
                held += 1;
            }
            match scan.next()? {
                b',' => {}
                b'}' => break,
                _ => return None,
            }
        }
        let shape = slots?.shape;
        (scan.is_done() && shape.slots().len() <= SLOTS).then_some(shape)
    }

    #[inline]
    fn fill(&self, line: &[u8], shape: &Shape, parts: &Parts, event: &mut Event) -> Option<()> {
        let place = std::ptr::from_ref(event).addr();
        event.event = shape.id();
        event.id = None;
        event.keys.clear();
        event.fields.clear();
        if event.keys.capacity() < shape.keys() {
            event.keys = Vec::with_capacity(shape.keys());
        }
        if event.fields.capacity() < shape.fields() {
            event.fields = Vec::with_capacity(shape.fields());
        }
        for ((_, slot), part) in shape.slots().iter().zip(parts) {
            let part = part.filter(|part| part.kind() != Kind::Null);
            match slot {
                Slot::Type => {}
                Slot::Time => event.time = self.time(line, part?)?,
                Slot::Id => event.id = if let Some(part) = part { Some(text(line, part)?) } else { None },
                Slot::Key(_) => event.keys.push(text(line, part?).filter(|key| !key.is_empty())?),
                Slot::Field { kind, copies, optional, .. } => match part {
                    Some(part) => event.fields.push(Some(self.value(line, kind, copies.of(place), part)?)),
                    None if *optional => event.fields.push(None),
                    None => return None,
                },
            }
        }
        Some(())
    }

    #[inline]
    fn value(&self, line: &[u8], kind: &FieldKind, members: &[Arc<str>], part: Part) -> Option<Value> {
        Some(match (kind, part.kind()) {
            (FieldKind::Text, _) => Value::Text(text(line, part)?),
            (FieldKind::Choice(_), Kind::Plain) => {
                let text = part.of(line)?;
                Value::Text(members.iter().find(|member| member.as_bytes() == text)?.clone())
            }
            (FieldKind::Number, Kind::Number) => Value::Number(Decimal::plain(part.of(line)?)?),
            (FieldKind::Bool, Kind::True) => Value::Bool(true),
            (FieldKind::Bool, Kind::False) => Value::Bool(false),
            (FieldKind::Time, _) => Value::Time(self.time(line, part)?),
            _ => return None,
        })
    }

    #[inline]
    fn time(&self, line: &[u8], part: Part) -> Option<Timestamp> {
        let text = part.of(line)?;
        match part.kind() {
            Kind::Plain => Timestamp::usual(text),
            Kind::Number => self.unit().whole(text),
            _ => None,
        }
    }
}

/// The slots of an event type as they are found in a line.
struct Slots<'r, 'p> {
    shape: &'r Shape,
    parts: &'p mut Parts,
    /// Which came already, also with nothing in them.
    seen: u64,
    /// Where the next name is looked for first, because most lines have one order.
    next: usize,
}

impl Slots<'_, '_> {
    #[inline(never)]
    fn put_early(&mut self, line: &[u8], key: Part, value: Part) -> Option<()> {
        self.put(line, Written::of(line, key.start(), key.end())?, value, || Some(key))
    }

    /// Takes a key with its value, unless the key came already. Texts that no slot takes are looked at here.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn put(
        &mut self,
        line: &[u8],
        name: Written<'_>,
        value: Part,
        key: impl FnOnce() -> Option<Part>,
    ) -> Option<()> {
        let Some(at) = self.shape.slot(name, self.next) else {
            return (key()?.is_text(line) && value.is_text(line)).then_some(());
        };
        self.next = at + 1;
        let bit = 1_u64.checked_shl(at as u32)?;
        if self.seen & bit != 0 {
            return None;
        }
        self.seen |= bit;
        *self.parts.get_mut(at)? = Some(value);
        Some(())
    }
}

#[inline]
fn text(line: &[u8], part: Part) -> Option<Arc<str>> {
    match part.kind() {
        Kind::Plain => std::str::from_utf8(part.of(line)?).ok().map(Arc::from),
        Kind::Escaped => {
            let quoted = line.get(part.start() - 1..part.end() + 1)?;
            serde_json::from_slice::<String>(quoted).ok().map(Arc::from)
        }
        _ => None,
    }
}
