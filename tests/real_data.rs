//! Real messages of an online community: who had sent more than 50 in the trailing 24 hours, and when exactly.
//!
//! The data is not part of the project. It is looked for in `../shared/data`, seen from the project's root; where it
//! is missing the test says that it skips. The expected intervals were computed twice, by a window query of a
//! database and by a plain loop over a queue (data: Panzarasa, Opsahl, Carley 2009).

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use tagwarden::{Change, Decision, Engine, Reader, Rulebook, TimeUnit, Timestamp};

const SCHEMA: &str = "entity customer\nevent message(customer) { receiver: string }\n";

fn data(name: &str) -> Option<String> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = root.join("../shared/data").join(name);
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        eprintln!("skipped: there is no ../shared/data/{name}");
    }
    text
}

/// (customer, from, to), in seconds since 1970.
type Interval = (String, i64, i64);

fn expected() -> Option<Vec<Interval>> {
    let text = data("expected/collegemsg_gt50_intervals.csv")?;
    let row = |line: &str| {
        let mut cells = line.split(',');
        let mut next = || cells.next().expect("three columns");
        (next().to_owned(), next().parse().expect("seconds"), next().parse().expect("seconds"))
    };
    let mut rows: Vec<Interval> = text.lines().skip(1).map(row).collect();
    rows.sort();
    Some(rows)
}

/// Runs the messages, as lines of JSON, and returns from when to when each sender was tagged.
fn intervals(rule: &str) -> Option<Vec<Interval>> {
    let messages = data("collegemsg.txt")?;
    let rulebook = Rulebook::compile(&format!("{SCHEMA}{rule}")).unwrap();
    let reader = Reader::new(rulebook.schema(), TimeUnit::Seconds);
    let mut engine = Engine::new(&rulebook);
    let mut decisions: Vec<Decision> = Vec::new();
    for line in messages.lines() {
        let cells: Vec<&str> = line.split_whitespace().collect();
        let [sender, receiver, second] = cells[..] else { panic!("three columns: {line}") };
        let json =
            format!(r#"{{"type":"message","time":{second},"customer":"{sender}","receiver":"{receiver}"}}"#);
        decisions.extend(engine.apply(&reader.json(json.as_bytes()).unwrap()).unwrap());
    }
    // No message comes any more, but the windows run on.
    decisions.extend(engine.advance_to("2005-01-01T00:00:00Z".parse().unwrap()).unwrap());
    let second = |time: Timestamp| {
        assert_eq!(time.micros() % 1_000_000, 0, "the data has whole seconds");
        time.micros() / 1_000_000
    };
    let mut open = BTreeMap::new();
    let mut closed = Vec::new();
    for decision in decisions {
        let subject = decision.subject.to_string();
        match decision.change {
            Change::Tagged { .. } => assert_eq!(open.insert(subject, second(decision.time)), None),
            Change::Untagged { .. } => {
                let from = open.remove(&subject).expect("tagged before");
                closed.push((subject, from, second(decision.time)));
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(open.is_empty(), "every tag has ended");
    closed.sort();
    Some(closed)
}

#[test]
fn a_while_rule_gives_exactly_the_intervals() {
    let Some(expected) = expected() else { return };
    let Some(found) = intervals("rule busy { while count(message) over 24h > 50 then tag busy }") else {
        return;
    };
    assert_eq!(found.len(), 124);
    assert_eq!(found, expected);
}

#[test]
fn a_when_rule_with_until_gives_exactly_the_intervals() {
    let Some(expected) = expected() else { return };
    let rule =
        "rule busy { when count(message) over 24h > 50 then tag busy until count(message) over 24h <= 50 }";
    let Some(found) = intervals(rule) else { return };
    assert_eq!(found, expected);
}
