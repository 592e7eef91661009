//! `tagwarden ledger rekey`: an encrypted ledger under another key.

use super::open::{Place, secret};
use crate::Done;
use crate::error::Failure;
use crate::output::stdout;
use std::io::Write;
use std::path::PathBuf;

/// Where the new key is, if no file is named.
const NEW_KEY: &str = "TAGWARDEN_NEW_ENCRYPTION_KEY";

/// Encrypt an encrypted ledger anew with another key
///
/// The audit log notes it. Copies made before are still under the old key.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Place,
    /// The file that holds the new key; by default what TAGWARDEN_NEW_ENCRYPTION_KEY holds
    #[arg(long, value_name = "FILE")]
    new_key_file: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> Done {
    let key = secret(args.new_key_file.as_deref(), NEW_KEY)?;
    let key = key.ok_or_else(|| Failure::Usage(format!("`--new-key-file` or {NEW_KEY} is missing")))?;
    args.place.open()?.change_encryption_key(&key)?;
    writeln!(stdout(), "{} is encrypted with the new key from now on", args.place.ledger.display())?;
    Ok(())
}
