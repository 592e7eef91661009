//! What an event costs on the ten-rule workload, and what a subject weighs.

#![allow(missing_docs, clippy::expect_used, reason = "a benchmark")]

mod common;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use tagwarden::{Engine, Rulebook};

const EVENTS: usize = 1_000_000;

fn ten_rules(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ten rules");
    group.sample_size(10).throughput(Throughput::Elements(EVENTS as u64));
    for (name, rulebook) in [("level", common::level()), ("live", common::live())] {
        let events = common::stream(&rulebook, EVENTS);
        group.bench_function(name, |bencher| {
            bencher.iter_batched(
                || Engine::new(&rulebook),
                |engine| run(engine, &events),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

fn run(mut engine: Engine, events: &[tagwarden::Event]) -> (Engine, u64) {
    let mut decisions = 0;
    for event in events {
        engine.process_into(event, &mut |_| decisions += 1).expect("in order");
    }
    (engine, decisions)
}

/// How long a thousand rules take to compile.
fn compile(criterion: &mut Criterion) {
    let rules: String = (0..1000)
        .map(|at| {
            format!(
                "rule r{at} {{ when count(message) over {}h > {} then tag t{at} for 7d }}\n",
                at % 48 + 1,
                at % 90
            )
        })
        .collect();
    let text = format!("entity customer\nevent message(customer) {{}}\n{rules}");
    let mut group = criterion.benchmark_group("compile");
    group.sample_size(10);
    group
        .bench_function("1000 rules", |bencher| bencher.iter(|| Rulebook::compile(&text).expect("compiles")));
    group.finish();
}

criterion_group!(benches, ten_rules, compile);
criterion_main!(benches);
