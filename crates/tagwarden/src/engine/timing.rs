//! When the condition of a rule may next change because picks leave windows: a rule that a hundred events keep true is woken
//! when enough of them have left, not a hundred times.

use super::eval::{View, total};
use crate::check::tree::AggregateFn;
use crate::plan::{Quick, Threshold};
use crate::window::NEVER;

/// How many picks ahead a sum is followed.
const AHEAD: usize = 32;

/// What is known of a condition when its time is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) holds: bool,
    /// Whether it has just changed.
    pub(super) changed: bool,
    /// Whether a negative number has entered a window at this instant.
    pub(super) negative: bool,
    /// The time worked out before, if any.
    pub(super) timer: Option<i64>,
    pub(super) now: i64,
}

/// Whether the time worked out before is still no later than the next change.
pub(super) fn still_good(quick: &Quick, known: Known) -> bool {
    let Quick::All { counts, rising, .. } = quick else { return true };
    if known.changed || known.negative {
        return false;
    }
    match known.timer {
        // What enters keeps a count from falling below a bound for longer, and above one too. Of sums that is true only for a
        // lower bound that holds: one that fails may be reached the sooner by a negative number that leaves.
        Some(timer) => timer > known.now && (*counts || *rising && known.holds),
        None => *rising && (*counts || known.holds),
    }
}

impl View<'_> {
    /// The next instant at which the condition may change if nothing enters; [`NEVER`] for not.
    pub(super) fn next_flip(&self, parts: &[Threshold]) -> i64 {
        let failing = || parts.iter().filter(|part| !part.holds(total(self.subject, part, self.saturated)));
        if failing().next().is_none() {
            parts.iter().map(|part| self.flip(part)).min().unwrap_or(NEVER)
        } else {
            // All that fail must have changed before the whole can.
            failing().map(|part| self.flip(part)).max().unwrap_or(NEVER)
        }
    }

    fn flip(&self, part: &Threshold) -> i64 {
        let (Some(page), Some(plan)) =
            (self.subject.page(part.slot.page), self.entity.pages.get(part.slot.page as usize))
        else {
            return NEVER;
        };
        let (plan, window) = (&plan.plan, part.slot.window as usize);
        let now = total(self.subject, part, self.saturated);
        let holds = part.holds(now);
        if part.function == AggregateFn::Count {
            let before = match (holds, now > part.high) {
                // The pick whose leaving takes it below the lower bound.
                (true, _) => now - part.low.max(0),
                // The one whose leaving brings it to the upper bound.
                (false, true) => now - part.high - 1,
                (false, false) => return NEVER,
            };
            return usize::try_from(before).map_or(NEVER, |before| page.leaves_after(plan, window, before));
        }
        if !holds && now < part.low && !page.is_signed(plan, window) {
            return NEVER;
        }
        let mut sum = now;
        let mut time = NEVER;
        for before in 0..AHEAD {
            time = page.leaves_after(plan, window, before);
            if time == NEVER {
                break;
            }
            sum -= page.units_after(plan, window, before);
            if part.holds(sum) != holds {
                break;
            }
        }
        time
    }
}
