//! The targets of `tests/fuzz`, for a few seconds each: on what they begin with, and on that with random changes.
//!
//! `TAGWARDEN_FUZZ_SECONDS` sets how long (2 for each target), `TAGWARDEN_SEED` where the dice begin.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "fuzz/targets.rs"]
mod targets;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
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
fn mutated(seeds: &[Vec<u8>], words: &[&[u8]], dice: &mut Dice) -> Vec<u8> {
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
            4 => drop(data.splice(place.start..place.start, words[dice.below(words.len())].to_vec())),
            _ => {
                let bytes: Vec<u8> = (0..dice.below(9)).map(|_| dice.below(256) as u8).collect();
                data.splice(place, bytes);
            }
        }
    }
    data
}

/// Runs a target; what makes it panic is kept in a file.
fn hold(name: &str, target: fn(&[u8]), seeds: &[Vec<u8>], words: &[&[u8]]) {
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

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
    found.sort();
}

/// The rulebooks of the cases and the samples.
fn rulebooks() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    files(&root.join("tests/cases"), &mut found);
    files(&root.join("examples/rules"), &mut found);
    let mut books = vec![targets::RULEBOOK.as_bytes().to_vec()];
    for path in found.iter().filter(|path| path.extension().is_some_and(|ext| ext == "case" || ext == "tw")) {
        let text = fs::read_to_string(path).unwrap();
        let book = text.split_once("--- rulebook\n").map_or(&*text, |(_, rest)| rest);
        books.push(book.split("\n--- ").next().unwrap_or_default().as_bytes().to_vec());
    }
    assert!(books.len() > 150, "the cases are not where they were");
    books
}

#[test]
fn any_text_is_compiled_or_refused() {
    let words = [
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "\"",
        ",",
        "//",
        "/",
        "\\",
        "{{",
        "•",
        "\u{feff}",
        "９",
        " where ",
        " without ",
        " within 1h ",
        " matching ",
        " over 1d ",
        " step 1h ",
        " until ",
        " for 99y ",
        " and ",
        " or ",
        " not ",
        " exists ",
        " ?? ",
        "999999999999999999",
        "rule r { on e then tag t }\n",
        "tags g: a, b,\n",
        "use \"x\"\n",
        "0001-01-01",
        "9999-12-31T23:59",
        " this month ",
        "count(",
        "private ",
    ];
    let words: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
    hold("compile", targets::compile, &rulebooks(), &words);
}

#[test]
fn any_bytes_are_an_event_or_refused() {
    let words = [
        "{",
        "}",
        "[",
        "\"",
        ":",
        ",",
        "null",
        "true",
        "1e400",
        "-0.0000001",
        "NaN",
        "\\ud800",
        "\u{0}",
        "\n",
        "999999999999999999999",
        r#""time":"0001-01-01T00:00:00Z""#,
        r#""time":"9999-12-31T23:59:59.999999Z""#,
        r#""time":253402300799999"#,
        r#""amount":"1""#,
        r#""id":"""#,
        r#"{"tick":"2026-03-29T02:30:00+01:00"}"#,
        r#"{"tick":"2027-01-01T00:00:00Z"}"#,
    ];
    let words: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
    hold("event_json", targets::event_json, &targets::seeds::events(), &words);
}

#[test]
fn any_bytes_are_a_snapshot_or_refused() {
    let words: [&[u8]; 6] =
        [&[0], &[1], &[0xff; 9], &[0x80, 0x80, 1], &[0xff, 0xff, 0xff, 0xff, 0x0f], b"TAGWARDN"];
    hold("snapshot", targets::snapshot, &targets::seeds::snapshots(), &words);
}
