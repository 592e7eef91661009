//! The corpus in `tests/cases`: each file is a rulebook with inputs and what must come of them, or with the messages
//! that it must get. The engine gives exactly the file; so does the reference evaluator, where it has the options.
//!
//! `UPDATE_CASES=1` writes what the engine gives into the files; `CASES=part/of/name` runs only some.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod reference;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use tagwarden::{
    Code, CompileError, Duration, Engine, EngineOptions, Input, InputError, Reader, Refusal, Rulebook,
    TimeUnit,
};

/// Fewer cases than this mean that the corpus was not found, or that somebody removed cases.
const AT_LEAST: usize = 150;

/// A case as its file has it.
struct Case {
    name: String,
    path: PathBuf,
    /// The comment.
    head: String,
    /// Title and text, in the order of the file.
    sections: Vec<(String, String)>,
}

impl Case {
    fn read(root: &Path, path: PathBuf) -> Case {
        let text = std::fs::read_to_string(&path).expect("a readable case");
        let name = path.strip_prefix(root).unwrap().with_extension("").display().to_string();
        let mut case = Case { name, path, head: String::new(), sections: Vec::new() };
        for line in text.split_inclusive('\n') {
            match (line.strip_prefix("--- "), case.sections.last_mut()) {
                (Some(title), _) => case.sections.push((title.trim_end().to_owned(), String::new())),
                (None, Some((_, text))) => text.push_str(line),
                (None, None) => case.head.push_str(line),
            }
        }
        let comment = case.head.strip_prefix("# ").and_then(|line| line.strip_suffix('\n'));
        assert!(comment.is_some_and(|line| !line.contains('\n')), "{}: one line of comment first", case.name);
        for (title, _) in &case.sections {
            let known = ["rulebook", "options", "inputs", "decisions", "diagnostics"]
                .contains(&title.as_str())
                || title.starts_with("file ");
            assert!(known, "{}: there is no section `{title}`", case.name);
        }
        case
    }

    fn section(&self, title: &str) -> Option<&str> {
        self.sections.iter().find(|(name, _)| name == title).map(|(_, text)| text.as_str())
    }

    /// Writes what came out in the place of what was expected.
    fn update(&self, title: &str, actual: &str) {
        let mut text = self.head.clone();
        for (name, section) in &self.sections {
            let section = if name == title { actual } else { section };
            let _ = write!(text, "--- {name}\n{section}");
        }
        std::fs::write(&self.path, text).expect("a writable case");
    }

    fn compile(&self) -> Result<Rulebook, CompileError> {
        Rulebook::compiler()
            .source("main.tw", self.section("rulebook").expect("a rulebook"))
            .resolver(|name| self.section(&format!("file {name}")).map(str::to_owned))
            .limits(self.options().limits)
            .compile()
    }

    fn options(&self) -> EngineOptions {
        let mut options = EngineOptions::default();
        for line in self.section("options").unwrap_or_default().lines() {
            let (name, value) = line.split_once(' ').expect("an option and its value");
            let number = || value.parse().expect("a whole number");
            match name {
                "lateness" => options.lateness = duration(value),
                "dedup" => options.dedup = Some(duration(value)),
                "source_bytes" => options.limits.source_bytes = number(),
                "nesting" => options.limits.nesting = number(),
                "operators" => options.limits.operators = number(),
                "rules" => options.limits.rules = number(),
                "subjects" => options.limits.subjects = number(),
                "held_inputs" => options.limits.held_inputs = number(),
                "text_bytes" => options.limits.text_bytes = number(),
                _ => panic!("{}: there is no option `{name}`", self.name),
            }
        }
        options
    }
}

/// A whole number and a unit of fixed length.
fn duration(text: &str) -> Duration {
    let (number, unit) = text.split_at(text.len() - 1);
    let number: i64 = number.parse().expect("a whole number");
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86400,
        _ => panic!("`{unit}` is not a unit of an option"),
    };
    Duration::from_micros(number * seconds * 1_000_000)
}

fn find(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).expect("the corpus") {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find(&path, found);
        } else if path.extension().is_some_and(|ext| ext == "case") {
            found.push(path);
        }
    }
}

/// One message a line: `CODE line:column message`, and the file's name before the line if it is not the main one.
fn messages(case: &Case) -> String {
    let (compiled, error);
    let (diagnostics, sources) = match case.compile() {
        Ok(rulebook) => {
            compiled = rulebook;
            (compiled.warnings(), compiled.sources())
        }
        Err(failed) => {
            error = failed;
            (error.diagnostics.as_slice(), &error.sources)
        }
    };
    let mut text = String::new();
    for diagnostic in diagnostics {
        let place = diagnostic.record(sources).place;
        let file = if &*place.file == "main.tw" { String::new() } else { format!("{}:", place.file) };
        let (line, column) = (place.line, place.column);
        let _ = writeln!(text, "{} {file}{line}:{column} {}", diagnostic.code, diagnostic.message);
    }
    text
}

/// What the engine gives, and, where the case has no options, what the reference gives of the inputs that can be read.
fn decide(case: &Case, rulebook: &Rulebook) -> (String, Option<String>) {
    let options = case.options();
    let is_plain = options == EngineOptions::default();
    let mut engine = Engine::with_options(rulebook, options);
    let reader = Reader::new(rulebook.schema(), TimeUnit::Millis);
    let (mut text, mut inputs) = (String::new(), Vec::new());
    for (at, line) in case.section("inputs").expect("inputs").lines().enumerate() {
        let outcome = reader.json(line.as_bytes()).and_then(|input| {
            inputs.push(input.clone());
            engine.apply(&input)
        });
        match outcome {
            Ok(decisions) => decisions.iter().for_each(|one| writeln!(text, "{}", one.to_json()).unwrap()),
            Err(error) => {
                let _ = writeln!(text, "{{\"refused\":\"{}\",\"input\":{}}}", kind(&error), at + 1);
            }
        }
    }
    engine.finish().iter().for_each(|one| writeln!(text, "{}", one.to_json()).unwrap());
    let reference = is_plain.then(|| by_reference(rulebook, &inputs, &text));
    (text, reference)
}

/// The reference's decisions; it passes over late inputs, so the refusals are taken from the engine's answer.
fn by_reference(rulebook: &Rulebook, inputs: &[Input], engine: &str) -> String {
    let mut decisions = reference::run(rulebook.tree(), inputs).into_iter().map(|one| one.to_json());
    let mut text = String::new();
    for line in engine.lines() {
        if line.starts_with("{\"refused\"") {
            let _ = writeln!(text, "{line}");
        } else if let Some(decision) = decisions.next() {
            let _ = writeln!(text, "{decision}");
        }
    }
    decisions.for_each(|decision| writeln!(text, "{decision}").unwrap());
    text
}

fn kind(error: &InputError) -> &'static str {
    match error {
        InputError::Late { .. } => "late",
        InputError::Duplicate { .. } => "duplicate",
        InputError::Invalid { .. } => "invalid",
        InputError::Limit { .. } => "limit",
        other => panic!("an unknown refusal: {other}"),
    }
}

/// The lines that differ, with `-` what the file has and with `+` what came out, in between what is equal.
fn difference(expected: &str, actual: &str) -> String {
    let (expected, actual): (Vec<_>, Vec<_>) = (expected.lines().collect(), actual.lines().collect());
    // Longest common subsequence; cases are small.
    let mut longest = vec![vec![0; actual.len() + 1]; expected.len() + 1];
    for i in (0..expected.len()).rev() {
        for j in (0..actual.len()).rev() {
            longest[i][j] = if expected[i] == actual[j] {
                longest[i + 1][j + 1] + 1
            } else {
                longest[i + 1][j].max(longest[i][j + 1])
            };
        }
    }
    let (mut i, mut j, mut text) = (0, 0, String::new());
    while i < expected.len() || j < actual.len() {
        let (mark, line) = if i < expected.len() && j < actual.len() && expected[i] == actual[j] {
            (i, j) = (i + 1, j + 1);
            (' ', expected[i - 1])
        } else if i < expected.len() && (j == actual.len() || longest[i + 1][j] >= longest[i][j + 1]) {
            i += 1;
            ('-', expected[i - 1])
        } else {
            j += 1;
            ('+', actual[j - 1])
        };
        let _ = writeln!(text, "  {mark} {line}");
    }
    text
}

/// Compares one case with its file.
fn check(case: &Case, update: bool) -> Result<(), String> {
    if let Some(expected) = case.section("diagnostics") {
        let actual = messages(case);
        if update {
            case.update("diagnostics", &actual);
            return Ok(());
        }
        return compare("messages", expected, &actual);
    }
    let rulebook = case.compile().map_err(|error| error.to_string())?;
    let (actual, reference) = decide(case, &rulebook);
    let expected = case.section("decisions").ok_or("no section `decisions`")?;
    if update {
        case.update("decisions", &actual);
    } else {
        compare("engine", expected, &actual)?;
    }
    let expected = if update { &actual } else { expected };
    reference.map_or(Ok(()), |reference| compare("reference", expected, &reference))
}

fn compare(what: &str, expected: &str, actual: &str) -> Result<(), String> {
    if expected == actual {
        return Ok(());
    }
    Err(format!("{what}: `-` is expected, `+` came out\n{}", difference(expected, actual)))
}

fn corpus() -> (PathBuf, Vec<PathBuf>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases");
    let mut paths = Vec::new();
    find(&root, &mut paths);
    paths.sort();
    (root, paths)
}

#[test]
fn every_code_has_a_case() {
    let (root, paths) = corpus();
    let cases: Vec<Case> = paths.into_iter().map(|path| Case::read(&root, path)).collect();
    for code in Code::ALL {
        let shows =
            |case: &Case| case.section("diagnostics").is_some_and(|text| text.contains(code.as_str()));
        assert!(cases.iter().any(shows), "no case shows {code}");
    }
}

#[test]
fn every_refusal_of_a_command_has_a_case() {
    let (root, paths) = corpus();
    let cases: Vec<Case> = paths.into_iter().map(|path| Case::read(&root, path)).collect();
    for refusal in Refusal::ALL {
        let code = format!(r#","code":"{}","why":"#, refusal.as_str());
        let shows = |case: &Case| case.section("decisions").is_some_and(|text| text.contains(&code));
        assert!(cases.iter().any(shows), "no case shows {code}");
    }
}

#[test]
fn every_case_gives_exactly_its_file() {
    let (root, paths) = corpus();
    assert!(paths.len() >= AT_LEAST, "only {} cases in {}", paths.len(), root.display());
    let only = std::env::var("CASES").unwrap_or_default();
    let update = std::env::var("UPDATE_CASES").is_ok_and(|value| value == "1");
    let mut failures = String::new();
    let mut count = 0;
    for case in paths.into_iter().map(|path| Case::read(&root, path)).filter(|case| case.name.contains(&only))
    {
        if let Err(why) = check(&case, update) {
            count += 1;
            let _ = writeln!(failures, "\n{}: {}{why}", case.name, case.head.trim_start_matches("# "));
        }
    }
    assert!(count == 0, "{count} cases fail{failures}");
}
