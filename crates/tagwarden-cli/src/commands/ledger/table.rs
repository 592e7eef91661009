//! `tagwarden ledger import` and `export`: lists and tags from and to CSV and Excel.

use super::open::{Place, Who, entity};
use crate::Done;
use crate::error::Failure;
use crate::output::{DIM, RED, RESET, stderr, stdout};
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use tagwarden_store::table::{Content, Format, Import, Mode, RowOutcome};

/// Import list entries and tags from a CSV or Excel file
///
/// Columns: identifier, list or tag, level, category, reason, from, until, review, actor. Each row becomes a command.
#[derive(clap::Args)]
pub(crate) struct ImportArgs {
    #[command(flatten)]
    place: Place,
    /// The table: CSV, or Excel by its ending
    table: PathBuf,
    #[command(flatten)]
    who: Who,
    /// The kind of subject; by default the rulebook's first
    #[arg(long)]
    entity: Option<String>,
    /// The list of rows that name none
    #[arg(long, conflicts_with = "tag")]
    list: Option<String>,
    /// The tag of rows that name none
    #[arg(long)]
    tag: Option<String>,
    /// The reason of rows that give none
    #[arg(long)]
    reason: Option<String>,
    /// A column that has another name in the table: `identifier=Customer No`
    #[arg(long, value_name = "COLUMN=NAME", value_parser = column)]
    column: Vec<(String, String)>,
    /// Import the rows that fit although others do not; by default it is all or nothing
    #[arg(long)]
    row_by_row: bool,
    /// Only say what would be done, row by row
    #[arg(long)]
    dry_run: bool,
    /// A name of the table: a second import under it changes nothing
    #[arg(long)]
    batch: Option<String>,
}

fn column(text: &str) -> Result<(String, String), String> {
    let (column, name) = text.split_once('=').ok_or("write COLUMN=NAME")?;
    Ok((column.trim().to_owned(), name.trim().to_owned()))
}

/// How many refused rows are shown one by one.
const SHOWN: usize = 100;

pub(crate) fn import(args: &ImportArgs) -> Done {
    let mut ledger = args.place.open()?;
    let bytes = fs::read(&args.table).map_err(|error| Failure::file(&args.table, &error))?;
    let import = Import {
        list: args.list.clone(),
        tag: args.tag.clone(),
        role: args.who.role.clone(),
        reason: args.reason.clone(),
        columns: args.column.clone(),
        mode: if args.row_by_row { Mode::RowByRow } else { Mode::AllOrNothing },
        dry_run: args.dry_run,
        batch: args.batch.clone(),
        ..Import::new(entity(&ledger, args.entity.as_deref())?, &args.who.actor, args.who.time(&ledger)?)
    };
    let report = ledger.import(&bytes, Format::of(&args.table), &import)?;
    let (mut err, mut shown) = (stderr(), 0);
    for row in &report.rows {
        if let RowOutcome::Refused(why) = &row.outcome {
            shown += 1;
            if shown <= SHOWN {
                writeln!(err, "{RED}row {}{RESET}: {why}", row.row)?;
            }
        }
    }
    if shown > SHOWN {
        writeln!(err, "{DIM}… and {} more{RESET}", shown - SHOWN)?;
    }
    let count = |wanted: &RowOutcome| report.rows.iter().filter(|row| row.outcome == *wanted).count();
    writeln!(
        stdout(),
        "{} rows: {} done, {} to be approved, {} known already, {} refused{}",
        report.rows.len(),
        count(&RowOutcome::Done),
        count(&RowOutcome::Proposed),
        count(&RowOutcome::Repeated),
        report.refused(),
        if report.kept { "" } else { "; nothing was kept" }
    )?;
    if report.refused() > 0 { Err(Failure::Refused) } else { Ok(()) }
}

/// Export the list entries and tags that hold now to a CSV or Excel file
#[derive(clap::Args)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    place: Place,
    /// The table: CSV, or Excel by its ending
    table: PathBuf,
    #[command(flatten)]
    who: Who,
    /// Only this list
    #[arg(long)]
    list: Option<String>,
    /// Only this tag
    #[arg(long)]
    tag: Option<String>,
}

pub(crate) fn export(args: &ExportArgs) -> Done {
    let mut ledger = args.place.open()?;
    let time = args.who.time(&ledger)?;
    let content = Content { list: args.list.clone(), tag: args.tag.clone() };
    let mut bytes = Vec::new();
    let rows = ledger.export(&mut bytes, Format::of(&args.table), &content, &args.who.viewer(), time)?;
    fs::write(&args.table, bytes).map_err(|error| Failure::file(&args.table, &error))?;
    writeln!(stdout(), "{rows} rows written to {}", args.table.display())?;
    Ok(())
}
