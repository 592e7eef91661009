//! `tagwarden run`: a rulebook over events.

use super::summary::Summary;
use crate::args::{self, Events, Time};
use crate::error::Failure;
use crate::input::Inputs;
use crate::output::{self, DIM, RED, RESET};
use crate::progress::Progress;
use crate::show::{self, Show};
use crate::{Done, rulebook};
use clap::ValueEnum;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use tagwarden::{Decision, DecisionRef, Engine, Input, InputError, Rulebook, Timestamp};

/// Run a rulebook over events and write what it decides
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The files of the rulebook; what they `use` is looked for beside them
    #[arg(required = true)]
    rulebook: Vec<PathBuf>,
    #[command(flatten)]
    events: Events,
    /// Pass over events after this time, and at the end let everything happen that is due by it
    #[arg(long, value_name = "TIME", value_parser = args::time)]
    until: Option<Time>,
    /// How decisions are written; by default a table on a terminal, otherwise JSON Lines
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// At the end say on standard error what happened; on a terminal, instead of the decisions
    #[arg(long)]
    summary: bool,
    /// Stop at the first event that is refused
    #[arg(long)]
    strict: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One JSON object a line
    Jsonl,
    /// Lines for people, with reasons
    Table,
}

/// How many refused events are shown one by one.
const SHOWN: u64 = 20;

pub(crate) fn run(args: &Args) -> Done {
    let rulebook = rulebook::load(&args.rulebook)?;
    let until = args.until.as_ref().map(|time| time.resolve(&rulebook)).transpose()?;
    let mut inputs = Inputs::open(&args.events, rulebook.schema())?;
    let terminal = std::io::stdout().is_terminal();
    let silent = args.summary && terminal && args.format.is_none();
    let format = args.format.unwrap_or(if terminal { Format::Table } else { Format::Jsonl });
    let mut writer = Writer {
        out: if format == Format::Table {
            Box::new(output::stdout())
        } else {
            Box::new(output::plain_stdout())
        },
        format,
        silent,
        show: Show::of(&rulebook),
        failed: None,
        summary: args.summary.then(Summary::default),
    };
    writer.head()?;
    let mut progress = Progress::new(inputs.size(), silent || !terminal);
    let mut stream = Stream::new(&rulebook, &args.events);
    loop {
        if inputs.must_wait() {
            writer.out.flush()?;
        }
        let read = inputs.read();
        let Some(line) = inputs.next()? else { break };
        progress.event(read);
        let number = line.number;
        let outcome = match &line.input {
            Ok(input) => stream.apply(input, until, &mut writer),
            Err(error) => stream.refused(error.clone()),
        };
        if let Some(failure) = writer.failed.take() {
            return Err(failure);
        }
        let Err(error) = outcome else { continue };
        if stream.refused <= SHOWN || args.strict {
            progress.line(&format!("{RED}{}{RESET}: {}", inputs.place(number), refusal(&error)));
        }
        if args.strict {
            writer.out.flush()?;
            return Err(Failure::Refused);
        }
    }
    stream.end(until, &mut writer);
    if let Some(failure) = writer.failed.take() {
        return Err(failure);
    }
    writer.out.flush()?;
    progress.done();
    let mut err = output::stderr();
    if stream.refused > SHOWN {
        writeln!(err, "{DIM}… and {} more refused{RESET}", stream.refused - SHOWN)?;
    }
    if let Some(summary) = &writer.summary {
        summary.write(&mut err, writer.show, &stream.totals(&progress))?;
    } else if stream.refused > 0 {
        writeln!(err, "{} of {} inputs refused", stream.refused, progress.events())?;
    }
    if stream.refused > 0 { Err(Failure::Refused) } else { Ok(()) }
}

/// Why an input was refused. A line that is no event at all has no field to name.
fn refusal(error: &InputError) -> String {
    match error {
        InputError::Invalid { path, expected, found } if path.is_empty() => {
            format!("invalid: expected {expected}, found {found}")
        }
        other => other.to_string(),
    }
}

/// The engine, and what has become of the inputs.
struct Stream {
    engine: Engine,
    refused: u64,
    late: u64,
    invalid: u64,
    duplicates: u64,
    after: u64,
}

/// What a run comes to in numbers.
pub(crate) struct Totals {
    pub(crate) inputs: u64,
    pub(crate) seconds: f64,
    pub(crate) rate: String,
    pub(crate) subjects: usize,
    pub(crate) late: u64,
    pub(crate) invalid: u64,
    pub(crate) other: u64,
    pub(crate) duplicates: u64,
    pub(crate) after: u64,
}

impl Stream {
    fn new(rulebook: &Rulebook, args: &Events) -> Stream {
        Stream { engine: args.engine(rulebook), refused: 0, late: 0, invalid: 0, duplicates: 0, after: 0 }
    }

    /// Applies an input, unless it lies after the end. A duplicate is no mistake.
    fn apply(
        &mut self,
        input: &Input,
        until: Option<Timestamp>,
        writer: &mut Writer,
    ) -> Result<(), InputError> {
        if until.is_some_and(|until| input.time() > until) {
            self.after += 1;
            return Ok(());
        }
        let applied = loop {
            let sink = &mut |decision: &DecisionRef<'_>| writer.decision(&decision.to_decision());
            let applied = self.engine.apply_into(input, sink);
            // Everything that is due is wanted, however much it is.
            if !matches!(applied, Err(InputError::Unfinished { .. })) {
                break applied;
            }
        };
        if let (Input::Event(event), Ok(())) = (input, &applied) {
            writer.event(self.engine.rulebook(), event);
        }
        match applied {
            Ok(()) => Ok(()),
            Err(InputError::Duplicate { .. }) => {
                self.duplicates += 1;
                Ok(())
            }
            Err(error) => self.refused(error),
        }
    }

    fn refused(&mut self, error: InputError) -> Result<(), InputError> {
        self.refused += 1;
        match error {
            InputError::Late { .. } => self.late += 1,
            InputError::Invalid { .. } => self.invalid += 1,
            _ => {}
        }
        Err(error)
    }

    fn end(&mut self, until: Option<Timestamp>, writer: &mut Writer) {
        for decision in self.engine.finish() {
            writer.decision(&decision);
        }
        if let Some(until) = until {
            // Nothing later than `until` was applied, so it cannot be late.
            let mut sink = |decision: &DecisionRef<'_>| writer.decision(&decision.to_decision());
            while let Err(InputError::Unfinished { .. }) = self.engine.advance_into(until, &mut sink) {}
        }
    }

    fn totals(&self, progress: &Progress) -> Totals {
        Totals {
            inputs: progress.events(),
            seconds: progress.seconds(),
            rate: progress.rate(),
            subjects: self.engine.subjects(),
            late: self.late,
            invalid: self.invalid,
            other: self.refused - self.late - self.invalid,
            duplicates: self.duplicates,
            after: self.after,
        }
    }
}

/// Where decisions go.
struct Writer {
    out: Box<dyn Write>,
    format: Format,
    silent: bool,
    show: Show,
    failed: Option<Failure>,
    summary: Option<Summary>,
}

impl Writer {
    /// Says of which zone the times are, where they do not say so themselves.
    fn head(&mut self) -> Done {
        if let (Format::Table, false, Some(zone)) = (self.format, self.silent, self.show.zone()) {
            writeln!(self.out, "{DIM}times of {zone}{RESET}")?;
        }
        Ok(())
    }

    fn decision(&mut self, decision: &Decision) {
        if let Some(summary) = &mut self.summary {
            summary.decision(decision);
        }
        if self.silent || self.failed.is_some() {
            return;
        }
        let written = match self.format {
            Format::Jsonl => serde_json::to_writer(&mut self.out, decision)
                .map_err(std::io::Error::from)
                .and_then(|()| self.out.write_all(b"\n")),
            Format::Table => lines(&mut self.out, self.show, decision),
        };
        if let Err(error) = written {
            self.failed = Some(error.into());
        }
    }

    fn event(&mut self, rulebook: &Rulebook, event: &tagwarden::Event) {
        if let Some(summary) = &mut self.summary {
            summary.event(rulebook.schema(), event);
        }
    }
}

fn lines(out: &mut dyn Write, show: Show, decision: &Decision) -> std::io::Result<()> {
    writeln!(out, "{}", show.decision(decision))?;
    for line in show.reason(&decision.reason) {
        writeln!(out, "{}{DIM}{line}{RESET}", show::INDENT)?;
    }
    Ok(())
}
