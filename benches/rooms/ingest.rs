//! What reading costs: JSON Lines, CSV, Parquet and Arrow IPC to typed events, and JSON Lines to decisions.

#![allow(missing_docs, clippy::expect_used, reason = "a benchmark")]

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use tagwarden::{Engine, Input, Reader, TimeUnit, Timestamp};
use tagwarden_arrow::RowInputs;
use tagwarden_benches::{columns, stream, workload};

const EVENTS: usize = 100_000;

fn ingest(criterion: &mut Criterion) {
    let facts = stream::facts_of(EVENTS, stream::CUSTOMERS);
    let mut json = Vec::new();
    stream::write_json(&facts, &mut json).expect("memory takes it");
    let lines: Vec<&[u8]> = json.trim_ascii_end().split(|byte| *byte == b'\n').collect();
    let rulebook = workload::w2_level();
    let reader = Reader::new(rulebook.schema(), TimeUnit::Millis);

    let mut group = criterion.benchmark_group("ingest");
    group.sample_size(10).throughput(Throughput::Elements(EVENTS as u64));
    group.bench_function("JSON as values", |bencher| {
        bencher.iter(|| {
            for line in &lines {
                let value: serde_json::Value = serde_json::from_slice(line).expect("JSON");
                black_box(value);
            }
        });
    });
    group.bench_function("JSON to events", |bencher| {
        bencher.iter(|| {
            for line in &lines {
                black_box(reader.json(line).expect("an event"));
            }
        });
    });
    let rows: Vec<[String; 5]> = facts.iter().map(row).collect();
    let header = ["time", "customer", "type", "channel", "amount"];
    let columns = reader.columns(&header, None).expect("the columns of the schema");
    group.bench_function("cells to events", |bencher| {
        bencher.iter(|| {
            for row in &rows {
                black_box(columns.record(row).expect("an event"));
            }
        });
    });
    for extension in ["parquet", "arrow"] {
        let path = std::env::temp_dir().join(format!("tagwarden-ingest-{}.{extension}", std::process::id()));
        columns::write(&columns::batch(&facts), &path);
        group.bench_function(format!("{extension} to events"), |bencher| {
            bencher.iter(|| {
                let mut rows = RowInputs::new(columns::open(&rulebook, &path));
                let mut input = Ok(Input::Tick(Timestamp::MIN));
                while rows.next_over(&mut input).expect("a whole file").is_some() {
                    black_box(input.as_ref().expect("an event"));
                }
            });
        });
        let _ = std::fs::remove_file(&path);
    }
    group.bench_function("JSON to decisions", |bencher| {
        bencher.iter_batched(
            || Engine::new(&rulebook),
            |mut engine| {
                let mut decisions = 0;
                for line in &lines {
                    if let Input::Event(event) = reader.json(line).expect("an event") {
                        engine.process_into(&event, &mut |_| decisions += 1).expect("in order");
                    }
                }
                (engine, decisions)
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

/// A fact as the cells of a table.
fn row(fact: &stream::Fact) -> [String; 5] {
    let amount = match fact.kind {
        2 | 3 => (f64::from(fact.quarters) / 4.0).to_string(),
        _ => String::new(),
    };
    [
        fact.millis.to_string(),
        stream::key(fact.customer),
        stream::KINDS[usize::from(fact.kind)].to_owned(),
        stream::CHANNELS[usize::from(fact.channel)].to_owned(),
        amount,
    ]
}

criterion_group!(benches, ingest);
criterion_main!(benches);
