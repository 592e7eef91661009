//! The hand-written limit: what W1 and W2 cost in safe Rust written for them and nothing else.
//!
//! It takes the same events as the engine, text keys included, and answers the same. It knows in advance what a general engine must
//! find out: which windows there are, that three lengths serve all ten, that times come in order, that amounts are whole cents below
//! four thousand million, and that nobody asks why. It has no names, reasons, limits, timers, late events, snapshots or reloads.
//!
//! What makes it fast: a customer's key is hashed once; its text, counters and starts stand together in one flat table; all windows of a
//! customer read one log, 16 bytes a record, in which each window length has a start that only moves on; counts and sums are exact
//! integers from which that which leaves is subtracted.

mod keys;
mod one;
mod ten;

pub use one::One;
pub use ten::Ten;

use std::any::Any;
use std::hint::black_box;
use tagwarden::{Event, Schema};

/// What a run of the limit came to, and the state that is left, so that freeing it takes no time that is counted.
pub type Ran = (Vec<u64>, Box<dyn Any>);

/// W1 over all events.
#[must_use]
pub fn run_one(schema: &Schema, events: &[Event]) -> Ran {
    let mut one = One::new(schema);
    for event in events {
        black_box(one.process(event));
    }
    (vec![one.hits], Box::new(one))
}

/// W2 over all events.
#[must_use]
pub fn run_ten(schema: &Schema, events: &[Event]) -> Ran {
    let mut ten = Ten::new(schema);
    for event in events {
        black_box(ten.process(event));
    }
    (ten.hits.to_vec(), Box::new(ten))
}

#[cfg(test)]
mod tests {
    use super::{One, Ten};
    use crate::{reference::answers, stream, workload};
    use tagwarden::{Engine, Event, Rulebook};

    fn decisions(rulebook: &Rulebook, events: &[Event]) -> u64 {
        let mut engine = Engine::new(rulebook);
        let mut decisions = 0;
        for event in events {
            engine.process_into(event, &mut |_| decisions += 1).expect("in order");
        }
        decisions
    }

    #[test]
    fn limit_engine_and_reference_agree() {
        let facts = stream::facts_of(60_000, 3);
        let expected = answers(&facts);
        let rulebook = workload::w2_level();
        let events = stream::events(rulebook.schema(), &facts);
        let mut one = One::new(rulebook.schema());
        let mut ten = Ten::new(rulebook.schema());
        for event in &events {
            one.process(event);
            ten.process(event);
        }
        assert_eq!(one.hits, expected.messages);
        assert_eq!(ten.hits, expected.level);
        assert!(expected.level.iter().all(|hits| *hits > 0), "{:?}", expected.level);
        assert_eq!(decisions(&workload::w1(), &events), expected.messages);
        for at in 0..10 {
            assert_eq!(decisions(&workload::w2_level_only(at), &events), expected.level[at]);
            assert_eq!(decisions(&workload::w2_live_only(at), &events), expected.turns[at]);
        }
    }
}
