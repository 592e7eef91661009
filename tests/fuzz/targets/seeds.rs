//! Inputs to begin with: the cases, the sample rulebooks, events, and snapshots of what they lead to.

use super::{RULEBOOK, options, rulebook};
use std::path::{Path, PathBuf};
use std::{fs, io};
use tagwarden::{Engine, Reader, TimeUnit};

/// Of a target by its name; `root` is the folder of the project.
///
/// # Errors
/// A file cannot be read.
pub fn of(target: &str, root: &Path) -> io::Result<Vec<Vec<u8>>> {
    Ok(match target {
        "compile" => rulebooks(root)?,
        "editor" => rulebooks(root)?.into_iter().map(|book| [b"\0", &*book].concat()).collect(),
        "events" | "lines" => events().into_iter().chain(inputs(root)?).collect(),
        "keywords" => keywords(root)?,
        "run" => runs(root)?,
        "snapshot" => snapshots(),
        _ => Vec::new(),
    })
}

/// Everything that ends so, in a folder and those in it.
fn files(folder: &Path, ending: &str) -> io::Result<Vec<String>> {
    fn find(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                find(&path, ending, found)?;
            } else if path.extension().is_some_and(|other| other == ending) {
                found.push(path);
            }
        }
        Ok(())
    }
    let mut found = Vec::new();
    find(folder, ending, &mut found)?;
    found.sort();
    assert!(!found.is_empty(), "nothing ends in {ending} in {}", folder.display());
    found.iter().map(fs::read_to_string).collect()
}

/// A section of a case.
fn section<'c>(case: &'c str, title: &str) -> Option<&'c str> {
    let (_, rest) = case.split_once(&format!("--- {title}\n"))?;
    Some(rest.split("\n--- ").next().unwrap_or_default())
}

fn rulebooks(root: &Path) -> io::Result<Vec<Vec<u8>>> {
    let mut books = vec![RULEBOOK.as_bytes().to_vec()];
    for case in files(&root.join("tests/cases"), "case")? {
        books.extend(section(&case, "rulebook").map(|book| book.as_bytes().to_vec()));
    }
    books.extend(files(&root.join("examples/rules"), "tw")?.into_iter().map(String::into_bytes));
    Ok(books)
}

fn inputs(root: &Path) -> io::Result<Vec<Vec<u8>>> {
    let cases = files(&root.join("tests/cases"), "case")?;
    Ok(cases
        .iter()
        .filter_map(|case| section(case, "inputs"))
        .map(|lines| lines.as_bytes().to_vec())
        .collect())
}

fn runs(root: &Path) -> io::Result<Vec<Vec<u8>>> {
    let both = |case: &String| {
        Some([section(case, "rulebook")?, "\n---\n", section(case, "inputs")?].concat().into_bytes())
    };
    Ok(files(&root.join("tests/cases"), "case")?.iter().filter_map(both).collect())
}

/// The texts of the corpus of keywords, with some sets.
fn keywords(root: &Path) -> io::Result<Vec<Vec<u8>>> {
    const SETS: [&str; 4] = [
        "abcd\nscam\n*威信\n!scam report\n\nabcd\n*麻烦",
        "abcdefghiEFGHI\nscam\n?free\n*?shit\nass",
        "abcdE\n?*ab\n?aab\n!a b",
        "\nScam\n*ﬁ\n*e\u{301}",
    ];
    let mut seeds = Vec::new();
    for lines in files(&root.join("tests/keywords"), "jsonl")? {
        for (at, line) in lines.lines().enumerate().step_by(4) {
            seeds.push(format!("{}\n==\n{line}", SETS.get(at / 4 % 4).unwrap_or(&"")).into_bytes());
        }
    }
    Ok(seeds)
}

/// Lines of events and ticks.
fn events() -> Vec<Vec<u8>> {
    let mut days: Vec<Vec<u8>> = vec![Vec::new()];
    for at in 0..60_u32 {
        let (day, hour) = (1 + at / 6, at % 6 * 4);
        let time = format!("2026-01-{day:02}T{hour:02}:00:00+01:00");
        let line = match at % 4 {
            0 => format!(
                r#"{{"type":"order","time":"{time}","customer":"c1","amount":{at}.25,"sku":"s{}","due":"{time}"}}"#,
                at % 3
            ),
            1 => format!(
                r#"{{"type":"message","time":"{time}","customer":"c1","id":"m{at}","channel":"sms","text":"a scam 骗子"}}"#
            ),
            2 => format!(r#"{{"type":"call","time":"{time}","customer":"c2","staff":"s1","seconds":{at}}}"#),
            _ => format!(r#"{{"tick":"{time}"}}"#),
        };
        let mut next = days.last().cloned().unwrap_or_default();
        next.extend_from_slice(line.as_bytes());
        next.push(b'\n');
        days.push(next);
    }
    days.into_iter().step_by(6).collect()
}

/// Whole snapshots (behind an even byte, which is no part of one), and bodies behind an odd byte.
fn snapshots() -> Vec<Vec<u8>> {
    let reader = Reader::new(rulebook().schema(), TimeUnit::Millis);
    let mut all = Vec::new();
    for text in events() {
        let mut engine = Engine::with_options(rulebook(), options());
        for line in text.split(|byte| *byte == b'\n') {
            if let Ok(input) = reader.json(line) {
                let _ = engine.apply(&input);
            }
        }
        let whole = engine.snapshot();
        if let Some(body) = whole.get(50..whole.len() - 4) {
            all.push([&[1], body].concat());
        }
        all.push(whole);
    }
    all
}
