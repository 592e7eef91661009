//! What can be said of a command without looking at its subject: whether the rulebook knows what it names, and its times.

use super::{Obeyed, Refused};
use crate::check::tree::{ListId, TagId, Target, Tree};
use crate::decision::{About, Lifted, Refusal, ReviewOutcome, Spared};
use crate::event::{CommandKind, Term};
use crate::plan::{ActionPlan, EntityPlan};
use crate::value::{Duration, Timestamp};
use crate::window::NEVER;

/// The tag of a name.
pub(super) fn tag(tree: &Tree, name: &str) -> Result<TagId, Refused> {
    match tree.tags.iter().position(|tag| *tag.name == *name) {
        Some(at) => Ok(TagId(at as u32)),
        None => Refused::new(Refusal::UnknownTag, format!("the rulebook has no tag {name:?}")),
    }
}

/// The list of a name.
pub(super) fn list(tree: &Tree, name: &str) -> Result<ListId, Refused> {
    match tree.lists.iter().position(|list| *list.name == *name) {
        Some(at) => Ok(ListId(at as u32)),
        None => Refused::new(Refusal::UnknownList, format!("the rulebook has no list {name:?}")),
    }
}

pub(super) fn target(tree: &Tree, about: &About) -> Result<Target, Refused> {
    match about {
        About::Tag(name) => tag(tree, name).map(Target::Tag),
        About::List(name) => list(tree, name).map(Target::List),
    }
}

/// The level of a list that is meant, if it has it.
pub(super) fn level_of(tree: &Tree, name: &str, level: Option<u8>) -> Result<u8, Refused> {
    let Some(declared) = tree.lists.get(list(tree, name)?.index()) else {
        return list(tree, name).map(|_| 0);
    };
    match (level, declared.levels.as_slice()) {
        (None, [only]) => Ok(only.number),
        (None, _) => Refused::new(
            Refusal::UnknownLevel,
            format!("the list {name:?} has several levels, and none is given"),
        ),
        (Some(level), levels) if levels.iter().any(|known| known.number == level) => Ok(level),
        (Some(level), _) => {
            Refused::new(Refusal::UnknownLevel, format!("the list {name:?} has no level {level}"))
        }
    }
}

fn category(tree: &Tree, name: &str, category: &str) -> Obeyed {
    let declared = tree.lists.get(list(tree, name)?.index());
    let known = declared.is_none_or(|list| {
        list.categories.is_empty() || list.categories.iter().any(|known| **known == *category)
    });
    if known {
        return Ok(());
    }
    Refused::new(Refusal::UnknownCategory, format!("the list {name:?} has no category {category:?}"))
}

/// The place of a rule among those of an entity.
pub(super) fn rule(entity: &EntityPlan, name: &str) -> Result<u32, Refused> {
    match entity.rules.iter().position(|rule| *rule.reference.name == *name) {
        Some(at) => Ok(at as u32),
        None => Refused::new(Refusal::UnknownRule, format!("no rule {name:?} is about such a subject")),
    }
}

/// Whether an action gives, or proposes to give, something.
pub(in crate::engine) fn gives(action: &ActionPlan, target: Target) -> bool {
    match action {
        ActionPlan::Grant(grant) => grant.target == target,
        ActionPlan::Propose(inner) => gives(inner, target),
        _ => false,
    }
}

fn sets(tree: &Tree, entity: &EntityPlan, name: &str, about: &About) -> Obeyed {
    let target = target(tree, about)?;
    let at = rule(entity, name)?;
    if entity.rules.get(at as usize).is_some_and(|rule| rule.actions.iter().any(|one| gives(one, target))) {
        return Ok(());
    }
    let (kind, what) = about.named();
    Refused::new(Refusal::UnknownRule, format!("the rule {name:?} does not set the {kind} {what:?}"))
}

fn late<T>(why: &str) -> Result<T, Refused> {
    Refused::new(Refusal::Time, why)
}

/// When something begins and ends; [`NEVER`] where it has no end. `approved`: it has waited for a second person, so that its start
/// may have passed.
pub(super) fn span(
    tree: &Tree,
    now: Timestamp,
    start: Option<Timestamp>,
    term: Term,
    usual: Option<Duration>,
    approved: bool,
) -> Result<(Timestamp, i64), Refused> {
    let start = start.unwrap_or(now);
    if start < now && !approved {
        return late("the start lies in the past");
    }
    let start = start.max(now);
    let after = |length| tree.zone.add(start, length).map_or(NEVER, Timestamp::micros);
    let end = match term {
        Term::Usual => usual.map_or(NEVER, after),
        Term::Forever => NEVER,
        Term::For(length) => after(length),
        Term::Until(time) => time.micros(),
    };
    if end <= start.micros() {
        return late("the end is not after the start");
    }
    Ok((start, end))
}

/// Everything that a command names is known, and its times are right.
pub(super) fn check(tree: &Tree, entity: &EntityPlan, now: Timestamp, kind: &CommandKind) -> Obeyed {
    match kind {
        CommandKind::Tag { tag: name, start, term } => {
            tag(tree, name)?;
            span(tree, now, *start, *term, None, false).map(|_| ())
        }
        CommandKind::Untag { tag: name } => tag(tree, name).map(|_| ()),
        CommandKind::List { list: name, level, category: of, start, term, .. } => {
            level_of(tree, name, *level)?;
            if let Some(of) = of {
                category(tree, name, of)?;
            }
            span(tree, now, *start, *term, None, false).map(|_| ())
        }
        CommandKind::Release { list: name } | CommandKind::Resume { list: name, .. } => {
            list(tree, name).map(|_| ())
        }
        CommandKind::Level { list: name, level } => level_of(tree, name, Some(*level)).map(|_| ()),
        CommandKind::Suspend { list: name, term, .. } => {
            list(tree, name)?;
            span(tree, now, None, *term, None, false).map(|_| ())
        }
        CommandKind::Review { list: name, outcome, next, .. } => {
            list(tree, name)?;
            if let ReviewOutcome::Change { level } = outcome {
                level_of(tree, name, Some(*level))?;
            }
            if next.is_some_and(|next| next <= now) {
                late("the next review lies in the past")
            } else {
                Ok(())
            }
        }
        CommandKind::Appeal { against } | CommandKind::Settle { against, .. } => {
            target(tree, against).map(|_| ())
        }
        CommandKind::Wrong { rule, about } => sets(tree, entity, rule, about),
        CommandKind::Exempt { from, term } => {
            match from {
                Spared::Rule(name) => rule(entity, name).map(|_| ())?,
                Spared::Tag(name) => tag(tree, name).map(|_| ())?,
                Spared::List(name) => list(tree, name).map(|_| ())?,
            }
            span(tree, now, None, *term, None, false).map(|_| ())
        }
        CommandKind::Lift { what: Lifted::Mark { .. } | Lifted::Exemption(_) }
        | CommandKind::Approve { .. }
        | CommandKind::Reject { .. }
        | CommandKind::Lapse { .. }
        | CommandKind::Merge { .. }
        | CommandKind::Forget => Ok(()),
    }
}
