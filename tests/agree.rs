//! The engine against the reference, on generated rulebooks and inputs: the same decisions in the same order, to the byte.
//!
//! `TAGWARDEN_CASES=N` sets how many cases are drawn, `TAGWARDEN_SEED=N` draws others, and `TAGWARDEN_CASE=0x…` runs
//! one case again from the seed that a failure shows.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod generate;
mod reference;

use generate::run::{cases, feed, hold, lines, same};
use tagwarden::Engine;

fn agree(count: u32, seed: u64) {
    hold(count, seed, |rulebook, inputs, _| {
        let engine = lines(&feed(&mut Engine::new(rulebook), inputs));
        let expected = lines(&reference::run(rulebook.tree(), inputs));
        same(("engine", &engine), ("reference", &expected))
    });
}

// Two halves, so that two cores share them.

#[test]
fn engine_and_reference_agree() {
    agree(cases(20_000).div_ceil(2), 1);
}

#[test]
fn engine_and_reference_agree_again() {
    agree(cases(20_000) / 2, 2);
}
