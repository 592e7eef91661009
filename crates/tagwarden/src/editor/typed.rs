//! What the checked tree knows: the types of expressions, and which rules set what.

use super::Editor;
use super::names::Declared;
use crate::check::Kind;
use crate::check::tree::{Action, Expr, Rule, Tree, Type};
use crate::check::visit::{self, Of};
use crate::source::Span;

/// The innermost expression at an offset of the first source, and what it is.
pub(super) fn at(editor: &Editor, offset: usize) -> Option<(Span, String)> {
    let tree = editor.tree.as_ref()?;
    let mut best: Option<(Span, String)> = None;
    let mut see = |expr: &Expr| {
        let span = expr.span;
        let inside = span.source == 0 && span.range().contains(&offset);
        if inside && best.as_ref().is_none_or(|(known, _)| span.end - span.start <= known.end - known.start) {
            best = Some((span, format!("{}: {}", expr.text, described(expr))));
        }
    };
    for rule in &tree.rules {
        visit::rule(rule, Of::Everything, &mut see);
    }
    for guard in &tree.guards {
        visit::expr(&guard.condition, &mut see);
    }
    best
}

fn described(expr: &Expr) -> String {
    let name = match expr.ty {
        Type::Bool => "true or false",
        Type::Number => "number",
        Type::Text => "string",
        Type::Time => "time",
        Type::Duration => "duration",
    };
    if expr.optional { format!("{name}, may be absent") } else { name.to_owned() }
}

/// The rules that set a tag, fill a list or change a score.
pub(super) fn rules_of(editor: &Editor, entry: &Declared) -> Vec<String> {
    let Some(tree) = &editor.tree else { return Vec::new() };
    let sets = |rule: &&Rule| rule.actions.iter().any(|action| sets(tree, action, entry));
    tree.rules.iter().filter(sets).map(|rule| format!("`{}`", rule.name)).collect()
}

fn sets(tree: &Tree, action: &Action, entry: &Declared) -> bool {
    match action {
        Action::Tag { tag, .. } => {
            let found = tree.tags.get(tag.index());
            match entry.kind {
                Kind::Tag => found.is_some_and(|tag| *tag.name == *entry.name),
                Kind::Group => found
                    .and_then(|tag| tag.group)
                    .and_then(|group| tree.groups.get(group.index()))
                    .is_some_and(|group| *group.name == *entry.name),
                _ => false,
            }
        }
        Action::Add { list, .. } => {
            entry.kind == Kind::List
                && tree.lists.get(list.index()).is_some_and(|list| *list.name == *entry.name)
        }
        Action::Score { score, .. } => {
            entry.kind == Kind::Score
                && tree.scores.get(score.index()).is_some_and(|score| *score.name == *entry.name)
        }
        Action::Propose(inner) => sets(tree, inner, entry),
        _ => false,
    }
}

/// What there is to say of a rule: whom it is about, its version, its place in the order.
pub(super) fn rule(editor: &Editor, entry: &Declared) -> Option<String> {
    let tree = editor.tree.as_ref().filter(|_| entry.kind == Kind::Rule)?;
    let place = tree.rules.iter().position(|rule| *rule.name == *entry.name)?;
    let rule = tree.rules.get(place)?;
    let entity = tree.schema.entities.get(usize::from(rule.entity.0))?;
    let count = tree.rules.len();
    Some(format!("About each `{entity}`; runs as number {} of {count}. Version {}.", place + 1, rule.version))
}
