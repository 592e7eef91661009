//! Where things are written: colours only where a terminal shows them, and no panic when nobody reads any more.

use crate::error::Failure;
use std::io::{self, BufWriter, Write};

pub(crate) const BOLD: &str = "\x1b[1m";
pub(crate) const DIM: &str = "\x1b[2m";
pub(crate) const RED: &str = "\x1b[31m";
pub(crate) const GREEN: &str = "\x1b[32m";
pub(crate) const YELLOW: &str = "\x1b[33m";
pub(crate) const CYAN: &str = "\x1b[36m";
pub(crate) const RESET: &str = "\x1b[0m";

/// Standard output for people: colours are left out where it is no terminal.
pub(crate) fn stdout() -> impl Write {
    BufWriter::new(anstream::stdout())
}

/// Standard output for programs, byte for byte.
pub(crate) fn plain_stdout() -> impl Write {
    BufWriter::with_capacity(1 << 16, io::stdout().lock())
}

/// Standard error for people.
pub(crate) fn stderr() -> impl Write {
    anstream::stderr()
}

/// Says why a command failed, if it has not done so itself.
pub(crate) fn complain(failure: &Failure) {
    let text = failure.to_string();
    if !text.is_empty() {
        // Where even this cannot be written there is nobody to tell.
        let _ = writeln!(stderr(), "{RED}error{RESET}: {text}");
    }
}
