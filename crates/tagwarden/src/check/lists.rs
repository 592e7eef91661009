//! `list` declarations, and levels and categories where rules name them.

use super::Checker;
use super::names::{Kind, enumerate};
use super::tree::{Level, LevelEffect, List, ListId};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::small::{BTreeMap, sort_by_key};
use crate::source::Span;
use crate::syntax::ast;
use crate::value::Decimal;
use std::sync::Arc;

impl Checker<'_> {
    pub(super) fn list(&mut self, list: &ast::List) {
        let mut levels: Vec<Level> = Vec::new();
        let mut seen: BTreeMap<u8, Span> = BTreeMap::new();
        for level in &list.levels {
            let Some(number) = self.level_number(&level.number) else {
                self.broken.insert(list.name.text.clone());
                continue;
            };
            if let Some(earlier) = seen.insert(number, level.number.span) {
                self.report(
                    Diagnostic::new(
                        Code::Duplicate,
                        level.number.span,
                        format!("the list `{}` has two levels {number}", list.name.text),
                        "declared again here",
                    )
                    .with_label(earlier, "first declared here")
                    .with_help("give each level a number of its own; 1 is the strictest"),
                );
                continue;
            }
            let effect =
                level.effect.as_ref().and_then(|effect| self.effect(effect)).unwrap_or(LevelEffect::None);
            let label = level.label.as_ref().map(|label| Arc::from(label.text.as_str()));
            levels.push(Level { number, label, effect });
        }
        if levels.is_empty() {
            levels.push(Level { number: 1, label: None, effect: LevelEffect::None });
        }
        sort_by_key(&mut levels, |level| level.number);
        let mut categories: Vec<Arc<str>> = Vec::new();
        for category in &list.categories {
            if categories.iter().any(|earlier| **earlier == *category.text) {
                self.report(
                    Diagnostic::new(
                        Code::Duplicate,
                        category.span,
                        format!("the category `{}` is declared twice", category.text),
                        "declared again here",
                    )
                    .with_help("remove one of them"),
                );
            } else {
                categories.push(category.text.as_str().into());
            }
        }
        let life = list.life.as_ref().and_then(|life| self.positive(life));
        let review = list.review.as_ref().and_then(|review| self.positive(review));
        if self.declare(Kind::List, &list.name, self.lists.len()) {
            self.lists.push(List { name: list.name.text.as_str().into(), levels, categories, life, review });
        }
    }

    fn effect(&mut self, effect: &ast::LevelEffect) -> Option<LevelEffect> {
        Some(match effect {
            ast::LevelEffect::DeniesAll => LevelEffect::DeniesAll,
            ast::LevelEffect::Limits { count, per } => {
                let per = self.positive(per);
                let count = self.whole(count, 0, u32::MAX, "a limit")?;
                LevelEffect::Limits { count, per: per? }
            }
            ast::LevelEffect::Allows(channels) => {
                LevelEffect::Allows(channels.iter().map(|channel| Arc::from(channel.text.as_str())).collect())
            }
        })
    }

    /// A number that may be a level's.
    pub(super) fn level_number(&mut self, number: &ast::Spanned<Decimal>) -> Option<u8> {
        self.whole(number, 1, u32::from(u8::MAX), "a level").and_then(|number| u8::try_from(number).ok())
    }

    /// A level that a list declares.
    pub(super) fn declared_level(&mut self, list: ListId, number: &ast::Spanned<Decimal>) -> Option<u8> {
        let level = self.level_number(number)?;
        let declared = self.lists.get(list.index())?;
        if declared.levels.iter().any(|known| known.number == level) {
            return Some(level);
        }
        if self.broken.contains(&*declared.name) {
            return None;
        }
        let known: Vec<String> = declared.levels.iter().map(|level| level.number.to_string()).collect();
        let name = declared.name.clone();
        self.report(
            Diagnostic::new(
                Code::UnknownLevel,
                number.span,
                format!("the list `{name}` has no level {level}"),
                "not a declared level",
            )
            .with_help(match known.as_slice() {
                [one] => format!("its only level is {one}"),
                _ => format!("its levels are {}", enumerate(known.iter().map(String::as_str))),
            }),
        );
        None
    }

    /// The level that `add to` means where it names none: the only one.
    pub(super) fn only_level(&mut self, list: ListId, span: Span) -> Option<u8> {
        let declared = self.lists.get(list.index())?;
        if let [only] = declared.levels.as_slice() {
            return Some(only.number);
        }
        if self.broken.contains(&*declared.name) {
            return None;
        }
        let known: Vec<String> = declared
            .levels
            .iter()
            .map(|level| match &level.label {
                Some(label) => format!("{} ({label})", level.number),
                None => level.number.to_string(),
            })
            .collect();
        let name = declared.name.clone();
        self.report(
            Diagnostic::new(
                Code::UnknownLevel,
                span,
                format!("`add to {name}` does not say at which level"),
                "a level is missing",
            )
            .with_help(format!("write `level N` after the list's name; its levels are {}", known.join(", "))),
        );
        None
    }

    /// A category that a list declares; any where it declares none.
    pub(super) fn declared_category(&mut self, list: ListId, category: &ast::Name) -> Option<Arc<str>> {
        let declared = self.lists.get(list.index())?;
        if declared.categories.is_empty() {
            return Some(category.text.as_str().into());
        }
        if let Some(known) = declared.categories.iter().find(|known| ***known == *category.text) {
            return Some(known.clone());
        }
        let names: Vec<&str> = declared.categories.iter().map(|name| &**name).collect();
        let help = match nearest(&category.text, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("its categories are {}", enumerate(names)),
        };
        let message = format!("the list `{}` has no category `{}`", declared.name, category.text);
        self.report(
            Diagnostic::new(Code::UnknownCategory, category.span, message, "not a declared category")
                .with_help(help),
        );
        None
    }
}
