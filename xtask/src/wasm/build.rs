//! The build itself.

use super::{order, package, page};
use crate::process::{Done, cargo, command, root, run as start, target_dir};
use std::fs;
use std::path::{Path, PathBuf};
use wasm_bindgen_cli_support::Bindgen;

const TARGET: &str = "wasm32-unknown-unknown";

/// The profile of the build that has to be fast.
const FAST: &str = "wasm";

/// It optimises for size, but calls of small functions would cost it about a sixth of its speed in Node: LLVM inlines what
/// costs less than this, instead of less than 50. `cargo xtask wasm bench` tells what another number does.
const INLINE: &str = "-Cllvm-args=-inline-threshold=200";

pub(super) fn run() -> Done {
    start(command("rustup", &["target", "add", TARGET]))
        .map_err(|error| format!("{error}; this task needs rustup for the target {TARGET}"))?;
    let home = root().join("bindings/wasm");
    let package = package();
    tools(&home)?;
    fs::create_dir_all(package.join("slim")).map_err(|error| format!("{}: {error}", package.display()))?;
    build(&package, FAST, &[])?;
    build(&package.join("slim"), "wasm-slim", &["--no-default-features"])?;
    copy(&home, &package)?;
    link(&home, &package)?;
    site(&home)
}

/// What npm brings, unless it is there already.
fn tools(home: &Path) -> Done {
    let written = |path: PathBuf| fs::metadata(path).and_then(|data| data.modified()).ok();
    let lock = written(home.join("package-lock.json"));
    if lock.is_some() && lock <= written(home.join("node_modules/.package-lock.json")) {
        return Ok(());
    }
    let mut install = command("npm", &["ci", "--silent", "--no-audit", "--no-fund"]);
    install.current_dir(home);
    start(install).map_err(|error| format!("{error}; this task needs Node 20 or newer with npm"))
}

/// The module and its JavaScript, into a folder.
fn build(out: &Path, profile: &str, features: &[&str]) -> Done {
    // The crate is a library for Rust too, which would keep the linker from optimising across crates.
    let mut arguments = vec![
        "rustc",
        "--quiet",
        "--crate-type",
        "cdylib",
        "--profile",
        profile,
        "--target",
        TARGET,
        "--package",
        "tagwarden-wasm",
        "--lib",
    ];
    arguments.extend(features);
    if profile == FAST {
        arguments.extend(["--", INLINE]);
    }
    start(cargo(&arguments))?;
    let module = target_dir().join(TARGET).join(profile).join("tagwarden_wasm.wasm");
    let failed = |error: &dyn std::fmt::Display| format!("wasm-bindgen: {error}");
    let work = target_dir().join("npm/work");
    let mut bindgen = Bindgen::new();
    bindgen.input_path(&module).out_name("glue").typescript(false);
    bindgen.remove_name_section(false).remove_producers_section(true);
    bindgen.web(true).map_err(|error| failed(&error))?;
    bindgen.omit_default_module_path(true).generate(&work).map_err(|error| failed(&error))?;
    fs::copy(work.join("glue.js"), out.join("glue.js")).map_err(|error| failed(&error))?;
    pack(&work.join("glue_bg.wasm"), &out.join("tagwarden.wasm"))
}

/// Makes a module smaller. What the first round uncovers the second takes; before that the functions are numbered so that a
/// compressor finds each beside its like.
fn pack(module: &Path, out: &Path) -> Done {
    shrink(module, out, &["--debuginfo"])?;
    let failed = |error: std::io::Error| format!("{}: {error}", out.display());
    let numbered = order::number(&fs::read(out).map_err(failed)?)?;
    fs::write(module, numbered).map_err(failed)?;
    shrink(module, out, &["--reorder-functions-by-name", "--strip-debug", "--strip-producers"])
}

/// What compilers inline they have inlined by then. The first 1,024 bytes are the far end of the stack: nothing is reached
/// there by a constant distance from a lower address, so such distances may go into the loads.
fn shrink(module: &Path, out: &Path, more: &[&str]) -> Done {
    let mut opt = command("node", &["bindings/wasm/node_modules/binaryen/bin/wasm-opt"]);
    opt.args(["--low-memory-unused", "--zero-filled-memory", "--skip-pass=inlining-optimizing", "-Oz"]);
    opt.args(more).arg(module).arg("--output").arg(out);
    opt.current_dir(root());
    start(opt)
}

/// The files written by hand.
fn copy(home: &Path, package: &Path) -> Done {
    let put = |from: PathBuf, to: PathBuf| {
        fs::copy(&from, &to).map(|_| ()).map_err(|error| format!("{}: {error}", from.display()))
    };
    for name in
        ["package.json", "node.js", "browser.js", "init.js", "init.d.ts", "api.js", "errors.js", "types.d.ts"]
    {
        put(home.join("npm").join(name), package.join(name))?;
    }
    for name in ["node.js", "browser.js", "init.js", "api.js", "errors.js"] {
        put(home.join("npm").join(name), package.join("slim").join(name))?;
    }
    put(home.join("README.md"), package.join("README.md"))?;
    for name in ["LICENSE-APACHE", "LICENSE-MIT"] {
        put(root().join(name), package.join(name))?;
    }
    Ok(())
}

/// Lets the page and the tests find the package by its name.
fn link(home: &Path, package: &Path) -> Done {
    let script = "const fs = require('fs'); for (const link of process.argv.slice(2)) { \
                  fs.rmSync(link, { force: true, recursive: true }); \
                  fs.mkdirSync(require('path').dirname(link), { recursive: true }); \
                  fs.symlinkSync(process.argv[1], link, 'junction'); }";
    let mut link = command("node", &["-e", script]);
    link.arg(package).arg(home.join("node_modules/tagwarden"));
    link.arg(target_dir().join("npm/node_modules/tagwarden"));
    start(link)
}

/// The page as static files.
fn site(home: &Path) -> Done {
    let mut vite = command("node", &["node_modules/vite/bin/vite.js", "build", "--logLevel", "warn"]);
    vite.arg("playground").arg("--outDir").arg(page()).arg("--emptyOutDir");
    vite.current_dir(home);
    start(vite)?;
    println!("the package: {}\nthe page: {}", package().display(), page().display());
    Ok(())
}

/// How large the module is with each of its optional parts alone.
pub(super) fn parts() -> Done {
    let out = target_dir().join("npm/parts");
    for part in ["", "zones", "regex", "lookalikes", "sound", "quick", "zones,regex,lookalikes,sound,quick"] {
        let folder = out.join(if part.is_empty() { "none" } else { part });
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        build(&folder, FAST, &["--no-default-features", "--features", part])?;
    }
    let mut size = command("node", &["bindings/wasm/tests/size.js", "--parts"]);
    size.arg(&out);
    start(size)
}
