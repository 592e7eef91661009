//! What holds the package and the page: types, the corpus, sizes, a browser.

use super::{package, page};
use crate::process::{self, Done, cargo, command, root, target_dir};
use std::path::PathBuf;
use std::process::Command;

/// The oldest Node whose parts all of this uses.
const NODE: u32 = 20;

/// Names that Chromium goes by.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// What is not here and must be, in one line.
pub(crate) fn missing() -> Option<String> {
    let version = printed("node").filter(|version| major(version).is_some_and(|major| major >= NODE));
    if version.is_none() {
        let found = printed("node").unwrap_or_else(|| "there is none".into());
        return Some(format!("Node {NODE} or newer with npm is needed (found: {})", found.trim()));
    }
    if printed("rustup").is_none() {
        return Some("rustup is needed, for the target wasm32-unknown-unknown".into());
    }
    None
}

/// What a program says of its version.
fn printed(program: &str) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// 20 of `v20.20.2`.
fn major(version: &str) -> Option<u32> {
    version.trim().trim_start_matches('v').split('.').next()?.parse().ok()
}

/// The browser, where there is one.
fn browser() -> Option<String> {
    BROWSERS.into_iter().find(|name| printed(name).is_some()).map(program_path)
}

/// Where a program of the search path lies: Playwright wants the whole path.
fn program_path(name: &str) -> String {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&paths).map(|folder| folder.join(name)).find(|path| path.is_file());
    found.map_or_else(|| name.to_owned(), |path| path.to_string_lossy().into_owned())
}

fn home() -> PathBuf {
    root().join("bindings/wasm")
}

/// Node over a script of the package's folder.
fn node(arguments: &[&str]) -> Command {
    let mut command = command("node", arguments);
    command.current_dir(home());
    command
}

/// The checks of a package that is built, in order; and what had to be left out, where there is no browser.
pub(crate) fn checks() -> (Vec<Command>, Option<String>) {
    let tests = target_dir().join("npm/tests");
    let mut types =
        node(&["node_modules/typescript/bin/tsc", "--project", "tests/tsconfig.json", "--outDir"]);
    types.arg(&tests);
    let mut size = node(&["tests/size.js"]);
    size.arg(package());
    let mut corpus = node(&["--test"]);
    for name in ["api.test.js", "corpus.test.js"] {
        corpus.arg(tests.join(name));
    }
    corpus.env("TAGWARDEN_ROOT", root()).env("TAGWARDEN_UNTIL", crate::demo::END);
    let mut commands = vec![types, size, corpus];
    let Some(browser) = browser() else {
        let left_out = "the page in a browser: Chromium is needed (Debian: apt-get install chromium)";
        return (commands, Some(left_out.into()));
    };
    let mut browse = node(&["--test", "tests/page.test.js"]);
    browse.env("TAGWARDEN_PAGE", page()).env("TAGWARDEN_CHROMIUM", browser);
    browse.env("TAGWARDEN_SHOTS", root().join("out/playground"));
    commands.push(browse);
    (commands, None)
}

/// `cargo xtask wasm bench`: beside native, in one run.
pub(crate) fn bench() -> Done {
    super::run()?;
    crate::demo::run()?;
    process::run(cargo(&[
        "build",
        "--release",
        "--quiet",
        "--package",
        "tagwarden-wasm",
        "--example",
        "native",
    ]))?;
    let mut bench = node(&["bench/run.js"]);
    let native = format!("release/examples/native{}", std::env::consts::EXE_SUFFIX);
    bench.env("TAGWARDEN_NATIVE", target_dir().join(native));
    bench.env("TAGWARDEN_ROOT", root()).env("TAGWARDEN_PACKAGE", package());
    if let Some(browser) = browser() {
        bench.env("TAGWARDEN_CHROMIUM", browser);
    }
    process::run(bench)
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn reads_a_version() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("there is none"), None);
    }
}
