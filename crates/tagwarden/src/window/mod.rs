//! How aggregates follow their windows: one file a kind of window, one interface.
//!
//! A series is what one selector picked, for one field, of one subject; sliding windows over it share one log, in which each
//! begins at some place. Entering costs constant time (amortised); leaving costs nothing where only bounds are asked for, which
//! are kept as times (see [`bound`]), and else constant time too. The series and windows that an event is likely to
//! touch together lie in one [`Page`].

mod bound;
mod calendar;
mod log;
mod page;
mod plan;
mod read;
mod sliding;
mod stepped;
mod summary;

pub(crate) use bound::Reach;
pub(crate) use page::{Gone, Page, nothing};
pub(crate) use plan::{PagePlan, SeriesPlan};
pub(crate) use summary::Reading;

use crate::check::tree::{AggregateFn, Window};
use crate::value::{Duration, Period};
use std::fmt;

/// Never, as an instant in microseconds.
pub(crate) const NEVER: i64 = i64::MAX;

/// [`Window`], with `this` and `previous` of a period in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum WindowSpan {
    Lifetime,
    Over(crate::value::Duration),
    Stepped { length: i64, step: i64 },
    Calendar(Period),
}

/// As behind an aggregate, with the space before it; nothing for a lifetime.
impl fmt::Display for WindowSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WindowSpan::Lifetime => Ok(()),
            WindowSpan::Over(length) => write!(f, " over {length}"),
            WindowSpan::Stepped { length, step } => {
                write!(f, " over {} step {}", Duration::from_micros(*length), Duration::from_micros(*step))
            }
            WindowSpan::Calendar(period) => {
                let word = match period {
                    Period::Hour => "hour",
                    Period::Day => "day",
                    Period::Week => "week",
                    Period::Month => "month",
                    Period::Year => "year",
                };
                write!(f, " this or previous {word}")
            }
        }
    }
}

impl From<Window> for WindowSpan {
    fn from(window: Window) -> Self {
        match window {
            Window::Lifetime => WindowSpan::Lifetime,
            Window::Over(length) => WindowSpan::Over(length),
            Window::Stepped { length, step } => WindowSpan::Stepped { length, step },
            Window::This(period) | Window::Previous(period) => WindowSpan::Calendar(period),
        }
    }
}

/// What is read of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) function: AggregateFn,
    /// Of a calendar window: the period before instead of this one.
    pub(crate) previous: bool,
}

impl Question {
    /// Whether it is for a count or a sum, which every window has at hand.
    pub(crate) fn is_total(self) -> bool {
        matches!(self.function, AggregateFn::Count | AggregateFn::Sum)
    }
}
