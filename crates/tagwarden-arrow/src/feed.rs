//! Rows into an engine: the one place where a table becomes events.

use crate::bind::{Binding, BoundEvent, TypeSource};
use crate::cells::Cells;
use crate::intern::Interner;
use crate::numbers::Number;
use crate::refused::RefusedTable;
use crate::slow;
use crate::texts::Texts;
use arrow_array::{Array, RecordBatch};
use std::sync::Arc;
use tagwarden::{DecisionRef, Engine, Event, EventId, FieldKind, Input, InputError, Timestamp, Value};

/// How many events are made before the engine has them. Their memory is used again and again, and should stay near.
const CHUNK: usize = 512;

/// Hands the rows of tables to engines.
#[derive(Debug)]
pub struct Feed<'b> {
    binding: &'b Binding,
    pool: Pool,
    /// How many rows have been seen.
    seen: u64,
}

/// Events between a table and an engine.
#[derive(Debug)]
pub(crate) struct Pool {
    interner: Interner,
    /// Made once and filled again and again.
    events: Vec<Event>,
    /// The row of each event.
    rows: Vec<u64>,
}

/// What is known of a row before it is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known<'k> {
    /// The place of its event type among the rulebook's.
    pub(crate) at: usize,
    /// Its time, and the key of its only subject.
    pub(crate) whose: Option<(Timestamp, &'k Arc<str>)>,
}

/// A batch, ready to be read.
#[derive(Debug)]
pub(crate) struct Rows {
    pub(crate) cells: Vec<Cells>,
    pub(crate) types: Types,
}

/// The event types of the rows.
#[derive(Debug)]
pub(crate) enum Types {
    Fixed(usize),
    Column { texts: Texts, known: Vec<Option<usize>>, last: usize },
    Absent,
}

impl Rows {
    pub(crate) fn new(binding: &Binding, batch: &RecordBatch) -> Rows {
        let types = match binding.types {
            TypeSource::Fixed(at) => Types::Fixed(at),
            TypeSource::Column(at) => match batch.columns().get(at).and_then(Texts::new) {
                Some(texts) => {
                    let known = match &texts {
                        Texts::Dictionary { values, made, .. } => {
                            let find =
                                |at| values.get(at).and_then(|name| binding.by_name.get(name)).copied();
                            (0..made.len()).map(find).collect()
                        }
                        _ => Vec::new(),
                    };
                    Types::Column { texts, known, last: 0 }
                }
                None => Types::Absent,
            },
        };
        Rows { cells: binding.cells(batch), types }
    }

    /// The time of a row, if it has one that can be read.
    pub(crate) fn time(&self, binding: &Binding, row: usize) -> Option<Timestamp> {
        match self.cells.get(binding.time)? {
            Cells::Times(times) => times.get(row)?.instant(),
            _ => None,
        }
    }
}

impl Types {
    /// The place of a row's event type among the rulebook's.
    pub(crate) fn find(&mut self, binding: &Binding, row: usize) -> Option<usize> {
        match self {
            Types::Fixed(at) => Some(*at),
            Types::Absent => None,
            Types::Column { texts, known, .. } if !known.is_empty() => {
                texts.code(row).and_then(|code| known.get(code).copied().flatten())
            }
            Types::Column { texts, last, .. } => {
                let name = texts.get(row)?;
                if binding.events.get(*last).is_none_or(|event| *event.name != *name) {
                    *last = *binding.by_name.get(name)?;
                }
                Some(*last)
            }
        }
    }

    /// Why a row has no event type that the rulebook knows.
    pub(crate) fn complaint(&self, binding: &Binding, row: usize) -> InputError {
        let nothing = || InputError::Invalid {
            path: "type".into(),
            expected: "the name of an event type".into(),
            found: "nothing".into(),
        };
        match self {
            Types::Column { texts, .. } => match texts.get(row) {
                Some(name) => binding.reader.columns::<&str>(&[], Some(name)).err().unwrap_or_else(nothing),
                None => nothing(),
            },
            _ => nothing(),
        }
    }
}

impl<'b> Feed<'b> {
    /// A feed of tables with the columns of a binding.
    #[must_use]
    pub fn new(binding: &'b Binding) -> Feed<'b> {
        Feed { binding, pool: Pool::new(), seen: 0 }
    }

    /// Hands the rows of a batch to an engine, in their order. Rows are counted on from batch to batch.
    pub fn batch(
        &mut self,
        engine: &mut Engine,
        batch: &RecordBatch,
        refused: &mut RefusedTable,
        sink: &mut dyn FnMut(&DecisionRef<'_>),
    ) {
        let mut rows = Rows::new(self.binding, batch);
        let first = self.seen;
        for start in (0..batch.num_rows()).step_by(CHUNK) {
            let end = batch.num_rows().min(start + CHUNK);
            for row in start..end {
                self.pool.push(self.binding, (&mut rows, row), first + row as u64, refused);
            }
            self.pool.flush(engine, refused, sink);
        }
        self.seen += batch.num_rows() as u64;
    }
}

impl Pool {
    pub(crate) fn new() -> Pool {
        Pool { interner: Interner::new(), events: Vec::new(), rows: Vec::new() }
    }

    /// Whether it is time to [`Pool::flush`].
    pub(crate) fn is_full(&self) -> bool {
        self.rows.len() >= CHUNK
    }

    /// Makes an event of a row, or notes why it is none.
    pub(crate) fn push(
        &mut self,
        binding: &Binding,
        (rows, row): (&mut Rows, usize),
        number: u64,
        refused: &mut RefusedTable,
    ) {
        match rows.types.find(binding, row) {
            Some(at) => self.push_known(binding, (rows, row), Known { at, whose: None }, number, refused),
            None => refused.push(number, &rows.types.complaint(binding, row)),
        }
    }

    /// [`Pool::push`] of a row of which something is known.
    pub(crate) fn push_known(
        &mut self,
        binding: &Binding,
        (rows, row): (&mut Rows, usize),
        known: Known<'_>,
        number: u64,
        refused: &mut RefusedTable,
    ) {
        let Some(bound) = binding.events.get(known.at) else { return };
        let next = self.rows.len();
        if self.events.len() == next {
            self.events.push(Event {
                event: EventId(0),
                time: Timestamp::MIN,
                id: None,
                keys: Vec::new(),
                fields: Vec::new(),
            });
        }
        let Some(event) = self.events.get_mut(next) else { return };
        if fill(binding, bound, (&mut rows.cells, row), known.whose, &mut self.interner, event).is_none() {
            match slow::read(binding, bound, &rows.cells, row) {
                Ok(Input::Event(read)) => *event = read,
                Ok(_) => return,
                Err(error) => return refused.push(number, &error),
            }
        }
        self.rows.push(number);
    }

    /// The events that have been made.
    pub(crate) fn events(&self) -> &[Event] {
        self.events.get(..self.rows.len()).unwrap_or_default()
    }

    /// Begins anew, whatever has been made.
    pub(crate) fn clear(&mut self) {
        self.rows.clear();
    }

    /// Hands the events over that have been made.
    pub(crate) fn flush(
        &mut self,
        engine: &mut Engine,
        refused: &mut RefusedTable,
        sink: &mut dyn FnMut(&DecisionRef<'_>),
    ) {
        for (at, error) in engine.process_batch(self.events(), sink) {
            refused.push(self.rows.get(at).copied().unwrap_or_default(), &error);
        }
        self.rows.clear();
    }
}

/// Fills an event from a row; `None` where something is not plain. `known`: its time and the key of its only subject,
/// if they are known.
pub(crate) fn fill(
    binding: &Binding,
    bound: &BoundEvent,
    (cells, row): (&mut [Cells], usize),
    known: Option<(Timestamp, &Arc<str>)>,
    interner: &mut Interner,
    event: &mut Event,
) -> Option<()> {
    event.event = bound.event;
    event.time = match (known, cells.get(binding.time)?) {
        (Some((time, _)), _) => time,
        (None, Cells::Times(times)) => times.get(row)?.instant()?,
        _ => return None,
    };
    event.id = match bound.id.and_then(|at| cells.get_mut(at)) {
        Some(cells) => key(cells, row, interner),
        None => None,
    };
    event.keys.clear();
    match known {
        Some((_, key)) => event.keys.push(Arc::clone(key)),
        None => {
            for (_, at) in &bound.keys {
                event.keys.push(key(cells.get_mut((*at)?)?, row, interner).filter(|key| !key.is_empty())?);
            }
        }
    }
    event.fields.clear();
    for field in &bound.fields {
        let value = match field.cells.and_then(|at| cells.get_mut(at)) {
            Some(cells) => value(cells, row, &field.kind, interner)?,
            None => None,
        };
        if value.is_none() && !field.optional {
            return None;
        }
        event.fields.push(value);
    }
    Some(())
}

fn key(cells: &mut Cells, row: usize, interner: &mut Interner) -> Option<Arc<str>> {
    match cells {
        Cells::Texts(texts) => texts.shared(row, interner),
        Cells::Numbers(numbers) => match numbers.get(row)? {
            Number::Whole(whole) => Some(interner.get(&whole.to_string())),
            _ => None,
        },
        _ => None,
    }
}

/// The value of a field; the outer `None` where it is there and not plain.
#[allow(clippy::option_option, reason = "absent and unclear are two things")]
fn value(cells: &mut Cells, row: usize, kind: &FieldKind, interner: &mut Interner) -> Option<Option<Value>> {
    Some(match (cells, kind) {
        (Cells::Absent, _) => None,
        (Cells::Texts(texts), FieldKind::Text) => texts.shared(row, interner).map(Value::Text),
        (Cells::Texts(texts), FieldKind::Choice(members)) => match texts.get(row) {
            Some(text) => Some(Value::Text(Arc::clone(members.iter().find(|member| ***member == *text)?))),
            None => None,
        },
        (Cells::Numbers(numbers), _) => match numbers.get(row) {
            Some(number) => Some(Value::Number(number.decimal()?)),
            None => None,
        },
        (Cells::Times(times), _) => match times.get(row) {
            Some(time) => Some(Value::Time(time.instant()?)),
            None => None,
        },
        (Cells::Bools(bools), _) => (!bools.is_null(row)).then(|| Value::Bool(bools.value(row))),
        (Cells::Texts(_), _) => return None,
    })
}
