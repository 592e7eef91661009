//! The values of expressions.

use super::picks::{Pick, parts};
use super::{Moment, Reference, text};
use chrono::{Datelike, Timelike};
use std::collections::BTreeSet;
use tagwarden::machinery::tree::{
    Action, Aggregate, AggregateFn, ArithmeticOp, Expr, ExprKind, Function, KeywordsId, Life, ListId, Score,
    ScoreId, Selector, TagId, Tree, Trigger, Window,
};
use tagwarden::{Decimal, Duration, KeywordHit, Timestamp, Value};

impl Reference<'_> {
    pub(crate) fn holds(&self, subject: usize, expr: &Expr, moment: Moment) -> bool {
        self.eval(subject, expr, moment) == Some(Value::Bool(true))
    }

    pub(crate) fn eval(&self, subject: usize, expr: &Expr, moment: Moment) -> Option<Value> {
        let value = |expr: &Expr| self.eval(subject, expr, moment);
        let text = |expr: &Expr| match value(expr) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        };
        let truth = |expr: &Expr| self.holds(subject, expr, moment);
        Some(match &expr.kind {
            ExprKind::Constant(value) => value.clone(),
            ExprKind::Field(field) => self.field(moment.event?, field)?,
            ExprKind::At => Value::Time(moment.at?),
            ExprKind::Not(inner) => Value::Bool(!truth(inner)),
            ExprKind::And(all) => Value::Bool(all.iter().all(truth)),
            ExprKind::Or(all) => Value::Bool(all.iter().any(truth)),
            ExprKind::Negate(inner) => Value::Number(number(value(inner))?.negated()),
            ExprKind::Arithmetic(op, left, right) => {
                let (left, right) = (number(value(left))?, number(value(right))?);
                Value::Number(match op {
                    ArithmeticOp::Add => left.overflowing_add(right).0,
                    ArithmeticOp::Subtract => left.overflowing_sub(right).0,
                    ArithmeticOp::Multiply => left.overflowing_mul(right).0,
                    ArithmeticOp::Divide => left.overflowing_div(right)?.0,
                    ArithmeticOp::Remainder => left.checked_rem(right)?,
                })
            }
            ExprKind::Coalesce(left, right) => value(left).or_else(|| value(right))?,
            ExprKind::Compare(op, left, right) => Value::Bool(match (value(left), value(right)) {
                (Some(left), Some(right)) => op.holds(left.cmp(&right)),
                _ => false,
            }),
            ExprKind::Elapsed { selector, op, than, absent } => {
                Value::Bool(match self.picks(subject, selector).last() {
                    None => *absent,
                    Some(last) => match self.calendar.add(last.time, *than) {
                        Some(end) => op.holds(moment.time.cmp(&end)),
                        None => op.holds(std::cmp::Ordering::Less),
                    },
                })
            }
            ExprKind::InSet(inner, set) => {
                Value::Bool(value(inner).is_some_and(|value| set.contains(&value)))
            }
            ExprKind::Between(inner, low, high) => {
                Value::Bool(match (value(inner), value(low), value(high)) {
                    (Some(value), Some(low), Some(high)) => low <= value && value <= high,
                    _ => false,
                })
            }
            ExprKind::Contains(whole, part) => {
                Value::Bool(text(whole).zip(text(part)).is_some_and(|(whole, part)| whole.contains(&*part)))
            }
            ExprKind::StartsWith(whole, part) => Value::Bool(
                text(whole).zip(text(part)).is_some_and(|(whole, part)| whole.starts_with(&*part)),
            ),
            ExprKind::EndsWith(whole, part) => {
                Value::Bool(text(whole).zip(text(part)).is_some_and(|(whole, part)| whole.ends_with(&*part)))
            }
            ExprKind::Matches(whole, pattern) => {
                let pattern = regex::Regex::new(pattern).unwrap();
                Value::Bool(text(whole).is_some_and(|whole| pattern.is_match(&whole)))
            }
            ExprKind::Has { text: inner, keywords, category } => {
                let hits = text(inner).map(|text| self.hits(*keywords, &text)).unwrap_or_default();
                let wanted = |hit: &KeywordHit| category.is_none() || hit.category == *category;
                Value::Bool(hits.iter().any(wanted))
            }
            ExprKind::Exists(inner) => Value::Bool(value(inner).is_some()),
            ExprKind::Hits(inner, keywords) => {
                let hits = text(inner).map(|text| self.hits(*keywords, &text)).unwrap_or_default();
                Value::Number(Decimal::from(hits.len() as u64))
            }
            ExprKind::Words(inner, keywords) => {
                let hits = text(inner).map(|text| self.hits(*keywords, &text)).unwrap_or_default();
                // Each text is a pattern once in the generated rulebooks, but for its category.
                let patterns: BTreeSet<_> = hits.iter().map(|hit| (&hit.pattern, &hit.category)).collect();
                Value::Number(Decimal::from(patterns.len() as u64))
            }
            ExprKind::Aggregate(aggregate) => self.aggregate(subject, aggregate, moment.time)?,
            ExprKind::NoFor(selector, length) => {
                let ends = match self.picks(subject, selector) {
                    [] => vec![self.calendar.add(self.subjects[subject].first, *length)],
                    picks => picks.iter().map(|pick| pick.end).collect(),
                };
                Value::Bool(ends.iter().all(|end| end.is_some_and(|end| end <= moment.time)))
            }
            ExprKind::TimeSince(selector) => {
                let last = self.picks(subject, selector).last()?;
                Value::Duration(Duration::from_micros(moment.time.micros() - last.time.micros()))
            }
            ExprKind::Tagged(tag, length) => Value::Bool(match length {
                None => self.is_tagged(subject, *tag),
                Some(length) => {
                    let since = self.subjects[subject].tags.get(tag);
                    let until = since.and_then(|since| self.calendar.add(*since, *length));
                    self.is_tagged(subject, *tag) && until.is_some_and(|until| until <= moment.time)
                }
            }),
            ExprKind::InList(list, test) => Value::Bool(match (self.level(subject, *list), test) {
                (None, _) => false,
                (Some(_), None) => true,
                (Some(level), Some((op, wanted))) => op.holds(level.cmp(wanted)),
            }),
            ExprKind::Level(list) => Value::Number(Decimal::from(u32::from(self.level(subject, *list)?))),
            ExprKind::Score(score) => Value::Number(self.score(subject, *score, moment.time)),
            ExprKind::Call(function, arguments) => {
                let argument = value(&arguments[0]);
                if argument.is_none() && *function == Function::IsAnniversary {
                    return Some(Value::Bool(false));
                }
                self.call(*function, argument?, moment.time)?
            }
        })
    }

    fn call(&self, function: Function, argument: Value, now: Timestamp) -> Option<Value> {
        let whole = |number: i64| Value::Number(Decimal::from(number));
        Some(match (function, argument) {
            (Function::Length, Value::Text(text)) => whole(text.chars().count() as i64),
            (Function::Lower, Value::Text(text)) => Value::Text(text.to_lowercase().into()),
            (Function::Abs, Value::Number(number)) => Value::Number(number.abs()),
            (Function::Round, Value::Number(number)) => Value::Number(number.round()),
            (Function::Date, Value::Time(time)) => {
                let local = self.calendar.local(time).date().and_hms_opt(0, 0, 0)?;
                Value::Time(self.calendar.instant(local)?)
            }
            (function, Value::Time(time)) => {
                let (local, today) = (self.calendar.local(time), self.calendar.local(now));
                // 29 February counts on the 28th in years without one.
                let leap = chrono::NaiveDate::from_ymd_opt(today.year(), 2, 29).is_some();
                let born = match (local.month(), local.day()) {
                    (2, 29) if !leap => (2, 28),
                    born => born,
                };
                let on = (today.month(), today.day());
                match function {
                    Function::Hour => whole(i64::from(local.hour())),
                    Function::Weekday => whole(i64::from(local.weekday().number_from_monday())),
                    Function::Day => whole(i64::from(local.day())),
                    Function::Month => whole(i64::from(local.month())),
                    Function::IsAnniversary => Value::Bool(on == born),
                    Function::Age => {
                        whole(i64::from(today.year()) - i64::from(local.year()) - i64::from(on < born))
                    }
                    _ => return None,
                }
            }
            _ => return None,
        })
    }

    /// The picks in the window of an aggregate, without those whose field is absent.
    pub(crate) fn in_window(&self, subject: usize, aggregate: &Aggregate, now: Timestamp) -> Vec<&Pick> {
        let is_in = |pick: &&Pick| {
            let time = pick.time;
            match aggregate.window {
                Window::Lifetime => true,
                Window::Over(_) | Window::Stepped { .. } => {
                    time <= now && pick.end.is_none_or(|end| now < end)
                }
                Window::This(period) => self.calendar.starts(period, now).1 <= time && time <= now,
                Window::Previous(period) => {
                    let (before, start, _) = self.calendar.starts(period, now);
                    before <= time && time < start
                }
            }
        };
        let has_field = |pick: &&Pick| {
            aggregate.field.as_ref().is_none_or(|field| self.field(pick.event, field).is_some())
        };
        self.picks(subject, &aggregate.selector).iter().filter(is_in).filter(has_field).collect()
    }

    fn aggregate(&self, subject: usize, aggregate: &Aggregate, now: Timestamp) -> Option<Value> {
        let picks = self.in_window(subject, aggregate, now);
        let values: Vec<Value> = match &aggregate.field {
            Some(field) => picks.iter().filter_map(|pick| self.field(pick.event, field)).collect(),
            None => Vec::new(),
        };
        let sum = || values.iter().filter_map(|value| number(Some(value.clone()))).map(Decimal::units).sum();
        let count = |number: usize| Value::Number(Decimal::from(number as u64));
        Some(match aggregate.function {
            AggregateFn::Count => count(picks.len()),
            AggregateFn::Sum => Value::Number(Decimal::from_units(sum()).0),
            AggregateFn::Average => Value::Number(Decimal::mean(sum(), values.len() as u64)?.0),
            AggregateFn::Min => values.into_iter().min()?,
            AggregateFn::Max => values.into_iter().max()?,
            AggregateFn::Distinct => count(values.into_iter().collect::<BTreeSet<_>>().len()),
            AggregateFn::Days => {
                let days = picks.iter().map(|pick| self.calendar.local(pick.time).date());
                count(days.collect::<BTreeSet<_>>().len())
            }
            AggregateFn::First => values.into_iter().next()?,
            AggregateFn::Latest => values.into_iter().last()?,
        })
    }

    /// The hits that count.
    pub(crate) fn hits(&self, keywords: KeywordsId, text: &str) -> Vec<KeywordHit> {
        self.all_hits(keywords, text).into_iter().filter(|hit| hit.except.is_none()).collect()
    }

    /// Those too that a phrase covers.
    pub(crate) fn all_hits(&self, keywords: KeywordsId, text: &str) -> Vec<KeywordHit> {
        let set = &self.tree.keywords[keywords.index()];
        let chars: Vec<char> = text.chars().collect();
        let hits = text::hits(set, text).into_iter();
        hits.map(|(start, end, at, phrase)| {
            let (before, slice) = (&chars[..start as usize], &chars[start as usize..end as usize]);
            let slice: String = slice.iter().collect();
            let bytes = |part: &[char]| part.iter().map(|c| c.len_utf8() as u32).sum::<u32>();
            let utf16 = |part: &[char]| part.iter().map(|c| c.len_utf16() as u32).sum::<u32>();
            let through = &chars[..end as usize];
            let pattern = &set.patterns[at];
            KeywordHit {
                start,
                end,
                bytes: (bytes(before), bytes(through)),
                utf16: (utf16(before), utf16(through)),
                pattern: pattern.text.clone(),
                category: pattern.category.clone(),
                undone: text::undone(set, &pattern.text, &slice),
                text: slice.as_str().into(),
                except: phrase.map(|phrase| set.except[phrase].clone()),
            }
        })
        .collect()
    }

    /// A score, decayed since its last change.
    pub(crate) fn score(&self, subject: usize, score: ScoreId, now: Timestamp) -> Decimal {
        let declared = &self.tree.scores[score.index()];
        match self.subjects[subject].scores[score.index()] {
            None => Decimal::ZERO.clamp(declared.min, declared.max),
            Some(anchor) => decayed(declared, anchor, now),
        }
    }

    /// Changes a score and notes when it falls, or rises, to or past each number in the rulebook.
    pub(crate) fn set_score(&mut self, subject: usize, score: ScoreId, now: Timestamp, value: Decimal) {
        let declared = &self.tree.scores[score.index()];
        let anchor = (now, value);
        self.subjects[subject].scores[score.index()] = Some(anchor);
        if declared.half_life.is_none() {
            return;
        }
        for number in compared_numbers(self.tree, score) {
            // It goes to zero, so how it compares changes at most twice: to equal, and from equal.
            let mut from = now;
            loop {
                let side = decayed(declared, anchor, from).cmp(&number);
                let (mut low, mut high) = (from.micros(), Timestamp::MAX.micros());
                let at = |micros| decayed(declared, anchor, Timestamp::from_micros(micros).unwrap());
                if at(high).cmp(&number) == side {
                    break;
                }
                while high - low > 1 {
                    let middle = low + (high - low) / 2;
                    if at(middle).cmp(&number) == side { low = middle } else { high = middle }
                }
                from = Timestamp::from_micros(high).unwrap();
                self.subjects[subject].due.insert(from);
            }
        }
    }

    /// The tag that is present: of a group the one that wins, otherwise this one.
    pub(crate) fn winner(&self, subject: usize, tag: TagId) -> Option<TagId> {
        let live = |tag: &TagId| self.live_grants(subject, *tag).next().is_some();
        let Some(group) = self.tree.tags[tag.index()].group else { return Some(tag).filter(live) };
        let group = &self.tree.groups[group.index()];
        let members = group.members.iter().copied().filter(live);
        if group.ordered {
            return members.last();
        }
        members.max_by_key(|tag| self.live_grants(subject, *tag).map(|grant| grant.granted).max())
    }

    pub(crate) fn is_tagged(&self, subject: usize, tag: TagId) -> bool {
        self.winner(subject, tag) == Some(tag)
    }

    /// The strictest level among live grants.
    pub(crate) fn level(&self, subject: usize, list: ListId) -> Option<u8> {
        self.live_entries(subject, list).map(|grant| grant.level).min()
    }
}

fn number(value: Option<Value>) -> Option<Decimal> {
    match value {
        Some(Value::Number(number)) => Some(number),
        _ => None,
    }
}

fn decayed(score: &Score, (since, value): (Timestamp, Decimal), now: Timestamp) -> Decimal {
    let Some(half_life) = score.half_life else { return value };
    let lives = (now.micros() - since.micros()) as f64 / half_life as f64;
    Decimal::from_f64(value.to_f64() * libm::exp2(-lives)).clamp(score.min, score.max)
}

/// Every expression of the tree, outermost first.
fn every_expr<'t>(tree: &'t Tree, see: &mut dyn FnMut(&'t Expr)) {
    fn expr<'t>(at: &'t Expr, see: &mut dyn FnMut(&'t Expr)) {
        see(at);
        parts(at).into_iter().for_each(|part| expr(part, see));
        match &at.kind {
            ExprKind::Aggregate(aggregate) => selector(&aggregate.selector, see),
            ExprKind::NoFor(inner, _)
            | ExprKind::TimeSince(inner)
            | ExprKind::Elapsed { selector: inner, .. } => {
                selector(inner, see);
            }
            _ => {}
        }
    }
    fn selector<'t>(at: &'t Selector, see: &mut dyn FnMut(&'t Expr)) {
        match at {
            Selector::Base { condition, .. } => condition.iter().for_each(|condition| expr(condition, see)),
            Selector::After(sequence) | Selector::Without(sequence) => {
                selector(&sequence.picked, see);
                selector(&sequence.other, see);
            }
        }
    }
    fn action<'t>(at: &'t Action, see: &mut dyn FnMut(&'t Expr)) {
        match at {
            Action::Tag { life, .. } | Action::Add { life, .. } => match life {
                Life::Until(condition) => expr(condition, see),
                Life::UntilOn(inner) => selector(inner, see),
                _ => {}
            },
            Action::Propose(inner) => action(inner, see),
            _ => {}
        }
    }
    for rule in &tree.rules {
        if let Trigger::On(inner) = &rule.trigger {
            selector(inner, see);
        }
        rule.condition.iter().for_each(|condition| expr(condition, see));
        rule.actions.iter().for_each(|inner| action(inner, see));
    }
    tree.guards.iter().for_each(|guard| expr(&guard.condition, see));
}

/// Every D of a `tagged NAME for D`.
pub(crate) fn tagged_lengths(tree: &Tree) -> Vec<Duration> {
    let mut all = Vec::new();
    every_expr(tree, &mut |expr| {
        if let ExprKind::Tagged(_, Some(length)) = &expr.kind {
            all.push(*length);
        }
    });
    all
}

/// Whether some condition may change at midnight.
pub(crate) fn looks_at_date(tree: &Tree) -> bool {
    let mut looks = false;
    every_expr(tree, &mut |expr| {
        looks |= matches!(expr.kind, ExprKind::Call(Function::IsAnniversary | Function::Age, _));
    });
    looks
}

/// The numbers that a score is compared with somewhere.
fn compared_numbers(tree: &Tree, score: ScoreId) -> BTreeSet<Decimal> {
    let mut all = BTreeSet::new();
    every_expr(tree, &mut |expr| {
        let parts = parts(expr);
        if parts.iter().any(|part| matches!(part.kind, ExprKind::Score(id) if id == score)) {
            all.extend(parts.iter().filter_map(|part| match &part.kind {
                ExprKind::Constant(Value::Number(number)) => Some(*number),
                _ => None,
            }));
        }
    });
    all
}
