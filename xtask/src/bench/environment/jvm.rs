//! Peers on the Java virtual machine: the Python packages of their projects carry their libraries, and what is ours is compiled here.

use super::{capture, finish, peers};
use crate::bench::results;
use crate::process::{self, Done};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// What the peers' libraries ask for.
const OLDEST: u32 = 17;

/// The same for all, so that no one's peak of memory comes from collecting garbage later than the others.
const HEAP: &str = "-Xmx4g";

/// Whether there is a JDK that will do, looked for once in a run; an error says what is missing.
pub(super) fn jdk() -> Done {
    static FOUND: OnceLock<Done> = OnceLock::new();
    FOUND
        .get_or_init(|| {
            let wanted = format!("needs a JDK, {OLDEST} or newer, with `java` and `javac` on the path");
            let printed = process::command("javac", &["-version"]).output();
            let printed = printed.map_err(|_| wanted.clone())?;
            let text = String::from_utf8_lossy(&printed.stdout).into_owned();
            match major(&text) {
                Some(found) if found >= OLDEST => Ok(()),
                Some(found) => Err(format!("{wanted}; there is {found}")),
                None => Err(wanted),
            }
        })
        .clone()
}

/// The first number of `javac 17.0.15`.
fn major(printed: &str) -> Option<u32> {
    let version = printed.trim().strip_prefix("javac ")?;
    version.split(|sign: char| !sign.is_ascii_digit()).next()?.parse().ok()
}

/// `java` and the arguments that run the class, compiled against the libraries in `jars` of where Python has its packages.
pub(super) fn compiled(class: &str, python: &Path, jars: &str) -> Done<(PathBuf, Vec<OsString>)> {
    let find = "import sysconfig; print(sysconfig.get_path('purelib'))";
    let packages = capture(&mut process::command(&python.to_string_lossy(), &["-c", find]), 60)?;
    let libraries = Path::new(packages.trim()).join(jars).join("*");
    let sources = peers().join("java");
    let classes = results::folder().join("java").join(class);
    fs::create_dir_all(&classes).map_err(|error| error.to_string())?;
    let mut command = process::command("javac", &["-nowarn", "-d"]);
    command.arg(&classes).arg("-cp").arg(&libraries).arg("-sourcepath").arg(&sources);
    command.arg(sources.join(format!("{class}.java")));
    finish(&mut command, 120)?;
    let path = std::env::join_paths([libraries, classes]).map_err(|error| error.to_string())?;
    Ok(("java".into(), vec![HEAP.into(), "-cp".into(), path, class.into()]))
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn reads_the_version_of_the_compiler() {
        assert_eq!(major("javac 17.0.15\n"), Some(17));
        assert_eq!(major("javac 26-ea"), Some(26));
        assert_eq!(major("javac 1.8.0_392"), Some(1));
        assert_eq!(major(""), None);
    }
}
