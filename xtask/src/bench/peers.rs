//! `cargo xtask bench peers`: the workloads by Tagwarden and by what a user would pick instead.

mod table;

use super::environment::{self, Needs};
use super::results;
use crate::process::Done;
use serde_json::{Map, Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

const ALL: usize = 1_000_000;
/// Texts in W3 among [`ALL`] events.
const TEXTS: usize = 620_294;

/// A row of the table.
struct Peer {
    name: &'static str,
    /// How it comes to its windows.
    how: &'static str,
    needs: Needs,
    runs: &'static [Run],
}

/// One cell of the table.
#[derive(Clone, Copy)]
struct Run {
    /// The column.
    column: &'static str,
    /// What the program is told.
    workload: &'static str,
    events: usize,
    repeats: usize,
}

const fn run(column: &'static str, workload: &'static str, events: usize, repeats: usize) -> Run {
    Run { column, workload, events, repeats }
}

const fn python(script: &'static str, packages: &'static [&'static str]) -> Needs {
    Needs::Python { script, packages }
}

const OURS: &str = "Tagwarden";
const SLICES: &str = "Tagwarden, many events a call";
const LIVE: &str = "Tagwarden, live, exact ends";
const FROM_JSON: &str = "Tagwarden, from JSON Lines";
const LIMIT: &str = "hand-written limit";
const COLUMNS: &str = "Tagwarden, from an Arrow table";
const FROM_PYTHON: &str = "Tagwarden in Python, process_batch";
const BACKTEST: &str = "Tagwarden in Python, backtest";
const COUNTING: &str = "Tagwarden in Python, backtest that only counts";
const PARSER: &str = "JSON Lines read and forgotten (sonic-rs)";
const BY_HAND: &str = "conditions only, counts by hand";

const WHEEL: Needs = Needs::Wheel { script: "tagwarden_peer.py" };

/// Whoever is slow runs on the first events only; the rate is then of those.
const PEERS: &[Peer] = &[
    Peer {
        name: LIMIT,
        how: "safe Rust for this alone",
        needs: Needs::Ours,
        runs: &[run("w1", "limit-w1", ALL, 5), run("w2", "limit-w2", ALL, 5)],
    },
    Peer {
        name: OURS,
        how: "rules, typed events, one thread",
        needs: Needs::Ours,
        runs: &[run("w1", "w1", ALL, 5), run("w2", "w2", ALL, 5), run("w3", "w3", ALL, 5)],
    },
    Peer {
        name: SLICES,
        how: "rules, typed events, one thread",
        needs: Needs::Ours,
        runs: &[run("w1", "w1-slices", ALL, 5), run("w2", "w2-slices", ALL, 5)],
    },
    Peer {
        name: LIVE,
        how: "rules, tags that end by themselves",
        needs: Needs::Ours,
        runs: &[run("w2", "w2-live", ALL, 5)],
    },
    Peer {
        name: FROM_JSON,
        how: "rules, reading included",
        needs: Needs::Ours,
        runs: &[run("w1", "w1-json", ALL, 3), run("w2", "w2-json", ALL, 3)],
    },
    Peer {
        name: COLUMNS,
        how: "rules, reading and a table of decisions included",
        needs: Needs::Ours,
        runs: &[run("w1", "w1-columns", ALL, 3), run("w2", "w2-columns", ALL, 3)],
    },
    Peer {
        name: FROM_PYTHON,
        how: "rules, from an Arrow table to one of decisions",
        needs: WHEEL,
        runs: &[run("w1", "batch-w1", ALL, 3), run("w2", "batch-w2", ALL, 3)],
    },
    Peer {
        name: BACKTEST,
        how: "the same, with coverage, overlap and tags over time",
        needs: WHEEL,
        runs: &[run("w1", "backtest-w1", ALL, 3), run("w2", "backtest-w2", ALL, 3)],
    },
    Peer {
        name: COUNTING,
        how: "the same, without a table of decisions",
        needs: WHEEL,
        runs: &[run("w1", "backtest-w1-count", ALL, 3), run("w2", "backtest-w2-count", ALL, 3)],
    },
    Peer {
        name: PARSER,
        how: "no rules at all",
        needs: Needs::Rust { feature: "parsers" },
        runs: &[run("w1", "sonic", ALL, 3), run("w2", "sonic", ALL, 3)],
    },
    Peer {
        name: "polars",
        how: "batch, rolling sums over each customer",
        needs: python("polars_peer.py", &["polars==2.1.0", "pyarrow==26.0.1"]),
        runs: &[run("w1", "w1", ALL, 3), run("w2", "w2", ALL, 3)],
    },
    Peer {
        name: "polars, tuned by hand",
        how: "batch, the best of several tricks",
        needs: python("polars_peer.py", &["polars==2.1.0", "pyarrow==26.0.1"]),
        runs: &[run("w1", "w1-tuned", ALL, 3), run("w2", "w2-tuned", ALL, 3)],
    },
    Peer {
        name: "duckdb",
        how: "batch, SQL windows",
        needs: python("duckdb_peer.py", &["duckdb==2.0.0", "pyarrow==26.0.1"]),
        runs: &[run("w1", "w1", ALL, 3), run("w2", "w2", ALL, 1)],
    },
    Peer {
        name: "pandas",
        how: "batch, rolling sums over each customer",
        needs: python("pandas_peer.py", &["pandas==3.1.1", "pyarrow==26.0.1"]),
        runs: &[run("w1", "w1", ALL, 1), run("w2", "w2", ALL, 1)],
    },
    Peer {
        name: "Python",
        how: "deques by hand",
        needs: python("deques.py", &["pyarrow==26.0.1"]),
        runs: &[run("w1", "w1", ALL, 3), run("w2", "w2", ALL, 1)],
    },
    Peer {
        name: "cel (Rust)",
        how: BY_HAND,
        needs: Needs::Rust { feature: "cel" },
        runs: &[run("w1", "w1", ALL, 3), run("w2", "w2", ALL, 1)],
    },
    Peer {
        name: "rust-rule-engine",
        how: BY_HAND,
        needs: Needs::Rust { feature: "rust-rule-engine" },
        runs: &[run("w1", "w1", ALL, 3), run("w2", "w2", ALL, 1)],
    },
    Peer {
        name: "zen-engine (Python)",
        how: BY_HAND,
        needs: python("zen_peer.py", &["zen-engine==2.1.3", "pyarrow==26.0.1"]),
        runs: &[run("w1", "w1", 200_000, 1), run("w2", "w2", 100_000, 1)],
    },
    Peer {
        name: "durable_rules (Python)",
        how: BY_HAND,
        needs: python("durable_peer.py", &["durable_rules==2.0.28", "pyarrow==26.0.1"]),
        runs: &[run("w1", "w1", 100_000, 1), run("w2", "w2", 10_000, 1)],
    },
    Peer {
        name: "json-rules-engine (Node)",
        how: BY_HAND,
        needs: Needs::Node { script: "json-rules-engine.mjs" },
        runs: &[run("w1", "w1", 200_000, 1), run("w2", "w2", 50_000, 1)],
    },
    Peer {
        name: "ahocorasick_rs (Python)",
        how: "keywords only",
        needs: python("ahocorasick_peer.py", &["ahocorasick_rs==1.0.3", "pyarrow==26.0.1"]),
        runs: &[run("w3", "w3", ALL, 3)],
    },
    Peer {
        name: "flashtext2 (Python)",
        how: "keywords only, no overlaps",
        needs: python("flashtext_peer.py", &["flashtext2==1.1.0", "pyarrow==26.0.1"]),
        runs: &[run("w3", "w3", ALL, 3)],
    },
];

const HELP: &str = "\
cargo xtask bench peers [--resume] [--rounds N] [NAME ...]

  NAME      only peers whose name contains it, and ours; what is known of the others is kept
  --resume  only what is not known yet
  --rounds  how often everything is run, ours and theirs in turn (1); the table shows medians
";

/// The task `bench peers`.
pub(super) fn run_all(arguments: &[String]) -> Done {
    let (mut resume, mut rounds, mut filters) = (false, 1usize, Vec::new());
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--resume" => resume = true,
            "--rounds" => {
                let number = arguments.next().and_then(|text| text.parse().ok());
                rounds = number.ok_or("--rounds needs a number")?;
            }
            "--help" | "-h" => {
                print!("{HELP}");
                return Ok(());
            }
            flag if flag.starts_with('-') => return Err(format!("unknown argument {flag}\n{HELP}")),
            name => filters.push(name.to_lowercase()),
        }
    }
    let circumstances = results::circumstances();
    let data = data()?;
    let expected: Value = read(&data.join("expected.json")).ok_or("the expected answers cannot be read")?;
    let stored = results::folder().join("peers.json");
    let mut known: Map<String, Value> = match read(&stored) {
        Some(Value::Object(known)) => known,
        _ => Map::new(),
    };
    let chosen = |peer: &Peer| {
        let ours = matches!(peer.needs, Needs::Ours | Needs::Wheel { .. });
        filters.is_empty() || ours || filters.iter().any(|filter| peer.name.to_lowercase().contains(filter))
    };
    for round in 0..rounds {
        for peer in PEERS.iter().filter(|peer| chosen(peer)) {
            if resume && peer.runs.iter().all(|run| known.contains_key(&cell(peer, run))) {
                continue;
            }
            let program = environment::prepare(peer.needs);
            for run in peer.runs {
                let key = cell(peer, run);
                let fresh = match &program {
                    Ok((program, before)) => {
                        let mut command = Command::new(program);
                        command.args(before).current_dir(environment::working_directory(peer.needs));
                        one(command, run, &data, &expected)
                    }
                    Err(reason) => json!({ "not_run": reason }),
                };
                println!("{:<42} {} {}", peer.name, run.column, shown(&fresh, run));
                let merged = if round == 0 { fresh } else { merge(known.get(&key), fresh) };
                known.insert(key, merged);
                let text = Value::Object(known.clone()).to_string();
                fs::write(&stored, text).map_err(|error| format!("cannot keep the results: {error}"))?;
            }
        }
    }
    let (text, panels) = table::write(&known, &circumstances);
    results::section("peers", &text)?;
    results::chart("peers.svg", &super::chart::bars("Events a second (texts for W3), logarithmic", &panels))?;
    println!("written: benches/RESULTS.md, benches/peers.svg");
    match known.values().filter(|cell| cell["wrong"].as_bool() == Some(true)).count() {
        0 => Ok(()),
        wrong => Err(format!("{wrong} answers were wrong; see above")),
    }
}

/// The place of a result among those that are kept.
fn cell(peer: &Peer, run: &Run) -> String {
    format!("{} / {}", peer.name, run.column)
}

/// The events, written once, and the measuring programs, built.
fn data() -> Done<std::path::PathBuf> {
    let folder = results::folder().join("data");
    crate::process::run(crate::process::cargo(&[
        "build",
        "--release",
        "--quiet",
        "--package",
        "tagwarden-benches",
    ]))?;
    if !folder.join("expected.json").exists() {
        let mut command = super::program("bench-stream");
        command.arg(&folder);
        crate::process::run(command)?;
    }
    Ok(folder)
}

fn read(path: &Path) -> Option<Value> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// Runs one cell and checks its answers.
fn one(mut command: Command, run: &Run, data: &Path, expected: &Value) -> Value {
    command.arg(data).args([run.workload, &run.events.to_string(), &run.repeats.to_string()]);
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    let printed = match environment::capture(&mut command, 300) {
        Ok(printed) => printed,
        Err(reason) => return json!({ "not_run": reason }),
    };
    let last = printed.lines().last().unwrap_or_default();
    let Ok(Value::Object(mut result)) = serde_json::from_str(last) else {
        return json!({ "not_run": "it printed no result" });
    };
    let workload = if run.workload == "w2-live" { run.workload } else { run.column };
    let expected = numbers(&expected[run.events.to_string()][workload]);
    let answers = numbers(result.get("answers").unwrap_or(&Value::Null));
    // One number for several conditions is their sum; of the keywords the first number may stand alone.
    let right = match answers.as_slice() {
        _ if run.workload == "sonic" => true,
        [alone] if run.column == "w3" => expected.first() == Some(alone),
        [alone] => expected.iter().sum::<u64>() == *alone,
        all => all == expected,
    };
    let events = if run.column == "w3" { TEXTS as u64 } else { run.events as u64 };
    result.insert("events".into(), events.into());
    result.insert("prefix".into(), (run.events < ALL).into());
    result.insert("wrong".into(), (!right).into());
    let when = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    result.insert("when".into(), when.into());
    result.remove("answers");
    Value::Object(result)
}

fn numbers(value: &Value) -> Vec<u64> {
    value.as_array().map(|all| all.iter().filter_map(Value::as_u64).collect()).unwrap_or_default()
}

/// Adds the seconds of another round; `seconds` is the median over the rounds.
fn merge(before: Option<&Value>, mut fresh: Value) -> Value {
    let Some(before) = before.filter(|before| before["seconds"].is_f64() && fresh["seconds"].is_f64()) else {
        return fresh;
    };
    let mut all: Vec<f64> = match before["rounds"].as_array() {
        Some(rounds) => rounds.iter().filter_map(Value::as_f64).collect(),
        None => vec![before["seconds"].as_f64().unwrap_or_default()],
    };
    all.extend(fresh["seconds"].as_f64());
    let mut sorted = all.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    fresh["seconds"] = json!(f64::midpoint(sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]));
    fresh["rounds"] = json!(all);
    fresh["wrong"] = json!(fresh["wrong"] == json!(true) || before["wrong"] == json!(true));
    fresh
}

fn shown(result: &Value, run: &Run) -> String {
    if let Some(reason) = result["not_run"].as_str() {
        return format!("not run: {reason}");
    }
    let rate = result["events"].as_f64().unwrap_or(0.0) / result["seconds"].as_f64().unwrap_or(f64::NAN);
    let mut text = format!("{:>9} a second", super::chart::short(rate));
    if run.events < ALL {
        text.push_str(&format!(", on the first {} events", super::chart::short(run.events as f64)));
    }
    if result["wrong"].as_bool() == Some(true) {
        text.push_str(", WRONG ANSWERS");
    }
    text
}
