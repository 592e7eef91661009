//! Writes what the targets begin with into `corpus/`.

mod targets;

use std::path::{Path, PathBuf};
use std::{fs, io};

fn main() -> io::Result<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut books = vec![targets::RULEBOOK.as_bytes().to_vec()];
    for folder in ["../cases", "../../examples/rules"] {
        for path in files(&here.join(folder))? {
            let text = fs::read_to_string(path)?;
            // Of a case the rulebook.
            let book = text.split_once("--- rulebook\n").map_or(&*text, |(_, rest)| rest);
            books.push(book.split("\n--- ").next().unwrap_or_default().as_bytes().to_vec());
        }
    }
    for (target, seeds) in [
        ("compile", books),
        ("event_json", targets::seeds::events()),
        ("snapshot", targets::seeds::snapshots()),
    ] {
        let folder = here.join("corpus").join(target);
        fs::create_dir_all(&folder)?;
        for (at, seed) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("seed-{at}")), seed)?;
        }
        println!("{}: {} seeds", folder.display(), seeds.len());
    }
    Ok(())
}

fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { found.extend(files(&path)?) } else { found.push(path) }
    }
    Ok(found)
}
