//! Writes what the peers read: `events.jsonl`, `keywords.txt`, and `expected.json` with the answers for prefixes of the events.
//!
//! Argument: the folder to write into.

use serde_json::json;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use tagwarden_benches::reference::{answers, keyword_answers};
use tagwarden_benches::texts::Texts;
use tagwarden_benches::{stream, workload};

/// Prefixes that a slow peer may run on.
const PREFIXES: [usize; 6] = [10_000, 20_000, 50_000, 100_000, 200_000, stream::EVENTS];

fn main() -> io::Result<()> {
    let folder = std::env::args().nth(1).ok_or_else(|| io::Error::other("bench-stream needs a folder"))?;
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    let facts = stream::facts(stream::EVENTS);

    let mut out = BufWriter::with_capacity(1 << 20, File::create(folder.join("events.jsonl"))?);
    stream::write_json(&facts, &mut out)?;
    out.into_inner()?;

    let texts = Texts::new();
    std::fs::write(folder.join("keywords.txt"), texts.keywords().join("\n") + "\n")?;

    let mut expected = serde_json::Map::new();
    for prefix in PREFIXES {
        let facts = &facts[..prefix];
        let answers = answers(facts);
        let (with_hit, hits) = keyword_answers(&texts, facts);
        let entry = json!({ "w1": [answers.messages], "w2": answers.level, "w2-live": answers.turns, "w3": [with_hit, hits] });
        expected.insert(prefix.to_string(), entry);
        if prefix == stream::EVENTS
            && (answers.level, answers.messages) != (workload::TRUE_W2, workload::TRUE_W1)
        {
            return Err(io::Error::other("the stream is another one than the workloads'"));
        }
    }
    let mut out = File::create(folder.join("expected.json"))?;
    writeln!(out, "{}", serde_json::Value::Object(expected))
}
