//! Evidence: the parts that made a condition what it is.

use super::picks::parts;
use super::{Moment, Reference};
use std::sync::Arc;
use tagwarden::machinery::tree::{Expr, ExprKind, Template, TemplatePart};
use tagwarden::{Evidence, KeywordHit, Shown, Timestamp, Value};

pub(crate) const MASK: &str = "•••";

/// Of the events that aggregates counted: how many, the first and the last.
#[derive(Default)]
struct Counted {
    events: Option<u64>,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
}

impl Reference<'_> {
    pub(crate) fn explain(&self, subject: usize, expr: &Expr, moment: Moment) -> Vec<Evidence> {
        let holds = self.holds(subject, expr, moment);
        let (value, than) = match &expr.kind {
            ExprKind::Constant(_) => return Vec::new(),
            ExprKind::Not(inner) => return self.explain(subject, inner, moment),
            ExprKind::And(all) | ExprKind::Or(all) => {
                let every = holds == matches!(expr.kind, ExprKind::And(_));
                let mattered = all.iter().filter(|part| every || self.holds(subject, part, moment) == holds);
                return mattered.flat_map(|part| self.explain(subject, part, moment)).collect();
            }
            ExprKind::Compare(op, left, right) => {
                let shown = |side: &Expr| self.shown(subject, side, moment);
                (shown(left), Some((op.symbol(), shown(right))))
            }
            _ => (Shown::Value(Value::Bool(holds)), None),
        };
        let text = match &expr.kind {
            ExprKind::Compare(_, left, _) => &left.text,
            _ => &expr.text,
        };
        let counted = self.counted(subject, expr, moment);
        let mut hits = Vec::new();
        self.keyword_hits(subject, expr, moment, &mut hits);
        vec![Evidence {
            expr: text.clone(),
            value,
            than,
            holds,
            events: counted.events,
            first: counted.first,
            last: counted.last,
            warming_until: None,
            hits,
        }]
    }

    fn shown(&self, subject: usize, expr: &Expr, moment: Moment) -> Shown {
        if expr.private { Shown::Masked } else { self.eval(subject, expr, moment).into() }
    }

    /// The events that the aggregates in an expression counted. `no … for` and `time since` show their last pick only.
    fn counted(&self, subject: usize, expr: &Expr, moment: Moment) -> Counted {
        match &expr.kind {
            ExprKind::Aggregate(aggregate) => {
                let picks = self.in_window(subject, aggregate, moment.time);
                Counted {
                    events: Some(picks.len() as u64),
                    first: picks.iter().map(|pick| pick.time).min(),
                    last: picks.iter().map(|pick| pick.time).max(),
                }
            }
            ExprKind::NoFor(selector, _)
            | ExprKind::TimeSince(selector)
            | ExprKind::Elapsed { selector, .. } => {
                let last = self.picks(subject, selector).last();
                Counted { last: last.map(|pick| pick.time), ..Counted::default() }
            }
            _ => {
                let inside = parts(expr).into_iter().map(|part| self.counted(subject, part, moment));
                inside.fold(Counted::default(), |all, more| Counted {
                    events: all.events.map_or(more.events, |count| Some(count + more.events.unwrap_or(0))),
                    first: all.first.into_iter().chain(more.first).min(),
                    last: all.last.max(more.last),
                })
            }
        }
    }

    fn keyword_hits(&self, subject: usize, expr: &Expr, moment: Moment, all: &mut Vec<KeywordHit>) {
        let (inner, keywords, wanted) = match &expr.kind {
            ExprKind::Has { text, keywords, category } => (text, keywords, category.clone()),
            ExprKind::Hits(text, keywords) | ExprKind::Words(text, keywords) => (text, keywords, None),
            _ => {
                parts(expr).into_iter().for_each(|part| self.keyword_hits(subject, part, moment, all));
                return;
            }
        };
        let Some(Value::Text(text)) = self.eval(subject, inner, moment) else { return };
        let hits = self.all_hits(*keywords, &text).into_iter();
        for mut hit in hits.filter(|hit| wanted.is_none() || hit.category == wanted) {
            if inner.private {
                hit.pattern = MASK.into();
                hit.text = MASK.into();
                hit.except = hit.except.map(|_| MASK.into());
            }
            all.push(hit);
        }
    }

    /// A text with its expressions filled in.
    pub(crate) fn render(&self, subject: usize, template: &Template, moment: Moment) -> Arc<str> {
        let parts = template.parts.iter().map(|part| match part {
            TemplatePart::Text(text) => text.to_string(),
            TemplatePart::Expr(expr) => self.shown(subject, expr, moment).to_string(),
        });
        parts.collect::<String>().into()
    }
}
