//! `tagwarden ledger audit`: the audit log as a file, and whether such a file is whole.

use super::open::Place;
use crate::Done;
use crate::error::Failure;
use crate::output::{GREEN, RESET, complain, stdout};
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::PathBuf;
use tagwarden_store::verify;

/// Write the audit log to a file, or hold such a file to its chain of hashes
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Write the audit log to a file that proves itself
    Export {
        #[command(flatten)]
        place: Place,
        /// The file to write
        file: PathBuf,
    },
    /// Find the first broken link of an exported audit log; needs nothing but the file
    Verify {
        /// The exported file
        file: PathBuf,
        /// The hash that the last record must have, noted when the file was written
        #[arg(long, value_name = "HASH")]
        head: Option<String>,
    },
}

pub(crate) fn run(args: &Args) -> Done {
    match &args.command {
        Command::Export { place, file } => {
            let ledger = place.open()?;
            let failed = |error: std::io::Error| Failure::file(file, &error);
            let mut out = BufWriter::new(File::create(file).map_err(failed)?);
            let exported = ledger.export_audit(&mut out)?;
            out.flush().map_err(failed)?;
            writeln!(stdout(), "{} records, the last with the hash {}", exported.records, exported.head)?;
            Ok(())
        }
        Command::Verify { file, head } => {
            let opened = File::open(file).map_err(|error| Failure::file(file, &error))?;
            let report = match verify(BufReader::with_capacity(1 << 16, opened)) {
                Ok(report) => report,
                Err(error) => {
                    complain(&Failure::Usage(format!("{}: {error}", file.display())));
                    return Err(Failure::Wrong);
                }
            };
            if head.as_ref().is_some_and(|head| *head != report.head) {
                let message =
                    format!("{}: it is whole, but ends with the hash {}", file.display(), report.head);
                complain(&Failure::Usage(message));
                return Err(Failure::Wrong);
            }
            let (records, erased) = (report.records, report.erased);
            writeln!(
                stdout(),
                "{GREEN}whole{RESET}: {records} records, {erased} of them erased on record, the last with the hash {}",
                report.head
            )?;
            Ok(())
        }
    }
}
