//! What `except` phrases cover.

use crate::small::sort_by_key;
use std::ops::Range;

/// The places of a set's phrases in a text.
#[derive(Debug, Default)]
pub(super) struct Spared {
    /// Where each begins, in order.
    starts: Vec<usize>,
    /// Of those up to each, the farthest end, and the phrase that reaches it.
    farthest: Vec<(usize, u32)>,
}

impl Spared {
    pub(super) fn new(mut places: Vec<(Range<usize>, u32)>) -> Spared {
        sort_by_key(&mut places, |(place, phrase)| (place.start, place.end, *phrase));
        let mut spared = Spared::default();
        for (place, phrase) in places {
            let last = spared.farthest.last().copied().filter(|&(end, _)| end >= place.end);
            spared.starts.push(place.start);
            spared.farthest.push(last.unwrap_or((place.end, phrase)));
        }
        spared
    }

    /// The phrase that covers the place, if one does.
    pub(super) fn phrase(&self, place: &Range<usize>) -> Option<u32> {
        let last = self.starts.partition_point(|&start| start <= place.start).checked_sub(1)?;
        self.farthest.get(last).filter(|(end, _)| *end >= place.end).map(|&(_, phrase)| phrase)
    }
}
