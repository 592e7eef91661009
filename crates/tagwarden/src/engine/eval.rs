//! What expressions are worth, given a subject's state and the event at hand.

use crate::check::tree::{CompareOp, Function, GroupId, ScoreId, TagId, Target};
use crate::event::Event;
use crate::plan::{
    Bound, Condition, EntityPlan, Node, NodeKind, Plan, Quick, StreamId, WindowSlot, arithmetic,
};
use crate::schema::{EntityId, EventId, FieldId};
use crate::state::{Held, Subject};
use crate::text::Scanner;
use crate::value::{Decimal, Duration, Timestamp, Value};
use crate::window::{NEVER, Page, PagePlan, nothing};
use chrono::{Datelike, NaiveDate, Timelike};
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::cmp::Ordering;

/// The event that a `where`, or a rule with `on`, is about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Hand<'a> {
    Nothing,
    Event(&'a Event),
    Held(&'a Held),
    /// The scheduled time of an `every` rule.
    Clock(Timestamp),
}

impl<'a> Hand<'a> {
    pub(super) fn field(self, places: &[(EventId, FieldId)]) -> Option<&'a Value> {
        let (event, fields): (EventId, &'a [Option<Value>]) = match self {
            Hand::Event(event) => (event.event, &event.fields),
            Hand::Held(held) => (held.event, &held.fields),
            Hand::Nothing | Hand::Clock(_) => return None,
        };
        let (_, field) = places.iter().find(|(place, _)| *place == event)?;
        fields.get(usize::from(field.0))?.as_ref()
    }

    fn at(self) -> Option<Timestamp> {
        match self {
            Hand::Event(event) => Some(event.time),
            Hand::Held(held) => Some(held.time),
            Hand::Clock(time) => Some(time),
            Hand::Nothing => None,
        }
    }
}

/// The windows that a reload has started empty, and until when they are not full.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Warming(crate::small::BTreeMap<(EntityId, u32, u32), i64>);

impl Warming {
    /// Until when a window of an entity is warming.
    pub(super) fn until(&self, entity: EntityId, slot: WindowSlot) -> Option<i64> {
        self.0.get(&(entity, slot.page, slot.window)).copied()
    }

    pub(super) fn set(&mut self, entity: EntityId, slot: WindowSlot, until: i64) {
        self.0.insert((entity, slot.page, slot.window), until);
    }
}

/// A subject at an instant, to be read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) entity: &'a EntityPlan,
    pub(crate) subject: &'a Subject,
    pub(crate) now: Timestamp,
    pub(crate) warming: &'a Warming,
    /// Set where a number was beyond the range.
    pub(crate) saturated: &'a Cell<bool>,
    /// Searches each text once, however many rules ask.
    pub(crate) scanner: &'a RefCell<Scanner>,
}

impl<'a> View<'a> {
    /// The page of a window, with its plan; `None` where nothing has entered it.
    pub(super) fn page(&self, slot: WindowSlot) -> Option<(&'a Page, &'a PagePlan)> {
        Some((self.subject.page(slot.page)?, &self.entity.pages.get(slot.page as usize)?.plan))
    }

    /// Whether the condition of a rule holds.
    pub(super) fn fulfils(&self, condition: &Condition, hand: Hand<'_>) -> bool {
        match &condition.quick {
            Quick::All(bounds) => hold(self.subject, bounds, self.now),
            Quick::No => self.holds(&condition.node, hand),
        }
    }

    /// Time of the last pick of a stream that is asked for it.
    fn last(&self, stream: StreamId) -> Option<i64> {
        self.subject.more().lasts.get(stream.0).copied()
    }

    /// Whether a condition holds; an absent one does not.
    pub(crate) fn holds(&self, node: &Node, hand: Hand<'_>) -> bool {
        match &node.kind {
            NodeKind::Not(inner) => !self.holds(inner, hand),
            NodeKind::And(parts) => parts.iter().all(|part| self.holds(part, hand)),
            NodeKind::Or(parts) => parts.iter().any(|part| self.holds(part, hand)),
            NodeKind::Compare(op, pair) => {
                // What nearly every selector asks.
                if let (CompareOp::Equal, NodeKind::Field(places), NodeKind::Constant(constant)) =
                    (op, &pair.0.kind, &pair.1.kind)
                {
                    return hand.field(places).is_some_and(|value| value == constant);
                }
                self.compare(&pair.0, &pair.1, hand).is_some_and(|ordering| op.holds(ordering))
            }
            NodeKind::CompareNumbers(op, pair) => {
                match (self.number(&pair.0, hand), self.number(&pair.1, hand)) {
                    (Some(left), Some(right)) => op.holds(left.cmp(&right)),
                    _ => false,
                }
            }
            NodeKind::Elapsed { stream, op, than, absent } => {
                match self.last(*stream).and_then(Timestamp::from_micros) {
                    Some(last) => op.holds(match self.plan.tree.zone.add(last, *than) {
                        Some(then) => self.now.cmp(&then),
                        None => Ordering::Less,
                    }),
                    None => *absent,
                }
            }
            NodeKind::InSet(value, set) => self.lent(value, hand).is_some_and(|value| set.contains(&value)),
            NodeKind::Between(three) => match self.value(&three.0, hand) {
                Some(value) => {
                    self.value(&three.1, hand).is_some_and(|low| low <= value)
                        && self.value(&three.2, hand).is_some_and(|high| value <= high)
                }
                None => false,
            },
            NodeKind::Contains(pair) => self.texts(pair, hand, |text, part| text.contains(part)),
            NodeKind::StartsWith(pair) => self.texts(pair, hand, |text, part| text.starts_with(part)),
            NodeKind::EndsWith(pair) => self.texts(pair, hand, |text, part| text.ends_with(part)),
            NodeKind::Matches(text, regex) => {
                self.text(text, hand, |text| regex.is_match(text)).unwrap_or(false)
            }
            NodeKind::Has { text, keywords, category } => {
                let category = category.as_deref();
                let has = |scanner: &mut Scanner, text: &str| {
                    scanner.has(&self.plan.keywords, *keywords, category, text)
                };
                self.scan(text, hand, has).unwrap_or(false)
            }
            NodeKind::Exists(inner) => self.value(inner, hand).is_some(),
            NodeKind::NoFor(quiet) => self.quiet_since(*quiet).is_some_and(|from| self.now.micros() >= from),
            NodeKind::Tagged(tag, length) => self.tagged(*tag, *length),
            NodeKind::InList(list, level) => {
                match (self.subject.grants().level(Target::List(*list)), level) {
                    (Some(actual), Some((op, than))) => op.holds(actual.cmp(than)),
                    (actual, None) => actual.is_some(),
                    (None, _) => false,
                }
            }
            NodeKind::Call(Function::IsAnniversary, arguments) => match self.argument(arguments, 0, hand) {
                Some(Value::Time(time)) => self.is_anniversary(time),
                _ => false,
            },
            NodeKind::Constant(_)
            | NodeKind::Field(_)
            | NodeKind::At
            | NodeKind::Negate(_)
            | NodeKind::Arithmetic(..)
            | NodeKind::Coalesce(_)
            | NodeKind::Hits(..)
            | NodeKind::Words(..)
            | NodeKind::Aggregate(..)
            | NodeKind::TimeSince(_)
            | NodeKind::Level(_)
            | NodeKind::Score(_)
            | NodeKind::Call(..) => self.value(node, hand) == Some(Value::Bool(true)),
        }
    }

    /// The value of an expression; `None` where it is absent.
    pub(crate) fn value(&self, node: &Node, hand: Hand<'_>) -> Option<Value> {
        Some(match &node.kind {
            NodeKind::Constant(value) => value.clone(),
            NodeKind::Field(places) => hand.field(places)?.clone(),
            NodeKind::At => Value::Time(hand.at()?),
            NodeKind::Negate(inner) => match self.value(inner, hand)? {
                Value::Number(number) => Value::Number(number.negated()),
                _ => return None,
            },
            NodeKind::Arithmetic(op, pair) => {
                let (value, saturated) =
                    arithmetic(*op, &self.value(&pair.0, hand)?, &self.value(&pair.1, hand)?);
                self.note(saturated);
                value?
            }
            NodeKind::Coalesce(pair) => match self.value(&pair.0, hand) {
                Some(value) => value,
                None => self.value(&pair.1, hand)?,
            },
            NodeKind::Hits(text, set) => {
                let hits =
                    self.scan(text, hand, |scanner, text| scanner.count(&self.plan.keywords, *set, text));
                Value::Number(Decimal::from(hits.unwrap_or(0) as u64))
            }
            NodeKind::Words(text, set) => {
                let words =
                    self.scan(text, hand, |scanner, text| scanner.words(&self.plan.keywords, *set, text));
                Value::Number(Decimal::from(words.unwrap_or(0) as u64))
            }
            NodeKind::Aggregate(slot, question) => {
                let (value, saturated) = match self.page(*slot) {
                    Some((page, plan)) => page.value(plan, slot.window as usize, *question, self.now),
                    None => (nothing(*question).value, false),
                };
                self.note(saturated);
                value?
            }
            NodeKind::TimeSince(stream) => {
                Value::Duration(Duration::from_micros(self.now.micros().saturating_sub(self.last(*stream)?)))
            }
            NodeKind::Level(list) => {
                Value::Number(Decimal::from(u32::from(self.subject.grants().level(Target::List(*list))?)))
            }
            NodeKind::Score(score) => Value::Number(self.score(*score)),
            NodeKind::Call(function, arguments) if *function != Function::IsAnniversary => {
                self.call(*function, arguments, hand)?
            }
            _ => Value::Bool(self.holds(node, hand)),
        })
    }

    /// [`View::value`] of a number, without the detour through [`Value`] where the number lies at hand.
    fn number(&self, node: &Node, hand: Hand<'_>) -> Option<Decimal> {
        match &node.kind {
            NodeKind::Constant(Value::Number(number)) => Some(*number),
            NodeKind::Aggregate(slot, question) if question.is_total() => {
                let (number, saturated) = match self.page(*slot) {
                    Some((page, plan)) => page.total(plan, slot.window as usize, *question, self.now),
                    None => (Decimal::ZERO, false),
                };
                self.note(saturated);
                Some(number)
            }
            _ => match self.value(node, hand)? {
                Value::Number(number) => Some(number),
                _ => None,
            },
        }
    }

    fn note(&self, saturated: bool) {
        if saturated {
            self.saturated.set(true);
        }
    }

    fn compare(&self, left: &Node, right: &Node, hand: Hand<'_>) -> Option<Ordering> {
        Some(self.lent(left, hand)?.as_ref().cmp(self.lent(right, hand)?.as_ref()))
    }

    /// [`View::value`] without a copy where it stands in the event or the rulebook.
    fn lent<'v>(&self, node: &'v Node, hand: Hand<'v>) -> Option<Cow<'v, Value>> {
        match &node.kind {
            NodeKind::Constant(value) => Some(Cow::Borrowed(value)),
            NodeKind::Field(places) => hand.field(places).map(Cow::Borrowed),
            _ => self.value(node, hand).map(Cow::Owned),
        }
    }

    /// Looks at a text without copying it where it is a field.
    pub(super) fn text<R>(&self, node: &Node, hand: Hand<'_>, look: impl FnOnce(&str) -> R) -> Option<R> {
        if let NodeKind::Field(places) = &node.kind {
            return match hand.field(places)? {
                Value::Text(text) => Some(look(text)),
                _ => None,
            };
        }
        match self.value(node, hand)? {
            Value::Text(text) => Some(look(&text)),
            _ => None,
        }
    }

    /// Asks about the keywords of a text.
    fn scan<R>(&self, node: &Node, hand: Hand<'_>, ask: impl FnOnce(&mut Scanner, &str) -> R) -> Option<R> {
        self.text(node, hand, |text| match self.scanner.try_borrow_mut() {
            Ok(mut scanner) => ask(&mut scanner, text),
            // Asked for the text itself, it is searched apart.
            Err(_) => ask(&mut Scanner::default(), text),
        })
    }

    fn texts(&self, pair: &(Node, Node), hand: Hand<'_>, test: impl FnOnce(&str, &str) -> bool) -> bool {
        self.text(&pair.0, hand, |text| self.text(&pair.1, hand, |part| test(text, part)))
            .flatten()
            .unwrap_or(false)
    }

    /// From when on `no S for D` holds if nothing is picked: `None` for never.
    pub(crate) fn quiet_since(&self, quiet: crate::plan::QuietId) -> Option<i64> {
        match self.subject.more().quiets.get(quiet.0) {
            Some(end) => Some(*end),
            None => {
                let first = Timestamp::from_micros(self.subject.more().first_event?)?;
                let length = self.entity.quiets.get(quiet.index())?.length;
                self.plan.tree.zone.add(first, length).map(Timestamp::micros)
            }
        }
    }

    /// Whether a tag is present: live, and the one of its group that is shown.
    pub(crate) fn present(&self, tag: TagId) -> bool {
        let live = |tag: TagId| self.subject.grants().live(Target::Tag(tag)).next().is_some();
        match self.plan.tree.tags.get(tag.index()).and_then(|tag| tag.group) {
            None => live(tag),
            Some(group) => self.winner(group) == Some(tag),
        }
    }

    /// The tag of a group that is shown.
    pub(crate) fn winner(&self, group: GroupId) -> Option<TagId> {
        let group = self.plan.tree.groups.get(group.index())?;
        let grants = self.subject.grants();
        if group.ordered {
            let live = |tag: &&TagId| grants.live(Target::Tag(**tag)).next().is_some();
            return group.members.iter().rev().find(live).copied();
        }
        let last = |tag: TagId| grants.live(Target::Tag(tag)).map(|grant| grant.set).max();
        group.members.iter().filter_map(|tag| Some((last(*tag)?, *tag))).max().map(|(_, tag)| tag)
    }

    fn tagged(&self, tag: TagId, length: Option<Duration>) -> bool {
        let Some(length) = length else { return self.present(tag) };
        let since = self.subject.grants().announced(Target::Tag(tag)).map(|announced| announced.since);
        let since = since.filter(|_| self.present(tag)).and_then(Timestamp::from_micros);
        since.and_then(|since| self.plan.tree.zone.add(since, length)).is_some_and(|from| from <= self.now)
    }

    /// The value of a score at the instant.
    pub(crate) fn score(&self, score: ScoreId) -> Decimal {
        self.score_at(score, self.now.micros())
    }

    /// The value that a score has at a time if nothing changes it: exponential decay towards 0.
    pub(crate) fn score_at(&self, score: ScoreId, time: i64) -> Decimal {
        let Some(plan) = self.plan.tree.scores.get(score.index()) else { return Decimal::ZERO };
        let value = match (self.subject.more().scores.get(score.0), plan.half_life) {
            (None, _) => Decimal::ZERO,
            (Some(state), Some(half_life)) if time > state.at => {
                let halvings = time.saturating_sub(state.at) as f64 / half_life as f64;
                Decimal::from_f64(state.value.to_f64() * libm::exp2(-halvings))
            }
            (Some(state), _) => state.value,
        };
        value.clamp(plan.min, plan.max)
    }

    /// The next instant at which a score lies otherwise with regard to a number, if nothing changes it.
    ///
    /// It is found by halving and comparing, never by inverting the exponential, so that it is exactly the first
    /// instant at which a reader would see the difference.
    pub(crate) fn score_crossing(&self, score: ScoreId, than: Decimal) -> i64 {
        let half_life = self.plan.tree.scores.get(score.index()).and_then(|score| score.half_life);
        let (Some(state), Some(half_life)) = (self.subject.more().scores.get(score.0), half_life) else {
            return NEVER;
        };
        let side = |time: i64| self.score_at(score, time).cmp(&than);
        let mut low = self.now.micros();
        // After a hundred halvings nothing is left of any number.
        let mut high = state.at.saturating_add(half_life.saturating_mul(100)).min(Timestamp::MAX.micros());
        let here = side(low);
        if high <= low || side(high) == here {
            return NEVER;
        }
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if side(middle) == here { low = middle } else { high = middle }
        }
        high
    }

    fn argument(&self, arguments: &[Node], at: usize, hand: Hand<'_>) -> Option<Value> {
        self.value(arguments.get(at)?, hand)
    }

    fn call(&self, function: Function, arguments: &[Node], hand: Hand<'_>) -> Option<Value> {
        let zone = self.plan.tree.zone;
        let number = |number: u32| Value::Number(Decimal::from(number));
        Some(match (function, self.argument(arguments, 0, hand)?) {
            (Function::Hour, Value::Time(time)) => number(zone.local(time).hour()),
            (Function::Weekday, Value::Time(time)) => number(zone.local(time).weekday().number_from_monday()),
            (Function::Day, Value::Time(time)) => number(zone.local(time).day()),
            (Function::Month, Value::Time(time)) => number(zone.local(time).month()),
            (Function::Date, Value::Time(time)) => {
                let midnight = zone.local(time).date().and_hms_opt(0, 0, 0)?;
                Value::Time(zone.instant(midnight)?)
            }
            (Function::Age, Value::Time(time)) => {
                let (then, today) = (zone.local(time).date(), zone.local(self.now).date());
                let years = today.year() - then.year();
                let reached = anniversary(then, today.year()).is_some_and(|day| day <= today);
                Value::Number(Decimal::from(i64::from(years) - i64::from(!reached)))
            }
            (Function::Length, Value::Text(text)) => {
                Value::Number(Decimal::from(text.chars().count() as u64))
            }
            (Function::Lower, Value::Text(text)) => Value::Text(text.to_lowercase().into()),
            (Function::Abs, Value::Number(number)) => Value::Number(number.abs()),
            (Function::Round, Value::Number(number)) => Value::Number(number.round()),
            _ => return None,
        })
    }

    fn is_anniversary(&self, time: Timestamp) -> bool {
        let zone = self.plan.tree.zone;
        let (then, today) = (zone.local(time).date(), zone.local(self.now).date());
        anniversary(then, today.year()) == Some(today)
    }
}

/// Whether all of some bounds hold.
pub(super) fn hold(subject: &Subject, bounds: &[Bound], now: Timestamp) -> bool {
    bounds.iter().all(|bound| holds(subject, bound, now))
}

/// Whether a bound holds.
#[inline]
pub(super) fn holds(subject: &Subject, bound: &Bound, now: Timestamp) -> bool {
    bound.holds(subject.page(bound.page), now.micros())
}

/// The day of a year on which a date is remembered: 29 February on the 28th in years without one.
fn anniversary(date: NaiveDate, year: i32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, date.month(), date.day()).or_else(|| NaiveDate::from_ymd_opt(year, 2, 28))
}
