//! Decisions as a table, with a column for each key of their JSON form.

use crate::dictionary::Dictionary;
use crate::table::Table;
use crate::view::View;
use arrow_array::builder::StringBuilder;
use arrow_array::types::{Decimal128Type, TimestampMicrosecondType, UInt8Type};
use arrow_array::{ArrayRef, ArrowPrimitiveType, BooleanArray, Int32Array, PrimitiveArray, RecordBatch};
use arrow_buffer::{BooleanBufferBuilder, NullBuffer};
use arrow_schema::{ArrowError, DataType, Field, Schema, TimeUnit};
use serde::Serializer as _;
use std::sync::Arc;
use tagwarden::{Change, ProposedAction};

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
    shadow: Sparse<bool>,
    codes: [Sparse<i32>; CODED.len()],
    level: Sparse<u8>,
    from: Sparse<u8>,
    until: Sparse<i64>,
    value: Sparse<i128>,
    texts: [Words; TEXTS.len()],
}

/// A column in which most rows have nothing. They are caught up on when something comes.
#[derive(Debug)]
struct Sparse<T> {
    values: Vec<T>,
    valid: BooleanBufferBuilder,
}

impl<T> Default for Sparse<T> {
    fn default() -> Self {
        Sparse { values: Vec::new(), valid: BooleanBufferBuilder::new(0) }
    }
}

impl<T: Copy + Default> Sparse<T> {
    fn set(&mut self, row: usize, value: T) {
        self.pad(row);
        self.values.push(value);
        self.valid.append(true);
    }

    fn pad(&mut self, rows: usize) {
        if let Some(missing) = rows.checked_sub(self.values.len()).filter(|missing| *missing > 0) {
            self.values.resize(rows, T::default());
            self.valid.append_n(missing, false);
        }
    }

    fn finish(mut self, rows: usize) -> (Vec<T>, Option<NullBuffer>) {
        self.pad(rows);
        let nulls = NullBuffer::new(self.valid.finish());
        let nulls = (nulls.null_count() > 0).then_some(nulls);
        (self.values, nulls)
    }
}

/// The same for texts.
#[derive(Debug, Default)]
struct Words {
    texts: StringBuilder,
    rows: usize,
}

impl Words {
    fn set(&mut self, row: usize, text: &str) {
        self.pad(row);
        self.texts.append_value(text);
        self.rows = row + 1;
    }

    fn pad(&mut self, rows: usize) {
        self.texts.append_nulls(rows.saturating_sub(self.rows));
        self.rows = self.rows.max(rows);
    }
}

impl DecisionTable {
    /// An empty table; with columns for reasons, which cost most of the time, or without.
    #[must_use]
    pub fn new(reasons: bool) -> DecisionTable {
        DecisionTable {
            reasons,
            rows: 0,
            dictionaries: Default::default(),
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
            self.parts.push((self.rows, std::mem::take(&mut self.part)));
            self.rows = 0;
        }
        let row = self.rows;
        self.rows += 1;
        self.part.time.push(decision.time.micros());
        self.part.subject.append_value(decision.subject);
        self.part.shadow.set(row, decision.shadow);
        self.word(row, KIND, decision.change.kind());
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
                self.json_word(row, CAUSE, cause);
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
                self.json_word(row, CAUSE, cause);
            }
            Change::Scored { score, value } => {
                self.code(row, SCORE, score);
                self.part.value.set(row, value.units());
            }
            Change::Proposed(action) | Change::Withheld(action) => {
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
                self.text(row, FIELDS, &fields_json(fields));
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

    fn word(&mut self, row: usize, column: usize, text: &str) {
        if let (Some(dictionary), Some(codes)) =
            (self.dictionaries.get_mut(column), self.part.codes.get_mut(column))
        {
            codes.set(row, dictionary.word(text));
        }
    }

    /// The word that JSON has for it.
    fn json_word(&mut self, row: usize, column: usize, value: &impl serde::Serialize) {
        let json = serde_json::to_string(value).unwrap_or_default();
        self.word(row, column, json.trim_matches('"'));
    }

    fn text(&mut self, row: usize, column: usize, text: &str) {
        if let Some(words) = self.part.texts.get_mut(column) {
            words.set(row, text);
        }
    }

    /// The table.
    ///
    /// # Errors
    /// It is too large for its columns.
    pub fn finish(mut self) -> Result<Table, ArrowError> {
        if self.rows > 0 || self.parts.is_empty() {
            self.parts.push((self.rows, self.part));
        }
        let values: Vec<ArrayRef> = self.dictionaries.iter().map(Dictionary::values).collect();
        let schema = Arc::new(schema(self.reasons));
        let mut batches = Vec::new();
        for (rows, part) in self.parts {
            let columns = part.finish(rows, &values)?;
            let picked = schema.fields().iter().map(|field| {
                let found = columns.iter().find(|(name, _)| name == field.name());
                let missing = || ArrowError::SchemaError(field.name().clone());
                found.map(|(_, column)| Arc::clone(column)).ok_or_else(missing)
            });
            let picked = picked.collect::<Result<Vec<_>, _>>()?;
            batches.push(RecordBatch::try_new(Arc::clone(&schema), picked)?);
        }
        Ok(Table::new(schema, batches))
    }
}

impl Part {
    fn finish(
        self,
        rows: usize,
        dictionaries: &[ArrayRef],
    ) -> Result<Vec<(&'static str, ArrayRef)>, ArrowError> {
        let Part { time, mut subject, shadow, codes, level, from, until, value, texts } = self;
        let times = |values: Vec<i64>, nulls| -> ArrayRef {
            Arc::new(
                PrimitiveArray::<TimestampMicrosecondType>::new(values.into(), nulls).with_timezone("UTC"),
            )
        };
        let (until, until_nulls) = until.finish(rows);
        let (value, value_nulls) = value.finish(rows);
        let value =
            plain::<Decimal128Type>(value, value_nulls)?.with_precision_and_scale(DECIMAL.0, DECIMAL.1)?;
        let (level, level_nulls) = level.finish(rows);
        let (from, from_nulls) = from.finish(rows);
        let mut columns: Vec<(&str, ArrayRef)> = vec![
            ("time", times(time, None)),
            ("subject", Arc::new(subject.finish())),
            ("shadow", Arc::new(BooleanArray::from(shadow.finish(rows).0))),
            ("until", times(until, until_nulls)),
            ("value", Arc::new(value)),
            ("level", Arc::new(plain::<UInt8Type>(level, level_nulls)?)),
            ("from", Arc::new(plain::<UInt8Type>(from, from_nulls)?)),
        ];
        for ((name, codes), values) in CODED.into_iter().zip(codes).zip(dictionaries) {
            let (codes, nulls) = codes.finish(rows);
            let codes = Int32Array::try_new(codes.into(), nulls)?;
            columns.push((name, Dictionary::column(codes, values)?));
        }
        for (name, mut words) in TEXTS.into_iter().zip(texts) {
            words.pad(rows);
            columns.push((name, Arc::new(words.texts.finish())));
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
