//! `tagwarden words try`: what keyword sets find in texts.

use crate::error::Failure;
use crate::output::{BOLD, DIM, GREEN, RED, RESET, stdout};
use crate::{Done, rulebook, show};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::sync::Arc;
use tagwarden::KeywordHit;

/// Show what the keyword sets of a rulebook find in a file of texts: the share of lines that are hit, the patterns that
/// hit most, and samples
#[derive(clap::Args)]
pub(super) struct Args {
    /// The rulebook
    rulebook: PathBuf,
    /// The texts, one a line; `-` reads standard input
    texts: PathBuf,
    /// Only this keyword set
    #[arg(long, value_name = "NAME")]
    set: Option<String>,
    /// How many patterns are shown
    #[arg(long, default_value_t = 10)]
    top: usize,
    /// How many lines that were hit are shown
    #[arg(long, default_value_t = 10)]
    samples: usize,
}

/// What one set has found.
#[derive(Default)]
struct Tally {
    lines: u64,
    hits: u64,
    spared: u64,
    /// How many lines each pattern has hit.
    patterns: BTreeMap<Arc<str>, u64>,
    samples: Vec<String>,
}

pub(super) fn run(args: &Args) -> Done {
    let rulebook = rulebook::load(std::slice::from_ref(&args.rulebook))?;
    let sets = rulebook.keyword_sets();
    let known = || sets.iter().map(|set| &*set.name).collect::<Vec<_>>().join(", ");
    if let Some(wanted) = &args.set
        && sets.iter().all(|set| *set.name != **wanted)
    {
        return Err(Failure::Usage(format!("there is no keyword set `{wanted}`; there are: {}", known())));
    }
    let names: Vec<&str> = sets.iter().map(|set| &*set.name).collect();
    let names = names.into_iter().filter(|name| args.set.as_deref().is_none_or(|wanted| wanted == *name));
    let mut tallies: Vec<(&str, Tally)> = names.map(|name| (name, Tally::default())).collect();

    let reader: Box<dyn BufRead> = if args.texts.as_os_str() == "-" {
        Box::new(std::io::stdin().lock())
    } else {
        Box::new(BufReader::new(File::open(&args.texts).map_err(|error| Failure::file(&args.texts, &error))?))
    };
    let mut lines: u64 = 0;
    for line in reader.split(b'\n') {
        let line = line.map_err(|error| Failure::file(&args.texts, &error))?;
        // A broken character is shown as one, and the rest of the line is a text all the same.
        let line = String::from_utf8_lossy(&line);
        let line = line.strip_suffix('\r').unwrap_or(&line);
        lines += 1;
        for (name, tally) in &mut tallies {
            tally.add(line, &rulebook.find_keywords(name, line).unwrap_or_default(), args.samples);
        }
    }

    let mut out = stdout();
    for (name, tally) in &tallies {
        tally.write(&mut out, name, lines, args.top)?;
    }
    Ok(out.flush()?)
}

impl Tally {
    fn add(&mut self, line: &str, hits: &[KeywordHit], samples: usize) {
        let counted = || hits.iter().filter(|hit| hit.except.is_none());
        self.hits += counted().count() as u64;
        self.spared += hits.iter().filter(|hit| hit.except.is_some()).count() as u64;
        let mut patterns: Vec<&Arc<str>> = counted().map(|hit| &hit.pattern).collect();
        if patterns.is_empty() {
            return;
        }
        self.lines += 1;
        patterns.sort_unstable();
        patterns.dedup();
        for pattern in patterns {
            *self.patterns.entry(Arc::clone(pattern)).or_default() += 1;
        }
        if self.samples.len() < samples {
            self.samples.push(coloured(line, hits));
        }
    }

    fn write(&self, out: &mut impl Write, name: &str, lines: u64, top: usize) -> std::io::Result<()> {
        let share = if lines == 0 { 0.0 } else { 100.0 * self.lines as f64 / lines as f64 };
        writeln!(
            out,
            "{BOLD}{name}{RESET}  {} of {lines} lines hit ({share:.2} %), {} hits",
            self.lines, self.hits
        )?;
        if self.spared > 0 {
            writeln!(out, "  {} more lie within `except` phrases", self.spared)?;
        }
        let mut patterns: Vec<(&Arc<str>, &u64)> = self.patterns.iter().collect();
        patterns.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
        let row =
            |(pattern, count): &(&Arc<str>, &u64)| vec![format!("  {pattern}"), format!("{count} lines")];
        for line in show::table(&patterns.iter().take(top).map(row).collect::<Vec<_>>()) {
            writeln!(out, "{line}")?;
        }
        if patterns.len() > top {
            writeln!(out, "  {DIM}and {} more patterns{RESET}", patterns.len() - top)?;
        }
        for sample in &self.samples {
            writeln!(out, "  {DIM}│{RESET} {sample}")?;
        }
        Ok(())
    }
}

/// The line with what was hit in red, and what an `except` phrase spared in green.
fn coloured(line: &str, hits: &[KeywordHit]) -> String {
    // Control characters of a text are no business of the terminal.
    let plain = |part: &str| part.replace(|c: char| c.is_control(), " ");
    let mut text = String::new();
    let mut done = 0;
    for hit in hits {
        let (start, end) = (hit.bytes.0 as usize, hit.bytes.1 as usize);
        let start = start.max(done);
        if let (Some(before), Some(slice)) = (line.get(done..start), line.get(start..end)) {
            let colour = if hit.except.is_some() { GREEN } else { RED };
            text.push_str(&plain(before));
            text.push_str(&format!("{BOLD}{colour}{}{RESET}", plain(slice)));
            done = end;
        }
    }
    text.push_str(&plain(line.get(done..).unwrap_or_default()));
    text
}
