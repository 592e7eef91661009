//! How fast a ledger takes events, beside the bare engine, how fast a large one opens, and how fast lists come in and go out.
//!
//! Run it with `cargo run --release -p tagwarden-store --example ledger_speed [EVENTS]`.

use std::time::Instant;
use tagwarden::{Engine, Input, Reader, Rulebook, TimeUnit, Viewer};
use tagwarden_store::table::{Content, Format, Import};
use tagwarden_store::{Entry, Ledger, Options};

const RULES: &str = r#"
    entity customer
    event message(customer) { channel: string, text: string private }
    event order(customer)   { amount: number, sku: string }
    event refund(customer)  {}
    keywords abuse { "scam" "rip-off" }
    list blocked { level 1 "stop" denies all  level 2 "slow" limits 3 per 1d }
    rule flood   { when count(message) over 1d > 20 then add to blocked level 2 for 7d }
    rule abusive { on message where text has abuse then add to blocked level 2 for 1d }
    rule refunds { when count(refund) over 30d >= 3 then add to blocked level 1 until on order }
    rule gold    { while sum(order.amount) over 30d >= 1000 then tag gold }
    rule active  { while count(order) over 7d >= 1 then tag active }
    rule quiet   { while no activity for 14d then tag quiet }
"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let count: usize = std::env::args().nth(1).map_or(Ok(1_000_000), |count| count.parse())?;
    let rulebook = Rulebook::compile(RULES)?;
    let inputs = events(&rulebook, count)?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("speed.db");
    let options = Options::new(*b"a key for speed!");

    let first = inputs.get(..100_000).unwrap_or(&inputs);
    let mut engine = Engine::new(&rulebook);
    let start = Instant::now();
    let mut decided = 0;
    for input in first {
        if let Input::Event(event) = input {
            engine.process_into(event, &mut |_| decided += 1)?;
        }
    }
    rate("bare engine", first.len(), start, decided);

    let fast = Options { power_safe: false, ..options.clone() };
    let mut ledger = Ledger::open(folder.path().join("fast.db"), &rulebook, fast)?;
    let mut decided = 0;
    let start = Instant::now();
    for (at, batch) in first.chunks(1_000).enumerate() {
        let keyed = batch.iter().enumerate();
        let keyed = keyed.map(|(row, input)| Entry::new(input.clone()).with_key(format!("{at} {row}")));
        decided += ledger.apply(keyed)?.iter().map(|answer| answer.decisions.len()).sum::<usize>();
    }
    rate("ledger, not waiting for the disk, batches of 1,000", first.len(), start, decided);

    let mut ledger = Ledger::open(&path, &rulebook, options.clone())?;
    let mut decided = 0;
    let mut start = Instant::now();
    for (at, batch) in inputs.chunks(1_000).enumerate() {
        let keyed = batch
            .iter()
            .enumerate()
            .map(|(row, input)| Entry::new(input.clone()).with_key(format!("{}", at * 1_000 + row)));
        for answer in ledger.apply(keyed)? {
            decided += answer.decisions.len();
        }
        if (at + 1) * 1_000 == 100_000 {
            rate("ledger, batches of 1,000, first 100,000", 100_000, start, decided);
            start = Instant::now();
            decided = 0;
        }
    }
    if inputs.len() > 100_000 {
        rate("ledger, the rest", inputs.len() - 100_000, start, decided);
    }
    println!("file: {} MB", std::fs::metadata(&path)?.len() >> 20);
    drop(ledger);

    let start = Instant::now();
    let ledger = Ledger::open(&path, &rulebook, options.clone())?;
    let opening = ledger.opening();
    println!(
        "opened with {} inputs in {:.2} s, of which {} were applied again; {} subjects",
        opening.inputs,
        start.elapsed().as_secs_f64(),
        opening.replayed,
        ledger.engine().subjects()
    );
    let start = Instant::now();
    let report = ledger.verify_audit()?;
    println!("audit log of {} records verified in {:.2} s", report.records, start.elapsed().as_secs_f64());
    tables(&rulebook, &folder.path().join("tables.db"), options)
}

/// 100,000 entries from CSV and Excel, and to them.
fn tables(
    rulebook: &Rulebook,
    path: &std::path::Path,
    options: Options,
) -> Result<(), Box<dyn std::error::Error>> {
    const ROWS: usize = 100_000;
    let mut csv = String::from("identifier,list,level,reason,until\n");
    for at in 0..ROWS {
        csv.push_str(&format!("customer {at},blocked,{},row {at},2026-06-01\n", 1 + at % 2));
    }
    let mut ledger = Ledger::open(path, rulebook, options)?;
    let time = "2026-01-10T00:00:00Z".parse()?;
    let import = Import::new("customer", "u1", time);
    let done = |what: &str, start: Instant| {
        println!("{ROWS} entries {what} in {:.2} s", start.elapsed().as_secs_f64());
    };
    let start = Instant::now();
    let dry = Import { dry_run: true, ..import.clone() };
    ledger.import(csv.as_bytes(), Format::Csv, &dry)?;
    done("tried from CSV and undone", start);
    let start = Instant::now();
    let report = ledger.import(csv.as_bytes(), Format::Csv, &import)?;
    done("imported from CSV", start);
    if report.rows.len() != ROWS || report.refused() > 0 {
        return Err("rows were refused".into());
    }
    let viewer = Viewer { actor: "u1".into(), role: None };
    for (name, format) in [("CSV", Format::Csv), ("Excel", Format::Excel)] {
        let (start, mut file) = (Instant::now(), Vec::new());
        ledger.export(&mut file, format, &Content::default(), &viewer, time)?;
        done(&format!("exported to {name}"), start);
    }
    Ok(())
}

fn rate(what: &str, count: usize, start: Instant, decided: usize) {
    let rate = count as f64 / start.elapsed().as_secs_f64();
    println!("{what}: {rate:.0} events a second, {decided} decisions");
}

/// Events of 20,000 customers, one every 20 seconds.
fn events(rulebook: &Rulebook, count: usize) -> Result<Vec<Input>, tagwarden::InputError> {
    let reader = Reader::new(rulebook.schema(), TimeUnit::Millis);
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut number = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    let event = |at: usize| {
        let time = 1_767_225_600_000 + at as u64 * 20_000;
        let customer = number(20_000).min(number(20_000));
        let (ty, rest) = match number(20) {
            0..=11 => {
                ("message", format!(r#","channel":"app","text":"where is my order {}""#, number(1_000)))
            }
            12 => ("message", r#","channel":"app","text":"what a scam""#.to_owned()),
            13..=18 => ("order", format!(r#","amount":{}.50,"sku":"s{}""#, number(300), number(900))),
            _ => ("refund", String::new()),
        };
        reader.json(format!(r#"{{"type":"{ty}","time":{time},"customer":"c{customer}"{rest}}}"#).as_bytes())
    };
    (0..count).map(event).collect()
}
