//! What a person does to a subject, as one command.

use super::open::{Place, Who, entity};
use crate::Done;
use crate::args::Time;
use crate::error::Failure;
use crate::output::plain_stdout;
use serde_json::{Map, Value};
use std::io::Write;
use tagwarden::{Reader, TimeUnit};
use tagwarden_store::{Entry, Ledger};

/// What a command may say; which of it a command knows, it says itself.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) ledger: Place,
    /// The key of the subject
    #[arg(long, value_name = "KEY")]
    pub(crate) subject: Option<String>,
    /// The kind of subject; by default the rulebook's first
    #[arg(long)]
    entity: Option<String>,
    /// Who does it
    #[arg(long)]
    actor: Option<String>,
    /// In which role
    #[arg(long)]
    role: Option<String>,
    /// When; by default now, or just after the ledger's clock if that is later
    #[arg(long, value_name = "TIME", value_parser = crate::args::time)]
    at: Option<Time>,
    /// Why
    #[arg(long)]
    reason: Option<String>,
    /// Which list
    #[arg(long, conflicts_with = "tag")]
    list: Option<String>,
    /// Which tag
    #[arg(long)]
    tag: Option<String>,
    /// Which rule
    #[arg(long)]
    rule: Option<String>,
    /// Which level
    #[arg(long)]
    level: Option<u8>,
    /// Which category
    #[arg(long)]
    category: Option<String>,
    /// When it begins
    #[arg(long, value_name = "TIME", value_parser = crate::args::time)]
    start: Option<Time>,
    /// How long it holds: 1h, 7d, 3mo
    #[arg(long = "for", value_name = "DURATION")]
    length: Option<String>,
    /// When it ends, or `never`
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// For which session
    #[arg(long)]
    session: Option<String>,
    /// The number of the proposal
    #[arg(long, value_name = "NUMBER")]
    proposal: Option<u32>,
    /// What came of it: keep, change, release; granted, rejected
    #[arg(long)]
    outcome: Option<String>,
    /// When the next review falls due
    #[arg(long, value_name = "TIME", value_parser = crate::args::time)]
    next: Option<Time>,
    /// How often it is to be reviewed
    #[arg(long = "every", value_name = "DURATION")]
    review: Option<String>,
    /// The key of the subject that it is from now on known as
    #[arg(long, value_name = "KEY")]
    into: Option<String>,
    /// An idempotency key: a second command with it changes nothing
    #[arg(long)]
    id: Option<String>,
}

/// Gives a command and writes what is decided.
pub(crate) fn act(name: &str, args: &Args) -> Done {
    let mut ledger = args.ledger.open()?;
    let command = command(name, args, &ledger)?;
    let reader = Reader::new(ledger.engine().rulebook().schema(), TimeUnit::Millis);
    let input = reader.json(command.as_bytes()).map_err(|error| Failure::Usage(error.to_string()))?;
    let answer = ledger.apply([Entry::new(input)])?.pop();
    let Some(answer) = answer else { return Ok(()) };
    let mut out = plain_stdout();
    for decision in &answer.decisions {
        writeln!(out, "{}", decision.json)?;
    }
    out.flush()?;
    if let Some(refusal) = answer.refused {
        crate::output::complain(&Failure::Usage(refusal.message));
        return Err(Failure::Refused);
    }
    if answer.decisions.iter().any(|decision| decision.kind() == "refused") {
        return Err(Failure::Refused);
    }
    Ok(())
}

/// The command on the wire: what it may hold, and whether it fits, the reader of the library knows.
fn command(name: &str, args: &Args, ledger: &Ledger) -> Result<String, Failure> {
    let rulebook = ledger.engine().rulebook();
    let need = |what: Option<&str>, flag: &str| {
        what.map(str::to_owned).ok_or_else(|| Failure::Usage(format!("`--{flag}` is missing")))
    };
    let time = |time: &Option<Time>| -> Result<Option<String>, Failure> {
        time.as_ref().map(|time| time.resolve(rulebook).map(|time| time.to_string())).transpose()
    };
    let who =
        Who { actor: need(args.actor.as_deref(), "actor")?, role: args.role.clone(), at: args.at.clone() };
    let until = match args.until.as_deref() {
        None | Some("never") => args.until.clone(),
        Some(text) => {
            let read = crate::args::time(text).map_err(Failure::Usage)?;
            Some(read.resolve(rulebook)?.to_string())
        }
    };
    let texts = [
        ("command", Some(name.to_owned())),
        ("time", Some(who.time(ledger)?.to_string())),
        ("id", args.id.clone()),
        ("actor", Some(who.actor)),
        ("role", who.role),
        ("entity", Some(entity(ledger, args.entity.as_deref())?)),
        ("subject", Some(need(args.subject.as_deref(), "subject")?)),
        ("reason", Some(need(args.reason.as_deref(), "reason")?)),
        ("list", args.list.clone()),
        ("tag", args.tag.clone()),
        ("rule", args.rule.clone()),
        ("category", args.category.clone()),
        ("start", time(&args.start)?),
        ("for", args.length.clone()),
        ("until", until),
        ("session", args.session.clone()),
        ("outcome", args.outcome.clone()),
        ("next", time(&args.next)?),
        ("review", args.review.clone()),
        ("into", args.into.clone()),
    ];
    let mut object: Map<String, Value> =
        texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), Value::String(text?)))).collect();
    let numbers = [("level", args.level.map(u32::from)), ("proposal", args.proposal)];
    object.extend(numbers.into_iter().filter_map(|(name, number)| Some((name.to_owned(), number?.into()))));
    Ok(Value::Object(object).to_string())
}
