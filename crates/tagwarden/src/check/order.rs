//! In which order rules run: writers of a piece of state before its readers, otherwise as written.
//!
//! The graph has a node for each rule and one or two for each piece of state, so that many writers and many readers of
//! one tag make few edges.

use super::Checker;
use super::actions::added;
use super::guards::GuardReads;
use super::names::enumerate;
use super::rules::Ordered;
use super::state::Resource;
use super::tree::{Rule, Target, Trigger};
use crate::diagnostic::{Code, Diagnostic};
use crate::small::{BTreeMap, BTreeSet};
use crate::source::Span;

/// Rules of a circle that are told.
const MOST_SHOWN: usize = 8;

/// Who writes and reads one piece of state: rules by place in the text, each with the place where it does.
#[derive(Default)]
struct Access {
    writers: BTreeMap<usize, Span>,
    readers: BTreeMap<usize, Span>,
}

#[derive(Default)]
struct Graph {
    /// For each node, what comes after it.
    after: Vec<Vec<usize>>,
    /// For each node, what comes before it.
    before: Vec<Vec<usize>>,
    /// For each node behind the rules, its piece of state.
    resources: Vec<Resource>,
}

impl Graph {
    fn new(rules: usize) -> Graph {
        Graph { after: vec![Vec::new(); rules], before: vec![Vec::new(); rules], resources: Vec::new() }
    }

    fn node(&mut self, resource: Resource) -> usize {
        self.after.push(Vec::new());
        self.before.push(Vec::new());
        self.resources.push(resource);
        self.after.len() - 1
    }

    fn edge(&mut self, from: usize, to: usize) {
        if let (Some(after), Some(before)) = (self.after.get_mut(from), self.before.get_mut(to)) {
            after.push(to);
            before.push(from);
        }
    }
}

impl Checker<'_> {
    /// Puts the rules in order, or reports circles.
    pub(super) fn order(&mut self, rules: Vec<Ordered>, guards: &[GuardReads]) -> Vec<Rule> {
        let mut by_target: BTreeMap<Target, Vec<&(Resource, Span)>> = BTreeMap::new();
        for guard in guards {
            by_target.entry(guard.target).or_default().extend(&guard.reads);
        }
        let mut access: BTreeMap<Resource, Access> = BTreeMap::new();
        for (at, ordered) in rules.iter().enumerate() {
            let guarded: Vec<(Resource, Span)> = ordered
                .rule
                .actions
                .iter()
                .filter_map(added)
                .filter_map(|target| by_target.get(&target))
                .flatten()
                .map(|read| **read)
                .collect();
            self.refuse_reading_itself(ordered, &guarded);
            for (resource, span) in &ordered.writes {
                access.entry(*resource).or_default().writers.entry(at).or_insert(*span);
            }
            let reads = ordered.reads.iter().chain(&ordered.until_reads).chain(&guarded);
            for (resource, span) in reads {
                access.entry(*resource).or_default().readers.entry(at).or_insert(*span);
            }
        }
        let graph = self.graph(&rules, &access);
        let order = self.sort(&graph, &rules, &access);
        let mut slots: Vec<Option<Rule>> = rules.into_iter().map(|ordered| Some(ordered.rule)).collect();
        order.into_iter().filter_map(|at| slots.get_mut(at).and_then(Option::take)).collect()
    }

    fn graph(&mut self, rules: &[Ordered], access: &BTreeMap<Resource, Access>) -> Graph {
        let mut graph = Graph::new(rules.len());
        for (resource, Access { writers, readers }) in access {
            if writers.is_empty() || readers.is_empty() {
                continue;
            }
            let both: Vec<usize> = writers.keys().filter(|at| readers.contains_key(at)).copied().collect();
            if let [one, other, ..] = both.as_slice() {
                self.circle(&[(*one, *resource), (*other, *resource)], rules, access);
                continue;
            }
            // A rule that reads what it sets runs after the others that set it and before the others that read it.
            let written = graph.node(*resource);
            for writer in writers.keys().filter(|at| !both.contains(at)) {
                graph.edge(*writer, written);
            }
            let mut last = written;
            if let [own] = both.as_slice() {
                graph.edge(written, *own);
                last = graph.node(*resource);
                graph.edge(*own, last);
                graph.edge(written, last);
            }
            for reader in readers.keys().filter(|at| !both.contains(at)) {
                graph.edge(last, *reader);
            }
        }
        graph
    }

    /// A rule without an event or a schedule that reads what it sets would set itself off.
    fn refuse_reading_itself(&mut self, ordered: &Ordered, guarded: &[(Resource, Span)]) {
        let own: BTreeMap<Resource, Span> = ordered.writes.iter().copied().collect();
        let watched = matches!(ordered.rule.trigger, Trigger::When | Trigger::While);
        let reads = ordered.reads.iter().chain(guarded).filter(|_| watched);
        let untils = ordered.until_reads.iter().map(|read| (read, true));
        let all = reads.map(|read| (read, false)).chain(untils);
        let mut seen = BTreeSet::new();
        for ((resource, span), until) in all {
            let Some(write) = own.get(resource) else { continue };
            if !seen.insert(*resource) {
                continue;
            }
            let what = self.describe_resource(*resource);
            let help = if until {
                "an `until` cannot look at what its own rule sets: let it look at events".to_owned()
            } else {
                "only a rule with `on` or `every` may look at what it sets itself".to_owned()
            };
            self.report(
                Diagnostic::new(
                    Code::Circle,
                    *span,
                    format!("the rule `{}` reads what it sets itself", ordered.rule.name),
                    format!("{what} is read here"),
                )
                .with_label(*write, "and set here")
                .with_help(help),
            );
        }
    }

    /// Always the earliest rule that waits for none; where all wait, a circle is reported and let through.
    fn sort(&mut self, graph: &Graph, rules: &[Ordered], access: &BTreeMap<Resource, Access>) -> Vec<usize> {
        let mut waits: Vec<usize> = graph.before.iter().map(Vec::len).collect();
        let mut done = vec![false; waits.len()];
        let mut order = Vec::new();
        let mut ready: BTreeSet<usize> =
            (0..waits.len()).filter(|node| waits.get(*node) == Some(&0)).collect();
        loop {
            // Nodes of state come behind the rules, and are let through at once.
            let next = ready.range(rules.len()..).next().or_else(|| ready.first()).copied();
            let open: Vec<usize> = match next {
                Some(next) => {
                    ready.remove(&next);
                    vec![next]
                }
                None => {
                    let circle = find_circle(graph, &done);
                    if circle.is_empty() {
                        return order;
                    }
                    let mut named = Vec::new();
                    let nexts = circle.iter().skip(1).chain(circle.first());
                    for (node, next) in circle.iter().zip(nexts).filter(|(node, _)| **node < rules.len()) {
                        // Behind a rule stands a piece of state.
                        let resource = next.checked_sub(rules.len()).and_then(|at| graph.resources.get(at));
                        named.extend(resource.map(|resource| (*node, *resource)));
                    }
                    self.circle(&named, rules, access);
                    circle.into_iter().filter(|node| *node < rules.len()).collect()
                }
            };
            for node in open {
                if let Some(done) = done.get_mut(node) {
                    *done = true;
                }
                ready.remove(&node);
                if node < rules.len() {
                    order.push(node);
                }
                for next in graph.after.get(node).into_iter().flatten() {
                    if let Some(count) = waits.get_mut(*next) {
                        *count = count.saturating_sub(1);
                        if *count == 0 && done.get(*next) == Some(&false) {
                            ready.insert(*next);
                        }
                    }
                }
            }
        }
    }

    /// Reports a circle: each rule sets the piece of state beside it, which the next one reads.
    fn circle(
        &mut self,
        circle: &[(usize, Resource)],
        rules: &[Ordered],
        access: &BTreeMap<Resource, Access>,
    ) {
        // Told from its first rule in the text on.
        let start = circle.iter().enumerate().min_by_key(|(_, (rule, _))| *rule).map_or(0, |(at, _)| at);
        let turned: Vec<(usize, Resource)> =
            circle.iter().cycle().skip(start).take(circle.len()).copied().collect();
        let Some((first, rest)) = turned.split_first() else { return };
        let name = |at: usize| rules.get(at).map_or("", |ordered| &ordered.rule.name);
        let more = turned.len().saturating_sub(MOST_SHOWN);
        let shown = || turned.iter().take(MOST_SHOWN).map(|(at, _)| name(*at));
        let (names, gap) = match more {
            0 => (enumerate(shown()), None),
            _ => (format!("{} and {more} more", enumerate(shown())), Some("…")),
        };
        let path: Vec<&str> = shown().chain(gap).chain([name(first.0)]).collect();
        let mut diagnostic = Diagnostic::new(
            Code::Circle,
            rules.get(first.0).map(|ordered| ordered.name).unwrap_or_default(),
            format!("the rules {names} wait for one another"),
            "each must run before the next",
        );
        let nexts = rest.iter().chain([first]);
        for ((at, resource), (next, _)) in turned.iter().zip(nexts).take(MOST_SHOWN) {
            let Some(access) = access.get(resource) else { continue };
            let what = self.describe_resource(*resource);
            if let Some(span) = access.writers.get(at) {
                diagnostic = diagnostic.with_label(*span, format!("`{}` sets {what}", name(*at)));
            }
            if let Some(span) = access.readers.get(next) {
                diagnostic = diagnostic.with_label(*span, format!("`{}` reads {what}", name(*next)));
            }
        }
        self.report(diagnostic.with_help(format!(
            "a rule that sets something runs before those that read it, which cannot be with {}: let one of them look at events",
            path.join(" → ")
        )));
    }
}

/// Nodes that each come before the next, and the last before the first; empty where there is none left.
fn find_circle(graph: &Graph, done: &[bool]) -> Vec<usize> {
    let is_open = |node: &usize| done.get(*node) == Some(&false);
    let Some(mut node) = (0..done.len()).find(is_open) else { return Vec::new() };
    let mut path: Vec<usize> = Vec::new();
    let mut places: BTreeMap<usize, usize> = BTreeMap::new();
    // Every open node waits for an open one, so that going back must come round.
    loop {
        if let Some(at) = places.get(&node) {
            let mut circle = path.split_off(*at);
            circle.reverse();
            return circle;
        }
        places.insert(node, path.len());
        path.push(node);
        match graph.before.get(node).into_iter().flatten().find(|before| is_open(before)) {
            Some(before) => node = *before,
            None => return Vec::new(),
        }
    }
}
