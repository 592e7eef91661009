//! W1: at every message, more than 50 of that customer in the last 24 hours?

use super::keys::Keyed;
use tagwarden::{Event, EventId, Schema};

const DAY: i64 = 86_400_000_000;

/// The one window of W1.
#[derive(Debug)]
pub struct One {
    message: EventId,
    customers: Keyed<Times>,
    /// At how many messages the condition was true.
    pub hits: u64,
}

/// The last 51 times are all that it takes to know whether there are more than 50 in the window.
#[derive(Debug, Default)]
struct Times {
    last: Vec<i64>,
    next: u32,
}

impl One {
    /// Reads events of this schema.
    ///
    /// # Panics
    /// The schema has no messages.
    #[must_use]
    pub fn new(schema: &Schema) -> One {
        let message = schema.event("message").expect("declared");
        One { message, customers: Keyed::default(), hits: 0 }
    }

    /// Takes an event; true where the condition is.
    #[inline]
    pub fn process(&mut self, event: &Event) -> bool {
        if event.event != self.message {
            return false;
        }
        let now = event.time.micros();
        let times = self.customers.state(&event.keys[0]);
        let hit = times.push(now).is_some_and(|oldest| oldest > now - DAY);
        self.hits += u64::from(hit);
        hit
    }
}

impl Times {
    /// Adds a time; the one 50 before it.
    #[inline]
    fn push(&mut self, now: i64) -> Option<i64> {
        if self.last.len() < 51 {
            self.last.push(now);
            return if self.last.len() == 51 { self.last.first().copied() } else { None };
        }
        let next = self.next as usize;
        *self.last.get_mut(next)? = now;
        self.next = if next == 50 { 0 } else { next as u32 + 1 };
        self.last.get(self.next as usize).copied()
    }
}
