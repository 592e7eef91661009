//! The command line of Tagwarden: check, format, run, test and explain rulebooks.

mod args;
mod commands;
mod error;
mod input;
mod output;
mod progress;
mod rulebook;
mod show;

use clap::Parser;
use error::Failure;
use std::process::ExitCode;

/// Check, format, run, test and explain rulebooks of customer tags and block lists.
#[derive(Parser)]
#[command(name = "tagwarden", version, about, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  all is well
  1  the rulebook has errors, a test failed, `fmt --check` found differences, or `words lint` something to look at
  2  the command line is wrong
  3  some inputs were refused
  4  a file could not be read or written";

#[derive(clap::Subcommand)]
#[allow(clippy::large_enum_variant, reason = "read once, from the command line")]
enum Command {
    Check(commands::check::Args),
    Fmt(commands::fmt::Args),
    Run(commands::run::Args),
    Test(commands::test::Args),
    Explain(commands::explain::Args),
    Ledger(commands::ledger::Args),
    Infer(commands::infer::Args),
    Why(commands::why::Args),
    Words(commands::words::Args),
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Check(args) => commands::check::run(&args),
        Command::Fmt(args) => commands::fmt::run(&args),
        Command::Run(args) => commands::run::run(&args),
        Command::Test(args) => commands::test::run(&args),
        Command::Explain(args) => commands::explain::run(&args),
        Command::Ledger(args) => commands::ledger::run(&args),
        Command::Infer(args) => commands::infer::run(&args),
        Command::Why(args) => commands::why::run(&args),
        Command::Words(args) => commands::words::run(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::complain(&failure);
            failure.exit_code()
        }
    }
}

/// What a command returns.
type Done = Result<(), Failure>;
