//! `tagwarden words lint`: what to look at in a list.

use crate::error::Failure;
use crate::output::{BOLD, DIM, RESET, YELLOW, stdout};
use crate::{Done, rulebook};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use tagwarden::{ListFault, ListFinding, lint_list};

/// Show what to look at in a list: patterns of one character, patterns found inside ordinary words, duplicates, and
/// patterns that match the same or nothing
#[derive(clap::Args)]
pub(super) struct Args {
    /// The list: one pattern a line, after it a tab and a category where it has one
    list: PathBuf,
    /// A text, or a list of words, in which the patterns are not expected
    #[arg(long, value_name = "FILE")]
    text: Option<PathBuf>,
    /// What the set will be told to ignore, such as `separators,leet`
    #[arg(long, value_delimiter = ',', value_name = "WORDS")]
    ignoring: Vec<String>,
    /// How many findings of a kind are shown
    #[arg(long, default_value_t = 20)]
    show: usize,
    /// Write every finding as a line of JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Done {
    let list = rulebook::read(&args.list)?;
    let text = args.text.as_deref().map(rulebook::read).transpose()?;
    let ignoring: Vec<&str> = args.ignoring.iter().map(String::as_str).collect();
    let findings = lint_list(&list, &ignoring, text.as_deref()).map_err(Failure::Usage)?;
    let mut out = stdout();
    if args.json {
        for finding in &findings {
            writeln!(out, "{}", serde_json::to_string(finding).unwrap_or_default())?;
        }
    } else {
        show(&mut out, &findings, args.show)?;
    }
    out.flush()?;
    if findings.is_empty() { Ok(()) } else { Err(Failure::Wrong) }
}

fn show(out: &mut impl Write, findings: &[ListFinding], most: usize) -> std::io::Result<()> {
    let mut kinds: BTreeMap<(u8, &str), Vec<&ListFinding>> = BTreeMap::new();
    for finding in findings {
        kinds.entry(kind(&finding.fault)).or_default().push(finding);
    }
    for ((_, title), mut findings) in kinds {
        findings.sort_by_key(|finding| match &finding.fault {
            ListFault::InWords { times, .. } => std::cmp::Reverse(*times),
            _ => std::cmp::Reverse(0),
        });
        writeln!(out, "{BOLD}{title}{RESET}: {}", findings.len())?;
        for finding in findings.iter().take(most) {
            let more = match &finding.fault {
                ListFault::Duplicate { of } | ListFault::SameAs { of } => format!("as on line {of}"),
                ListFault::InWords { times, words } => {
                    format!("{times} times, as in {}", words.join(", "))
                }
                _ => String::new(),
            };
            let pattern = finding.pattern.escape_debug();
            writeln!(out, "  line {}  {YELLOW}{pattern}{RESET}  {DIM}{more}{RESET}", finding.line)?;
        }
        if findings.len() > most {
            writeln!(out, "  {DIM}and {} more{RESET}", findings.len() - most)?;
        }
    }
    if findings.is_empty() {
        writeln!(out, "nothing to look at")?;
    }
    Ok(())
}

fn kind(fault: &ListFault) -> (u8, &'static str) {
    match fault {
        ListFault::Blank => (0, "Nothing to be seen"),
        ListFault::OneCharacter => (1, "One character"),
        ListFault::InWords { .. } => (2, "Inside words of the text"),
        ListFault::Duplicate { .. } => (3, "Duplicates"),
        ListFault::SameAs { .. } => (4, "Other spellings of what is there already"),
        _ => (5, "Others"),
    }
}
