//! What reading the JSON Lines costs without anything after it, by two parsers: the floor under every system that starts from text.
//!
//! The workloads are `sonic` and `serde`; the answer is the number of messages, so that nothing is left out.

use serde::Deserialize;
use std::hint::black_box;
use tagwarden_peers::Arguments;

/// One line, borrowing its texts.
#[derive(Deserialize)]
struct Line<'a> {
    time: &'a str,
    customer: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    channel: &'a str,
    amount: Option<f64>,
}

fn main() {
    let arguments = Arguments::read();
    let file = std::fs::read(arguments.data.join("events.jsonl")).expect("the events");
    let sonic = arguments.workload == "sonic";
    let version = if sonic { "0.5" } else { "1" };
    arguments.report(version, || {
        let mut messages = 0;
        for line in file.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).take(arguments.events) {
            let line: Line = if sonic {
                sonic_rs::from_slice(line).expect("JSON")
            } else {
                serde_json::from_slice(line).expect("JSON")
            };
            black_box((line.time, line.customer, line.channel, line.amount));
            messages += u64::from(line.kind == "message");
        }
        vec![messages]
    });
}
