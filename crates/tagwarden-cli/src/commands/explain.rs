//! `tagwarden explain`: what a message means.

use crate::Done;
use crate::error::Failure;
use crate::output::{BOLD, CYAN, DIM, RESET, stdout};
use std::io::Write;
use tagwarden::Code;

/// Explain a message by its code, or list all codes
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The code, such as E0101
    code: Option<String>,
}

pub(crate) fn run(args: &Args) -> Done {
    let mut out = stdout();
    match &args.code {
        Some(code) => {
            let code = Code::from_text(code).ok_or_else(|| {
                Failure::Usage(format!("there is no code {code}; `tagwarden explain` lists all"))
            })?;
            page(&mut out, code.page())?;
        }
        None => {
            for code in Code::ALL {
                writeln!(out, "{BOLD}{code}{RESET}  {}", code.title())?;
            }
        }
    }
    Ok(out.flush()?)
}

/// Markdown with its headings and examples set apart.
fn page(out: &mut impl Write, text: &str) -> std::io::Result<()> {
    let mut example = false;
    for line in text.lines() {
        if line.starts_with("```") {
            example = !example;
        } else if example {
            writeln!(out, "    {CYAN}{line}{RESET}")?;
        } else if line.starts_with('#') {
            writeln!(out, "{BOLD}{}{RESET}", line.trim_start_matches('#').trim_start())?;
        } else {
            let mut code = false;
            for (at, part) in line.split('`').enumerate() {
                if at > 0 {
                    code = !code;
                    out.write_all(if code { DIM } else { RESET }.as_bytes())?;
                    out.write_all(b"`")?;
                }
                out.write_all(part.as_bytes())?;
            }
            writeln!(out, "{}", if code { RESET } else { "" })?;
        }
    }
    Ok(())
}
