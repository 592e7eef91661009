//! `tagwarden ledger apply`: events and commands from a file into a ledger.

use super::open::Place;
use crate::args::Events;
use crate::error::Failure;
use crate::input::Inputs;
use crate::output::{self, RED, RESET};
use crate::progress::Progress;
use crate::{Done, rulebook};
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use tagwarden_store::{Answer, Entry, Ledger};

/// Apply events, commands and ticks from a file, and write what is decided
///
/// An input with an `id` that was applied before is answered as the first time: a file can be applied again after a crash.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    events: Events,
    /// Go on with another rulebook from now on
    #[arg(long, value_name = "FILE")]
    rulebook: Vec<PathBuf>,
    /// How many inputs are one transaction
    #[arg(long, default_value_t = 1_000, value_name = "COUNT")]
    batch: usize,
    /// Write no decisions, only the numbers at the end
    #[arg(long)]
    quiet: bool,
}

/// How many refused inputs are shown one by one.
const SHOWN: u64 = 20;

#[derive(Default)]
struct Count {
    applied: u64,
    repeated: u64,
    refused: u64,
    decisions: u64,
}

pub(crate) fn run(args: &Args) -> Done {
    if args.events.lateness.is_some() || args.events.dedup.is_some() {
        return Err(Failure::Usage(
            "lateness is fixed by `ledger init`; an `id` is remembered always".into(),
        ));
    }
    let mut ledger = if args.rulebook.is_empty() {
        args.place.open()?
    } else {
        args.place.open_with(&rulebook::load(&args.rulebook)?)?
    };
    let mut inputs = Inputs::open(&args.events, ledger.engine().rulebook().schema())?;
    let mut progress = Progress::new(inputs.size(), args.quiet || !std::io::stdout().is_terminal());
    let mut out = output::plain_stdout();
    let mut count = Count::default();
    let mut batch: Vec<(u64, Entry)> = Vec::new();
    loop {
        let read = inputs.read();
        let line = inputs.next()?.map(|line| (line.number, line.take()));
        let end = line.is_none();
        if let Some((number, input)) = line {
            progress.event(read);
            match input {
                Ok(input) => batch.push((number, Entry::new(input))),
                Err(error) => {
                    count.refused += 1;
                    complain(&mut progress, &count, &inputs.place(number), &error.to_string());
                }
            }
        }
        if batch.len() >= args.batch.max(1) || (end && !batch.is_empty()) {
            let numbers: Vec<u64> = batch.iter().map(|(number, _)| *number).collect();
            let answers = apply(&mut ledger, &mut batch)?;
            for (answer, number) in answers.iter().zip(numbers) {
                write(&mut out, args.quiet, answer, &mut count)?;
                if let Some(refusal) = &answer.refused {
                    complain(&mut progress, &count, &inputs.place(number), &refusal.message);
                }
            }
        }
        if end {
            break;
        }
    }
    out.flush()?;
    progress.done();
    let Count { applied, repeated, refused, decisions } = count;
    writeln!(
        output::stderr(),
        "{applied} inputs applied, {repeated} known already, {refused} refused; {decisions} decisions"
    )?;
    if refused > 0 { Err(Failure::Refused) } else { Ok(()) }
}

fn apply(ledger: &mut Ledger, batch: &mut Vec<(u64, Entry)>) -> Result<Vec<Answer>, Failure> {
    Ok(ledger.apply(batch.drain(..).map(|(_, entry)| entry))?)
}

fn write(out: &mut impl Write, quiet: bool, answer: &Answer, count: &mut Count) -> Done {
    match (&answer.refused, answer.repeated) {
        (_, true) => count.repeated += 1,
        (Some(_), _) => count.refused += 1,
        (None, _) => count.applied += 1,
    }
    count.decisions += answer.decisions.len() as u64;
    if !quiet {
        for decision in &answer.decisions {
            writeln!(out, "{}", decision.json)?;
        }
    }
    Ok(())
}

fn complain(progress: &mut Progress, count: &Count, place: &str, why: &str) {
    if count.refused <= SHOWN {
        progress.line(&format!("{RED}{place}{RESET}: {why}"));
    }
}
