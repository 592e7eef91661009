//! Lists and tags from and to CSV and Excel.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail so")]
mod common;

use common::{RULES, folder, key};
use std::time::Instant;
use tagwarden::{Rulebook, Viewer};
use tagwarden_store::table::{Content, Format, Import, ImportReport, Mode, RowOutcome};
use tagwarden_store::{Ledger, LedgerError, Options};

fn ledger(folder: &tempfile::TempDir, name: &str) -> Ledger {
    let rulebook = Rulebook::compile(RULES).unwrap();
    Ledger::open(folder.path().join(name), &rulebook, Options::new(key())).unwrap()
}

fn import() -> Import {
    Import::new("customer", "u1", "2026-01-10T00:00:00Z".parse().unwrap())
}

fn refused(report: &ImportReport) -> Vec<(u64, &str)> {
    let rows = report.rows.iter();
    rows.filter_map(|row| match &row.outcome {
        RowOutcome::Refused(why) => Some((row.row, why.as_str())),
        _ => None,
    })
    .collect()
}

const TABLE: &str = "\
identifier,list,tag,level,category,reason,from,until,review,actor
c1,blocked,,2,abuse,insults,2025-12-01,2026-03-01,30d,u7
c2,blocked,,1,,,,never,2026-02-01,
\"c,3\",,silver,,,a good customer,,,,
";

#[test]
fn rows_become_commands_with_their_columns() {
    let folder = folder();
    let mut ledger = ledger(&folder, "l.db");
    let options = Import { reason: Some("taken over".into()), ..import() };
    let report = ledger.import(TABLE.as_bytes(), Format::Csv, &options).unwrap();
    assert_eq!((report.refused(), report.rows.len(), report.kept), (0, 3, true), "{report:?}");
    let status = |key: &str| ledger.engine().status("customer", key, options.time).unwrap();
    let first = &status("c1").entries[0];
    assert_eq!((first.level, first.category.as_deref()), (2, Some("abuse")));
    assert_eq!(first.ends.unwrap().to_string(), "2026-03-01T00:00:00Z");
    assert_eq!(first.reason.text.as_deref(), Some("insults"));
    assert_eq!(status("c2").entries[0].ends, None);
    assert_eq!(&*status("c,3").tags[0].tag, "silver");
    ledger.verify_audit().unwrap();
}

#[test]
fn a_dry_run_reports_and_keeps_nothing() {
    let folder = folder();
    let mut ledger = ledger(&folder, "l.db");
    let table = TABLE.replace("blocked,,2", "blocked,,7").replace("c2,blocked", "c2,nolist");
    let log = ledger.audit_head();
    for mode in [Mode::AllOrNothing, Mode::RowByRow] {
        let options = Import { reason: Some("taken over".into()), dry_run: true, mode, ..import() };
        let report = ledger.import(table.as_bytes(), Format::Csv, &options).unwrap();
        assert!(!report.kept);
        let found = refused(&report);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].0 == 2 && found[0].1.contains("no level 7"), "{found:?}");
        assert!(found[1].0 == 3 && found[1].1.contains("nolist"), "{found:?}");
        assert_eq!((ledger.inputs(), ledger.audit_head()), (0, log.clone()));
    }
}

#[test]
fn all_or_nothing_and_row_by_row() {
    let folder = folder();
    let table = TABLE
        .replace("c2,blocked,,1", "c2,blocked,,9")
        .replace("insults,2025-12-01,2026-03-01", "insults,,soon");
    let options = Import { reason: Some("taken over".into()), ..import() };
    let mut whole = ledger(&folder, "whole.db");
    let report = whole.import(table.as_bytes(), Format::Csv, &options).unwrap();
    assert!(!report.kept && whole.inputs() == 0);
    let mut rows = ledger(&folder, "rows.db");
    let options = Import { mode: Mode::RowByRow, ..options };
    let report = rows.import(table.as_bytes(), Format::Csv, &options).unwrap();
    assert!(report.kept);
    let found = refused(&report);
    assert_eq!(found.iter().map(|(row, _)| *row).collect::<Vec<_>>(), [2, 3]);
    assert!(found[0].1.starts_with("until: \"soon\""), "{found:?}");
    let status = rows.engine().status("customer", "c,3", options.time).unwrap();
    assert_eq!(status.tags.len(), 1);
}

#[test]
fn columns_are_mapped_and_a_batch_is_imported_once() {
    let folder = folder();
    let mut ledger = ledger(&folder, "l.db");
    let table = "\u{feff}客户;等级;原因\nc1;2;骚扰\nc2;1;欺诈\n";
    let columns = [("identifier", "客户"), ("level", "等级"), ("reason", "原因")];
    let columns = columns.map(|(own, name)| (own.to_owned(), name.to_owned())).to_vec();
    let options = Import { list: Some("blocked".into()), columns, batch: Some("b1".into()), ..import() };
    let report = ledger.import(table.as_bytes(), Format::Csv, &options).unwrap();
    assert_eq!((report.refused(), report.rows.len()), (0, 2), "{report:?}");
    let again = ledger.import(table.as_bytes(), Format::Csv, &options).unwrap();
    assert!(again.rows.iter().all(|row| row.outcome == RowOutcome::Repeated));
    for (table, what) in
        [("a,b\n1,2\n", "no \"客户\""), ("客户;等级;原因;等级\nc1;1;x;2\n", "twice"), ("", "no \"客户\"")]
    {
        let error = ledger.import(table.as_bytes(), Format::Csv, &options).unwrap_err().to_string();
        assert!(error.contains(what), "{error}");
    }
    assert!(ledger.import(b"not a workbook", Format::Excel, &options).is_err());
}

#[test]
fn what_is_exported_is_imported_again_and_holds_no_formula() {
    let folder = folder();
    for format in [Format::Csv, Format::Excel] {
        let mut one = ledger(&folder, &format!("{format:?} one.db"));
        let nasty = TABLE.replace("c1,", "=cmd|'/c calc'!A0,").replace("insults", "\"+1, \"\"no\"\"\"");
        let options = Import { reason: Some("@home".into()), ..import() };
        assert_eq!(one.import(nasty.as_bytes(), Format::Csv, &options).unwrap().refused(), 0);
        let viewer = Viewer { actor: "u1".into(), role: None };
        let mut file = Vec::new();
        let rows = one.export(&mut file, format, &Content::default(), &viewer, options.time).unwrap();
        assert_eq!(rows, 3);
        if format == Format::Csv {
            let text = String::from_utf8(file.clone()).unwrap();
            assert!(text.contains("'=cmd|") && text.contains("'+1") && text.contains("'@home"), "{text}");
        }
        let mut other = ledger(&folder, &format!("{format:?} other.db"));
        let report = other.import(&file, format, &Import { ..import() }).unwrap();
        assert_eq!(report.refused(), 0, "{report:?}");
        let mut second = Vec::new();
        other.export(&mut second, Format::Csv, &Content::default(), &viewer, options.time).unwrap();
        let mut first = Vec::new();
        one.export(&mut first, Format::Csv, &Content::default(), &viewer, options.time).unwrap();
        assert_eq!(String::from_utf8(second).unwrap(), String::from_utf8(first).unwrap());
    }
}

#[test]
fn a_role_that_may_not_export_does_not() {
    let rules = format!("{RULES}\nrole agent may view\nrole manager may export, list blocked");
    let rulebook = Rulebook::compile(&rules).unwrap();
    let folder = folder();
    let mut ledger = Ledger::open(folder.path().join("l.db"), &rulebook, Options::new(key())).unwrap();
    let time = import().time;
    let mut try_as = |role: &str| {
        let viewer = Viewer { actor: "u1".into(), role: Some(role.into()) };
        ledger.export(&mut Vec::new(), Format::Csv, &Content::default(), &viewer, time)
    };
    assert!(matches!(try_as("agent"), Err(LedgerError::Refused(_))));
    assert_eq!(try_as("manager").unwrap(), 0);
    let as_role = |role: &str| Import { role: Some(role.into()), reason: Some("x".into()), ..import() };
    let table = b"identifier,list,level\nc1,blocked,1\n";
    assert_eq!(ledger.import(table, Format::Csv, &as_role("agent")).unwrap().refused(), 1);
    assert_eq!(ledger.import(table, Format::Csv, &as_role("manager")).unwrap().refused(), 0);
}

#[test]
fn many_rows_are_a_matter_of_seconds() {
    // In the optimised build 100,000; here fewer, so that the test is short.
    let rows = if cfg!(debug_assertions) { 5_000 } else { 100_000 };
    let folder = folder();
    let mut ledger = ledger(&folder, "l.db");
    let mut table = String::from("identifier,list,level,reason,until\n");
    for at in 0..rows {
        table.push_str(&format!("customer {at},blocked,{},row {at},2026-06-01\n", 1 + at % 2));
    }
    let start = Instant::now();
    let report = ledger.import(table.as_bytes(), Format::Csv, &import()).unwrap();
    println!("{rows} rows imported in {:.2} s", start.elapsed().as_secs_f64());
    assert_eq!((report.rows.len(), report.refused()), (rows, 0));
    let start = Instant::now();
    let mut file = Vec::new();
    let viewer = Viewer { actor: "u1".into(), role: None };
    ledger.export(&mut file, Format::Excel, &Content::default(), &viewer, import().time).unwrap();
    println!("exported to Excel in {:.2} s", start.elapsed().as_secs_f64());
}
