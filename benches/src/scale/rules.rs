//! Many rules, of which an event touches ten.

use super::{engine, nanos};
use crate::measure::{Stopwatch, memory};
use crate::stream;
use crate::workload;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tagwarden::{Event, EventId, Rulebook, Timestamp, Value as Field};

/// Rules that an event touches.
const TOUCHED: usize = 10;
/// What they look at, of the events picked by `{}`.
const CONDITIONS: [&str; TOUCHED] = [
    "count({}) over 1h > 5",
    "count({}) over 24h > 50",
    "count({}) over 30d > 500",
    "sum({amount}) over 1h > 500",
    "sum({amount}) over 24h > 2000",
    "sum({amount}) over 30d > 5000",
    "count({}) over 1h > 10",
    "count({}) over 24h > 20",
    "count({}) over 30d > 100",
    "sum({amount}) over 30d > 20000",
];

/// How long a run may take before it is cut short.
const ENOUGH: Duration = Duration::from_secs(8);

/// `count` rules, ten for each of `count / 10` kinds of event; every customer has events of one kind only. The kinds are event types, or
/// one event type with a field that tells the kind and rules that select by it.
#[must_use]
pub fn rules(count: usize, selectors: bool) -> Value {
    let kinds = (count / TOUCHED).max(1);
    let text = text(kinds, selectors);
    let start = Instant::now();
    let rulebook = workload::compile(&text);
    let compiled = start.elapsed();
    let events = events(&rulebook, kinds, selectors);
    let mut engine = engine(&rulebook, 0);
    let mut decisions = 0u64;
    let mut done = 0;
    let begun = Instant::now();
    let watch = Stopwatch::start();
    for chunk in events.chunks(1000) {
        for event in chunk {
            engine.process_into(event, &mut |_| decisions += 1).expect("in order");
        }
        done += chunk.len();
        if begun.elapsed() > ENOUGH {
            break;
        }
    }
    let time = watch.elapsed();
    json!({ "rules": kinds * TOUCHED, "form": if selectors { "selectors" } else { "types" }, "ns": nanos(time, done), "events": done,
        "decisions": decisions, "compile_ms": compiled.as_secs_f64() * 1e3, "peak": memory().map(|(_, peak)| peak) })
}

fn text(kinds: usize, selectors: bool) -> String {
    let mut text = String::from("entity customer\n");
    if selectors {
        text.push_str("event e(customer) { kind: string, amount: number }\n");
    }
    for kind in 0..kinds {
        if !selectors {
            let _ = writeln!(text, "event e{kind}(customer) {{ amount: number }}");
        }
        for (at, condition) in CONDITIONS.iter().enumerate() {
            let (picked, amount) = if selectors {
                let chosen = format!("where kind == \"k{kind}\"");
                (format!("e {chosen}"), format!("e.amount {chosen}"))
            } else {
                (format!("e{kind}"), format!("e{kind}.amount"))
            };
            let condition = condition.replace("{amount}", &amount).replace("{}", &picked);
            let _ = writeln!(text, "rule r{kind}_{at} {{ on {picked} when {condition} then emit hit{at} }}");
        }
    }
    text
}

fn events(rulebook: &Rulebook, kinds: usize, selectors: bool) -> Vec<Event> {
    let names: Vec<Field> = (0..kinds).map(|kind| Field::from(format!("k{kind}").as_str())).collect();
    let id = |name: &str| rulebook.schema().event(name).expect("declared");
    let types: Vec<EventId> = match selectors {
        true => vec![id("e"); kinds],
        false => (0..kinds).map(|kind| id(&format!("e{kind}"))).collect(),
    };
    let facts = stream::facts(200_000);
    facts
        .iter()
        .map(|fact| {
            let kind = stream::random(30, fact.customer.into()) as usize % kinds;
            let amount = Some(stream::amount(fact.quarters));
            let fields = if selectors { vec![Some(names[kind].clone()), amount] } else { vec![amount] };
            Event {
                event: types[kind],
                time: Timestamp::from_micros(fact.millis * 1000).expect("in range"),
                id: None,
                keys: vec![Arc::from(stream::key(fact.customer))],
                fields,
            }
        })
        .collect()
}
