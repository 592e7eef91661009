//! The project's own tasks: `cargo xtask demo | test | bench | wasm`.

mod bench;
mod demo;
mod fold_table;
mod grammar_table;
mod process;
mod python;
#[cfg(feature = "tables")]
mod tables;
mod test;
mod wasm;
mod zone_table;

use std::process::ExitCode;

const HELP: &str = "\
The project's tasks. They need Rust and nothing else, where it is not said otherwise.

  cargo xtask demo            write a year of a shop's events, run the sample rulebook over them, show what it decided
  cargo xtask test [--long]   everything that a change must pass
  cargo xtask python          build the Python package and install it into an environment of its own; needs Python 3.11 or newer
  cargo xtask python test [PYTEST ARGUMENTS]   its tests and type checks, which `cargo xtask test` includes
  cargo xtask python notebook                  run the notebook in examples/python again and keep what comes out
  cargo xtask bench           the ten-rule workload beside the hand-written limit
  cargo xtask bench rooms [FILTER]   each room alone
  cargo xtask bench peers [--jvm] [NAME]   beside what one would use instead; needs Python, Node and the package registries, and with --jvm a JDK
  cargo xtask bench scale [STAGE]    how the cost grows
  cargo xtask bench words [NAME]     keyword searches, beside bare automata and beside what one would use instead
  cargo xtask wasm            the npm package and the page to write rules in; needs rustup, and Node 20 with npm
  cargo xtask wasm bench      it beside the native engine, in Node and Chromium; `parts` tells what each part weighs
  cargo xtask fold-table [--check]
                              write, or check, the tables that keywords are folded with (needs npm for the OpenCC data)
  cargo xtask zone-table [--check]
                              the same of the time zones as a browser downloads them
  cargo xtask grammar-table [--check]
                              the same of the grammar
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (task, rest) = match arguments.split_first() {
        Some((task, rest)) => (task.as_str(), rest),
        None => ("help", &[][..]),
    };
    let done = match (task, rest) {
        ("demo", []) => demo::run(),
        ("test", []) => test::run(false),
        ("test", [flag]) if flag == "--long" => test::run(true),
        ("python", rest) => python::run(rest),
        ("bench", filters) => bench::run(filters),
        ("wasm", []) => wasm::run(),
        ("wasm", [what]) if what == "bench" => wasm::bench(),
        ("wasm", [what]) if what == "parts" => wasm::parts(),
        ("grammar-table", []) => grammar_table::run(false),
        ("grammar-table", [flag]) if flag == "--check" => grammar_table::run(true),
        ("zone-table", []) => zone_table::run(false),
        ("zone-table", [flag]) if flag == "--check" => zone_table::run(true),
        ("fold-table", []) => fold_table::run(false),
        ("fold-table", [flag]) if flag == "--check" => fold_table::run(true),
        ("help" | "--help" | "-h", _) => {
            print!("{HELP}");
            Ok(())
        }
        _ => {
            eprint!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}
