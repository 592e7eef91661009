//! What a run comes to, for people.

use super::run::Totals;
use crate::output::{BOLD, DIM, RED, RESET};
use crate::show::{self, Show};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::io::Write;
use std::sync::Arc;
use tagwarden::{Change, Decision, Event, Schema};

/// A subject: entity and key.
type Subject = (Arc<str>, Arc<str>);

/// A tag as one entity has it.
type TagOf = (Arc<str>, Arc<str>);

/// What has happened so far, and what holds now.
#[derive(Default)]
pub(super) struct Summary {
    decisions: u64,
    /// How many decisions of each kind a rule has made.
    rules: BTreeMap<(Arc<str>, &'static str, bool), u64>,
    /// Who has a tag now: by entity and tag.
    tagged: BTreeMap<TagOf, HashSet<Arc<str>>>,
    /// Who is on a list now, by list and subject, and at which level.
    listed: BTreeMap<(Arc<str>, Subject), u8>,
    /// The last decisions that put somebody on each list.
    last: BTreeMap<Arc<str>, VecDeque<Decision>>,
    keys: HashMap<u16, HashSet<Arc<str>>>,
    entities: BTreeSet<(u16, Arc<str>)>,
}

/// How many of those listed are shown.
const LISTED: usize = 10;

impl Summary {
    pub(super) fn event(&mut self, schema: &Schema, event: &Event) {
        let Some(ty) = schema.event_type(event.event) else { return };
        for (entity, key) in ty.entities.iter().zip(&event.keys) {
            let keys = self.keys.entry(entity.0).or_default();
            if !keys.contains(key) {
                keys.insert(Arc::clone(key));
                if let Some(name) = schema.entities.get(usize::from(entity.0)) {
                    self.entities.insert((entity.0, Arc::clone(name)));
                }
            }
        }
    }

    pub(super) fn decision(&mut self, decision: &Decision) {
        self.decisions += 1;
        if let Some(rule) = &decision.rule {
            let of_rule = (Arc::clone(&rule.name), decision.kind(), decision.shadow);
            *self.rules.entry(of_rule).or_default() += 1;
        }
        if decision.shadow {
            return;
        }
        let subject = || (Arc::clone(&decision.entity), Arc::clone(&decision.subject));
        match &decision.change {
            Change::Tagged { tag, .. } => {
                let tag = (Arc::clone(&decision.entity), Arc::clone(tag));
                self.tagged.entry(tag).or_default().insert(Arc::clone(&decision.subject));
            }
            Change::Untagged { tag, .. } => {
                if let Some(who) = self.tagged.get_mut(&(Arc::clone(&decision.entity), Arc::clone(tag))) {
                    who.remove(&decision.subject);
                }
            }
            Change::Listed { list, level, .. } => {
                self.listed.insert((Arc::clone(list), subject()), *level);
                let last = self.last.entry(Arc::clone(list)).or_default();
                last.push_back(decision.clone());
                if last.len() > LISTED {
                    last.pop_front();
                }
            }
            Change::LevelChanged { list, level, .. } => {
                self.listed.insert((Arc::clone(list), subject()), *level);
            }
            Change::Unlisted { list, .. } => {
                self.listed.remove(&(Arc::clone(list), subject()));
            }
            _ => {}
        }
    }

    pub(super) fn write(&self, out: &mut impl Write, show: Show, totals: &Totals) -> std::io::Result<()> {
        writeln!(
            out,
            "{BOLD}{} inputs{RESET} in {:.2} s ({} a second), {} subjects, {BOLD}{} decisions{RESET}",
            totals.inputs, totals.seconds, totals.rate, totals.subjects, self.decisions
        )?;
        self.write_rules(out)?;
        self.write_tags(out)?;
        self.write_listed(out, show)?;
        write_refused(out, totals)
    }

    fn write_rules(&self, out: &mut impl Write) -> std::io::Result<()> {
        if self.rules.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n{BOLD}Decisions by rule{RESET}")?;
        let mut rows: BTreeMap<&str, (u64, Vec<String>)> = BTreeMap::new();
        for ((rule, kind, shadow), count) in &self.rules {
            let row = rows.entry(rule).or_default();
            row.0 += count;
            row.1.push(format!(
                "{count} {}{}",
                kind.replace('_', " "),
                if *shadow { " (shadow)" } else { "" }
            ));
        }
        let mut rows: Vec<_> = rows.into_iter().collect();
        rows.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
        let rows: Vec<Vec<String>> = rows
            .into_iter()
            .map(|(rule, (count, kinds))| vec![format!("  {rule}"), count.to_string(), kinds.join(", ")])
            .collect();
        print(out, &rows)
    }

    fn write_tags(&self, out: &mut impl Write) -> std::io::Result<()> {
        let mut rows: Vec<(usize, Vec<String>)> = Vec::new();
        for ((entity, tag), who) in &self.tagged {
            let number = self.entities.iter().find(|(_, name)| name == entity).map(|(number, _)| number);
            let all = number.and_then(|number| self.keys.get(number)).map_or(0, HashSet::len);
            if who.is_empty() || all == 0 {
                continue;
            }
            let share = format!("{:4.1} % of {all} ({entity})", 100.0 * who.len() as f64 / all as f64);
            rows.push((who.len(), vec![format!("  {tag}"), who.len().to_string(), share]));
        }
        if rows.is_empty() {
            return Ok(());
        }
        rows.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        writeln!(out, "\n{BOLD}Tags at the end{RESET}")?;
        print(out, &rows.into_iter().map(|(_, row)| row).collect::<Vec<_>>())
    }

    fn write_listed(&self, out: &mut impl Write, show: Show) -> std::io::Result<()> {
        if self.last.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n{BOLD}Lists at the end{RESET}")?;
        for list in self.last.keys() {
            let mut levels: BTreeMap<u8, u64> = BTreeMap::new();
            for (_, level) in self.listed.iter().filter(|((other, _), _)| other == list) {
                *levels.entry(*level).or_default() += 1;
            }
            let all: u64 = levels.values().sum();
            let levels: Vec<_> =
                levels.iter().map(|(level, count)| format!("level {level}: {count}")).collect();
            let levels = if levels.is_empty() { String::new() } else { format!("  ({})", levels.join(", ")) };
            writeln!(out, "  {list}  {all}{levels}")?;
        }
        let zone = show.zone().map_or(String::new(), |zone| format!(" {DIM}(times of {zone}){RESET}"));
        writeln!(out, "\n{BOLD}Listed last{RESET}{zone}")?;
        for decision in self.examples() {
            writeln!(out, "  {}", show.decision(decision))?;
            for line in show.reason(&decision.reason) {
                writeln!(out, "{}{DIM}{line}{RESET}", show::INDENT)?;
            }
        }
        Ok(())
    }

    /// The last ones put on a list, taken from each list in turn, in order of time: those that somebody will ask about.
    fn examples(&self) -> Vec<&Decision> {
        let mut examples: Vec<&Decision> = (0..LISTED)
            .flat_map(|turn| self.last.values().filter_map(move |last| last.iter().rev().nth(turn)))
            .take(LISTED)
            .collect();
        examples.sort_by_key(|decision| decision.time);
        examples
    }
}

fn write_refused(out: &mut impl Write, totals: &Totals) -> std::io::Result<()> {
    let refused: Vec<String> =
        [(totals.invalid, "invalid"), (totals.late, "late"), (totals.other, "beyond a limit")]
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
    if !refused.is_empty() {
        writeln!(out, "\n{RED}Refused{RESET}: {}", refused.join(", "))?;
    }
    if totals.duplicates > 0 {
        writeln!(out, "\nDuplicates passed over: {}", totals.duplicates)?;
    }
    if totals.after > 0 {
        writeln!(out, "\nAfter the end, passed over: {}", totals.after)?;
    }
    Ok(())
}

fn print(out: &mut impl Write, rows: &[Vec<String>]) -> std::io::Result<()> {
    for line in show::table(rows) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}
