//! A backtest comes to the same whether it runs in order of time or subject by subject, on however many threads.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail so")]

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use tagwarden::{Duration, EngineOptions, FieldKind, Limits, Period, Rulebook, Timestamp};
use tagwarden_arrow::{Backtest, BacktestOptions, Binding, Mapping, Of, Source, Table};

/// Something of everything that the clock or an event can bring about.
const RULES: &str = r#"
entity customer
entity agent
event message(customer) { text: string, channel: "app" | "web" }
event order(customer) { amount: number, paid: bool? }
event refund(customer) { amount: number }
event shift(agent) {}
tags plan: bronze < silver < gold
list blacklist {
  level 1 denies all
  level 2 limits 1 per 1d
  level 3
  review every 3d
}
score heat { half-life 2d, between 0 and 100 }
rule flood { when count(message) over 1d > 3 then add to blacklist level 1 for 2d }
rule again { when count(refund) over 7d >= 2 then add to blacklist level 3 starting in 6h for 1d }
rule bronze_plan { while sum(order.amount) over 30d >= 50 then tag bronze }
rule gold_plan { while sum(order.amount) over 30d >= 150 then tag gold }
rule quiet { while no order for 5d then tag quiet }
rule warm { on message then heat += 10 }
rule hot { while heat > 15 then tag hot }
rule seen { on order where amount > 30 then emit large { amount: amount } then tag spender for 36h }
rule lost { on refund after order within 1d at most once per 3d then tag regrets for 3d }
rule waits { on message without order within 6h then emit unanswered }
rule weekly for customer { every week on mon at 09:00 when count(order) over 7d > 0 then emit weekly }
shadow rule trial { when count(message where channel == "app") over 2d >= 2 then tag chatty for 1d }
rule worker { when count(shift) over 7d >= 3 then tag busy for 1d }
exempt from blacklist when tagged gold
"#;

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, most: u64) -> u64 {
        self.next() % most
    }

    fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }
}

/// Rows for the events of a rulebook; now and then one that is none.
fn table(rulebook: &Rulebook, random: &mut Random, rows: usize, sorted: bool) -> RecordBatch {
    let schema = rulebook.schema();
    let mut times: Vec<Option<i64>> = (0..rows)
        // Whole hours, so that much comes at the same time as something falls due.
        .map(|_| {
            (!random.once_in(300))
                .then(|| 1_735_689_600_000_000 + random.below(24 * 60) as i64 * 3_600_000_000)
        })
        .collect();
    if sorted {
        times.sort_unstable();
    }
    let events: Vec<_> = (0..rows).map(|_| random.below(schema.events.len() as u64) as usize).collect();
    let names = events.iter().map(|at| match random.once_in(400) {
        true => Some("unheard-of"),
        false => Some(&*schema.events[*at].name),
    });
    let names = names.collect::<StringArray>();
    let mut columns: Vec<(String, ArrayRef)> = vec![
        ("type".into(), Arc::new(names)),
        ("time".into(), Arc::new(TimestampMicrosecondArray::from(times).with_timezone("UTC"))),
    ];
    for entity in &schema.entities {
        let keys = (0..rows).map(|_| (!random.once_in(300)).then(|| format!("k{}", random.below(12))));
        let keys: Vec<_> = keys.collect();
        let texts = keys.iter().map(|key| key.as_deref());
        columns.push((
            entity.to_string(),
            match random.once_in(2) {
                true => Arc::new(texts.collect::<StringArray>()) as ArrayRef,
                false => Arc::new(texts.collect::<DictionaryArray<Int32Type>>()),
            },
        ));
    }
    let fields: BTreeMap<_, _> = schema
        .events
        .iter()
        .flat_map(|event| &event.fields)
        .map(|field| (field.name.to_string(), field))
        .collect();
    for (name, field) in fields {
        let absent = if field.optional { 3 } else { 200 };
        let mut pick = |most| (!random.once_in(absent)).then(|| random.below(most));
        let column: ArrayRef = match &field.kind {
            FieldKind::Number => Arc::new(
                (0..rows).map(|_| pick(400).map(|units| units as f64 / 4.0)).collect::<Float64Array>(),
            ),
            FieldKind::Bool => {
                Arc::new((0..rows).map(|_| pick(2).map(|bit| bit == 1)).collect::<BooleanArray>())
            }
            FieldKind::Time => {
                let time = |hours: u64| 1_600_000_000_000_000 + hours as i64 * 3_600_000_000;
                let times = (0..rows).map(|_| pick(40_000).map(time)).collect::<TimestampMicrosecondArray>();
                Arc::new(times.with_timezone("UTC"))
            }
            FieldKind::Choice(members) => {
                let member = |at: u64| &*members[at as usize];
                Arc::new((0..rows).map(|_| pick(members.len() as u64).map(member)).collect::<StringArray>())
            }
            _ => {
                let words = ["hello", "free money, click", "refund now", "scam", "thanks"];
                Arc::new((0..rows).map(|_| pick(5).map(|at| words[at as usize])).collect::<StringArray>())
            }
        };
        columns.push((name, column));
    }
    RecordBatch::try_from_iter(columns).unwrap()
}

fn sources(rulebook: &Rulebook, batches: &[RecordBatch]) -> Vec<Source> {
    let source = |(at, batch): (usize, &RecordBatch)| {
        let binding = Binding::new(rulebook, &batch.schema(), &Mapping::default()).unwrap();
        let half = batch.num_rows() / 2;
        let batches = vec![batch.slice(0, half), batch.slice(half, batch.num_rows() - half)];
        Source { name: format!("t{at}"), binding, batches }
    };
    batches.iter().enumerate().map(source).collect()
}

fn run(rulebook: &Rulebook, sources: &[Source], options: BacktestOptions) -> Backtest {
    Backtest::run(rulebook, sources, options, &mut |_| true).unwrap().unwrap()
}

/// Everything that a backtest tells, but the decisions themselves.
fn told(result: &Backtest) -> Vec<(&'static str, Vec<RecordBatch>)> {
    let all = |table: Table| table.batches().to_vec();
    vec![
        ("coverage", all(result.coverage(0.2, 0.8).unwrap())),
        ("things", all(result.thing_coverage(0.2, 0.8).unwrap())),
        ("rules that meet", all(result.overlap(Of::Rules).unwrap())),
        ("things that meet", all(result.overlap(Of::Things).unwrap())),
        ("over time", all(result.over_time(Period::Day).unwrap())),
        ("members", all(result.members().table().unwrap())),
        ("refused", all(result.refused().clone())),
    ]
}

/// That identifiers are looked for makes no difference where there are none, but that rows are taken in order of time.
fn in_time(options: &BacktestOptions) -> BacktestOptions {
    let engine = EngineOptions { dedup: Some(Duration::from_micros(1)), ..options.engine.clone() };
    BacktestOptions { engine, ..options.clone() }
}

fn assert_same(rulebook: &Rulebook, batches: &[RecordBatch], options: &BacktestOptions, what: &str) {
    let sources = sources(rulebook, batches);
    let options = BacktestOptions { decisions: true, ..options.clone() };
    let expected = run(rulebook, &sources, in_time(&options));
    assert!(expected.decisions().rows() > 0, "{what}: nothing is decided");
    for (threads, decisions) in [(1, false), (3, false), (1, true), (3, true)] {
        let options = BacktestOptions { threads: NonZeroUsize::new(threads), decisions, ..options.clone() };
        let result = run(rulebook, &sources, options);
        if decisions {
            assert_eq!(result.decisions().rows(), expected.decisions().rows(), "{what}");
            let batches = result.decisions().batches().iter().zip(expected.decisions().batches());
            for ((got, should), field) in batches.flat_map(|(got, expected)| {
                got.columns().iter().zip(expected.columns()).zip(got.schema_ref().fields())
            }) {
                assert_eq!(got, should, "{what}, {threads} threads: {}", field.name());
            }
        } else {
            assert_eq!(result.decisions().rows(), 0);
        }
        assert_eq!((result.rows(), result.span()), (expected.rows(), expected.span()), "{what}");
        for entity in &rulebook.schema().entities {
            assert_eq!(result.subjects(entity), expected.subjects(entity), "{what}: {entity}");
        }
        for ((name, told), (_, expected)) in told(&result).into_iter().zip(told(&expected)) {
            assert_eq!(told, expected, "{what}, {threads} threads: {name}");
        }
        let gained = expected.compare(&result, true).unwrap();
        assert_eq!(gained.rows(), 0, "{what}: nobody gains or loses anything");
    }
}

#[test]
fn subject_by_subject_is_the_same_as_in_order_of_time() {
    let mut rulebooks = vec![("rules of this test".to_owned(), Rulebook::compile(RULES).unwrap())];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/rules");
    for name in ["glance.tw", "helpdesk.tw", "loyalty.tw", "spam.tw", "winback.tw"] {
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        let compiler = Rulebook::compiler().source(name, text);
        let find = |path: &str| std::fs::read_to_string(folder.join(path)).ok();
        rulebooks.push((name.to_owned(), compiler.resolver(find).compile().unwrap()));
    }
    for (name, rulebook) in &rulebooks {
        for seed in 0..12 {
            let mut random = Random(seed);
            let tables = if seed % 4 == 3 { 2 } else { 1 };
            let batches: Vec<_> =
                (0..tables).map(|_| table(rulebook, &mut random, 1200, seed % 2 == 0)).collect();
            // Some are cut off in the middle, some go on long after the last event.
            let until = match seed % 3 {
                0 => None,
                1 => Timestamp::from_micros(1_735_689_600_000_000 + 30 * 86_400_000_000),
                _ => Timestamp::from_micros(1_735_689_600_000_000 + 500 * 86_400_000_000),
            };
            let options = BacktestOptions { until, reasons: seed % 2 == 0, ..BacktestOptions::default() };
            assert_same(rulebook, &batches, &options, &format!("{name}, seed {seed}"));
        }
    }
}

/// More decisions than stand in one batch of the result.
#[test]
fn many_decisions_are_put_in_order() {
    let rulebook = Rulebook::compile(RULES).unwrap();
    let batch = table(&rulebook, &mut Random(5), 200_000, false);
    let options = BacktestOptions::default();
    assert_same(&rulebook, std::slice::from_ref(&batch), &options, "many");
    let result =
        run(&rulebook, &sources(&rulebook, &[batch]), BacktestOptions { decisions: true, ..options });
    assert!(result.decisions().batches().len() > 1, "{}", result.decisions().rows());
}

#[test]
fn limits_hold_as_in_order_of_time() {
    let rulebook = Rulebook::compile(RULES).unwrap();
    let batch = table(&rulebook, &mut Random(7), 3000, true);
    for limits in [
        Limits { subjects: 5, ..Limits::default() },
        Limits { held_events: 3, ..Limits::default() },
        Limits { text_bytes: 9, ..Limits::default() },
        Limits { decisions: 1, ..Limits::default() },
    ] {
        let engine = EngineOptions { limits, ..EngineOptions::default() };
        let options = BacktestOptions { engine, ..BacktestOptions::default() };
        assert_same(
            &rulebook,
            std::slice::from_ref(&batch),
            &options,
            &format!("{:?}", options.engine.limits),
        );
    }
}

#[test]
fn it_can_be_stopped() {
    let rulebook = Rulebook::compile(RULES).unwrap();
    let mut random = Random(1);
    let batches: Vec<_> = (0..3).map(|_| table(&rulebook, &mut random, 60_000, true)).collect();
    let by_subject = BacktestOptions::default();
    for options in [in_time(&by_subject), by_subject] {
        let mut told = Vec::new();
        let stopped = Backtest::run(&rulebook, &sources(&rulebook, &batches), options, &mut |rows| {
            told.push(rows);
            false
        });
        assert!(stopped.unwrap().is_none());
        assert_eq!(told.len(), 1, "nobody is asked again: {told:?}");
    }
}

/// Keys may be whole numbers, and an event without one is refused.
#[test]
fn keys_may_be_numbers() {
    let rulebook =
        Rulebook::compile("entity customer  event login(customer) {}  rule all { on login then tag seen }");
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("time", Arc::new(Int64Array::from(vec![3, 1, 2, 4]))),
        ("customer", Arc::new(Int64Array::from(vec![Some(7), Some(8), None, Some(7)]))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let rulebook = rulebook.unwrap();
    let mapping = Mapping { event_type: Some("login".into()), ..Mapping::default() };
    let binding = Binding::new(&rulebook, &batch.schema(), &mapping).unwrap();
    let source = Source { name: String::new(), binding, batches: vec![batch] };
    let result = run(&rulebook, &[source], BacktestOptions::default());
    assert_eq!((result.subjects("customer"), result.refused().rows(), result.rows()), (2, 1, 4));
    assert_eq!(result.members().table().unwrap().rows(), 2);
}
