//! The whole language, mistakes, and hostile texts.

use super::*;

mod hostile;
mod trees;

pub(super) const GLANCE: &str = include_str!("tests/glance.tw");

pub(super) fn parsed(text: &str) -> (ast::File, Vec<Diagnostic>) {
    parse(0, &Source::new("test.tw", text), &Limits::default())
}

pub(super) fn good(text: &str) -> ast::File {
    let (file, errors) = parsed(text);
    assert!(errors.is_empty(), "{text}\n{errors:#?}");
    file
}

#[test]
fn reads_the_rulebook_at_a_glance() {
    let file = good(GLANCE);
    assert_eq!(file.items.len(), 30);
}

/// A tree without its places.
pub(super) fn shape(tree: &impl std::fmt::Debug) -> String {
    let spans = regex::Regex::new(r"Span \{[^}]*\}").unwrap();
    spans.replace_all(&format!("{tree:?}"), "_").into_owned()
}

/// Rules of every construct, each as it is printed.
const CANONICAL: &str = include_str!("tests/canonical.tw");

#[test]
fn prints_what_it_reads() {
    for text in [GLANCE, CANONICAL] {
        for item in good(text).items {
            let ast::ItemKind::Rule(rule) = item.kind else { continue };
            let printed = print_rule(&rule);
            let again = good(&printed);
            let [ast::Item { kind: ast::ItemKind::Rule(again), .. }] = &*again.items else {
                panic!("{printed}")
            };
            assert_eq!(shape(&rule), shape(again), "{printed}");
        }
    }
}

#[test]
fn prints_the_canonical_form() {
    let source = Source::new("canonical.tw", CANONICAL);
    for item in good(CANONICAL).items {
        let ast::ItemKind::Rule(rule) = item.kind else { panic!() };
        assert_eq!(print_rule(&rule), source.text[item.span.range()]);
    }
}

pub(super) fn formatted(text: &str) -> String {
    format(&Source::new("test.tw", text), &Limits::default())
        .unwrap_or_else(|errors| panic!("{text}\n{errors:#?}"))
}

/// The comments of a text, in order.
fn comments(text: &str) -> Vec<&str> {
    let tokens = scan::scan(text).tokens;
    tokens
        .into_iter()
        .filter(|token| token.kind == Kind::Comment)
        .map(|token| token.text(text).trim_end())
        .collect()
}

/// Formatting keeps the meaning and the comments, and formatting again changes nothing.
pub(super) fn assert_formats(text: &str) -> String {
    let once = formatted(text);
    assert_eq!(once, formatted(&once), "{text}");
    assert_eq!(shape(&good(text)), shape(&good(&once)), "{text}\n{once}");
    assert_eq!(comments(text), comments(&once), "{text}\n{once}");
    once
}

#[test]
fn formats_in_one_style() {
    assert_eq!(assert_formats(include_str!("tests/untidy.tw")), include_str!("tests/tidy.tw"));
    assert_eq!(assert_formats(CANONICAL), CANONICAL);
    assert_formats(GLANCE);
    // With every line end taken for a comment, and with no line ends at all.
    for text in [GLANCE, CANONICAL, include_str!("tests/untidy.tw")] {
        assert_formats(&text.lines().map(|line| format!("{line} // c\n")).collect::<String>());
        assert_formats(&text.lines().map(|line| format!("{line}\n\n\n// c\n\n")).collect::<String>());
        let tokens = scan::scan(text).tokens;
        let words: Vec<&str> =
            tokens.iter().filter(|token| token.kind != Kind::Comment).map(|token| token.text(text)).collect();
        assert_formats(&words.join(" "));
        assert_formats(&words.join(" // c\n"));
        assert_formats(&words.join("\n // c\n"));
    }
}
/// Mistakes, each on a line, and behind each the messages: code, what is wrong, `@` where, what to do.
/// To accept what has changed, run with `TAGWARDEN_BLESS=1` and read the difference.
const MISTAKES: &str = include_str!("tests/mistakes.txt");

#[test]
fn says_what_is_wrong_in_the_words_of_the_user() {
    let mut said = String::new();
    for line in MISTAKES.lines().filter(|line| !line.starts_with("    ")) {
        said.push_str(line);
        said.push('\n');
        let (_, errors) = parsed(line);
        for error in errors {
            let place = &line[error.primary.span.range()];
            said.push_str(&format!("    {} {} @ {place}\n", error.code, error.message));
            if let Some(help) = error.help {
                said.push_str(&format!("    = {help}\n"));
            }
        }
    }
    if std::env::var_os("TAGWARDEN_BLESS").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/syntax/tests/mistakes.txt"), &said).unwrap();
    } else {
        assert_eq!(said, MISTAKES);
    }
}

#[test]
fn reports_every_broken_item_and_returns_the_good_ones() {
    let text = "rule a { when then tag t }\ntag vip\nrule b { when x thn tag t }\nrul c { when x then tag t }\n\
                rule d { when x then tag \"t }\nrule e { when (x then tag t }\nentity customer\nrule f {\n  when x\n\
                rule g { when x then tag t }\n}\nlist black";
    let (file, errors) = parsed(text);
    let codes: Vec<&str> = errors.iter().map(|error| error.code.as_str()).collect();
    assert_eq!(codes, ["E0001", "E0001", "E0002", "E0003", "E0004", "E0004", "E0005"]);
    let kept: Vec<&str> = file.items.iter().map(|item| &text[item.span.range()]).collect();
    assert_eq!(kept, ["tag vip", "entity customer", "rule g { when x then tag t }", "list black"]);
}

#[test]
fn names_may_be_almost_any_word() {
    for word in words::ITEMS
        .iter()
        .chain(words::ACTIONS)
        .chain(&["day", "level", "count", "time", "at", "expect", "private"])
    {
        good(&format!(
            "entity {word} event {word}({word}) {{ {word}: number }} tag {word} list {word} score {word} rule {word} \
             {{ on {word} where {word} > 1 when {word}.{word} == count({word}) and in {word} then tag {word} }} \
             tags {word}: {word} < {word} role {word} may list {word}, view exempt from tag {word} when {word}"
        ));
    }
    for word in words::RESERVED {
        assert!(!parsed(&format!("tag {word}")).1.is_empty(), "{word}");
        good(&format!(
            "tag \"{word}\" event e(c) {{ {word}: number }} rule r {{ when e.{word} > 1 then tag t }}"
        ));
    }
    for list in [words::ITEMS, words::RESERVED] {
        assert!(list.is_sorted());
    }
}

#[test]
fn a_last_comma_may_have_nothing_behind_it() {
    // The items that each text consists of.
    for items in [
        &["tags g: a, b,", "tag vip", "rule r { on e then tag a }"][..],
        &["tags g: a, b,", "event order(customer)", "strict tags", "tags h: c, d,", "use \"x.tw\""],
        &["tags g: low < high,", "shadow rule r { on e then tag a }"],
        &["tags g: a,", "exempt from tag a when b > 1", "tags h: a,", "approve for l when b > 1"],
        &["tags g: a, tag, list, use, test, strict", "tag vip"],
        &["tags g: a, tag", "list blocked { level 1 }"],
        &["role m may view,", "rule r { on e then tag a }", "role n may tag,", "entity customer"],
        &["role m may view, list blocked,", "list blocked { level 1 }", "role n may view, tag", "tag vip"],
        &["role m may view, tag, list a, list b", "list a"],
        &["role m may view, approve, exempt", "approve for a when b > 1"],
        &[
            "role m may view,",
            "exempt from a when b > 1",
            "role n may tag, exempt,",
            "approve for a when b > 1",
        ],
        &["event e(a, b,)", "role m may view,", "score s", "role n may view,", "test t { }"],
    ] {
        for between in [" ", "\n", "\n  "] {
            let text = items.join(between);
            let file = good(&text);
            let found: Vec<&str> = file.items.iter().map(|item| &text[item.span.range()]).collect();
            assert_eq!(found, items, "{text}");
            assert_formats(&text);
        }
    }
    let text = "role m may view,\ntag vip\nrole n may view,\n  tag";
    assert_eq!(good(text).items.len(), 3);
}

#[test]
fn what_only_begins_like_a_time_is_none() {
    for literal in ["0001-01-010s", "2026-01-01x", "2026-01-01T09:00+08:00x", "2026-01-01九"] {
        let text = format!("rule r {{ when x > {literal} then tag t }}");
        if let Ok(once) = crate::format(&text) {
            assert_eq!(once, formatted(&once), "{text}");
        }
    }
}

#[test]
fn spans_are_those_of_the_source() {
    let text = "// 流失\nrule 流失 { when risk >= 80 // so\n and (a or b) because \"n {x} \\\"{a == \\\"b\\\"}\" then tag t }";
    let file = good(text);
    let ast::ItemKind::Rule(rule) = &file.items[0].kind else { panic!() };
    assert_eq!(&text[rule.name.span.range()], "流失");
    let ast::ClauseKind::When(condition) = &rule.clauses[0].kind else { panic!() };
    assert_eq!(&text[condition.span.range()], "risk >= 80 // so\n and (a or b)");
    let ast::ExprKind::And(left, right) = &condition.kind else { panic!() };
    assert_eq!(&text[left.span.range()], "risk >= 80");
    assert_eq!(&text[right.span.range()], "(a or b)");
    let ast::ClauseKind::Because(template) = &rule.clauses[1].kind else { panic!() };
    let places: Vec<&str> = template
        .parts
        .iter()
        .filter_map(|part| match part {
            ast::TemplatePart::Expr(expr) => Some(&text[expr.span.range()]),
            ast::TemplatePart::Text(_) => None,
        })
        .collect();
    assert_eq!(places, ["x", "a == \\\"b\\\""]);
    assert_eq!(
        print_expr_as_written(
            &good_expr("count(a) over 24h > 1.50"),
            "rule r { when count(a) over 24h > 1.50 then tag t }"
        ),
        "count(a) over 24h > 1.50"
    );
}

fn good_expr(text: &str) -> ast::Expr {
    let file = good(&format!("rule r {{ when {text} then tag t }}"));
    match file.items.into_iter().next().map(|item| item.kind) {
        Some(ast::ItemKind::Rule(rule)) => match rule.clauses.into_iter().next().map(|clause| clause.kind) {
            Some(ast::ClauseKind::When(condition)) => condition,
            _ => panic!("{text}"),
        },
        _ => panic!("{text}"),
    }
}

#[test]
fn literals_are_read_exactly() {
    for (text, printed) in [
        ("1h30m > 90m", "1h30m > 1h30m"),
        ("3mo == 1y6mo", "3mo == 1y6mo"),
        ("2w > 0.5s", "14d > 0.5s"),
        ("1.5h > 1", "1h30m > 1"),
        ("123456789012.345678 > 0.10", "123456789012.345678 > 0.1"),
        ("a == \"\\u{4E00}\\t\"", "a == \"一\\t\""),
        ("sum(order.amount or refund.amount) > 1", "sum((order or refund).amount) > 1"),
        ("sum((order or refund).amount where a) > 1", "sum((order or refund).amount where a) > 1"),
        ("a after b", ""),
        ("x exists and exists y", "exists x and exists y"),
        ("((a))", "a"),
        ("a after", ""),
    ] {
        if printed.is_empty() {
            assert!(!parsed(&format!("rule r {{ when {text} then tag t }}")).1.is_empty());
        } else {
            assert_eq!(print_expr(&good_expr(text)), printed);
        }
    }
}

#[test]
fn pages_show_the_mistake_and_its_repair() {
    // The page about `source_bytes` speaks of a lower limit; the test of all pages sets it.
    for code in
        Code::ALL.iter().filter(|code| code.as_str() < "E0100" || ("E0902".."E0904").contains(&code.as_str()))
    {
        let page = code.page();
        assert!(page.starts_with(&format!("# {code}: {}\n", code.title())), "{code}");
        let mut blocks = page.split("```tagwarden\n").skip(1).filter_map(|rest| rest.split("```").next());
        let (Some(broken), Some(repaired)) = (blocks.next(), blocks.next()) else {
            panic!("{code} shows less than two rulebooks");
        };
        let errors = crate::Rulebook::compile(broken).map(|_| ()).unwrap_err().diagnostics;
        assert!(errors.iter().any(|error| error.code == *code), "{code} {errors:#?}");
        if let Err(error) = crate::Rulebook::compile(repaired) {
            panic!("{code} {:#?}", error.diagnostics);
        }
    }
}

#[test]
fn every_sample_rulebook_formats() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut folders = vec![root.join("examples"), root.join("tests")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "tw") {
                let text = std::fs::read_to_string(&path).unwrap();
                if parsed(&text).1.is_empty() {
                    assert_formats(&text);
                }
            }
        }
    }
}
