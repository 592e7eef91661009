//! What rules read and write: tags, lists and scores.

use super::Checker;
use super::names::{Kind, enumerate};
use super::scope::Scope;
use super::tree::{Expr, ExprKind, GroupId, ListId, ScoreId, Tag, TagId, Type};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::ast::{self, CompareOp, Spanned};
use crate::value::{Decimal, Duration};

/// A piece of state that decides in which order rules run. A tag of a group stands for its whole group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Resource {
    Tag(TagId),
    Group(GroupId),
    List(ListId),
    Score(ScoreId),
}

impl Checker<'_> {
    pub(super) fn resource_of(&self, tag: TagId) -> Resource {
        match self.tags.get(tag.index()).and_then(|tag| tag.group) {
            Some(group) => Resource::Group(group),
            None => Resource::Tag(tag),
        }
    }

    /// How messages call it.
    pub(super) fn describe_resource(&self, resource: Resource) -> String {
        match resource {
            Resource::Tag(id) => {
                format!("the tag `{}`", self.tags.get(id.index()).map_or("", |tag| &tag.name))
            }
            Resource::Group(id) => {
                format!("the tag group `{}`", self.groups.get(id.index()).map_or("", |group| &group.name))
            }
            Resource::List(id) => {
                format!("the list `{}`", self.lists.get(id.index()).map_or("", |list| &list.name))
            }
            Resource::Score(id) => {
                format!("the score `{}`", self.scores.get(id.index()).map_or("", |score| &score.name))
            }
        }
    }

    /// A tag by name: a declared one, or a new one unless the rulebook is strict.
    pub(super) fn tag(&mut self, name: &ast::Name) -> Option<TagId> {
        if let Some(declared) = self.names.get(Kind::Tag, &name.text) {
            return Some(TagId(declared.index));
        }
        if let Some(declared) = self.names.get(Kind::Group, &name.text) {
            let members = self.groups.get(declared.index as usize).map(|group| group.members.clone());
            let names: Vec<&str> = members
                .iter()
                .flatten()
                .filter_map(|id| self.tags.get(id.index()))
                .map(|tag| &*tag.name)
                .collect();
            let help = format!("name one of its tags: {}", enumerate(names));
            self.report(
                Diagnostic::new(
                    Code::UnknownName,
                    name.span,
                    format!("`{}` is a tag group and no tag", name.text),
                    "expected a tag",
                )
                .with_label(declared.span, "the group is declared here")
                .with_help(help),
            );
            return None;
        }
        if let Some(strict) = self.strict_tags {
            if self.may_be_unread(Kind::Tag, &name.text) {
                return None;
            }
            let diagnostic = self
                .unknown(Kind::Tag, name)
                .with_label(strict, "with `strict tags`, every tag must be declared");
            self.report(diagnostic);
            return None;
        }
        let id = TagId(self.tags.len() as u32);
        // The name is free: it was looked for above.
        let _ = self.names.insert(Kind::Tag, name, id.0);
        self.tags.push(Tag { name: name.text.as_str().into(), life: None, group: None });
        Some(id)
    }

    pub(super) fn list_id(&mut self, name: &ast::Name) -> Option<ListId> {
        self.resolve(Kind::List, name).map(ListId)
    }

    pub(super) fn read_tag(&mut self, name: &ast::Name) -> Option<TagId> {
        let id = self.tag(name)?;
        self.tag_reads.entry(id).or_insert(name.span);
        let resource = self.resource_of(id);
        self.reads.push((resource, name.span));
        Some(id)
    }

    pub(super) fn tagged(
        &mut self,
        from: &ast::Expr,
        name: &ast::Name,
        life: Option<&Spanned<Duration>>,
        scope: &Scope,
    ) -> Option<Expr> {
        if self.refuse_state_in_where(scope, from.span, &format!("the tag `{}`", name.text)) {
            return None;
        }
        let tag = self.read_tag(name);
        let life = match life {
            Some(life) => Some(self.positive(life)?),
            None => None,
        };
        Some(self.present(from, ExprKind::Tagged(tag?, life), Type::Bool, false))
    }

    pub(super) fn in_list(
        &mut self,
        from: &ast::Expr,
        name: &ast::Name,
        level: Option<&(CompareOp, Spanned<Decimal>)>,
        scope: &Scope,
    ) -> Option<Expr> {
        if self.refuse_state_in_where(scope, from.span, &format!("the list `{}`", name.text)) {
            return None;
        }
        let list = self.list_id(name)?;
        self.reads.push((Resource::List(list), name.span));
        let level = match level {
            Some((op, number)) => Some((*op, self.declared_level(list, number)?)),
            None => None,
        };
        Some(self.present(from, ExprKind::InList(list, level), Type::Bool, false))
    }

    pub(super) fn level(&mut self, from: &ast::Expr, name: &ast::Name, scope: &Scope) -> Option<Expr> {
        if self.refuse_state_in_where(scope, from.span, &format!("the level in `{}`", name.text)) {
            return None;
        }
        let list = self.list_id(name)?;
        self.reads.push((Resource::List(list), name.span));
        Some(Expr { optional: true, ..self.present(from, ExprKind::Level(list), Type::Number, false) })
    }

    /// A score. One that decays changes with every instant, so where a condition is watched it may only be compared with a number.
    pub(super) fn score_value(
        &mut self,
        from: &ast::Expr,
        name: &str,
        index: u32,
        scope: &Scope,
        compared: bool,
    ) -> Option<Expr> {
        if self.refuse_state_in_where(scope, from.span, &format!("the score `{name}`")) {
            return None;
        }
        let decays = self.scores.get(index as usize).is_some_and(|score| score.half_life.is_some());
        if decays && scope.place.is_watched() && !compared {
            self.report(
                Diagnostic::new(
                    Code::NotConstant,
                    from.span,
                    format!("`{name}` decays, so it can only be compared with a written-out number here"),
                    "it changes with every instant",
                )
                .with_help(format!(
                    "write `{name} >= 80`, without computing; in texts, amounts and `on` rules it is free"
                )),
            );
            return None;
        }
        self.note_score_read(index, from.span);
        Some(self.present(from, ExprKind::Score(ScoreId(index)), Type::Number, false))
    }

    fn note_score_read(&mut self, index: u32, span: Span) {
        self.reads.push((Resource::Score(ScoreId(index)), span));
        self.scores_read.entry(index).or_insert(span);
    }
}
