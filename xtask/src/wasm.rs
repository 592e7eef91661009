//! `cargo xtask wasm`: the npm package and the page, under the target folder; and what holds them.
//!
//! Cargo builds the module; `wasm-bindgen-cli-support`, of the very version that the lock file has, writes its JavaScript;
//! npm brings the tools that build and check the page. `build.rs` of this room needs the large tool, so it is compiled only
//! where the feature `wasm` is on, and this file starts the task again with it.

#[cfg(feature = "wasm")]
mod build;
mod checks;
#[cfg(feature = "wasm")]
mod order;

pub(crate) use checks::{bench, checks, missing};

use crate::process::{Done, target_dir};
use std::path::PathBuf;

/// Builds everything.
pub(crate) fn run() -> Done {
    again(&["wasm"])
}

/// Builds the module once for each set of optional parts, and says how large it is.
pub(crate) fn parts() -> Done {
    again(&["wasm", "parts"])
}

#[cfg(not(feature = "wasm"))]
fn again(task: &[&str]) -> Done {
    if let Some(missing) = missing() {
        return Err(missing);
    }
    println!("Building the task (the first time this takes some minutes) ...");
    let mut command =
        crate::process::cargo(&["run", "--quiet", "--package", "xtask", "--features", "wasm", "--"]);
    command.args(task);
    crate::process::run(command)
}

#[cfg(feature = "wasm")]
fn again(task: &[&str]) -> Done {
    if task.len() == 1 { build::run() } else { build::parts() }
}

/// The built package.
fn package() -> PathBuf {
    target_dir().join("npm/tagwarden")
}

/// The built page.
fn page() -> PathBuf {
    target_dir().join("npm/playground")
}
