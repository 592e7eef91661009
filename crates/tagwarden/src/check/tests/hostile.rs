//! Nothing that a rulebook holds makes the checker panic, hang or grow without bound.

use super::{GLANCE, diagnose};
use crate::{Limits, Rulebook};

const SHOP: &str = "entity c\nevent e(c) { a: number, t: string, b: bool }\nscore s\n";

fn rule(condition: &str) -> String {
    format!("{SHOP}rule r {{ when {condition} then tag x }}")
}

#[test]
fn as_deep_as_the_parser_lets_through() {
    let limits = Limits::default();
    let (operators, brackets) = (limits.operators, limits.nesting);
    for (unit, last) in
        [("1 + ", "1 > 0"), ("true and ", "true"), ("true or ", "true"), ("not ", "true"), ("s ?? ", "1 > 0")]
    {
        for count in [operators / 2, operators - 2] {
            let text = rule(&format!("{}{last}", unit.repeat(count)));
            assert!(
                diagnose(&text).0.iter().all(|found| !found.code.as_str().starts_with("E09")),
                "{unit} {count}"
            );
        }
    }
    let nested = |open: &str, middle: &str, close: &str| {
        let depth = brackets - 4;
        rule(&format!("{}{middle}{}", open.repeat(depth), close.repeat(depth)))
    };
    diagnose(&nested("(1 + ", "1", ")"));
    diagnose(&nested("abs(", "1", ")"));
    diagnose(&nested("count(e where ", "true", ")"));
    diagnose(&nested("count(e where a > ", "1", ")"));
    diagnose(&nested("(e after ", "e", " within 1d)"));
}

#[test]
fn long_texts_in_deep_brackets_do_not_add_up() {
    let long = "x".repeat(200_000);
    let text = rule(&format!("{}\"{long}\" == \"y\"", "not ".repeat(200)));
    let limits = Limits { source_bytes: 400_000, ..Limits::default() };
    let error = Rulebook::compiler().source("long.tw", text).limits(limits).compile().unwrap_err();
    assert!(error.diagnostics.iter().any(|found| found.code.as_str() == "E0903"));
}

#[test]
fn many_rules_take_time_in_proportion() {
    let mut text = String::from(SHOP);
    for at in 0..2_000 {
        text += &format!(
            "rule w{at} {{ on e where a > {at} then tag x }}\nrule r{at} {{ when tagged x then notify n{at} }}\n"
        );
    }
    let rulebook = Rulebook::compile(&text).unwrap();
    assert_eq!(rulebook.plan().tree.rules.len(), 4_000);
}

#[test]
fn many_mistakes_take_time_in_proportion() {
    let mut text = String::from(SHOP);
    for at in 0..5_000 {
        text += &format!(
            "score score{at}\nrule r{at} {{ when tagged t{at} and scor{at} > 1 then add to lst{at} }}\n"
        );
    }
    let (found, _) = diagnose(&text);
    assert!((100..1_000).contains(&found.len()));
}

#[test]
fn a_long_circle_is_told_in_short() {
    let mut text = String::from(SHOP);
    for at in 0..2_000 {
        text +=
            &format!("rule r{at} {{ when tagged t{at} and count(e) > 1 then tag t{} }}\n", (at + 1) % 2_000);
    }
    let (found, _) = diagnose(&text);
    assert_eq!(found.len(), 1);
    assert!(found[0].message.contains("and 1992 more"), "{}", found[0].message);
    assert!(found[0].secondary.len() <= 16);
}

#[test]
fn entities_are_carried_along_long_chains() {
    let mut text = format!("entity d\n{SHOP}rule r0 {{ on e then tag t0 }}\n");
    for at in 1..3_000 {
        text += &format!("rule r{at} {{ when tagged t{} then tag t{at} }}\n", at - 1);
    }
    let rulebook = Rulebook::compile(&text).unwrap();
    assert!(rulebook.plan().tree.rules.iter().all(|rule| rule.entity.0 == 1));
}

/// Cuts, doubles and swaps pieces of good rulebooks, always in the same way, and draws what comes out.
#[test]
fn mutilated_rulebooks_are_diagnosed_and_drawn() {
    let golden = [
        GLANCE,
        include_str!("golden/names.tw"),
        include_str!("golden/types.tw"),
        include_str!("golden/rules.tw"),
        include_str!("golden/warnings.tw"),
    ];
    let mut seed = 0x2545_F491_4F6C_DD1D_u64;
    let mut random = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % below.max(1) as u64) as usize
    };
    for round in 0..400 {
        let mut words: Vec<&str> =
            golden[round % golden.len()].split_inclusive([' ', '\n', '(', ')', '.']).collect();
        for _ in 0..=random(4) {
            let (at, other) = (random(words.len()), random(words.len()));
            match random(4) {
                0 => drop(words.remove(at)),
                1 => words.insert(at, words[other]),
                2 => words.swap(at, other),
                _ => words.truncate(words.len() - random(20)),
            }
        }
        let text: String = words.concat();
        let (diagnostics, sources) = diagnose(&text);
        for found in &diagnostics {
            assert!(!found.line(&sources).is_empty());
            assert!(found.primary.span.end as usize <= text.len() + 1000);
            serde_json::to_string(&found.record(&sources)).unwrap();
            #[cfg(feature = "render")]
            assert!(found.render(&sources).contains(found.code.as_str()));
        }
    }
}
