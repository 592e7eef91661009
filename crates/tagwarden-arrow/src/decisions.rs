//! Decisions as a table, with a column for each key of their JSON form.

mod arrange;

pub(crate) use arrange::{Rank, arrange};

use crate::dictionary::Dictionary;
use crate::sparse::{Sparse, Words};
use crate::table::Table;
use crate::view::View;
use arrow_array::builder::StringBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Int32Type, TimestampMicrosecondType, UInt8Type};
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, BooleanArray, Int32Array, PrimitiveArray, RecordBatch,
    new_null_array,
};
use arrow_buffer::NullBuffer;
use arrow_schema::{ArrowError, DataType, Field, Schema, TimeUnit};
use serde::Serializer as _;
use std::collections::HashMap;
use std::sync::Arc;
use tagwarden::{Change, EndCause, ProposedAction};

/// Collects decisions as columns.
///
/// | column | of which kinds |
/// | --- | --- |
/// | `time`, `kind`, `entity`, `subject`, `shadow` | all |
/// | `rule`, `version` | all that a rule has made |
/// | `tag` | `tagged`, `untagged` |
/// | `list`, `level`, `from`, `category` | `listed`, `unlisted`, `level_changed`, `review_due`, as far as they have it |
/// | `until` | `tagged`, `listed` |
/// | `cause` | `untagged`, `unlisted` |
/// | `score`, `value` | `scored` |
/// | `channel`, `text` | `notified` |
/// | `name`, `fields` | `emitted`; the fields as a JSON object |
/// | `action` | `proposed`, `withheld`, as a JSON object |
/// | `reason`, `json` | only on request: what `because` says, and the whole decision as JSON |
#[derive(Debug)]
pub struct DecisionTable {
    reasons: bool,
    rows: usize,
    dictionaries: [Dictionary; CODED.len()],
    /// The numbers of the causes that have come.
    causes: Vec<(EndCause, i32)>,
    part: Part,
    parts: Vec<(usize, Part)>,
}

/// The columns whose texts come again and again.
const CODED: [&str; 11] =
    ["kind", "entity", "rule", "version", "tag", "list", "category", "cause", "score", "channel", "name"];
const KIND: usize = 0;
const ENTITY: usize = 1;
const RULE: usize = 2;
const VERSION: usize = 3;
const TAG: usize = 4;
const LIST: usize = 5;
const CATEGORY: usize = 6;
const CAUSE: usize = 7;
const SCORE: usize = 8;
const CHANNEL: usize = 9;
const NAME: usize = 10;

/// The columns of texts that rarely come twice.
const TEXTS: [&str; 5] = ["text", "fields", "action", "reason", "json"];
const TEXT: usize = 0;
const FIELDS: usize = 1;
const ACTION: usize = 2;
const REASON: usize = 3;
const JSON: usize = 4;

/// The order of the columns.
const ORDER: [&str; 23] = [
    "time", "kind", "entity", "subject", "rule", "version", "shadow", "tag", "list", "level", "from",
    "category", "until", "cause", "score", "value", "channel", "text", "name", "fields", "action", "reason",
    "json",
];

/// So many rows stand in one batch.
const PART: usize = 1 << 16;

/// Digits of an exact decimal, and how many of them stand after the point.
const DECIMAL: (u8, i8) = (24, 6);

#[derive(Debug, Default)]
struct Part {
    time: Vec<i64>,
    subject: StringBuilder,
    shadow: Vec<bool>,
    codes: [Sparse<i32>; CODED.len()],
    level: Sparse<u8>,
    from: Sparse<u8>,
    until: Sparse<i64>,
    value: Sparse<i128>,
    texts: [Words; TEXTS.len()],
}

impl DecisionTable {
    /// An empty table; with columns for reasons, which cost most of the time, or without.
    #[must_use]
    pub fn new(reasons: bool) -> DecisionTable {
        DecisionTable {
            reasons,
            rows: 0,
            dictionaries: Default::default(),
            causes: Vec::new(),
            part: Part::default(),
            parts: Vec::new(),
        }
    }

    /// How many decisions it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.parts.iter().map(|(rows, _)| rows).sum::<usize>() + self.rows
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a decision.
    pub fn push<'a>(&mut self, decision: impl Into<View<'a>>) {
        let decision = decision.into();
        if self.rows == PART {
            let next = self.part.another();
            self.parts.push((self.rows, std::mem::replace(&mut self.part, next)));
            self.rows = 0;
        }
        let row = self.rows;
        self.rows += 1;
        self.part.time.push(decision.time.micros());
        self.part.subject.append_value(decision.subject);
        self.part.shadow.push(decision.shadow);
        self.fixed(row, KIND, decision.change.kind());
        self.code(row, ENTITY, decision.entity);
        if let Some(rule) = decision.rule {
            self.code(row, RULE, &rule.name);
            self.code(row, VERSION, &rule.version);
        }
        self.change(row, decision.change);
        if self.reasons {
            decision.whole(|decision| {
                if let Some(text) = &decision.reason.text {
                    self.text(row, REASON, text);
                }
                self.text(row, JSON, &decision.to_json());
            });
        }
    }

    fn change(&mut self, row: usize, change: &Change) {
        match change {
            Change::Tagged { tag, until } => {
                self.code(row, TAG, tag);
                if let Some(until) = until {
                    self.part.until.set(row, until.micros());
                }
            }
            Change::Untagged { tag, cause } => {
                self.code(row, TAG, tag);
                self.cause(row, *cause);
            }
            Change::Listed { list, level, category, until } => {
                self.code(row, LIST, list);
                self.part.level.set(row, *level);
                if let Some(category) = category {
                    self.code(row, CATEGORY, category);
                }
                if let Some(until) = until {
                    self.part.until.set(row, until.micros());
                }
            }
            Change::LevelChanged { list, level, from } => {
                self.code(row, LIST, list);
                self.part.level.set(row, *level);
                self.part.from.set(row, *from);
            }
            Change::Unlisted { list, cause } => {
                self.code(row, LIST, list);
                self.cause(row, *cause);
            }
            Change::Scored { score, value } => {
                self.code(row, SCORE, score);
                self.part.value.set(row, value.units());
            }
            Change::Proposed { action, .. } | Change::Withheld(action) => {
                self.text(row, ACTION, &action_json(action));
            }
            Change::Notified { channel, text } => {
                self.code(row, CHANNEL, channel);
                if let Some(text) = text {
                    self.text(row, TEXT, text);
                }
            }
            Change::ReviewDue { list, level } => {
                self.code(row, LIST, list);
                self.part.level.set(row, *level);
            }
            Change::Emitted { name, fields } => {
                self.code(row, NAME, name);
                if fields.is_empty() {
                    self.text(row, FIELDS, "{}");
                } else {
                    self.text(row, FIELDS, &fields_json(fields));
                }
            }
            _ => {}
        }
    }

    fn code(&mut self, row: usize, column: usize, text: &Arc<str>) {
        if let (Some(dictionary), Some(codes)) =
            (self.dictionaries.get_mut(column), self.part.codes.get_mut(column))
        {
            codes.set(row, dictionary.code(text));
        }
    }

    fn fixed(&mut self, row: usize, column: usize, text: &'static str) {
        if let (Some(dictionary), Some(codes)) =
            (self.dictionaries.get_mut(column), self.part.codes.get_mut(column))
        {
            codes.set(row, dictionary.fixed(text));
        }
    }

    /// A cause, by the word that JSON has for it.
    fn cause(&mut self, row: usize, cause: EndCause) {
        let known = self.causes.iter().find(|(other, _)| *other == cause);
        let code = match (known, self.dictionaries.get_mut(CAUSE)) {
            (Some((_, code)), _) => *code,
            (None, Some(dictionary)) => {
                let json = serde_json::to_string(&cause).unwrap_or_default();
                let code = dictionary.word(json.trim_matches('"'));
                self.causes.push((cause, code));
                code
            }
            (None, None) => return,
        };
        if let Some(codes) = self.part.codes.get_mut(CAUSE) {
            codes.set(row, code);
        }
    }

    fn text(&mut self, row: usize, column: usize, text: &str) {
        if let Some(words) = self.part.texts.get_mut(column) {
            words.set(row, text);
        }
    }

    fn into_parts(mut self) -> Vec<(usize, Part)> {
        if self.rows > 0 || self.parts.is_empty() {
            self.parts.push((self.rows, self.part));
        }
        self.parts
    }

    /// The table.
    ///
    /// # Errors
    /// It is too large for its columns.
    pub fn finish(self) -> Result<Table, ArrowError> {
        let values: Vec<ArrayRef> = self.dictionaries.iter().map(Dictionary::values).collect();
        let schema = Arc::new(schema(self.reasons));
        let mut absent = Absent::default();
        let mut batches = Vec::new();
        for (rows, part) in self.into_parts() {
            let mut columns = part.finish(rows)?;
            let picked = schema.fields().iter().map(|field| {
                let found = columns.iter_mut().find(|(name, _)| name == field.name());
                match found.and_then(|(_, column)| column.take()) {
                    Some(column) => match coded(field.name()).and_then(|at| values.get(at)) {
                        Some(values) => {
                            Dictionary::column(column.as_primitive::<Int32Type>().clone(), values)
                        }
                        None => Ok(column),
                    },
                    None => absent.column(field, rows, &values),
                }
            });
            let picked = picked.collect::<Result<Vec<_>, _>>()?;
            batches.push(RecordBatch::try_new(Arc::clone(&schema), picked)?);
        }
        Ok(Table::new(schema, batches))
    }
}

/// The place of a column among those whose texts come again and again.
fn coded(name: &str) -> Option<usize> {
    CODED.iter().position(|other| *other == name)
}

/// Columns in which no row has anything, each made once for all batches.
#[derive(Default)]
struct Absent(HashMap<String, ArrayRef>);

impl Absent {
    fn column(
        &mut self,
        field: &Field,
        rows: usize,
        dictionaries: &[ArrayRef],
    ) -> Result<ArrayRef, ArrowError> {
        if let Some(column) = self.0.get(field.name()).filter(|column| column.len() >= rows) {
            return Ok(column.slice(0, rows));
        }
        let column = match coded(field.name()).and_then(|at| dictionaries.get(at)) {
            Some(values) => Dictionary::column(Int32Array::new_null(rows), values)?,
            None => new_null_array(field.data_type(), rows),
        };
        self.0.insert(field.name().clone(), Arc::clone(&column));
        Ok(column)
    }
}

impl Part {
    /// The next one, with room for as much as there is in this one.
    fn another(&self) -> Part {
        let mut codes: [Sparse<i32>; CODED.len()] = Default::default();
        for (next, codes) in codes.iter_mut().zip(&self.codes) {
            *next = Sparse::with_capacity(codes.len());
        }
        Part {
            time: Vec::with_capacity(PART),
            subject: StringBuilder::with_capacity(PART, self.subject.values_slice().len()),
            shadow: Vec::with_capacity(PART),
            codes,
            ..Part::default()
        }
    }

    /// Its columns by name, texts that come again and again by their codes; `None` where no row has anything.
    #[allow(clippy::type_complexity, reason = "pairs")]
    fn finish(self, rows: usize) -> Result<Vec<(&'static str, Option<ArrayRef>)>, ArrowError> {
        let Part { time, mut subject, shadow, codes, level, from, until, value, texts } = self;
        let times = |values: Vec<i64>, nulls| -> ArrayRef {
            Arc::new(
                PrimitiveArray::<TimestampMicrosecondType>::new(values.into(), nulls).with_timezone("UTC"),
            )
        };
        let mut columns: Vec<(&str, Option<ArrayRef>)> = vec![
            ("time", Some(times(time, None))),
            ("subject", Some(Arc::new(subject.finish()))),
            ("shadow", Some(Arc::new(BooleanArray::from(shadow)))),
            ("until", until.finish(rows).map(|(values, nulls)| times(values, nulls))),
        ];
        let value = value.finish(rows).map(|(values, nulls)| -> Result<ArrayRef, ArrowError> {
            let plain = plain::<Decimal128Type>(values, nulls)?;
            Ok(Arc::new(plain.with_precision_and_scale(DECIMAL.0, DECIMAL.1)?))
        });
        columns.push(("value", value.transpose()?));
        for (name, levels) in [("level", level), ("from", from)] {
            let levels = levels.finish(rows).map(|(values, nulls)| plain::<UInt8Type>(values, nulls));
            columns.push((name, levels.transpose()?.map(|levels| -> ArrayRef { Arc::new(levels) })));
        }
        for (name, codes) in CODED.into_iter().zip(codes) {
            let codes = codes.finish(rows).map(|(codes, nulls)| plain::<Int32Type>(codes, nulls));
            columns.push((name, codes.transpose()?.map(|codes| -> ArrayRef { Arc::new(codes) })));
        }
        for (name, words) in TEXTS.into_iter().zip(texts) {
            columns.push((name, words.finish(rows).map(|texts| -> ArrayRef { Arc::new(texts) })));
        }
        Ok(columns)
    }
}

fn plain<T: ArrowPrimitiveType>(
    values: Vec<T::Native>,
    nulls: Option<NullBuffer>,
) -> Result<PrimitiveArray<T>, ArrowError> {
    PrimitiveArray::try_new(values.into(), nulls)
}

fn schema(reasons: bool) -> Schema {
    let time = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let field = |name: &&str| {
        let ty = match *name {
            "time" | "until" => time.clone(),
            "shadow" => DataType::Boolean,
            "level" | "from" => DataType::UInt8,
            "value" => DataType::Decimal128(DECIMAL.0, DECIMAL.1),
            name if CODED.contains(&name) => Dictionary::data_type(),
            _ => DataType::Utf8,
        };
        Field::new(*name, ty, !["time", "kind", "entity", "subject", "shadow"].contains(name))
    };
    let shown = |name: &&&str| reasons || !["reason", "json"].contains(*name);
    Schema::new(ORDER.iter().filter(shown).map(field).collect::<Vec<_>>())
}

/// As the JSON form of a decision has it.
fn action_json(action: &ProposedAction) -> String {
    serde_json::to_string(action).unwrap_or_default()
}

fn fields_json(fields: &[(Arc<str>, tagwarden::Value)]) -> String {
    let mut text = Vec::new();
    let mut json = serde_json::Serializer::new(&mut text);
    // Writing to memory cannot fail, and every key is a text.
    let _ = json.collect_map(fields.iter().map(|(name, value)| (name, value)));
    String::from_utf8(text).unwrap_or_default()
}
