//! Giving back the memory of subjects of which nothing is heard any more.

use super::running::Running;
use crate::plan::Plan;
use crate::value::Timestamp;

const DAY: i64 = 86_400_000_000;

/// In how many microseconds of event time every subject has its turn, at least and at most.
const ROUND: (i64, i64) = (14 * DAY, 90 * DAY);

/// How many subjects have their turn after an event at most.
const AFTER_EVENT: usize = 16;

/// Whose turn it is, and who can be passed by. A bit for each subject: most are passed by, and that should not bring them near.
#[derive(Debug)]
pub(super) struct Sweeper {
    /// Of whom something was heard since their last turn: they give back memory by themselves, as their logs grow.
    heard: Vec<u64>,
    /// Who had nothing left to give back.
    swept: Vec<u64>,
    turn: u32,
    /// When the next turn is.
    next: i64,
}

impl Default for Sweeper {
    fn default() -> Self {
        Sweeper { heard: Vec::new(), swept: Vec::new(), turn: 0, next: i64::MIN }
    }
}

impl Sweeper {
    /// For other subjects at other times.
    pub(super) fn restart(&mut self) {
        self.heard.clear();
        self.swept.clear();
        (self.turn, self.next) = (0, i64::MIN);
    }

    /// Whether it is time for a turn.
    #[inline]
    fn is_due(&self, now: Timestamp) -> bool {
        now.micros() >= self.next
    }

    /// Notes that something was heard of a subject.
    #[inline]
    pub(super) fn hear(&mut self, at: u32) {
        let word = at as usize / 64;
        match self.heard.get_mut(word) {
            Some(bits) => *bits |= bit(at),
            None => self.reach(at),
        }
    }

    #[cold]
    fn reach(&mut self, at: u32) {
        let words = at as usize / 64 + 1;
        self.heard.resize(words, 0);
        self.swept.resize(words, 0);
        self.hear(at);
    }

    /// How many turns have come by now, of so many subjects.
    fn turns(&mut self, now: i64, round: i64, subjects: u32) -> usize {
        // At least every day, so that it notes soon when there are many more subjects.
        let each = (round / i64::from(subjects)).clamp(1, DAY);
        let turns = match self.next {
            i64::MIN => 1,
            before => (now - before) / each + 1,
        };
        self.next = now.saturating_add(each);
        usize::try_from(turns).unwrap_or(0)
    }

    /// Whose turn it is, unless that one can be passed by.
    fn turn(&mut self, subjects: u32) -> Option<u32> {
        let at = self.turn;
        self.turn = if at + 1 < subjects { at + 1 } else { 0 };
        let word = at as usize / 64;
        let (Some(heard), Some(swept)) = (self.heard.get_mut(word), self.swept.get_mut(word)) else {
            return Some(at);
        };
        if *heard & bit(at) != 0 {
            *heard &= !bit(at);
            *swept &= !bit(at);
            return None;
        }
        (*swept & bit(at) == 0).then_some(at)
    }

    /// Notes that a subject has nothing left to give back.
    fn done(&mut self, at: u32) {
        if let Some(swept) = self.swept.get_mut(at as usize / 64) {
            *swept |= bit(at);
        }
    }
}

fn bit(at: u32) -> u64 {
    1 << (at % 64)
}

impl Running {
    /// What is done after an event: nobody has two turns, for who was just heard of is not silent.
    #[inline]
    pub(super) fn sweep_after_event(&mut self, plan: &Plan, now: Timestamp) {
        if self.sweeper.is_due(now) {
            self.sweep_some(plan, now, AFTER_EVENT.min(self.table.numbers() as usize));
        }
    }

    /// Looks at one subject after the other, and has those of which nothing was heard since the last time give back the memory of what
    /// has left their windows. A round takes as long as the longest window, so that mostly this is all.
    ///
    /// Where time goes on by itself, twice round: then who was heard of before it did is silent the second time.
    pub(super) fn sweep(&mut self, plan: &Plan, now: Timestamp) {
        let rounds = 2 * self.table.numbers() as usize;
        self.sweep_some(plan, now, rounds);
    }

    /// [`Running::sweep`], of so many at most.
    fn sweep_some(&mut self, plan: &Plan, now: Timestamp, most: usize) {
        let subjects = self.table.numbers();
        if subjects == 0 || !self.sweeper.is_due(now) {
            return;
        }
        let round = plan.longest.clamp(ROUND.0, ROUND.1);
        let turns = self.sweeper.turns(now.micros(), round, subjects).min(most);
        for _ in 0..turns {
            let Some(at) = self.sweeper.turn(subjects) else { continue };
            // Where somebody waits for what is due, its instant will come.
            let Some(subject) = self.table.get_mut(at).filter(|subject| subject.wake > now.micros()) else {
                continue;
            };
            if let Some(entity) = plan.entity(subject.entity) {
                subject.shed(entity, plan.tree.zone, now.micros());
            }
            if subject.is_idle() {
                self.sweeper.done(at);
            }
        }
    }
}
