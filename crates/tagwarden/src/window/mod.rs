//! How aggregates follow their windows: one file a kind of window, one interface.
//!
//! A [`Series`] holds what one selector picked, for one field, of one subject; each of its windows keeps a summary of
//! the part that is inside. Entering costs constant time (amortised), leaving too.

mod calendar;
mod series;
mod sliding;
mod stepped;
mod summary;

pub(crate) use series::{Series, SeriesPlan};
pub(crate) use summary::{Needs, Reading};

use crate::check::tree::{AggregateFn, Window};
use crate::value::Period;

/// Never, as an instant in microseconds.
pub(crate) const NEVER: i64 = i64::MAX;

/// A window of a series: how long picks stay in it, and what is asked of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WindowPlan {
    pub(crate) span: WindowSpan,
    pub(crate) needs: Needs,
}

/// [`Window`], with `this` and `previous` of a period in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum WindowSpan {
    Lifetime,
    Over(crate::value::Duration),
    Stepped { length: i64, step: i64 },
    Calendar(Period),
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
