//! Windows of whole steps: bounded memory, one summary a step.

use super::summary::{Entry, Needs, Reading, Summary};
use super::{NEVER, Question};
use crate::check::tree::AggregateFn;
use crate::value::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// The steps inside, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stepped {
    steps: VecDeque<(i64, Summary)>,
}

impl Stepped {
    pub(crate) fn next_change(&self) -> i64 {
        self.steps.front().map_or(NEVER, |(end, _)| *end)
    }

    /// Of a window that comes from outside.
    pub(crate) fn is_sane(&self) -> bool {
        self.steps.iter().all(|(_, summary)| summary.is_sane())
    }

    pub(crate) fn held(&self) -> usize {
        self.steps.iter().map(|(_, summary)| 1 + summary.held()).sum()
    }

    pub(crate) fn enter(&mut self, entry: Entry<'_>, length: i64, step: i64, needs: Needs) {
        let time = entry.time.micros();
        let end = time.saturating_add((-time).rem_euclid(step)).saturating_add(length);
        match self.steps.back_mut() {
            Some((last, summary)) if *last == end => summary.enter(entry, needs),
            _ => {
                let mut summary = Summary::default();
                summary.enter(entry, needs);
                self.steps.push_back((end, summary));
            }
        }
    }

    pub(crate) fn leave(&mut self, now: i64) {
        while self.next_change() <= now {
            self.steps.pop_front();
        }
    }

    pub(crate) fn total(&self, function: AggregateFn) -> (Decimal, bool) {
        match function {
            AggregateFn::Sum => Decimal::from_units(self.steps.iter().map(|(_, step)| step.sum()).sum()),
            _ => (self.steps.iter().map(|(_, step)| step.count()).sum::<u64>().into(), false),
        }
    }

    pub(crate) fn read(&self, question: Question) -> Reading {
        let mut all = Summary::default();
        for (_, summary) in &self.steps {
            all.merge(summary);
        }
        all.read(question.function)
    }
}
