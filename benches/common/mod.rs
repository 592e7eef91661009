//! The ten-rule workload: a deterministic CRM stream and the same ten conditions in two forms.

use std::sync::Arc;
use tagwarden::{Decimal, Event, EventId, Rulebook, Timestamp, Value};

const SCHEMA: &str = r#"
entity customer
event message(customer) { channel: "wechat" | "app" | "web" | "phone" | "email" }
event login(customer) {}
event order(customer) { amount: number, channel: "wechat" | "app" | "web" | "phone" | "email" }
event refund(customer) { amount: number }
event complaint(customer) {}
"#;

const CONDITIONS: [&str; 10] = [
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

/// Ten rules that are looked at on every event, and emit where their condition holds.
pub(crate) fn level() -> Rulebook {
    compile(|at, condition| format!("rule r{at} {{ on activity when {condition} then emit hit{at} }}\n"))
}

/// Ten rules that hold a tag for as long as their condition does, to its exact end.
pub(crate) fn live() -> Rulebook {
    compile(|at, condition| format!("rule r{at} {{ while {condition} then tag t{at} }}\n"))
}

fn compile(rule: impl Fn(usize, &str) -> String) -> Rulebook {
    let rules: String = CONDITIONS.iter().enumerate().map(|(at, condition)| rule(at, condition)).collect();
    Rulebook::compile(&format!("{SCHEMA}{rules}")).expect("the workload compiles")
}

/// `count` events of 50,000 customers over 60 days, in order of time: few customers have most of the events.
pub(crate) fn stream(rulebook: &Rulebook, count: usize) -> Vec<Event> {
    const CUSTOMERS: usize = 50_000;
    const START: i64 = 1_735_689_600_000_000;
    const SPAN: i64 = 60 * 86_400_000_000;
    let id = |name: &str| rulebook.schema().event(name).expect("declared");
    let types: [EventId; 5] = ["message", "login", "order", "refund", "complaint"].map(id);
    let channels: Vec<Value> = ["wechat", "app", "web", "phone", "email"].map(Value::from).into();
    let keys: Vec<Arc<str>> = (0..CUSTOMERS).map(|at| format!("c{at:05}").into()).collect();
    let mut weights: Vec<f64> = (1..=CUSTOMERS).map(|rank| 1.0 / rank as f64).collect();
    for at in 1..CUSTOMERS {
        weights[at] += weights[at - 1];
    }
    let total = weights[CUSTOMERS - 1];
    let mut random = Random(20_250_101);
    (0..count)
        .map(|at| {
            let rank = weights.partition_point(|weight| *weight < random.unit() * total).min(CUSTOMERS - 1);
            let kind = [0.60, 0.80, 0.94, 0.98]
                .iter()
                .filter(|bound| random.0 as f64 / u64::MAX as f64 >= **bound)
                .count();
            let channel = [0.40, 0.65, 0.85, 0.95]
                .iter()
                .filter(|bound| random.0.rotate_left(29) as f64 / u64::MAX as f64 >= **bound)
                .count();
            let quarter = |units: f64| Some(Value::Number(Decimal::from_units(units as i128 * 250_000).0));
            let amount = random.unit();
            let fields = match kind {
                0 => vec![Some(channels[channel].clone())],
                2 => vec![quarter(40.0 * (3.96 * amount * amount).exp()), Some(channels[channel].clone())],
                3 => vec![quarter(20.0 * (3.0 * amount).exp())],
                _ => Vec::new(),
            };
            Event {
                event: types[kind],
                time: Timestamp::from_micros(START + SPAN / count as i64 * at as i64).expect("in range"),
                id: None,
                keys: vec![keys[rank * 7919 % CUSTOMERS].clone()],
                fields,
            }
        })
        .collect()
}

/// SplitMix64 (Steele, Lea, Flood 2014), keeping its last output.
struct Random(u64);

impl Random {
    fn unit(&mut self) -> f64 {
        let mut z = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        self.0 = z ^ (z >> 31);
        self.0 as f64 / u64::MAX as f64
    }
}
