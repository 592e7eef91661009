//! `tagwarden fmt`: one style.

mod difference;

use crate::error::Failure;
use crate::output::{BOLD, RESET, stdout};
use crate::{Done, rulebook};
use std::fs;
use std::io::{Read, Write};
use std::path::PathBuf;

/// Rewrite rulebooks in the one style
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Change nothing; show what would change, and fail if anything would
    #[arg(long)]
    check: bool,
    /// The files; `-` formats standard input to standard output
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

pub(crate) fn run(args: &Args) -> Done {
    let mut out = stdout();
    let mut wrong = false;
    for path in &args.files {
        let piped = path.as_os_str() == "-";
        let text = if piped {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).map_err(|error| Failure::file(path, &error))?;
            text
        } else {
            rulebook::read(path)?
        };
        let formatted = match tagwarden::format(&text) {
            Ok(formatted) => formatted,
            Err(error) => {
                wrong = true;
                rulebook::complain(&rulebook::named(error, path, &text))?;
                continue;
            }
        };
        if args.check {
            if formatted != text {
                wrong = true;
                writeln!(out, "{BOLD}{}{RESET}", path.display())?;
                difference::write(&mut out, &text, &formatted)?;
            }
        } else if piped {
            out.write_all(formatted.as_bytes())?;
        } else if formatted != text {
            fs::write(path, &formatted).map_err(|error| Failure::file(path, &error))?;
            writeln!(out, "formatted {}", path.display())?;
        }
    }
    out.flush()?;
    if wrong { Err(Failure::Wrong) } else { Ok(()) }
}
