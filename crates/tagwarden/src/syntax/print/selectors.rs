//! Prints selectors.

use super::Printer;
use super::exprs::Follow;
use crate::syntax::ast::{Expr, Name, Selector, SelectorKind, Sequence};

impl Printer<'_> {
    /// A selector and, in an aggregate, the field of the events that it picks.
    pub(super) fn selector(&mut self, selector: &Selector, field: Option<&Name>, follow: Follow) {
        // Of several events the field stands behind brackets.
        self.grouped(selector, field, field.is_some(), follow);
    }

    /// A selector within an expression: several events stand in brackets, to be told from the `or` of conditions.
    pub(super) fn inner_selector(&mut self, selector: &Selector, follow: Follow) {
        self.grouped(selector, None, true, follow);
    }

    fn grouped(&mut self, selector: &Selector, field: Option<&Name>, group: bool, follow: Follow) {
        match &selector.kind {
            SelectorKind::Events { events, condition } => {
                let brackets = group && events.len() > 1;
                if brackets {
                    self.put('(');
                }
                for (index, event) in events.iter().enumerate() {
                    if index > 0 {
                        self.put(" or ");
                    }
                    self.name_but(&event.text, &["activity"]);
                }
                if brackets {
                    self.put(')');
                }
                self.field(field);
                self.condition(condition.as_ref(), follow);
            }
            SelectorKind::Activity { condition } => {
                self.put("activity");
                self.field(field);
                self.condition(condition.as_ref(), follow);
            }
            SelectorKind::After(sequence) => self.sequence("after", sequence, field),
            SelectorKind::Without(sequence) => self.sequence("without", sequence, field),
        }
    }

    fn sequence(&mut self, word: &str, sequence: &Sequence, field: Option<&Name>) {
        self.member(&sequence.picked, field, Follow::Tail);
        self.put(format_args!(" {word} "));
        self.member(&sequence.other, None, Follow::Nothing);
        self.put(" within ");
        self.duration(&sequence.within);
        if let Some(matching) = &sequence.matching {
            self.put(" matching ");
            self.key(&matching.text);
        }
    }

    /// A side of a sequence: a sequence itself stands in brackets, to be read at a glance.
    fn member(&mut self, selector: &Selector, field: Option<&Name>, follow: Follow) {
        if matches!(selector.kind, SelectorKind::After(_) | SelectorKind::Without(_)) {
            self.put('(');
            self.selector(selector, None, Follow::Nothing);
            self.put(')');
            self.field(field);
        } else {
            self.selector(selector, field, follow);
        }
    }

    fn field(&mut self, field: Option<&Name>) {
        if let Some(field) = field {
            self.put('.');
            self.put(&field.text);
        }
    }

    fn condition(&mut self, condition: Option<&Expr>, follow: Follow) {
        if let Some(condition) = condition {
            self.put(" where ");
            self.expr(condition, 0, follow);
        }
    }
}

/// Whether an `or` behind it would go on with it.
pub(super) fn takes_or(selector: &Selector) -> bool {
    matches!(selector.kind, SelectorKind::Events { .. } | SelectorKind::Activity { .. })
}

/// Whether an operator behind it would go on with its condition.
pub(super) fn ends_in_condition(selector: &Selector) -> bool {
    matches!(
        selector.kind,
        SelectorKind::Events { condition: Some(_), .. } | SelectorKind::Activity { condition: Some(_) }
    )
}
