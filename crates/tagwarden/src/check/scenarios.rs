//! `test` blocks: their events against the schema, their expectations against the names.

use super::Checker;
use super::exprs::literal_value;
use super::names::{Kind, enumerate};
use super::tree::{Expectation, Rule, RuleId, ScoreId, Test, TestStep};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::schema::{EventId, FieldType};
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind, TestStepKind};
use crate::value::{Duration, Value};
use std::sync::Arc;

/// How many events one step of a test may stand for.
const MOST_EVENTS: u32 = 1_000_000;

impl Checker<'_> {
    pub(super) fn scenarios(&mut self, items: &[&ast::Item], rules: &[Rule]) -> Vec<Test> {
        let mut tests = Vec::new();
        for item in items {
            let ItemKind::Test(test) = &item.kind else { continue };
            let steps = test.steps.iter().filter_map(|step| self.step(step, rules)).collect();
            tests.push(Test { name: test.name.text.as_str().into(), steps, span: item.span });
        }
        tests
    }

    fn step(&mut self, step: &ast::TestStep, rules: &[Rule]) -> Option<TestStep> {
        match &step.kind {
            TestStepKind::Events { count, event, every, time, keys, fields } => {
                let count = match count {
                    Some(count) => self.whole(count, 1, MOST_EVENTS, "a number of events"),
                    None => Some(1),
                };
                let every = match every {
                    Some(every) => self.positive(every),
                    None => Some(Duration::ZERO),
                };
                let start = self.time(&time.node, time.span);
                let id = EventId(self.resolve(Kind::Event, event)? as u16);
                let whole_keys = self.keys(id, event, keys);
                let fields = self.values(id, event, fields);
                whole_keys.then_some(())?;
                Some(TestStep::Events {
                    event: id,
                    count: count?,
                    every: every?,
                    start: start?,
                    keys: keys.iter().map(|key| Arc::from(key.text.as_str())).collect(),
                    fields: fields?,
                    span: step.span,
                })
            }
            TestStepKind::Expect { key, negated, what, time } => {
                let time = self.time(&time.node, time.span);
                let what = self.expectation(what, rules)?;
                Some(TestStep::Expect {
                    key: key.text.as_str().into(),
                    negated: *negated,
                    what,
                    time: time?,
                    span: step.span,
                })
            }
        }
    }

    fn keys(&mut self, id: EventId, event: &ast::Name, keys: &[ast::Name]) -> bool {
        let Some(declared) = self.schema.event_type(id) else { return false };
        let expected: Vec<&str> = declared.entities.iter().map(|entity| self.entity_name(*entity)).collect();
        if expected.len() == keys.len() {
            return true;
        }
        let place = match keys {
            [first, .., last] => first.span.to(last.span),
            [only] => only.span,
            [] => event.span,
        };
        let message = format!(
            "`{}` has {} {}, found {}",
            event.text,
            expected.len(),
            if expected.len() == 1 { "key" } else { "keys" },
            keys.len()
        );
        let label = format!("expected a key for {}", enumerate(expected.iter().copied()));
        let form: Vec<String> = expected.iter().map(|entity| format!("\"{entity}-1\"")).collect();
        self.report(
            Diagnostic::new(Code::TestValue, place, message, label)
                .with_help(format!("write `for {}`", form.join(", "))),
        );
        false
    }

    /// One value a field, in the order declared.
    fn values(
        &mut self,
        id: EventId,
        event: &ast::Name,
        given: &[(ast::Name, ast::Expr)],
    ) -> Option<Vec<Option<Value>>> {
        let declared: Vec<FieldType> = self.schema.event_type(id)?.fields.clone();
        let mut values: Vec<Option<Value>> = vec![None; declared.len()];
        let mut named: Vec<Option<Span>> = vec![None; declared.len()];
        let mut whole = true;
        for (name, value) in given {
            let Some(at) = declared.iter().position(|field| *field.name == *name.text) else {
                // Reports it, and what there is.
                self.field_of(&[id], &name.text, name.span);
                whole = false;
                continue;
            };
            if let Some(Some(earlier)) = named.get(at) {
                self.report(
                    Diagnostic::new(
                        Code::Duplicate,
                        name.span,
                        format!("the field `{}` is given twice", name.text),
                        "given again here",
                    )
                    .with_label(*earlier, "first given here")
                    .with_help("remove one of them"),
                );
                whole = false;
                continue;
            }
            let checked = declared.get(at).and_then(|field| self.test_value(field, value));
            whole &= checked.is_some();
            if let (Some(slot), Some(place)) = (values.get_mut(at), named.get_mut(at)) {
                (*slot, *place) = (checked, Some(name.span));
            }
        }
        let missing: Vec<&str> = declared
            .iter()
            .zip(&named)
            .filter(|(field, named)| !field.optional && named.is_none())
            .map(|(field, _)| &*field.name)
            .collect();
        if !missing.is_empty() {
            let first = missing.first().copied().unwrap_or_default();
            self.report(
                Diagnostic::new(
                    Code::TestValue,
                    event.span,
                    format!("the event `{}` lacks {}", event.text, enumerate(missing.iter().copied())),
                    "every field that is not optional must be given",
                )
                .with_help(format!("add `{first}: …` between the braces")),
            );
            return None;
        }
        whole.then_some(values)
    }

    fn test_value(&mut self, field: &FieldType, from: &ast::Expr) -> Option<Value> {
        let value = match &from.kind {
            ast::ExprKind::Time(text) => Some(Value::Time(self.time(text, from.span)?)),
            _ => literal_value(from),
        };
        if let Some(value) = &value
            && field.kind.admits(value)
        {
            return Some(value.clone());
        }
        let expected = field.kind.describe();
        let help = match (&value, &field.kind) {
            (Some(Value::Text(text)), crate::schema::FieldKind::Choice(set)) => {
                match nearest(text, set.iter().map(|member| &**member)) {
                    Some(near) => format!("did you mean \"{near}\"?"),
                    None => format!("write {expected}"),
                }
            }
            (Some(Value::Text(_)), crate::schema::FieldKind::Time) => {
                "a time stands without quotes: `2026-01-31T09:00`".to_owned()
            }
            (Some(Value::Text(_)), crate::schema::FieldKind::Number) => {
                "a number stands without quotes".to_owned()
            }
            (Some(Value::Number(_)), crate::schema::FieldKind::Text) => "a text stands in quotes".to_owned(),
            (None, _) => "write the value out: nothing is computed in a test".to_owned(),
            _ => format!("write {expected}"),
        };
        self.report(
            Diagnostic::new(
                Code::TestValue,
                from.span,
                format!("this is no value for the field `{}`", field.name),
                format!("expected {expected}"),
            )
            .with_help(help),
        );
        None
    }

    fn expectation(&mut self, what: &ast::Expectation, rules: &[Rule]) -> Option<Expectation> {
        Some(match what {
            ast::Expectation::In { list, level } => {
                let list = self.list_id(list)?;
                let level = match level {
                    Some((op, number)) => Some((*op, self.declared_level(list, number)?)),
                    None => None,
                };
                Expectation::In { list, level }
            }
            ast::Expectation::Tagged(tag) => {
                let id = self.tag(tag)?;
                self.tag_reads.entry(id).or_insert(tag.span);
                Expectation::Tagged(id)
            }
            ast::Expectation::Score { score, op, value } => {
                let score = ScoreId(self.resolve(Kind::Score, score)?);
                Expectation::Score { score, op: *op, value: value.node }
            }
            ast::Expectation::Fired(rule) => {
                self.resolve(Kind::Rule, rule)?;
                // The rules have been put in order since their names were entered.
                let at = rules.iter().position(|known| *known.name == *rule.text)?;
                Expectation::Fired(RuleId(at as u32))
            }
        })
    }
}
