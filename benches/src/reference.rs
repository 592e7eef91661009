//! The answers to W1 and W2, found slowly by sorting, from the facts alone.

use crate::stream::Fact;
use crate::texts::Texts;
use std::collections::{HashMap, HashSet};

const HOUR: i64 = 3_600_000;

/// What a condition adds up, and over how long.
struct Condition {
    millis: i64,
    limit: u64,
    adds: fn(&Fact) -> u64,
}

const fn condition(hours: i64, limit: u64, adds: fn(&Fact) -> u64) -> Condition {
    Condition { millis: hours * HOUR, limit, adds }
}

fn one_if(truth: bool) -> u64 {
    u64::from(truth)
}

/// The conditions of W2, in their order; amounts in quarters.
const CONDITIONS: [Condition; 10] =
    [
        condition(24, 50, |fact| one_if(fact.kind == 0)),
        condition(1, 10, |fact| one_if(fact.kind == 0 && fact.channel == 0)),
        condition(720, 500 * 4, |fact| if fact.kind == 3 { u64::from(fact.quarters) } else { 0 }),
        condition(720, 2, |fact| one_if(fact.kind == 3)),
        condition(720, 5000 * 4, |fact| if fact.kind == 2 { u64::from(fact.quarters) } else { 0 }),
        condition(24, 5, |fact| one_if(fact.kind == 2)),
        condition(720, 1, |fact| one_if(fact.kind == 4)),
        condition(1, 5, |fact| one_if(fact.kind == 1)),
        condition(24, 2000 * 4, |fact| {
            if fact.kind == 2 && fact.channel == 1 { u64::from(fact.quarters) } else { 0 }
        }),
        condition(1, 20, |_| 1),
    ];

/// What W2 comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// At how many events each condition is true.
    pub level: [u64; 10],
    /// How often each condition turns true or false at an event, or by time alone up to the last event.
    pub turns: [u64; 10],
    /// At how many messages the first condition is true, which is W1.
    pub messages: u64,
}

/// The answers to W1 and W2 over facts in order of time.
#[must_use]
pub fn answers(facts: &[Fact]) -> Answers {
    let mut customers: HashMap<u32, Vec<&Fact>> = HashMap::new();
    for fact in facts {
        customers.entry(fact.customer).or_default().push(fact);
    }
    let last = facts.last().map_or(0, |fact| fact.millis);
    let mut answers = Answers::default();
    for own in customers.values() {
        for (at, condition) in CONDITIONS.iter().enumerate() {
            // What enters and leaves, by time. At one time all of it happens at once.
            let mut steps: Vec<(i64, i64, Option<u8>)> = Vec::with_capacity(own.len() * 2);
            for fact in own {
                let adds = (condition.adds)(fact) as i64;
                steps.push((fact.millis, adds, Some(fact.kind)));
                if adds != 0 && fact.millis + condition.millis <= last {
                    steps.push((fact.millis + condition.millis, -adds, None));
                }
            }
            steps.sort_unstable_by_key(|step| step.0);
            let (mut sum, mut held) = (0, false);
            for together in steps.chunk_by(|left, right| left.0 == right.0) {
                sum += together.iter().map(|step| step.1).sum::<i64>();
                let holds = sum > condition.limit as i64;
                answers.turns[at] += u64::from(holds != held);
                held = holds;
                for kind in together.iter().filter_map(|step| step.2) {
                    answers.level[at] += u64::from(holds);
                    answers.messages += u64::from(holds && at == 0 && kind == 0);
                }
            }
        }
    }
    answers
}

/// The answers to W3: in how many texts a keyword stands, and how many hits there are, overlapping ones counted each.
#[must_use]
pub fn keyword_answers(texts: &Texts, facts: &[Fact]) -> (u64, u64) {
    let keywords: HashSet<&[u8]> = texts.keywords().iter().map(|keyword| keyword.as_bytes()).collect();
    let mut lengths: Vec<usize> = keywords.iter().map(|keyword| keyword.len()).collect();
    lengths.sort_unstable();
    lengths.dedup();
    // Few keywords begin with the same four bytes, so most places of a text need one look.
    let heads: HashSet<&[u8]> = keywords.iter().map(|keyword| &keyword[..4]).collect();
    let (mut with_hit, mut hits) = (0, 0);
    for (at, fact) in (0u64..).zip(facts) {
        let text = texts.text(at, fact.kind);
        let mut own = 0;
        for start in 0..text.len() {
            let rest = &text.as_bytes()[start..];
            if rest.get(..4).is_some_and(|head| heads.contains(head)) {
                let there = |length: &usize| rest.get(..*length).is_some_and(|part| keywords.contains(part));
                own += lengths.iter().filter(|length| there(length)).count() as u64;
            }
        }
        with_hit += u64::from(own > 0);
        hits += own;
    }
    (with_hit, hits)
}
