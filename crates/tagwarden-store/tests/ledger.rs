//! A ledger answers as the bare engine, also after it was closed, refused, or asked twice.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail so")]
mod common;

use common::{RULES, Stream, folder, key};
use tagwarden::{DecisionRef, Engine, Input, Rulebook};
use tagwarden_store::{Entry, Ledger, LedgerError, Options};

fn bare(rulebook: &Rulebook, inputs: &[Input]) -> Vec<String> {
    let mut engine =
        Engine::with_options(rulebook, tagwarden::EngineOptions { hash_key: key(), ..Default::default() });
    let mut out = Vec::new();
    for input in inputs {
        let mut sink = |decision: &DecisionRef<'_>| out.push(decision.to_decision().to_json());
        let _ = match input {
            Input::Event(event) => engine.process_into(event, &mut sink),
            Input::Command(command) => engine.command_into(command, &mut sink),
            Input::Tick(time) => engine.advance_into(*time, &mut sink),
            _ => Ok(()),
        };
    }
    out
}

#[test]
fn decisions_are_those_of_the_bare_engine_however_often_it_is_opened() {
    let rulebook = Rulebook::compile(RULES).unwrap();
    let inputs = Stream::new(&rulebook, 7).take(3_000);
    let expected = bare(&rulebook, &inputs);
    assert!(expected.len() > 100, "{}", expected.len());
    let folder = folder();
    let mut found = Vec::new();
    for (at, batch) in inputs.chunks(130).enumerate() {
        let options = Options { snapshot_every: 400, ..Options::new(key()) };
        let mut ledger = Ledger::open(folder.path().join("l.db"), &rulebook, options).unwrap();
        assert_eq!(ledger.opening().created, at == 0);
        assert_eq!(ledger.opening().inputs, at as u64 * 130);
        for answer in ledger.apply(batch.iter().cloned().map(Entry::new)).unwrap() {
            found.extend(answer.decisions.iter().map(|decision| decision.json.to_string()));
        }
    }
    assert_eq!(found, expected);
}

#[test]
fn an_input_applied_twice_answers_what_it_answered_the_first_time() {
    let rulebook = Rulebook::compile(RULES).unwrap();
    let folder = folder();
    let mut ledger = Ledger::open(folder.path().join("l.db"), &rulebook, Options::new(key())).unwrap();
    let entries: Vec<Entry> = Stream::new(&rulebook, 3)
        .take(500)
        .into_iter()
        .enumerate()
        .map(|(at, input)| Entry::new(input).with_key(format!("k{at}")))
        .collect();
    let first = ledger.apply(entries.iter().cloned()).unwrap();
    assert!(first.iter().any(|answer| !answer.decisions.is_empty()));
    let log = ledger.audit_head();
    let again = ledger.apply(entries.iter().cloned()).unwrap();
    for (first, again) in first.iter().zip(&again) {
        assert!(!first.repeated && again.repeated);
        assert_eq!((first.input, &first.decisions), (again.input, &again.decisions));
        assert_eq!(first.refused, again.refused);
    }
    assert_eq!(ledger.audit_head(), log, "nothing was decided");
    // The same key with something else in it is no repetition.
    let other = Stream::new(&rulebook, 4).take(1).remove(0);
    let answer = ledger.apply([Entry::new(other).with_key("k0")]).unwrap().remove(0);
    assert_eq!(answer.refused.unwrap().kind(), "key reused");
}

#[test]
fn a_refused_input_is_kept_and_the_others_go_on() {
    let rulebook = Rulebook::compile(RULES).unwrap();
    let folder = folder();
    let path = folder.path().join("l.db");
    let mut ledger = Ledger::open(&path, &rulebook, Options::new(key())).unwrap();
    let mut inputs = Stream::new(&rulebook, 3).take(20);
    inputs.swap(3, 15);
    let answers = ledger.apply(inputs.into_iter().map(Entry::new)).unwrap();
    let refused: Vec<_> = answers.iter().filter_map(|answer| answer.refused.as_ref()).collect();
    assert!(!refused.is_empty() && refused.iter().all(|refusal| refusal.kind() == "late"), "{refused:?}");
    assert_eq!(ledger.inputs(), 20);
    drop(ledger);
    let ledger = Ledger::open(&path, &rulebook, Options::new(key())).unwrap();
    assert_eq!(ledger.opening().replayed, 20 - refused.len() as u64);
}

#[test]
fn what_differs_from_how_it_was_made_is_refused() {
    let rulebook = Rulebook::compile(RULES).unwrap();
    let folder = folder();
    let path = folder.path().join("l.db");
    let open = |options: Options| Ledger::open(&path, &rulebook, options);
    let none = Options { create: false, ..Options::new(key()) };
    assert!(matches!(open(none), Err(LedgerError::Missing { .. })));
    drop(open(Options::new(key())).unwrap());
    assert!(matches!(open(Options::new([9; 16])), Err(LedgerError::Key)));
    let lateness = tagwarden::Duration::from_micros(1_000_000);
    let late = Options { lateness, ..Options::new(key()) };
    assert!(matches!(open(late), Err(LedgerError::Setting { setting: "lateness", .. })));
    let other = Rulebook::compile(&RULES.replace(">= 3", ">= 4")).unwrap();
    assert!(matches!(Ledger::open(&path, &other, Options::new(key())), Err(LedgerError::Rulebook)));
    std::fs::write(folder.path().join("no.db"), "this is not a ledger, but a text that is long enough")
        .unwrap();
    let foreign = Ledger::open(folder.path().join("no.db"), &rulebook, Options::new(key()));
    assert!(matches!(foreign, Err(LedgerError::Foreign { .. })), "{foreign:?}");
    let sqlite = folder.path().join("other.db");
    rusqlite::Connection::open(&sqlite).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    assert!(matches!(
        Ledger::open(&sqlite, &rulebook, Options::new(key())),
        Err(LedgerError::Foreign { .. })
    ));
}

#[test]
fn a_new_rulebook_is_taken_over_when_asked() {
    let rulebook = Rulebook::compile(RULES).unwrap();
    let other = Rulebook::compile(&RULES.replace(">= 3", ">= 4")).unwrap();
    let folder = folder();
    let path = folder.path().join("l.db");
    let inputs = Stream::new(&rulebook, 5).take(900);
    let mut engine =
        Engine::with_options(&rulebook, tagwarden::EngineOptions { hash_key: key(), ..Default::default() });
    let mut expected = Vec::new();
    for input in &inputs[..500] {
        expected.extend(engine.apply(input).unwrap());
    }
    expected.extend(engine.reload(&other, tagwarden::Orphans::End).decisions);
    for input in &inputs[500..] {
        expected.extend(engine.apply(input).unwrap());
    }
    let mut ledger = Ledger::open(&path, &rulebook, Options::new(key())).unwrap();
    ledger.apply(inputs[..500].iter().cloned().map(Entry::new)).unwrap();
    drop(ledger);
    let options = Options { reload: Some(tagwarden::Orphans::End), ..Options::new(key()) };
    let mut ledger = Ledger::open(&path, &other, options).unwrap();
    assert!(ledger.opening().reloaded.is_some());
    ledger.apply(inputs[500..].iter().cloned().map(Entry::new)).unwrap();
    let connection = rusqlite::Connection::open(&path).unwrap();
    let mut rows = connection.prepare("SELECT body FROM decisions ORDER BY id").unwrap();
    let found: Vec<String> = rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let expected: Vec<String> = expected.iter().map(tagwarden::Decision::to_json).collect();
    assert_eq!(found, expected);
    // Who still runs the old one is told so, instead of deciding by it.
    let mut old = Ledger::open(folder.path().join("two.db"), &rulebook, Options::new(key())).unwrap();
    let options = Options { reload: Some(tagwarden::Orphans::End), ..Options::new(key()) };
    drop(Ledger::open(folder.path().join("two.db"), &other, options).unwrap());
    let refused = old.apply(inputs[..1].iter().cloned().map(Entry::new));
    assert!(matches!(refused, Err(LedgerError::Rulebook)), "{refused:?}");
    let last = Ledger::rulebook_of(&path, &Options::new(key())).unwrap();
    assert!(last.sources().iter().any(|source| source.text.contains(">= 4")));
}

#[test]
fn two_that_write_into_one_file_see_each_other() {
    let rulebook = Rulebook::compile(RULES).unwrap();
    let folder = folder();
    let path = folder.path().join("l.db");
    let inputs = Stream::new(&rulebook, 11).take(600);
    let expected = bare(&rulebook, &inputs);
    let mut one = Ledger::open(&path, &rulebook, Options::new(key())).unwrap();
    let mut two =
        Ledger::open(&path, &rulebook, Options { snapshot_every: 50, ..Options::new(key()) }).unwrap();
    let mut found = Vec::new();
    for (at, batch) in inputs.chunks(40).enumerate() {
        let ledger = if at % 3 == 0 { &mut two } else { &mut one };
        for answer in ledger.apply(batch.iter().cloned().map(Entry::new)).unwrap() {
            found.extend(answer.decisions.iter().map(|decision| decision.json.to_string()));
        }
    }
    assert_eq!(found, expected);
}

#[test]
fn the_plain_tables_say_what_the_engine_says() {
    let rulebook = Rulebook::compile(RULES).unwrap();
    let folder = folder();
    let path = folder.path().join("l.db");
    let mut ledger = Ledger::open(&path, &rulebook, Options::new(key())).unwrap();
    ledger.apply(Stream::new(&rulebook, 11).take(2_000).into_iter().map(Entry::new)).unwrap();
    let reader = rusqlite::Connection::open(&path).unwrap();
    let now = ledger.engine().clock().unwrap();
    let (mut tags, mut entries) = (0, 0);
    for at in 0..40 {
        let subject = format!("c{at}");
        let status = ledger.engine().status("customer", &subject, now).unwrap();
        let mut expected: Vec<String> = status.tags.iter().map(|tag| tag.tag.to_string()).collect();
        expected.sort();
        let mut rows = reader.prepare("SELECT tag FROM tags WHERE subject = ?1 ORDER BY tag").unwrap();
        let found: Vec<String> =
            rows.query_map([&subject], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(found, expected);
        tags += found.len();
        let expected: Vec<(String, u8)> =
            status.entries.iter().map(|entry| (entry.list.to_string(), entry.level)).collect();
        let mut rows = reader
            .prepare("SELECT list, level FROM entries WHERE subject = ?1 AND suspended IS NULL ORDER BY list")
            .unwrap();
        let found: Vec<(String, u8)> = rows
            .query_map([&subject], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert_eq!(found, expected);
        entries += found.len();
    }
    assert!(tags > 0 && entries > 0, "{tags} tags, {entries} entries");
}

#[test]
fn allowances_count_what_went_out_also_after_opening_again() {
    let rulebook = Rulebook::compile(RULES).unwrap();
    let folder = folder();
    let path = folder.path().join("l.db");
    let open = || Ledger::open(&path, &rulebook, Options::new(key())).unwrap();
    let time = |text: &str| text.parse().unwrap();
    let reader = tagwarden::Reader::new(rulebook.schema(), tagwarden::TimeUnit::Millis);
    let line = br#"{"command":"list","time":"2026-01-01T00:00:00Z","actor":"u1","customer":"c1","list":"blocked","level":2,"reason":"x"}"#;
    let mut ledger = open();
    ledger.apply([Entry::new(reader.json(line).unwrap())]).unwrap();
    for (at, left) in [("2026-01-01T01:00:00Z", 2), ("2026-01-01T02:00:00Z", 1)] {
        ledger.record_contact("customer", "c1", time(at)).unwrap();
        let permit = ledger.permits("customer", "c1", "sms", time("2026-01-01T03:00:00Z")).unwrap();
        assert!(
            matches!(permit, tagwarden::Permit::Limited { left: found, .. } if found == left),
            "{permit:?}"
        );
        drop(ledger);
        ledger = open();
    }
    ledger.record_contact("customer", "c1", time("2026-01-01T03:00:00Z")).unwrap();
    drop(ledger);
    let permit = open().permits("customer", "c1", "sms", time("2026-01-01T04:00:00Z")).unwrap();
    assert!(matches!(permit, tagwarden::Permit::Denied { .. }), "{permit:?}");
}
