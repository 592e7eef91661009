//! What is counted of decisions.

use super::coverage::Rules;
use super::members::{Members, Step};
use super::series::Series;
use crate::view::View;
use tagwarden::{Rulebook, Timestamp};

/// Where a decision stands among those of its time. Who takes decisions in their order need not say.
pub(crate) type Place = (u64, u32);

/// What follows the decisions of a run.
#[derive(Debug)]
pub(crate) struct Tally {
    pub(crate) members: Members,
    pub(crate) rules: Rules,
    pub(crate) series: Series,
}

impl Tally {
    pub(crate) fn new(rulebook: &Rulebook) -> Tally {
        Tally {
            members: Members::default(),
            rules: Rules::new(rulebook),
            series: Series::new(rulebook.zone()),
        }
    }

    pub(crate) fn push(&mut self, decision: &View<'_>, place: Place) {
        let subject = self.members.subject(decision);
        self.rules.push(decision, subject);
        if decision.shadow {
            return;
        }
        let at = (decision.time, place);
        match self.members.step(decision, subject) {
            Step::Gained(thing) => {
                self.series.gained(thing, decision.time);
                self.rules.thing(thing, at, subject);
            }
            Step::Lost(thing) => self.series.lost(thing, decision.time),
            Step::Got(thing) => {
                if self.rules.thing(thing, at, subject) {
                    self.members.got(decision, subject, thing);
                }
            }
            Step::Nothing => {}
        }
    }

    /// Takes in what was counted of other subjects.
    pub(crate) fn join(&mut self, other: Tally) {
        let (first, things) = self.members.join(other.members);
        self.rules.join(other.rules, first, &things);
        self.series.join(other.series, &things);
    }

    /// Numbers things in the order in which they first came, whatever the order in which they were counted.
    pub(crate) fn settle(&mut self) {
        let came = |thing: &u32| self.rules.came(*thing);
        let mut order: Vec<u32> = (0..self.members.things.names.len() as u32).collect();
        order.sort_by_key(|thing| came(thing).unwrap_or((Timestamp::MAX, (u64::MAX, u32::MAX))));
        let mut numbers = vec![0; order.len()];
        for (number, thing) in order.iter().enumerate() {
            if let Some(place) = numbers.get_mut(*thing as usize) {
                *place = number as u32;
            }
        }
        self.members.renumber(&numbers);
        self.rules.renumber(&order);
        self.series.renumber(&numbers);
    }
}
