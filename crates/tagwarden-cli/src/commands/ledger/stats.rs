//! `tagwarden ledger stats`: how much there is of everything.

use super::open::Place;
use crate::Done;
use crate::output::{BOLD, RESET, stdout};
use crate::show::table;
use std::io::Write;

/// Say how much there is of everything
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Place,
    /// As one JSON object
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> Done {
    let ledger = args.place.open()?;
    let stats = ledger.stats()?;
    let mut out = stdout();
    if args.json {
        writeln!(out, "{}", serde_json::to_string(&stats).map_err(std::io::Error::from)?)?;
        return Ok(());
    }
    let groups = [
        ("Inputs", &stats.inputs),
        ("Decisions", &stats.decisions),
        ("Tags now", &stats.tags),
        ("Entries now", &stats.entries),
    ];
    for (name, counts) in groups {
        writeln!(out, "{BOLD}{name}{RESET}")?;
        let rows: Vec<Vec<String>> =
            counts.iter().map(|(name, count)| vec![name.clone(), count.to_string()]).collect();
        for row in table(&rows) {
            writeln!(out, "  {row}")?;
        }
    }
    writeln!(
        out,
        "{} inputs refused; {} proposals, {} appeals and {} reviews wait; {} subjects forgotten; {} records in the audit log",
        stats.refused, stats.proposals, stats.appeals, stats.reviews, stats.forgotten, stats.audit
    )?;
    out.flush()?;
    Ok(())
}
