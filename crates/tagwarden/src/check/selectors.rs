//! Selectors: which events, under which condition, after or without which others.

use super::Checker;
use super::fields::describe;
use super::names::{Kind, enumerate};
use super::scope::Scope;
use super::tree::{Matching, Selector, Sequence};
use crate::diagnostic::{Code, Diagnostic};
use crate::schema::{EntityId, EventId};
use crate::source::Span;
use crate::syntax::ast::{self, SelectorKind};

/// A checked selector and the types of what it picks.
pub(super) struct Picked {
    pub(super) selector: Selector,
    pub(super) events: Vec<EventId>,
    /// Whether it picks at a deadline, when the event itself is gone.
    pub(super) waits: bool,
}

impl Checker<'_> {
    pub(super) fn selector(&mut self, selector: &ast::Selector, scope: &Scope) -> Option<Picked> {
        match &selector.kind {
            SelectorKind::Events { events: names, condition } => {
                let mut events = Vec::new();
                let mut whole = true;
                for name in names {
                    match self.selected_event(name, scope) {
                        Some(id) if !events.contains(&id) => events.push(id),
                        Some(_) => {}
                        None => whole = false,
                    }
                }
                // Fields of a union that is not known cannot be looked up.
                whole.then(|| self.base(events, condition.as_ref(), scope))?
            }
            SelectorKind::Activity { condition } => {
                let events = self.events_of(&scope.entities);
                self.base(events, condition.as_ref(), scope)
            }
            SelectorKind::After(sequence) => {
                let (sequence, events, waits) = self.sequence(sequence, scope)?;
                Some(Picked { selector: Selector::After(Box::new(sequence)), events, waits })
            }
            SelectorKind::Without(sequence) => {
                let (sequence, events, _) = self.sequence(sequence, scope)?;
                Some(Picked { selector: Selector::Without(Box::new(sequence)), events, waits: true })
            }
        }
    }

    fn base(&mut self, events: Vec<EventId>, condition: Option<&ast::Expr>, scope: &Scope) -> Option<Picked> {
        let condition = match condition {
            None => None,
            Some(condition) => Some(Box::new(self.condition(condition, &mut scope.of_where(&events))?)),
        };
        Some(Picked { selector: Selector::Base { events: events.clone(), condition }, events, waits: false })
    }

    /// An event that concerns the subject.
    fn selected_event(&mut self, name: &ast::Name, scope: &Scope) -> Option<EventId> {
        if self.names.get(Kind::Event, &name.text).is_none() {
            if self.is_full() || self.may_be_unread(Kind::Event, &name.text) {
                return None;
            }
            let mut diagnostic = self.unknown(Kind::Event, name);
            if crate::diagnostic::nearest("activity", [name.text.as_str()]).is_some() {
                diagnostic.help = Some("did you mean `activity`, which stands for every event?".to_owned());
            }
            self.report(diagnostic);
            return None;
        }
        let id = EventId(self.resolve(Kind::Event, name)? as u16);
        let concerned = self.schema.event_type(id).map(|event| event.entities.clone()).unwrap_or_default();
        let Some(lacking) = scope.entities.iter().find(|entity| !concerned.contains(entity)).copied() else {
            return Some(id);
        };
        let names: Vec<&str> = concerned.iter().map(|entity| self.entity_name(*entity)).collect();
        let mut diagnostic = Diagnostic::new(
            Code::WrongEntity,
            name.span,
            format!("`{}` does not concern {}", name.text, article(self.entity_name(lacking))),
            match names.as_slice() {
                [] => "it concerns nothing".to_owned(),
                _ => format!("it concerns {}", enumerate(names)),
            },
        );
        if let Some(declared) = self.event_spans.get(usize::from(id.0)) {
            diagnostic = diagnostic.with_label(*declared, "declared here");
        }
        diagnostic = diagnostic.with_help(match scope.place {
            super::scope::Place::Guard => format!(
                "a rule about {} adds to what this guards, so the guard can only look at events of one",
                article(self.entity_name(lacking))
            ),
            _ => format!(
                "the rule is about {}: every event in it must have one as a key",
                article(self.entity_name(lacking))
            ),
        });
        self.report(diagnostic);
        None
    }

    pub(super) fn entity_name(&self, id: EntityId) -> &str {
        self.schema.entities.get(usize::from(id.0)).map_or("", |name| name)
    }

    /// Every event that concerns one of these.
    pub(super) fn events_of(&self, entities: &[EntityId]) -> Vec<EventId> {
        let concerned =
            |event: &crate::schema::EventType| event.entities.iter().any(|e| entities.contains(e));
        let events = self.schema.events.iter().enumerate();
        events.filter(|(_, event)| concerned(event)).map(|(at, _)| EventId(at as u16)).collect()
    }

    /// A sequence, the types of what it picks, and whether it picks from what a deadline has picked.
    fn sequence(
        &mut self,
        sequence: &ast::Sequence,
        scope: &Scope,
    ) -> Option<(Sequence, Vec<EventId>, bool)> {
        let picked = self.selector(&sequence.picked, scope);
        let other = self.selector(&sequence.other, scope);
        let within = self.positive(&sequence.within);
        let (picked, other) = (picked?, other?);
        let matching = match &sequence.matching {
            None => None,
            Some(field) => {
                Some(self.matching(field, &picked, &other, sequence.picked.span, sequence.other.span)?)
            }
        };
        let checked = Sequence { picked: picked.selector, other: other.selector, within: within?, matching };
        Some((checked, picked.events, picked.waits))
    }

    fn matching(
        &mut self,
        name: &ast::Name,
        picked: &Picked,
        other: &Picked,
        picked_span: Span,
        other_span: Span,
    ) -> Option<Matching> {
        let left = self.field_of(&picked.events, &name.text, name.span);
        let right = self.field_of(&other.events, &name.text, name.span);
        let (left, right) = (left?, right?);
        if left.ty != right.ty {
            self.report(
                Diagnostic::new(
                    Code::DifferentTypes,
                    name.span,
                    format!("`{}` cannot match: the two have different types", name.text),
                    "expected the same type in both",
                )
                .with_label(picked_span, format!("here it is {}", describe(left.ty)))
                .with_label(other_span, format!("here it is {}", describe(right.ty)))
                .with_help("match by a field that holds the same thing in both"),
            );
            return None;
        }
        Some(Matching { picked: left.reference, other: right.reference })
    }
}

/// `a customer`, `an order`, in back quotes.
pub(super) fn article(noun: &str) -> String {
    let vowel = noun.starts_with(['a', 'e', 'i', 'o', 'u', 'A', 'E', 'I', 'O', 'U']);
    format!("{} `{noun}`", if vowel { "an" } else { "a" })
}
