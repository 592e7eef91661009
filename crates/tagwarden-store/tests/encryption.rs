//! An encrypted ledger: nothing readable in the file, and one clear error without the key.
//!
//! `cargo test -p tagwarden-store --features encryption --test encryption`

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail so")]
#![cfg(feature = "encryption")]

mod common;

use common::{RULES, Stream, folder, key};
use tagwarden::Rulebook;
use tagwarden_store::{Entry, Ledger, LedgerError, Options};

fn options(secret: Option<&str>) -> Options {
    Options { encryption: secret.map(str::to_owned), ..Options::new(key()) }
}

#[test]
fn without_the_key_nothing_can_be_read() {
    let rulebook = Rulebook::compile(RULES).unwrap();
    let folder = folder();
    let path = folder.path().join("l.db");
    let inputs = Stream::new(&rulebook, 3).take(600);
    let mut ledger = Ledger::open(&path, &rulebook, options(Some("it's a secret"))).unwrap();
    ledger.apply(inputs[..500].iter().cloned().map(Entry::new)).unwrap();
    let log = ledger.audit_head();
    let unreadable = || {
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend(std::fs::read(path.with_extension("db-wal")).unwrap_or_default());
        assert!(bytes.len() > 50_000);
        for text in [
            "SQLite format",
            "customer",
            "blocked",
            "refunds",
            "a refund",
            "c1",
            "CREATE TABLE",
            "private words",
        ] {
            let found = bytes.windows(text.len()).filter(|window| *window == text.as_bytes()).count();
            // Two letters may stand together by chance.
            assert!(found == 0 || text.len() < 3, "{text} is in the file");
        }
    };
    unreadable();
    drop(ledger);
    unreadable();
    for secret in [None, Some("it's another")] {
        let error = Ledger::open(&path, &rulebook, options(secret)).unwrap_err();
        assert!(matches!(error, LedgerError::Foreign { .. }), "{secret:?}: {error}");
        assert!(error.to_string().contains("its key is missing or wrong"), "{error}");
    }
    assert!(matches!(Ledger::open(&path, &rulebook, options(Some(""))), Err(LedgerError::Refused(_))));
    let mut ledger = Ledger::open(&path, &rulebook, options(Some("it's a secret"))).unwrap();
    assert_eq!(ledger.audit_head(), log);

    ledger.change_encryption_key("a new one").unwrap();
    ledger.apply(inputs[500..].iter().cloned().map(Entry::new)).unwrap();
    let log = ledger.audit_head();
    drop(ledger);
    unreadable();
    assert!(Ledger::open(&path, &rulebook, options(Some("it's a secret"))).is_err());
    let ledger = Ledger::open(&path, &rulebook, options(Some("a new one"))).unwrap();
    assert_eq!(ledger.audit_head(), log);
    ledger.verify_audit().unwrap();
}
