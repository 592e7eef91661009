//! `tagwarden why`: what holds of one subject and why, and why the other rules do not fire.

use crate::args::{self, Events, Time};
use crate::error::Failure;
use crate::input::Inputs;
use crate::output::{BOLD, DIM, GREEN, RED, RESET, YELLOW, stdout};
use crate::progress::Progress;
use crate::show::{self, Show};
use crate::{Done, rulebook};
use std::io::Write;
use std::path::PathBuf;
use tagwarden::{Decimal, Engine, Evidence, Reason, RuleInfo, RuleRef, Rulebook, Status, Timestamp, WhyNot};

/// Say what holds of one subject, why, until when, and why the other rules do not fire
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The files of the rulebook; what they `use` is looked for beside them
    #[arg(required = true)]
    rulebook: Vec<PathBuf>,
    #[command(flatten)]
    events: Events,
    /// The key of the subject
    #[arg(long, value_name = "KEY")]
    subject: String,
    /// The kind of subject; by default the rulebook's only one, or the first
    #[arg(long, value_name = "ENTITY")]
    entity: Option<String>,
    /// The time asked about; by default that of the last event
    #[arg(long, value_name = "TIME", value_parser = args::time)]
    at: Option<Time>,
    /// Only this rule
    #[arg(long, value_name = "NAME")]
    rule: Option<String>,
}

pub(crate) fn run(args: &Args) -> Done {
    let rulebook = rulebook::load(&args.rulebook)?;
    let at = args.at.as_ref().map(|time| time.resolve(&rulebook)).transpose()?;
    let show = Show::of(&rulebook);
    let entity = entity(args, &rulebook)?;
    let rules: Vec<RuleInfo> = rulebook.rules().into_iter().filter(|rule| *rule.entity == *entity).collect();
    if let Some(name) = &args.rule
        && !rules.iter().any(|rule| *rule.name == **name)
    {
        return Err(Failure::Usage(format!("the rulebook has no rule {name:?} for {entity}")));
    }
    let (engine, refused) = replay(args, &rulebook, at)?;
    let Some(time) = at.or(engine.clock()) else {
        return Err(Failure::Usage("there are no events, and no time given with --at".into()));
    };
    let question = |error: tagwarden::StatusError| Failure::Usage(error.to_string());
    let status = engine.status(&entity, &args.subject, time).map_err(question)?;
    let mut out = stdout();
    let zone = show.zone().map_or(String::new(), |zone| format!(" {DIM}({zone}){RESET}"));
    writeln!(out, "{BOLD}{entity} {}{RESET} at {}{zone}", args.subject, show.time(time))?;
    if args.rule.is_none() {
        holds(&mut out, show, &status)?;
    }
    writeln!(out, "\n{BOLD}Rules{RESET}")?;
    for rule in rules.iter().filter(|rule| args.rule.as_ref().is_none_or(|name| *rule.name == **name)) {
        let answer = engine.why_not(&rule.name, &entity, &args.subject, time).map_err(question)?;
        explain(&mut out, show, rule, &answer)?;
    }
    if refused > 0 {
        writeln!(out, "\n{YELLOW}{refused} inputs were refused{RESET}; `tagwarden run` shows which")?;
    }
    out.flush()?;
    if refused > 0 { Err(Failure::Refused) } else { Ok(()) }
}

fn entity(args: &Args, rulebook: &Rulebook) -> Result<String, Failure> {
    let entities = &rulebook.schema().entities;
    match &args.entity {
        Some(entity) if rulebook.schema().entity(entity).is_some() => Ok(entity.clone()),
        Some(entity) => Err(Failure::Usage(format!(
            "the rulebook has no entity {entity:?}; it has {}",
            entities.join(", ")
        ))),
        None => entities
            .first()
            .map(|entity| entity.to_string())
            .ok_or_else(|| Failure::Usage("the rulebook declares no entity".into())),
    }
}

/// The engine as it is at the time asked about, and how many inputs were refused on the way.
fn replay(args: &Args, rulebook: &Rulebook, at: Option<Timestamp>) -> Result<(Engine, u64), Failure> {
    let mut inputs = Inputs::open(&args.events, rulebook.schema())?;
    let mut engine = args.events.engine(rulebook);
    let mut progress = Progress::new(inputs.size(), true);
    let mut refused = 0;
    loop {
        let read = inputs.read();
        let Some(line) = inputs.next()? else { break };
        progress.event(read);
        let applied = match &line.input {
            Ok(input) if at.is_some_and(|at| input.time() > at) => continue,
            Ok(input) => engine.apply_into(input, &mut |_| {}),
            Err(error) => Err(error.clone()),
        };
        refused += u64::from(
            matches!(applied, Err(error) if !matches!(error, tagwarden::InputError::Duplicate { .. })),
        );
    }
    progress.done();
    engine.finish();
    Ok((engine, refused))
}

pub(crate) fn holds(out: &mut impl Write, show: Show, status: &Status) -> std::io::Result<()> {
    let ends = |ends: Option<Timestamp>| match ends {
        Some(end) => format!("ends by itself at {}", show.time(end)),
        None => "does not end by itself".into(),
    };
    if status.tags.is_empty() && status.entries.is_empty() {
        writeln!(out, "  no tags, on no list")?;
    }
    for tag in &status.tags {
        writeln!(
            out,
            "  {GREEN}tagged {}{RESET} since {}, {}",
            tag.tag,
            show.time(tag.since),
            ends(tag.ends)
        )?;
        because(out, show, tag.rule.as_ref(), &tag.reason)?;
    }
    for entry in &status.entries {
        let label = entry.label.as_ref().map_or(String::new(), |label| format!(" {label:?}"));
        let category = entry.category.as_ref().map_or(String::new(), |category| format!(", {category}"));
        writeln!(
            out,
            "  {RED}on {}, level {}{label}{category}{RESET} since {}, {}",
            entry.list,
            entry.level,
            show.time(entry.since),
            ends(entry.ends)
        )?;
        because(out, show, entry.rule.as_ref(), &entry.reason)?;
    }
    for score in &status.scores {
        writeln!(out, "  {} = {}", score.score, score.value)?;
    }
    for proposal in &status.proposals {
        let action = show::proposed(&proposal.action);
        writeln!(out, "  {YELLOW}proposed{RESET} to {action}, open since {}", show.time(proposal.since))?;
        because(out, show, proposal.rule.as_ref(), &proposal.reason)?;
    }
    Ok(())
}

fn because(out: &mut impl Write, show: Show, rule: Option<&RuleRef>, reason: &Reason) -> std::io::Result<()> {
    let by = match (rule, &reason.by) {
        (Some(rule), _) => format!("rule {}", rule.name),
        (None, Some(by)) => by.actor.to_string(),
        (None, None) => "the host".to_owned(),
    };
    writeln!(out, "{}{DIM}by {by}{RESET}", show::INDENT)?;
    for line in show.reason(reason) {
        writeln!(out, "{}{DIM}{line}{RESET}", show::INDENT)?;
    }
    Ok(())
}

fn explain(out: &mut impl Write, show: Show, rule: &RuleInfo, answer: &WhyNot) -> std::io::Result<()> {
    let (mark, colour) = match (rule.trigger, answer.holds) {
        // Without the event at hand nothing more can be said.
        ("on", _) if answer.parts.is_empty() => ("fires at its event, whenever that comes", DIM),
        ("on", true) => ("would fire at its event", GREEN),
        ("on", false) => ("would not fire at its event", DIM),
        ("every", true) => ("would fire at its hour", GREEN),
        ("every", false) => ("would not fire at its hour", DIM),
        (_, true) => ("holds", GREEN),
        (_, false) => ("does not hold", DIM),
    };
    let shadow = if answer.shadow { " (shadow)" } else { "" };
    writeln!(out, "  {}{shadow}: {colour}{mark}{RESET}", rule.name)?;
    if answer.inactive {
        writeln!(out, "{}outside the time in which it is active", show::INDENT)?;
    }
    if let Some(until) = answer.quiet_until {
        writeln!(out, "{}has fired, and is quiet until {}", show::INDENT, show.time(until))?;
    }
    for part in &answer.parts {
        let missing = part.missing.map_or(String::new(), |missing| gap(&part.evidence, missing));
        let before = part
            .before
            .filter(|_| part.missing.is_some())
            .map_or(String::new(), |before| format!(", before {}", show.time(before)));
        writeln!(out, "{}{DIM}{}{missing}{before}{RESET}", show::INDENT, show.evidence(&part.evidence))?;
    }
    Ok(())
}

/// By how much a comparison fails.
fn gap(evidence: &Evidence, missing: Decimal) -> String {
    match evidence.than {
        Some((">=", _)) => format!("; {missing} more needed"),
        Some((">", _)) => format!("; more than {missing} more needed"),
        Some(("<=", _)) => format!("; {missing} too much"),
        Some(("<", _)) => format!("; {missing} too much, and a little"),
        _ => format!("; {missing} off"),
    }
}
