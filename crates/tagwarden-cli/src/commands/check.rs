//! `tagwarden check`: every mistake of a rulebook at once.

use crate::error::Failure;
use crate::output::{GREEN, RESET, stdout};
use crate::{Done, rulebook};
use clap::ValueEnum;
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;
use tagwarden::{Diagnostic, Label, Sources};

/// Report every mistake and every doubtful place of a rulebook
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The files of the rulebook
    #[arg(required = true)]
    rulebook: Vec<PathBuf>,
    /// How messages are written; `json` writes one object a message to standard output
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
}

pub(crate) fn run(args: &Args) -> Done {
    if args.format == Format::Json {
        return as_json(args);
    }
    let rulebook = rulebook::load(&args.rulebook)?;
    let mut out = stdout();
    let (rules, tests) = (rulebook.rules().len(), rulebook.tests());
    writeln!(out, "{GREEN}ok{RESET}: {rules} rules, {tests} tests, {} warnings", rulebook.warnings().len())?;
    Ok(out.flush()?)
}

fn as_json(args: &Args) -> Done {
    let compiled = rulebook::compile(&args.rulebook)?;
    let (diagnostics, sources) = match &compiled {
        Ok(rulebook) => (rulebook.warnings(), rulebook.sources()),
        Err(error) => (&*error.diagnostics, &error.sources),
    };
    let mut out = stdout();
    for diagnostic in diagnostics {
        writeln!(out, "{}", message(diagnostic, sources))?;
    }
    out.flush()?;
    if compiled.is_ok() { Ok(()) } else { Err(Failure::Wrong) }
}

fn message(diagnostic: &Diagnostic, sources: &Sources) -> Value {
    let secondary: Vec<Value> = diagnostic.secondary.iter().map(|label| place(label, sources)).collect();
    json!({
        "code": diagnostic.code,
        "severity": diagnostic.severity(),
        "message": diagnostic.message,
        "primary": place(&diagnostic.primary, sources),
        "secondary": secondary,
        "help": diagnostic.help,
    })
}

fn place(label: &Label, sources: &Sources) -> Value {
    let source = sources.get(label.span.source);
    json!({
        "source": source.map(|source| &*source.name),
        "start": source.map(|source| source.position(label.span.start)),
        "end": source.map(|source| source.position(label.span.end)),
        "label": label.text,
    })
}
