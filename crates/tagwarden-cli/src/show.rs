//! Decisions and reasons as people read them.

use crate::output::{BOLD, CYAN, DIM, GREEN, RED, RESET, YELLOW};
use tagwarden::{
    Change, Decision, EndCause, Evidence, ProposedAction, Reason, Rulebook, Shown, Timestamp, Value, Zone,
};

/// Where the reason of a decision is indented to.
pub(crate) const INDENT: &str = "      ";

/// Shows times by the clock of a rulebook's zone.
#[derive(Clone, Copy)]
pub(crate) struct Show {
    zone: Zone,
}

impl Show {
    pub(crate) fn of(rulebook: &Rulebook) -> Show {
        Show { zone: rulebook.zone() }
    }

    /// The name of the zone, where times do not say themselves that they are UTC.
    pub(crate) fn zone(self) -> Option<&'static str> {
        (self.zone != Zone::default()).then(|| self.zone.name())
    }

    /// A time as people read it: by the local clock, without the `T`.
    pub(crate) fn time(self, time: Timestamp) -> String {
        match self.zone() {
            None => time.to_string().replacen('T', " ", 1),
            Some(_) => self.zone.local(time).format("%Y-%m-%d %H:%M:%S%.f").to_string(),
        }
    }

    /// A decision on one line.
    pub(crate) fn decision(self, decision: &Decision) -> String {
        let (colour, text) = self.change(&decision.change);
        let rule =
            decision.rule.as_ref().map_or(String::new(), |rule| format!("  {DIM}by {}{RESET}", rule.name));
        let shadow = if decision.shadow { format!("{DIM}(shadow) {RESET}") } else { String::new() };
        format!(
            "{DIM}{}{RESET}  {} {BOLD}{}{RESET}  {shadow}{colour}{text}{RESET}{rule}",
            self.time(decision.time),
            decision.entity,
            decision.subject
        )
    }

    fn change(self, change: &Change) -> (&'static str, String) {
        let until =
            |end: &Option<Timestamp>| end.map_or(String::new(), |end| format!(" until {}", self.time(end)));
        match change {
            Change::Tagged { tag, until: end } => (GREEN, format!("tagged {tag}{}", until(end))),
            Change::Untagged { tag, cause } => (YELLOW, format!("untagged {tag}: {}", ended(*cause))),
            Change::Listed { list, level, category, until: end } => {
                let category = category.as_ref().map_or(String::new(), |category| format!(" ({category})"));
                (RED, format!("listed on {list}, level {level}{category}{}", until(end)))
            }
            Change::LevelChanged { list, level, from } => {
                (RED, format!("on {list} now level {level}, before {from}"))
            }
            Change::Unlisted { list, cause } => (YELLOW, format!("off {list}: {}", ended(*cause))),
            Change::Scored { score, value } => (CYAN, format!("{score} = {value}")),
            Change::Proposed { proposal, action } => {
                (CYAN, format!("proposal {proposal}: to {}", proposed(action)))
            }
            Change::Withheld(action) => (CYAN, format!("withheld: to {}", proposed(action))),
            Change::Notified { channel, text } => {
                let text = text.as_ref().map_or(String::new(), |text| format!(": {text}"));
                (CYAN, format!("notified {channel}{text}"))
            }
            Change::ReviewDue { list, level } => (CYAN, format!("review due: {list}, level {level}")),
            Change::Emitted { name, fields } => {
                let fields: Vec<_> = fields.iter().map(|(name, value)| format!("{name}: {value}")).collect();
                (CYAN, format!("emitted {name} {{ {} }}", fields.join(", ")))
            }
            Change::Forgotten => (YELLOW, "forgotten".into()),
            _ => (CYAN, "changed".into()),
        }
    }

    /// A reason: its text, then each part of the condition on a line of its own.
    pub(crate) fn reason(self, reason: &Reason) -> Vec<String> {
        let text = reason.text.iter().map(|text| text.to_string());
        text.chain(reason.because.iter().map(|part| self.evidence(part))).collect()
    }

    /// A part of a condition: `count(message) over 24h = 51 > 50 (51 events, first … last …)`.
    pub(crate) fn evidence(self, evidence: &Evidence) -> String {
        let mut text = match &evidence.than {
            Some((op, than)) => {
                let not = if evidence.holds { "" } else { "not " };
                format!("{} is {}, {not}{op} {}", evidence.expr, value(&evidence.value), value(than))
            }
            None => format!("{}: {}", evidence.expr, value(&evidence.value)),
        };
        let mut from: Vec<String> = Vec::new();
        match evidence.events {
            Some(1) => from.push("1 event".into()),
            Some(events) => from.push(format!("{events} events")),
            None => {}
        }
        match (evidence.first, evidence.last) {
            (Some(first), Some(last)) if first != last => {
                from.push(format!("{} to {}", self.time(first), self.time(last)))
            }
            (_, Some(only)) | (Some(only), _) => from.push(format!("at {}", self.time(only))),
            (None, None) => {}
        }
        if let Some(until) = evidence.warming_until {
            from.push(format!("the window is not full before {}", self.time(until)));
        }
        for hit in &evidence.hits {
            let category = hit.category.as_ref().map_or(String::new(), |category| format!(", {category}"));
            let mut part = format!("hit {:?}{category} at {}..{}", hit.pattern, hit.start, hit.end);
            if hit.text != hit.pattern {
                part.push_str(&format!(" as {:?}", hit.text));
            }
            if let Some(phrase) = &hit.except {
                part.push_str(&format!(", within {phrase:?} and so not counted"));
            }
            from.push(part);
        }
        if !from.is_empty() {
            text.push_str(&format!(" ({})", from.join(", ")));
        }
        text
    }
}

/// What a proposal would do.
pub(crate) fn proposed(action: &ProposedAction) -> String {
    match action {
        ProposedAction::Tag { tag } => format!("tag {tag}"),
        ProposedAction::Untag { tag } => format!("untag {tag}"),
        ProposedAction::Add { list, level, .. } => format!("add to {list}, level {level}"),
        ProposedAction::Remove { list } => format!("remove from {list}"),
        ProposedAction::Score { score, value } => format!("make {score} {value}"),
        ProposedAction::Notify { channel, .. } => format!("notify {channel}"),
        ProposedAction::Emit { name, .. } => format!("emit {name}"),
        _ => "act".into(),
    }
}

fn ended(cause: EndCause) -> &'static str {
    match cause {
        EndCause::Expired => "its time ran out",
        EndCause::Until => "its end condition came",
        EndCause::Withdrawn => "its condition no longer holds",
        EndCause::Removed => "a rule ended it",
        EndCause::Superseded => "another of its group is shown",
        _ => "ended",
    }
}

/// A value in a condition: texts in quotes, so that an empty one can be seen.
fn value(shown: &Shown) -> String {
    match shown {
        Shown::Value(Value::Text(text)) => format!("{text:?}"),
        other => other.to_string(),
    }
}

/// Columns padded to the widest, as people see it: Han characters take two places. Counts stand to the right.
pub(crate) fn table(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|at| rows.iter().filter_map(|row| row.get(at)).map(|cell| width(cell)).max().unwrap_or(0))
        .collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width_wanted)| {
            let gap = " ".repeat(width_wanted.saturating_sub(width(cell)));
            let is_count = !cell.is_empty() && cell.bytes().all(|byte| byte.is_ascii_digit());
            if is_count { format!("{gap}{cell}") } else { format!("{cell}{gap}") }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

/// Places that a text takes on a terminal.
fn width(text: &str) -> usize {
    text.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum()
}

/// Han, Kana, Hangul, full-width forms and emoji take two places.
fn is_wide(c: char) -> bool {
    matches!(u32::from(c),
        0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x1F300..=0x1FAFF | 0x20000..=0x3FFFD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_with_han_characters() {
        let rows = [vec!["金卡".into(), "1".into()], vec!["vip".into(), "20".into()]];
        assert_eq!(table(&rows), ["金卡   1", "vip   20"]);
    }
}
