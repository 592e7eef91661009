//! Rules: one trigger, conditions, at least one action.

use super::Checker;
use super::actions::Frame;
use super::entities::Head;
use super::scope::{Place, Scope};
use super::state::Resource;
use super::tree::{Rule, Trigger};
use crate::diagnostic::{Code, Diagnostic};
use crate::schema::{EntityId, EventId};
use crate::source::Span;
use crate::syntax::ast::{self, Clause, ClauseKind, Spanned};
use crate::syntax::print_rule;
use crate::value::{Decimal, Duration, Timestamp};
use siphasher::sip::SipHasher24;
use std::hash::Hasher;

/// A checked rule and what its order depends on.
pub(super) struct Ordered {
    pub(super) rule: Rule,
    /// Where its name stands.
    pub(super) name: Span,
    pub(super) writes: Vec<(Resource, Span)>,
    pub(super) reads: Vec<(Resource, Span)>,
    pub(super) until_reads: Vec<(Resource, Span)>,
}

/// What the conditions and texts of an `on` rule can read.
struct AtHand {
    /// The types that the event may have.
    events: Vec<EventId>,
    /// Whether it is read at a deadline, long after it came.
    waits: bool,
}

/// The times of `active from … until …`.
#[derive(Clone, Copy)]
struct Active<'t> {
    from: Option<&'t Spanned<String>>,
    until: Option<&'t Spanned<String>>,
}

/// The clauses of a rule, sorted.
#[derive(Default)]
struct Clauses<'t> {
    on: Option<&'t ast::Selector>,
    when: Option<&'t ast::Expr>,
    holds: Option<&'t ast::Expr>,
    every: Option<crate::value::Schedule>,
    unless: Vec<&'t ast::Expr>,
    because: Option<&'t ast::Template>,
    then: Vec<&'t ast::Action>,
    at_most: Option<&'t Spanned<Duration>>,
    active: Option<Active<'t>>,
    rollout: Option<&'t Spanned<Decimal>>,
    /// Where each word first stands.
    places: Vec<(&'static str, Span)>,
}

const fn word(clause: &ClauseKind) -> &'static str {
    match clause {
        ClauseKind::On(_) => "on",
        ClauseKind::When(_) => "when",
        ClauseKind::While(_) => "while",
        ClauseKind::Every(_) => "every",
        ClauseKind::Unless(_) => "unless",
        ClauseKind::Because(_) => "because",
        ClauseKind::Then(_) => "then",
        ClauseKind::AtMostOncePer(_) => "at most once per",
        ClauseKind::Active { .. } => "active",
        ClauseKind::Rollout(_) => "rollout",
    }
}

impl<'t> Clauses<'t> {
    fn place(&self, word: &str) -> Option<Span> {
        self.places.iter().find(|(known, _)| *known == word).map(|(_, span)| *span)
    }

    fn take(&mut self, clause: &'t Clause) {
        match &clause.kind {
            ClauseKind::On(selector) => self.on = Some(selector),
            ClauseKind::When(condition) => self.when = Some(condition),
            ClauseKind::While(condition) => self.holds = Some(condition),
            ClauseKind::Every(schedule) => self.every = Some(*schedule),
            ClauseKind::Unless(condition) => self.unless.push(condition),
            ClauseKind::Because(text) => self.because = Some(text),
            ClauseKind::Then(action) => self.then.push(action),
            ClauseKind::AtMostOncePer(duration) => self.at_most = Some(duration),
            ClauseKind::Active { from, until } => {
                self.active = Some(Active { from: from.as_ref(), until: until.as_ref() })
            }
            ClauseKind::Rollout(share) => self.rollout = Some(share),
        }
    }
}

impl Checker<'_> {
    pub(super) fn rules(&mut self, heads: &[Head<'_>]) -> Vec<Ordered> {
        heads.iter().filter_map(|head| self.rule(head)).collect()
    }

    fn rule(&mut self, head: &Head<'_>) -> Option<Ordered> {
        let rule = head.rule;
        let clauses = self.clauses(rule);
        self.reads.clear();
        let entities = &head.entities;
        let trigger = self.trigger(rule, &clauses, entities);
        let place = match &trigger {
            Some((Trigger::On(_), _)) => Place::On,
            Some((Trigger::Every(_), _)) => Place::Every,
            _ if clauses.on.is_some() => Place::On,
            _ => Place::When,
        };
        let mut scope = Scope::new(place, entities);
        if let (Some((_, Some(picked))), Some(selector)) = (&trigger, clauses.on) {
            scope = scope.with_event(&picked.events);
            scope.gone = picked.waits.then_some(selector.span);
        }
        scope.at |= clauses.every.is_some();
        // Where the selector is wrong, a field of its event would only be reported as unknown.
        let blind = clauses.on.is_some() && trigger.is_none();
        let condition = match (blind, self.joined(&clauses)) {
            (false, Some(joined)) => Some(self.condition(&joined, &mut scope.clone())),
            _ => None,
        };
        let mut texts = scope;
        texts.place = Place::Text;
        let because = match clauses.because {
            Some(text) if !blind => Some(self.template(text, &texts)),
            _ => None,
        };
        let mut frame = Frame {
            head,
            texts,
            holds: clauses.holds.is_some(),
            writes: Vec::new(),
            until_reads: Vec::new(),
        };
        let mut actions = Vec::new();
        let mut whole = !blind;
        if !blind {
            for action in &clauses.then {
                match self.action(action, &mut frame, false) {
                    Some(action) => actions.push(action),
                    None => whole = false,
                }
            }
        }
        if clauses.then.is_empty() {
            self.report(
                Diagnostic::new(
                    Code::NoAction,
                    rule.name.span,
                    format!("the rule `{}` does nothing", rule.name.text),
                    "there is no `then`",
                )
                .with_help("say what to do, as in `then tag NAME` or `then notify CHANNEL`"),
            );
        }
        let at_most_once_per = clauses.at_most.and_then(|duration| self.positive(duration));
        let (active_from, active_until) = self.active(&clauses);
        let rollout = clauses.rollout.and_then(|share| self.rollout(share));
        let (writes, until_reads) = (frame.writes, frame.until_reads);
        let reads = std::mem::take(&mut self.reads);
        // A part that has a mistake is missing: so is the rule.
        let condition = condition.map_or(Some(None), |condition| condition.map(Some))?;
        let because = because.map_or(Some(None), |because| because.map(Some))?;
        let (trigger, _) = trigger.filter(|_| whole)?;
        let mut hash = SipHasher24::new();
        hash.write(print_rule(rule).as_bytes());
        let rule = Rule {
            name: rule.name.text.as_str().into(),
            version: format!("{:016x}", hash.finish()).into(),
            title: rule.title.as_ref().map(|title| title.text.as_str().into()),
            shadow: rule.shadow,
            entity: head.entity,
            trigger,
            condition,
            because,
            actions,
            at_most_once_per,
            active_from,
            active_until,
            rollout,
            span: head.span,
        };
        Some(Ordered { rule, name: head.rule.name.span, writes, reads, until_reads })
    }

    /// Sorts the clauses, and reports those that stand more often than they may.
    fn clauses<'t>(&mut self, rule: &'t ast::Rule) -> Clauses<'t> {
        let mut clauses = Clauses::default();
        for clause in &rule.clauses {
            let word = word(&clause.kind);
            let many = matches!(clause.kind, ClauseKind::Unless(_) | ClauseKind::Then(_));
            match clauses.place(word) {
                Some(earlier) if !many => {
                    let help = match word {
                        "when" | "while" => "join the conditions with `and` or `or`",
                        "on" => "join the events with `or`, or write a second rule",
                        _ => "remove one of them",
                    };
                    self.report(
                        Diagnostic::new(
                            Code::Repeated,
                            clause.span,
                            format!("the rule `{}` has two clauses `{word}`", rule.name.text),
                            "the second",
                        )
                        .with_label(earlier, "the first")
                        .with_help(help),
                    );
                }
                Some(_) => clauses.take(clause),
                None => {
                    clauses.places.push((word, clause.span));
                    clauses.take(clause);
                }
            }
        }
        clauses
    }

    /// The one trigger, and the events at hand where it has some.
    fn trigger(
        &mut self,
        rule: &ast::Rule,
        clauses: &Clauses<'_>,
        entities: &[EntityId],
    ) -> Option<(Trigger, Option<AtHand>)> {
        let triggers: Vec<(&str, Span)> =
            ["on", "every", "while"].into_iter().filter_map(|w| clauses.place(w).map(|at| (w, at))).collect();
        let when = clauses.place("when");
        match (triggers.as_slice(), when) {
            ([], None) => {
                self.report(
                    Diagnostic::new(
                        Code::Trigger,
                        rule.name.span,
                        format!("the rule `{}` never acts", rule.name.text),
                        "there is no `on`, `when`, `while` or `every`",
                    )
                    .with_help(
                        "say when: `on EVENT`, `when CONDITION`, `while CONDITION` or `every day at 09:00`",
                    ),
                );
                return None;
            }
            ([("while", first)], Some(second)) => {
                self.two_triggers(rule, ("while", *first), ("when", second));
                return None;
            }
            ([first, second, ..], _) => {
                self.two_triggers(rule, *first, *second);
                return None;
            }
            _ => {}
        }
        if let Some(span) = clauses.place("at most once per")
            && clauses.holds.is_some()
        {
            self.report(
                Diagnostic::new(
                    Code::WhileAction,
                    span,
                    "a `while` rule does not fire, so it has no `at most once per`",
                    "nothing to count here",
                )
                .with_help("leave it out, or use `when` instead of `while`"),
            );
        }
        if let Some(selector) = clauses.on {
            let picked = self.selector(selector, &Scope::new(Place::On, entities))?;
            let at_hand = AtHand { events: picked.events, waits: picked.waits };
            return Some((Trigger::On(picked.selector), Some(at_hand)));
        }
        if let Some(schedule) = clauses.every {
            return Some((Trigger::Every(schedule), None));
        }
        Some((if clauses.holds.is_some() { Trigger::While } else { Trigger::When }, None))
    }

    fn two_triggers(&mut self, rule: &ast::Rule, one: (&str, Span), other: (&str, Span)) {
        let (first, second) = if one.1 <= other.1 { (one, other) } else { (other, one) };
        self.report(
            Diagnostic::new(
                Code::Trigger,
                second.1,
                format!("the rule `{}` has two triggers, `{}` and `{}`", rule.name.text, first.0, second.0),
                "the second trigger",
            )
            .with_label(first.1, "the first trigger")
            .with_help("a rule has one trigger; `when` may stand beside `on` or `every`: make two rules"),
        );
    }

    /// The condition and, after it, `not` of each `unless`, as if it had been written so.
    fn joined(&self, clauses: &Clauses<'_>) -> Option<ast::Expr> {
        let condition = clauses.when.or(clauses.holds).cloned();
        let exceptions = clauses.unless.iter().map(|exception| ast::Expr {
            kind: ast::ExprKind::Not(Box::new((*exception).clone())),
            span: exception.span,
        });
        condition.into_iter().chain(exceptions).reduce(|left, right| {
            let span = left.span.to(right.span);
            ast::Expr { kind: ast::ExprKind::And(Box::new(left), Box::new(right)), span }
        })
    }

    fn active(&mut self, clauses: &Clauses<'_>) -> (Option<Timestamp>, Option<Timestamp>) {
        let Some(Active { from, until }) = clauses.active else { return (None, None) };
        let start = from.and_then(|from| self.time(&from.node, from.span));
        let end = until.and_then(|until| self.time(&until.node, until.span));
        if let (Some(start), Some(end), Some(from), Some(until)) = (start, end, from, until)
            && start >= end
        {
            self.report(
                Diagnostic::new(
                    Code::NeverTrue,
                    until.span,
                    "the rule ends before it begins, and is never active",
                    "not after the start",
                )
                .with_label(from.span, "the start")
                .with_help("write the earlier time behind `from`"),
            );
        }
        (start, end)
    }

    fn rollout(&mut self, share: &Spanned<Decimal>) -> Option<Decimal> {
        let most = Decimal::from_units(100_000_000).0;
        if (Decimal::ZERO..=most).contains(&share.node) {
            return Some(share.node);
        }
        self.report(
            Diagnostic::new(
                Code::NumberUnfit,
                share.span,
                format!("a share of {}% of the subjects", share.node),
                "expected 0 to 100",
            )
            .with_help("`rollout 20%` puts the rule in force for a fifth of the subjects"),
        );
        None
    }
}
