//! Snapshots, restoring, reloading, forgetting: as a host sees them.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use tagwarden::{
    Change, Decision, Engine, EngineOptions, Event, Orphans, RuleFate, Rulebook, SnapshotError, Timestamp,
    Value,
};

/// A rulebook that keeps state of every kind.
const RULEBOOK: &str = r#"
timezone "Europe/Berlin"
entity customer
event message(customer) { channel: "sms" | "email", text: string private }
event order(customer) { amount: number, sku: string }
event cart(customer) { sku: string }
tags tier: silver < gold
score risk { half-life 3d, between 0 and 100 }
list blocked { level 1 denies all  level 2 limits 3 per 24h  review every 30d }
rule flood { when count(message) over 24h > 3 then add to blocked level 2 for 2d then risk += 20 }
rule spender { while sum(order.amount) over 30d >= 100 then tag gold }
rule buyer { while count(order) over 30d >= 1 then tag silver }
rule lost { when no order for 10d then tag lost until on order }
rule many { when distinct(order.sku) over 1mo >= 3 then tag collector for 1mo }
rule odd { when (max(order.amount) over 5d ?? 0) > 90 then notify desk "{max(order.amount) over 5d}" }
rule steps { when sum(order.amount) over 10d step 1d > 50 then emit stepped {} }
rule month { when count(order) this month > count(order) previous month then emit more {} }
rule left { on cart without order within 1h matching sku then emit abandoned { sku: sku } }
rule again { on order after cart within 2h matching sku then emit bought { sku: sku } at most once per 1d }
rule texts { when distinct(message.text) over 7d >= 3 then tag writer for 3d }
rule risky { when risk >= 30 then propose add to blocked level 1 }
rule nightly { every day at 03:00 when tagged gold for 2d then emit golden {} }
"#;

/// A deterministic stream of events of a few customers over some months.
fn stream(rulebook: &Rulebook, count: usize, seed: u64) -> Vec<Event> {
    let schema = rulebook.schema();
    let (message, order, cart) =
        (schema.event("message").unwrap(), schema.event("order").unwrap(), schema.event("cart").unwrap());
    let mut state = seed;
    let mut next = move |bound: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % bound
    };
    let mut time: i64 = 1_767_225_600_000_000;
    (0..count)
        .map(|_| {
            time += [0, 60_000_000, 1_800_000_000, 7_200_000_000, 86_400_000_000][next(5) as usize];
            let sku = Some(Value::from(["a", "b", "c", "d"][next(4) as usize]));
            let (event, fields) = match next(3) {
                0 => (
                    message,
                    vec![Some(Value::from("sms")), Some(Value::from(["x", "y", "z"][next(3) as usize]))],
                ),
                1 => (order, vec![Some(Value::Number(tagwarden::Decimal::from(next(120) as i64))), sku]),
                _ => (cart, vec![sku]),
            };
            let key = ["c1", "c2", "c3"][next(3) as usize].into();
            Event { event, time: Timestamp::from_micros(time).unwrap(), id: None, keys: vec![key], fields }
        })
        .collect()
}

fn run(engine: &mut Engine, events: &[Event]) -> Vec<String> {
    let mut decisions = Vec::new();
    for event in events {
        decisions.extend(engine.process(event).unwrap());
    }
    decisions.iter().map(Decision::to_json).collect()
}

fn end(engine: &mut Engine) -> Vec<String> {
    let end = engine.clock().unwrap().checked_add_micros(400 * 86_400_000_000).unwrap();
    engine.advance_to(end).unwrap().iter().map(Decision::to_json).collect()
}

#[test]
fn a_restored_engine_decides_as_if_it_had_never_stopped() {
    let rulebook = Rulebook::compile(RULEBOOK).unwrap();
    for seed in 0..20 {
        let events = stream(&rulebook, 150, seed);
        let mut whole = Engine::new(&rulebook);
        let mut expected = run(&mut whole, &events);
        expected.extend(end(&mut whole));
        assert!(expected.len() > 20, "the stream makes the rules fire");
        for cut in [0, 1, 37, 75, 149, 150] {
            let mut first = Engine::new(&rulebook);
            let mut decisions = run(&mut first, &events[..cut]);
            let bytes = first.snapshot();
            let mut second = Engine::restore(&rulebook, EngineOptions::default(), &bytes).unwrap();
            assert_eq!(second.snapshot(), bytes, "a snapshot of what was restored is the same");
            decisions.extend(run(&mut second, &events[cut..]));
            decisions.extend(end(&mut second));
            assert_eq!(decisions, expected, "seed {seed}, cut at {cut}");
        }
    }
}

#[test]
fn held_back_inputs_and_seen_ids_survive() {
    let rulebook = Rulebook::compile(RULEBOOK).unwrap();
    let options = EngineOptions {
        lateness: tagwarden::Duration::from_micros(3_600_000_000),
        dedup: Some(tagwarden::Duration::from_micros(86_400_000_000)),
        ..EngineOptions::default()
    };
    let mut events = stream(&rulebook, 60, 7);
    for (at, event) in events.iter_mut().enumerate() {
        event.id = Some(format!("e{at}").into());
    }
    let mut engine = Engine::with_options(&rulebook, options.clone());
    run(&mut engine, &events[..40]);
    let mut restored = Engine::restore(&rulebook, options, &engine.snapshot()).unwrap();
    assert!(matches!(restored.process(&events[39]), Err(tagwarden::InputError::Duplicate { .. })));
    assert_eq!(run(&mut engine, &events[40..]), run(&mut restored, &events[40..]));
    assert_eq!(engine.finish(), restored.finish());
}

#[test]
fn damaged_snapshots_are_refused() {
    let rulebook = Rulebook::compile(RULEBOOK).unwrap();
    let mut engine = Engine::new(&rulebook);
    run(&mut engine, &stream(&rulebook, 40, 3));
    let bytes = engine.snapshot();
    let restore = |bytes: &[u8]| Engine::restore(&rulebook, EngineOptions::default(), bytes);
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        assert!(restore(&damaged).is_err(), "byte {at} flipped");
        assert!(restore(&bytes[..at]).is_err(), "cut at {at}");
    }
    assert_eq!(restore(b"PK").err(), Some(SnapshotError::Foreign));
    let mut newer = bytes.clone();
    newer[8] = 9;
    assert_eq!(restore(&newer).err(), Some(SnapshotError::Newer { found: 9 }));
    let other = Rulebook::compile(&RULEBOOK.replace("> 3 then", "> 4 then")).unwrap();
    assert_eq!(
        Engine::restore(&other, EngineOptions::default(), &bytes).err(),
        Some(SnapshotError::OtherRulebook)
    );
    let options = EngineOptions { hash_key: [7; 16], ..EngineOptions::default() };
    assert_eq!(Engine::restore(&rulebook, options, &bytes).err(), Some(SnapshotError::OtherKey));
}

#[test]
fn private_texts_are_not_in_snapshots() {
    let rulebook = Rulebook::compile(RULEBOOK).unwrap();
    let mut events = stream(&rulebook, 80, 5);
    for event in &mut events {
        if event.fields.len() == 2 && event.fields[0] == Some(Value::from("sms")) {
            event.fields[1] = Some(Value::from("SECRET-TEXT"));
        }
    }
    let mut engine = Engine::new(&rulebook);
    run(&mut engine, &events);
    let bytes = engine.snapshot();
    assert!(!bytes.windows(11).any(|window| window == b"SECRET-TEXT"));
}

#[test]
fn a_reload_of_the_same_rules_in_another_order_changes_nothing() {
    let rulebook = Rulebook::compile(RULEBOOK).unwrap();
    let mut lines: Vec<&str> = RULEBOOK.lines().collect();
    // Declarations and rules may stand anywhere.
    lines[2..].reverse();
    let moved = Rulebook::compile(&lines.join("\n")).unwrap();
    let events = stream(&rulebook, 200, 11);
    let mut plain = Engine::new(&rulebook);
    let mut expected: Vec<String> = run(&mut plain, &events[..100]);
    let rest = run(&mut plain, &events[100..]);
    expected.extend(rest);
    let mut reloaded = Engine::new(&rulebook);
    let mut decisions = run(&mut reloaded, &events[..100]);
    let report = reloaded.reload(&moved, Orphans::End);
    assert!(report.rules.iter().all(|(_, fate)| *fate == RuleFate::Kept), "{:?}", report.rules);
    assert!(report.windows.iter().all(|window| window.kept), "{:?}", report.windows);
    assert_eq!((report.orphaned_grants, report.decisions.len()), (0, 0));
    let events = events[100..].iter().map(|event| translate(event, &rulebook, &moved)).collect::<Vec<_>>();
    decisions.extend(run(&mut reloaded, &events));
    // Rules that do not depend on each other run in the order of the text, so only the order within an instant may differ.
    let (mut decisions, mut expected) = (decisions, expected);
    decisions.sort();
    expected.sort();
    assert_eq!(decisions, expected);
}

fn translate(event: &Event, from: &Rulebook, to: &Rulebook) -> Event {
    let name = &from.schema().event_type(event.event).unwrap().name;
    Event { event: to.schema().event(name).unwrap(), ..event.clone() }
}

#[test]
fn a_reload_says_what_is_new_changed_warming_and_gone() {
    let base = "entity customer\nevent order(customer) { amount: number }\n";
    let old = Rulebook::compile(&format!(
        "{base}rule a {{ when count(order) over 7d >= 1 then tag x for 30d }} rule b {{ when count(order) over 7d >= 1 then tag y for 30d }}"
    ))
    .unwrap();
    let new = Rulebook::compile(&format!(
        "{base}rule a {{ when count(order) over 7d >= 2 then tag x for 30d }} rule c {{ while sum(order.amount) over 90d > 0 because \"bought\" then tag z }} rule d {{ when count(order) over 1d >= 2 then tag w }}"
    ))
    .unwrap();
    let event = |time: &str| Event {
        event: old.schema().event("order").unwrap(),
        time: time.parse().unwrap(),
        id: None,
        keys: vec!["c1".into()],
        fields: vec![Some(Value::Number(tagwarden::Decimal::ONE))],
    };
    let mut engine = Engine::new(&old);
    engine.process(&event("2026-01-01T00:00:00Z")).unwrap();
    let report = engine.reload(&new, Orphans::End);
    let fate = |name: &str| report.rules.iter().find(|(rule, _)| **rule == *name).unwrap().1;
    assert_eq!(
        (fate("a"), fate("b"), fate("c"), fate("d")),
        (RuleFate::Changed, RuleFate::Gone, RuleFate::New, RuleFate::New)
    );
    let window = |what: &str| report.windows.iter().find(|window| window.what == what).unwrap();
    assert!(window("order. over 7d").kept || window("order over 7d").kept);
    let sum = window("order.amount over 90d");
    assert_eq!((sum.kept, sum.warming_until), (false, Some("2026-04-01T00:00:00Z".parse().unwrap())));
    assert_eq!(report.decisions.len(), 1, "the tag of the rule that is gone ends");
    assert!(matches!(&report.decisions[0].change, Change::Untagged { tag, .. } if &**tag == "y"));
    let decisions = engine.process(&event("2026-01-01T01:00:00Z")).unwrap();
    let tagged: Vec<_> = decisions.iter().filter(|d| matches!(&d.change, Change::Tagged { .. })).collect();
    assert_eq!(tagged.len(), 2, "the sum has begun, and the last day's orders were known: {decisions:?}");
    let warming = tagged.iter().find(|d| d.rule.as_ref().unwrap().name == "c".into()).unwrap();
    assert_eq!(warming.reason.because[0].warming_until, sum.warming_until);
}

#[test]
fn orphans_can_be_kept() {
    let base = "entity customer\nevent order(customer) {}\ntag x\n";
    let old = Rulebook::compile(&format!("{base}rule a {{ on order then tag x for 10d }}")).unwrap();
    let new =
        Rulebook::compile(&format!("{base}rule b {{ on order when tagged x then emit seen {{}} }}")).unwrap();
    let event = Event {
        event: old.schema().event("order").unwrap(),
        time: "2026-01-01T00:00:00Z".parse().unwrap(),
        id: None,
        keys: vec!["c1".into()],
        fields: vec![],
    };
    let mut engine = Engine::new(&old);
    engine.process(&event).unwrap();
    let report = engine.reload(&new, Orphans::Keep);
    assert_eq!((report.orphaned_grants, report.decisions.len()), (1, 0));
    let mut engine = Engine::restore(&new, EngineOptions::default(), &engine.snapshot()).unwrap();
    let decisions = engine.advance_to("2026-02-01T00:00:00Z".parse().unwrap()).unwrap();
    assert_eq!(decisions.len(), 1);
    assert_eq!(decisions[0].time.to_string(), "2026-01-11T00:00:00Z");
    assert_eq!(decisions[0].rule.as_ref().unwrap().name, "a".into());
}

#[test]
fn a_forgotten_subject_starts_anew() {
    let rulebook = Rulebook::compile(RULEBOOK).unwrap();
    let events = stream(&rulebook, 100, 2);
    let mut engine = Engine::new(&rulebook);
    run(&mut engine, &events);
    assert_eq!(engine.subjects(), 3);
    let decision = engine.forget("customer", "c2").unwrap();
    assert_eq!(decision.kind(), "forgotten");
    assert_eq!(engine.forget("customer", "c2"), None);
    assert_eq!(engine.subjects(), 2);
    assert!(!engine.snapshot().windows(2).any(|window| window == b"c2"));
    let status = engine.status("customer", "c2", engine.clock().unwrap()).unwrap();
    assert_eq!(status, tagwarden::Status::default());
}
