//! `cargo xtask bench`: what the engine costs, beside the hand-written limit, and what its rooms cost.

mod chart;
mod environment;
mod peers;
mod results;
mod scale;
mod words;

use crate::process::{self, Done};
use std::process::Command;

/// The task `bench` with its arguments.
pub(crate) fn run(arguments: &[String]) -> Done {
    match arguments.split_first() {
        Some((task, rest)) if task == "rooms" => rooms(rest),
        Some((task, rest)) if task == "peers" => peers::run_all(rest),
        Some((task, rest)) if task == "scale" => scale::run(rest),
        Some((task, rest)) if task == "words" => words::run(rest),
        Some((task, rest)) if task == "limit" => limit(rest),
        _ => limit(arguments),
    }
}

/// The workloads by the engine and by the limit, in turn.
fn limit(arguments: &[String]) -> Done {
    let mut command = program("bench-limit");
    command.args(arguments);
    process::run(command)
}

/// Criterion over the rooms: those whose names contain one of the filters, or all.
fn rooms(filters: &[String]) -> Done {
    let mut command = process::cargo(&["bench", "--package", "tagwarden-benches", "--benches"]);
    if !filters.is_empty() {
        command.arg("--").args(filters);
    }
    process::run(command)
}

/// One of the measuring programs, built as a user would have the library.
fn program(name: &str) -> Command {
    process::cargo(&["run", "--release", "--quiet", "--package", "tagwarden-benches", "--bin", name, "--"])
}
