//! The columns of a table matched with the schema of a rulebook, once, before a row is read.

use crate::cells::{Cells, Use};
use crate::mapping::Mapping;
use crate::texts::Texts;
use crate::times::Times;
use arrow_array::RecordBatch;
use arrow_schema::{DataType, Schema as ArrowSchema};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use tagwarden::{EventId, EventType, FieldKind, InputError, Reader, Rulebook, Schema, TimeUnit, Zone};

/// Why a table is not one of a rulebook's events.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BindingError {
    /// The column, or the name that the mapping speaks of.
    pub column: String,
    /// What was expected.
    pub expected: String,
    /// What is there.
    pub found: String,
}

impl fmt::Display for BindingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column `{}`: expected {}, found {}", self.column, self.expected, self.found)
    }
}

impl std::error::Error for BindingError {}

/// The columns of a table, each matched with what it means to a rulebook. Types are checked here, once.
#[derive(Clone, Debug)]
pub struct Binding {
    pub(crate) reader: Reader,
    pub(crate) types: TypeSource,
    pub(crate) by_name: HashMap<Arc<str>, usize>,
    pub(crate) events: Vec<BoundEvent>,
    /// Each column that is read, with what it is read as.
    pub(crate) used: Vec<(usize, Use)>,
    /// The place in `used` of the time.
    pub(crate) time: usize,
    unit: TimeUnit,
    zone: Option<Zone>,
}

/// Where the event type of a row stands.
#[derive(Clone, Copy, Debug)]
pub(crate) enum TypeSource {
    Fixed(usize),
    /// The place of its column in the table.
    Column(usize),
}

/// An event type with the place in [`Binding::used`] of everything that it has.
#[derive(Clone, Debug)]
pub(crate) struct BoundEvent {
    pub(crate) event: EventId,
    pub(crate) name: Arc<str>,
    pub(crate) id: Option<usize>,
    pub(crate) keys: Vec<(Arc<str>, Option<usize>)>,
    pub(crate) fields: Vec<BoundField>,
}

#[derive(Clone, Debug)]
pub(crate) struct BoundField {
    pub(crate) name: Arc<str>,
    pub(crate) kind: FieldKind,
    pub(crate) optional: bool,
    pub(crate) cells: Option<usize>,
}

impl Binding {
    /// Matches the columns of a table with the events of a rulebook. Columns that no event type knows are passed over.
    ///
    /// # Errors
    /// [`BindingError`]: a column is missing or of a type that does not fit, or the mapping names something that is not there.
    pub fn new(rulebook: &Rulebook, table: &ArrowSchema, mapping: &Mapping) -> Result<Binding, BindingError> {
        Binding::of(rulebook.schema(), table, mapping)
    }

    /// The same for who has a schema and no rulebook.
    pub(crate) fn of(
        schema: &Schema,
        table: &ArrowSchema,
        mapping: &Mapping,
    ) -> Result<Binding, BindingError> {
        let reader = Reader::new(schema, mapping.unit);
        check_names(schema, table, mapping)?;
        let mut binder = Binder { table, mapping, used: Vec::new() };
        let types = match &mapping.event_type {
            Some(event) => match schema.event(event) {
                Some(event) => TypeSource::Fixed(event.0.into()),
                None => return Err(unknown_type(&reader, event)),
            },
            None => TypeSource::Column(binder.types()?),
        };
        let time = binder.time()?;
        let mut events = Vec::new();
        for (at, event) in schema.events.iter().enumerate() {
            // A type that cannot occur asks for nothing.
            let occurs = !matches!(types, TypeSource::Fixed(fixed) if fixed != at);
            let bound = binder.event(schema, at, event, occurs)?;
            if let TypeSource::Fixed(fixed) = types
                && fixed == at
            {
                bound.complete(event)?;
            }
            events.push(bound);
        }
        let by_name = events.iter().enumerate().map(|(at, event)| (Arc::clone(&event.name), at)).collect();
        let used = binder.used;
        Ok(Binding { reader, types, by_name, events, used, time, unit: mapping.unit, zone: mapping.zone })
    }

    /// The columns that are read, by their places in the table, ascending.
    #[cfg(any(feature = "ipc", feature = "parquet"))]
    pub(crate) fn columns(&self) -> Vec<usize> {
        let mut columns: Vec<_> = self.used.iter().map(|(at, _)| *at).collect();
        if let TypeSource::Column(at) = self.types {
            columns.push(at);
        }
        columns.sort_unstable();
        columns.dedup();
        columns
    }

    /// The columns of a batch, ready to be read.
    pub(crate) fn cells(&self, batch: &RecordBatch) -> Vec<Cells> {
        let cells = |(at, used): &(usize, Use)| match batch.columns().get(*at) {
            Some(column) => Cells::new(column, *used, self.unit, self.zone),
            None => Cells::Absent,
        };
        self.used.iter().map(cells).collect()
    }

    pub(crate) fn unit(&self) -> TimeUnit {
        self.unit
    }
}

impl BoundEvent {
    /// Where every row is of this type, what it needs must have a column.
    fn complete(&self, event: &EventType) -> Result<(), BindingError> {
        let missing = |name: &str, expected: String| {
            let found = format!("no such column, and every `{}` has one", event.name);
            Err(BindingError { column: name.to_owned(), expected, found })
        };
        for (name, cells) in &self.keys {
            if cells.is_none() {
                return missing(name, "keys: texts or whole numbers".into());
            }
        }
        for field in &self.fields {
            if field.cells.is_none() && !field.optional {
                return missing(&field.name, field.kind.describe());
            }
        }
        Ok(())
    }
}

struct Binder<'a> {
    table: &'a ArrowSchema,
    mapping: &'a Mapping,
    used: Vec<(usize, Use)>,
}

impl<'a> Binder<'a> {
    fn find(&self, column: &str) -> Option<(usize, &'a DataType)> {
        let at = self.table.index_of(column).ok()?;
        self.table.fields().get(at).map(|field| (at, field.data_type()))
    }

    fn take(&mut self, column: usize, used: Use) -> usize {
        let found = self.used.iter().position(|other| *other == (column, used));
        found.unwrap_or_else(|| {
            self.used.push((column, used));
            self.used.len() - 1
        })
    }

    fn types(&self) -> Result<usize, BindingError> {
        let column = &self.mapping.event;
        match self.find(column) {
            Some((at, ty)) if Texts::is(ty) => Ok(at),
            Some((_, ty)) => Err(self.wrong(column, "texts, the names of event types", ty)),
            None => Err(self.missing(column, "the name of each row's event type, or one type for every row")),
        }
    }

    fn time(&mut self) -> Result<usize, BindingError> {
        let column = &self.mapping.time;
        match self.find(column) {
            Some((at, ty)) => {
                self.check(column, Use::Time, ty, "times")?;
                Ok(self.take(at, Use::Time))
            }
            None => Err(self.missing(column, "the time of each event")),
        }
    }

    fn event(
        &mut self,
        schema: &Schema,
        at: usize,
        event: &EventType,
        occurs: bool,
    ) -> Result<BoundEvent, BindingError> {
        let mut bind = |name: &str, used: Use, what: &str| -> Result<Option<usize>, BindingError> {
            let column = self.mapping.column(&event.name, name);
            let Some((column, (at, ty))) = column.and_then(|column| Some((column, self.find(column)?)))
            else {
                return Ok(None);
            };
            if !occurs {
                return Ok(None);
            }
            self.check(column, used, ty, &format!("{what}, as `{}` has it", event.name))?;
            Ok(Some(self.take(at, used)))
        };
        let mut keys = Vec::new();
        for entity in &event.entities {
            let name = schema.entities.get(usize::from(entity.0)).cloned().unwrap_or_default();
            let cells = bind(&name, Use::Key, "keys: texts or whole numbers")?;
            keys.push((name, cells));
        }
        let mut fields = Vec::new();
        for field in &event.fields {
            let cells = bind(&field.name, Use::of(&field.kind), &field.kind.describe())?;
            let (name, kind) = (Arc::clone(&field.name), field.kind.clone());
            fields.push(BoundField { name, kind, optional: field.optional, cells });
        }
        let id = match self.find(&self.mapping.id) {
            Some((at, ty)) => {
                self.check(&self.mapping.id, Use::Key, ty, "identifiers: texts or whole numbers")?;
                Some(self.take(at, Use::Key))
            }
            None => None,
        };
        Ok(BoundEvent { event: EventId(at as u16), name: Arc::clone(&event.name), id, keys, fields })
    }

    fn check(&self, column: &str, used: Use, ty: &DataType, what: &str) -> Result<(), BindingError> {
        if !used.admits(ty) {
            return Err(self.wrong(column, what, ty));
        }
        if used == Use::Time && Times::is(ty) == Some(true) && self.mapping.zone.is_none() {
            let expected = format!("{what} with a zone");
            let found = format!(
                "{ty} without one; say which zone its times are in (`zone=\"UTC\"`, `zone=\"Asia/Shanghai\"`, …)"
            );
            return Err(BindingError { column: column.to_owned(), expected, found });
        }
        Ok(())
    }

    fn wrong(&self, column: &str, expected: &str, ty: &DataType) -> BindingError {
        BindingError { column: column.to_owned(), expected: expected.to_owned(), found: ty.to_string() }
    }

    fn missing(&self, column: &str, expected: &str) -> BindingError {
        let names: Vec<_> = self.table.fields().iter().map(|field| format!("`{}`", field.name())).collect();
        let found = format!("no such column among {}", names.join(", "));
        BindingError { column: column.to_owned(), expected: expected.to_owned(), found }
    }
}

/// Every name of the mapping must be one of the rulebook, and every column one of the table.
fn check_names(schema: &Schema, table: &ArrowSchema, mapping: &Mapping) -> Result<(), BindingError> {
    for (name, column) in &mapping.columns {
        let (event, inner) = match name.split_once('.') {
            Some((event, inner)) => (Some(event), inner),
            None => (None, name.as_str()),
        };
        let entity = schema.entity(inner);
        let known = schema.events.iter().any(|other| {
            event.is_none_or(|event| *other.name == *event)
                && (other.fields.iter().any(|field| *field.name == *inner)
                    || entity.is_some_and(|entity| other.entities.contains(&entity)))
        });
        if !known {
            return Err(BindingError {
                column: name.clone(),
                expected: "a field of an event, `event.field`, or an entity".into(),
                found: "none of the rulebook's".into(),
            });
        }
        if let Some(column) = column
            && table.index_of(column).is_err()
        {
            return Err(BindingError {
                column: column.clone(),
                expected: format!("the values of `{name}`"),
                found: "no such column".into(),
            });
        }
    }
    Ok(())
}

/// As the core words it, with the nearest name.
fn unknown_type(reader: &Reader, event: &str) -> BindingError {
    let error = reader.columns::<&str>(&[], Some(event)).err();
    match error {
        Some(InputError::Invalid { path, expected, found }) => BindingError { column: path, expected, found },
        _ => BindingError {
            column: "type".into(),
            expected: "an event type of the rulebook".into(),
            found: format!("{event:?}"),
        },
    }
}
