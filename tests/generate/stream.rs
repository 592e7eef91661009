//! Inputs: a few subjects, times that meet the edges of windows and calendars.

use super::dice::Dice;
use super::exprs::{DURATIONS, TEXTS};
use super::schema::{EVENTS, Ty};
use tagwarden::{About, Command, CommandKind, Duration, Event, Input, Rulebook, Timestamp, Value, Zone};

/// One input, by names: rulebooks whose declarations have been cut can still take what is left of it.
#[derive(Clone, Debug)]
pub struct Given {
    pub time: i64,
    pub what: What,
}

#[derive(Clone, Debug)]
pub enum What {
    Tick,
    Command {
        subject: (&'static str, &'static str),
        actor: &'static str,
        role: Option<&'static str>,
        kind: CommandKind,
    },
    Event {
        name: &'static str,
        keys: Vec<(&'static str, &'static str)>,
        fields: Vec<(&'static str, Value)>,
    },
}

/// A zone, an instant shortly before something happens in it, and the local date then.
pub const STARTS: &[(&str, &str, &str)] = &[
    ("UTC", "2026-05-05T10:00:00Z", "2026-05-05"),
    ("UTC", "2026-01-29T12:00:00Z", "2026-01-29"),
    ("UTC", "2026-12-31T12:00:00Z", "2026-12-31"),
    ("Europe/Berlin", "2026-03-28T22:00:00Z", "2026-03-28"),
    ("Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-25"),
    ("Europe/Berlin", "2026-01-30T22:30:00Z", "2026-01-30"),
    ("America/New_York", "2026-03-08T05:00:00Z", "2026-03-08"),
    ("America/New_York", "2026-11-01T03:00:00Z", "2026-10-31"),
    ("Asia/Shanghai", "2026-01-31T15:30:00Z", "2026-01-31"),
    ("Asia/Shanghai", "2028-02-28T15:30:00Z", "2028-02-28"),
    ("Australia/Lord_Howe", "2026-04-04T13:30:00Z", "2026-04-05"),
    ("Australia/Lord_Howe", "2026-10-03T13:30:00Z", "2026-10-04"),
    // Clocks that are set back over midnight, or skip it, or skip a whole day.
    ("America/Havana", "2026-11-01T03:00:00Z", "2026-10-31"),
    ("America/Havana", "2026-03-08T03:30:00Z", "2026-03-08"),
    ("Asia/Beirut", "2026-03-28T21:30:00Z", "2026-03-29"),
    ("Asia/Beirut", "2026-10-24T20:30:00Z", "2026-10-24"),
    ("Africa/Cairo", "2026-10-29T20:30:00Z", "2026-10-29"),
    ("Pacific/Apia", "2011-12-29T22:00:00Z", "2011-12-29"),
];

const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

fn micros(text: &str) -> i64 {
    text.parse::<Timestamp>().expect("a time of the table").micros()
}

/// Local times around a start, for the literals of a rulebook; in order.
pub fn times(date: &str) -> Vec<String> {
    let (year, rest) = date.split_at(4);
    let next: i32 = year.parse::<i32>().expect("a year") + 1;
    vec![
        date.to_owned(),
        format!("{date}T02:15"),
        format!("{date}T12:00"),
        format!("{date}T23:59"),
        format!("{next}-01-01"),
        format!("{next}-02-28T12:00"),
        if rest.contains("-02-") { format!("{next}-03-01") } else { format!("{next}{rest}") },
    ]
}

pub fn stream(dice: &mut Dice, zone: &str, start: &str) -> Vec<Given> {
    let zone = Zone::from_name(zone).expect("a zone of the table");
    let mut now = micros(start);
    let most = if dice.chance(40) { 25 } else { 12 };
    let count = 1 + dice.below(most);
    // In some streams little time passes, in others much.
    let pace = dice.below(3);
    // In some nobody does anything.
    let people = [0, 0, 25, 60][dice.below(4)];
    let mut earlier = Vec::new();
    let mut inputs: Vec<Given> = Vec::new();
    for _ in 0..count {
        if !inputs.is_empty() {
            now = later(dice, zone, now, pace, &inputs);
        }
        let what = match dice.chance(12) {
            true => What::Tick,
            false if dice.chance(people) => command(dice, now, &mut earlier),
            false => event(dice, now),
        };
        inputs.push(Given { time: now, what });
    }
    if dice.chance(85) {
        let last = [HOUR, DAY, 3 * DAY, 33 * DAY, 400 * DAY][dice.weighted(&[15, 40, 30, 20, 2])];
        inputs.push(Given { time: now + last, what: What::Tick });
    }
    inputs
}

fn later(dice: &mut Dice, zone: Zone, now: i64, pace: usize, earlier: &[Given]) -> i64 {
    if dice.chance(22) {
        // Exactly where something earlier leaves a window, or a hair beside it.
        let from = dice.pick(earlier).time;
        let length = match dice.word(DURATIONS) {
            "1mo" => Duration::new(1, 0),
            "1mo1d" => Duration::new(1, DAY),
            "10m" => Duration::from_micros(10 * MINUTE),
            "1h" => Duration::from_micros(HOUR),
            "1h30m" => Duration::from_micros(90 * MINUTE),
            "1d" => Duration::from_micros(DAY),
            _ => Duration::from_micros(2 * DAY),
        };
        let hair = [0, 0, 1, -1][dice.below(4)];
        let end = Timestamp::from_micros(from).and_then(|from| zone.add(from, length));
        if let Some(end) = end.map(Timestamp::micros).filter(|end| end + hair >= now) {
            return end + hair;
        }
    }
    if dice.chance(2) {
        return now - 1;
    }
    let gaps = [0, 1, 10 * MINUTE, HOUR, 90 * MINUTE, DAY, 2 * DAY, 31 * DAY, 400 * DAY];
    let weights = match pace {
        0 => [20, 5, 30, 20, 8, 3, 1, 0, 0],
        1 => [12, 3, 12, 20, 15, 15, 5, 1, 0],
        _ => [10, 2, 5, 10, 5, 25, 20, 8, 1],
    };
    now + gaps[dice.weighted(&weights)]
}

fn command(dice: &mut Dice, now: i64, earlier: &mut Vec<About>) -> What {
    let subject = match dice.weighted(&[80, 12, 8]) {
        0 => ("customer", "c1"),
        1 => ("customer", "c2"),
        _ => ("staff", "s1"),
    };
    let role = dice
        .chance(92)
        .then(|| dice.word(&["boss", "boss", "boss", "boss", "boss", "boss", "clerk", "cook"]));
    // Often the same one, who may not agree to what they asked for themselves.
    let actor = dice.word(&["u1", "u1", "u1", "u2", "u3"]);
    What::Command { subject, actor, role, kind: super::commands::kind(dice, now, earlier) }
}

fn event(dice: &mut Dice, now: i64) -> What {
    let event = &EVENTS[dice.weighted(&[30, 22, 18, 18, 12])];
    let keys = event
        .entities
        .iter()
        .map(|entity| match *entity {
            "customer" => ("customer", if dice.chance(75) { "c1" } else { "c2" }),
            _ => ("staff", if dice.chance(85) { "s1" } else { "s2" }),
        })
        .collect();
    let mut fields = Vec::new();
    for field in event.fields {
        if field.optional && dice.chance(40) {
            continue;
        }
        let value = match field.ty {
            Ty::Num => {
                let text = dice.word(&["1", "2", "3", "1", "2", "0", "-1", "2.5", "0.1"]);
                Value::Number(text.parse().expect("a number of the table"))
            }
            Ty::Text => Value::from(dice.word(TEXTS)),
            Ty::Choice => Value::from(dice.word(&["x", "y", "z"])),
            Ty::Bool => Value::Bool(dice.chance(60)),
            Ty::Time => {
                let back = [0, DAY, 365 * DAY, 366 * DAY, 730 * DAY, -DAY][dice.below(6)];
                Value::Time(Timestamp::from_micros(now - back).expect("a time near now"))
            }
        };
        fields.push((field.name, value));
    }
    What::Event { name: event.name, keys, fields }
}

/// The inputs as the rulebook's schema has them; `None` where it lacks what they need.
pub fn inputs(given: &[Given], rulebook: &Rulebook) -> Option<Vec<Input>> {
    let schema = rulebook.schema();
    let mut inputs = Vec::new();
    for input in given {
        let time = Timestamp::from_micros(input.time)?;
        let (name, keys, fields) = match &input.what {
            What::Event { name, keys, fields } => (name, keys, fields),
            What::Tick => {
                inputs.push(Input::Tick(time));
                continue;
            }
            What::Command { subject, actor, role, kind } => {
                inputs.push(Input::Command(Box::new(Command {
                    time,
                    id: None,
                    entity: schema.entity(subject.0)?,
                    subject: subject.1.into(),
                    actor: (*actor).into(),
                    role: role.map(Into::into),
                    reason: "so it is".into(),
                    kind: kind.clone(),
                })));
                continue;
            }
        };
        let event = schema.event(name)?;
        let ty = schema.event_type(event)?;
        let keys = keys.iter().map(|(_, key)| (*key).into()).collect();
        let fields = ty
            .fields
            .iter()
            .map(|field| {
                fields.iter().find(|(name, _)| *name == &*field.name).map(|(_, value)| value.clone())
            })
            .collect();
        inputs.push(Input::Event(Event { event, time, id: None, keys, fields }));
    }
    Some(inputs)
}

impl Given {
    /// As a line of JSON.
    pub fn line(&self) -> String {
        let time = Timestamp::from_micros(self.time).map(|time| time.to_string()).unwrap_or_default();
        match &self.what {
            What::Tick => format!("{{\"tick\":\"{time}\"}}"),
            What::Command { subject, actor, role, kind } => {
                format!("{time} {actor} ({role:?}) {} {}: {kind:?}", subject.0, subject.1)
            }
            What::Event { name, keys, fields } => {
                let mut line = format!("{{\"type\":\"{name}\",\"time\":\"{time}\"");
                for (entity, key) in keys {
                    line += &format!(",\"{entity}\":\"{key}\"");
                }
                for (name, value) in fields {
                    line += &match value {
                        Value::Text(_) | Value::Time(_) => format!(",\"{name}\":\"{value}\""),
                        _ => format!(",\"{name}\":{value}"),
                    };
                }
                line + "}"
            }
        }
    }
}
