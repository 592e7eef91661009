//! Reasons: the parts of a condition that made it what it is.

use super::eval::{Hand, View};
use crate::decision::{Evidence, KeywordHit, Shown};
use crate::plan::{Node, NodeKind, StreamId, StreamKind, TemplatePartPlan, TemplatePlan};
use crate::value::{Timestamp, Value};
use crate::window::{Reading, nothing};
use std::sync::Arc;

/// How many keyword hits one piece of evidence shows.
const SHOWN_HITS: usize = 20;

impl View<'_> {
    /// Adds the parts that made a condition true, or false.
    pub(super) fn explain(&self, node: &Node, hand: Hand<'_>, holds: bool, evidence: &mut Vec<Evidence>) {
        match &node.kind {
            NodeKind::Constant(_) => {}
            NodeKind::Not(inner) => self.explain(inner, hand, !holds, evidence),
            NodeKind::And(parts) | NodeKind::Or(parts) => {
                // Of a true `and` and a false `or` every part mattered; otherwise those that decided it.
                let all = matches!(node.kind, NodeKind::And(_)) == holds;
                for part in parts.iter().filter(|part| all || self.holds(part, hand) == holds) {
                    self.explain(part, hand, holds, evidence);
                }
            }
            NodeKind::Compare(op, pair) | NodeKind::CompareNumbers(op, pair) => {
                let shown = |node: &Node| shown(node, self.value(node, hand));
                let than = Some((op.symbol(), shown(&pair.1)));
                evidence.push(self.evidence(node, &pair.0, shown(&pair.0), than, hand, holds));
            }
            _ => {
                let value = Shown::Value(Value::Bool(holds));
                evidence.push(self.evidence(node, node, value, None, hand, holds));
            }
        }
    }

    fn evidence(
        &self,
        whole: &Node,
        left: &Node,
        value: Shown,
        than: Option<(&'static str, Shown)>,
        hand: Hand<'_>,
        holds: bool,
    ) -> Evidence {
        let mut found = Found::default();
        self.gather(whole, hand, &mut found);
        if !holds && matches!(whole.kind, NodeKind::Has { .. }) {
            // What is left tells why it does not.
            found.hits.retain(|hit| hit.except.is_some());
        }
        Evidence {
            expr: left.text.clone(),
            value,
            than,
            holds,
            events: found.events,
            first: found.first,
            last: found.last,
            warming_until: found.warming,
            hits: found.hits,
        }
    }

    /// What the aggregates and keyword predicates in an expression have found.
    fn gather(&self, node: &Node, hand: Hand<'_>, found: &mut Found) {
        match &node.kind {
            NodeKind::Aggregate(slot, question) => {
                found.add(&match self.page(*slot) {
                    Some((page, plan)) => page.read(plan, slot.window as usize, *question, self.now),
                    None => nothing(*question),
                });
                let until = self.warming.until(self.subject.entity, *slot);
                let until = until.filter(|until| *until > self.now.micros());
                // A window that never fills is warming for ever.
                let until = until.map(|until| Timestamp::from_micros(until).unwrap_or(Timestamp::MAX));
                found.warming = found.warming.max(until);
            }
            NodeKind::NoFor(quiet) => {
                if let Some(quiet) = self.entity.quiets.get(quiet.index()) {
                    found.picked(self.last_pick(quiet.stream));
                }
            }
            NodeKind::TimeSince(stream) | NodeKind::Elapsed { stream, .. } => {
                found.picked(self.last_pick(*stream))
            }
            NodeKind::Has { text, keywords, category } => {
                self.hits(text, *keywords, category.as_deref(), hand, found);
                self.gather(text, hand, found);
            }
            NodeKind::Hits(text, keywords) | NodeKind::Words(text, keywords) => {
                self.hits(text, *keywords, None, hand, found);
                self.gather(text, hand, found);
            }
            NodeKind::Not(inner)
            | NodeKind::Negate(inner)
            | NodeKind::Exists(inner)
            | NodeKind::InSet(inner, _)
            | NodeKind::Matches(inner, _) => self.gather(inner, hand, found),
            NodeKind::Arithmetic(_, pair)
            | NodeKind::Compare(_, pair)
            | NodeKind::CompareNumbers(_, pair)
            | NodeKind::Coalesce(pair)
            | NodeKind::Contains(pair)
            | NodeKind::StartsWith(pair)
            | NodeKind::EndsWith(pair) => {
                self.gather(&pair.0, hand, found);
                self.gather(&pair.1, hand, found);
            }
            NodeKind::Between(three) => {
                for node in [&three.0, &three.1, &three.2] {
                    self.gather(node, hand, found);
                }
            }
            NodeKind::And(parts) | NodeKind::Or(parts) | NodeKind::Call(_, parts) => {
                for part in parts {
                    self.gather(part, hand, found);
                }
            }
            NodeKind::Constant(_)
            | NodeKind::Field(_)
            | NodeKind::At
            | NodeKind::Tagged(..)
            | NodeKind::InList(..)
            | NodeKind::Level(_)
            | NodeKind::Score(_) => {}
        }
    }

    fn hits(
        &self,
        text: &Node,
        set: crate::check::tree::KeywordsId,
        category: Option<&str>,
        hand: Hand<'_>,
        found: &mut Found,
    ) {
        let room = SHOWN_HITS.saturating_sub(found.hits.len());
        let report = |content: &str| self.plan.keywords.shown(set, category, content, room, text.private);
        found.hits.extend(self.text(text, hand, report).unwrap_or_default());
    }

    fn last_pick(&self, stream: StreamId) -> Option<Timestamp> {
        self.subject.more().lasts.get(stream.0).copied().and_then(Timestamp::from_micros)
    }

    /// Adds the parts of the `where` of a picked selector: what the pick itself had to fulfil.
    pub(super) fn explain_pick(&self, stream: StreamId, hand: Hand<'_>, evidence: &mut Vec<Evidence>) {
        match self.entity.streams.get(stream.index()).map(|stream| &stream.kind) {
            Some(StreamKind::Base { condition: Some(condition), .. }) => {
                self.explain(condition, hand, true, evidence);
            }
            Some(StreamKind::After(sequence)) => self.explain_pick(sequence.picked, hand, evidence),
            _ => {}
        }
    }

    /// A text with its expressions filled in.
    pub(super) fn fill(&self, template: &TemplatePlan, hand: Hand<'_>) -> Arc<str> {
        use std::fmt::Write as _;
        let mut text = String::new();
        for part in &template.parts {
            match part {
                TemplatePartPlan::Text(part) => text.push_str(part),
                TemplatePartPlan::Node(node) => {
                    // Writing to a String cannot fail.
                    let _ = write!(text, "{}", shown(node, self.value(node, hand)));
                }
            }
        }
        text.into()
    }
}

/// A value as it may be shown.
pub(super) fn shown(node: &Node, value: Option<Value>) -> Shown {
    if node.private { Shown::Masked } else { value.into() }
}

#[derive(Debug, Default)]
struct Found {
    events: Option<u64>,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    warming: Option<Timestamp>,
    hits: Vec<KeywordHit>,
}

impl Found {
    fn add(&mut self, reading: &Reading) {
        self.events = Some(self.events.unwrap_or(0) + reading.events);
        self.first = match (self.first, reading.first) {
            (Some(ours), Some(theirs)) => Some(ours.min(theirs)),
            (ours, theirs) => ours.or(theirs),
        };
        self.picked(reading.last);
    }

    fn picked(&mut self, last: Option<Timestamp>) {
        self.last = self.last.max(last);
    }
}
