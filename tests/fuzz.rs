//! The targets of `tests/fuzz`, for a few seconds each: on what they begin with, and on that with random changes.
//!
//! `TAGWARDEN_FUZZ_SECONDS` sets how long (2 for each target), `TAGWARDEN_SEED` where the dice begin.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "fuzz/targets/mod.rs"]
mod targets;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound.max(1) as u64) as usize
    }

    /// A stretch of something of this length; most are short.
    fn stretch(&mut self, length: usize) -> std::ops::Range<usize> {
        let from = self.below(length + 1);
        let most = if self.below(4) == 0 { length } else { 12 };
        from..(from + self.below(most + 1)).min(length)
    }
}

/// One to four changes: bytes turned over, taken out, put in, said twice, taken from another seed.
fn mutated(seeds: &[Vec<u8>], words: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut data = seeds[dice.below(seeds.len())].clone();
    for _ in 0..=dice.below(4) {
        let place = dice.stretch(data.len());
        match dice.below(6) {
            0 => data.get_mut(place).unwrap().iter_mut().for_each(|byte| *byte ^= 1 << dice.below(8)),
            1 => drop(data.drain(place)),
            2 => {
                let again = data[place.clone()].to_vec();
                data.splice(place.start..place.start, again);
            }
            3 => {
                let other = &seeds[dice.below(seeds.len())];
                let part = other[dice.stretch(other.len())].to_vec();
                data.splice(place, part);
            }
            4 => drop(data.splice(place.start..place.start, words[dice.below(words.len())].clone())),
            _ => {
                let bytes: Vec<u8> = (0..dice.below(9)).map(|_| dice.below(256) as u8).collect();
                data.splice(place, bytes);
            }
        }
    }
    data
}

/// Runs a target; what makes it panic is kept in a file.
fn hold(name: &str, target: targets::Target, seeds: &[Vec<u8>], words: &[Vec<u8>]) {
    let number = |variable: &str| std::env::var(variable).ok().and_then(|text| text.parse::<u64>().ok());
    let time = Duration::from_secs(number("TAGWARDEN_FUZZ_SECONDS").unwrap_or(2));
    let mut dice = Dice(number("TAGWARDEN_SEED").unwrap_or(1));
    let start = Instant::now();
    let mut slowest = Duration::ZERO;
    let mut run = |data: &[u8]| {
        let before = Instant::now();
        if catch_unwind(AssertUnwindSafe(|| target(data))).is_err() {
            let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{name}"));
            fs::write(&path, data).unwrap();
            panic!(
                "{name} panics on {}, which begins {:?}",
                path.display(),
                String::from_utf8_lossy(&data[..data.len().min(300)])
            );
        }
        slowest = slowest.max(before.elapsed());
    };
    seeds.iter().for_each(|seed| run(seed));
    let mut count = 0_u64;
    while start.elapsed() < time {
        run(&mutated(seeds, words, &mut dice));
        count += 1;
    }
    println!("{name}: {} seeds and {count} changed ones, the slowest in {slowest:?}", seeds.len());
    assert!(slowest < Duration::from_secs(20), "{name}: one input took {slowest:?}");
}

fn held(name: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let (_, target) = targets::ALL.into_iter().find(|(other, _)| *other == name).unwrap();
    let seeds = targets::seeds::of(name, &root).unwrap();
    assert!(seeds.len() > 10, "the seeds of {name} are not where they were");
    hold(name, target, &seeds, &targets::words::of(name));
}

#[test]
fn any_text_is_compiled_or_refused() {
    held("compile");
}

#[test]
fn any_place_of_any_text_has_an_answer() {
    held("editor");
}

#[test]
fn any_bytes_are_an_event_or_refused() {
    held("events");
}

#[test]
fn any_keywords_are_found_in_any_text() {
    held("keywords");
}

#[test]
fn any_line_is_read_in_one_way() {
    held("lines");
}

#[test]
fn any_rulebook_decides_the_same_again() {
    held("run");
}

#[test]
fn any_bytes_are_a_snapshot_or_refused() {
    held("snapshot");
}
