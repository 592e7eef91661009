//! How a command fails, and with which exit code.

use std::io;
use std::path::Path;
use std::process::ExitCode;

/// Why a command did not do, or not wholly do, what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// It has said already what is wrong: the rulebook has errors, a test failed, a file is not formatted.
    #[error("")]
    Wrong,
    /// The command line does not make sense.
    #[error("{0}")]
    Usage(String),
    /// Some inputs were refused, and reported.
    #[error("")]
    Refused,
    /// A file could not be read or written.
    #[error("{0}")]
    Io(String),
    /// Nobody reads what is written any more: no failure at all.
    #[error("")]
    PipeClosed,
}

impl Failure {
    /// As documented in the help.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Failure::PipeClosed => 0,
            Failure::Wrong => 1,
            Failure::Usage(_) => 2,
            Failure::Refused => 3,
            Failure::Io(_) => 4,
        })
    }

    /// An error about a file.
    pub(crate) fn file(path: &Path, error: &io::Error) -> Failure {
        Failure::Io(format!("{}: {error}", path.display()))
    }
}

/// What a ledger does not do is a matter of the command line, of the file, or of what somebody may do.
impl From<tagwarden_store::LedgerError> for Failure {
    fn from(error: tagwarden_store::LedgerError) -> Self {
        use tagwarden_store::LedgerError as Error;
        match error {
            Error::Refused(_) | Error::Status(_) | Error::Rulebook | Error::Setting { .. } => {
                Failure::Usage(error.to_string())
            }
            other => Failure::Io(other.to_string()),
        }
    }
}

/// Errors of writing to the terminal, or to where it is redirected.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::PipeClosed,
            _ => Failure::Io(error.to_string()),
        }
    }
}
