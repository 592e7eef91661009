//! What ends by itself costs: advancing the clock over many subjects whose tags, windows and absences run out.

#![allow(missing_docs, clippy::expect_used, reason = "a benchmark")]

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use std::sync::Arc;
use tagwarden::{Engine, Event, Rulebook, Timestamp};
use tagwarden_benches::{stream, workload};

const SUBJECTS: usize = 20_000;

/// A name, a rule under which one message leaves every subject with something that is due later.
const KINDS: &[(&str, &str)] = &[
    ("lives end", "rule r { on message then tag held for 7d }"),
    ("windows empty", "rule r { while count(message) over 7d >= 1 then tag held }"),
    ("absences begin", "rule r { while no message for 7d then tag quiet }"),
    ("schedule, 8 days", "rule r { every day at 09:00 when count(message) over 30d > 5 then emit many }"),
    ("nothing is due", "rule r { on message when count(message) over 7d > 1 then emit hit }"),
];

fn timers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("timers");
    group.sample_size(10).throughput(Throughput::Elements(SUBJECTS as u64));
    for (name, rule) in KINDS {
        let rulebook = workload::compile(&format!("entity customer  event message(customer) {{}}\n{rule}"));
        let end = at(8 * 86_400_000_000);
        group.bench_function(*name, |bencher| {
            bencher.iter_batched(
                || filled(&rulebook),
                |mut engine| {
                    let mut decisions = 0;
                    engine.advance_into(end, &mut |_| decisions += 1).expect("later");
                    (engine, decisions)
                },
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

/// An engine in which every subject has had one message, over the first half day.
fn filled(rulebook: &Rulebook) -> Engine {
    let message = rulebook.schema().event("message").expect("declared");
    let mut engine = Engine::new(rulebook);
    for subject in 0..SUBJECTS {
        let event = Event {
            event: message,
            time: at(subject as i64 * 2_000_000),
            id: None,
            keys: vec![Arc::from(stream::key(subject as u32))],
            fields: Vec::new(),
        };
        engine.process_into(&event, &mut |_| {}).expect("in order");
    }
    engine
}

/// Microseconds after the beginning of the stream.
fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(stream::START * 1000 + micros).expect("in range")
}

criterion_group!(benches, timers);
criterion_main!(benches);
