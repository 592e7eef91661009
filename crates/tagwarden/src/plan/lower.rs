//! From typed expressions and selectors to nodes and streams, shared wherever they are the same.

use super::expr::{Node, NodeKind, QuietId, StreamId, WindowSlot};
use super::{
    EntityPlan, Feed, LeafKind, Page, Places, Quiet, Readers, SequencePlan, Stream, StreamKind, Watchers,
};
use crate::check::tree::{
    Aggregate, AggregateFn, Expr, ExprKind, FieldRef, Function, ListId, ScoreId, Selector, Sequence, TagId,
    Tree, Type, Window,
};
use crate::limits::Limits;
use crate::schema::EntityId;
use crate::small::{BTreeMap, BTreeSet};
use crate::text::{Regex, TextError};
use crate::value::Value;
use crate::window::{Question, SeriesPlan, WindowSpan};
use std::fmt::Write as _;

/// How many windows a page has before another one is begun: what one event touches should lie together, and what it does not
/// touch should not have to be there.
const PAGE_WINDOWS: usize = 16;

/// What a rule reads, gathered while its expressions are lowered.
#[derive(Debug, Default)]
pub(super) struct Reads {
    pub(super) windows: BTreeSet<WindowSlot>,
    pub(super) streams: BTreeSet<StreamId>,
    pub(super) leaves: BTreeSet<LeafKind>,
    pub(super) tags: BTreeSet<TagId>,
    pub(super) lists: BTreeSet<ListId>,
    pub(super) scores: BTreeSet<ScoreId>,
}

/// Lowers what concerns one entity.
pub(super) struct Lowering<'t> {
    pub(super) tree: &'t Tree,
    pub(super) entity: EntityId,
    pub(super) plan: EntityPlan,
    pub(super) limits: &'t Limits,
    streams: BTreeMap<String, StreamId>,
    /// Page and place in it.
    series: BTreeMap<String, (u32, u16)>,
    quiets: BTreeMap<(StreamId, crate::value::Duration), QuietId>,
    /// For each event type, the streams that it may feed, in order.
    pub(super) by_event: Vec<Vec<StreamId>>,
}

impl<'t> Lowering<'t> {
    pub(super) fn new(tree: &'t Tree, entity: EntityId, limits: &'t Limits) -> Self {
        let plan = EntityPlan::default();
        Lowering {
            tree,
            entity,
            plan,
            limits,
            by_event: vec![Vec::new(); tree.schema.events.len()],
            streams: BTreeMap::new(),
            series: BTreeMap::new(),
            quiets: BTreeMap::new(),
        }
    }

    pub(super) fn node(&mut self, expr: &Expr, reads: &mut Reads) -> Result<Node, TextError> {
        let kind = match &expr.kind {
            ExprKind::Constant(value) => NodeKind::Constant(value.clone()),
            ExprKind::Field(field) => NodeKind::Field(places(field)),
            ExprKind::At => NodeKind::At,
            ExprKind::Not(inner) => NodeKind::Not(self.boxed(inner, reads)?),
            ExprKind::And(parts) => NodeKind::And(self.nodes(parts, reads)?),
            ExprKind::Or(parts) => NodeKind::Or(self.nodes(parts, reads)?),
            ExprKind::Negate(inner) => NodeKind::Negate(self.boxed(inner, reads)?),
            ExprKind::Arithmetic(op, left, right) => {
                NodeKind::Arithmetic(*op, self.pair(left, right, reads)?)
            }
            ExprKind::Coalesce(left, right) => NodeKind::Coalesce(self.pair(left, right, reads)?),
            ExprKind::Compare(op, left, right) => {
                self.watch_scores(&[left, right], reads);
                let pair = self.pair(left, right, reads)?;
                match left.ty {
                    Type::Number => NodeKind::CompareNumbers(*op, pair),
                    _ => NodeKind::Compare(*op, pair),
                }
            }
            ExprKind::Elapsed { selector, op, than, absent } => {
                let stream = self.tracked(selector)?;
                reads.streams.insert(stream);
                reads.leaves.insert(LeafKind::Elapsed(stream, *than));
                NodeKind::Elapsed { stream, op: *op, than: *than, absent: *absent }
            }
            ExprKind::InSet(inner, values) => {
                NodeKind::InSet(self.boxed(inner, reads)?, values.clone().into())
            }
            ExprKind::Between(value, low, high) => {
                self.watch_scores(&[value, low, high], reads);
                NodeKind::Between(Box::new((
                    self.node(value, reads)?,
                    self.node(low, reads)?,
                    self.node(high, reads)?,
                )))
            }
            ExprKind::Contains(left, right) => NodeKind::Contains(self.pair(left, right, reads)?),
            ExprKind::StartsWith(left, right) => NodeKind::StartsWith(self.pair(left, right, reads)?),
            ExprKind::EndsWith(left, right) => NodeKind::EndsWith(self.pair(left, right, reads)?),
            ExprKind::Matches(text, pattern) => {
                NodeKind::Matches(self.boxed(text, reads)?, Regex::compile(pattern, self.limits)?)
            }
            ExprKind::Has { text, keywords, category } => NodeKind::Has {
                text: self.boxed(text, reads)?,
                keywords: *keywords,
                category: category.clone(),
            },
            ExprKind::Exists(inner) => NodeKind::Exists(self.boxed(inner, reads)?),
            ExprKind::Hits(text, keywords) => NodeKind::Hits(self.boxed(text, reads)?, *keywords),
            ExprKind::Words(text, keywords) => NodeKind::Words(self.boxed(text, reads)?, *keywords),
            ExprKind::Aggregate(aggregate) => {
                let (slot, question, stream) = self.aggregate(aggregate)?;
                reads.windows.insert(slot);
                reads.streams.insert(stream);
                NodeKind::Aggregate(slot, question)
            }
            ExprKind::NoFor(selector, length) => {
                let stream = self.tracked(selector)?;
                let quiet = self.quiet(stream, *length);
                reads.streams.insert(stream);
                reads.leaves.insert(LeafKind::Quiet(quiet));
                NodeKind::NoFor(quiet)
            }
            ExprKind::TimeSince(selector) => {
                let stream = self.tracked(selector)?;
                reads.streams.insert(stream);
                NodeKind::TimeSince(stream)
            }
            ExprKind::Tagged(tag, length) => {
                reads.tags.insert(*tag);
                if let Some(length) = length {
                    reads.leaves.insert(LeafKind::TaggedFor(*tag, *length));
                }
                NodeKind::Tagged(*tag, *length)
            }
            ExprKind::InList(list, level) => {
                reads.lists.insert(*list);
                NodeKind::InList(*list, *level)
            }
            ExprKind::Level(list) => {
                reads.lists.insert(*list);
                NodeKind::Level(*list)
            }
            ExprKind::Score(score) => {
                reads.scores.insert(*score);
                NodeKind::Score(*score)
            }
            ExprKind::Call(function, arguments) => {
                if matches!(function, Function::IsAnniversary | Function::Age) {
                    reads.leaves.insert(LeafKind::Midnight);
                }
                NodeKind::Call(*function, self.nodes(arguments, reads)?)
            }
        };
        Ok(fold(Node { kind, text: expr.text.clone(), private: expr.private }))
    }

    fn nodes(&mut self, exprs: &[Expr], reads: &mut Reads) -> Result<Box<[Node]>, TextError> {
        exprs.iter().map(|expr| self.node(expr, reads)).collect()
    }

    fn boxed(&mut self, expr: &Expr, reads: &mut Reads) -> Result<Box<Node>, TextError> {
        self.node(expr, reads).map(Box::new)
    }

    fn pair(&mut self, left: &Expr, right: &Expr, reads: &mut Reads) -> Result<Box<(Node, Node)>, TextError> {
        Ok(Box::new((self.node(left, reads)?, self.node(right, reads)?)))
    }

    /// A decaying score crosses each constant that it is compared with at a time of its own.
    fn watch_scores(&self, parts: &[&Expr], reads: &mut Reads) {
        for score in parts.iter().filter_map(|part| match part.kind {
            ExprKind::Score(score) => Some(score),
            _ => None,
        }) {
            if self.tree.scores.get(score.index()).is_none_or(|score| score.half_life.is_none()) {
                continue;
            }
            for part in parts {
                if let ExprKind::Constant(Value::Number(number)) = part.kind {
                    reads.leaves.insert(LeafKind::ScoreAgainst(score, number));
                } else if let ExprKind::Negate(inner) = &part.kind
                    && let ExprKind::Constant(Value::Number(number)) = inner.kind
                {
                    reads.leaves.insert(LeafKind::ScoreAgainst(score, number.negated()));
                }
            }
        }
    }

    /// The stream of a selector whose last pick somebody asks for.
    fn tracked(&mut self, selector: &Selector) -> Result<StreamId, TextError> {
        let id = self.stream(selector)?;
        if let Some(stream) = self.plan.streams.get_mut(id.index()) {
            stream.tracked = true;
        }
        Ok(id)
    }

    /// The stream of a selector of which somebody asks what it has picked at an instant.
    pub(super) fn noted(&mut self, selector: &Selector) -> Result<StreamId, TextError> {
        let id = self.stream(selector)?;
        if let Some(stream) = self.plan.streams.get_mut(id.index()) {
            stream.noted = true;
        }
        Ok(id)
    }

    /// The stream of a selector: the one that is there already, if an equal one is.
    pub(super) fn stream(&mut self, selector: &Selector) -> Result<StreamId, TextError> {
        let key = selector_key(selector, self.tree);
        if let Some(stream) = self.streams.get(&key) {
            return Ok(*stream);
        }
        let kind = match selector {
            Selector::Base { events, condition } => {
                // What a `where` reads needs no readers: it is evaluated when an event comes.
                let condition =
                    condition.as_ref().map(|condition| self.node(condition, &mut Reads::default()));
                StreamKind::Base { events: events.clone(), condition: condition.transpose()? }
            }
            Selector::After(sequence) => StreamKind::After(self.sequence(sequence)?),
            Selector::Without(sequence) => StreamKind::Without(self.sequence(sequence)?),
        };
        let id = StreamId(self.plan.streams.len() as u32);
        match &kind {
            StreamKind::Base { events, .. } => {
                for event in events {
                    if let Some(streams) = self.by_event.get_mut(usize::from(event.0)) {
                        streams.push(id);
                    }
                }
            }
            StreamKind::After(sequence) | StreamKind::Without(sequence) => {
                for part in [sequence.picked, sequence.other] {
                    for streams in &mut self.by_event {
                        if streams.contains(&part) && !streams.contains(&id) {
                            streams.push(id);
                        }
                    }
                }
            }
        }
        self.plan.streams.push(Stream {
            key: key.as_str().into(),
            kind,
            feeds: Vec::new(),
            quiets: Vec::new(),
            tracked: false,
            watchers: Watchers::default(),
            noted: false,
            fires: Vec::new(),
            fires_plainly: false,
        });
        self.streams.insert(key, id);
        Ok(id)
    }

    fn sequence(&mut self, sequence: &Sequence) -> Result<SequencePlan, TextError> {
        Ok(SequencePlan {
            picked: self.noted(&sequence.picked)?,
            other: self.noted(&sequence.other)?,
            within: sequence.within,
            matching: sequence
                .matching
                .as_ref()
                .map(|matching| (places(&matching.picked), places(&matching.other))),
        })
    }

    fn aggregate(&mut self, aggregate: &Aggregate) -> Result<(WindowSlot, Question, StreamId), TextError> {
        let stream = self.stream(&aggregate.selector)?;
        let (page, series) = self.series(stream, aggregate.field.as_ref());
        let span = WindowSpan::from(aggregate.window);
        let question = Question {
            function: aggregate.function,
            previous: matches!(aggregate.window, Window::Previous(_)),
        };
        let mut slot = WindowSlot { page, window: 0 };
        if let Some(page) = self.plan.pages.get_mut(page as usize) {
            let plan = &mut page.plan;
            let same = plan.windows.iter().position(|window| window.series == series && window.span == span);
            let window = same.unwrap_or_else(|| {
                page.readers.push(Readers::default());
                usize::from(plan.add_window(series, span))
            });
            slot.window = window as u32;
            if let Some(window) = plan.windows.get_mut(window) {
                window.needs.add(aggregate.function);
            }
            if let Some(series) = plan.series.get_mut(usize::from(series)) {
                series.logged |= matches!(span, WindowSpan::Over(_));
                series.dated |= aggregate.function == AggregateFn::Days;
            }
        }
        Ok((slot, question, stream))
    }

    /// The series of a stream and a field, which gets a page when it is first asked for.
    fn series(&mut self, stream: StreamId, field: Option<&FieldRef>) -> (u32, u16) {
        let key = format!("{}.{}", stream.0, field.map_or("", |field| &field.name));
        if let Some(place) = self.series.get(&key) {
            return *place;
        }
        let pages = &mut self.plan.pages;
        if pages.last().is_none_or(|page| page.plan.windows.len() >= PAGE_WINDOWS) {
            pages.push(Page::default());
        }
        let mut place = (pages.len().saturating_sub(1) as u32, 0);
        if let (Some(stream), Some(page)) = (self.plan.streams.get_mut(stream.index()), pages.last_mut()) {
            place.1 = page.plan.series.len() as u16;
            let hashed = field.is_some_and(|field| field.private);
            stream.feeds.push(Feed { page: place.0, series: place.1, field: field.map(places), hashed });
            page.plan.series.push(SeriesPlan::new(field.is_some()));
            page.keys.push(format!("{}.{}", stream.key, field.map_or("", |field| &field.name)).into());
        }
        self.series.insert(key, place);
        place
    }

    fn quiet(&mut self, stream: StreamId, length: crate::value::Duration) -> QuietId {
        let plan = &mut self.plan;
        *self.quiets.entry((stream, length)).or_insert_with(|| {
            let id = QuietId(plan.quiets.len() as u32);
            plan.quiets.push(Quiet { stream, length });
            if let Some(stream) = plan.streams.get_mut(stream.index()) {
                stream.quiets.push(id);
            }
            id
        })
    }
}

/// Where a field stands.
fn places(field: &FieldRef) -> Places {
    field.places.clone().into()
}

/// Arithmetic of constants is done once. Its text stays, since evidence shows what was written.
fn fold(node: Node) -> Node {
    let constant = |node: &Node| match &node.kind {
        NodeKind::Constant(value) => Some(value.clone()),
        _ => None,
    };
    let folded = match &node.kind {
        NodeKind::Negate(inner) => match constant(inner) {
            Some(Value::Number(number)) => Some(Value::Number(number.negated())),
            _ => None,
        },
        NodeKind::Arithmetic(op, pair) => match (constant(&pair.0), constant(&pair.1)) {
            (Some(left), Some(right)) => super::arithmetic(*op, &left, &right).0,
            _ => None,
        },
        _ => None,
    };
    match folded {
        Some(value) => Node { kind: NodeKind::Constant(value), ..node },
        None => node,
    }
}

/// What makes two selectors of an entity the same: event types and the text of conditions.
fn selector_key(selector: &Selector, tree: &Tree) -> String {
    let mut key = String::new();
    write_key(selector, tree, &mut key);
    key
}

fn write_key(selector: &Selector, tree: &Tree, key: &mut String) {
    // Writing to a String cannot fail.
    match selector {
        Selector::Base { events, condition } => {
            let names = events.iter().filter_map(|event| tree.schema.event_type(*event));
            key.push_str(&names.map(|event| &*event.name).collect::<Vec<_>>().join(" or "));
            if let Some(condition) = condition {
                let _ = write!(key, " where {}", condition.text);
            }
        }
        Selector::After(sequence) => write_sequence("after", sequence, tree, key),
        Selector::Without(sequence) => write_sequence("without", sequence, tree, key),
    }
}

fn write_sequence(word: &str, sequence: &Sequence, tree: &Tree, key: &mut String) {
    key.push('(');
    write_key(&sequence.picked, tree, key);
    let _ = write!(key, ") {word} (");
    write_key(&sequence.other, tree, key);
    let _ = write!(key, ") within {}", sequence.within);
    if let Some(matching) = &sequence.matching {
        let _ = write!(key, " matching {}", matching.picked.name);
    }
}
