//! What rulebooks mean, and what is said of those that mean nothing.

mod hostile;
mod meaning;
mod messages;
mod pages;

use crate::{CompileError, Diagnostic, Rulebook, Sources};

/// The rulebook at the head of the language page.
const GLANCE: &str = include_str!("glance.tw");

/// The host's files.
fn file(name: &str) -> Option<String> {
    match name {
        "sensitive.txt" => Some("# banned\nscam\tfraud\n诈骗\tfraud\n".to_owned()),
        "other.tw" => Some("use \"test.tw\"\nkeywords b { \"free\" }\n".to_owned()),
        _ => None,
    }
}

fn compile(text: &str) -> Result<Rulebook, CompileError> {
    Rulebook::compiler().source("test.tw", text).resolver(file).compile()
}

/// Everything said of a rulebook, and the texts that it is about.
fn diagnose(text: &str) -> (Vec<Diagnostic>, Sources) {
    match compile(text) {
        Ok(rulebook) => (rulebook.warnings().to_vec(), rulebook.sources().clone()),
        Err(CompileError { diagnostics, sources }) => (diagnostics, sources),
    }
}

/// A rulebook that compiles.
fn compiled(text: &str) -> Rulebook {
    compile(text).unwrap_or_else(|error| {
        panic!("{}", error.records().iter().map(|r| format!("{r:?}\n")).collect::<String>())
    })
}
