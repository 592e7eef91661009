//! `cargo xtask bench`: the benchmarks of the core.

use crate::process::{self, Done};

/// Runs the benchmarks whose names contain one of the filters, or all.
pub(crate) fn run(filters: &[String]) -> Done {
    let mut command = process::cargo(&["bench", "--package", "tagwarden", "--benches"]);
    if !filters.is_empty() {
        command.arg("--").args(filters);
    }
    process::run(command)
}
