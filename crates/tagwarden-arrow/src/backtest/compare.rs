//! Two rulebooks over the same events: who gains and who loses what.

use super::Backtest;
use super::members::{Coded, Held, times};
use crate::table::Table;
use arrow_array::builder::{StringBuilder, UInt8Builder};
use arrow_schema::ArrowError;
use std::collections::BTreeMap;
use std::sync::Arc;
use tagwarden::Timestamp;

/// A subject and what it has: entity, key, kind, name.
type Key<'a> = (&'a str, &'a str, &'a str, &'a str);

/// What one side has: since when, by which rule, at which level.
#[derive(Clone, Copy, PartialEq)]
struct Side<'a> {
    since: Timestamp,
    rule: Option<&'a Arc<str>>,
    level: Option<u8>,
}

impl Backtest {
    /// What `other`, a run of another rulebook over the same events, gives differently: `entity`, `subject`, `kind`, `name`,
    /// `change` (`gains`, `loses`, or `level` where only that differs), the `rule` and `rule_before` that gave it in the other run and
    /// in this one, `level` and `level_before`, `since` and `since_before`.
    ///
    /// `ever` compares what subjects had at any time, and the messages, events and proposals that they got; otherwise what they have
    /// at the end.
    ///
    /// # Errors
    /// It is too large for its columns.
    pub fn compare(&self, other: &Backtest, ever: bool) -> Result<Table, ArrowError> {
        let (before, after) = (self.sides(ever), other.sides(ever));
        let mut coded = Coded::<6>::default();
        let mut subjects = StringBuilder::new();
        let [mut level, mut level_before] = [UInt8Builder::new(), UInt8Builder::new()];
        let (mut since, mut since_before) = (times(), times());
        let keys: std::collections::BTreeSet<_> = before.keys().chain(after.keys()).collect();
        for key in keys {
            let (old, new) = (before.get(key), after.get(key));
            let change = match (old, new) {
                (None, Some(_)) => "gains",
                (Some(_), None) => "loses",
                (Some(old), Some(new)) if old.level != new.level => "level",
                _ => continue,
            };
            let (entity, subject, kind, name) = *key;
            let [entity, kind, name, change]: [Arc<str>; 4] =
                [entity.into(), kind.into(), name.into(), change.into()];
            let (rule, rule_before) = (new.and_then(|side| side.rule), old.and_then(|side| side.rule));
            coded.push([Some(&entity), Some(&kind), Some(&name), Some(&change), rule, rule_before]);
            subjects.append_value(subject);
            level.append_option(new.and_then(|side| side.level));
            level_before.append_option(old.and_then(|side| side.level));
            since.append_option(new.map(|side| side.since.micros()));
            since_before.append_option(old.map(|side| side.since.micros()));
        }
        let [entities, kinds, names, changes, rules, rules_before] = coded.finish()?;
        Table::of(vec![
            ("entity", entities, false),
            ("subject", Arc::new(subjects.finish()), false),
            ("kind", kinds, false),
            ("name", names, false),
            ("change", changes, false),
            ("rule", rules, true),
            ("rule_before", rules_before, true),
            ("level", Arc::new(level.finish()), true),
            ("level_before", Arc::new(level_before.finish()), true),
            ("since", Arc::new(since.finish()), true),
            ("since_before", Arc::new(since_before.finish()), true),
        ])
    }

    fn sides(&self, ever: bool) -> BTreeMap<Key<'_>, Side<'_>> {
        let mut sides = BTreeMap::new();
        for ((subject, thing), held) in &self.tally.members.held {
            if let (Some((entity, subject)), Some((kind, name)), Some(side)) = (
                self.tally.members.name(*subject),
                self.tally.members.things.names.get(*thing as usize),
                shown(held, ever),
            ) {
                sides.insert((&**entity, &**subject, *kind, &**name), side);
            }
        }
        sides
    }
}

fn shown(held: &Held, ever: bool) -> Option<Side<'_>> {
    if ever {
        return Some(Side { since: held.first, rule: held.first_rule.as_ref(), level: None });
    }
    let now = held.now.as_ref()?;
    Some(Side { since: now.since, rule: now.rule.as_ref(), level: now.level })
}
