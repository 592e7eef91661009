//! Holds the order of the rooms: the sources of each may name only rooms that stand before it.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// From left to right; a room may import rooms of its own column and of those before.
const COLUMNS: &[&[&str]] = &[
    &["source", "limits", "small"],
    &["diagnostic", "value"],
    &["schema", "decision"],
    &["event"],
    &["syntax"],
    &["text"],
    &["check"],
    &["window"],
    &["plan"],
    &["grants"],
    &["state"],
    &["rulebook"],
    &["engine"],
    &["overview", "testing", "editor"],
    &["guide"],
];

fn column(room: &str) -> Option<usize> {
    COLUMNS.iter().position(|rooms| rooms.contains(&room))
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The rooms that a text names: every `crate::room` outside comments.
fn named(text: &str) -> BTreeSet<String> {
    let code = text.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n");
    let mut rooms = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let names = match rest.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap_or("").split(',').collect(),
            None => vec![rest],
        };
        for name in names {
            let word: String = name.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            rooms.insert(word);
        }
    }
    rooms
}

#[test]
fn rooms_import_only_leftwards() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut read: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for file in files {
        let inner = file.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
        let room = inner.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        if room == "lib" || inner.contains("tests") {
            continue;
        }
        let own = column(&room).unwrap_or_else(|| panic!("the room of {inner} stands in no column"));
        *read.entry(room.clone()).or_default() += 1;
        for other in named(&std::fs::read_to_string(&file).unwrap()) {
            // What is no room is a name that the front page exports, which any room may have made.
            if let Some(other_column) = column(&other)
                && (other_column > own || other_column == own && other != room)
            {
                wrong.push(format!("{inner} names crate::{other}"));
            }
        }
    }
    assert!(wrong.is_empty(), "imports against the order of the rooms:\n{}", wrong.join("\n"));
    for room in COLUMNS.iter().flat_map(|rooms| rooms.iter()) {
        assert!(read.contains_key(*room), "no file of the room {room} was read");
    }
    assert!(read.values().sum::<usize>() > 80, "most of the sources were read: {read:?}");
}
