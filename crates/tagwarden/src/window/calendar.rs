//! Calendar windows: this period and the one before.

use super::summary::{Entry, Needs, Reading, Summary};
use super::{NEVER, Question};
use crate::value::{Decimal, Period, Timestamp, Zone};
use serde::{Deserialize, Serialize};

/// The period of the last pick, the one before it, and where `now` is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Calendar {
    /// End of the period that `this` summarises; meaningless while both are empty.
    end: i64,
    this: Summary,
    previous: Summary,
}

impl Calendar {
    pub(crate) fn next_change(&self) -> i64 {
        if self.this.is_empty() && self.previous.is_empty() { NEVER } else { self.end }
    }

    /// Of a window that comes from outside.
    pub(crate) fn is_sane(&self) -> bool {
        self.this.is_sane() && self.previous.is_sane()
    }

    pub(crate) fn held(&self) -> usize {
        self.this.held() + self.previous.held()
    }

    pub(crate) fn enter(&mut self, entry: Entry<'_>, period: Period, needs: Needs, zone: Zone) {
        if self.this.is_empty() && self.previous.is_empty() {
            self.end = zone.period_end(period, entry.time).micros();
        }
        self.this.enter(entry, needs);
    }

    pub(crate) fn leave(&mut self, now: i64, period: Period, zone: Zone) {
        while self.next_change() <= now {
            self.previous = std::mem::take(&mut self.this);
            let Some(end) = Timestamp::from_micros(self.end).filter(|end| *end < Timestamp::MAX) else {
                return;
            };
            self.end = zone.period_end(period, end).micros();
        }
    }

    pub(crate) fn total(&self, question: Question) -> (Decimal, bool) {
        if question.previous { &self.previous } else { &self.this }.total(question.function)
    }

    pub(crate) fn read(&self, question: Question) -> Reading {
        if question.previous { &self.previous } else { &self.this }.read(question.function)
    }
}
