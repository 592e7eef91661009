//! The walk-through of the guide does what it says. `UPDATE_WALKTHROUGH=1` writes what comes out into the page.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail so")]
use std::path::Path;
use tagwarden::{Reader, Rulebook, TimeUnit, Viewer};
use tagwarden_store::{Answer, Entry, Ledger, Options, verify};

fn page() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/guide/walkthrough.md")
}

/// The parts of a decision that a reader wants to see.
fn short(json: &str) -> String {
    let decision: serde_json::Value = serde_json::from_str(json).unwrap();
    let text =
        |name: &str| decision.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
    let mut line = format!("{} at {}", text("kind"), text("time"));
    for name in [
        "tag", "list", "level", "category", "proposal", "channel", "outcome", "until", "next", "cause",
        "code", "rule",
    ] {
        match decision.get(name) {
            Some(serde_json::Value::String(value)) => line.push_str(&format!(", {name} {value}")),
            Some(value) => line.push_str(&format!(", {name} {value}")),
            None => {}
        }
    }
    if let Some(by) = decision.pointer("/reason/by/actor") {
        line.push_str(&format!(", by {}", by.as_str().unwrap_or_default()));
    }
    line
}

fn answer(answer: &Answer) -> Vec<String> {
    if let Some(refusal) = &answer.refused {
        return vec![format!("refused: {}", refusal.message)];
    }
    let mut lines: Vec<String> = answer.decisions.iter().map(|decision| short(&decision.json)).collect();
    if answer.repeated {
        lines.insert(0, "known already; answered as the first time:".into());
    }
    if lines.is_empty() {
        lines.push("nothing is decided".into());
    }
    lines
}

fn question(ledger: &mut Ledger, text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split(' ').collect();
    match words.as_slice() {
        ["permits", channel, "at", time] => {
            let permit = ledger.permits("customer", "c1", channel, time.parse().unwrap()).unwrap();
            vec![format!("{permit:?}").split([' ', '(']).next().unwrap().to_lowercase()]
        }
        ["waiting"] => ledger
            .proposals()
            .unwrap()
            .iter()
            .map(|one| format!("proposal {} of {}: {}", one.proposal, one.subject, one.action))
            .collect(),
        ["due"] => {
            let due = ledger.reviews_due(ledger.engine().clock().unwrap()).unwrap();
            let lines: Vec<String> = due
                .iter()
                .map(|one| format!("{} on {}, level {}", one.subject, one.list, one.level))
                .collect();
            if lines.is_empty() { vec!["nothing is due".into()] } else { lines }
        }
        ["look", "as", actor, role, "at", time] => {
            let viewer = Viewer { actor: (*actor).into(), role: Some((*role).into()) };
            let status = ledger.view(&viewer, "customer", "c1", time.parse().unwrap()).unwrap().unwrap();
            let tags: Vec<&str> = status.tags.iter().map(|tag| &*tag.tag).collect();
            let lists: Vec<&str> = status.entries.iter().map(|entry| &*entry.list).collect();
            vec![format!("tags: [{}], lists: [{}]", tags.join(", "), lists.join(", "))]
        }
        ["audit"] => {
            let mut file = Vec::new();
            ledger.export_audit(&mut file).unwrap();
            let report = verify(&file[..]).unwrap();
            let named = String::from_utf8(file).unwrap().contains("\"c1\"");
            vec![format!(
                "whole: {} records, {} erased on record; the customer's key is {}in it",
                report.records,
                report.erased,
                if named { "" } else { "not " }
            )]
        }
        _ => panic!("no such question: {text}"),
    }
}

#[test]
fn the_page_does_what_it_says() {
    let text = std::fs::read_to_string(page()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("walk.ledger");
    let mut ledger: Option<(Ledger, Reader)> = None;
    let (mut out, mut block, mut rules) = (Vec::new(), "", String::new());
    for line in text.lines() {
        if let Some(language) = line.strip_prefix("```") {
            if block == "rulebook" {
                let rulebook = Rulebook::compile(&rules).unwrap();
                assert!(rulebook.warnings().is_empty(), "{:?}", rulebook.warnings());
                let reader = Reader::new(rulebook.schema(), TimeUnit::Millis);
                ledger = Some((Ledger::open(&path, &rulebook, Options::new([9; 16])).unwrap(), reader));
            }
            block = language;
        } else if block == "rulebook" {
            rules.push_str(line);
            rules.push('\n');
        } else if block == "ledger" {
            let (ledger, reader) = ledger.as_mut().unwrap();
            let lines = if let Some(input) = line.strip_prefix("> ") {
                let input = reader.json(input.as_bytes()).unwrap();
                answer(&ledger.apply([Entry::new(input)]).unwrap()[0])
            } else if let Some(asked) = line.strip_prefix("? ") {
                question(ledger, asked)
            } else {
                continue;
            };
            out.push(line.to_owned());
            out.extend(lines.iter().map(|line| format!("  {line}")));
            continue;
        }
        out.push(line.to_owned());
    }
    let found = out.join("\n") + "\n";
    if std::env::var_os("UPDATE_WALKTHROUGH").is_some() {
        std::fs::write(page(), &found).unwrap();
    }
    assert!(found == text, "the page and what comes out differ:\n{found}");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.extend(std::fs::read(path.with_extension("ledger-wal")).unwrap_or_default());
    for gone in ["\"c1\"", "liars\"}", "still nothing"] {
        assert!(!bytes.windows(gone.len()).any(|window| window == gone.as_bytes()), "{gone} is in the file");
    }
}
