//! `tagwarden words`: look at keyword lists before they go live.

mod lint;
mod sample;

use crate::Done;

/// Look at keyword lists before they go live
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    Lint(lint::Args),
    Try(sample::Args),
}

pub(crate) fn run(args: &Args) -> Done {
    match &args.command {
        Command::Lint(args) => lint::run(args),
        Command::Try(args) => sample::run(args),
    }
}
