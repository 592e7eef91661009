//! The events of the workloads: a deterministic CRM stream, equal to the last bit wherever it is made.
//!
//! Customers are drawn by Zipf's law (s = 1), times are strictly increasing milliseconds over 60 days, and amounts are whole
//! quarters, so that sums in binary floats are exact too and every system must come to the same answers.

use crate::texts::Texts;
use std::io::{self, Write};
use std::sync::Arc;
use tagwarden::{Decimal, Event, EventId, Schema, Timestamp, Value};

/// How many events the workloads have.
pub const EVENTS: usize = 1_000_000;
/// How many customers they are drawn from.
pub const CUSTOMERS: usize = 50_000;
/// The first possible time, 2025-01-01T00:00:00Z, in milliseconds.
pub const START: i64 = 1_735_689_600_000;
/// Days that the stream covers.
pub const DAYS: i64 = 60;

/// Event types by [`Fact::kind`].
pub const KINDS: [&str; 5] = ["message", "login", "order", "refund", "complaint"];
/// Channels by [`Fact::channel`].
pub const CHANNELS: [&str; 5] = ["wechat", "app", "web", "phone", "email"];

/// One event, as small as it can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Milliseconds since 1970.
    pub millis: i64,
    /// The customer's number; the key is [`key`] of it.
    pub customer: u32,
    /// Index into [`KINDS`].
    pub kind: u8,
    /// Index into [`CHANNELS`].
    pub channel: u8,
    /// Amount in quarters; 0 for what is neither an order nor a refund.
    pub quarters: u32,
}

/// Shares of kinds, summed up: what is below the first is a message.
const KIND_BOUNDS: [f64; 4] = [0.60, 0.80, 0.94, 0.98];
const CHANNEL_BOUNDS: [f64; 4] = [0.40, 0.65, 0.85, 0.95];

/// The number at `at` of an endless stream of random numbers: SplitMix64 (Steele, Lea, Flood 2014) as a counter.
#[must_use]
pub fn random(stream: u64, at: u64) -> u64 {
    const SEED: u64 = 20_250_101 * 1_000_003;
    let offset = SEED.wrapping_add(stream.wrapping_mul(0x9E37_79B9)) & 0xFFFF_FFFF_FFFF;
    let mut z = at.wrapping_add(offset).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// As [`random`], in [0, 1).
#[must_use]
pub fn unit(stream: u64, at: u64) -> f64 {
    (random(stream, at) >> 11) as f64 / (1u64 << 53) as f64
}

/// As [`random`], a whole number below `below`.
#[must_use]
pub fn whole(stream: u64, at: u64, below: u64) -> u64 {
    (unit(stream, at) * below as f64) as u64
}

/// The first `count` events of a stream over [`DAYS`] and [`CUSTOMERS`], in order of time. Another count gives another stream.
#[must_use]
pub fn facts(count: usize) -> Vec<Fact> {
    facts_of(count, CUSTOMERS)
}

/// [`facts`] of another number of customers.
#[must_use]
pub fn facts_of(count: usize, customers: usize) -> Vec<Fact> {
    let span = (DAYS * 86_400_000) as u64 - count as u64;
    let mut times: Vec<u64> = (0..count as u64).map(|at| whole(1, at, span)).collect();
    times.sort_unstable();
    let shares = zipf(customers);
    (0u64..)
        .zip(times)
        .map(|(at, time)| {
            let rank = at_or_below(&shares, unit(2, at)).min(customers - 1);
            fact_at(at, START + (time + at) as i64, ((rank * 7919 + 13) % customers) as u32)
        })
        .collect()
}

/// The event at `at`: when and whose it is, is given; the rest is drawn.
#[must_use]
pub fn fact_at(at: u64, millis: i64, customer: u32) -> Fact {
    let kind = at_or_below(&KIND_BOUNDS, unit(3, at)) as u8;
    let share = unit(5, at);
    let quarters = match kind {
        2 => (40.0 * (1.8 * share * share * 2.2).exp()).round_ties_even() as u32,
        3 => (20.0 * (1.5 * share * 2.0).exp()).round_ties_even() as u32,
        _ => 0,
    };
    let channel = at_or_below(&CHANNEL_BOUNDS, unit(4, at)) as u8;
    Fact { millis, customer, kind, channel, quarters }
}

fn at_or_below(bounds: &[f64], value: f64) -> usize {
    bounds.partition_point(|bound| *bound <= value)
}

/// Zipf's law with exponent 1, summed up.
fn zipf(customers: usize) -> Vec<f64> {
    let weights = (1..=customers).map(|rank| 1.0 / rank as f64);
    let mut shares: Vec<f64> = weights
        .scan(0.0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        })
        .collect();
    let total = shares.last().copied().unwrap_or(1.0);
    shares.iter_mut().for_each(|share| *share /= total);
    shares
}

/// The key of a customer.
#[must_use]
pub fn key(customer: u32) -> String {
    format!("c{customer:05}")
}

/// An amount of quarters as the engine takes it.
#[must_use]
pub fn amount(quarters: u32) -> Value {
    Value::Number(Decimal::from_units(i128::from(quarters) * 250_000).0)
}

/// The facts as events of a schema that declares all [`KINDS`], some or all of them with `channel`, `amount` or `text`.
///
/// Each event has a key of its own, as a reader would make it. Fields are laid out as the schema declares them; `texts` are made
/// only where the schema has a field for them. Facts whose kind the schema lacks are left out.
///
/// # Panics
/// A field is none of these.
#[must_use]
pub fn events(schema: &Schema, facts: &[Fact]) -> Vec<Event> {
    enum Field {
        Channel,
        Amount,
        Text,
    }
    let layout = |id: EventId| -> Vec<Field> {
        let ty = schema.event_type(id).expect("an id of the schema");
        let field = |name: &str| match name {
            "channel" => Field::Channel,
            "amount" => Field::Amount,
            "text" => Field::Text,
            other => panic!("the stream has no field {other}"),
        };
        ty.fields.iter().map(|declared| field(&declared.name)).collect()
    };
    let types = KINDS.map(|kind| schema.event(kind).map(|id| (id, layout(id))));
    let channels: [Value; 5] = CHANNELS.map(Value::from);
    let texts = Texts::new();
    let event = |(at, fact): (usize, &Fact)| {
        let (id, layout) = types[usize::from(fact.kind)].as_ref()?;
        let field = |field: &Field| {
            Some(match field {
                Field::Channel => channels[usize::from(fact.channel)].clone(),
                Field::Amount => amount(fact.quarters),
                Field::Text => Value::Text(texts.text(at as u64, fact.kind).into()),
            })
        };
        Some(Event {
            event: *id,
            time: Timestamp::from_micros(fact.millis * 1000).expect("in range"),
            id: None,
            keys: vec![Arc::from(key(fact.customer))],
            fields: layout.iter().map(field).collect(),
        })
    };
    facts.iter().enumerate().filter_map(event).collect()
}

/// Writes the facts as JSON Lines that every system of the comparison can read.
///
/// # Errors
/// What `out` refuses.
pub fn write_json(facts: &[Fact], out: &mut dyn Write) -> io::Result<()> {
    let texts = Texts::new();
    for (at, fact) in facts.iter().enumerate() {
        let amount = match fact.kind {
            2 | 3 => format!("{}", f64::from(fact.quarters) / 4.0),
            _ => "null".to_owned(),
        };
        writeln!(
            out,
            r#"{{"time":"{}","ts_ms":{},"customer":"{}","type":"{}","channel":"{}","amount":{amount},"text":"{}"}}"#,
            Timestamp::from_micros(fact.millis * 1000).expect("in range"),
            fact.millis,
            key(fact.customer),
            KINDS[usize::from(fact.kind)],
            CHANNELS[usize::from(fact.channel)],
            texts.text(at as u64, fact.kind),
        )?;
    }
    Ok(())
}
