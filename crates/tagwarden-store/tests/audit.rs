//! An exported audit log: whatever is changed in it is found, with the file alone.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail so")]
mod common;

use common::{RULES, Stream, audit, folder, key};
use tagwarden::{Rulebook, Viewer};
use tagwarden_store::{Entry, Ledger, Options, verify};

fn ledger(folder: &tempfile::TempDir) -> Ledger {
    let rulebook = Rulebook::compile(RULES).unwrap();
    let mut ledger = Ledger::open(folder.path().join("l.db"), &rulebook, Options::new(key())).unwrap();
    ledger.apply(Stream::new(&rulebook, 11).take(250).into_iter().map(Entry::new)).unwrap();
    let viewer = Viewer { actor: "u7".into(), role: Some("agent".into()) };
    let now = ledger.engine().clock().unwrap();
    ledger.view(&viewer, "customer", "c1", now).unwrap().unwrap();
    ledger
}

#[test]
fn one_bit_flipped_anywhere_is_found() {
    let folder = folder();
    let rulebook = Rulebook::compile(RULES).unwrap();
    let mut ledger = Ledger::open(folder.path().join("l.db"), &rulebook, Options::new(key())).unwrap();
    ledger.apply(Stream::new(&rulebook, 11).take(36).into_iter().map(Entry::new)).unwrap();
    for customer in 0..20 {
        ledger.forget("customer", &format!("c{customer}")).unwrap();
    }
    let whole = audit(&ledger);
    let report = verify(&whole[..]).unwrap();
    assert!(report.records > 12 && report.records > report.erased && report.erased > 0, "{report:?}");
    for at in 0..whole.len() {
        for bit in 0..8 {
            // All bits of some bytes, and one bit of each.
            if at % 97 != 0 && bit != at % 8 {
                continue;
            }
            let mut changed = whole.clone();
            changed[at] ^= 1 << bit;
            assert!(verify(&changed[..]).is_err(), "bit {bit} of byte {at}");
        }
    }
}

#[test]
fn a_record_removed_added_moved_or_emptied_is_found() {
    let folder = folder();
    let whole = String::from_utf8(audit(&ledger(&folder))).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    let broken = |lines: &[&str]| verify((lines.join("\n") + "\n").as_bytes()).unwrap_err();
    assert!(verify((lines.join("\n") + "\n").as_bytes()).is_ok());
    for at in 0..lines.len() {
        let mut without = lines.clone();
        without.remove(at);
        let error = broken(&without);
        assert!(error.line as usize <= at + 1, "{error}");
        let mut twice = lines.clone();
        twice.insert(at, lines[at]);
        broken(&twice);
        if at + 1 < lines.len() {
            let mut moved = lines.clone();
            moved.swap(at, at + 1);
            broken(&moved);
        }
        if let Some(salt) = lines[at].find(",\"salt\"") {
            let emptied = format!("{},\"erased\":true}}", &lines[at][..salt]);
            let mut emptied_lines = lines.clone();
            emptied_lines[at] = &emptied;
            let error = broken(&emptied_lines);
            assert_eq!(error.line as usize, at + 1, "{error}");
        }
    }
    for cut in [whole.len() - 1, whole.len() / 2, 60, 0] {
        assert!(verify(&whole.as_bytes()[..cut]).is_err());
    }
    assert!(verify((whole.clone() + "\n").as_bytes()).is_err());
}

#[test]
fn a_change_in_the_file_of_the_ledger_is_found_too() {
    let folder = folder();
    let path = folder.path().join("l.db");
    let ledger = ledger(&folder);
    ledger.verify_audit().unwrap();
    let tamper = rusqlite::Connection::open(&path).unwrap();
    tamper
        .execute("UPDATE decisions SET body = replace(body, 'blocked', 'blockes') WHERE id = 5", [])
        .unwrap();
    tamper.execute("UPDATE decisions SET body = replace(body, 'tagged', 'tagget') WHERE id = 5", []).unwrap();
    tamper
        .execute("UPDATE decisions SET body = replace(body, 'customer', 'customes') WHERE id = 5", [])
        .unwrap();
    let error = ledger.verify_audit().unwrap_err().to_string();
    let record: i64 = tamper
        .query_row("SELECT id FROM audit WHERE kind = 'decision' AND ref = 5", [], |row| row.get(0))
        .unwrap();
    assert!(error.contains(&format!("line {}:", record + 1)), "{error}");
}

#[test]
fn hostile_files_are_refused() {
    for file in [
        "",
        "\n",
        "{}\n",
        "{\"tagwarden_audit\":2,\"ledger\":\"00000000000000000000000000000000\"}\n",
        "{\"tagwarden_audit\":1,\"ledger\":\"zz\"}\n",
        "{\"tagwarden_audit\":1,\"ledger\":\"00000000000000000000000000000000\"}\n[1]\n",
        "{\"tagwarden_audit\":1,\"ledger\":\"00000000000000000000000000000000\"}\n{\"records\":9,\"head\":\"\"}\n",
    ] {
        assert!(verify(file.as_bytes()).is_err(), "{file}");
    }
    assert!(verify(&[0xff, 0xfe, b'\n'][..]).is_err());
}
