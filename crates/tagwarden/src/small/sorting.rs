//! Sorting.

use std::cmp::Ordering;

/// Sorts by the order of the items; such as are equal must be alike.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn sort<T: Ord>(items: &mut [T]) {
    items.sort_unstable();
}

/// Sorts by the order of the items; such as are equal must be alike.
#[cfg(target_family = "wasm")]
pub(crate) fn sort<T: Ord>(items: &mut [T]) {
    by_places(items, Ord::cmp);
}

/// Sorts by what is looked up of each, stably.
pub(crate) fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(items, |a, b| key(a).cmp(&key(b)));
}

/// Sorts by a comparison, stably.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    items.sort_by(compare);
}

/// Sorts by a comparison, stably.
#[cfg(target_family = "wasm")]
pub(crate) fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    by_places(items, compare);
}

/// Sorts the places of the items, which one algorithm does for every type, and then moves each item once.
#[cfg(any(test, target_family = "wasm"))]
fn by_places<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let ahead = |a: usize, b: usize| match (items.get(a), items.get(b)) {
        (Some(a), Some(b)) => compare(a, b) == Ordering::Greater,
        _ => false,
    };
    if items.len() < 2 {
        return;
    }
    let mut order = order(items.len(), &ahead);
    rearrange(&mut order, &mut |a, b| items.swap(a, b));
}

/// The places in the order of what stands there: merging ever longer runs. `greater` compares what stands at two places.
#[cfg(any(test, target_family = "wasm"))]
fn order(len: usize, greater: &dyn Fn(usize, usize) -> bool) -> Vec<usize> {
    let mut from: Vec<usize> = (0..len).collect();
    let mut to = Vec::with_capacity(len);
    let mut run = 1;
    while run < len {
        to.clear();
        for pair in from.chunks(run * 2) {
            let (mut left, mut right) = pair.split_at(run.min(pair.len()));
            while let (Some((a, more_left)), Some((b, more_right))) =
                (left.split_first(), right.split_first())
            {
                if greater(*a, *b) {
                    to.push(*b);
                    right = more_right;
                } else {
                    to.push(*a);
                    left = more_left;
                }
            }
            to.extend_from_slice(left);
            to.extend_from_slice(right);
        }
        std::mem::swap(&mut from, &mut to);
        run *= 2;
    }
    from
}

/// Swaps until at each place stands what `order` says: along each circle of places.
#[cfg(any(test, target_family = "wasm"))]
fn rearrange(order: &mut [usize], swap: &mut dyn FnMut(usize, usize)) {
    for start in 0..order.len() {
        let mut at = start;
        while let Some(place) = order.get_mut(at) {
            let next = std::mem::replace(place, at);
            if next == start || next == at {
                break;
            }
            swap(at, next);
            at = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_sorted_as_the_standard_library_sorts() {
        let mut state = 7_u64;
        for len in (0..40).chain([100, 257, 1_000]) {
            let items: Vec<(u64, usize)> = (0..len)
                .map(|at| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    (state >> 58, at)
                })
                .collect();
            let (mut ours, mut theirs) = (items.clone(), items);
            by_places(&mut ours, |a, b| a.0.cmp(&b.0));
            theirs.sort_by_key(|item| item.0);
            assert_eq!(ours, theirs);
        }
    }
}
