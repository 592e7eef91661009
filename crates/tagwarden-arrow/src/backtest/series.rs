//! How many had each tag, and were on each list, as time went by.

use super::Backtest;
use super::members::{Coded, times};
use crate::table::Table;
use arrow_array::builder::UInt64Builder;
use arrow_schema::ArrowError;
use std::collections::BTreeMap;
use std::sync::Arc;
use tagwarden::{Period, Timestamp, Zone};

/// Comings and goings by the hour.
#[derive(Debug)]
pub(crate) struct Series {
    zone: Zone,
    /// The hour of the last one.
    hour: (Timestamp, Timestamp),
    /// By thing and hour: how many came and went.
    steps: BTreeMap<(u32, Timestamp), (u64, u64)>,
}

impl Series {
    pub(crate) fn new(zone: Zone) -> Series {
        Series { zone, hour: (Timestamp::MAX, Timestamp::MIN), steps: BTreeMap::new() }
    }

    pub(crate) fn gained(&mut self, thing: u32, time: Timestamp) {
        self.at(thing, time).0 += 1;
    }

    pub(crate) fn lost(&mut self, thing: u32, time: Timestamp) {
        self.at(thing, time).1 += 1;
    }

    fn at(&mut self, thing: u32, time: Timestamp) -> &mut (u64, u64) {
        // Decisions come in order of time, so mostly the hour is the last one.
        if time < self.hour.0 || time >= self.hour.1 {
            let start = self.zone.period_start(Period::Hour, time);
            self.hour = (start, self.zone.period_end(Period::Hour, time));
        }
        self.steps.entry((thing, self.hour.0)).or_default()
    }
}

impl Series {
    /// Takes in what was counted of other subjects; `things`: how their things are numbered here.
    pub(crate) fn join(&mut self, other: Series, things: &[u32]) {
        for ((thing, hour), (came, went)) in other.steps {
            let Some(thing) = things.get(thing as usize) else { continue };
            let step = self.steps.entry((*thing, hour)).or_default();
            (step.0, step.1) = (step.0 + came, step.1 + went);
        }
    }

    /// Gives things other numbers.
    pub(crate) fn renumber(&mut self, numbers: &[u32]) {
        let steps = std::mem::take(&mut self.steps).into_iter();
        let number = |thing: u32| numbers.get(thing as usize).copied().unwrap_or(thing);
        self.steps = steps.map(|((thing, hour), step)| ((number(thing), hour), step)).collect();
    }
}

/// So many rows at most: a period that is too short for the span is refused.
const MOST_ROWS: u64 = 50_000_000;

impl Backtest {
    /// How many had each tag and were on each list at the end of each period, in the rulebook's time zone: `time` (the start of the
    /// period), `kind`, `name`, `members`, and how many `gained` and `lost` it.
    ///
    /// # Errors
    /// The periods are too many.
    pub fn over_time(&self, every: Period) -> Result<Table, ArrowError> {
        let zone = self.tally.series.zone;
        let mut coded = Coded::<2>::default();
        let mut starts = times();
        let [mut members, mut gained, mut lost] =
            [UInt64Builder::new(), UInt64Builder::new(), UInt64Builder::new()];
        let mut periods: BTreeMap<u32, BTreeMap<Timestamp, (u64, u64)>> = BTreeMap::new();
        for ((thing, hour), (came, went)) in &self.tally.series.steps {
            let period = zone.period_start(every, *hour);
            let step = periods.entry(*thing).or_default().entry(period).or_default();
            step.0 += came;
            step.1 += went;
        }
        let mut rows = 0_u64;
        if let Some((first, last)) = self.span {
            for (thing, steps) in &periods {
                let Some((kind, name)) = self.tally.members.things.names.get(*thing as usize) else {
                    continue;
                };
                let kind: Arc<str> = (*kind).into();
                let mut count = 0_u64;
                let mut start = zone.period_start(every, first);
                loop {
                    let (came, went) = steps.get(&start).copied().unwrap_or_default();
                    count = (count + came).saturating_sub(went);
                    starts.append_value(start.micros());
                    coded.push([Some(&kind), Some(name)]);
                    members.append_value(count);
                    gained.append_value(came);
                    lost.append_value(went);
                    rows += 1;
                    if rows > MOST_ROWS {
                        return Err(ArrowError::ComputeError("too many periods: take longer ones".into()));
                    }
                    let next = zone.period_end(every, start);
                    if next > last || next <= start {
                        break;
                    }
                    start = next;
                }
            }
        }
        let [kinds, names] = coded.finish()?;
        Table::of(vec![
            ("time", Arc::new(starts.finish()), false),
            ("kind", kinds, false),
            ("name", names, false),
            ("members", Arc::new(members.finish()), false),
            ("gained", Arc::new(gained.finish()), false),
            ("lost", Arc::new(lost.finish()), false),
        ])
    }
}
