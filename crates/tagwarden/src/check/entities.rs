//! Which entity each rule is about: written, or what its events have in common, or whose state it reads.

use super::names::{Kind, enumerate};
use super::selectors::article;
use super::walk::{self, Use};
use super::{Checker, Read};
use crate::diagnostic::{Code, Diagnostic};
use crate::schema::{EntityId, EventId};
use crate::small::{BTreeMap, BTreeSet};
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind};

/// A rule and what it is about.
pub(super) struct Head<'t> {
    pub(super) rule: &'t ast::Rule,
    pub(super) span: Span,
    pub(super) entity: EntityId,
    /// What its events must concern: its entity, or nothing where that could not be found.
    pub(super) entities: Vec<EntityId>,
    pub(super) writes: BTreeSet<Piece>,
}

/// A piece of state by kind and name.
pub(super) type Piece = (PieceKind, String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PieceKind {
    Tag,
    List,
    Score,
}

/// What a use writes.
pub(super) fn written(seen: Use<'_>) -> Option<Piece> {
    match seen {
        Use::WriteTag(name) => Some((PieceKind::Tag, name.to_owned())),
        Use::WriteList(name) => Some((PieceKind::List, name.to_owned())),
        Use::WriteScore(name) => Some((PieceKind::Score, name.to_owned())),
        _ => None,
    }
}

fn read(seen: Use<'_>) -> Option<Piece> {
    match seen {
        Use::ReadTag(name) => Some((PieceKind::Tag, name.to_owned())),
        Use::ReadList(name) => Some((PieceKind::List, name.to_owned())),
        Use::ReadName(name) => Some((PieceKind::Score, name.to_owned())),
        _ => None,
    }
}

/// A rule before its entity is known.
struct Open<'t> {
    rule: &'t ast::Rule,
    span: Span,
    reads: BTreeSet<Piece>,
    writes: BTreeSet<Piece>,
    found: Found,
}

/// What a rule is about, as far as its head and its events say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Entity(EntityId),
    /// It names no event.
    Open,
    /// It cannot be found, and that has been reported.
    Lost,
}

impl Open<'_> {
    fn entity(&self) -> Option<EntityId> {
        match self.found {
            Found::Entity(entity) => Some(entity),
            Found::Open | Found::Lost => None,
        }
    }
}

impl Checker<'_> {
    /// Names every rule and finds its entity.
    pub(super) fn rule_heads<'t>(&mut self, items: &[&'t ast::Item]) -> Vec<Head<'t>> {
        let mut open: Vec<Open<'t>> = Vec::new();
        for item in items {
            let ItemKind::Rule(rule) = &item.kind else { continue };
            if open.len() == self.limits.rules {
                self.too_many(rule.name.span, "rules", self.limits.rules);
                break;
            }
            self.declare(Kind::Rule, &rule.name, open.len());
            open.push(self.open(rule, item.span));
        }
        self.by_state(&mut open);
        let mut heads = Vec::new();
        for Open { rule, span, writes, found, .. } in open {
            let entity = match found {
                Found::Entity(entity) => Some(entity),
                Found::Open => self.only_entity(rule),
                Found::Lost => None,
            };
            let entities = entity.into_iter().collect();
            heads.push(Head { rule, span, entity: entity.unwrap_or(EntityId(0)), entities, writes });
        }
        heads
    }

    fn open<'t>(&mut self, rule: &'t ast::Rule, span: Span) -> Open<'t> {
        let (mut reads, mut writes) = (BTreeSet::new(), BTreeSet::new());
        let mut events: Vec<&ast::Name> = Vec::new();
        walk::rule(rule, &mut |seen| match seen {
            Use::Event(name) => events.push(name),
            other => {
                reads.extend(read(other));
                writes.extend(written(other));
            }
        });
        let found = match &rule.entity {
            Some(name) => {
                let index = self.resolve(Kind::Entity, name);
                index.map_or(Found::Lost, |index| Found::Entity(EntityId(index as u16)))
            }
            None if events.is_empty() => Found::Open,
            None => self.by_events(rule, &events).map_or(Found::Lost, Found::Entity),
        };
        Open { rule, span, reads, writes, found }
    }

    /// The one entity that all these events have; a message where they use events and there is none, or more than one.
    fn by_events(&mut self, rule: &ast::Rule, events: &[&ast::Name]) -> Option<EntityId> {
        let known = events.iter().filter_map(|name| {
            let id = EventId(self.names.get(Kind::Event, &name.text)?.index as u16);
            Some((*name, self.schema.event_type(id)?.entities.clone()))
        });
        let known: Vec<(&ast::Name, Vec<EntityId>)> = known.collect();
        // What is not declared may have decided it, and is reported where it stands.
        let silent = known.len() < events.len();
        let ((first_name, first), rest) = known.split_first()?;
        let mut common = first.clone();
        for (name, entities) in rest {
            let before = common.clone();
            common.retain(|entity| entities.contains(entity));
            if common.is_empty() {
                let names = |of: &[EntityId]| enumerate(of.iter().map(|entity| self.entity_name(*entity)));
                let diagnostic = Diagnostic::new(
                    Code::EntityUnclear,
                    rule.name.span,
                    format!("the events of the rule `{}` have no entity in common", rule.name.text),
                    "what is this rule about?",
                )
                .with_label(first_name.span, format!("this concerns {}", names(&before)))
                .with_label(name.span, format!("this concerns {}", names(entities)))
                .with_help("a rule is about one entity, and every event in it must have one as a key");
                if !silent {
                    self.report(diagnostic);
                }
                return None;
            }
        }
        match common.as_slice() {
            [one] => Some(*one),
            _ => {
                if !silent {
                    self.unclear(rule, &common, "every event in it has these entities");
                }
                None
            }
        }
    }

    /// Rules without events are about what the rules are about that set the state they read. What that makes known is carried
    /// on to the rules that read what they set.
    fn by_state(&self, open: &mut [Open<'_>]) {
        let mut readers: BTreeMap<Piece, Vec<usize>> = BTreeMap::new();
        for (at, rule) in open.iter().enumerate().filter(|(_, rule)| rule.found == Found::Open) {
            for piece in &rule.reads {
                readers.entry(piece.clone()).or_default().push(at);
            }
        }
        let mut owners: BTreeMap<Piece, BTreeSet<EntityId>> = BTreeMap::new();
        let mut news: Vec<usize> =
            (0..open.len()).filter(|at| open.get(*at).is_some_and(|r| r.entity().is_some())).collect();
        while !news.is_empty() {
            let mut touched: BTreeSet<usize> = BTreeSet::new();
            for rule in news.iter().filter_map(|at| open.get(*at)) {
                let Some(entity) = rule.entity() else { continue };
                for piece in &rule.writes {
                    if owners.entry(piece.clone()).or_default().insert(entity) {
                        touched.extend(readers.get(piece).into_iter().flatten().copied());
                    }
                }
            }
            news.clear();
            for at in touched {
                let Some(rule) = open.get_mut(at).filter(|rule| rule.found == Found::Open) else { continue };
                let all: BTreeSet<EntityId> =
                    rule.reads.iter().filter_map(|piece| owners.get(piece)).flatten().copied().collect();
                if let (Some(entity), 1) = (all.first(), all.len()) {
                    rule.found = Found::Entity(*entity);
                    news.push(at);
                }
            }
        }
    }

    /// The only entity there is; a message where there are others, or none.
    fn only_entity(&mut self, rule: &ast::Rule) -> Option<EntityId> {
        let all: Vec<EntityId> = (0..self.schema.entities.len()).map(|at| EntityId(at as u16)).collect();
        match all.as_slice() {
            [one] => return Some(*one),
            _ if self.read != Read::All => {}
            [] => self.report(
                Diagnostic::new(
                    Code::EntityUnclear,
                    rule.name.span,
                    format!("the rule `{}` is about nothing", rule.name.text),
                    "no entity is declared",
                )
                .with_help(
                    "declare what rules are about: `entity customer`, and `event order(customer) { … }`",
                ),
            ),
            _ => self.unclear(rule, &all, "it uses no event, and there are these entities"),
        }
        None
    }

    fn unclear(&mut self, rule: &ast::Rule, entities: &[EntityId], why: &str) {
        let names: Vec<&str> = entities.iter().map(|entity| self.entity_name(*entity)).collect();
        let first = names.first().copied().unwrap_or_default();
        let diagnostic = Diagnostic::new(
            Code::EntityUnclear,
            rule.name.span,
            format!("it is not clear what the rule `{}` is about", rule.name.text),
            format!("{why}: {}", enumerate(names.iter().copied())),
        )
        .with_help(format!(
            "say it: `rule {} for {first} {{ … }}` for a rule about {}",
            rule.name.text,
            article(first)
        ));
        self.report(diagnostic);
    }
}
