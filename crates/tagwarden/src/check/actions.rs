//! What rules do.

use super::Checker;
use super::entities::Head;
use super::names::Kind;
use super::scope::{Place, Scope};
use super::state::Resource;
use super::tree::{Action, Life, ListId, ScoreId, TagId, Template, TemplatePart, Type};
use crate::diagnostic::{Code, Diagnostic};
use crate::small::BTreeMap;
use crate::source::Span;
use crate::syntax::ast::{self, ActionKind};
use crate::value::Duration;

/// What an action belongs to.
pub(super) struct Frame<'r, 't> {
    pub(super) head: &'r Head<'t>,
    /// What texts see: the event at hand, if there is one.
    pub(super) texts: Scope,
    /// Whether it is a `while` rule, whose grants last as long as its condition.
    pub(super) holds: bool,
    /// What the rule writes, and where.
    pub(super) writes: Vec<(Resource, Span)>,
    /// What its `until` conditions read, and where.
    pub(super) until_reads: Vec<(Resource, Span)>,
}

impl Checker<'_> {
    pub(super) fn action(
        &mut self,
        action: &ast::Action,
        frame: &mut Frame<'_, '_>,
        proposed: bool,
    ) -> Option<Action> {
        if frame.holds && !matches!(action.kind, ActionKind::Tag { .. } | ActionKind::Add { .. }) {
            self.report(
                Diagnostic::new(
                    Code::WhileAction,
                    action.span,
                    "a `while` rule can only `tag` and `add to`",
                    "this cannot be withdrawn when the condition stops",
                )
                .with_help("use `when` instead of `while`: it acts once, where the condition turns true"),
            );
            return None;
        }
        match &action.kind {
            ActionKind::Tag { tag, life, keep } => {
                let id = self.tag(tag);
                let default = id.and_then(|id| self.tags.get(id.index())).and_then(|tag| tag.life);
                self.refuse_keep(*keep, frame, action.span);
                let life = self.life(life.as_ref(), default, frame, action.span);
                let tag_id = id?;
                if proposed || !frame.head.rule.shadow {
                    self.tags_set.insert(tag_id);
                }
                self.write_tag(tag_id, tag.span, frame, proposed);
                Some(Action::Tag { tag: tag_id, life: life?, keep: *keep })
            }
            ActionKind::Untag(tag) => {
                let id = self.tag(tag)?;
                self.write_tag(id, tag.span, frame, proposed);
                Some(Action::Untag(id))
            }
            ActionKind::Add { .. } => self.add(action, frame, proposed),
            ActionKind::Remove(list) => {
                let id = self.list_id(list)?;
                self.write(Resource::List(id), list.span, frame, proposed);
                Some(Action::Remove(id))
            }
            ActionKind::Score { score, change, amount } => {
                let id = self.resolve(Kind::Score, score);
                let mut scope = frame.texts.clone();
                scope.place = Place::Amount;
                let amount = self.operand(amount, &scope, Type::Number);
                let id = ScoreId(id?);
                self.scores_set.insert(id.0);
                self.write(Resource::Score(id), score.span, frame, proposed);
                Some(Action::Score { score: id, change: *change, amount: amount? })
            }
            ActionKind::Notify { channel, text } => {
                let text = match text {
                    Some(text) => Some(self.template(text, &frame.texts)?),
                    None => None,
                };
                Some(Action::Notify { channel: channel.text.as_str().into(), text })
            }
            ActionKind::Emit { name, fields } => self.emit(name, fields, frame),
            ActionKind::Propose(inner) if proposed => {
                self.report(
                    Diagnostic::new(
                        Code::Repeated,
                        action.span,
                        "a proposal to propose something",
                        "one `propose` is enough",
                    )
                    .with_help("write `propose` once"),
                );
                self.action(inner, frame, true)
            }
            ActionKind::Propose(inner) => {
                let inner = self.action(inner, frame, true)?;
                Some(match inner {
                    proposal @ Action::Propose(_) => proposal,
                    inner => Action::Propose(Box::new(inner)),
                })
            }
        }
    }

    fn write_tag(&mut self, tag: TagId, span: Span, frame: &mut Frame<'_, '_>, proposed: bool) {
        let resource = self.resource_of(tag);
        self.write(resource, span, frame, proposed);
    }

    /// Notes what the rule changes: nothing where it only proposes, or is a shadow.
    fn write(&mut self, resource: Resource, span: Span, frame: &mut Frame<'_, '_>, proposed: bool) {
        if !proposed && !frame.head.rule.shadow {
            frame.writes.push((resource, span));
        }
    }

    fn add(&mut self, action: &ast::Action, frame: &mut Frame<'_, '_>, proposed: bool) -> Option<Action> {
        let ActionKind::Add { list, level, category, life, starting_in, review, keep } = &action.kind else {
            return None;
        };
        let id = self.list_id(list);
        self.refuse_keep(*keep, frame, action.span);
        let default = id.and_then(|id| self.lists.get(id.index())).and_then(|list| list.life);
        let life = self.life(life.as_ref(), default, frame, action.span);
        let starting_in = self.positive_or_none(starting_in.as_ref());
        let review = self.positive_or_none(review.as_ref());
        let id = id?;
        self.write(Resource::List(id), list.span, frame, proposed);
        let level = match level {
            Some(level) => self.declared_level(id, level),
            None => self.only_level(id, list.span),
        };
        let category = match category {
            Some(category) => self.declared_category(id, category).map(Some),
            None => Some(None),
        };
        let usual_review = self.lists.get(id.index()).and_then(|list| list.review);
        Some(Action::Add {
            list: id,
            level: level?,
            category: category?,
            life: life?,
            starting_in: starting_in?,
            review: review?.or(usual_review),
            keep: *keep,
        })
    }

    fn positive_or_none(&mut self, duration: Option<&ast::Spanned<Duration>>) -> Option<Option<Duration>> {
        match duration {
            Some(duration) => self.positive(duration).map(Some),
            None => Some(None),
        }
    }

    fn refuse_keep(&mut self, keep: bool, frame: &Frame<'_, '_>, span: Span) {
        if keep && frame.holds {
            self.report(
                Diagnostic::new(
                    Code::WhileAction,
                    span,
                    "a `while` rule renews nothing",
                    "`renew keep` has no meaning here",
                )
                .with_help("leave out `renew keep`: the grant lasts exactly as long as the condition holds"),
            );
        }
    }

    fn life(
        &mut self,
        life: Option<&ast::Life>,
        default: Option<Duration>,
        frame: &mut Frame<'_, '_>,
        span: Span,
    ) -> Option<Life> {
        let Some(life) = life else {
            return Some(match default {
                Some(default) if !frame.holds => Life::For(default),
                _ => Life::Forever,
            });
        };
        if frame.holds {
            self.report(
                Diagnostic::new(
                    Code::WhileAction,
                    span,
                    "a `while` rule gives no life of its own",
                    "this lasts exactly as long as the condition holds",
                )
                .with_help("leave out the life, or use `when` instead of `while`"),
            );
            return None;
        }
        let entities = &frame.head.entities;
        match life {
            ast::Life::For(duration) => self.positive(duration).map(Life::For),
            ast::Life::UntilTime(time) => self.time(&time.node, time.span).map(Life::UntilTime),
            ast::Life::UntilOn(selector) => {
                let scope = Scope::new(Place::Until, entities);
                self.selector(selector, &scope).map(|picked| Life::UntilOn(picked.selector))
            }
            ast::Life::Until(condition) => {
                let before = std::mem::take(&mut self.reads);
                let condition = self.condition(condition, &mut Scope::new(Place::Until, entities));
                let reads = std::mem::replace(&mut self.reads, before);
                frame.until_reads.extend(reads);
                condition.map(Life::Until)
            }
        }
    }

    fn emit(
        &mut self,
        name: &ast::Name,
        fields: &[(ast::Name, ast::Expr)],
        frame: &Frame<'_, '_>,
    ) -> Option<Action> {
        let mut checked = Vec::new();
        let mut whole = true;
        let mut seen = BTreeMap::new();
        for (key, value) in fields {
            if let Some(earlier) = seen.insert(key.text.as_str(), key.span) {
                self.report(
                    Diagnostic::new(
                        Code::Duplicate,
                        key.span,
                        format!("`{}` stands twice in what is emitted", key.text),
                        "given again here",
                    )
                    .with_label(earlier, "first given here")
                    .with_help("give one of them another name, or remove it"),
                );
            }
            match self.expr(value, &frame.texts) {
                Some(value) => checked.push((key.text.as_str().into(), value)),
                None => whole = false,
            }
        }
        whole.then(|| Action::Emit { name: name.text.as_str().into(), fields: checked })
    }

    pub(super) fn template(&mut self, template: &ast::Template, scope: &Scope) -> Option<Template> {
        let mut parts = Vec::new();
        let mut whole = true;
        for part in &template.parts {
            match part {
                ast::TemplatePart::Text(text) => parts.push(TemplatePart::Text(text.as_str().into())),
                ast::TemplatePart::Expr(expr) => match self.expr(expr, scope) {
                    Some(expr) => parts.push(TemplatePart::Expr(expr)),
                    None => whole = false,
                },
            }
        }
        whole.then_some(Template { parts })
    }
}

/// What a guard of this list or tag would stop, where an action adds to it in force or as a shadow.
pub(super) fn added(action: &Action) -> Option<super::tree::Target> {
    match action {
        Action::Tag { tag, .. } => Some(super::tree::Target::Tag(*tag)),
        Action::Add { list, .. } => Some(super::tree::Target::List(ListId(list.0))),
        _ => None,
    }
}
