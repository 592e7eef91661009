//! Rulebooks from files: compiled together, with what is wrong drawn for people.

use crate::error::Failure;
use crate::output;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use tagwarden::{CompileError, Rulebook};

/// Compiles the files as one rulebook. `use` and `keywords … from` name files beside them.
pub(crate) fn compile(paths: &[PathBuf]) -> Result<Result<Rulebook, CompileError>, Failure> {
    let mut compiler = Rulebook::compiler();
    for path in paths {
        compiler = compiler.source(&path.display().to_string(), &read(path)?);
    }
    let mut folders: Vec<PathBuf> = Vec::new();
    for path in paths {
        let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
        if !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    let resolve = move |name: &str| folders.iter().find_map(|folder| fs::read_to_string(folder.join(name)).ok());
    Ok(compiler.resolver(resolve).compile())
}

/// Compiles the files, draws warnings and errors on standard error, and fails if there are errors.
pub(crate) fn load(paths: &[PathBuf]) -> Result<Rulebook, Failure> {
    match compile(paths)? {
        Ok(rulebook) => {
            for warning in rulebook.warnings() {
                let _ = writeln!(output::stderr(), "{}", warning.render(rulebook.sources()));
            }
            Ok(rulebook)
        }
        Err(error) => {
            let _ = writeln!(output::stderr(), "{error}");
            Err(Failure::Wrong)
        }
    }
}

/// The text of a rulebook.
pub(crate) fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| Failure::file(path, &error))
}
