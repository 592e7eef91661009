//! Which streams an event may feed. Many selectors that ask one field for one value each, such as `where campaign == "k17"`, are
//! found by the value, so that an event looks at those that can pick it and not at all.

use super::{Node, NodeKind, Stream, StreamId, StreamKind};
use crate::check::tree::CompareOp;
use crate::event::Event;
use crate::schema::{EventId, FieldId};
use crate::small::{BTreeMap, BTreeSet, sort};
use crate::value::Value;
use std::collections::HashMap;

/// The streams that events of one type may feed.
#[derive(Debug, Default)]
pub(crate) struct Dispatch {
    /// Those that are always looked at, in order.
    always: Vec<StreamId>,
    /// Those that pick only events with a certain value of a field.
    keyed: Vec<(FieldId, HashMap<Value, Vec<StreamId>>)>,
    /// The pages and series that those which are always looked at feed, each once.
    pub(crate) near: Box<[(u32, u16)]>,
}

impl Dispatch {
    /// `worth`: how many selectors must ask for the same field before they are found by its value.
    pub(super) fn new(event: EventId, streams: Vec<StreamId>, all: &[Stream], worth: usize) -> Dispatch {
        let mut by_field: BTreeMap<FieldId, Vec<(StreamId, Value)>> = BTreeMap::new();
        let mut always = Vec::new();
        for id in streams {
            match all.get(id.index()).and_then(|stream| asked(event, &stream.kind)) {
                Some((field, value)) => by_field.entry(field).or_default().push((id, value)),
                None => always.push(id),
            }
        }
        let mut keyed = Vec::new();
        for (field, streams) in by_field {
            if streams.len() < worth {
                always.extend(streams.into_iter().map(|(id, _)| id));
                continue;
            }
            let mut by_value: HashMap<Value, Vec<StreamId>> = HashMap::new();
            for (id, value) in streams {
                by_value.entry(value).or_default().push(id);
            }
            keyed.push((field, by_value));
        }
        sort(&mut always);
        let fed = always.iter().filter_map(|id| all.get(id.index())).flat_map(|stream| &stream.feeds);
        let near: BTreeSet<_> = fed.map(|feed| (feed.page, feed.series)).collect();
        Dispatch { always, keyed, near: near.into_iter().collect() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.always.is_empty() && self.keyed.is_empty()
    }

    /// The streams to look at for an event, in order; `found` is where they are put together if that is needed.
    #[inline]
    pub(crate) fn streams<'d>(&'d self, event: &Event, found: &'d mut Vec<StreamId>) -> &'d [StreamId] {
        if self.keyed.is_empty() {
            return &self.always;
        }
        found.clear();
        found.extend_from_slice(&self.always);
        for (field, by_value) in &self.keyed {
            // What lacks the field is picked by none of them.
            if let Some(Some(value)) = event.fields.get(usize::from(field.0)) {
                found.extend(by_value.get(value).into_iter().flatten());
            }
        }
        found.sort_unstable();
        found
    }
}

/// The field and value without which a selector picks no event of a type.
fn asked(event: EventId, kind: &StreamKind) -> Option<(FieldId, Value)> {
    let StreamKind::Base { condition: Some(condition), .. } = kind else { return None };
    let parts = match &condition.kind {
        NodeKind::And(parts) => &parts[..],
        _ => std::slice::from_ref(condition),
    };
    parts.iter().find_map(|part| equality(event, part))
}

fn equality(event: EventId, node: &Node) -> Option<(FieldId, Value)> {
    let (NodeKind::Compare(CompareOp::Equal, pair) | NodeKind::CompareNumbers(CompareOp::Equal, pair)) =
        &node.kind
    else {
        return None;
    };
    let (NodeKind::Field(places), NodeKind::Constant(value)) = (&pair.0.kind, &pair.1.kind) else {
        return None;
    };
    let (_, field) = places.iter().find(|(place, _)| *place == event)?;
    Some((*field, value.clone()))
}
