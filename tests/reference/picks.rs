//! What selectors pick.

use super::{Moment, Reference};
use std::sync::Arc;
use tagwarden::machinery::tree::{
    Action, Expr, ExprKind, FieldRef, Life, Selector, Sequence, Template, TemplatePart, Tree, Trigger, Window,
};
use tagwarden::{Duration, EntityId, EventId, Evidence, Period, Timestamp, Value};

/// How long a pick matters to whatever asked for it. Each selector stands in one place only, so there is one answer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Span {
    /// For ever, or for this instant only.
    Plain,
    Over(Duration),
    Stepped {
        length: i64,
        step: i64,
    },
    /// In `this` and then in `previous` period.
    Calendar(Period),
    NoFor(Duration),
    Elapsed(Duration),
    /// As the other one of `after`: up to and including the end.
    After(Duration),
    /// As the picked one of `without`: picked at the end.
    Without(Duration),
}

#[derive(Clone, Copy)]
pub(crate) struct Picked<'t> {
    pub(crate) selector: &'t Selector,
    pub(crate) span: Span,
    /// The rule's entity; `None` in a guard.
    pub(crate) entity: Option<EntityId>,
}

#[derive(Clone, Debug)]
pub(crate) struct Pick {
    /// Number of the instant at which it was picked.
    pub(crate) instant: usize,
    /// The pick's own time.
    pub(crate) time: Timestamp,
    /// The event's.
    pub(crate) at: Timestamp,
    /// The event, among the inputs.
    pub(crate) event: usize,
    /// The end of its span: `None` is never.
    pub(crate) end: Option<Timestamp>,
    /// As the picked one of `without`: whether its deadline has been decided.
    pub(crate) decided: bool,
    /// What made the `where` true.
    pub(crate) why: Arc<Vec<Evidence>>,
}

/// Every selector, those inside others before them.
pub(crate) fn collect(tree: &Tree) -> Vec<Picked<'_>> {
    let mut all = Vec::new();
    for rule in &tree.rules {
        let mut add = |selector, span| all.push(Picked { selector, span, entity: Some(rule.entity) });
        if let Trigger::On(selector) = &rule.trigger {
            of_selector(selector, Span::Plain, &mut add);
        }
        if let Some(condition) = &rule.condition {
            of_expr(condition, &mut add);
        }
        of_template(rule.because.as_ref(), &mut add);
        for action in &rule.actions {
            of_action(action, &mut add);
        }
    }
    for guard in &tree.guards {
        of_expr(&guard.condition, &mut |selector, span| all.push(Picked { selector, span, entity: None }));
    }
    all
}

type Add<'a, 't> = dyn FnMut(&'t Selector, Span) + 'a;

fn of_selector<'t>(selector: &'t Selector, span: Span, add: &mut Add<'_, 't>) {
    match selector {
        Selector::Base { condition, .. } => {
            if let Some(condition) = condition {
                of_expr(condition, add);
            }
        }
        Selector::After(sequence) => {
            of_selector(&sequence.picked, Span::Plain, add);
            of_selector(&sequence.other, Span::After(sequence.within), add);
        }
        Selector::Without(sequence) => {
            of_selector(&sequence.picked, Span::Without(sequence.within), add);
            of_selector(&sequence.other, Span::Plain, add);
        }
    }
    add(selector, span);
}

fn of_template<'t>(template: Option<&'t Template>, add: &mut Add<'_, 't>) {
    for part in template.iter().flat_map(|template| &template.parts) {
        if let TemplatePart::Expr(expr) = part {
            of_expr(expr, add);
        }
    }
}

fn of_action<'t>(action: &'t Action, add: &mut Add<'_, 't>) {
    match action {
        Action::Tag { life, .. } | Action::Add { life, .. } => match life {
            Life::UntilOn(selector) => of_selector(selector, Span::Plain, add),
            Life::Until(condition) => of_expr(condition, add),
            _ => {}
        },
        Action::Score { amount, .. } => of_expr(amount, add),
        Action::Notify { text, .. } => of_template(text.as_ref(), add),
        Action::Emit { fields, .. } => fields.iter().for_each(|(_, value)| of_expr(value, add)),
        Action::Propose(inner) => of_action(inner, add),
        Action::Untag(_) | Action::Remove(_) => {}
    }
}

fn of_expr<'t>(expr: &'t Expr, add: &mut Add<'_, 't>) {
    for part in parts(expr) {
        of_expr(part, add);
    }
    match &expr.kind {
        ExprKind::Aggregate(aggregate) => {
            let span = match aggregate.window {
                Window::Lifetime => Span::Plain,
                Window::Over(length) => Span::Over(length),
                Window::Stepped { length, step } => Span::Stepped { length, step },
                Window::This(period) | Window::Previous(period) => Span::Calendar(period),
            };
            of_selector(&aggregate.selector, span, add);
        }
        ExprKind::NoFor(selector, length) => of_selector(selector, Span::NoFor(*length), add),
        ExprKind::Elapsed { selector, than, .. } => of_selector(selector, Span::Elapsed(*than), add),
        ExprKind::TimeSince(selector) => of_selector(selector, Span::Plain, add),
        _ => {}
    }
}

/// The expressions that an expression is made of.
pub(crate) fn parts(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::Not(a)
        | ExprKind::Negate(a)
        | ExprKind::InSet(a, _)
        | ExprKind::Matches(a, _)
        | ExprKind::Has { text: a, .. }
        | ExprKind::Exists(a)
        | ExprKind::Hits(a, _)
        | ExprKind::Words(a, _) => vec![a],
        ExprKind::And(all) | ExprKind::Or(all) | ExprKind::Call(_, all) => all.iter().collect(),
        ExprKind::Arithmetic(_, a, b)
        | ExprKind::Coalesce(a, b)
        | ExprKind::Compare(_, a, b)
        | ExprKind::Contains(a, b)
        | ExprKind::StartsWith(a, b)
        | ExprKind::EndsWith(a, b) => vec![a, b],
        ExprKind::Between(a, b, c) => vec![a, b, c],
        _ => Vec::new(),
    }
}

impl<'t> Reference<'t> {
    pub(crate) fn place(&self, selector: &Selector) -> usize {
        self.places[&std::ptr::from_ref(selector)]
    }

    pub(crate) fn picks(&self, subject: usize, selector: &Selector) -> &[Pick] {
        &self.subjects[subject].picks[self.place(selector)]
    }

    /// What the selector has picked at this instant.
    pub(crate) fn picked_now(&self, subject: usize, selector: &Selector) -> Vec<Pick> {
        let now = self.subjects[subject].instants;
        let picks = self.picks(subject, selector);
        picks.iter().filter(|pick| pick.instant == now).cloned().collect()
    }

    /// The value of a field in an event.
    pub(crate) fn field(&self, event: usize, field: &FieldRef) -> Option<Value> {
        let event = &self.inputs[event];
        let (_, place) = field.places.iter().find(|(id, _)| *id == event.event)?;
        event.fields[usize::from(place.0)].clone()
    }

    /// First the selectors pick the event, those inside others first; then the deadlines of `without` are decided.
    pub(crate) fn pick(&mut self, subject: usize, time: Timestamp, input: Option<usize>) {
        for deadlines in [false, true] {
            for at in 0..self.selectors.len() {
                let Picked { selector, entity, .. } = self.selectors[at];
                if entity.is_some_and(|entity| entity != self.subjects[subject].entity)
                    || is_event(selector) == deadlines
                {
                    continue;
                }
                let new = match selector {
                    Selector::Base { events, condition } => {
                        self.pick_event(subject, events, condition.as_deref(), time, input)
                    }
                    Selector::After(sequence) => self.pick_after(subject, sequence),
                    Selector::Without(sequence) => self.pick_without(subject, sequence, time),
                };
                self.add_picks(subject, at, new);
            }
        }
    }

    fn pick_event(
        &self,
        subject: usize,
        events: &[EventId],
        condition: Option<&Expr>,
        time: Timestamp,
        input: Option<usize>,
    ) -> Vec<Pick> {
        let Some(event) = input.filter(|input| events.contains(&self.inputs[*input].event)) else {
            return Vec::new();
        };
        let moment = Moment { time, event: Some(event), at: Some(time) };
        if !condition.is_none_or(|condition| self.holds(subject, condition, moment)) {
            return Vec::new();
        }
        let why = condition.map(|condition| self.explain(subject, condition, moment)).unwrap_or_default();
        let instant = self.subjects[subject].instants;
        vec![Pick { instant, time, at: time, event, end: None, decided: false, why: why.into() }]
    }

    /// Those picked at this instant before which the other one came in time.
    fn pick_after(&self, subject: usize, sequence: &Sequence) -> Vec<Pick> {
        let fits = |pick: &Pick| {
            self.picks(subject, &sequence.other).iter().any(|other| {
                other.instant < pick.instant
                    && other.end.is_none_or(|end| pick.time <= end)
                    && self.matches(sequence, pick.event, other.event)
            })
        };
        self.picked_now(subject, &sequence.picked).into_iter().filter(fits).collect()
    }

    /// Those whose deadline has come, and after which the other one has not.
    fn pick_without(&mut self, subject: usize, sequence: &Sequence, time: Timestamp) -> Vec<Pick> {
        let now = self.subjects[subject].instants;
        let place = self.place(&sequence.picked);
        let mut new = Vec::new();
        for number in 0..self.subjects[subject].picks[place].len() {
            let pick = self.subjects[subject].picks[place][number].clone();
            let Some(deadline) = pick.end.filter(|end| *end <= time && !pick.decided && pick.instant < now)
            else {
                continue;
            };
            self.subjects[subject].picks[place][number].decided = true;
            let came = self
                .picks(subject, &sequence.other)
                .iter()
                .any(|other| other.instant > pick.instant && self.matches(sequence, pick.event, other.event));
            if !came {
                new.push(Pick { instant: now, time: deadline, decided: false, why: Arc::default(), ..pick });
            }
        }
        new
    }

    fn matches(&self, sequence: &Sequence, picked: usize, other: usize) -> bool {
        sequence.matching.as_ref().is_none_or(|matching| {
            let value = self.field(picked, &matching.picked);
            value.is_some() && value == self.field(other, &matching.other)
        })
    }

    /// Adds picks, each with the end of its span, and the times at which that may change something.
    fn add_picks(&mut self, subject: usize, at: usize, new: Vec<Pick>) {
        for mut pick in new {
            let span = self.selectors[at].span;
            let raw = match span {
                Span::Plain => None,
                Span::Over(length)
                | Span::NoFor(length)
                | Span::Elapsed(length)
                | Span::After(length)
                | Span::Without(length) => self.calendar.add(pick.time, length),
                Span::Stepped { length, step } => {
                    let steps = pick.time.micros().div_euclid(step);
                    let whole = steps * step == pick.time.micros();
                    Timestamp::from_micros((steps + i64::from(!whole)) * step + length)
                }
                Span::Calendar(period) => {
                    let (_, _, end) = self.calendar.starts(period, pick.time);
                    let (_, _, end_of_next) = self.calendar.starts(period, end);
                    self.subjects[subject].due.extend([end, end_of_next]);
                    None
                }
            };
            let this = &mut self.subjects[subject];
            this.due.extend(raw);
            if let (Span::Elapsed(_), Some(raw)) = (span, raw) {
                this.due.extend(raw.checked_add_micros(1));
            }
            // None is never, and so is the end of whatever comes after it.
            pick.end = match (raw, this.picks[at].last().filter(|_| !matches!(span, Span::Elapsed(_)))) {
                (Some(raw), Some(last)) => last.end.map(|end| end.max(raw)),
                (raw, _) => raw,
            };
            this.picks[at].push(pick);
        }
    }
}

/// Whether a selector picks events where they happen, and not at deadlines.
fn is_event(selector: &Selector) -> bool {
    match selector {
        Selector::Base { .. } => true,
        Selector::After(sequence) => is_event(&sequence.picked),
        Selector::Without(_) => false,
    }
}
