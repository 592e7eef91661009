//! The engine against the reference, on generated rulebooks and inputs.
//!
//! `TAGWARDEN_CASES` sets how many, `TAGWARDEN_SEED` which, and `TAGWARDEN_CASE` runs a single one.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod generate;
mod reference;

use generate::Case;
use generate::dice::Dice;
use generate::run::{cases, feed, hold, lines, same};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use tagwarden::{Change, Decision, Duration, Engine, EngineOptions, Input, InputError, Rulebook};

fn agree(rulebook: &Rulebook, inputs: &[Input], _: &Case) -> Result<(), String> {
    let engine = feed(&mut Engine::new(rulebook), inputs);
    equal(&engine, &reference::run(rulebook.tree(), inputs))
}

fn equal(engine: &[Decision], reference: &[Decision]) -> Result<(), String> {
    if engine == reference {
        return Ok(());
    }
    same(("engine", &lines(engine)), ("reference", &lines(reference)))?;
    let first = engine.iter().zip(reference).find(|(one, other)| one != other);
    Err(format!("the same JSON, and yet different: {first:#?}"))
}

/// Where the id of an input stands, if it may have one.
fn id_of(input: &mut Input) -> Option<&mut Option<Arc<str>>> {
    match input {
        Input::Event(event) => Some(&mut event.id),
        Input::Command(command) => Some(&mut command.id),
        _ => None,
    }
}

/// The same with inputs that come late, some too late, and events that come twice.
fn agree_unordered(rulebook: &Rulebook, inputs: &[Input], case: &Case) -> Result<(), String> {
    let mut dice = Dice::new(case.seed ^ 3);
    let lateness: i64 = [600_000_000, 7_200_000_000, 200_000_000_000][dice.below(3)];
    let dedup: i64 = [600_000_000, 3_600_000_000, 86_400_000_000][dice.below(3)];
    let mut arriving: Vec<(i64, Input)> = Vec::new();
    for (at, input) in inputs.iter().enumerate() {
        let mut input = input.clone();
        let mut copies = 1;
        if let Some(id) = id_of(&mut input)
            && dice.chance(70)
        {
            *id = Some(format!("e{at}").into());
            copies += usize::from(dice.chance(30));
        }
        for _ in 0..copies {
            let delay = dice.below(lateness as usize + lateness as usize / 4) as i64;
            arriving.push((input.time().micros() + delay, input.clone()));
        }
    }
    arriving.sort_by_key(|(arrival, _)| *arrival);
    let inputs: Vec<Input> = arriving.into_iter().map(|(_, input)| input).collect();
    let (lateness, dedup) = (Duration::from_micros(lateness), Duration::from_micros(dedup));
    let options = EngineOptions { lateness, dedup: Some(dedup), ..EngineOptions::default() };
    let mut engine = Engine::with_options(rulebook, options);
    let mut decisions = Vec::new();
    for input in &inputs {
        match engine.apply(input) {
            Ok(more) => decisions.extend(more),
            Err(InputError::Late { .. } | InputError::Duplicate { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    decisions.extend(engine.finish());
    let arrived: Vec<String> = inputs.iter().map(|input| format!("{input:?}")).collect();
    let expected = reference::run_unordered(rulebook.tree(), &inputs, lateness, Some(dedup));
    equal(&decisions, &expected)
        .map_err(|why| format!("lateness {lateness}, dedup {dedup}, arriving\n{}\n{why}", arrived.join("\n")))
}

#[test]
fn engine_and_reference_agree_on_late_and_repeated_inputs() {
    hold(cases(20_000) / 8, 3, agree_unordered);
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

/// The streams reach every kind of decision and every refusal: what is never generated is never compared.
#[test]
fn the_streams_reach_everything() {
    let seen = RefCell::new(BTreeMap::<String, usize>::new());
    hold(10_000, 4, |rulebook, inputs, _| {
        for decision in feed(&mut Engine::new(rulebook), inputs) {
            let kind = match &decision.change {
                Change::Refused { code, .. } => format!("refused {}", code.as_str()),
                _ => decision.kind().to_owned(),
            };
            *seen.borrow_mut().entry(kind).or_default() += 1;
        }
        Ok(())
    });
    let seen = seen.into_inner();
    for kind in KINDS
        .into_iter()
        .map(str::to_owned)
        .chain(tagwarden::Refusal::ALL.into_iter().map(|code| format!("refused {}", code.as_str())))
    {
        assert!(seen.get(&kind).is_some_and(|count| *count >= 3), "{kind} is not reached often: {seen:#?}");
    }
}

const KINDS: [&str; 26] = [
    "tagged",
    "untagged",
    "listed",
    "level_changed",
    "unlisted",
    "scored",
    "proposed",
    "withheld",
    "notified",
    "review_due",
    "emitted",
    "planned",
    "renewed",
    "suspended",
    "resumed",
    "approved",
    "rejected",
    "lapsed",
    "reviewed",
    "appealed",
    "settled",
    "marked_wrong",
    "exempted",
    "lifted",
    "merged",
    "forgotten",
];
