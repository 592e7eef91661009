//! `exempt from` and `approve for`.

use super::Checker;
use super::entities::{Head, written};
use super::names::Kind;
use super::scope::{Place, Scope};
use super::state::Resource;
use super::tree::{Guard, GuardKind, Target};
use super::walk::{self, Use};
use crate::diagnostic::{Code, Diagnostic};
use crate::schema::{EntityId, EventId};
use crate::source::Span;
use crate::syntax::ast::{self, GuardTarget, ItemKind};

/// What a guard's condition reads, for the order of the rules that it guards.
pub(super) struct GuardReads {
    pub(super) target: Target,
    pub(super) reads: Vec<(Resource, Span)>,
}

impl Checker<'_> {
    pub(super) fn guards(
        &mut self,
        items: &[&ast::Item],
        heads: &[Head<'_>],
    ) -> (Vec<Guard>, Vec<GuardReads>) {
        let (mut guards, mut all_reads) = (Vec::new(), Vec::new());
        for item in items {
            let (kind, guard) = match &item.kind {
                ItemKind::Exempt(guard) => (GuardKind::Exempt, guard),
                ItemKind::Approve(guard) => (GuardKind::Approve, guard),
                ItemKind::Role { name, may } => {
                    self.role(name, may);
                    continue;
                }
                ItemKind::Keep(parts) => {
                    self.keep(parts);
                    continue;
                }
                _ => continue,
            };
            let target = self.guard_target(&guard.target);
            let entities = self.guarded_entities(guard, heads);
            self.reads.clear();
            let condition = self.condition(&guard.condition, &mut Scope::new(Place::Guard, &entities));
            let reads = std::mem::take(&mut self.reads);
            let (Some(target), Some(condition)) = (target, condition) else { continue };
            let own = match target {
                Target::Tag(tag) => self.resource_of(tag),
                Target::List(list) => Resource::List(list),
            };
            if let Some((_, span)) = reads.iter().find(|(read, _)| *read == own) {
                let what = self.describe_resource(own);
                self.report(
                    Diagnostic::new(
                        Code::Circle,
                        *span,
                        format!("the guard of {what} reads what it guards"),
                        format!("{what} is read here"),
                    )
                    .with_label(target_span(&guard.target), "and guarded here")
                    .with_help("let the guard look at events, or at other tags and lists"),
                );
                continue;
            }
            guards.push(Guard { kind, target, entities, condition });
            all_reads.push(GuardReads { target, reads });
        }
        (guards, all_reads)
    }

    fn guard_target(&mut self, target: &GuardTarget) -> Option<Target> {
        match target {
            GuardTarget::Tag(name) => self.tag(name).map(Target::Tag),
            GuardTarget::List(name) => {
                if self.names.get(Kind::List, &name.text).is_none()
                    && self.names.get(Kind::Tag, &name.text).is_some()
                {
                    let diagnostic = self
                        .unknown(Kind::List, name)
                        .with_help(format!("`{0}` is a tag: write `tag {0}`", name.text));
                    self.report(diagnostic);
                    return None;
                }
                self.list_id(name).map(Target::List)
            }
        }
    }

    /// What the subjects may be: those of the rules that add to the target or, where none does, those of every event used.
    fn guarded_entities(&self, guard: &ast::Guard, heads: &[Head<'_>]) -> Vec<EntityId> {
        let mut entities: Vec<EntityId> = Vec::new();
        if let Some(piece) = written(walk::target(&guard.target)) {
            for head in heads.iter().filter(|head| head.writes.contains(&piece)) {
                entities.extend(
                    head.entities
                        .iter()
                        .filter(|entity| !entities.contains(entity))
                        .copied()
                        .collect::<Vec<_>>(),
                );
            }
        }
        if !entities.is_empty() {
            return entities;
        }
        let mut all: Vec<EntityId> = (0..self.schema.entities.len()).map(|at| EntityId(at as u16)).collect();
        walk::expr(&guard.condition, &mut |seen| {
            if let Use::Event(name) = seen
                && let Some(declared) = self.names.get(Kind::Event, &name.text)
                && let Some(event) = self.schema.event_type(EventId(declared.index as u16))
            {
                all.retain(|entity| event.entities.contains(entity));
            }
        });
        all
    }
}

fn target_span(target: &GuardTarget) -> Span {
    match target {
        GuardTarget::List(name) | GuardTarget::Tag(name) => name.span,
    }
}
