//! The table of the peers and the panels of its chart.

use super::super::chart::{Bar, Panel, short};
use super::list::{
    BACKTEST, COLUMNS as TABLE, COUNTING, COUNTING_ALONE, FROM_IPC, FROM_JSON, FROM_PARQUET, FROM_PYTHON,
    LIMIT, LIVE, OURS, PARSER, PEERS, Peer, SLICES,
};
use serde_json::{Map, Value};
use std::fmt::Write as _;

const COLUMNS: [(&str, &str); 3] = [
    ("w1", "W1: one rule, at every message: more than 50 in 24 h?"),
    ("w2", "W2: ten rules at every event"),
    ("w3", "W3: 10,000 keywords in every text"),
];

/// Events a second.
fn rate(known: &Map<String, Value>, name: &str, column: &str) -> Option<f64> {
    let cell = known.get(&format!("{name} / {column}"))?;
    if cell["wrong"].as_bool() == Some(true) {
        return None;
    }
    Some(cell["events"].as_f64()? / cell["seconds"].as_f64()?)
}

/// The section of the results, and what the chart shows.
pub(super) fn write(known: &Map<String, Value>, circumstances: &str) -> (String, Vec<Panel>) {
    let mut text = String::from("## Beside what one would use instead\n\n");
    let _ = writeln!(text, "{circumstances}\n");
    text.push_str(
        "`cargo xtask bench peers`. 1,000,000 events of 47,448 customers over 60 days (Zipf), the same for all, each system from events in\n\
         memory in the form that suits it. *W1*: at every message, that customer's messages in the last 24 h, more than 50?\n\
         *W2*: ten conditions at every event, over 1 h, 24 h and 30 d. *W3*: all hits of 10,000 keywords, half Chinese, in 620,294 texts.\n\
         Every rate stands for answers that were checked and are exactly those of the others. *N ×* is how many times as many events a second\n\
         Tagwarden takes. **~**: run on the first events only, whose windows are not full yet, so that the whole would be slower still.\n\
         *Conditions only*: the engine has no windows per customer; those were programmed by hand, which is part of its time.\n\n\
         ![Events a second](peers.svg)\n\n\
         | system | how | W1, thousand events/s | W2, thousand events/s | W3, thousand texts/s | peak MB (W1 / W2 / W3) |\n\
         | --- | --- | --- | --- | --- | --- |\n",
    );
    // Of those that need Java only what was asked for.
    let ran = |peer: &&Peer| peer.runs.iter().any(|run| known.contains_key(&super::cell(peer, run)));
    let (shown, left_out): (Vec<_>, Vec<_>) =
        PEERS.iter().partition(|peer| !peer.needs.on_jvm() || ran(peer));
    for peer in shown {
        let version = COLUMNS.iter().find_map(|(column, _)| {
            known.get(&format!("{} / {column}", peer.name))?["version"].as_str().map(str::to_owned)
        });
        let name = match version {
            Some(version)
                if !matches!(
                    peer.name,
                    LIMIT
                        | SLICES
                        | LIVE
                        | FROM_JSON
                        | TABLE
                        | FROM_PARQUET
                        | FROM_IPC
                        | FROM_PYTHON
                        | BACKTEST
                        | COUNTING
                        | COUNTING_ALONE
                        | PARSER
                ) =>
            {
                format!("{} {version}", peer.name)
            }
            _ => peer.name.to_owned(),
        };
        let bold = if matches!(peer.name, OURS) { "**" } else { "" };
        let cells: Vec<String> = COLUMNS.iter().map(|(column, _)| cell(known, peer.name, column)).collect();
        let peaks: Vec<String> = COLUMNS.iter().map(|(column, _)| peak(known, peer.name, column)).collect();
        let _ = writeln!(
            text,
            "| {bold}{name}{bold} | {} | {} | {} |",
            peer.how,
            cells.join(" | "),
            peaks.join(" / ")
        );
    }
    if !left_out.is_empty() {
        let names: Vec<&str> = left_out.iter().map(|peer| peer.name).collect();
        let _ = writeln!(text, "\nNot asked for (`--jvm`): {}.", names.join(", "));
    }
    summary(&mut text, known);
    let mut missing: Vec<String> = known
        .iter()
        .filter_map(|(cell, result)| Some(format!("- {cell}: {}", result["not_run"].as_str()?)))
        .collect();
    missing.sort();
    if !missing.is_empty() {
        let _ = writeln!(text, "\nNot run:\n\n{}", missing.join("\n"));
    }
    (text, COLUMNS.iter().map(|(column, title)| panel(known, column, title)).collect())
}

fn cell(known: &Map<String, Value>, name: &str, column: &str) -> String {
    let Some(result) = known.get(&format!("{name} / {column}")) else { return "–".into() };
    if result["not_run"].is_string() {
        return "not run".into();
    }
    let Some(own) = rate(known, name, column) else { return "wrong answers".into() };
    let about = if result["prefix"].as_bool() == Some(true) { "~" } else { "" };
    let thousands = own / 1000.0;
    let mut text =
        if thousands >= 100.0 { format!("{about}{thousands:.0}") } else { format!("{about}{thousands:.1}") };
    if let Some(ours) = rate(known, OURS, column).filter(|_| name != OURS) {
        let _ = write!(text, " ({} ×)", factor(ours / own));
    }
    text
}

fn factor(times: f64) -> String {
    if times >= 10.0 { format!("{times:.0}") } else { format!("{times:.2}") }
}

fn peak(known: &Map<String, Value>, name: &str, column: &str) -> String {
    let peak = known.get(&format!("{name} / {column}")).and_then(|cell| cell["peak"].as_f64());
    peak.map_or("–".into(), |bytes| format!("{:.0}", bytes / 1e6))
}

/// The ratios that the project holds itself to.
fn summary(text: &mut String, known: &Map<String, Value>) {
    let times = |other: (&str, &str), ours: (&str, &str)| {
        Some(rate(known, other.0, other.1)? / rate(known, ours.0, ours.1)?)
    };
    // Time computed for, where both tell: a thread's own, which other programs on the machine do not stretch.
    let computed = |name: &str, column: &str| known.get(&format!("{name} / {column}"))?["computed"].as_f64();
    let longer = |ours: &str, other: &str| Some(computed(ours, "w2")? / computed(other, "w2")?);
    let polars = ["polars", "polars, tuned by hand"].iter().filter_map(|name| rate(known, name, "w2"));
    let polars = polars.reduce(f64::max);
    let lines = [
        (
            "W2 by process_batch in Python computes {} times as long as the same from an Arrow table in Rust",
            longer(FROM_PYTHON, TABLE),
        ),
        (
            "W2 by process_batch in Python computes {} times as long as typed events in Rust whose decisions are only counted",
            longer(FROM_PYTHON, SLICES),
        ),
        (
            "W2 by a backtest in Python that keeps every decision takes {} times as many events a second as the best of polars",
            rate(known, BACKTEST, "w2").zip(polars).map(|(ours, other)| ours / other),
        ),
        (
            "W2 by a backtest in Python that only counts takes {} times as many events a second as the best of polars",
            rate(known, COUNTING, "w2").zip(polars).map(|(ours, other)| ours / other),
        ),
        ("W1 takes {} times as long as the hand-written limit", times((LIMIT, "w1"), (OURS, "w1"))),
        ("W2 level takes {} times as long as the hand-written limit", times((LIMIT, "w2"), (OURS, "w2"))),
        (
            "W2 live, with exact ends, takes {} times as long as the hand-written limit",
            times((LIMIT, "w2"), (LIVE, "w2")),
        ),
        (
            "W2 from JSON Lines reaches {} of the rate at which the fastest parser alone reads the file",
            times((FROM_JSON, "w2"), (PARSER, "w2")),
        ),
    ];
    text.push('\n');
    for (line, times) in lines {
        if let Some(times) = times {
            let _ = writeln!(text, "- {}.", line.replace("{}", &format!("{times:.2}")));
        }
    }
}

fn panel(known: &Map<String, Value>, column: &str, title: &str) -> Panel {
    let mut bars: Vec<Bar> = PEERS
        .iter()
        .filter_map(|peer| {
            let rate = rate(known, peer.name, column)?;
            let class = match peer.name {
                OURS | SLICES | LIVE | FROM_JSON | TABLE | FROM_PYTHON | BACKTEST | COUNTING
                | COUNTING_ALONE => "ours",
                LIMIT | PARSER => "limit",
                _ => "other",
            };
            let label =
                peer.name.replace("JSON Lines read and forgotten (sonic-rs)", "reading the JSON Lines only");
            Some(Bar { label, value: rate / 1000.0, class, shown: short(rate) })
        })
        .collect();
    bars.sort_by(|left, right| right.value.total_cmp(&left.value));
    Panel { title: title.to_owned(), bars }
}
