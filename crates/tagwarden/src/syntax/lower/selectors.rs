//! Selectors, and where the field of an aggregate may stand in them.
//!
//! The field stands behind the events: `sum(order.amount where …)`. Of several events it stands behind their brackets,
//! `sum((order or refund).amount)`, or the same one behind each, `sum(order.amount or refund.amount)`.

use super::{Kids, Lower, Pair, Rule};
use crate::diagnostic::Code;
use crate::source::Span;
use crate::syntax::ast::{Expr, Name, Selector, SelectorKind, Sequence};

/// One member of an `or`, with the field behind it.
struct Atom {
    kind: AtomKind,
    field: Option<Name>,
    span: Span,
}

enum AtomKind {
    Event(Name),
    Activity,
    Brackets(Selector),
}

impl Lower<'_> {
    /// A selector where no field can stand.
    pub(super) fn plain_selector(&mut self, pair: Pair<'_>) -> Option<Selector> {
        let (selector, field) = self.selector(pair)?;
        if let Some(field) = field {
            let message = "no field can stand here";
            self.error(Code::SelectorShape, field.span, message, "expected events only").help =
                Some("only an aggregate takes a field, such as `sum(order.amount)`".to_owned());
        }
        Some(selector)
    }

    /// A selector and the field of the events that it picks.
    pub(super) fn selector(&mut self, pair: Pair<'_>) -> Option<(Selector, Option<Name>)> {
        let span = self.span(&pair);
        let mut kids = Kids::of(pair);
        let unit = kids.next()?;
        let tails: Vec<Pair<'_>> = kids.all(Rule::selector_tail).collect();
        self.nested(tails.len(), span, |lower| {
            let (mut selector, field) = lower.unit(unit)?;
            for tail in tails {
                selector = lower.tail(selector, tail)?;
            }
            Some((selector, field))
        })
    }

    fn tail(&mut self, picked: Selector, pair: Pair<'_>) -> Option<Selector> {
        let span = picked.span.to(self.span(&pair));
        let after = pair.as_str().starts_with("after");
        let mut kids = Kids::of(pair);
        let (other, field) = self.unit(kids.next()?)?;
        if let Some(field) = field {
            let message = "no field can stand here";
            self.error(Code::SelectorShape, field.span, message, "expected events only").help =
                Some("the field is that of the events that are picked: write it behind the first".to_owned());
        }
        let within = self.duration(&kids.next()?);
        let matching = kids.next().map(|pair| self.name(pair));
        let sequence = Box::new(Sequence { picked, other, within, matching });
        let kind = if after { SelectorKind::After(sequence) } else { SelectorKind::Without(sequence) };
        Some(Selector { kind, span })
    }

    fn unit(&mut self, pair: Pair<'_>) -> Option<(Selector, Option<Name>)> {
        let span = self.span(&pair);
        let mut kids = Kids::of(pair);
        let mut atoms = Vec::new();
        let pairs: Vec<Pair<'_>> = kids.all(Rule::selector_atom).collect();
        for atom in pairs {
            atoms.push(self.atom(atom)?);
        }
        let condition = match kids.next() {
            Some(filter) => {
                let expression = Kids::of(filter).next()?;
                Some(self.nested(1, span, |lower| lower.expression(expression))?)
            }
            None => None,
        };
        let field = self.common_field(&atoms);
        let kind = if atoms.len() == 1 {
            self.single(atoms.pop()?, condition)?
        } else {
            self.several(atoms, condition)?
        };
        Some((Selector { kind, span }, field))
    }

    fn atom(&mut self, pair: Pair<'_>) -> Option<Atom> {
        let span = self.span(&pair);
        let mut kids = Kids::of(pair);
        let first = kids.next()?;
        let (kind, inner_field) = match first.as_rule() {
            Rule::selector_paren => {
                let (selector, field) = self.selector(Kids::of(first).next()?)?;
                (AtomKind::Brackets(selector), field)
            }
            _ if first.as_str() == "activity" => (AtomKind::Activity, None),
            _ => (AtomKind::Event(self.name(first)), None),
        };
        let field = match kids.next() {
            Some(member) => Some(self.name(Kids::of(member).next()?)),
            None => None,
        };
        if let (Some(inner), Some(outer)) = (&inner_field, &field) {
            let message = "a field is given twice";
            self.error(Code::SelectorShape, outer.span.to(inner.span), message, "leave one of them out");
        }
        Some(Atom { kind, field: field.or(inner_field), span })
    }

    /// The field of an `or`: the same one behind each member, or none.
    fn common_field(&mut self, atoms: &[Atom]) -> Option<Name> {
        let first = atoms.first()?;
        for atom in atoms {
            let same = match (&first.field, &atom.field) {
                (None, None) => true,
                (Some(a), Some(b)) => a.text == b.text,
                _ => false,
            };
            if !same {
                let message = "the events of an `or` give different fields";
                self.error(Code::SelectorShape, atom.span, message, "expected the same field behind each")
                    .help = Some(
                    "write the field that they share behind brackets: `sum((order or refund).amount)`"
                        .to_owned(),
                );
                return None;
            }
        }
        first.field.clone()
    }

    fn single(&mut self, atom: Atom, condition: Option<Expr>) -> Option<SelectorKind> {
        let span = atom.span;
        let inner = match atom.kind {
            AtomKind::Event(name) => return Some(SelectorKind::Events { events: vec![name], condition }),
            AtomKind::Activity => return Some(SelectorKind::Activity { condition }),
            AtomKind::Brackets(inner) => inner.kind,
        };
        match (inner, condition) {
            (inner, None) => Some(inner),
            (SelectorKind::Events { events, condition: None }, condition) => {
                Some(SelectorKind::Events { events, condition })
            }
            (SelectorKind::Activity { condition: None }, condition) => {
                Some(SelectorKind::Activity { condition })
            }
            (_, Some(condition)) => {
                let message = "a `where` stands behind the events that it is about";
                self.error(
                    Code::SelectorShape,
                    condition.span,
                    message,
                    "expected this condition within the brackets",
                )
                .secondary
                .push(crate::diagnostic::Label { span, text: "these are not plain events".to_owned() });
                None
            }
        }
    }

    fn several(&mut self, atoms: Vec<Atom>, condition: Option<Expr>) -> Option<SelectorKind> {
        let mut events = Vec::with_capacity(atoms.len());
        for atom in atoms {
            match atom.kind {
                AtomKind::Event(name) => events.push(name),
                AtomKind::Brackets(Selector {
                    kind: SelectorKind::Events { events: inner, condition: None },
                    ..
                }) => events.extend(inner),
                AtomKind::Activity => {
                    let message = "`activity` stands alone";
                    self.error(Code::SelectorShape, atom.span, message, "this is any event already");
                    return None;
                }
                AtomKind::Brackets(_) => {
                    let message = "`or` joins plain events";
                    self.error(Code::SelectorShape, atom.span, message, "expected the name of an event")
                        .help = Some("write one `where` behind all of them, or one rule for each".to_owned());
                    return None;
                }
            }
        }
        Some(SelectorKind::Events { events, condition })
    }
}
