//! `cargo xtask test`: everything that a change must pass, and one closing line with the count.

use crate::demo;
use crate::process::{Done, build_cli, cargo, command, root, shown};
use crate::python::{self, Environment};
use crate::wasm;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// What has passed and failed so far: single tests where a step counts them, and the step itself where it does not.
#[derive(Default)]
struct Tally {
    passed: u64,
    failed: u64,
    skipped: u64,
    /// What to look at, for the end.
    failures: Vec<String>,
}

/// Runs every step, also after one has failed.
pub(crate) fn run(long: bool) -> Done {
    let start = Instant::now();
    let mut tally = Tally::default();

    tally.step(cargo(&["fmt", "--all", "--check"]));
    tally.step(cargo(&["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"]));

    let mut tests = cargo(&["test", "--workspace", "--no-fail-fast"]);
    if long {
        // Generated tests read this: more cases of each property, and longer streams.
        tests.env("PROPTEST_CASES", "5000").env("TAGWARDEN_CASES", "1000000");
        tests.args(["--", "--include-ignored"]);
    }
    tally.cargo_tests(tests);
    if long {
        // SQLCipher and OpenSSL are built for it, which takes minutes.
        let features = "tagwarden-store/encryption,tagwarden-cli/encryption";
        let packages = ["test", "--package", "tagwarden-store", "--package", "tagwarden-cli"];
        let mut encrypted = cargo(&packages);
        encrypted.args(["--features", features, "--test", "encryption", "--test", "ledger"]);
        tally.cargo_tests(encrypted);
    }

    tally.rulebooks();

    let mut docs = cargo(&["doc", "--workspace", "--no-deps", "--quiet"]);
    docs.env("RUSTDOCFLAGS", "-D warnings");
    tally.step(docs);

    tally.browser_build();
    tally.python();
    tally.package();

    println!();
    for failure in &tally.failures {
        println!("failed: {failure}");
    }
    println!("finished in {} s", start.elapsed().as_secs());
    match tally.skipped {
        0 => println!("{} passed, {} failed", tally.passed, tally.failed),
        skipped => println!("{} passed, {} failed, {skipped} skipped", tally.passed, tally.failed),
    }
    if tally.failed == 0 { Ok(()) } else { Err("some of it failed; see above".into()) }
}

impl Tally {
    fn pass(&mut self) {
        self.passed += 1;
    }

    fn fail(&mut self, what: String) {
        self.failed += 1;
        self.failures.push(what);
    }

    /// One check: it passes if the program ends well.
    fn step(&mut self, mut command: Command) {
        let text = shown(&command);
        println!("\n=== {text}");
        match command.status() {
            Ok(status) if status.success() => self.pass(),
            Ok(status) => self.fail(format!("{text} ({status})")),
            Err(error) => self.fail(format!("{text}: cannot start it: {error}")),
        }
    }

    /// Runs `cargo test`, shows what it prints, and adds up its result lines.
    fn cargo_tests(&mut self, mut command: Command) {
        let text = shown(&command);
        println!("\n=== {text}");
        let mut child = match command.stdout(Stdio::piped()).spawn() {
            Ok(child) => child,
            Err(error) => return self.fail(format!("{text}: cannot start it: {error}")),
        };
        let (mut passed, mut failed) = (0, 0);
        if let Some(stdout) = child.stdout.take() {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                println!("{line}");
                if let Some(result) = line.strip_prefix("test result: ") {
                    passed += counted(result, " passed");
                    failed += counted(result, " failed");
                }
                if line.starts_with("test ") && line.ends_with("... FAILED") {
                    self.failures.push(line);
                }
            }
        }
        self.passed += passed;
        self.failed += failed;
        match child.wait() {
            Ok(status) if status.success() && passed > 0 => {}
            Ok(status) if status.success() => self.fail(format!("{text} ran no test ({status})")),
            // A failure that no result line shows: something did not even build.
            Ok(status) if failed == 0 => self.fail(format!("{text} ({status})")),
            Ok(_) => {}
            Err(error) => self.fail(format!("{text}: {error}")),
        }
    }

    /// The sample rulebooks: each compiles without a warning, is formatted, and passes its own tests.
    fn rulebooks(&mut self) {
        let cli = match build_cli() {
            Ok(cli) => cli.to_string_lossy().into_owned(),
            Err(error) => return self.fail(error),
        };
        let rulebooks = match rulebooks(&root().join("examples/rules")) {
            Ok(rulebooks) if !rulebooks.is_empty() => rulebooks,
            Ok(_) => return self.fail("examples/rules holds no rulebook".into()),
            Err(error) => return self.fail(format!("examples/rules: {error}")),
        };
        for rulebook in rulebooks {
            let path = rulebook.to_string_lossy();
            self.step(command(&cli, &["check", &path]));
            self.step(command(&cli, &["fmt", "--check", &path]));
            self.step(command(&cli, &["test", &path]));
        }
    }

    /// The Python package: its wheel, its tests, and its types.
    fn python(&mut self) {
        if !Environment::is_possible() {
            println!("\n=== SKIPPED: the Python package. {}", capital(python::MISSING));
            self.skipped += 1;
            return;
        }
        println!("\n=== the Python package");
        let prepared = Environment::prepare().and_then(|python| {
            python.install(&python.wheel()?)?;
            Ok((python.checks(), python.tests()?))
        });
        match prepared {
            Ok((checks, tests)) => {
                self.pass();
                for check in checks {
                    self.step(check);
                }
                self.pytest(tests);
            }
            Err(error) => self.fail(format!("the Python package: {error}")),
        }
    }

    /// Runs pytest, shows what it prints, and adds up its last line.
    fn pytest(&mut self, mut command: Command) {
        println!("\n=== pytest");
        let mut child = match command.stdout(Stdio::piped()).spawn() {
            Ok(child) => child,
            Err(error) => return self.fail(format!("pytest: cannot start it: {error}")),
        };
        let (mut passed, mut failed) = (0, 0);
        if let Some(stdout) = child.stdout.take() {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                println!("{line}");
                if let Some(test) = line.strip_prefix("FAILED ").or(line.strip_prefix("ERROR ")) {
                    self.failures.push(test.to_owned());
                }
                if line.contains(" passed") || line.contains(" failed") || line.contains(" error") {
                    passed = counted(&line, " passed");
                    failed = counted(&line, " failed") + counted(&line, " error");
                    self.skipped += counted(&line, " skipped");
                }
            }
        }
        self.passed += passed;
        self.failed += failed;
        match child.wait() {
            Ok(status) if status.success() && passed > 0 => {}
            Ok(status) if failed == 0 => self.fail(format!("pytest ({status}), {passed} passed")),
            Ok(_) => {}
            Err(error) => self.fail(format!("pytest: {error}")),
        }
    }

    /// The core builds for the browser, without the parts that are off there.
    fn browser_build(&mut self) {
        const TARGET: &str = "wasm32-unknown-unknown";
        let mut add = command("rustup", &["target", "add", TARGET]);
        match add.status() {
            Ok(status) if status.success() => {
                let arguments = [
                    "build",
                    "--quiet",
                    "--package",
                    "tagwarden",
                    "--no-default-features",
                    "--target",
                    TARGET,
                ];
                self.step(cargo(&arguments));
            }
            Ok(status) => self.fail(format!("rustup target add {TARGET} ({status})")),
            Err(_) => {
                println!(
                    "\n=== SKIPPED: the build for {TARGET}. It needs rustup, which is not installed here."
                );
                self.skipped += 1;
            }
        }
    }
}

impl Tally {
    /// The npm package and the page: built, and held to their types, the corpus, their sizes and a browser.
    fn package(&mut self) {
        if let Some(missing) = wasm::missing() {
            println!("\n=== SKIPPED: the npm package and the page. {missing}.");
            self.skipped += 1;
            return;
        }
        println!("\n=== cargo xtask wasm");
        // The decisions of the command line, which the package must give to the byte.
        if let Err(error) = wasm::run().and_then(|()| demo::run()) {
            return self.fail(error);
        }
        self.pass();
        let (commands, left_out) = wasm::checks();
        for command in commands {
            self.step(command);
        }
        if let Some(left_out) = left_out {
            println!("\n=== SKIPPED: {left_out}.");
            self.skipped += 1;
        }
    }
}

/// As a sentence begins.
fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + rest.as_str())
}

/// The number before `what` in a line such as `ok. 12 passed; 0 failed; …`.
fn counted(line: &str, what: &str) -> u64 {
    let before = line.split(what).next().unwrap_or("");
    let digits = before.rsplit(|c: char| !c.is_ascii_digit()).next().unwrap_or("");
    if line.contains(what) { digits.parse().unwrap_or(0) } else { 0 }
}

/// Every rulebook in a folder, by name, as a path from the root.
fn rulebooks(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "tw") {
            found.push(path.strip_prefix(root()).unwrap_or(&path).to_path_buf());
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn reads_a_result_line() {
        let line = "FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.42s";
        assert_eq!((counted(line, " passed"), counted(line, " failed")), (12, 3));
        assert_eq!(counted("nothing of the kind", " passed"), 0);
    }
}
