//! `cargo xtask demo`: a year of a shop's events, the sample rulebook over them, and what it decided.

mod people;
mod stream;
mod texts;

use crate::process::{self, Done, build_cli, command, root};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::time::Instant;

pub(crate) use stream::END;

const RULEBOOK: &str = "examples/rules/support.tw";
const EVENTS: &str = "out/demo/events.jsonl";
const DECISIONS: &str = "out/demo/decisions.jsonl";

/// Writes the events, runs the rulebook, shows the summary and a few decisions.
pub(crate) fn run() -> Done {
    let root = root();
    fs::create_dir_all(root.join("out/demo")).map_err(|error| format!("out/demo: {error}"))?;

    let events = stream::year();
    write_events(&root.join(EVENTS), &events).map_err(|error| format!("{EVENTS}: {error}"))?;
    println!("{EVENTS}: a year of {} customers, {} events", people::CUSTOMERS, events.len());
    println!("{}\n", kinds(&events));

    println!("Building the command line (the first time this takes a minute or two) ...");
    let cli = build_cli()?;
    println!("tagwarden run {RULEBOOK} {EVENTS} --until {} --summary > {DECISIONS}\n", stream::END);
    let decisions = File::create(root.join(DECISIONS)).map_err(|error| format!("{DECISIONS}: {error}"))?;
    let arguments = ["run", RULEBOOK, EVENTS, "--until", stream::END, "--summary", "--format", "jsonl"];
    let mut tagwarden = command(&cli.to_string_lossy(), &arguments);
    tagwarden.stdout(decisions);
    let start = Instant::now();
    process::run(tagwarden)?;
    println!("\nRun in {:.2} s, reading and writing the files included.", start.elapsed().as_secs_f64());

    show_examples(&root.join(DECISIONS)).map_err(|error| format!("{DECISIONS}: {error}"))?;
    println!("\nThe rules: {RULEBOOK}\nEvery decision with its reasons: {DECISIONS}");
    Ok(())
}

/// Writes the events alone.
pub(crate) fn write(path: &Path) -> std::io::Result<()> {
    write_events(path, &stream::year())
}

fn write_events(path: &Path, events: &[stream::Event]) -> std::io::Result<()> {
    let mut text = String::new();
    for event in events {
        let _ = writeln!(text, "{}", event.json);
    }
    fs::write(path, text)
}

/// How many of each type, most first.
fn kinds(events: &[stream::Event]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for event in events {
        *counts.entry(event.kind).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let shown: Vec<_> = counts.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
    shown.join(", ")
}

/// What each of a few rules did last, one line each with its reason.
fn show_examples(path: &Path) -> std::io::Result<()> {
    const RULES: [&str; 6] =
        ["message_flood", "abusive_complaint", "gold", "churn_risk", "risky", "bulk_export"];
    let mut last: BTreeMap<String, (u8, String)> = BTreeMap::new();
    for line in BufReader::new(File::open(path)?).lines() {
        let Ok(decision) = serde_json::from_str::<Value>(&line?) else { continue };
        let word = |key: &str| decision[key].as_str().unwrap_or_default();
        let (rule, text) = (word("rule"), decision["reason"]["text"].as_str());
        let Some(text) = text.filter(|_| RULES.contains(&rule)) else { continue };
        // What it is there for, rather than what comes with it.
        let weight = match word("kind") {
            "untagged" | "unlisted" => 0,
            "notified" => 1,
            _ => 2,
        };
        if last.get(rule).is_some_and(|(before, _)| *before > weight) {
            continue;
        }
        let time = stream::local(word("time"));
        let shown = format!("{time}  {}  {}: {text}", word("subject"), change(&decision));
        last.insert(rule.to_owned(), (weight, shown));
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "\nWhat some rules did last, and why (times of Asia/Shanghai)")?;
    for (_, line) in RULES.iter().filter_map(|rule| last.get(*rule)) {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}

/// What a decision changed, in a few words.
fn change(decision: &Value) -> String {
    let word = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let kind = word(decision, "kind");
    match &*kind {
        "scored" => format!("{} is now {}", word(decision, "score"), word(decision, "value")),
        "proposed" => {
            let action = &decision["action"];
            format!("proposed for {}{}", word(action, "list"), word(action, "tag"))
        }
        _ => {
            let what = ["tag", "list", "channel"].map(|key| word(decision, key)).concat();
            format!("{kind} {what}")
        }
    }
}
