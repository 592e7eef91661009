//! `tagwarden ledger init`: makes a ledger and its key.

use super::open::Place;
use crate::args::duration;
use crate::error::Failure;
use crate::output::stdout;
use crate::{Done, rulebook};
use std::fs::{self, File};
#[cfg(unix)]
use std::io::Read;
use std::io::Write;
use std::path::{Path, PathBuf};
use tagwarden::Duration;
use tagwarden_store::{Keep, Ledger, Options};

/// Make a ledger, and a key for it if there is none
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Place,
    /// The files of the rulebook; what they `use` is looked for beside them
    #[arg(required = true)]
    rulebook: Vec<PathBuf>,
    /// Have keyed hashes stand for the subjects' keys everywhere in the file
    #[arg(long)]
    pseudonyms: bool,
    /// How much older than the newest an event may be
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    lateness: Option<Duration>,
    /// How long something is kept, whatever the rulebook's `keep` says of it: `inputs`, `commands`, `decisions` or `views`, and a
    /// length, such as "decisions 3y"
    #[arg(long, value_name = "WHAT LENGTH")]
    keep: Vec<Keep>,
    /// A name for the audit log, where several ledgers share a key
    #[arg(long, default_value = "")]
    name: String,
}

pub(crate) fn run(args: &Args) -> Done {
    let rulebook = rulebook::load(&args.rulebook)?;
    let path = &args.place.ledger;
    if path.exists() {
        return Err(Failure::Usage(format!("{}: there is a file already", path.display())));
    }
    let key_path = args.place.key_path();
    if !key_path.exists() {
        make_key(&key_path)?;
    }
    let text = fs::read_to_string(&key_path).map_err(|error| Failure::file(&key_path, &error))?;
    let options = Options {
        pseudonyms: args.pseudonyms,
        lateness: args.lateness.unwrap_or_default(),
        keep: args.keep.clone(),
        name: args.name.clone(),
        encryption: args.place.encryption()?,
        ..Options::new(super::open::read_key(&key_path, &text)?)
    };
    Ledger::open(path, &rulebook, options)?;
    writeln!(stdout(), "made {}; its key is in {}: keep it secret", path.display(), key_path.display())?;
    Ok(())
}

/// 128 bits that nobody can guess, in a file that only its owner can read.
fn make_key(path: &Path) -> Done {
    let failed = |error: std::io::Error| Failure::file(path, &error);
    let mut key = [0_u8; 16];
    random(&mut key).map_err(failed)?;
    let text: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path).map_err(failed)?;
    writeln!(file, "{text}").map_err(failed)
}

#[cfg(unix)]
fn random(key: &mut [u8]) -> std::io::Result<()> {
    File::open("/dev/urandom")?.read_exact(key)
}

#[cfg(not(unix))]
fn random(_: &mut [u8]) -> std::io::Result<()> {
    Err(std::io::Error::other("make a key file of 32 random hexadecimal digits first"))
}
