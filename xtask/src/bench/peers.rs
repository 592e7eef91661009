//! `cargo xtask bench peers`: the workloads by Tagwarden and by what a user would pick instead.

mod list;
mod table;

use self::list::{ALL, PEERS, Peer, Run};
use super::environment::{self, Needs};
use super::results;
use crate::process::Done;
use serde_json::{Map, Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

/// Texts in W3 among [`ALL`] events.
const TEXTS: usize = 620_294;

const HELP: &str = "\
cargo xtask bench peers [--jvm] [--resume] [--rounds N] [NAME ...]
cargo xtask bench peers [--jvm] [--rounds N] --only NAME

  NAME      only peers whose name contains it, and ours; what is known of the others is kept
  --jvm     Flink, Spark and Drools too; needs a JDK, 17 or newer
  --only    nothing but peers whose name contains it; shows what they reach and checks it, but keeps and writes nothing
  --resume  only what is not known yet
  --rounds  how often everything is run, ours and theirs in turn (1); the table shows medians
";

/// What is to be run.
struct Choice {
    jvm: bool,
    resume: bool,
    rounds: usize,
    /// Parts of names, in lower case; empty: all.
    names: Vec<String>,
    /// Nothing else, and nothing is kept.
    only: bool,
}

impl Choice {
    /// None where help was asked for.
    fn read(arguments: &[String]) -> Done<Option<Choice>> {
        let mut choice = Choice { jvm: false, resume: false, rounds: 1, names: Vec::new(), only: false };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--jvm" => choice.jvm = true,
                "--resume" => choice.resume = true,
                "--rounds" => {
                    let number = arguments.next().and_then(|text| text.parse().ok());
                    choice.rounds = number.ok_or("--rounds needs a number")?;
                }
                "--only" => {
                    choice.only = true;
                    choice.names.push(arguments.next().ok_or("--only needs a name")?.to_lowercase());
                }
                "--help" | "-h" => return Ok(None),
                flag if flag.starts_with('-') => return Err(format!("unknown argument {flag}\n{HELP}")),
                name => choice.names.push(name.to_lowercase()),
            }
        }
        let called = |peer: &Peer, name: &String| peer.name.to_lowercase().contains(name);
        for name in &choice.names {
            let mut meant = PEERS.iter().filter(|peer| called(peer, name)).peekable();
            if meant.peek().is_none() {
                return Err(format!("no peer is called {name}"));
            }
            if !choice.jvm && meant.all(|peer| peer.needs.on_jvm()) {
                return Err(format!("{name} runs with --jvm only"));
            }
        }
        Ok(Some(choice))
    }

    fn takes(&self, peer: &Peer) -> bool {
        let ours = matches!(peer.needs, Needs::Ours | Needs::Wheel { .. }) && !self.only;
        let named = self.names.iter().any(|name| peer.name.to_lowercase().contains(name));
        (self.names.is_empty() || ours || named) && (self.jvm || !peer.needs.on_jvm())
    }
}

/// The task `bench peers`.
pub(super) fn run_all(arguments: &[String]) -> Done {
    let Some(choice) = Choice::read(arguments)? else {
        print!("{HELP}");
        return Ok(());
    };
    let circumstances = results::circumstances();
    let data = data()?;
    let expected: Value = read(&data.join("expected.json")).ok_or("the expected answers cannot be read")?;
    let stored = results::folder().join("peers.json");
    let mut known: Map<String, Value> = match read(&stored) {
        Some(Value::Object(known)) if !choice.only => known,
        _ => Map::new(),
    };
    for round in 0..choice.rounds {
        for peer in PEERS.iter().filter(|peer| choice.takes(peer)) {
            if choice.resume && peer.runs.iter().all(|run| known.contains_key(&cell(peer, run))) {
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
                if !choice.only {
                    let text = Value::Object(known.clone()).to_string();
                    fs::write(&stored, text).map_err(|error| format!("cannot keep the results: {error}"))?;
                }
            }
        }
    }
    if !choice.only {
        let (text, panels) = table::write(&known, &circumstances);
        results::section("peers", &text)?;
        results::chart(
            "peers.svg",
            &super::chart::bars("Events a second (texts for W3), logarithmic", &panels),
        )?;
        println!("written: benches/RESULTS.md, benches/peers.svg");
    }
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
