//! `tagwarden test`: runs the `test` blocks of a rulebook.

use crate::error::Failure;
use crate::output::{BOLD, DIM, GREEN, RED, RESET, stdout};
use crate::{Done, rulebook, show};
use show::Show;
use std::io::Write;
use std::path::PathBuf;
use tagwarden::{Rulebook, TestReport};

/// Run the `test` blocks of a rulebook
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The files of the rulebook; what they `use` is looked for beside them
    #[arg(required = true)]
    rulebook: Vec<PathBuf>,
    /// Only the tests whose name contains this
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
}

pub(crate) fn run(args: &Args) -> Done {
    let rulebook = rulebook::load(&args.rulebook)?;
    let mut out = stdout();
    let mut reports = tagwarden::run_tests(&rulebook);
    if let Some(filter) = &args.filter {
        reports.retain(|report| report.name.contains(&**filter));
    }
    let mut failed = 0;
    for report in &reports {
        if report.passed() {
            writeln!(out, "{GREEN}ok{RESET}      {}", report.name)?;
        } else {
            failed += 1;
            failure(&mut out, report, &rulebook)?;
        }
    }
    let passed = reports.len() - failed;
    let colour = if failed > 0 { RED } else { GREEN };
    writeln!(out, "{colour}{passed} passed, {failed} failed{RESET}")?;
    out.flush()?;
    if failed > 0 { Err(Failure::Wrong) } else { Ok(()) }
}

fn failure(out: &mut impl Write, report: &TestReport, rulebook: &Rulebook) -> std::io::Result<()> {
    writeln!(out, "{RED}FAILED{RESET}  {BOLD}{}{RESET}", report.name)?;
    for check in report.checks.iter().filter(|check| !check.passed) {
        let place = rulebook.sources().get(check.span.source).map_or(String::new(), |source| {
            format!("{}:{}", source.name, source.position(check.span.start).line)
        });
        writeln!(out, "  at {}  {DIM}{place}{RESET}", check.local)?;
        writeln!(out, "  {GREEN}- expected{RESET}  {}", check.expected)?;
        let by = check.rule.as_ref().map_or(String::new(), |rule| format!(", by rule {rule}"));
        writeln!(out, "  {RED}+ found{RESET}     {}{by}", check.found)?;
        for line in check.reason.iter().flat_map(|reason| Show::of(rulebook).reason(reason)) {
            writeln!(out, "{}{DIM}{line}{RESET}", show::INDENT)?;
        }
    }
    Ok(())
}
