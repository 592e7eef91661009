//! A process that applies a stream is killed at random points, 300 times; what is in the file is what an undisturbed run
//! leaves, to the byte.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail so")]
#![cfg(unix)]

mod common;

use common::{RULES, Stream, audit, decisions, folder, key};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tagwarden::Rulebook;
use tagwarden_store::{Entry, Ledger, LedgerError, Options};

/// Inputs of the stream. When all are applied before the last kill, another file is begun.
const INPUTS: u64 = 6_000;
const KILLS: u32 = 300;
const SEED: u64 = 42;

/// Set for the process that is killed: the file that it works on.
const CHILD: &str = "TAGWARDEN_CRASH_CHILD";

fn options(round: u64) -> Options {
    Options { snapshot_every: 300, power_safe: round.is_multiple_of(2), ..Options::new(key()) }
}

/// A small generator of its own: what is killed when must not depend on the stream.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

/// Goes on where the file says, a few inputs back: those are known by their keys and answered as before.
fn go_on(path: &Path, rulebook: &Rulebook, round: u64, opened: impl FnOnce()) {
    let mut ledger = Ledger::open(path, rulebook, options(round)).unwrap();
    opened();
    let mut dice = Dice(round);
    let mut at = ledger.inputs().saturating_sub(dice.roll(20));
    let mut stream = Stream::new(rulebook, SEED).skip(at);
    while at < INPUTS {
        let size = (1 + dice.roll(40)).min(INPUTS - at);
        let batch: Vec<Entry> =
            (at..at + size).map(|at| Entry::new(stream.input()).with_key(format!("key {at}"))).collect();
        for (answer, at) in ledger.apply(batch).unwrap().iter().zip(at..) {
            assert_eq!(answer.input, at as i64 + 1);
        }
        at += size;
    }
}

/// No test of its own: the process that is killed.
#[test]
fn the_process_that_is_killed() {
    let Ok(path) = std::env::var(CHILD) else { return };
    let (path, round) = path.rsplit_once('#').unwrap();
    let rulebook = Rulebook::compile(RULES).unwrap();
    go_on(Path::new(path), &rulebook, round.parse().unwrap(), || {
        use std::io::Write;
        let mut out = std::io::stdout();
        out.write_all(b"\nopened\n").unwrap();
        out.flush().unwrap();
    });
}

fn start(path: &Path, round: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["the_process_that_is_killed", "--exact", "--nocapture", "--test-threads=1"])
        .env(CHILD, format!("{}#{round}", path.display()))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn wait_until_open(child: &mut Child) {
    let out = child.stdout.as_mut().unwrap();
    let (mut seen, mut byte) = (String::new(), [0]);
    while !seen.ends_with("\nopened\n") && out.read(&mut byte).unwrap_or(0) == 1 {
        seen.push(char::from(byte[0]));
    }
}

#[test]
fn killed_300_times_it_decides_what_an_undisturbed_run_decides() {
    let rulebook = Rulebook::compile(RULES).unwrap();
    let folder = folder();
    let calm = folder.path().join("calm.db");
    go_on(&calm, &rulebook, 1, || {});
    let expected = Ledger::open(&calm, &rulebook, options(1)).unwrap();
    let (expected_log, expected_decisions) = (audit(&expected), decisions(&calm));
    assert!(expected_decisions.lines().count() > 2_000);

    let (mut kills, mut round, mut files, mut torn) = (0, 0, 0, 0);
    let mut dice = Dice(7);
    while kills < KILLS {
        files += 1;
        let path: PathBuf = folder.path().join(format!("killed {files}.db"));
        loop {
            round += 1;
            let mut child = start(&path, round);
            // Most are killed while they apply, some while they open.
            if dice.roll(8) > 0 {
                wait_until_open(&mut child);
            }
            std::thread::sleep(Duration::from_micros(dice.roll(40_000)));
            let ended = child.try_wait().unwrap();
            child.kill().ok();
            let status = child.wait().unwrap();
            if ended.is_some() {
                assert!(status.success(), "the process failed by itself");
                break;
            }
            kills += u32::from(!status.success());
            torn += u32::from(path.with_extension("db-wal").metadata().is_ok_and(|data| data.len() > 0));
            if kills == KILLS {
                go_on(&path, &rulebook, 1, || {});
                break;
            }
        }
        let ledger = Ledger::open(&path, &rulebook, options(1)).unwrap();
        assert_eq!(ledger.inputs(), INPUTS);
        assert!(decisions(&path) == expected_decisions, "decisions differ in file {files}");
        assert!(audit(&ledger) == expected_log, "audit logs differ in file {files}");
        ledger.verify_audit().unwrap();
    }
    println!("{kills} kills over {files} files, {torn} with a log to recover");
}

#[test]
fn a_torn_file_is_refused_or_goes_on_from_a_whole_transaction() {
    let rulebook = Rulebook::compile(RULES).unwrap();
    let folder = folder();
    let whole = folder.path().join("whole.db");
    let inputs = Stream::new(&rulebook, 5).take(1_200);
    let apply = |ledger: &mut Ledger, from: usize, to: usize| -> Result<(), LedgerError> {
        for batch in inputs[from..to].chunks(100) {
            ledger.apply(batch.iter().cloned().map(Entry::new))?;
        }
        Ok(())
    };
    let mut ledger = Ledger::open(&whole, &rulebook, options(1)).unwrap();
    apply(&mut ledger, 0, 1_000).unwrap();
    // As a crash leaves it: the file and the log beside it, copied while the ledger is open.
    let file = std::fs::read(&whole).unwrap();
    let log = std::fs::read(whole.with_extension("db-wal")).unwrap();
    apply(&mut ledger, 1_000, 1_200).unwrap();
    let (expected_log, expected_decisions) = (audit(&ledger), decisions(&whole));
    drop(ledger);
    let closed = std::fs::read(&whole).unwrap();
    assert!(log.len() > 10_000 && closed.len() > 100_000);

    let (mut refused, mut recovered) = (0, 0);
    let mut dice = Dice(3);
    for case in 0..60 {
        let (mut file, mut log) =
            if case % 3 == 0 { (closed.clone(), Vec::new()) } else { (file.clone(), log.clone()) };
        let cut = if case % 3 == 1 { &mut log } else { &mut file };
        cut.truncate(dice.roll(cut.len() as u64) as usize);
        let path = folder.path().join(format!("torn {case}.db"));
        std::fs::write(&path, &file).unwrap();
        if !log.is_empty() {
            std::fs::write(path.with_extension("db-wal"), &log).unwrap();
        }
        let strict = Options { create: false, ..options(1) };
        let gone_on = Ledger::open(&path, &rulebook, strict).and_then(|mut ledger| {
            // What it holds is whole, and it says how much that is.
            let from = usize::try_from(ledger.inputs()).unwrap();
            assert!(from % 100 == 0, "a part of a transaction: {from}");
            apply(&mut ledger, from, 1_200)?;
            ledger.verify_audit()?;
            Ok(ledger)
        });
        match gone_on {
            Ok(ledger) => {
                recovered += 1;
                assert!(decisions(&path) == expected_decisions, "decisions differ in case {case}");
                assert!(audit(&ledger) == expected_log, "audit logs differ in case {case}");
            }
            Err(LedgerError::Damaged { .. } | LedgerError::Foreign { .. } | LedgerError::Missing { .. }) => {
                refused += 1;
            }
            Err(other) => panic!("case {case}: {other}"),
        }
    }
    assert!(refused > 5 && recovered > 5, "{refused} refused, {recovered} recovered");
}
