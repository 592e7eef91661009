//! What one rule costs on each kind of window and aggregate, over the same events.

#![allow(missing_docs, clippy::expect_used, reason = "a benchmark")]

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use tagwarden::{Engine, Event};
use tagwarden_benches::{stream, workload};

const EVENTS: usize = 100_000;

/// A name, and a condition on orders and messages.
const KINDS: &[(&str, &str)] = &[
    ("nothing", "1 > 2"),
    ("count over 1h", "count(message) over 1h > 10"),
    ("count over 30d", "count(message) over 30d > 500"),
    ("count where", r#"count(message where channel == "wechat") over 1h > 10"#),
    ("count of activity", "count(activity) over 24h > 100"),
    ("sum over 30d", "sum(order.amount) over 30d > 5000"),
    ("avg over 30d", "(avg(order.amount) over 30d) ?? 0 > 60"),
    ("min over 30d", "(min(order.amount) over 30d) ?? 0 > 15"),
    ("max over 30d", "(max(order.amount) over 30d) ?? 0 > 400"),
    ("distinct over 30d", "distinct(message.channel) over 30d > 4"),
    ("days over 30d", "days(message) over 30d > 20"),
    ("latest", "latest(order.amount) ?? 0 > 100"),
    ("sum over 30d step 1d", "sum(order.amount) over 30d step 1d > 5000"),
    ("count this day", "count(message) this day > 30"),
    ("sum previous month", "sum(order.amount) previous month > 5000"),
    ("sum since the beginning", "sum(order.amount) > 9000"),
    ("sequence", "count(complaint after refund within 7d) over 30d > 1"),
    ("absence", "no order for 7d"),
];

fn windows(criterion: &mut Criterion) {
    let facts = stream::facts_of(EVENTS, stream::CUSTOMERS / 10);
    for form in ["level", "live"] {
        let mut group = criterion.benchmark_group(format!("windows {form}"));
        group.sample_size(10).throughput(Throughput::Elements(EVENTS as u64));
        for (name, condition) in KINDS {
            let rule = match form {
                "level" => format!("rule r {{ on activity when {condition} then emit hit }}"),
                _ if *name == "nothing" => continue,
                _ => format!("rule r {{ while {condition} then tag held }}"),
            };
            let rulebook = workload::compile(&(workload::SCHEMA.to_owned() + &rule));
            let events = stream::events(rulebook.schema(), &facts);
            group.bench_function(*name, |bencher| {
                bencher.iter_batched(
                    || Engine::new(&rulebook),
                    |engine| run(engine, &events),
                    BatchSize::PerIteration,
                );
            });
        }
        group.finish();
    }
}

fn run(mut engine: Engine, events: &[Event]) -> (Engine, u64) {
    let mut decisions = 0;
    for event in events {
        engine.process_into(event, &mut |_| decisions += 1).expect("in order");
    }
    (engine, decisions)
}

criterion_group!(benches, windows);
criterion_main!(benches);
