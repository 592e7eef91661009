//! The members of a closed set of texts, several times.

use crate::schema::FieldKind;
use std::sync::Arc;

/// Where one thread reads events and another decides, each event takes a share of a member's count, and gives it back, beside the text that the
/// other thread is looking at: both wait for the same line of memory to come over, for every event. So events that do not lie together
/// share other copies: those that do are with one thread at a time.
#[derive(Debug)]
pub(super) struct Copies(Vec<Vec<Arc<str>>>);

/// How many copies there are of a set that is not large.
const COPIES: usize = 16;
/// Larger sets are as they are declared.
const LARGE: usize = 64;
/// How many bytes of events, as a power of two, take the same copy: about as many as are handed over at once.
const TOGETHER: u32 = 15;

impl Copies {
    pub(super) fn new(kind: &FieldKind) -> Copies {
        let FieldKind::Choice(members) = kind else { return Copies(Vec::new()) };
        let copy = |_| members.iter().map(|member| Arc::from(&**member)).collect();
        Copies(if members.len() > LARGE { vec![members.clone()] } else { (0..COPIES).map(copy).collect() })
    }

    /// The members for an event at an address.
    #[inline]
    pub(super) fn of(&self, address: usize) -> &[Arc<str>] {
        let at = (address >> TOGETHER) % COPIES;
        self.0.get(at).or(self.0.first()).map_or(&[], Vec::as_slice)
    }
}
