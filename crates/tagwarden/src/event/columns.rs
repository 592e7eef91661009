//! Inputs from the rows of a table, such as a CSV file: the names stand in the header.

use super::wire::{Filler, Raw, Reader, Shape, invalid};
use super::{Input, InputError};

/// The header of a table, each column matched with the schema; reads its rows.
///
/// ```
/// use tagwarden::{Reader, Rulebook, TimeUnit};
/// let rulebook = Rulebook::compile("entity customer  event order(customer) { amount: number, note: string? }")?;
/// let reader = Reader::new(rulebook.schema(), TimeUnit::Millis);
/// let columns = reader.columns(&["time", "customer", "amount", "note"], Some("order"))?;
/// let input = columns.record(&["2026-01-01T00:00:00Z", "c1", "19.90", ""])?;
/// assert_eq!(input.time().to_string(), "2026-01-01T00:00:00Z");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Columns {
    reader: Reader,
    /// Index of the type of every row, where one was given.
    fixed: Option<usize>,
    type_column: Option<usize>,
    tick_column: Option<usize>,
    width: usize,
    /// For each event type, the slot of each column that it knows.
    slots: Vec<Vec<(usize, usize)>>,
}

impl Reader {
    /// Matches the header of a table with the schema. The type of the events stands in a column `type`, or is `event` for every
    /// row. Columns that an event type does not know are passed over.
    ///
    /// # Errors
    /// [`InputError::Invalid`]: a name comes twice, `event` is no event type, or nothing tells the type.
    pub fn columns<N: AsRef<str>>(&self, header: &[N], event: Option<&str>) -> Result<Columns, InputError> {
        let column = |name: &str| header.iter().position(|other| other.as_ref() == name);
        for (at, name) in header.iter().enumerate() {
            let known = self.shapes().iter().any(|shape| shape.slot(name.as_ref().into(), 0).is_some());
            if known && column(name.as_ref()) != Some(at) {
                return Err(invalid(name.as_ref(), "each column once", "it twice"));
            }
        }
        let fixed = match event {
            Some(event) => Some(self.find(&Raw::Cell(event))?),
            None => None,
        };
        let (type_column, tick_column) = (column("type").filter(|_| fixed.is_none()), column("tick"));
        if fixed.is_none() && type_column.is_none() {
            return Err(invalid("type", "a column `type`, or an event type for every row", "neither"));
        }
        let slots = |shape: &Shape| {
            let slot = |(at, name): (usize, &N)| shape.slot(name.as_ref().into(), 1).map(|slot| (at, slot));
            header.iter().enumerate().filter_map(slot).collect()
        };
        Ok(Columns {
            reader: self.clone(),
            fixed,
            type_column,
            tick_column,
            width: header.len(),
            slots: self.shapes().iter().map(slots).collect(),
        })
    }
}

impl Columns {
    /// Reads a row. An empty cell is an absent value. Without a type in it, a row with a `tick` is a tick.
    ///
    /// # Errors
    /// [`InputError::Invalid`] with the column, what was expected and what came.
    pub fn record<C: AsRef<str>>(&self, cells: &[C]) -> Result<Input, InputError> {
        if cells.len() != self.width {
            return Err(invalid("", format!("{} cells", self.width), cells.len().to_string()));
        }
        let cell = |at: usize| match cells.get(at).map_or("", AsRef::as_ref) {
            "" => Raw::Null,
            text => Raw::Cell(text),
        };
        let ty = self.type_column.map_or(Raw::Null, cell);
        let at = match (&ty, self.fixed) {
            (_, Some(fixed)) => fixed,
            (Raw::Null, None) => {
                return match self.tick_column.map_or(Raw::Null, cell) {
                    Raw::Null => Err(invalid("type", "the name of an event type", "nothing")),
                    tick => self.reader.unit().read("tick", &tick, false).map(Input::Tick),
                };
            }
            (ty, None) => self.reader.find(ty)?,
        };
        let (Some(shape), Some(slots)) = (self.reader.shapes().get(at), self.slots.get(at)) else {
            return Err(invalid("type", "an event type of the rulebook", "none"));
        };
        let mut filler = Filler::new(self.reader.unit(), shape);
        for (column, slot) in slots {
            filler.claim_slot(*slot)?;
            filler.set(*slot, &cell(*column))?;
        }
        filler.finish()
    }
}
