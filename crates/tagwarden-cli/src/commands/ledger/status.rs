//! `tagwarden ledger status`: what holds of a subject, for somebody who looks.

use super::open::{Place, Who, entity};
use crate::Done;
use crate::commands::why::holds;
use crate::error::Failure;
use crate::output::{BOLD, RESET, plain_stdout, stdout};
use crate::show::Show;
use std::io::Write;

/// Say what holds of a subject; the audit log notes who looked
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    who: Who,
    /// The key of the subject
    #[arg(long, value_name = "KEY")]
    subject: String,
    /// The kind of subject; by default the rulebook's first
    #[arg(long)]
    entity: Option<String>,
    /// Also every decision about it that is kept, as JSON
    #[arg(long)]
    history: bool,
}

pub(crate) fn run(args: &Args) -> Done {
    let mut ledger = args.place.open()?;
    let entity = entity(&ledger, args.entity.as_deref())?;
    let time = args.who.time(&ledger)?;
    match ledger.view(&args.who.viewer(), &entity, &args.subject, time)? {
        Ok(status) => {
            let show = Show::of(ledger.engine().rulebook());
            let mut out = stdout();
            writeln!(out, "{BOLD}{entity} {}{RESET} at {}", args.subject, show.time(time))?;
            holds(&mut out, show, &status)?;
            out.flush()?;
        }
        Err(refused) => {
            writeln!(plain_stdout(), "{}", refused.to_json())?;
            return Err(Failure::Refused);
        }
    }
    if args.history {
        let mut out = plain_stdout();
        for decision in ledger.history(&entity, &args.subject)? {
            writeln!(out, "{decision}")?;
        }
        out.flush()?;
    }
    Ok(())
}
