//! Runs the `test` blocks of a rulebook.
//!
//! Each test has an engine of its own. Its events are applied in order of time; an expectation at a time is looked at when every
//! event up to that time has been applied, and everything due by then has happened.

use crate::check::tree::{CompareOp, Expectation, Test, TestStep, Tree};
use crate::decision::Reason;
use crate::engine::{Engine, Status};
use crate::event::Event;
use crate::rulebook::Rulebook;
use crate::schema::EntityId;
use crate::small::sort_by_key;
use crate::source::Span;
use crate::value::{Decimal, Duration, Timestamp, show_local};
use std::sync::Arc;

/// How a `test` block went.
#[derive(Clone, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct TestReport {
    /// Its name.
    pub name: Arc<str>,
    /// Its place.
    #[serde(skip)]
    pub span: Span,
    /// How many events were applied.
    pub events: u64,
    /// Its expectations in order of time, and the events that were refused.
    pub checks: Vec<TestCheck>,
}

/// One `expect` of a test, or an event that was refused.
#[derive(Clone, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct TestCheck {
    /// Its place.
    #[serde(skip)]
    pub span: Span,
    /// The time that it speaks of.
    pub time: Timestamp,
    /// The same by the clock of the rulebook's zone, such as `2026-01-01T08:20`.
    pub local: String,
    /// Whether it is as expected.
    pub passed: bool,
    /// What was expected, such as `"c1" in blacklist level 2`.
    pub expected: String,
    /// What was found, such as `"c1" not in blacklist`.
    pub found: String,
    /// The rule that made what was found.
    pub rule: Option<Arc<str>>,
    /// Why it did.
    pub reason: Option<Arc<Reason>>,
}

impl TestReport {
    /// Whether everything was as expected.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.checks.iter().all(|check| check.passed)
    }
}

/// How many events one test may have.
const MOST_EVENTS: u64 = 1_000_000;

/// Runs every `test` block of a rulebook, in the order written.
///
/// ```
/// let rulebook = tagwarden::Rulebook::compile(r#"
///     entity customer
///     event order(customer) {}
///     rule active { while count(order) over 90d >= 1 then tag active }
///     test "one order keeps a customer active for ninety days" {
///       order at 2026-01-01 for "c1"
///       expect "c1" tagged active at 2026-03-31
///       expect "c1" not tagged active at 2026-04-01
///     }
/// "#)?;
/// assert!(tagwarden::run_tests(&rulebook).iter().all(tagwarden::TestReport::passed));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn run_tests(rulebook: &Rulebook) -> Vec<TestReport> {
    let tree = &rulebook.plan().tree;
    tree.tests.iter().map(|test| Runner::new(rulebook, tree, test).run()).collect()
}

struct Runner<'a> {
    tree: &'a Tree,
    test: &'a Test,
    engine: Engine,
    events: u64,
    checks: Vec<TestCheck>,
}

/// An event or an expectation at its place in time: expectations come after the events of their time.
type Step<'a> = (Timestamp, bool, &'a TestStep);

impl<'a> Runner<'a> {
    fn new(rulebook: &Rulebook, tree: &'a Tree, test: &'a Test) -> Runner<'a> {
        let mut engine = Engine::new(rulebook);
        engine.watch();
        Runner { tree, test, engine, events: 0, checks: Vec::new() }
    }

    fn run(mut self) -> TestReport {
        for (time, _, step) in self.schedule() {
            match step {
                TestStep::Events { event, keys, fields, span, .. } => {
                    let (keys, fields) = (keys.clone(), fields.clone());
                    let event = Event { event: *event, time, id: None, keys, fields };
                    self.events += 1;
                    if let Err(refused) = self.engine.process(&event) {
                        self.refuse(*span, time, refused.to_string());
                    }
                }
                TestStep::Expect { key, negated, what, span, .. } => {
                    // The clock never stands later than a step, so this cannot be late.
                    if let Err(refused) = self.engine.advance_to(time) {
                        self.refuse(*span, time, refused.to_string());
                        continue;
                    }
                    let check = self.check(*span, key, *negated, what, time);
                    self.checks.push(check);
                }
            }
        }
        TestReport {
            name: Arc::clone(&self.test.name),
            span: self.test.span,
            events: self.events,
            checks: self.checks,
        }
    }

    /// Every event and expectation, in order of time; those of one time as they are written.
    fn schedule(&mut self) -> Vec<Step<'a>> {
        let mut steps: Vec<Step<'a>> = Vec::new();
        let mut total = 0;
        for step in &self.test.steps {
            match step {
                TestStep::Expect { time, .. } => steps.push((*time, true, step)),
                TestStep::Events { count, every, start, span, .. } => {
                    total += u64::from(*count);
                    if total > MOST_EVENTS {
                        self.refuse(*span, *start, format!("a test may have {MOST_EVENTS} events"));
                        return Vec::new();
                    }
                    for at in 0..*count {
                        match times(*every, at).and_then(|after| self.tree.zone.add(*start, after)) {
                            Some(time) => steps.push((time, false, step)),
                            None => {
                                self.refuse(*span, *start, "a time after the year 9999".into());
                                break;
                            }
                        }
                    }
                }
            }
        }
        sort_by_key(&mut steps, |(time, expectation, _)| (*time, *expectation));
        steps
    }

    fn refuse(&mut self, span: Span, time: Timestamp, found: String) {
        self.checks.push(TestCheck {
            span,
            time,
            local: self.local(time),
            passed: false,
            expected: "an event that can be applied".into(),
            found,
            rule: None,
            reason: None,
        });
    }

    fn local(&self, time: Timestamp) -> String {
        let local = self.tree.zone.local(time);
        let text = show_local(local);
        text.strip_suffix(":00").map(str::to_owned).unwrap_or(text)
    }

    fn check(&self, span: Span, key: &str, negated: bool, what: &Expectation, time: Timestamp) -> TestCheck {
        // A key may belong to several entities: the expectation is about any of them for which it holds.
        let mut best: Option<Finding> = None;
        for entity in self.entities(key, what) {
            let finding = self.find(entity, key, what, time);
            if best.as_ref().is_none_or(|best| finding.holds && !best.holds) {
                best = Some(finding);
            }
        }
        let finding = best.unwrap_or_default();
        let not = if negated { "not " } else { "" };
        TestCheck {
            span,
            time,
            local: self.local(time),
            passed: finding.holds != negated,
            expected: format!("{key:?} {not}{}", self.describe(what)),
            found: format!("{key:?} {}", finding.text),
            rule: finding.rule,
            reason: finding.reason,
        }
    }

    /// The entities that an expectation about a key may be about.
    fn entities(&self, key: &str, what: &Expectation) -> Vec<EntityId> {
        if let Expectation::Fired(rule) = what {
            return self.tree.rules.get(rule.index()).map(|rule| rule.entity).into_iter().collect();
        }
        let mut found: Vec<EntityId> = Vec::new();
        for step in &self.test.steps {
            let TestStep::Events { event, keys, .. } = step else { continue };
            let Some(ty) = self.tree.schema.event_type(*event) else { continue };
            for (entity, other) in ty.entities.iter().zip(keys) {
                if **other == *key && !found.contains(entity) {
                    found.push(*entity);
                }
            }
        }
        if found.is_empty() {
            found.extend((0..self.tree.schema.entities.len()).map(|at| EntityId(at as u16)));
        }
        found
    }

    fn find(&self, entity: EntityId, key: &str, what: &Expectation, time: Timestamp) -> Finding {
        let name = self.tree.schema.entities.get(usize::from(entity.0)).map_or("", |name| name);
        if let Expectation::Fired(rule) = what {
            let rule = self.tree.rules.get(rule.index()).map_or("", |rule| &rule.name);
            return match self.engine.last_fired(rule, entity, key) {
                Some(last) if last == time => Finding::of(true, format!("fired {rule}")),
                Some(last) => Finding::of(false, format!("fired {rule} last at {}", self.local(last))),
                None => Finding::of(false, format!("never fired {rule}")),
            };
        }
        match self.engine.status(name, key, time) {
            Ok(status) => self.judge(&status, what),
            Err(error) => Finding::of(false, format!("has no status: {error}")),
        }
    }

    fn judge(&self, status: &Status, what: &Expectation) -> Finding {
        match what {
            Expectation::Tagged(tag) => {
                let name = self.tree.tags.get(tag.index()).map_or("", |tag| &tag.name);
                match status.tags.iter().find(|tag| *tag.tag == *name) {
                    Some(tag) => Finding {
                        holds: true,
                        text: format!("tagged {name} since {}", self.local(tag.since)),
                        rule: tag.rule.as_ref().map(|rule| Arc::clone(&rule.name)),
                        reason: Some(Arc::clone(&tag.reason)),
                    },
                    None => Finding::of(false, format!("not tagged {name}{}", others(status))),
                }
            }
            Expectation::In { list, level } => {
                let name = self.tree.lists.get(list.index()).map_or("", |list| &list.name);
                match status.entries.iter().find(|entry| *entry.list == *name) {
                    Some(entry) => Finding {
                        holds: level.is_none_or(|(op, level)| op.holds(entry.level.cmp(&level))),
                        text: format!("in {name} level {} since {}", entry.level, self.local(entry.since)),
                        rule: entry.rule.as_ref().map(|rule| Arc::clone(&rule.name)),
                        reason: Some(Arc::clone(&entry.reason)),
                    },
                    None => Finding::of(false, format!("not in {name}")),
                }
            }
            Expectation::Score { score, op, value } => {
                let Some(declared) = self.tree.scores.get(score.index()) else { return Finding::default() };
                let found = status.scores.iter().find(|found| found.score == declared.name);
                let found = found
                    .map_or_else(|| Decimal::ZERO.clamp(declared.min, declared.max), |found| found.value);
                Finding::of(op.holds(found.cmp(value)), format!("{} == {found}", declared.name))
            }
            Expectation::Fired(_) => Finding::default(),
        }
    }

    fn describe(&self, what: &Expectation) -> String {
        match what {
            Expectation::Tagged(tag) => {
                format!("tagged {}", self.tree.tags.get(tag.index()).map_or("", |tag| &tag.name))
            }
            Expectation::In { list, level } => {
                let list = self.tree.lists.get(list.index()).map_or("", |list| &list.name);
                match level {
                    None => format!("in {list}"),
                    Some((CompareOp::Equal, level)) => format!("in {list} level {level}"),
                    Some((op, level)) => format!("in {list} level {} {level}", op.symbol()),
                }
            }
            Expectation::Score { score, op, value } => {
                let score = self.tree.scores.get(score.index()).map_or("", |score| &score.name);
                format!("{score} {} {value}", op.symbol())
            }
            Expectation::Fired(rule) => {
                format!("fired {}", self.tree.rules.get(rule.index()).map_or("", |rule| &rule.name))
            }
        }
    }
}

/// What is so at the time of an expectation.
#[derive(Default)]
struct Finding {
    holds: bool,
    text: String,
    rule: Option<Arc<str>>,
    reason: Option<Arc<Reason>>,
}

impl Finding {
    fn of(holds: bool, text: String) -> Finding {
        Finding { holds, text, ..Finding::default() }
    }
}

/// The tags that are there instead.
fn others(status: &Status) -> String {
    let tags: Vec<&str> = status.tags.iter().map(|tag| &*tag.tag).collect();
    if tags.is_empty() { String::new() } else { format!(", but {}", tags.join(", ")) }
}

/// `count` times a length; `None` beyond what a length can be.
fn times(length: Duration, count: u32) -> Option<Duration> {
    let months = length.months().checked_mul(count)?;
    Some(Duration::new(months, length.micros().checked_mul(i64::from(count))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = r#"
        entity customer
        entity staff
        event call(customer, staff) { seconds: number }
        score work { half-life 1d, between 1 and 100 }
        rule busy for staff { when count(call) over 1h >= 2 then tag busy for 1h }
        rule again for staff { on call then tag called for 1d then work += 10 }
        rule met for customer { while count(call) >= 1 then tag met }
    "#;

    fn reports(tests: &str) -> Vec<TestReport> {
        run_tests(&Rulebook::compile(&format!("{RULES}{tests}")).unwrap())
    }

    #[test]
    fn expectations_are_about_the_entity_of_the_key() {
        let reports = reports(
            r#"
            test "both" {
              2 call every 10m from 2026-01-01T09:00 for "c1", "s1" { seconds: 5 }
              expect "s1" not tagged busy at 2026-01-01T09:00
              expect "s1" tagged busy at 2026-01-01T09:10
              expect "s1" fired busy at 2026-01-01T09:10
              expect "c1" not tagged busy at 2026-01-01T09:10
              expect "c1" tagged met at 2026-01-01T09:10
              expect "s1" not tagged busy at 2026-01-01T10:10
              expect "nobody" not tagged met at 2026-01-01T10:10
              expect "nobody" work == 1 at 2026-01-01T10:10
            }"#,
        );
        let wrong: Vec<_> = reports[0].checks.iter().filter(|check| !check.passed).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert_eq!((reports[0].checks.len(), reports[0].events), (8, 2));
    }

    #[test]
    fn a_rule_that_only_renews_has_fired() {
        let reports = reports(
            r#"
            test "renewed" {
              2 call every 3h from 2026-01-01T09:00 for "c1", "s1" { seconds: 5 }
              expect "s1" fired again at 2026-01-01T12:00
              expect "s1" not fired again at 2026-01-01T11:00
              expect "s1" work > 18 at 2026-01-01T12:00
            }"#,
        );
        assert!(reports[0].passed(), "{:#?}", reports[0]);
    }

    #[test]
    fn steps_may_be_written_in_any_order_and_what_is_found_is_told() {
        let reports = reports(
            r#"
            test "wrong" {
              expect "s1" tagged busy at 2026-01-01T09:00
              call at 2026-01-01T09:00 for "c1", "s1" { seconds: 5 }
              expect "s1" work < 5 at 2026-01-01T09:00
              expect "s1" fired busy at 2026-01-01T09:00
              expect "s1" not fired again at 2026-01-01T09:00
            }"#,
        );
        let told: Vec<_> =
            reports[0].checks.iter().map(|check| (&*check.expected, &*check.found, check.passed)).collect();
        assert_eq!(
            told,
            [
                ("\"s1\" tagged busy", "\"s1\" not tagged busy, but called", false),
                ("\"s1\" work < 5", "\"s1\" work == 11", false),
                ("\"s1\" fired busy", "\"s1\" never fired busy", false),
                ("\"s1\" not fired again", "\"s1\" fired again", false),
            ]
        );
    }

    #[test]
    fn months_do_not_drift_and_too_many_events_are_refused() {
        let reports = reports(
            r#"
            test "month ends" {
              3 call every 1mo from 2026-01-31 for "c1", "s1" { seconds: 5 }
              expect "s1" fired again at 2026-02-28
              expect "s1" fired again at 2026-03-31
            }
            test "many" {
              600000 call every 1s from 2026-01-31 for "c1", "s1" { seconds: 5 }
              600000 call every 1s from 2026-01-31 for "c2", "s1" { seconds: 5 }
              expect "s1" tagged busy at 2026-01-31
            }"#,
        );
        assert!(reports[0].passed(), "{:#?}", reports[0]);
        assert!(!reports[1].passed() && reports[1].events == 0);
        assert_eq!(reports[1].checks[0].found, "a test may have 1000000 events");
    }
}
