//! The engine against the reference, on generated rulebooks and inputs.
//!
//! `TAGWARDEN_CASES` sets how many, `TAGWARDEN_SEED` which, and `TAGWARDEN_CASE` runs a single one.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod generate;
mod reference;

use generate::Case;
use generate::run::{cases, feed, hold, lines, same};
use tagwarden::{Decision, Engine, Input, Rulebook};

fn agree(rulebook: &Rulebook, inputs: &[Input], _: &Case) -> Result<(), String> {
    if reference::keeps_private(rulebook.tree()) {
        return Ok(());
    }
    let engine = feed(&mut Engine::new(rulebook), inputs);
    let reference = reference::run(rulebook.tree(), inputs);
    if engine == reference {
        return Ok(());
    }
    same(("engine", &lines(&engine)), ("reference", &lines(&reference)))?;
    let differs = |(one, other): &(&Decision, &Decision)| one != other;
    let first = engine.iter().zip(&reference).find(differs);
    Err(format!("the same JSON, and yet different: {first:#?}"))
}

#[test]
fn engine_and_reference_agree() {
    // Two halves, each with its own seed.
    let count = cases(20_000).div_ceil(2);
    std::thread::scope(|scope| {
        let other = scope.spawn(|| hold(count, 1, agree));
        hold(count, 2, agree);
        if let Err(panic) = other.join() {
            std::panic::resume_unwind(panic);
        }
    });
}
