//! Whole messages as they are drawn: `golden/NAME.txt` is what is said of `golden/NAME.tw`. To accept what has changed, run
//! with `TAGWARDEN_BLESS=1` and read the difference.

#![cfg(feature = "render")]

use super::diagnose;
use std::path::Path;

#[test]
fn messages_are_as_in_the_golden_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/check/tests/golden");
    let mut wrong = Vec::new();
    let mut seen = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "tw") {
            continue;
        }
        seen += 1;
        let (diagnostics, sources) = diagnose(&std::fs::read_to_string(&path).unwrap());
        let drawn: String = diagnostics.iter().map(|found| found.render(&sources) + "\n\n").collect();
        let golden = path.with_extension("txt");
        if std::env::var_os("TAGWARDEN_BLESS").is_some() {
            std::fs::write(&golden, &drawn).unwrap();
        } else if std::fs::read_to_string(&golden).unwrap_or_default() != drawn {
            wrong.push(format!("{}:\n{drawn}", path.display()));
        }
    }
    assert!(seen >= 5, "the golden files are not where they were");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
