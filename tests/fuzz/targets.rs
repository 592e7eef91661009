//! What is done with hostile bytes. Plain functions: libfuzzer calls them, and so does the test `tests/fuzz.rs`.
//!
//! Each must come back, soon, and without a panic; what they assert must hold of any bytes at all.

#![allow(dead_code, unreachable_pub, reason = "each target uses one of them")]

use tagwarden::{CompileError, Engine, EngineOptions, Limits, Reader, Rulebook, TimeUnit, Timestamp};

/// A rulebook with windows, lives, groups, lists and scores of every kind.
pub const RULEBOOK: &str = r#"
timezone "Europe/Berlin"
entity customer
entity staff
event message(customer) { channel: "sms" | "email", text: string private }
event order(customer) { amount: number, sku: string, due: time?, paid: bool? }
event call(customer, staff) { seconds: number }
keywords abuse { "scam" "骗子" category "fraud" except "scam report" }
tags tier: silver < gold
tags mood: calm, cross
score risk { half-life 3d, between 0 and 100 }
list blocked { level 1 denies all  level 2 limits 3 per 24h  review every 30d }
rule flood { when count(message) over 24h > 3 then add to blocked level 2 for 2d then risk += 20 }
rule rude { on message where text has abuse then tag cross for 1mo then risk += 1 at most once per 1h }
rule spender { while sum(order.amount) over 30d >= 100 then tag gold }
rule buyer { while count(order) over 30d >= 1 then tag silver then tag calm }
rule lost { when no order for 10d then tag lost until on order }
rule many { when distinct(order.sku) over 1mo >= 3 then tag collector until 2030-01-01 }
rule odd { when (max(order.amount) over 5d ?? 0) > 90 then notify desk "{latest(order.due)}" }
rule steps { when sum(order.amount) over 10d step 1d > 50 then emit stepped { mean: avg(order.amount) } }
rule month { when count(order) this month > count(order) previous month then emit more {} }
rule left { on order where not (paid ?? false) without order within 1h matching sku then emit unpaid { sku: sku } }
rule again { on message where length(text) > 3 after order within 2h then tag seen for 1d renew keep }
rule risky { when risk >= 30 then propose add to blocked level 1 starting in 1d }
rule monthly { every month on 31 at 02:30 when tagged gold for 2d then emit golden {} }
rule busy for staff { while sum(call.seconds) over 1d > 60 then tag busy }
exempt from blocked when tagged gold
"#;

/// Compiled once for all inputs.
fn rulebook() -> &'static Rulebook {
    static COMPILED: std::sync::OnceLock<Rulebook> = std::sync::OnceLock::new();
    COMPILED.get_or_init(|| Rulebook::compile(RULEBOOK).unwrap_or_else(|error| panic!("{error}")))
}

/// Any text is compiled or refused, drawn, and formatted so that it means and looks the same ever after.
pub fn compile(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let compile = |text: &str| {
        Rulebook::compiler().source("main.tw", text).resolver(|_| Some("scam\tfraud\n".to_owned())).compile()
    };
    let compiled = compile(&text);
    if let Err(error) = &compiled {
        assert!(!error.diagnostics.is_empty());
        refused(error);
    }
    let Ok(formatted) = tagwarden::format(&text) else {
        assert!(compiled.is_err(), "what compiles has no syntax error");
        return;
    };
    assert_eq!(tagwarden::format(&formatted).as_deref().ok(), Some(&*formatted), "formatted twice");
    match (&compiled, compile(&formatted)) {
        (Ok(before), Ok(after)) => {
            let versions =
                |book: &Rulebook| book.rules().into_iter().map(|rule| rule.version).collect::<Vec<_>>();
            assert_eq!(versions(before), versions(&after), "formatting keeps every rule");
            let engine = Engine::new(before);
            Engine::restore(before, EngineOptions::default(), &engine.snapshot()).expect("its own snapshot");
        }
        (Err(_), Err(_)) => {}
        (before, after) => panic!("only one of the two compiles: {before:?} {after:?}"),
    }
}

fn refused(error: &CompileError) {
    assert!(!error.to_string().is_empty());
    for record in error.records() {
        assert!(record.place.line >= 1 && record.place.column >= 1);
    }
}

/// Each line is an input or refused; what is an event is applied, and then the state survives being written and read.
pub fn event_json(data: &[u8]) {
    let rulebook = rulebook();
    let readers = [TimeUnit::Millis, TimeUnit::Seconds].map(|unit| Reader::new(rulebook.schema(), unit));
    let mut engine = Engine::with_options(rulebook, options());
    for (at, line) in data.split(|byte| *byte == b'\n').enumerate() {
        let Some(reader) = readers.get(at % readers.len()) else { continue };
        let read = reader.json(line);
        assert_eq!(read, reader.json_in_general(line), "the quick way and the general one");
        match read {
            Ok(input) => {
                for decision in engine.apply(&input).unwrap_or_default() {
                    assert!(decision.to_json().starts_with('{'));
                }
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
    engine.finish();
    let written = engine.snapshot();
    let again = Engine::restore(rulebook, options(), &written).expect("its own snapshot");
    assert!(again.snapshot() == written, "read and written again it is the same");
}

fn options() -> EngineOptions {
    // Low enough that they are met.
    let limits =
        Limits { held_events: 200, subjects: 50, decisions: 100_000, held_inputs: 20, ..Limits::default() };
    EngineOptions { limits, ..EngineOptions::default() }
}

/// Any bytes are refused or give an engine that can be used.
///
/// As they are they would hardly ever get past the checksum: data that begins with an odd byte is the body, and
/// what stands around it is made to fit.
pub fn snapshot(data: &[u8]) {
    let rulebook = rulebook();
    let bytes = match data.split_first() {
        Some((first, body)) if first % 2 == 1 => wrapped(body),
        _ => data.to_vec(),
    };
    let Ok(mut engine) = Engine::restore(rulebook, options(), &bytes) else { return };
    let now = engine.clock().unwrap_or(Timestamp::MIN);
    for (entity, key) in [("customer", "c1"), ("staff", "s1")] {
        let _ = engine.status(entity, key, now);
        let _ = engine.permits(entity, key, "sms", now);
        for rule in rulebook.rules() {
            let _ = engine.why_not(&rule.name, entity, key, now);
        }
    }
    // A quarter of a year on, so that much of what is due comes.
    for _ in 0..3 {
        let month = engine.clock().unwrap_or(now).checked_add_micros(30 * 86_400_000_000);
        let _ = engine.advance_to(month.unwrap_or(Timestamp::MAX));
        engine.forget("customer", "c1");
    }
    engine.finish();
    let _ = engine.snapshot();
}

/// A body in the header and with the checksum of a snapshot of the rulebook.
fn wrapped(body: &[u8]) -> Vec<u8> {
    // `src/state/snapshot.rs` says what stands where.
    const LENGTH: std::ops::Range<usize> = 42..50;
    let mut bytes = Engine::with_options(rulebook(), options()).snapshot();
    bytes.truncate(LENGTH.end);
    if let Some(length) = bytes.get_mut(LENGTH) {
        length.copy_from_slice(&(body.len() as u64).to_le_bytes());
    }
    bytes.extend_from_slice(body);
    bytes.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
    bytes
}

/// Inputs to begin with: lines of events, and snapshots of what they lead to.
pub mod seeds {
    use super::{Engine, Reader, TimeUnit, options, rulebook};

    /// Lines of events and ticks.
    pub fn events() -> Vec<Vec<u8>> {
        let mut days: Vec<Vec<u8>> = vec![Vec::new()];
        for at in 0..60_u32 {
            let (day, hour) = (1 + at / 6, at % 6 * 4);
            let time = format!("2026-01-{day:02}T{hour:02}:00:00+01:00");
            let line = match at % 4 {
                0 => format!(
                    r#"{{"type":"order","time":"{time}","customer":"c1","amount":{at}.25,"sku":"s{}","due":"{time}"}}"#,
                    at % 3
                ),
                1 => format!(
                    r#"{{"type":"message","time":"{time}","customer":"c1","id":"m{at}","channel":"sms","text":"a scam 骗子"}}"#
                ),
                2 => format!(
                    r#"{{"type":"call","time":"{time}","customer":"c2","staff":"s1","seconds":{at}}}"#
                ),
                _ => format!(r#"{{"tick":"{time}"}}"#),
            };
            let mut next = days.last().cloned().unwrap_or_default();
            next.extend_from_slice(line.as_bytes());
            next.push(b'\n');
            days.push(next);
        }
        days.into_iter().step_by(6).collect()
    }

    /// Whole snapshots (behind an even byte, which is no part of one), and bodies behind an odd byte.
    pub fn snapshots() -> Vec<Vec<u8>> {
        let reader = Reader::new(rulebook().schema(), TimeUnit::Millis);
        let mut all = Vec::new();
        for text in events() {
            let mut engine = Engine::with_options(rulebook(), options());
            for line in text.split(|byte| *byte == b'\n') {
                if let Ok(input) = reader.json(line) {
                    let _ = engine.apply(&input);
                }
            }
            let whole = engine.snapshot();
            if let Some(body) = whole.get(50..whole.len() - 4) {
                all.push([&[1], body].concat());
            }
            all.push(whole);
        }
        all
    }
}
