//! `cargo xtask python`: the Python package in an environment of its own, and everything that holds it.

use crate::demo;
use crate::process::{self, Done, command, root, target_dir};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Python as the development packages need it; the wheel itself is for 3.10 and newer.
const OLDEST: (u32, u32) = (3, 11);

/// What is told where there is none.
pub(crate) const MISSING: &str =
    "it needs Python 3.11 or newer, as `python3` or `python`: https://www.python.org/downloads/";

/// Where the package is, and the packages that its tests need.
const PACKAGE: &str = "bindings/python";
const REQUIREMENTS: &str = "bindings/python/requirements-dev.txt";
const SERVICE: &str = "examples/embed-python";
const NOTEBOOK: &str = "examples/python/backtest.ipynb";
const FOR_NOTEBOOKS: [&str; 3] = ["nbclient==0.11.0", "nbformat==5.11.1", "ipykernel==7.4.0"];

/// The task `python` with its arguments.
pub(crate) fn run(arguments: &[String]) -> Done {
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => {
            let python = Environment::prepare()?;
            let wheel = python.install(&python.wheel()?)?;
            let bytes = fs::metadata(&wheel).map_err(|error| format!("{}: {error}", wheel.display()))?.len();
            println!("\n{}: {:.1} MB", shortened(&wheel), bytes as f64 / 1e6);
            println!("It is installed in an environment of its own; begin with");
            println!("  {} -c \"import tagwarden; help(tagwarden)\"", shortened(&python.program));
            Ok(())
        }
        ["test", filters @ ..] => {
            let python = Environment::prepare()?;
            python.install(&python.wheel()?)?;
            for check in python.checks() {
                process::run(check)?;
            }
            let mut tests = python.tests()?;
            tests.args(filters);
            process::run(tests)
        }
        ["notebook"] => {
            let python = Environment::prepare()?;
            python.install(&python.wheel()?)?;
            python.pip(&FOR_NOTEBOOKS)?;
            let mut execute = python.run(&["examples/python/execute.py", NOTEBOOK]);
            execute.env("PYDEVD_DISABLE_FILE_VALIDATION", "1").env("TAGWARDEN_EVENTS", python.events()?);
            process::run(execute)
        }
        _ => Err("cargo xtask python [test [PYTEST ARGUMENTS] | notebook]".into()),
    }
}

/// Builds and installs the package; the program that has it.
pub(crate) fn installed() -> Done<PathBuf> {
    let python = Environment::prepare()?;
    python.install(&python.wheel()?)?;
    Ok(python.program)
}

/// A Python with everything that the package and its tests need.
pub(crate) struct Environment {
    folder: PathBuf,
    program: PathBuf,
}

impl Environment {
    /// Makes it under the target folder, where it is not there yet.
    pub(crate) fn prepare() -> Done<Environment> {
        let folder = target_dir().join("python").join("env");
        let bin = folder.join(if cfg!(windows) { "Scripts" } else { "bin" });
        let program = bin.join(format!("python{}", std::env::consts::EXE_SUFFIX));
        let python = Environment { folder, program };
        if !python.program.exists() {
            let base = find().ok_or(MISSING)?;
            let mut make = command(&base, &["-m", "venv"]);
            make.arg(&python.folder);
            process::run(make)
                .map_err(|error| format!("{error}; on Debian and Ubuntu `apt install python3-venv` helps"))?;
        }
        let wanted = fs::read_to_string(root().join(REQUIREMENTS)).map_err(|error| error.to_string())?;
        let stamp = python.folder.join("requirements-dev.txt");
        if fs::read_to_string(&stamp).ok().as_ref() != Some(&wanted) {
            println!(
                "Installing what the package is built and tested with (the first time this takes a minute or two) ..."
            );
            python.pip(&["--requirement", REQUIREMENTS])?;
            fs::write(&stamp, wanted).map_err(|error| error.to_string())?;
        }
        Ok(python)
    }

    /// Whether there is a Python that it can be made with.
    pub(crate) fn is_possible() -> bool {
        find().is_some()
    }

    /// The environment's Python with arguments.
    fn run(&self, arguments: &[&str]) -> Command {
        let mut python = command(&self.program.to_string_lossy(), arguments);
        // Neither caches in the tree, nor packages from elsewhere.
        python.env("PYTHONDONTWRITEBYTECODE", "1").env_remove("PYTHONPATH");
        python
    }

    fn pip(&self, arguments: &[&str]) -> Done {
        let mut pip = self.run(&["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        pip.args(arguments).env_remove("PYTHONDONTWRITEBYTECODE");
        process::run(pip)
    }

    /// Builds the wheel.
    pub(crate) fn wheel(&self) -> Done<PathBuf> {
        let out = target_dir().join("python").join("wheels");
        // Only the one of this build is to be found there.
        if out.exists() {
            fs::remove_dir_all(&out).map_err(|error| format!("{}: {error}", out.display()))?;
        }
        let mut maturin =
            self.run(&["-m", "maturin", "build", "--release", "--quiet", "--locked", "--manifest-path"]);
        maturin.arg(format!("{PACKAGE}/Cargo.toml")).arg("--interpreter").arg(&self.program);
        maturin.arg("--out").arg(&out).env("CARGO_TARGET_DIR", target_dir());
        process::run(maturin)?;
        let entries = fs::read_dir(&out).map_err(|error| format!("{}: {error}", out.display()))?;
        let wheel = entries.flatten().map(|entry| entry.path());
        let mut wheel = wheel.filter(|path| path.extension().is_some_and(|extension| extension == "whl"));
        wheel.next().ok_or_else(|| format!("{} has no wheel", out.display()))
    }

    /// Installs the wheel, as a user would have it.
    pub(crate) fn install(&self, wheel: &Path) -> Done<PathBuf> {
        self.pip(&["--force-reinstall", "--no-deps", &wheel.to_string_lossy()])?;
        Ok(wheel.to_path_buf())
    }

    /// The checks of types: the stubs beside what is there, and whether strict checkers accept everything.
    pub(crate) fn checks(&self) -> Vec<Command> {
        let cache = target_dir().join("python").join("mypy");
        let place = |name: &str| format!("{PACKAGE}/{name}");
        let mut stubs = self.run(&["-m", "mypy.stubtest", "tagwarden", "--concise", "--allowlist"]);
        stubs.arg(place("stubtest-allowlist.txt")).env("MYPY_CACHE_DIR", &cache);
        let mut mypy = self.run(&["-m", "mypy", "--no-error-summary", "--config-file"]);
        mypy.arg(place("pyproject.toml")).args([place("python"), place("tests"), SERVICE.into()]);
        mypy.env("MYPY_CACHE_DIR", &cache);
        let mut pyright = self.run(&["-m", "pyright", "--project", PACKAGE, "--pythonpath"]);
        pyright.arg(&self.program).env("PYRIGHT_PYTHON_IGNORE_WARNINGS", "1");
        vec![stubs, mypy, pyright]
    }

    /// The demo's events, written where nothing of a user's lies.
    fn events(&self) -> Done<PathBuf> {
        let events = target_dir().join("python").join("events.jsonl");
        demo::write(&events).map_err(|error| format!("{}: {error}", events.display()))?;
        Ok(events)
    }

    /// The tests, on the demo's events and beside the command line.
    pub(crate) fn tests(&self) -> Done<Command> {
        let mut tests =
            self.run(&["-m", "pytest", "--quiet", "-p", "no:cacheprovider", "--rootdir", PACKAGE]);
        tests.arg(format!("{PACKAGE}/tests")).arg(SERVICE);
        tests.env("TAGWARDEN_EVENTS", self.events()?).env("TAGWARDEN_CLI", process::build_cli()?);
        Ok(tests)
    }
}

/// A Python that is new enough.
fn find() -> Option<String> {
    const ASK: &str = "import sys; print(sys.version_info[0], sys.version_info[1])";
    let names = ["python3", "python", "python3.14", "python3.13", "python3.12", "python3.11"];
    let is_new = |name: &&str| {
        let Ok(answer) = command(name, &["-c", ASK]).output() else { return false };
        let text = String::from_utf8_lossy(&answer.stdout).into_owned();
        let mut numbers = text.split_whitespace().filter_map(|number| number.parse().ok());
        (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= OLDEST
    };
    names.iter().find(|name| is_new(name)).map(|name| (*name).to_owned())
}

fn shortened(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}
