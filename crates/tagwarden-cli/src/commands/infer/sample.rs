//! What a sample of events holds: which types, which fields, which kinds of values.

use crate::args::InputFormat;
use crate::input::skip_mark;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use tagwarden::{Decimal, Timestamp};

/// More different texts than this are not remembered.
const MOST_VALUES: usize = 16;
/// More event types than this are hardly meant.
const MOST_TYPES: usize = 1000;
/// More fields than this an event type hardly has.
const MOST_FIELDS: usize = 1000;

#[derive(Default)]
pub(super) struct Sample {
    pub(super) count: u64,
    /// In order of first appearance.
    pub(super) events: Vec<(String, EventSeen)>,
    pub(super) skipped: u64,
    pub(super) first_skipped: Option<String>,
}

#[derive(Default)]
pub(super) struct EventSeen {
    pub(super) count: u64,
    pub(super) without_time: u64,
    /// In order of first appearance.
    pub(super) fields: Vec<FieldSeen>,
}

#[derive(Default)]
pub(super) struct FieldSeen {
    pub(super) name: String,
    /// How many events have it.
    pub(super) present: u64,
    pub(super) numbers: u64,
    /// Numbers that are no decimals of the language.
    pub(super) unfit: u64,
    pub(super) bools: u64,
    pub(super) times: u64,
    pub(super) texts: u64,
    pub(super) others: u64,
    /// Whether they are cells of a table, which say nothing of their kind.
    pub(super) cells: bool,
    /// The different texts; `None` where there are too many.
    pub(super) values: Option<BTreeSet<String>>,
}

impl FieldSeen {
    fn new(name: String) -> FieldSeen {
        FieldSeen { name, values: Some(BTreeSet::new()), ..FieldSeen::default() }
    }

    /// Whether it can be the key of an entity: a text in every event. In a table every cell is a text.
    pub(super) fn is_key(&self, events: u64) -> bool {
        self.present == events && (self.cells || self.texts == events)
    }

    fn see(&mut self, value: &Value) {
        match value {
            Value::Null => return,
            Value::Bool(_) => self.bools += 1,
            Value::Number(number) => self.number(&number.to_string()),
            Value::String(text) => self.text(text),
            Value::Array(_) | Value::Object(_) => self.others += 1,
        }
        self.present += 1;
    }

    fn see_cell(&mut self, cell: &str) {
        self.cells = true;
        self.present += 1;
        if cell.eq_ignore_ascii_case("true") || cell.eq_ignore_ascii_case("false") {
            self.bools += 1;
        } else if cell.parse::<Decimal>().is_ok() {
            self.numbers += 1;
        } else {
            self.text(cell);
        }
    }

    fn number(&mut self, digits: &str) {
        match digits.parse::<Decimal>() {
            Ok(_) => self.numbers += 1,
            Err(_) => self.unfit += 1,
        }
    }

    fn text(&mut self, text: &str) {
        if text.parse::<Timestamp>().is_ok() {
            self.times += 1;
        } else {
            self.texts += 1;
        }
        if let Some(values) = &mut self.values
            && !values.contains(text)
        {
            values.insert(text.to_owned());
            if values.len() > MOST_VALUES {
                self.values = None;
            }
        }
    }
}

impl EventSeen {
    fn field(&mut self, name: &str) -> Option<&mut FieldSeen> {
        if let Some(at) = self.fields.iter().position(|field| field.name == name) {
            return self.fields.get_mut(at);
        }
        if self.fields.len() < MOST_FIELDS {
            self.fields.push(FieldSeen::new(name.to_owned()));
            return self.fields.last_mut();
        }
        None
    }
}

/// The members of an object in the order written.
struct Object(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Object(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

impl Sample {
    pub(super) fn read(
        file: Box<dyn Read>,
        format: InputFormat,
        ty: Option<&str>,
        limit: u64,
    ) -> io::Result<Sample> {
        let mut source = BufReader::new(file);
        skip_mark(&mut source)?;
        let mut sample = Sample::default();
        match format {
            InputFormat::Jsonl => sample.read_json(source, ty, limit)?,
            InputFormat::Csv => sample.read_csv(source, ty, limit)?,
            InputFormat::Parquet | InputFormat::Arrow => return Err(io::ErrorKind::Unsupported.into()),
        }
        Ok(sample)
    }

    fn read_json(&mut self, mut source: impl BufRead, ty: Option<&str>, limit: u64) -> io::Result<()> {
        let mut line = Vec::new();
        for number in 1_u64.. {
            line.clear();
            if self.count == limit || source.read_until(b'\n', &mut line)? == 0 {
                break;
            }
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            match serde_json::from_slice::<Object>(&line) {
                Ok(object) => self.see(&object, ty, number),
                Err(error) => self.skip(format!("line {number}: {error}")),
            }
        }
        Ok(())
    }

    fn see(&mut self, object: &Object, ty: Option<&str>, number: u64) {
        let member = |name: &str| object.0.iter().find(|(other, _)| other == name).map(|(_, value)| value);
        let Some(ty) = member("type").and_then(Value::as_str).or(ty) else {
            // Ticks and commands are no events.
            if member("tick").is_none() && member("command").is_none() {
                self.skip(format!("line {number} has no `type`"));
            }
            return;
        };
        let has_time = member("time").is_some_and(|time| !time.is_null());
        let Some(event) = self.event(ty, has_time) else { return };
        for (name, value) in &object.0 {
            if !matches!(&**name, "type" | "time" | "id")
                && let Some(field) = event.field(name)
            {
                field.see(value);
            }
        }
    }

    fn read_csv(&mut self, source: impl Read, ty: Option<&str>, limit: u64) -> io::Result<()> {
        let mut rows = csv::ReaderBuilder::new().flexible(true).from_reader(source);
        let header: Vec<String> = rows.headers()?.iter().map(str::to_owned).collect();
        let column = |name: &str| header.iter().position(|other| other == name);
        let (type_column, time_column) = (column("type"), column("time"));
        for row in rows.records() {
            if self.count == limit {
                break;
            }
            let row = match row {
                Ok(row) => row,
                Err(error) if matches!(error.kind(), csv::ErrorKind::Io(_)) => return Err(error.into()),
                Err(error) => {
                    self.skip(error.to_string());
                    continue;
                }
            };
            let cell = |at: Option<usize>| at.and_then(|at| row.get(at)).filter(|cell| !cell.is_empty());
            let Some(ty) = ty.or(cell(type_column)) else {
                self.skip("a row has no `type`".into());
                continue;
            };
            let Some(event) = self.event(ty, cell(time_column).is_some()) else { continue };
            for (name, cell) in header.iter().zip(&row) {
                if !matches!(&**name, "type" | "time" | "id")
                    && let Some(field) = event.field(name)
                    && !cell.is_empty()
                {
                    field.see_cell(cell);
                }
            }
        }
        Ok(())
    }

    fn event(&mut self, ty: &str, has_time: bool) -> Option<&mut EventSeen> {
        let at = match self.events.iter().position(|(name, _)| name == ty) {
            Some(at) => at,
            None if self.events.len() < MOST_TYPES => {
                self.events.push((ty.to_owned(), EventSeen::default()));
                self.events.len() - 1
            }
            None => {
                self.skip(format!("there are more than {MOST_TYPES} event types"));
                return None;
            }
        };
        self.count += 1;
        let (_, event) = self.events.get_mut(at)?;
        event.count += 1;
        event.without_time += u64::from(!has_time);
        Some(event)
    }

    fn skip(&mut self, why: String) {
        self.skipped += 1;
        self.first_skipped.get_or_insert(why);
    }
}
