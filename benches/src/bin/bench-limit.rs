//! `cargo xtask bench`: W1 and W2 by the engine and by the hand-written limit, in turn, and the ratio of the two.
//!
//! Arguments: `--rounds N` (5), `--events N` (1,000,000), `--only w1|level|live`, `--json` for one line that programs read.

#![allow(clippy::expect_used, reason = "a benchmark that cannot run must stop")]

use serde_json::json;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Duration;
use tagwarden::{Engine, Event, Rulebook, Schema};
use tagwarden_benches::limit::{Ran, run_one, run_ten};
use tagwarden_benches::measure::{computing, grouped, nanos_each, ratio, rounds};
use tagwarden_benches::reference::{Answers, answers};
use tagwarden_benches::{stream, workload};

fn main() -> ExitCode {
    let options = match Options::read() {
        Ok(options) => options,
        Err(message) => {
            eprintln!("bench-limit: {message}");
            return ExitCode::from(2);
        }
    };
    let facts = stream::facts(options.events);
    let expected = answers(&facts);
    if options.events == stream::EVENTS {
        assert_eq!(expected.level, workload::TRUE_W2, "the stream is another one");
        assert_eq!(expected.messages, workload::TRUE_W1, "the stream is another one");
    }
    let mut wrong = 0;
    if !options.json {
        println!(
            "{} events, {} rounds, one thread, typed events with text keys",
            grouped(options.events as u64),
            options.rounds
        );
        println!(
            "{:<16} {:>14} {:>14} {:>8}  {:<13} {:>14}",
            "workload", "engine ns/ev", "limit ns/ev", "ratio", "least–most", "engine ev/s"
        );
    }
    for workload in WORKLOADS {
        if options.only.as_deref().is_none_or(|only| only == workload.name) {
            wrong += workload.measure(&options, &facts, &expected);
        }
    }
    if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

struct Options {
    rounds: usize,
    events: usize,
    only: Option<String>,
    json: bool,
}

impl Options {
    fn read() -> Result<Options, String> {
        let mut options = Options { rounds: 5, events: stream::EVENTS, only: None, json: false };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            let number =
                |text: String| text.replace('_', "").parse().map_err(|_| format!("{text} is no number"));
            match argument.as_str() {
                "--rounds" => options.rounds = number(value()?)?,
                "--events" => options.events = number(value()?)?,
                "--only" => options.only = Some(value()?),
                "--json" => options.json = true,
                other => return Err(format!("unknown argument {other}")),
            }
        }
        Ok(options)
    }
}

struct Workload {
    name: &'static str,
    rulebook: fn() -> Rulebook,
    /// The same conditions each alone, with what it must come to.
    alone: fn(usize) -> Rulebook,
    expected: fn(&Answers) -> Vec<u64>,
    limit: fn(&Schema, &[Event]) -> Ran,
    limit_expected: fn(&Answers) -> Vec<u64>,
}

const WORKLOADS: [Workload; 3] = [
    Workload {
        name: "w1",
        rulebook: workload::w1,
        alone: |_| workload::w1(),
        expected: |answers| vec![answers.messages],
        limit: run_one,
        limit_expected: |answers| vec![answers.messages],
    },
    Workload {
        name: "level",
        rulebook: workload::w2_level,
        alone: workload::w2_level_only,
        expected: |answers| answers.level.to_vec(),
        limit: run_ten,
        limit_expected: |answers| answers.level.to_vec(),
    },
    Workload {
        name: "live",
        rulebook: workload::w2_live,
        alone: workload::w2_live_only,
        expected: |answers| answers.turns.to_vec(),
        limit: run_ten,
        limit_expected: |answers| answers.level.to_vec(),
    },
];

impl Workload {
    /// Checks the answers and takes the times; how many answers were wrong.
    fn measure(&self, options: &Options, facts: &[stream::Fact], expected: &Answers) -> usize {
        let rulebook = (self.rulebook)();
        let events = stream::events(rulebook.schema(), facts);
        let want = (self.expected)(expected);
        let mut wrong = 0;
        let mut check = |what: &str, got: &[u64], want: &[u64]| {
            if got != want {
                eprintln!("{}: {what} gives {got:?}, which should be {want:?}", self.name);
                wrong += 1;
            }
        };
        let alone: Vec<u64> = (0..want.len()).map(|at| engine(&(self.alone)(at), &events)).collect();
        check("the engine, each rule alone,", &alone, &want);
        check("the limit", &(self.limit)(rulebook.schema(), &events).0, &(self.limit_expected)(expected));
        check("the engine", &[engine(&rulebook, &events)], &[want.iter().sum()]);

        check("the engine in slices", &[slices(Engine::new(&rulebook), &events).1], &[want.iter().sum()]);

        let mut ours = || -> Duration { computing(|| black_box(run(Engine::new(&rulebook), &events))).0 };
        let mut limit =
            || -> Duration { computing(|| black_box((self.limit)(rulebook.schema(), &events))).0 };
        let mut ahead = || -> Duration { computing(|| black_box(slices(Engine::new(&rulebook), &events))).0 };
        let times = rounds(options.rounds, &mut [&mut ours, &mut limit, &mut ahead]);
        let limit = nanos_each(&times[1], events.len());
        for (how, times) in
            [("", &times[0]), (" in slices", &times[2])].map(|(how, ours)| (how, [ours, &times[1]]))
        {
            let (middle, least, most) = ratio(times[0], times[1]);
            let ours = nanos_each(times[0], events.len());
            let name = format!("{}{how}", self.name);
            if options.json {
                println!(
                    "{}",
                    json!({ "workload": name, "events": events.len(), "rounds": options.rounds,
                    "engine_ns": ours, "limit_ns": limit, "ratio": middle, "least": least, "most": most, "right": wrong == 0 })
                );
            } else {
                println!(
                    "{name:<16} {ours:>14.1} {limit:>14.1} {middle:>8.2}  {:<13} {:>14}",
                    format!("{least:.2}–{most:.2}"),
                    grouped((1e9 / ours) as u64)
                );
            }
        }
        wrong
    }
}

/// How many decisions a rulebook comes to.
fn engine(rulebook: &Rulebook, events: &[Event]) -> u64 {
    run(Engine::new(rulebook), events).1
}

fn run(mut engine: Engine, events: &[Event]) -> (Engine, u64) {
    let mut decisions = 0;
    for event in events {
        engine.process_into(event, &mut |_| decisions += 1).expect("in order");
    }
    (engine, decisions)
}

/// The same, many events a call.
fn slices(mut engine: Engine, events: &[Event]) -> (Engine, u64) {
    let mut decisions = 0;
    let refused = engine.process_batch(events, &mut |_| decisions += 1);
    assert!(refused.is_empty(), "in order");
    (engine, decisions)
}
