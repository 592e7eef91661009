//! What rulebooks mean, and what is said of those that mean nothing.

use crate::check::tree::*;
use crate::diagnostic::Diagnostic;
use crate::{CompileError, Limits, Rulebook, Sources};

const GLANCE: &str = include_str!("glance.tw");

fn files(name: &str) -> Option<String> {
    (name == "sensitive.txt").then(|| "scam\tfraud\n诈骗\tfraud\n".to_owned())
}

fn compile(text: &str) -> Result<Rulebook, CompileError> {
    Rulebook::compiler().source("test.tw", text).resolver(files).compile()
}

/// Each message as `CODE at "text": message`.
fn shown(diagnostics: &[Diagnostic], sources: &Sources) -> Vec<String> {
    let one = |d: &Diagnostic| {
        format!(
            "{} at {:?}: {} / {} / {:?}",
            d.code,
            sources.text(d.primary.span),
            d.message,
            d.primary.text,
            d.help
        )
    };
    diagnostics.iter().map(one).collect()
}

#[test]
fn the_language_at_a_glance_compiles() {
    let rulebook = compile(GLANCE).map_err(|e| shown(&e.diagnostics, &e.sources)).unwrap();
    for w in shown(rulebook.warnings(), rulebook.sources()) {
        eprintln!("{w}");
    }
    let tree = &rulebook.plan().tree;
    for r in &tree.rules {
        eprintln!("{} {:?} {:?}", r.name, r.entity, r.version);
    }
    let _ = Limits::default();
    let _ = RuleId(0);
}

#[test]
fn try_files() {
    let Ok(dir) = std::env::var("TRY") else { return };
    for path in dir.split(':') {
        let text = std::fs::read_to_string(path).unwrap();
        match compile(&text) {
            Ok(r) => {
                eprintln!("{path} ok");
                for w in shown(r.warnings(), r.sources()) {
                    eprintln!("  {w}");
                }
            }
            Err(e) => {
                eprintln!("{path} ERR");
                for w in shown(&e.diagnostics, &e.sources) {
                    eprintln!("  {w}");
                }
            }
        }
    }
}
