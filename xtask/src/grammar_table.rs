//! `cargo xtask grammar-table`: makes `crates/tagwarden/src/syntax/lower/grammar_table.rs`, the grammar as data for the
//! browser, or checks that it is what it would make.
//!
//! `pest_derive` makes functions of the grammar, 300 kB of them. The table is made from what it makes them from.

use crate::process::Done;

/// Without pest's reader of grammars there is nothing to make the table with: start again with it.
#[cfg(not(feature = "tables"))]
pub(crate) fn run(check: bool) -> Done {
    use crate::process;
    let mut command = process::cargo(&["run", "--quiet", "--package", "xtask", "--features", "tables", "--"]);
    command.arg("grammar-table").args(check.then_some("--check"));
    process::run(command)
}

#[cfg(feature = "tables")]
pub(crate) fn run(check: bool) -> Done {
    let folder = crate::process::root().join("crates/tagwarden/src/syntax");
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let grammar = std::fs::read_to_string(folder.join("grammar.pest")).map_err(failed)?;
    let table = make::table(&grammar)?;
    let path = folder.join("lower/grammar_table.rs");
    if !check {
        return std::fs::write(&path, table).map_err(failed);
    }
    if std::fs::read_to_string(&path).ok().as_ref() != Some(&table) {
        return Err(format!("{} is not what `cargo xtask grammar-table` makes", path.display()));
    }
    Ok(())
}

#[cfg(feature = "tables")]
mod make {
    use pest_meta::ast::RuleType;
    use pest_meta::optimizer::{OptimizedExpr as Expr, optimize};
    use pest_meta::parser::{Rule, consume_rules, parse};
    use std::fmt::Write;

    /// What pest knows without a rule, and the grammar uses.
    const BUILT_IN: [&str; 8] = [
        "ANY",
        "SOI",
        "EOI",
        "ASCII_DIGIT",
        "ASCII_ALPHANUMERIC",
        "WHITE_SPACE",
        "XID_START",
        "XID_CONTINUE",
    ];

    #[derive(Default)]
    struct Table {
        names: Vec<String>,
        strings: Vec<String>,
        nodes: Vec<String>,
    }

    pub(super) fn table(grammar: &str) -> Result<String, String> {
        let pairs = parse(Rule::grammar_rules, grammar).map_err(|error| error.to_string())?;
        let rules = consume_rules(pairs)
            .map_err(|errors| errors.iter().map(ToString::to_string).collect::<String>())?;
        let rules = optimize(rules);
        let mut table =
            Table { names: rules.iter().map(|rule| rule.name.clone()).collect(), ..Table::default() };
        let mut lines = String::new();
        for rule in &rules {
            let kind = match (rule.name.as_str(), rule.ty) {
                ("WHITESPACE" | "COMMENT", RuleType::Silent) => "Space",
                (_, RuleType::Normal) => "Normal",
                (_, RuleType::Silent) => "Silent",
                (_, RuleType::Atomic) => "Atomic",
                (_, RuleType::CompoundAtomic) => "Compound",
                (name, _) => return Err(format!("the table knows no rule like {name}")),
            };
            let node = table.node(&rule.expr)?;
            let _ = writeln!(lines, "    ({kind}, Rule::{}, {node}),", rule.name);
        }
        let mut out = String::from(
            "//! The grammar as data, made by `cargo xtask grammar-table`: `table.rs` says how it is read.\n\n\
             use super::parser::Rule;\nuse super::table::Kind::{self, *};\nuse super::table::Node::{self, *};\n\n",
        );
        // FNV-1a, line ends aside: a test tells by it that the grammar has changed and the table has not.
        let bytes = grammar.bytes().filter(|byte| *byte != b'\r');
        let hash = bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let _ = writeln!(
            out,
            "/// The hash of the grammar.\n#[cfg(test)]\npub(super) const MADE_OF: u64 = {hash:#x};\n"
        );
        let _ =
            writeln!(out, "#[rustfmt::skip]\npub(super) static STRINGS: [&str; {}] = [", table.strings.len());
        wrap(&mut out, table.strings.iter().map(|string| format!("{string:?}")));
        let _ = writeln!(out, "];\n\n/// In the order of the grammar.\n#[rustfmt::skip]");
        let _ =
            writeln!(out, "pub(super) static RULES: [(Kind, Rule, Node); {}] = [\n{lines}];\n", rules.len());
        let _ = writeln!(out, "#[rustfmt::skip]\npub(super) static NODES: [Node; {}] = [", table.nodes.len());
        wrap(&mut out, table.nodes.into_iter());
        out.push_str("];\n");
        Ok(out)
    }

    /// Lines of as many as fit.
    fn wrap(out: &mut String, items: impl Iterator<Item = String>) {
        let mut line = String::from("   ");
        for item in items {
            if line.len() + item.len() + 2 > 110 {
                let _ = writeln!(out, "{line}");
                line = String::from("   ");
            }
            let _ = write!(line, " {item},");
        }
        let _ = writeln!(out, "{line}");
    }

    impl Table {
        fn string(&mut self, string: &str) -> usize {
            self.strings.iter().position(|own| own == string).unwrap_or_else(|| {
                self.strings.push(string.to_owned());
                self.strings.len() - 1
            })
        }

        fn child(&mut self, expr: &Expr) -> Result<usize, String> {
            let node = self.node(expr)?;
            Ok(self.place(vec![node]))
        }

        /// The place of nodes that stand side by side.
        fn place(&mut self, nodes: Vec<String>) -> usize {
            if let Some(at) = self.nodes.windows(nodes.len()).position(|own| own == nodes.as_slice()) {
                return at;
            }
            self.nodes.extend(nodes.iter().cloned());
            self.nodes.len() - nodes.len()
        }

        fn node(&mut self, expr: &Expr) -> Result<String, String> {
            let list = |mut expr: &Expr, seq: bool| {
                let mut parts = Vec::new();
                loop {
                    match expr {
                        Expr::Seq(head, tail) if seq => (parts.push((**head).clone()), expr = tail),
                        Expr::Choice(head, tail) if !seq => (parts.push((**head).clone()), expr = tail),
                        last => break parts.push(last.clone()),
                    };
                }
                parts
            };
            Ok(match expr {
                Expr::Str(string) => format!("Str({})", self.string(string)),
                Expr::Ident(name) => match self.names.iter().position(|own| own == name) {
                    Some(at) => format!("Call({at})"),
                    None if BUILT_IN.contains(&name.as_str()) => {
                        let known =
                            name.split('_').map(|part| format!("{}{}", &part[..1], part[1..].to_lowercase()));
                        known.collect()
                    }
                    None => return Err(format!("the table does not know {name}")),
                },
                Expr::Seq(..) | Expr::Choice(..) => {
                    let seq = matches!(expr, Expr::Seq(..));
                    let parts = list(expr, seq);
                    let nodes: Result<Vec<String>, String> =
                        parts.iter().map(|part| self.node(part)).collect();
                    let at = self.place(nodes?);
                    format!("{}({}, {at})", if seq { "Seq" } else { "Choice" }, parts.len())
                }
                Expr::Opt(expr) => format!("Opt({})", self.child(expr)?),
                Expr::Rep(expr) => format!("Rep({})", self.child(expr)?),
                Expr::PosPred(expr) => format!("Ahead({})", self.child(expr)?),
                Expr::NegPred(expr) => format!("Not({})", self.child(expr)?),
                other => return Err(format!("the table knows no {other:?}")),
            })
        }
    }
}
