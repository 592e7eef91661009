//! Generated rulebooks with streams of inputs for them, and how they are made smaller when something fails.
//!
//! A case is drawn from a seed: the generator knows what may stand where, so that most rulebooks compile. What fails is made
//! smaller on the tree of its text, with the compiler as the judge of what still makes sense.

#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test uses a part")]

pub mod commands;
pub mod dice;
pub mod exprs;
pub mod node;
pub mod rules;
pub mod run;
pub mod schema;
pub mod stream;

use dice::Dice;
use node::{Cut, Node, Part, Sort, node};
use proptest::prelude::Rng;
use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use stream::{Given, What};
use tagwarden::Value;

/// A rulebook and inputs for it.
#[derive(Clone)]
pub struct Case {
    pub seed: u64,
    pub book: Node,
    pub given: Vec<Given>,
}

impl Case {
    pub fn from_seed(seed: u64) -> Case {
        let mut dice = Dice::new(seed);
        let (own, start, date) = *dice.pick(stream::STARTS);
        let zone = if dice.chance(80) {
            own
        } else {
            dice.word(&["UTC", "Europe/Berlin", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe"])
        };
        let times = stream::times(date);
        let mut parts = vec![Part::Maybe(node!(Item: format!("timezone \"{zone}\"\n")))];
        parts.extend(schema::declarations(&mut dice));
        parts.extend(rules::rules(&mut dice, &times));
        let given = stream::stream(&mut dice, zone, start);
        Case { seed, book: Node { sort: Sort::Rulebook, parts }, given }
    }

    pub fn text(&self) -> String {
        self.book.render()
    }
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "seed {:#x}\n{}", self.seed, self.text())?;
        self.given.iter().try_for_each(|input| writeln!(f, "{}", input.line()))
    }
}

/// Draws cases.
#[derive(Clone, Copy, Debug)]
pub struct Cases;

impl Strategy for Cases {
    type Tree = CaseTree;
    type Value = Case;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        Ok(CaseTree::new(Case::from_seed(runner.rng().next_u64())))
    }
}

#[derive(Clone, Debug)]
enum Edit {
    Inputs(usize, usize),
    Book(Cut),
    /// Takes all from an input on to this much after the one before it.
    Gap(usize, i64),
    Plain(usize),
    Key(usize),
}

/// The smallest failing case so far, and the next way to make it smaller.
pub struct CaseTree {
    best: Case,
    trying: Option<Case>,
    edits: Option<Vec<Edit>>,
    at: usize,
    since: usize,
}

impl CaseTree {
    fn new(best: Case) -> CaseTree {
        CaseTree { best, trying: None, edits: None, at: 0, since: 0 }
    }

    fn next(&mut self) -> bool {
        let edits = self.edits.get_or_insert_with(|| edits(&self.best));
        while self.since < edits.len() {
            let edit = &edits[self.at % edits.len()];
            self.at += 1;
            self.since += 1;
            if let Some(trying) = apply(&self.best, edit) {
                self.trying = Some(trying);
                return true;
            }
        }
        self.trying = None;
        false
    }
}

impl ValueTree for CaseTree {
    type Value = Case;

    fn current(&self) -> Case {
        self.trying.as_ref().unwrap_or(&self.best).clone()
    }

    fn simplify(&mut self) -> bool {
        if let Some(smaller) = self.trying.take() {
            self.best = smaller;
            self.edits = None;
            self.since = 0;
            self.at = self.at.saturating_sub(1);
        }
        self.next()
    }

    fn complicate(&mut self) -> bool {
        self.trying = None;
        self.next()
    }
}

fn edits(case: &Case) -> Vec<Edit> {
    let mut edits = Vec::new();
    let count = case.given.len();
    let mut size = count;
    while size > 0 {
        edits.extend(
            (0..count).rev().step_by(size).map(|end| Edit::Inputs((end + 1).saturating_sub(size), end + 1)),
        );
        size /= 2;
    }
    edits.extend(case.book.cuts().into_iter().map(Edit::Book));
    for at in 0..count {
        edits.extend([0, 3_600_000_000, 86_400_000_000].map(|gap| Edit::Gap(at, gap)));
        edits.extend([Edit::Key(at), Edit::Plain(at)]);
    }
    edits
}

fn apply(case: &Case, edit: &Edit) -> Option<Case> {
    let mut case = case.clone();
    match edit {
        Edit::Inputs(from, to) => {
            (*to <= case.given.len() && case.given.len() > to - from).then_some(())?;
            case.given.drain(from..to);
        }
        Edit::Book(cut) => case.book = case.book.cut(cut)?,
        Edit::Gap(at, gap) => {
            let before = case.given.get(at.checked_sub(1)?)?.time;
            let by = case.given.get(*at)?.time - before - gap;
            (by > 0).then_some(())?;
            case.given[*at..].iter_mut().for_each(|input| input.time -= by);
        }
        Edit::Plain(at) => {
            let What::Event { fields, .. } = &mut case.given.get_mut(*at)?.what else { return None };
            let mut changed = false;
            for (_, value) in fields {
                let plain = match value {
                    Value::Number(_) => Value::Number("1".parse().ok()?),
                    Value::Text(_) => Value::from("x"),
                    _ => continue,
                };
                changed |= *value != plain;
                *value = plain;
            }
            changed.then_some(())?;
        }
        Edit::Key(at) => {
            let keys = match &mut case.given.get_mut(*at)?.what {
                What::Event { keys, .. } => keys,
                What::Command { subject, actor, role, .. } => {
                    let before = (*actor, *role);
                    (*actor, *role) = ("u1", None);
                    let plain = if subject.0 == "staff" { "s1" } else { "c1" };
                    (subject.1 != plain || before != (*actor, *role)).then_some(())?;
                    subject.1 = plain;
                    return Some(case);
                }
                What::Tick => return None,
            };
            let plain = |entity: &str| if entity == "staff" { "s1" } else { "c1" };
            keys.iter().any(|(entity, key)| *key != plain(entity)).then_some(())?;
            keys.iter_mut().for_each(|(entity, key)| *key = plain(entity));
        }
    }
    Some(case)
}
