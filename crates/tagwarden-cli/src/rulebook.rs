//! Rulebooks from files: compiled together, with what is wrong drawn for people.

use crate::error::Failure;
use crate::output;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use tagwarden::{CompileError, Rulebook, Severity, Source, Sources};

/// Compiles the files as one rulebook. `use` and `keywords … from` name files beside them.
pub(crate) fn compile(paths: &[PathBuf]) -> Result<Result<Rulebook, CompileError>, Failure> {
    let mut compiler = Rulebook::compiler();
    for path in paths {
        compiler = compiler.source(path.display().to_string(), read(path)?);
    }
    let mut folders: Vec<PathBuf> = Vec::new();
    for path in paths {
        let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
        if !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    let given: Vec<PathBuf> = paths.iter().filter_map(|path| path.canonicalize().ok()).collect();
    let resolve = move |name: &str| {
        let path = folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file())?;
        // A file that stands on the command line as well is there already.
        match path.canonicalize() {
            Ok(path) if given.contains(&path) => Some(String::new()),
            _ => fs::read_to_string(path).ok(),
        }
    };
    Ok(compiler.resolver(resolve).compile())
}

/// Compiles the files, draws warnings and errors on standard error, and fails if there are errors.
pub(crate) fn load(paths: &[PathBuf]) -> Result<Rulebook, Failure> {
    match compile(paths)? {
        Ok(rulebook) => {
            for warning in rulebook.warnings() {
                writeln!(output::stderr(), "{}\n", warning.render_coloured(rulebook.sources()))?;
            }
            Ok(rulebook)
        }
        Err(error) => {
            complain(&error)?;
            Err(Failure::Wrong)
        }
    }
}

/// Draws every error and warning on standard error.
pub(crate) fn complain(error: &CompileError) -> std::io::Result<()> {
    let mut err = output::stderr();
    for diagnostic in &error.diagnostics {
        writeln!(err, "{}\n", diagnostic.render_coloured(&error.sources))?;
    }
    let errors = error.diagnostics.iter().filter(|found| found.severity() == Severity::Error).count();
    writeln!(err, "{errors} error{}", if errors == 1 { "" } else { "s" })
}

/// The errors of a single text, under the name of its file.
pub(crate) fn named(error: CompileError, path: &Path, text: &str) -> CompileError {
    let mut sources = Sources::default();
    sources.add(Source::new(path.display().to_string(), text));
    CompileError { sources, ..error }
}

/// The text of a rulebook.
pub(crate) fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| Failure::file(path, &error))
}
