//! Every code has a page in the guide whose first rulebook shows it, and whose second one is repaired.

use crate::{Code, CompileError, Diagnostic, Limits, Rulebook};

/// The limits that the pages about limits speak of.
fn limits(code: Code) -> Limits {
    let limits = Limits::default();
    match code.as_str() {
        "E0901" => Limits { source_bytes: 165, ..limits },
        "E0904" => Limits { rules: 2, ..limits },
        _ => limits,
    }
}

fn examples(page: &str) -> Vec<&str> {
    page.split("```tagwarden\n").skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

fn diagnose(text: &str, limits: Limits) -> (Vec<Diagnostic>, bool) {
    let resolver = |name: &str| (name == "abuse.txt").then(|| "scam\n".to_owned());
    match Rulebook::compiler().source("page.tw", text).resolver(resolver).limits(limits).compile() {
        Ok(rulebook) => (rulebook.warnings().to_vec(), true),
        Err(CompileError { diagnostics, .. }) => (diagnostics, false),
    }
}

#[test]
fn every_page_shows_its_mistake_and_repairs_it() {
    let mut wrong = Vec::new();
    for code in Code::ALL.iter().copied() {
        let page = code.page();
        if !page.starts_with(&format!("# {code}: {}\n", code.title())) {
            wrong.push(format!("{code}: the page does not begin with its code and title"));
        }
        let [broken, repaired] = examples(page)[..] else {
            wrong.push(format!("{code}: the page has {} rulebooks, not 2", examples(page).len()));
            continue;
        };
        let (found, _) = diagnose(broken, limits(code));
        if found.is_empty() || found.iter().any(|diagnostic| diagnostic.code != code) {
            wrong.push(format!("{code}: the first rulebook shows {found:#?}"));
        }
        for diagnostic in &found {
            if diagnostic.help.is_none() && diagnostic.primary.text.is_empty() {
                wrong.push(format!("{code}: neither a label nor help"));
            }
        }
        let (found, compiles) = diagnose(repaired, limits(code));
        if !compiles || !found.is_empty() {
            wrong.push(format!("{code}: the second rulebook shows {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
