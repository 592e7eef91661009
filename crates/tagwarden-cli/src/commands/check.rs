//! `tagwarden check`: every mistake of a rulebook at once.

use crate::error::Failure;
use crate::output::{GREEN, RESET, stdout};
use crate::{Done, rulebook};
use clap::ValueEnum;
use std::io::Write;
use std::path::PathBuf;
use tagwarden::DiagnosticRecord;

/// Report every mistake and every doubtful place of a rulebook
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The files of the rulebook; what they `use` is looked for beside them
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
    let (rules, tests) = (rulebook.rules().len(), rulebook.test_names().count());
    writeln!(out, "{GREEN}ok{RESET}: {rules} rules, {tests} tests, {} warnings", rulebook.warnings().len())?;
    Ok(out.flush()?)
}

fn as_json(args: &Args) -> Done {
    let compiled = rulebook::compile(&args.rulebook)?;
    let records: Vec<DiagnosticRecord> = match &compiled {
        Ok(rulebook) => {
            rulebook.warnings().iter().map(|warning| warning.record(rulebook.sources())).collect()
        }
        Err(error) => error.records(),
    };
    let mut out = stdout();
    for record in records {
        serde_json::to_writer(&mut out, &record).map_err(std::io::Error::from)?;
        writeln!(out)?;
    }
    out.flush()?;
    if compiled.is_ok() { Ok(()) } else { Err(Failure::Wrong) }
}
