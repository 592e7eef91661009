//! What a command names, and whether it may be.

use super::super::Reference;
use super::{Obeyed, gives, refuse};
use std::sync::Arc;
use tagwarden::machinery::tree::{ListId, TagId, Target};
use tagwarden::{About, Command, CommandKind, Duration, Refusal, ReviewOutcome, Spared, Term, Timestamp};

impl Reference<'_> {
    pub(super) fn tag_named(&self, name: &str) -> Result<Target, (Refusal, String)> {
        match self.tree.tags.iter().position(|tag| *tag.name == *name) {
            Some(at) => Ok(Target::Tag(TagId(at as u32))),
            None => refuse(Refusal::UnknownTag, format!("the rulebook has no tag {name:?}")),
        }
    }

    pub(super) fn list_named(&self, name: &str) -> Result<Target, (Refusal, String)> {
        match self.tree.lists.iter().position(|list| *list.name == *name) {
            Some(at) => Ok(Target::List(ListId(at as u32))),
            None => refuse(Refusal::UnknownList, format!("the rulebook has no list {name:?}")),
        }
    }

    pub(super) fn target(&self, about: &About) -> Result<Target, (Refusal, String)> {
        match about {
            About::Tag(name) => self.tag_named(name),
            About::List(name) => self.list_named(name),
        }
    }

    pub(super) fn name(&self, target: Target) -> Arc<str> {
        match target {
            Target::Tag(tag) => self.tree.tags[tag.index()].name.clone(),
            Target::List(list) => self.tree.lists[list.index()].name.clone(),
        }
    }

    pub(super) fn about(&self, target: Target) -> About {
        match target {
            Target::Tag(_) => About::Tag(self.name(target)),
            Target::List(_) => About::List(self.name(target)),
        }
    }

    pub(super) fn level_of(&self, list: &str, level: Option<u8>) -> Result<u8, (Refusal, String)> {
        self.list_named(list)?;
        let levels = &self.tree.lists.iter().find(|known| *known.name == *list).unwrap().levels;
        match level {
            Some(level) if levels.iter().any(|known| known.number == level) => Ok(level),
            Some(level) => refuse(Refusal::UnknownLevel, format!("the list {list:?} has no level {level}")),
            None if levels.len() == 1 => Ok(levels[0].number),
            None => refuse(
                Refusal::UnknownLevel,
                format!("the list {list:?} has several levels, and none is given"),
            ),
        }
    }

    pub(super) fn rule_named(&self, command: &Command, name: &str) -> Result<usize, (Refusal, String)> {
        let mut rules = self.tree.rules.iter();
        match rules.position(|rule| rule.entity == command.entity && *rule.name == *name) {
            Some(at) => Ok(at),
            None => refuse(Refusal::UnknownRule, format!("no rule {name:?} is about such a subject")),
        }
    }

    /// Start and end.
    pub(super) fn span(
        &self,
        now: Timestamp,
        start: Option<Timestamp>,
        term: Term,
        usual: Option<Duration>,
        approved: bool,
    ) -> Result<(Timestamp, Option<Timestamp>), (Refusal, String)> {
        let mut start = start.unwrap_or(now);
        if start < now {
            if !approved {
                return refuse(Refusal::Time, "the start lies in the past");
            }
            start = now;
        }
        let end = match term {
            Term::Forever => None,
            Term::Until(end) => Some(end),
            Term::For(length) => self.calendar.add(start, length),
            Term::Usual => usual.and_then(|length| self.calendar.add(start, length)),
        };
        match end {
            Some(end) if end <= start => refuse(Refusal::Time, "the end is not after the start"),
            end => Ok((start, end)),
        }
    }

    /// What can be said without the subject.
    pub(super) fn check(&self, command: &Command) -> Obeyed {
        let now = command.time;
        match &command.kind {
            CommandKind::Tag { tag, start, term } => {
                self.tag_named(tag)?;
                self.span(now, *start, *term, None, false)?;
            }
            CommandKind::Untag { tag } => {
                self.tag_named(tag)?;
            }
            CommandKind::List { list, level, category, start, term, .. } => {
                self.level_of(list, *level)?;
                let declared = self.tree.lists.iter().find(|known| known.name == *list).unwrap();
                if let Some(category) = category
                    && !declared.categories.is_empty()
                    && !declared.categories.contains(category)
                {
                    let why = format!("the list {list:?} has no category {category:?}");
                    return refuse(Refusal::UnknownCategory, why);
                }
                self.span(now, *start, *term, None, false)?;
            }
            CommandKind::Release { list } | CommandKind::Resume { list, .. } => {
                self.list_named(list)?;
            }
            CommandKind::Level { list, level } => {
                self.level_of(list, Some(*level))?;
            }
            CommandKind::Suspend { list, term, .. } => {
                self.list_named(list)?;
                self.span(now, None, *term, None, false)?;
            }
            CommandKind::Review { list, outcome, next, .. } => {
                self.list_named(list)?;
                if let ReviewOutcome::Change { level } = outcome {
                    self.level_of(list, Some(*level))?;
                }
                if next.is_some_and(|next| next <= now) {
                    return refuse(Refusal::Time, "the next review lies in the past");
                }
            }
            CommandKind::Appeal { against } | CommandKind::Settle { against, .. } => {
                self.target(against)?;
            }
            CommandKind::Wrong { rule, about } => {
                let target = self.target(about)?;
                let at = self.rule_named(command, rule)?;
                if !self.tree.rules[at].actions.iter().any(|action| gives(action, target)) {
                    let (kind, what) = about.named();
                    let why = format!("the rule {rule:?} does not set the {kind} {what:?}");
                    return refuse(Refusal::UnknownRule, why);
                }
            }
            CommandKind::Exempt { from, term } => {
                match from {
                    Spared::Rule(rule) => self.rule_named(command, rule).map(|_| ())?,
                    Spared::Tag(tag) => self.tag_named(tag).map(|_| ())?,
                    Spared::List(list) => self.list_named(list).map(|_| ())?,
                }
                self.span(now, None, *term, None, false)?;
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn stands(&self, subject: usize, target: Target) -> Obeyed {
        if self.subjects[subject].grants.iter().any(|grant| grant.stands(target)) {
            return Ok(());
        }
        let name = self.name(target);
        refuse(
            Refusal::Absent,
            match target {
                Target::Tag(_) => format!("it does not have the tag {name:?}"),
                Target::List(_) => format!("it is not on the list {name:?}"),
            },
        )
    }
}
