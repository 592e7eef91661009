//! Warnings about what ends as soon as it begins: grants whose end already holds where they would be made, and rules of
//! which one takes away at once what the other gives.

use super::Checker;
use super::bounds::Range;
use super::lints::{follows, parts};
use super::names::Kind;
use super::tree::{Action, Expr, Life, Rule, Selector, Target, Trigger};
use crate::diagnostic::{Code, Diagnostic};
use crate::schema::EntityId;
use crate::small::BTreeMap;
use crate::source::Span;

/// Rules that give, and rules that take, the same thing, of which each is compared with each.
const MOST_COMPARED: usize = 50;

/// Who does something, and with which of its actions.
type Doer<'r> = (usize, &'r Rule);

/// Who gives a thing and who takes it away, in the order in which rules and actions run.
#[derive(Default)]
struct Access<'r> {
    given: Vec<Doer<'r>>,
    taken: Vec<Doer<'r>>,
}

/// How an `until` condition meets the condition of its own rule.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Meeting {
    /// It holds wherever the rule's condition does.
    Always,
    /// It holds where the rule's condition has only just turned true.
    AtTheEdge,
}

impl Checker<'_> {
    /// Grants that are not made because their end already holds.
    pub(super) fn ends_at_once(&self, rule: &Rule) -> Vec<Diagnostic> {
        let lives = rule.actions.iter().filter_map(|action| match unproposed(action) {
            Action::Tag { life, .. } | Action::Add { life, .. } => Some(life),
            _ => None,
        });
        lives.filter_map(|life| self.life_ends_at_once(rule, life)).collect()
    }

    fn life_ends_at_once(&self, rule: &Rule, life: &Life) -> Option<Diagnostic> {
        match (life, &rule.trigger) {
            (Life::Until(until), _) => {
                let condition = rule.condition.as_ref()?;
                let (message, label) = match meeting(condition, until)? {
                    Meeting::Always => (
                        format!("`{}` holds whenever the rule fires", until.text),
                        "so this ends before it begins, and nothing is given",
                    ),
                    Meeting::AtTheEdge => (
                        format!("`{}` still holds where the rule's condition begins to", until.text),
                        "where it holds, nothing is given",
                    ),
                };
                let diagnostic = Diagnostic::new(Code::EndsAtOnce, until.span, message, label);
                Some(
                    diagnostic
                        .with_label(condition.span, "the condition of the rule")
                        .with_help("let the end begin on the other side of the condition"),
                )
            }
            (Life::UntilOn(until), Trigger::On(picked)) if picks_as_well(picked, until) => {
                let message = format!("`{}` fires at an event that ends what it gives", rule.name);
                let label = "this ends before it begins, and nothing is given";
                Some(
                    Diagnostic::new(Code::EndsAtOnce, self.rule_place(rule), message, label)
                        .with_help("end it by another event, or after a time: `for 7d`"),
                )
            }
            _ => None,
        }
    }

    /// Rules that take away what another one, or they themselves, have given at the same instant.
    pub(super) fn undone(&self, rules: &[Rule]) -> Vec<Diagnostic> {
        let mut things: BTreeMap<(EntityId, Target), Access<'_>> = BTreeMap::new();
        for rule in rules.iter().filter(|rule| !rule.shadow) {
            for (at, action) in rule.actions.iter().enumerate() {
                let (target, takes) = match action {
                    Action::Tag { tag, .. } => (Target::Tag(*tag), false),
                    Action::Add { list, .. } => (Target::List(*list), false),
                    Action::Untag(tag) => (Target::Tag(*tag), true),
                    Action::Remove(list) => (Target::List(*list), true),
                    _ => continue,
                };
                let access = things.entry((rule.entity, target)).or_default();
                if takes { &mut access.taken } else { &mut access.given }.push((at, rule));
            }
        }
        let places: BTreeMap<&str, usize> =
            rules.iter().enumerate().map(|(at, rule)| (&*rule.name, at)).collect();
        let place = |(at, rule): &Doer<'_>| (places.get(&*rule.name).copied(), *at);
        let mut found = Vec::new();
        for ((_, target), Access { given, taken }) in &things {
            if given.len() > MOST_COMPARED || taken.len() > MOST_COMPARED {
                continue;
            }
            for taker in taken {
                let giver =
                    given.iter().find(|giver| place(giver) < place(taker) && fires_as_well(giver.1, taker.1));
                found.extend(giver.map(|giver| self.undoing(giver.1, taker.1, *target)));
            }
        }
        found
    }

    fn undoing(&self, giver: &Rule, taker: &Rule, target: Target) -> Diagnostic {
        let what = match target {
            Target::Tag(tag) => {
                format!("the tag `{}`", self.tags.get(tag.index()).map_or("", |tag| &*tag.name))
            }
            Target::List(list) => {
                format!("the entry in `{}`", self.lists.get(list.index()).map_or("", |list| &*list.name))
            }
        };
        let place = self.rule_place(taker);
        if giver.name == taker.name {
            return Diagnostic::new(
                Code::Undone,
                place,
                format!("the rule `{}` takes away what it has just given", taker.name),
                format!("{what} comes and goes at once"),
            )
            .with_help("leave one of the two actions out; to give it anew, take it away first");
        }
        Diagnostic::new(
            Code::Undone,
            place,
            format!("the rule `{}` takes away at once what `{}` gives", taker.name, giver.name),
            format!("whenever `{}` fires, this does, and {what} comes and goes", giver.name),
        )
        .with_label(self.rule_place(giver), "this rule gives it")
        .with_help("let them differ in when they fire, or remove one of them")
    }

    fn rule_place(&self, rule: &Rule) -> Span {
        self.names.get(Kind::Rule, &rule.name).map_or(rule.span, |named| named.span)
    }
}

fn unproposed(action: &Action) -> &Action {
    match action {
        Action::Propose(inner) => inner,
        other => other,
    }
}

/// How the parts of `until` follow from those of the condition; `None` where one does not.
fn meeting(condition: &Expr, until: &Expr) -> Option<Meeting> {
    let given = parts(Some(condition));
    let mut meeting = Meeting::Always;
    for wanted in parts(Some(until)) {
        if given.iter().any(|part| follows(part, wanted)) {
            continue;
        }
        given.iter().find(|part| edge_is_in(part, wanted))?;
        meeting = Meeting::AtTheEdge;
    }
    Some(meeting)
}

/// Whether the value at which `given` turns true fulfils `wanted`, which compares the same thing.
fn edge_is_in(given: &Expr, wanted: &Expr) -> bool {
    match (Range::of_comparison(given), Range::of_comparison(wanted)) {
        (Some((of, range)), Some((other, end))) if of == other => {
            range.edge(super::bounds::compares_whole(given)).is_some_and(|edge| end.contains(edge))
        }
        _ => false,
    }
}

/// Whether one selector picks, at its own instant, every event that the other picks there.
fn picks_as_well(picked: &Selector, other: &Selector) -> bool {
    match (picked, other) {
        (
            Selector::Base { events, condition },
            Selector::Base { events: other_events, condition: other_condition },
        ) => {
            let given = parts(condition.as_deref());
            events.iter().all(|event| other_events.contains(event))
                && parts(other_condition.as_deref())
                    .iter()
                    .all(|wanted| given.iter().any(|part| follows(part, wanted)))
        }
        (Selector::After(sequence), _) => picks_as_well(&sequence.picked, other),
        // What is picked at a deadline is picked without an event.
        _ => false,
    }
}

/// Whether `taker` fires at every instant at which `giver` begins to give.
fn fires_as_well(giver: &Rule, taker: &Rule) -> bool {
    if giver.name == taker.name {
        return true;
    }
    let limited = taker.active_from.is_some()
        || taker.active_until.is_some()
        || taker.rollout.is_some()
        || taker.at_most_once_per.is_some();
    let implied = |one: &Rule, other: &Rule| {
        let given = parts(one.condition.as_ref());
        parts(other.condition.as_ref()).iter().all(|wanted| given.iter().any(|part| follows(part, wanted)))
    };
    !limited
        && match (&giver.trigger, &taker.trigger) {
            (Trigger::On(picked), Trigger::On(other)) => {
                picks_as_well(picked, other) && implied(giver, taker)
            }
            (Trigger::Every(one), Trigger::Every(other)) => one == other && implied(giver, taker),
            // Both rise at once only where both hold at the same times.
            (Trigger::When | Trigger::While, Trigger::When) => implied(giver, taker) && implied(taker, giver),
            _ => false,
        }
}
