//! What is done with hostile bytes. Plain functions: libfuzzer calls them, and so does the test `tests/fuzz.rs`.
//!
//! Each must come back, soon, and without a panic; what they assert must hold of any bytes at all.

#![allow(dead_code, unreachable_pub, reason = "each target uses one of them")]

pub mod compile;
pub mod editor;
pub mod events;
pub mod keywords;
pub mod lines;
pub mod run;
pub mod seeds;
pub mod snapshot;
pub mod words;

use tagwarden::{EngineOptions, Limits, Rulebook};

/// What is done with some bytes.
pub type Target = fn(&[u8]);

/// Every target with its name.
pub const ALL: [(&str, Target); 7] = [
    ("compile", compile::target),
    ("editor", editor::target),
    ("events", events::target),
    ("keywords", keywords::target),
    ("lines", lines::target),
    ("run", run::target),
    ("snapshot", snapshot::target),
];

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

fn options() -> EngineOptions {
    // Low enough that they are met.
    let limits =
        Limits { held_events: 200, subjects: 50, decisions: 100_000, held_inputs: 20, ..Limits::default() };
    EngineOptions { limits, ..EngineOptions::default() }
}
