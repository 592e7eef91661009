//! Inputs that are meant to hurt: each must end in a typed error or a decision, quickly and in bounded memory.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use tagwarden::{Engine, EngineOptions, Event, InputError, Limits, Rulebook, Timestamp, Value};

fn event(rulebook: &Rulebook, time: i64, amount: &str) -> Event {
    Event {
        event: rulebook.schema().event("order").unwrap(),
        time: Timestamp::from_micros(time).unwrap(),
        id: None,
        keys: vec!["c1".into()],
        fields: vec![Some(Value::Number(amount.parse().unwrap()))],
    }
}

const RULEBOOK: &str = r#"
timezone "America/New_York"
entity customer
event order(customer) { amount: number }
rule big { when sum(order.amount) over 24h > 10 then tag big for 3y }
rule months { while count(order) over 3y > 1 then tag loyal }
rule calendar { while count(order) this month + count(order) previous year > 1 then tag busy }
rule quiet { when no order for 90d then tag quiet until on order }
"#;

fn rulebook() -> Rulebook {
    Rulebook::compile(RULEBOOK).unwrap()
}

#[test]
fn a_million_events_of_one_subject_at_one_instant() {
    let rulebook = rulebook();
    let limits = Limits { held_events: 100_000, ..Limits::default() };
    let mut engine = Engine::with_options(&rulebook, EngineOptions { limits, ..EngineOptions::default() });
    let event = event(&rulebook, 0, "1");
    let mut refused = 0;
    for _ in 0..1_000_000 {
        match engine.process(&event) {
            Ok(_) => {}
            Err(InputError::Limit { .. }) => refused += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert!(refused > 900_000, "the limit holds: {refused}");
}

#[test]
fn the_ends_of_time() {
    let rulebook = rulebook();
    for (first, last) in
        [(Timestamp::MIN, Timestamp::MIN), (Timestamp::MIN, Timestamp::MAX), (Timestamp::MAX, Timestamp::MAX)]
    {
        let mut engine = Engine::new(&rulebook);
        for time in [first, first, last, last] {
            engine.process(&event(&rulebook, time.micros(), "6")).unwrap();
        }
        engine.advance_to(Timestamp::MAX).unwrap();
        engine.status("customer", "c1", Timestamp::MAX).unwrap();
    }
}

#[test]
fn sums_beyond_the_range_saturate_and_are_counted() {
    let rulebook = rulebook();
    let mut engine = Engine::new(&rulebook);
    for _ in 0..20 {
        engine.process(&event(&rulebook, 0, "999999999999999999")).unwrap();
    }
    assert!(engine.saturations() > 0);
    // What leaves takes exactly what it brought: nothing was lost in between.
    let decisions = engine.process(&event(&rulebook, 86_400_000_000, "11")).unwrap();
    assert!(decisions.iter().all(|decision| decision.kind() != "untagged"));
    let why =
        engine.why_not("big", "customer", "c1", Timestamp::from_micros(86_400_000_000).unwrap()).unwrap();
    assert_eq!(why.parts[0].evidence.value.to_string(), "11");
}

#[test]
fn limits_are_typed_errors_and_lose_nothing() {
    let rulebook = rulebook();
    let limits = Limits { subjects: 1, ..Limits::default() };
    let mut engine = Engine::with_options(&rulebook, EngineOptions { limits, ..EngineOptions::default() });
    engine.process(&event(&rulebook, 0, "1")).unwrap();
    let other = Event { keys: vec!["c2".into()], ..event(&rulebook, 1, "1") };
    assert_eq!(engine.process(&other).err(), Some(InputError::Limit { limit: "subjects", most: 1 }));
    assert_eq!(engine.clock(), Timestamp::from_micros(0), "a refused event does not move the clock");
    assert!(matches!(
        engine.process(&Event { keys: vec![], ..event(&rulebook, 1, "1") }),
        Err(InputError::Invalid { .. })
    ));
    let late = event(&rulebook, -1, "1");
    assert!(matches!(engine.process(&late), Err(InputError::Late { .. })));
    engine.advance_to(Timestamp::from_micros(5).unwrap()).unwrap();
    assert!(
        matches!(engine.process(&event(&rulebook, 5, "1")), Err(InputError::Late { .. })),
        "a tick closes its time"
    );
}
