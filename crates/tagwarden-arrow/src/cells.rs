//! A column, as what the schema of a rulebook takes it for.

use crate::numbers::{Number, Numbers};
use crate::texts::Texts;
use crate::times::{Time, Times};
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BooleanArray};
use arrow_schema::DataType;
use tagwarden::{FieldKind, TimeUnit, Zone};

/// What a column is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    Text,
    Number,
    Bool,
    Time,
    /// The key of a subject, or the identifier of an event: a text, or a whole number for its digits.
    Key,
}

impl Use {
    /// What a field is read as.
    pub(crate) fn of(kind: &FieldKind) -> Use {
        match kind {
            FieldKind::Text | FieldKind::Choice(_) => Use::Text,
            FieldKind::Number => Use::Number,
            FieldKind::Bool => Use::Bool,
            FieldKind::Time => Use::Time,
        }
    }

    /// Whether a column of a type can be taken for it.
    pub(crate) fn admits(self, ty: &DataType) -> bool {
        // A column in which everything is absent may have no type.
        matches!(ty, DataType::Null)
            || match self {
                Use::Text => Texts::is(ty),
                Use::Number => Numbers::is(ty),
                Use::Bool => matches!(ty, DataType::Boolean),
                Use::Time => Times::is(ty).is_some(),
                Use::Key => Texts::is(ty) || ty.is_integer(),
            }
    }
}

/// A column of a batch.
#[derive(Debug)]
pub(crate) enum Cells {
    Absent,
    Texts(Texts),
    Numbers(Numbers),
    Bools(BooleanArray),
    Times(Times),
}

/// What stands in a row of a column.
#[derive(Debug)]
pub(crate) enum Cell<'c> {
    Text(&'c str),
    Number(Number),
    Bool(bool),
    Time(Time<'c>),
}

impl Cells {
    /// A column that [`Use::admits`].
    pub(crate) fn new(column: &ArrayRef, used: Use, unit: TimeUnit, zone: Option<Zone>) -> Cells {
        let ty = column.data_type();
        let cells = match used {
            Use::Time => Times::new(column, unit, zone).map(Cells::Times),
            Use::Bool if *ty == DataType::Boolean => Some(Cells::Bools(column.as_boolean().clone())),
            Use::Number => Numbers::new(column).map(Cells::Numbers),
            Use::Key if ty.is_integer() => Numbers::new(column).map(Cells::Numbers),
            Use::Key | Use::Text => Texts::new(column).map(Cells::Texts),
            Use::Bool => None,
        };
        cells.unwrap_or(Cells::Absent)
    }

    pub(crate) fn get(&self, row: usize) -> Option<Cell<'_>> {
        match self {
            Cells::Absent => None,
            Cells::Texts(texts) => texts.get(row).map(Cell::Text),
            Cells::Numbers(numbers) => numbers.get(row).map(Cell::Number),
            Cells::Bools(bools) => (!bools.is_null(row)).then(|| Cell::Bool(bools.value(row))),
            Cells::Times(times) => times.get(row).map(Cell::Time),
        }
    }
}
