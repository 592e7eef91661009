//! What a run comes to, for people.

use super::run::Totals;
use crate::output::{BOLD, DIM, RED, RESET};
use crate::show;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io::Write;
use std::sync::Arc;
use tagwarden::{Change, Decision, Event, Schema};

/// A subject: entity and key.
type Subject = (Arc<str>, Arc<str>);

/// What has happened so far, and what holds now.
#[derive(Default)]
pub(super) struct Summary {
    decisions: u64,
    /// How many decisions of each kind a rule has made.
    rules: BTreeMap<(Arc<str>, &'static str, bool), u64>,
    /// Who has a tag now: by entity and tag.
    tagged: BTreeMap<(Arc<str>, Arc<str>), HashSet<Arc<str>>>,
    /// Who is on a list now, by list and subject, with the decision that put them there.
    listed: BTreeMap<(Arc<str>, Subject), (u8, Decision)>,
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
                self.listed.insert((Arc::clone(list), subject()), (*level, decision.clone()));
            }
            Change::LevelChanged { list, level, .. } => {
                if let Some(entry) = self.listed.get_mut(&(Arc::clone(list), subject())) {
                    *entry = (*level, decision.clone());
                }
            }
            Change::Unlisted { list, .. } => {
                self.listed.remove(&(Arc::clone(list), subject()));
            }
            _ => {}
        }
    }

    pub(super) fn write(&self, out: &mut impl Write, totals: &Totals) -> std::io::Result<()> {
        writeln!(
            out,
            "{BOLD}{} inputs{RESET} in {:.2} s ({} a second), {} subjects, {BOLD}{} decisions{RESET}",
            totals.inputs, totals.seconds, totals.rate, totals.subjects, self.decisions
        )?;
        self.write_rules(out)?;
        self.write_tags(out)?;
        self.write_listed(out)?;
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
            let share = format!("{:.1} % of {all} ({entity})", 100.0 * who.len() as f64 / all as f64);
            rows.push((who.len(), vec![format!("  {tag}"), who.len().to_string(), share]));
        }
        if rows.is_empty() {
            return Ok(());
        }
        rows.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        writeln!(out, "\n{BOLD}Tags at the end{RESET}")?;
        print(out, &rows.into_iter().map(|(_, row)| row).collect::<Vec<_>>())
    }

    fn write_listed(&self, out: &mut impl Write) -> std::io::Result<()> {
        if self.listed.is_empty() {
            return Ok(());
        }
        let mut lists: BTreeMap<&str, BTreeMap<u8, u64>> = BTreeMap::new();
        for ((list, _), (level, _)) in &self.listed {
            *lists.entry(list).or_default().entry(*level).or_default() += 1;
        }
        writeln!(out, "\n{BOLD}Lists at the end{RESET}")?;
        for (list, levels) in lists {
            let all: u64 = levels.values().sum();
            let levels: Vec<_> =
                levels.iter().map(|(level, count)| format!("level {level}: {count}")).collect();
            writeln!(out, "  {list}  {all}  ({})", levels.join(", "))?;
        }
        // The last ones put there are those that somebody will ask about.
        let mut last: Vec<_> = self.listed.values().map(|(_, decision)| decision).collect();
        last.sort_by_key(|decision| std::cmp::Reverse(decision.time));
        writeln!(out, "\n{BOLD}Listed last{RESET}")?;
        for decision in last.into_iter().take(LISTED) {
            writeln!(out, "  {}", show::decision(decision))?;
            for line in show::reason(&decision.reason) {
                writeln!(out, "{}{DIM}{line}{RESET}", show::INDENT)?;
            }
        }
        Ok(())
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
