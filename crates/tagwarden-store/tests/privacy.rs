//! What must not be in the file is not in the file.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail so")]
mod common;

use common::{RULES, Stream, audit, decisions, folder, key};
use std::path::Path;
use tagwarden::{Input, Reader, Rulebook, TimeUnit, Viewer};
use tagwarden_store::{Entry, Ledger, Options, verify};

/// Everything that lies on the disk of a ledger.
fn bytes(path: &Path) -> Vec<u8> {
    let mut all = std::fs::read(path).unwrap();
    all.extend(std::fs::read(path.with_extension("db-wal")).unwrap_or_default());
    all
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn private_texts_are_never_readable_and_gone_after_a_snapshot() {
    let rulebook = Rulebook::compile(RULES).unwrap();
    let folder = folder();
    let path = folder.path().join("l.db");
    let lateness = tagwarden::Duration::from_micros(3_600_000_000);
    // Held inputs are in the snapshot as they came.
    for (name, lateness) in [("l.db", tagwarden::Duration::ZERO), ("late.db", lateness)] {
        let path = folder.path().join(name);
        let options = || Options { lateness, ..Options::new(key()) };
        let mut ledger = Ledger::open(&path, &rulebook, options()).unwrap();
        let inputs = Stream::new(&rulebook, 3).take(400);
        ledger.apply(inputs[..200].iter().cloned().map(Entry::new)).unwrap();
        ledger.checkpoint().unwrap();
        ledger.apply(inputs[200..300].iter().cloned().map(Entry::new)).unwrap();
        assert!(!holds(&bytes(&path), "private words") && !holds(&bytes(&path), "rip-off a scam"));
        drop(ledger);
        let mut ledger = Ledger::open(&path, &rulebook, options()).unwrap();
        assert_eq!(ledger.opening().replayed, 100);
        ledger.apply(inputs[300..].iter().cloned().map(Entry::new)).unwrap();
        assert!(!holds(&bytes(&path), "private words"));
    }
    let sealed = |path: &Path| -> i64 {
        let reader = rusqlite::Connection::open(path).unwrap();
        reader.query_row("SELECT count(*) FROM sealed", [], |row| row.get(0)).unwrap()
    };
    assert!(sealed(&path) > 0);
    Ledger::open(&path, &rulebook, Options::new(key())).unwrap().checkpoint().unwrap();
    assert_eq!(sealed(&path), 0);
}

#[test]
fn with_pseudonyms_no_key_is_in_the_file_and_decisions_are_the_same() {
    let rulebook = Rulebook::compile(RULES).unwrap();
    let folder = folder();
    let (plain, masked) = (folder.path().join("plain.db"), folder.path().join("masked.db"));
    let reader = Reader::new(rulebook.schema(), TimeUnit::Millis);
    let inputs: Vec<Input> = (0..60)
        .map(|at| {
            let time = 1_767_225_600_000_u64 + at * 60_000;
            let line = format!(r#"{{"type":"refund","time":{time},"customer":"alice.smith-{}"}}"#, at % 7);
            reader.json(line.as_bytes()).unwrap()
        })
        .collect();
    let mut one = Ledger::open(&plain, &rulebook, Options::new(key())).unwrap();
    one.apply(inputs.iter().cloned().map(Entry::new)).unwrap();
    let options = Options { pseudonyms: true, ..Options::new(key()) };
    let mut other = Ledger::open(&masked, &rulebook, options).unwrap();
    other.apply(inputs.iter().cloned().map(Entry::new)).unwrap();
    other.checkpoint().unwrap();
    let now = other.engine().clock().unwrap();
    let viewer = Viewer { actor: "u1".into(), role: Some("agent".into()) };
    let status = other.view(&viewer, "customer", "alice.smith-1", now).unwrap().unwrap();
    assert_eq!(status.entries.len(), 1);
    assert!(holds(&bytes(&plain), "alice.smith") && !holds(&bytes(&masked), "alice.smith"));
    assert!(!holds(&audit(&other), "alice.smith"));
    let mut unmasked = decisions(&masked);
    for at in 0..7 {
        let name = format!("alice.smith-{at}");
        unmasked = unmasked.replace(&other.pseudonym("customer", &name), &name);
    }
    assert_eq!(unmasked, decisions(&plain));
}

#[test]
fn a_forgotten_subject_leaves_a_tombstone_and_nothing_else() {
    let rulebook = Rulebook::compile(RULES).unwrap();
    let folder = folder();
    let path = folder.path().join("l.db");
    let reader = Reader::new(rulebook.schema(), TimeUnit::Millis);
    let mut ledger = Ledger::open(&path, &rulebook, Options::new(key())).unwrap();
    let others = Stream::new(&rulebook, 3).take(300);
    for (at, input) in others.iter().enumerate() {
        let time = input.time().micros() / 1_000;
        let line = format!(
            r#"{{"type":"refund","time":{time},"customer":"bob \"quoted\" Müller","id":"of bob {at}"}}"#
        );
        let entries = [Entry::new(reader.json(line.as_bytes()).unwrap()), Entry::new(input.clone())];
        ledger.apply(entries).unwrap();
    }
    let key_of = "bob \"quoted\" Müller";
    let now = ledger.engine().clock().unwrap();
    let viewer = Viewer { actor: "u1".into(), role: Some("agent".into()) };
    assert_eq!(ledger.view(&viewer, "customer", key_of, now).unwrap().unwrap().entries.len(), 1);
    let forgotten = ledger.forget("customer", key_of).unwrap().unwrap();
    assert!(forgotten.inputs > 200 && forgotten.decisions > 10);
    assert!(!holds(&bytes(&path), "Müller"), "in the file");
    assert!(!holds(&audit(&ledger), "Müller"), "in the audit log");
    assert!(ledger.view(&viewer, "customer", key_of, now).unwrap().unwrap().entries.is_empty());
    assert!(ledger.forgotten("customer", key_of).unwrap().is_some());
    assert!(ledger.forgotten("customer", "somebody").unwrap().is_none());
    assert!(ledger.forget("customer", "somebody").unwrap().is_none());
    assert!(ledger.forget("person", "somebody").is_err());
    let report = verify(&audit(&ledger)[..]).unwrap();
    assert_eq!(report.erased, forgotten.records);
    // And it goes on after that, from the file.
    drop(ledger);
    let ledger = Ledger::open(&path, &rulebook, Options::new(key())).unwrap();
    assert_eq!(ledger.opening().replayed, 0, "a snapshot covers what can no longer be applied");
}

#[test]
fn retention_runs_by_ticks_and_is_logged() {
    let rulebook = Rulebook::compile(RULES).unwrap();
    let folder = folder();
    let path = folder.path().join("l.db");
    let keep = ["decisions 5d", "inputs 3d", "views 1d"].map(|text| text.parse().unwrap()).to_vec();
    let options = || Options { keep: keep.clone(), ..Options::new(key()) };
    let mut ledger = Ledger::open(&path, &rulebook, options()).unwrap();
    let inputs = Stream::new(&rulebook, 3).take(3_000);
    let viewer = Viewer { actor: "u1".into(), role: Some("agent".into()) };
    for batch in inputs.chunks(50) {
        ledger.apply(batch.iter().cloned().map(Entry::new)).unwrap();
        let now = ledger.engine().clock().unwrap();
        ledger.view(&viewer, "customer", "c1", now).unwrap().unwrap();
    }
    let reader = rusqlite::Connection::open(&path).unwrap();
    let number = |sql: &str| -> i64 { reader.query_row(sql, [], |row| row.get(0)).unwrap() };
    let now = ledger.engine().clock().unwrap().micros();
    let day = 86_400_000_000_i64;
    // Retention runs once a day, so a day more than is kept may be there.
    assert!(number("SELECT min(time) FROM inputs WHERE kind <> 'command'") >= now - 4 * day - day / 8);
    let open = "SELECT id FROM proposals";
    let oldest = number(&format!("SELECT min(time) FROM decisions WHERE id NOT IN ({open})"));
    assert!(oldest >= now - 6 * day - day / 8 && oldest < now - 4 * day, "{}", (now - oldest) / day);
    assert!(number("SELECT count(*) FROM audit WHERE kind = 'erased'") >= 10);
    assert!(number("SELECT count(*) FROM audit WHERE kind = 'view' AND body IS NULL") > 30);
    let report = verify(&audit(&ledger)[..]).unwrap();
    assert!(report.erased > 1_000);
    drop(ledger);
    Ledger::open(&path, &rulebook, options()).unwrap().verify_audit().unwrap();
}

#[test]
fn the_rulebook_says_how_long_what_is_kept_and_options_go_before_it() {
    let rules = format!("{RULES}\nkeep inputs 3d, views 1d\nkeep decisions 5d");
    let rulebook = Rulebook::compile(&rules).unwrap();
    let folder = folder();
    let day = 86_400_000_000_i64;
    for (name, keep, inputs_of) in
        [("rules.db", vec![], 3), ("options.db", vec!["inputs 9d".parse().unwrap()], 9)]
    {
        let path = folder.path().join(name);
        let mut ledger = Ledger::open(&path, &rulebook, Options { keep, ..Options::new(key()) }).unwrap();
        for batch in Stream::new(&rulebook, 3).take(3_000).chunks(50) {
            ledger.apply(batch.iter().cloned().map(Entry::new)).unwrap();
        }
        let reader = rusqlite::Connection::open(&path).unwrap();
        let oldest = |sql: &str| -> i64 {
            let time: i64 = reader.query_row(sql, [], |row| row.get(0)).unwrap();
            (ledger.engine().clock().unwrap().micros() - time) / day
        };
        // Retention runs once a day, so a day more than is kept may be there.
        let inputs = oldest("SELECT min(time) FROM inputs WHERE kind <> 'command'");
        assert!((inputs_of - 1..=inputs_of + 1).contains(&inputs), "{name}: {inputs} days of inputs");
        let decisions = oldest("SELECT min(time) FROM decisions WHERE id NOT IN (SELECT id FROM proposals)");
        assert!((4..=6).contains(&decisions), "{name}: {decisions} days of decisions");
        ledger.verify_audit().unwrap();
        drop(ledger);
        // By the file and key alone too: the rulebook that it ran last is in it.
        let kept = Ledger::open_kept(&path, Options::new(key())).unwrap();
        assert_eq!(kept.engine().rulebook().keeps().len(), 3);
    }
}
