//! The rulebooks of the workloads, and the answers that every system must give.

use tagwarden::Rulebook;

/// The declarations of W1 and W2.
pub const SCHEMA: &str = r#"
entity customer
event message(customer) { channel: "wechat" | "app" | "web" | "phone" | "email" }
event login(customer) {}
event order(customer) { amount: number, channel: "wechat" | "app" | "web" | "phone" | "email" }
event refund(customer) { amount: number }
event complaint(customer) {}
"#;

/// The condition of W1, looked at for every message.
pub const FLOOD: &str = "count(message) over 24h > 50";

/// The conditions of W2, looked at for every event.
pub const CONDITIONS: [&str; 10] = [
    "count(message) over 24h > 50",
    r#"count(message where channel == "wechat") over 1h > 10"#,
    "sum(refund.amount) over 30d > 500",
    "count(refund) over 30d > 2",
    "sum(order.amount) over 30d > 5000",
    "count(order) over 24h > 5",
    "count(complaint) over 30d > 1",
    "count(login) over 1h > 5",
    r#"sum(order.amount where channel == "app") over 24h > 2000"#,
    "count(activity) over 1h > 20",
];

/// At how many of the [`crate::stream::EVENTS`] messages W1 is true.
pub const TRUE_W1: u64 = 181_051;
/// At how many of the [`crate::stream::EVENTS`] events each condition of W2 is true.
pub const TRUE_W2: [u64; 10] =
    [301_311, 82_775, 420_564, 583_587, 408_782, 367_247, 567_459, 124_640, 117_837, 151_388];

/// One rule, looked at for every message, that emits where its condition holds.
#[must_use]
pub fn w1() -> Rulebook {
    compile(&format!("{SCHEMA}rule r0 {{ on message when {FLOOD} then emit hit0 }}\n"))
}

/// Ten rules that are looked at for every event, and emit where their condition holds.
#[must_use]
pub fn w2_level() -> Rulebook {
    compile(&(SCHEMA.to_owned() + &CONDITIONS.iter().enumerate().map(level_rule).collect::<String>()))
}

/// Only one of the rules of [`w2_level`].
#[must_use]
pub fn w2_level_only(at: usize) -> Rulebook {
    compile(&(SCHEMA.to_owned() + &level_rule((at, &CONDITIONS[at]))))
}

/// Ten rules that hold a tag for as long as their condition does, to its exact end.
#[must_use]
pub fn w2_live() -> Rulebook {
    compile(&(SCHEMA.to_owned() + &CONDITIONS.iter().enumerate().map(live_rule).collect::<String>()))
}

/// Only one of the rules of [`w2_live`].
#[must_use]
pub fn w2_live_only(at: usize) -> Rulebook {
    compile(&(SCHEMA.to_owned() + &live_rule((at, &CONDITIONS[at]))))
}

fn level_rule((at, condition): (usize, &&str)) -> String {
    format!("rule r{at} {{ on activity when {condition} then emit hit{at} }}\n")
}

fn live_rule((at, condition): (usize, &&str)) -> String {
    format!("rule r{at} {{ while {condition} then tag t{at} }}\n")
}

/// Compiles a rulebook of the workloads.
///
/// # Panics
/// It has mistakes.
#[must_use]
pub fn compile(text: &str) -> Rulebook {
    Rulebook::compile(text).unwrap_or_else(|error| panic!("the workload does not compile: {error:?}\n{text}"))
}
