//! Fields of the event at hand, or of the events that a selector picks.

use super::Checker;
use super::names::enumerate;
use super::tree::{FieldRef, Type};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::schema::{EventId, FieldId, FieldKind, FieldType};
use crate::small::{BTreeSet, sort};
use crate::source::Span;
use std::sync::Arc;

/// A field that one or more events have, and whether one of them may lack it.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) reference: FieldRef,
    pub(super) ty: Type,
    pub(super) optional: bool,
}

/// Why events have no field of a name in common.
enum Missing {
    /// These have none.
    In(Vec<EventId>),
    /// They have it, with different types.
    Types(String),
}

pub(super) fn type_of(kind: &FieldKind) -> Type {
    match kind {
        FieldKind::Text | FieldKind::Choice(_) => Type::Text,
        FieldKind::Number => Type::Number,
        FieldKind::Bool => Type::Bool,
        FieldKind::Time => Type::Time,
    }
}

impl Checker<'_> {
    pub(super) fn event_name(&self, id: EventId) -> &str {
        self.schema.event_type(id).map_or("", |event| &event.name)
    }

    fn declared_field(&self, id: EventId, name: &str) -> Option<(FieldId, &FieldType)> {
        let fields = &self.schema.event_type(id)?.fields;
        let at = fields.iter().position(|field| &*field.name == name)?;
        Some((FieldId(at as u16), fields.get(at)?))
    }

    /// The field of this name that all these events have.
    fn find_field(&self, events: &[EventId], name: &str) -> Result<Field, Missing> {
        let (mut places, mut optional, mut private) = (Vec::new(), false, false);
        let mut missing = Vec::new();
        let mut ty: Option<(Type, EventId)> = None;
        for id in events {
            let Some((field_id, field)) = self.declared_field(*id, name) else {
                missing.push(*id);
                continue;
            };
            let this = type_of(&field.kind);
            match ty {
                Some((before, other)) if before != this => {
                    return Err(Missing::Types(format!(
                        "it is {} in `{}` and {} in `{}`",
                        describe(before),
                        self.event_name(other),
                        describe(this),
                        self.event_name(*id)
                    )));
                }
                _ => ty = Some((this, *id)),
            }
            places.push((*id, field_id));
            optional |= field.optional;
            private |= field.private;
        }
        match ty {
            Some((ty, _)) if missing.is_empty() => {
                sort(&mut places);
                Ok(Field { reference: FieldRef { name: name.into(), places, private }, ty, optional })
            }
            _ => Err(Missing::In(missing)),
        }
    }

    /// Whether all these events have a field of this name.
    pub(super) fn has_field(&self, events: &[EventId], name: &str) -> bool {
        !events.is_empty() && self.find_field(events, name).is_ok()
    }

    /// The names of the fields that all these events have.
    pub(super) fn shared_fields(&self, events: &[EventId]) -> Vec<Arc<str>> {
        let Some(first) = events.first().and_then(|id| self.schema.event_type(*id)) else {
            return Vec::new();
        };
        let names = first.fields.iter().map(|field| field.name.clone());
        names.filter(|name| self.has_field(events, name)).collect()
    }

    /// The field, or a message that says what there is instead.
    pub(super) fn field_of(&mut self, events: &[EventId], name: &str, span: Span) -> Option<Field> {
        let missing = match self.find_field(events, name) {
            Ok(field) => return Some(field),
            Err(missing) => missing,
        };
        if self.is_full() || self.broken.contains(name) {
            return None;
        }
        let shared = self.shared_fields(events);
        let known: Vec<&str> = shared.iter().map(|name| &**name).collect();
        let subject = match events {
            [one] => format!("`{}`", self.event_name(*one)),
            _ => "these events together".to_owned(),
        };
        let message = match events {
            [_] => format!("{subject} has no field called `{name}`"),
            _ => format!("{subject} have no field called `{name}`"),
        };
        let label = match &missing {
            Missing::Types(why) => why.clone(),
            Missing::In(without) if events.len() > 1 => {
                let names: BTreeSet<&str> = without.iter().map(|id| self.event_name(*id)).collect();
                match names.len() {
                    0 => "there is no event to have it".to_owned(),
                    1..=4 => format!("not a field of {}", enumerate(names)),
                    more => format!("not a field of {more} of them"),
                }
            }
            Missing::In(_) => "no such field".to_owned(),
        };
        let help = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() && events.len() > 1 => "they have no field in common".to_owned(),
            None if known.is_empty() => "it has no fields".to_owned(),
            None if events.len() > 1 => format!("the fields that all of them have: {}", enumerate(known)),
            None => format!("its fields: {}", enumerate(known)),
        };
        let mut diagnostic = Diagnostic::new(Code::UnknownField, span, message, label).with_help(help);
        if let [one] = events
            && let Some(declared) = self.event_spans.get(usize::from(one.0))
        {
            diagnostic = diagnostic.with_label(*declared, "declared here");
        }
        self.report(diagnostic);
        None
    }

    /// The closed set that a field's texts come from; `None` for free texts.
    pub(super) fn choices_of(&self, field: &FieldRef) -> Option<BTreeSet<Arc<str>>> {
        let mut all = BTreeSet::new();
        for (event, id) in &field.places {
            let declared = self.schema.event_type(*event)?.fields.get(usize::from(id.0))?;
            match &declared.kind {
                FieldKind::Choice(set) => all.extend(set.iter().cloned()),
                _ => return None,
            }
        }
        Some(all)
    }
}

/// How messages call a type.
pub(super) const fn describe(ty: Type) -> &'static str {
    match ty {
        Type::Bool => "a condition",
        Type::Number => "a number",
        Type::Text => "a text",
        Type::Time => "a time",
        Type::Duration => "a duration",
    }
}
