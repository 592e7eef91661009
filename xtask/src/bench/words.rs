//! `cargo xtask bench words`: keyword searches beside bare automata, and beside what a user would pick instead.

use super::environment::{self, Needs};
use super::results;
use crate::process::{self, Done};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

/// A row of the table.
struct Peer {
    name: &'static str,
    /// What it does that ours does not, or the other way round.
    how: &'static str,
    needs: Needs,
    /// Workload and setting, and the texts that it is run on: the first ones only where it is slow.
    runs: &'static [(&'static str, usize)],
}

const ALL: usize = usize::MAX;

const PEERS: &[Peer] = &[
    Peer {
        name: "pyahocorasick (Python)",
        how: "all hits",
        needs: Needs::Python { script: "words_pyahocorasick.py", packages: &["pyahocorasick==2.3.1"] },
        runs: &[("chinese.anywhere", ALL), ("english.anywhere", ALL)],
    },
    Peer {
        name: "ahocorasick_rs (Python)",
        how: "all hits",
        needs: Needs::Python { script: "words_ahocorasick_rs.py", packages: &["ahocorasick_rs==1.0.3"] },
        runs: &[("chinese.anywhere", ALL), ("english.anywhere", ALL)],
    },
    Peer {
        name: "flashtext (Python)",
        how: "whole words, the longest where they overlap; takes `_` for a letter",
        needs: Needs::Python { script: "words_flashtext.py", packages: &["flashtext==2.7"] },
        runs: &[("chinese.words", ALL), ("english.words", ALL)],
    },
    Peer {
        name: "mint-filter (Node)",
        how: "of all that end at a place the longest; loses what ends inside another pattern",
        needs: Needs::Node { script: "words-mint-filter.mjs" },
        runs: &[("chinese.anywhere", ALL), ("english.anywhere", ALL)],
    },
    Peer {
        name: "obscenity (Node)",
        how: "all hits, each pattern a regular expression",
        needs: Needs::Node { script: "words-obscenity.mjs" },
        runs: &[("chinese.anywhere", 20), ("english.anywhere", 11_000), ("english.words", 11_000)],
    },
];

const COLUMNS: [&str; 4] = ["chinese.anywhere", "chinese.words", "english.anywhere", "english.words"];

const HELP: &str = "\
cargo xtask bench words [--rounds N] [NAME ...]

  NAME      only peers whose name contains it; `none` for none
  --rounds  how often ours and the bare automata are run, in turn (15); the table shows medians
";

/// The task `bench words`.
pub(super) fn run(arguments: &[String]) -> Done {
    let (mut rounds, mut filters) = ("15".to_owned(), Vec::new());
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--rounds" => rounds = arguments.next().ok_or("--rounds needs a number")?.clone(),
            "--help" | "-h" => {
                print!("{HELP}");
                return Ok(());
            }
            flag if flag.starts_with('-') => return Err(format!("unknown argument {flag}\n{HELP}")),
            name => filters.push(name.to_lowercase()),
        }
    }
    let circumstances = results::circumstances();
    let folder = results::folder().join("words");
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let build = ["build", "--release", "--quiet", "--package", "tagwarden-benches", "--bin", "bench-words"];
    process::run(process::cargo(&build))?;
    let program = format!("bench-words{}", std::env::consts::EXE_SUFFIX);
    let mut command = Command::new(process::target_dir().join("release").join(program));
    command.arg(&folder).arg(&rounds).current_dir(process::root());
    let printed = environment::capture(&mut command, 600)?;
    let ours: Value = serde_json::from_str(printed.lines().last().unwrap_or_default())
        .map_err(|error| format!("bench-words: {error}"))?;
    let ours: Vec<Value> = ours.as_array().cloned().unwrap_or_default();
    for workload in &ours {
        println!("{:<42} {}", workload["name"].as_str().unwrap_or_default(), workload["ours"]);
    }

    let mut cells: BTreeMap<(usize, &str), Value> = BTreeMap::new();
    for (at, peer) in PEERS.iter().enumerate() {
        if !filters.is_empty() && !filters.iter().any(|filter| peer.name.to_lowercase().contains(filter)) {
            continue;
        }
        let program = environment::prepare(peer.needs);
        for &(run, texts) in peer.runs {
            let cell = match (&program, workload(&ours, run)) {
                (_, None) => continue,
                (Err(reason), _) => json!({ "not_run": reason }),
                (Ok((program, before)), Some(ours)) => {
                    let texts = texts.min(ours["texts"].as_u64().unwrap_or(0) as usize);
                    let mut command = Command::new(program);
                    command.args(before).current_dir(environment::working_directory(peer.needs));
                    one(command, &folder, run, texts, ours)
                }
            };
            println!("{:<42} {run:<18} {cell}", peer.name);
            cells.insert((at, run), cell);
        }
    }
    results::section("words", &section(&ours, &cells, &circumstances))?;
    println!("written: benches/RESULTS.md");
    Ok(())
}

/// What was measured of ours for the workload of a run.
fn workload<'v>(ours: &'v [Value], run: &str) -> Option<&'v Value> {
    let name = run.split('.').next()?;
    ours.iter().find(|workload| workload["name"].as_str() == Some(name))
}

/// Runs one cell, and holds what it finds against what there is.
fn one(mut command: Command, folder: &Path, run: &str, texts: usize, ours: &Value) -> Value {
    command.arg(folder).args([run, &texts.to_string(), "3"]).env("PYTHONDONTWRITEBYTECODE", "1");
    let printed = match environment::capture(&mut command, 300) {
        Ok(printed) => printed,
        Err(reason) => return json!({ "not_run": reason }),
    };
    let Ok(result) = serde_json::from_str::<Value>(printed.lines().last().unwrap_or_default()) else {
        return json!({ "not_run": "it printed no result" });
    };
    let counts: Vec<u64> = fs::read_to_string(folder.join(run))
        .unwrap_or_default()
        .lines()
        .take(texts)
        .filter_map(|line| line.parse().ok())
        .collect();
    let setting = run.split('.').nth(1).unwrap_or_default();
    let nanos = result["computed"].as_f64().unwrap_or(f64::NAN) * 1e9 / texts as f64;
    json!({
        "nanos": nanos,
        "times": nanos / ours["peers"][setting].as_f64().unwrap_or(f64::NAN),
        "found": result["answers"],
        "there": [counts.iter().filter(|&&count| count > 0).count(), counts.iter().sum::<u64>()],
        "texts": texts,
        "peak": result["peak"],
        "version": result["version"],
    })
}

/// The section of the results.
fn section(ours: &[Value], cells: &BTreeMap<(usize, &str), Value>, circumstances: &str) -> String {
    let mut text = format!("## Keywords\n\n{circumstances} `cargo xtask bench words`.\n\n");
    text.push_str(
        "### Beside bare automata\n\
         *Ours* is the whole path: fold (case, width, script, invisible), search, edges of words, `except`, hits sorted with offsets in all three units. The others count all\n\
         overlapping hits, wherever they are, in texts that were folded before. *With filter* is daachorse as it comes, with its own filter in front of the automaton, *bare*\n\
         is the same without. Nanoseconds a text, medians of rounds in turn, time computed for; *of* is the rate of ours over that of the other, within a round.\n\n\
         | workload | texts, bytes each | ours, hits | ours, `has` | bare daachorse | with filter | bare aho-corasick | of bare | of with filter |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    for it in ours {
        let _ = writeln!(
            text,
            "| {} | {}, {:.0} | {:.0} | {:.0} | {:.0} | {:.0} | {:.0} | **{:.2}** | **{:.2}** |",
            it["title"].as_str().unwrap_or_default(),
            it["texts"],
            number(&it["bytes"]) / number(&it["texts"]),
            number(&it["ours"]["hits"]),
            number(&it["ours"]["has"]),
            number(&it["bare"]["daachorse"]),
            number(&it["bare"]["filtered"]),
            number(&it["bare"]["aho-corasick"]),
            number(&it["of_daachorse"]),
            number(&it["of_filtered"]),
        );
    }
    text.push_str(
        "\n| patterns | build, ms | load what was compiled, ms | kept, MB | heap, MB | heap of the bare automaton, MB |\n\
         | --- | --- | --- | --- | --- | --- |\n",
    );
    for it in ours {
        let mega = |value: &Value| number(value) / 1e6;
        let _ = writeln!(
            text,
            "| {} | {:.1} | {:.1} | {:.2} | {:.2} | {:.2} |",
            it["patterns"],
            number(&it["build"]),
            number(&it["load"]),
            mega(&it["saved"]),
            mega(&it["heap"]),
            mega(&it["bare_heap"]),
        );
    }
    text.push_str(
        "\n### Beside what one would use instead\n\
         Nothing but case is undone, since that is what the others can do; each folds the texts itself. *Anywhere* looks for patterns wherever they are, *words* for whole words. Thousand texts\n\
         a second by time computed for; *N ×* is how many times as many Tagwarden (in Rust) searches in the same setting. Below it hits found of those that there are, and texts\n\
         with a hit where these differ too. **~**: run on the first texts only. An empty cell: it has no such setting.\n\n\
         | system | Chinese, anywhere | Chinese, words | English, anywhere | English, words | how |\n\
         | --- | --- | --- | --- | --- | --- |\n",
    );
    let rate = |run: &str| {
        let setting = run.split('.').nth(1).unwrap_or_default();
        workload(ours, run).map_or(String::new(), |it| format!("{:.0}", 1e6 / number(&it["peers"][setting])))
    };
    let rates: Vec<String> = COLUMNS.iter().map(|run| rate(run)).collect();
    let _ = writeln!(
        text,
        "| **Tagwarden {}** | {} | all hits, all offsets |",
        env!("CARGO_PKG_VERSION"),
        rates.join(" | ")
    );
    for (at, peer) in PEERS.iter().enumerate() {
        let shown: Vec<String> =
            COLUMNS.iter().map(|&run| cells.get(&(at, run)).map_or(String::new(), shown)).collect();
        let version =
            cells.iter().find(|((of, _), _)| *of == at).and_then(|(_, cell)| cell["version"].as_str());
        let _ = writeln!(
            text,
            "| {} {} | {} | {} |",
            peer.name,
            version.unwrap_or_default(),
            shown.join(" | "),
            peer.how
        );
    }
    text
}

fn shown(cell: &Value) -> String {
    if let Some(reason) = cell["not_run"].as_str() {
        return format!("not run: {}", reason.replace('|', "/"));
    }
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    let few = if number(&cell["texts"]) < 20_000.0 { "~" } else { "" };
    let rate = 1e6 / number(&cell["nanos"]);
    let rate = if rate < 10.0 { format!("{rate:.2}") } else { format!("{rate:.0}") };
    let mut text = format!("{few}{rate} ({:.1} ×)", number(&cell["times"]));
    let (found, there) = (&cell["found"], &cell["there"]);
    let _ = write!(text, "<br>{} of {} hits", found[1], there[1]);
    if found[0] != there[0] {
        let _ = write!(text, ", {} of {} texts", found[0], there[0]);
    }
    text
}
