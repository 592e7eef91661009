//! The ledger that a command line names, and its key.

use crate::args::{self, Time};
use crate::error::Failure;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use tagwarden::{Rulebook, Timestamp, Viewer};
use tagwarden_store::{Ledger, Options};

/// Which ledger.
#[derive(clap::Args)]
pub(crate) struct Place {
    /// The file of the ledger
    pub(crate) ledger: PathBuf,
    /// The file of its key: 32 hexadecimal digits
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// The file that holds the key of an encrypted ledger; by default what TAGWARDEN_ENCRYPTION_KEY holds
    #[arg(long, value_name = "FILE")]
    encryption_key_file: Option<PathBuf>,
}

/// Where the key of an encrypted ledger is, if no file is named. It is never an argument: those are for everybody on the machine to
/// see.
const ENCRYPTION_KEY: &str = "TAGWARDEN_ENCRYPTION_KEY";

/// Who does something, and when.
#[derive(clap::Args)]
pub(crate) struct Who {
    /// Who does it
    #[arg(long)]
    pub(crate) actor: String,
    /// In which role
    #[arg(long)]
    pub(crate) role: Option<String>,
    /// When; by default now, or just after the ledger's clock if that is later
    #[arg(long, value_name = "TIME", value_parser = args::time)]
    pub(crate) at: Option<Time>,
}

impl Place {
    pub(crate) fn key_path(&self) -> PathBuf {
        self.key_file.clone().unwrap_or_else(|| {
            let mut name = self.ledger.clone().into_os_string();
            name.push(".key");
            name.into()
        })
    }

    fn options(&self) -> Result<Options, Failure> {
        let path = self.key_path();
        let text = fs::read_to_string(&path).map_err(|error| Failure::file(&path, &error))?;
        let encryption = self.encryption()?;
        Ok(Options { create: false, encryption, ..Options::new(read_key(&path, &text)?) })
    }

    /// The key of the encryption, where there is one.
    pub(crate) fn encryption(&self) -> Result<Option<String>, Failure> {
        secret(self.encryption_key_file.as_deref(), ENCRYPTION_KEY)
    }

    /// With the rulebook that it ran last.
    pub(crate) fn open(&self) -> Result<Ledger, Failure> {
        Ok(Ledger::open_kept(&self.ledger, self.options()?)?)
    }

    /// With another rulebook.
    pub(crate) fn open_with(&self, rulebook: &Rulebook) -> Result<Ledger, Failure> {
        let options = Ledger::kept_options(&self.ledger, self.options()?)?;
        let options = Options { reload: Some(tagwarden::Orphans::End), ..options };
        Ok(Ledger::open(&self.ledger, rulebook, options)?)
    }
}

/// A secret from a file, or else from the environment. The end of the line at its end does not belong to it.
pub(crate) fn secret(file: Option<&Path>, variable: &str) -> Result<Option<String>, Failure> {
    let (text, place) = match file {
        Some(path) => {
            let text = fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
            (text, path.display().to_string())
        }
        None => match std::env::var(variable) {
            Ok(text) => (text, variable.to_owned()),
            Err(std::env::VarError::NotPresent) => return Ok(None),
            Err(error) => return Err(Failure::Usage(format!("{variable}: {error}"))),
        },
    };
    match text.trim_end_matches(['\r', '\n']) {
        "" => Err(Failure::Usage(format!("{place}: a key is not empty"))),
        key => Ok(Some(key.to_owned())),
    }
}

pub(crate) fn read_key(path: &Path, text: &str) -> Result<[u8; 16], Failure> {
    let digits: Vec<u8> = text
        .trim()
        .chars()
        .filter_map(|c| c.to_digit(16))
        .filter_map(|digit| u8::try_from(digit).ok())
        .collect();
    let mut key = [0; 16];
    if digits.len() != 32 || text.trim().len() != 32 {
        return Err(Failure::Io(format!("{}: a key has 32 hexadecimal digits", path.display())));
    }
    for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = pair.iter().fold(0, |byte, digit| byte << 4 | digit);
    }
    Ok(key)
}

impl Who {
    pub(crate) fn viewer(&self) -> Viewer {
        Viewer { actor: self.actor.as_str().into(), role: self.role.as_deref().map(Into::into) }
    }

    /// When it is done.
    pub(crate) fn time(&self, ledger: &Ledger) -> Result<Timestamp, Failure> {
        match &self.at {
            Some(time) => time.resolve(ledger.engine().rulebook()),
            None => Ok(now(ledger)),
        }
    }
}

/// Now, or just after the ledger's clock if that is later: a ledger of sample data may be ahead.
pub(crate) fn now(ledger: &Ledger) -> Timestamp {
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let wall =
        i64::try_from(wall.as_micros()).ok().and_then(Timestamp::from_micros).unwrap_or(Timestamp::MIN);
    let after = ledger.engine().clock().and_then(|clock| clock.checked_add_micros(1));
    after.map_or(wall, |after| after.max(wall))
}

/// The entity named, or the rulebook's first.
pub(crate) fn entity(ledger: &Ledger, named: Option<&str>) -> Result<String, Failure> {
    let entities = &ledger.engine().rulebook().schema().entities;
    let found = match named {
        Some(name) => entities.iter().find(|entity| ***entity == *name),
        None => entities.first(),
    };
    found
        .map(ToString::to_string)
        .ok_or_else(|| Failure::Usage(format!("the rulebook has the entities {}", entities.join(", "))))
}
