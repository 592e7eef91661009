//! Where an expression stands, and so what it can see.

use super::Checker;
use crate::diagnostic::{Code, Diagnostic};
use crate::schema::{EntityId, EventId};
use crate::source::Span;
use std::sync::Arc;

/// What an expression is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The `where` of a selector.
    Where,
    /// The condition of an `on` rule.
    On,
    /// The condition of a `when` or `while` rule.
    When,
    /// The condition of an `every` rule.
    Every,
    /// `until COND`
    Until,
    /// The condition of `exempt` or `approve`.
    Guard,
    /// A text in `because` or `notify`, or a field of `emit`.
    Text,
    /// What a score is changed by.
    Amount,
}

impl Place {
    /// How messages call it.
    pub(super) const fn describe(self) -> &'static str {
        match self {
            Place::Where => "a `where`",
            Place::On => "the condition of an `on` rule",
            Place::When => "a condition without an event at hand",
            Place::Every => "the condition of an `every` rule",
            Place::Until => "an `until` condition",
            Place::Guard => "the condition of a guard",
            Place::Text => "a text",
            Place::Amount => "an amount",
        }
    }

    /// Whether the condition is watched over time and so may change only at known instants.
    pub(super) const fn is_watched(self) -> bool {
        matches!(self, Place::When | Place::Every | Place::Until | Place::Guard)
    }
}

/// What an expression can see.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    pub(super) place: Place,
    /// What the subject may be: one entity in a rule, one or more in a guard.
    pub(super) entities: Vec<EntityId>,
    /// The types that the event at hand may have; `None` without one.
    pub(super) events: Option<Vec<EventId>>,
    /// The selector at whose deadline this is evaluated, if it is: private fields of its event are gone by then.
    pub(super) gone: Option<Span>,
    /// Whether `at` has a meaning.
    pub(super) at: bool,
    /// Expressions, as the formatter prints them, that an `exists` has shown to be present.
    pub(super) present: Vec<Arc<str>>,
}

impl Scope {
    /// Without an event at hand.
    pub(super) fn new(place: Place, entities: &[EntityId]) -> Scope {
        Scope { place, entities: entities.to_vec(), events: None, gone: None, at: false, present: Vec::new() }
    }

    /// The `where` of a selector that picks these.
    pub(super) fn of_where(&self, events: &[EventId]) -> Scope {
        Scope::new(Place::Where, &self.entities).with_event(events)
    }

    /// The same with an event at hand.
    pub(super) fn with_event(mut self, events: &[EventId]) -> Scope {
        self.events = Some(events.to_vec());
        self.at = true;
        self
    }
}

impl Checker<'_> {
    /// Reports state that a `where` would read.
    pub(super) fn refuse_state_in_where(&mut self, scope: &Scope, span: Span, what: &str) -> bool {
        if scope.place != Place::Where {
            return false;
        }
        self.report(
            Diagnostic::new(
                Code::OutOfScope,
                span,
                format!("{what} cannot be read in a `where`"),
                "the rules have not yet run when events are picked",
            )
            .with_help("put it in `when` or `unless`"),
        );
        true
    }
}
