//! The rows of several tables in order of time.

use super::Source;
use crate::feed::Rows;
use tagwarden::Timestamp;

/// A row: the time, the table, the batch of it, the row of that.
type Place = (i64, u32, u32, u32);

/// Gives rows one after the other. Rows without a time that can be read come first: they will be refused.
pub(crate) struct Order {
    /// The batches of each table, each with the number of rows before it.
    batches: Vec<Vec<(usize, Rows, usize)>>,
    /// The order, where it is not the one in which the rows stand.
    sorted: Option<Vec<Place>>,
    next: usize,
    /// Where the next row stands, without an order.
    place: (usize, usize, usize),
}

const NONE: i64 = i64::MIN;

impl Order {
    pub(crate) fn new(sources: &[Source]) -> Order {
        let mut batches = Vec::new();
        for source in sources {
            let mut before = 0;
            let mut rows = Vec::new();
            for batch in &source.batches {
                rows.push((before, Rows::new(&source.binding, batch), batch.num_rows()));
                before += batch.num_rows();
            }
            batches.push(rows);
        }
        let mut order = Order { batches, sorted: None, next: 0, place: (0, 0, 0) };
        if !order.is_sorted(sources) {
            order.sort(sources);
        }
        order
    }

    fn times(&self, sources: &[Source]) -> impl Iterator<Item = Place> {
        let batches = sources.iter().zip(&self.batches).enumerate();
        batches.flat_map(|(table, (source, batches))| {
            batches.iter().enumerate().flat_map(move |(at, (_, rows, count))| {
                (0..*count).map(move |row| {
                    let time = rows.time(&source.binding, row).map_or(NONE, Timestamp::micros);
                    (time, table as u32, at as u32, row as u32)
                })
            })
        })
    }

    fn is_sorted(&self, sources: &[Source]) -> bool {
        let mut last = NONE;
        for (time, ..) in self.times(sources) {
            if time != NONE {
                if time < last {
                    return false;
                }
                last = time;
            }
        }
        true
    }

    fn sort(&mut self, sources: &[Source]) {
        let mut places: Vec<Place> = self.times(sources).collect();
        // Everything behind the time says where the row stands, so equal times keep their order.
        places.sort_unstable();
        self.sorted = Some(places);
    }

    /// The table, the row of the table, its batch, the row of that, and the time.
    #[allow(clippy::should_implement_trait, reason = "it lends from itself")]
    pub(crate) fn next(
        &mut self,
        sources: &[Source],
    ) -> Option<(usize, usize, &mut Rows, usize, Option<Timestamp>)> {
        let (table, at, row) = self.next_place()?;
        let (before, rows) = self.batch(table, at)?;
        let time = rows.time(&sources.get(table)?.binding, row);
        Some((table, before + row, rows, row, time))
    }

    /// The table, its batch, the row of that.
    pub(crate) fn next_place(&mut self) -> Option<(usize, usize, usize)> {
        match &self.sorted {
            Some(places) => {
                let (_, table, at, row) = *places.get(self.next)?;
                self.next += 1;
                Some((table as usize, at as usize, row as usize))
            }
            None => self.step(),
        }
    }

    /// A batch of a table, with the number of rows before it.
    pub(crate) fn batch(&mut self, table: usize, at: usize) -> Option<(usize, &mut Rows)> {
        let (before, rows, _) = self.batches.get_mut(table)?.get_mut(at)?;
        Some((*before, rows))
    }

    fn step(&mut self) -> Option<(usize, usize, usize)> {
        loop {
            let (table, at, row) = self.place;
            let batches = self.batches.get(table)?;
            match batches.get(at) {
                None => self.place = (table + 1, 0, 0),
                Some((_, _, count)) if row >= *count => self.place = (table, at + 1, 0),
                Some(_) => {
                    self.place = (table, at, row + 1);
                    return Some((table, at, row));
                }
            }
        }
    }
}
