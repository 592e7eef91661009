//! Warnings: what compiles and probably does not mean what was meant.

use super::bounds::{Range, Verdict};
use super::tree::{Expr, ExprKind, Rule, TagId, Trigger};
use super::visit::{self, Of};
use super::{Checker, Read};
use crate::diagnostic::{Code, Diagnostic, Severity, nearest};
use crate::small::BTreeMap;
use std::sync::Arc;

/// Rules with the same actions of which each is compared with each.
const MOST_COMPARED: usize = 50;
/// Parts of a condition that are compared, each with each.
const MOST_PARTS: usize = 8;

impl Checker<'_> {
    pub(super) fn lints(&mut self, rules: &[Rule]) {
        // What has a mistake might have set it.
        if self.read == Read::All && !self.diagnostics.iter().any(|found| found.severity() == Severity::Error)
        {
            self.never_set();
        }
        let mut found: Vec<Diagnostic> = Vec::new();
        for rule in rules {
            visit::rule(rule, Of::Deciding, &mut |expr| found.extend(self.decided(expr)));
            found.extend(self.ends_at_once(rule));
        }
        for guard in &self.guards {
            visit::expr(&guard.condition, &mut |expr| found.extend(self.decided(expr)));
        }
        found.extend(self.needless(rules));
        found.extend(self.undone(rules));
        self.diagnostics.extend(found);
    }

    /// Tags, scores and keyword sets that nothing gives a value, or nothing uses.
    fn never_set(&mut self) {
        let mut found: Vec<Diagnostic> = Vec::new();
        let name_of = |id: &TagId| self.tags.get(id.index()).map_or("", |tag| &*tag.name);
        for (id, span) in self.tag_reads.iter().filter(|(id, _)| !self.tags_set.contains(id)) {
            let name = name_of(id);
            let help = match nearest(name, self.tags_set.iter().map(name_of)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("if people set it, declare it: `tag {name}`"),
            };
            let message = format!("nothing ever sets the tag `{name}`");
            found.push(Diagnostic::new(Code::TagNeverSet, *span, message, "it is read here").with_help(help));
        }
        for (id, span) in self.scores_read.iter().filter(|(id, _)| !self.scores_set.contains(id)) {
            let name = self.scores.get(*id as usize).map_or("", |score| &*score.name);
            let message = format!("nothing ever changes the score `{name}`");
            found.push(
                Diagnostic::new(Code::ScoreNeverSet, *span, message, "so it is always 0 here")
                    .with_help(format!("let some rule change it: `then {name} += 10`")),
            );
        }
        let unused = (0..self.keywords.len() as u32).filter(|id| !self.keywords_used.contains(id));
        for set in unused.filter_map(|id| self.keywords.get(id as usize)) {
            let Some(declared) = self.names.get(super::names::Kind::Keywords, &set.name) else { continue };
            let message = format!("nothing uses the keyword set `{}`", set.name);
            found.push(
                Diagnostic::new(Code::KeywordsUnused, declared.span, message, "declared here")
                    .with_help(format!("look for it in a text: `TEXT has {}`", set.name)),
            );
        }
        self.diagnostics.extend(found);
    }

    /// A comparison, or an `and` of comparisons, that is always or never true.
    fn decided(&self, expr: &Expr) -> Option<Diagnostic> {
        match &expr.kind {
            ExprKind::Compare(op, left, right) => {
                let (verdict, why) = self.verdict(*op, left, right)?;
                Some(match verdict {
                    Verdict::Always => Diagnostic::new(
                        Code::AlwaysTrue,
                        expr.span,
                        format!("`{}` is always true", expr.text),
                        why,
                    )
                    .with_help("leave it out, or compare with something else"),
                    Verdict::Never => Diagnostic::new(
                        Code::NeverTrue,
                        expr.span,
                        format!("`{}` is never true", expr.text),
                        why,
                    )
                    .with_help("compare with something else"),
                })
            }
            ExprKind::And(parts) => contradiction(parts),
            _ => None,
        }
    }

    /// `while` rules that do nothing but what another one does, under a stricter condition.
    fn needless(&self, rules: &[Rule]) -> Vec<Diagnostic> {
        let mut groups: BTreeMap<String, Vec<&Rule>> = BTreeMap::new();
        for rule in rules {
            let bounded = rule.active_from.is_some() || rule.active_until.is_some() || rule.rollout.is_some();
            let holds = matches!(rule.trigger, Trigger::While) && !rule.shadow && !bounded;
            if holds && parts(rule.condition.as_ref()).len() <= MOST_PARTS {
                let lasting: Vec<String> = rule.actions.iter().map(|action| format!("{action:?}")).collect();
                groups.entry(format!("{:?} {}", rule.entity, lasting.join(";"))).or_default().push(rule);
            }
        }
        let mut found = Vec::new();
        for group in groups.values().filter(|group| (2..=MOST_COMPARED).contains(&group.len())) {
            for (at, rule) in group.iter().enumerate() {
                let other = group.iter().enumerate().find(|(other_at, other)| {
                    *other_at != at && implies(rule, other) && (!implies(other, rule) || *other_at < at)
                });
                if let Some((_, other)) = other {
                    let (Some(place), Some(first)) = (
                        self.names.get(super::names::Kind::Rule, &rule.name),
                        self.names.get(super::names::Kind::Rule, &other.name),
                    ) else {
                        continue;
                    };
                    found.push(
                        Diagnostic::new(
                            Code::Implied,
                            place.span,
                            format!("the rule `{}` is needless", rule.name),
                            format!("whenever its condition holds, that of `{}` does", other.name),
                        )
                        .with_label(first.span, "this rule does the same")
                        .with_help("remove it, or let it do something else"),
                    );
                }
            }
        }
        found
    }
}

/// The comparisons that a condition consists of.
pub(super) fn parts(condition: Option<&Expr>) -> Vec<&Expr> {
    match condition {
        Some(Expr { kind: ExprKind::And(parts), .. }) => parts.iter().collect(),
        Some(other) => vec![other],
        None => Vec::new(),
    }
}

/// Whether the condition of `strict` can only hold where that of `lax` does: every part of the latter follows from one of the former.
fn implies(strict: &Rule, lax: &Rule) -> bool {
    let given = parts(strict.condition.as_ref());
    parts(lax.condition.as_ref()).iter().all(|wanted| given.iter().any(|part| follows(part, wanted)))
}

/// Whether `wanted` holds wherever `given` does.
pub(super) fn follows(given: &Expr, wanted: &Expr) -> bool {
    if given.text == wanted.text {
        return true;
    }
    match (Range::of_comparison(given), Range::of_comparison(wanted)) {
        (Some((given_of, given)), Some((wanted_of, wanted))) => {
            given_of == wanted_of && given.is_within(&wanted)
        }
        _ => false,
    }
}

/// Two parts of an `and` that cannot both hold.
fn contradiction(parts: &[Expr]) -> Option<Diagnostic> {
    let mut ranges: BTreeMap<Arc<str>, (Range, &Expr)> = BTreeMap::new();
    for part in parts {
        let Some((of, range)) = Range::of_comparison(part) else { continue };
        match ranges.get_mut(&of) {
            None => {
                ranges.insert(of, (range, part));
            }
            Some((before, other)) => {
                let both = before.and(&range);
                if both.is_empty() {
                    return Some(
                        Diagnostic::new(
                            Code::NeverTrue,
                            part.span,
                            "these conditions are never true together",
                            "then this does not hold",
                        )
                        .with_label(other.span, "if this holds")
                        .with_help("join them with `or`, or change one of them"),
                    );
                }
                *before = both;
            }
        }
    }
    None
}
