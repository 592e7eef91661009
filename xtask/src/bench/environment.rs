//! Where the peers are installed: an environment of their own under the target folder, made by the ordinary clients, once.

mod jvm;

use super::results;
use crate::process::{self, Done};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// What a peer needs.
#[derive(Clone, Copy)]
pub(super) enum Needs {
    /// The measuring programs of the workspace.
    Ours,
    /// A script under `benches/peers/python` and packages with their versions.
    Python { script: &'static str, packages: &'static [&'static str] },
    /// A script under `benches/peers/python` that uses the Python package of the workspace.
    Wheel { script: &'static str },
    /// The same in a folder of its own, since these packages fix other versions of what the others use.
    PythonApart { script: &'static str, packages: &'static [&'static str], folder: &'static str },
    /// A script under `benches/peers/python` whose packages start a Java virtual machine.
    PythonOnJvm { script: &'static str, packages: &'static [&'static str] },
    /// A class under `benches/peers/java` with Python packages that carry its libraries, in the folder `jars` of where they are installed.
    Java { class: &'static str, packages: &'static [&'static str], jars: &'static str },
    /// A script under `benches/peers/node`, whose `package.json` names the versions.
    Node { script: &'static str },
    /// A feature of `benches/peers/rust`, whose program is `peer-FEATURE`.
    Rust { feature: &'static str },
}

impl Needs {
    /// Whether it needs Java, which is asked for by a flag.
    pub(super) fn on_jvm(self) -> bool {
        matches!(self, Needs::PythonOnJvm { .. } | Needs::Java { .. })
    }
}

/// The program that runs the peer, and its first arguments; an error says why it cannot be had.
pub(super) fn prepare(needs: Needs) -> Done<(PathBuf, Vec<OsString>)> {
    let script = |name: &str| vec![peers().join("python").join(name).into_os_string()];
    match needs {
        Needs::Ours => Ok((process::target_dir().join("release").join(executable("bench-ours")), Vec::new())),
        Needs::Python { script: name, packages } => Ok((python(SHARED, packages)?, script(name))),
        Needs::PythonApart { script: name, packages, folder } => {
            Ok((python(folder, packages)?, script(name)))
        }
        Needs::Wheel { script: name } => Ok((wheel()?, script(name))),
        Needs::PythonOnJvm { script: name, packages } => {
            jvm::jdk()?;
            Ok((python(SHARED, packages)?, script(name)))
        }
        Needs::Java { class, packages, jars } => {
            jvm::jdk()?;
            jvm::compiled(class, &python(SHARED, packages)?, jars)
        }
        Needs::Node { script } => {
            node()?;
            Ok(("node".into(), vec![peers().join("node").join(script).into_os_string()]))
        }
        Needs::Rust { feature } => rust(feature).map(|program| (program, Vec::new())),
    }
}

/// The folder that a peer runs in.
pub(super) fn working_directory(needs: Needs) -> PathBuf {
    match needs {
        Needs::Node { .. } => results::folder().join("node"),
        _ => process::root(),
    }
}

fn peers() -> PathBuf {
    process::root().join("benches").join("peers")
}

fn executable(name: &str) -> String {
    format!("{name}{}", std::env::consts::EXE_SUFFIX)
}

/// The folder that most Python peers share.
const SHARED: &str = "python";

/// The Python of the environment in a folder, with packages installed.
fn python(folder: &str, packages: &[&str]) -> Done<PathBuf> {
    let folder = results::folder().join(folder);
    let bin = if cfg!(windows) { "Scripts" } else { "bin" };
    let python = folder.join(bin).join(executable("python"));
    if !python.exists() {
        let base = if cfg!(windows) { "python" } else { "python3" };
        let mut command = process::command(base, &["-m", "venv"]);
        command.arg(&folder);
        finish(&mut command, 300)?;
    }
    let stamp = folder.join(format!(".installed-{}", packages.join("-").replace(['=', '/'], "_")));
    if !stamp.exists() && !packages.is_empty() {
        println!("  installing {}", packages.join(" "));
        let mut command = Command::new(&python);
        command.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(packages);
        finish(&mut command, 600)?;
        fs::write(&stamp, "").map_err(|error| error.to_string())?;
    }
    Ok(python)
}

/// The Python with our own package, built once in a run.
fn wheel() -> Done<PathBuf> {
    static BUILT: OnceLock<Done<PathBuf>> = OnceLock::new();
    BUILT
        .get_or_init(|| {
            println!("  building and installing the Python package");
            crate::python::installed()
        })
        .clone()
}

fn node() -> Done {
    let folder = results::folder().join("node");
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let wanted = fs::read(peers().join("node/package.json")).map_err(|error| error.to_string())?;
    let there = folder.join("package.json");
    if fs::read(&there).ok().as_ref() == Some(&wanted) && folder.join("node_modules").exists() {
        return Ok(());
    }
    println!("  installing the peers for Node");
    fs::write(&there, wanted).map_err(|error| error.to_string())?;
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let mut command = Command::new(npm);
    command.args(["install", "--silent", "--no-audit", "--no-fund"]).current_dir(&folder);
    finish(&mut command, 300)
}

fn rust(feature: &str) -> Done<PathBuf> {
    let target = results::folder().join("rust");
    let program = target.join("release").join(executable(&format!("peer-{feature}")));
    let all = ["build", "--release", "--quiet", "--manifest-path"];
    let build = |features: &str| {
        let mut command = process::cargo(&all);
        command.arg(peers().join("rust/Cargo.toml")).arg("--target-dir").arg(&target);
        command.args(["--features", features]);
        command
    };
    if !program.exists() {
        println!("  building the peers in Rust: minutes, the first time");
    }
    // All of them at once share what they depend on; where one fails, each alone.
    if finish(&mut build("cel,rust-rule-engine,parsers"), 1800).is_err() {
        finish(&mut build(feature), 1800)?;
    }
    Ok(program)
}

/// Runs a program to its end without showing what it prints; the last line of its complaint where it fails.
fn finish(command: &mut Command, seconds: u64) -> Done {
    capture(command, seconds).map(|_| ())
}

/// What a program prints. One that takes longer than allowed is ended.
pub(super) fn capture(command: &mut Command, seconds: u64) -> Done<String> {
    let text = process::shown(command);
    let logs = results::folder().join("logs");
    fs::create_dir_all(&logs).map_err(|error| error.to_string())?;
    let (out, err) = (logs.join("out.txt"), logs.join("err.txt"));
    let file = |path: &Path| fs::File::create(path).map_err(|error| error.to_string());
    command.stdin(Stdio::null()).stdout(file(&out)?).stderr(file(&err)?);
    let mut child = command.spawn().map_err(|error| format!("cannot start `{text}`: {error}"))?;
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            break status;
        }
        if start.elapsed() > Duration::from_secs(seconds) {
            // It may have ended in between, which is as well.
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("took longer than {seconds} s"));
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let read = |path: &Path| fs::read_to_string(path).unwrap_or_default();
    if status.success() {
        return Ok(read(&out));
    }
    let complaint = read(&err);
    let line = complaint.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("").trim();
    Err(format!(
        "`{}`: {}",
        text.chars().take(60).collect::<String>(),
        line.chars().take(160).collect::<String>()
    ))
}
