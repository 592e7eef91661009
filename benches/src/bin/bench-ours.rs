//! One workload by the engine, or by the limit, in a process of its own, so that its peak of memory is its own.
//!
//! Called like every peer with DATA WORKLOAD EVENTS REPEATS; prints one JSON object. The workloads are `w1`, `w2`, `w2-live` and `w3` from
//! typed events, `w1-slices` and `w2-slices` from many at a call,
//! `w1-columns` and `w2-columns` from an Arrow table with the decisions as one, `w1-parquet`, `w2-parquet`, `w1-ipc` and `w2-ipc` likewise from a file, `w1-json` and `w2-json` from JSON Lines, and `limit-w1` and `limit-w2`.

#![allow(clippy::expect_used, reason = "a benchmark that cannot run must stop")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::time::Duration;
use tagwarden::{Engine, Event, Input, Reader, Rulebook, Schema, TimeUnit};
use tagwarden_benches::limit::{Ran, run_one, run_ten};
use tagwarden_benches::measure::{self, median, memory};
use tagwarden_benches::texts::Texts;
use tagwarden_benches::{columns, stream, workload};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().expect("DATA WORKLOAD EVENTS REPEATS");
    let (data, name) = (next(), next());
    let count: usize = next().parse().expect("a number of events");
    let repeats: usize = next().parse().expect("a number of repeats");
    let facts = || {
        let mut facts = stream::facts(stream::EVENTS);
        facts.truncate(count);
        facts
    };
    match name.as_str() {
        "w1" => typed(&workload::w1(), &facts(), repeats, &[]),
        "w2" => typed(&workload::w2_level(), &facts(), repeats, &each(workload::w2_level_only)),
        "w2-live" => typed(&workload::w2_live(), &facts(), repeats, &each(workload::w2_live_only)),
        "w1-slices" => slices(&workload::w1(), &facts(), repeats),
        "w2-slices" => slices(&workload::w2_level(), &facts(), repeats),
        "w1-columns" => columns(&workload::w1(), &facts(), repeats),
        "w2-columns" => columns(&workload::w2_level(), &facts(), repeats),
        "w1-parquet" => file(&workload::w1(), &facts(), repeats, "parquet"),
        "w2-parquet" => file(&workload::w2_level(), &facts(), repeats, "parquet"),
        "w1-ipc" => file(&workload::w1(), &facts(), repeats, "arrow"),
        "w2-ipc" => file(&workload::w2_level(), &facts(), repeats, "arrow"),
        "w3" => keywords(&facts(), repeats),
        "w1-json" => json(&workload::w1(), Path::new(&data), count, repeats),
        "w2-json" => json(&workload::w2_level(), Path::new(&data), count, repeats),
        "limit-w1" => limit(&facts(), repeats, run_one),
        "limit-w2" => limit(&facts(), repeats, run_ten),
        other => {
            eprintln!("bench-ours: there is no workload {other}");
            std::process::exit(2);
        }
    }
}

fn each(rulebook: fn(usize) -> Rulebook) -> Vec<Rulebook> {
    (0..workload::CONDITIONS.len()).map(rulebook).collect()
}

/// Time that has passed and time computed for, each run.
type Times = [(Duration, Duration)];

fn report(times: &Times, peak: Option<u64>, answers: &[u64]) {
    let seconds = median(times.iter().map(|(passed, _)| passed.as_secs_f64()).collect());
    let computed = median(times.iter().map(|(_, computed)| computed.as_secs_f64()).collect());
    let version = env!("CARGO_PKG_VERSION");
    println!(
        "{}",
        serde_json::json!({ "seconds": seconds, "computed": computed, "answers": answers, "peak": peak, "version": version })
    );
}

/// Runs it; both times, and what it gives.
fn timed<T>(run: impl FnOnce() -> T) -> ((Duration, Duration), T) {
    let (passed, (computed, value)) = measure::timed(|| measure::computing(run));
    ((passed, computed), value)
}

fn run(mut engine: Engine, events: &[Event]) -> (Engine, u64) {
    let mut decisions = 0;
    for event in events {
        engine.process_into(event, &mut |_| decisions += 1).expect("in order");
    }
    (engine, decisions)
}

/// Times the rulebook; the answers are those of each of its rules alone, or of all of it where none is given.
fn typed(rulebook: &Rulebook, facts: &[stream::Fact], repeats: usize, alone: &[Rulebook]) {
    let events = stream::events(rulebook.schema(), facts);
    let (times, decisions): (Vec<_>, Vec<_>) = (0..repeats)
        .map(|_| timed(|| black_box(run(Engine::new(rulebook), &events))))
        .map(|(time, ran)| (time, ran.1))
        .unzip();
    let peak = memory().map(|(_, peak)| peak);
    let total = decisions.last().copied().unwrap_or(0);
    let mut answers: Vec<u64> = alone.iter().map(|rulebook| run(Engine::new(rulebook), &events).1).collect();
    if answers.is_empty() {
        answers.push(total);
    }
    assert_eq!(answers.iter().sum::<u64>(), total, "all rules together decide what each alone does");
    report(&times, peak, &answers);
}

/// Times the rulebook over all events in one call.
fn slices(rulebook: &Rulebook, facts: &[stream::Fact], repeats: usize) {
    let events = stream::events(rulebook.schema(), facts);
    let once = || {
        let mut engine = Engine::new(rulebook);
        let mut decisions = 0;
        let refused = engine.process_batch(&events, &mut |_| decisions += 1);
        assert!(refused.is_empty(), "in order");
        (engine, decisions)
    };
    let (times, answers): (Vec<_>, Vec<_>) =
        (0..repeats).map(|_| timed(once)).map(|(time, ran)| (time, ran.1)).unzip();
    report(&times, memory().map(|(_, peak)| peak), &answers[answers.len() - 1..]);
}

/// Times the rulebook over an Arrow table, decisions as a table included.
fn columns(rulebook: &Rulebook, facts: &[stream::Fact], repeats: usize) {
    let table = columns::batch(facts);
    let (times, answers): (Vec<_>, Vec<_>) = (0..repeats)
        .map(|_| timed(|| columns::decide(rulebook, &table)))
        .map(|(time, decisions)| (time, decisions.rows() as u64))
        .unzip();
    report(&times, memory().map(|(_, peak)| peak), &answers[answers.len() - 1..]);
}

/// Times the rulebook over a file of columns, reading and decisions as a table included. The file is written before, once.
fn file(rulebook: &Rulebook, facts: &[stream::Fact], repeats: usize, extension: &str) {
    let name = format!("tagwarden-bench-{}.{extension}", std::process::id());
    let path = std::env::temp_dir().join(name);
    columns::write(&columns::batch(facts), &path);
    let (times, answers): (Vec<_>, Vec<_>) = (0..repeats)
        .map(|_| timed(|| columns::decide_file(rulebook, &path)))
        .map(|(time, decisions)| (time, decisions.rows() as u64))
        .unzip();
    // What is left behind is in the folder for that.
    let _ = std::fs::remove_file(&path);
    report(&times, memory().map(|(_, peak)| peak), &answers[answers.len() - 1..]);
}

fn limit(facts: &[stream::Fact], repeats: usize, run: fn(&Schema, &[Event]) -> Ran) {
    let rulebook = workload::w2_level();
    let events = stream::events(rulebook.schema(), facts);
    let (times, mut answers): (Vec<_>, Vec<_>) = (0..repeats)
        .map(|_| timed(|| run(rulebook.schema(), &events)))
        .map(|(time, ran)| (time, ran.0))
        .unzip();
    report(&times, memory().map(|(_, peak)| peak), &answers.pop().unwrap_or_default());
}

/// From a file in memory to decisions: one thread reads ahead, as the command line does, and one decides.
fn json(rulebook: &Rulebook, data: &Path, count: usize, repeats: usize) {
    let file = std::fs::read(data.join("events.jsonl")).expect("the events");
    let reader = Reader::new(rulebook.schema(), TimeUnit::Millis);
    let (file, reader) = (&file[..], &reader);
    let once = || {
        let (sender, batches) = std::sync::mpsc::sync_channel(8);
        let (back, done) = std::sync::mpsc::channel::<Vec<Event>>();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let (mut rest, mut left) = (file, count);
                loop {
                    // Written over what has been decided, as the command line does it.
                    let mut events = done.try_recv().unwrap_or_default();
                    let read = read(reader, &mut rest, left.min(512), &mut events);
                    left -= read;
                    if read == 0 || sender.send((events, read)).is_err() {
                        return;
                    }
                }
            });
            let mut engine = Engine::new(rulebook);
            let mut decisions = 0;
            for (events, read) in batches {
                let refused = engine.process_batch(&events[..read], &mut |_| decisions += 1);
                assert!(refused.is_empty(), "in order");
                let _ = back.send(events);
            }
            (engine, decisions)
        })
    };
    let (times, answers): (Vec<_>, Vec<_>) =
        (0..repeats).map(|_| timed(once)).map(|(time, ran)| (time, ran.1)).unzip();
    report(&times, memory().map(|(_, peak)| peak), &answers[answers.len() - 1..]);
}

/// Reads up to so many events from what is left of a file, over those that are there; returns how many.
fn read(reader: &Reader, rest: &mut &[u8], most: usize, events: &mut Vec<Event>) -> usize {
    let mut count = 0;
    while count < most && !rest.is_empty() {
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let line = &rest[..end];
        *rest = rest.get(end + 1..).unwrap_or_default();
        let other = match events.get_mut(count) {
            Some(event) => reader.json_over(line, event).expect("an event"),
            None => Some(reader.json(line).expect("an event")),
        };
        if let Some(Input::Event(event)) = other {
            events.push(event);
        }
        count += 1;
    }
    count
}

/// W3: every text is searched for all hits of all keywords.
fn keywords(facts: &[stream::Fact], repeats: usize) {
    let mut set = String::from(
        "entity customer\nevent message(customer) { text: string }\nevent complaint(customer) { text: string }\nkeywords words {\n",
    );
    for keyword in Texts::new().keywords() {
        let _ = writeln!(set, "{keyword:?} anywhere");
    }
    set.push_str("}\n");
    let rule = |least: usize| {
        format!(
            "rule at_least_{least} {{ on message or complaint when hits(text, words) >= {least} then emit hit{least} }}\n"
        )
    };
    let rulebook = workload::compile(&(set.clone() + &rule(1)));
    let events = stream::events(rulebook.schema(), facts);
    let (times, with_hit): (Vec<_>, Vec<_>) = (0..repeats)
        .map(|_| timed(|| black_box(run(Engine::new(&rulebook), &events))))
        .map(|(time, ran)| (time, ran.1))
        .unzip();
    let peak = memory().map(|(_, peak)| peak);
    // A text of n hits has at least one, at least two, … at least n of them. No text here has more than twenty.
    let counting = workload::compile(&(set + &(1..=20).map(rule).collect::<String>()));
    let hits = run(Engine::new(&counting), &events).1;
    report(&times, peak, &[with_hit[with_hit.len() - 1], hits]);
}
