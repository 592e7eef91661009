//! Expressions with every aggregate and selector resolved to a slot of the subject's state.

use crate::check::tree::{ArithmeticOp, CompareOp, Function, KeywordsId, ListId, ScoreId, TagId};
use crate::schema::{EventId, FieldId};
use crate::text::Regex;
use crate::value::{Duration, Value};
use crate::window::Question;
use std::sync::Arc;

/// Index of a stream in [`super::EntityPlan::streams`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct StreamId(pub(crate) u32);

/// A window: indices in [`super::EntityPlan::pages`] and in the page's windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct WindowSlot {
    pub(crate) page: u32,
    pub(crate) window: u32,
}

/// Index of a quiet time in [`super::EntityPlan::quiets`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct QuietId(pub(crate) u32);

impl StreamId {
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }
}

impl QuietId {
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// An expression, its text for evidence, and whether its value must be masked.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) kind: NodeKind,
    pub(crate) text: Arc<str>,
    pub(crate) private: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum NodeKind {
    Constant(Value),
    Field(Box<[(EventId, FieldId)]>),
    At,
    Not(Box<Node>),
    And(Box<[Node]>),
    Or(Box<[Node]>),
    Negate(Box<Node>),
    Arithmetic(ArithmeticOp, Box<(Node, Node)>),
    Coalesce(Box<(Node, Node)>),
    Compare(CompareOp, Box<(Node, Node)>),
    /// Of two numbers: nearly every condition, so it has a way of its own.
    CompareNumbers(CompareOp, Box<(Node, Node)>),
    /// `absent`: its value where nothing was ever picked.
    Elapsed {
        stream: StreamId,
        op: CompareOp,
        than: Duration,
        absent: bool,
    },
    InSet(Box<Node>, Box<[Value]>),
    Between(Box<(Node, Node, Node)>),
    Contains(Box<(Node, Node)>),
    StartsWith(Box<(Node, Node)>),
    EndsWith(Box<(Node, Node)>),
    Matches(Box<Node>, Regex),
    Has {
        text: Box<Node>,
        keywords: KeywordsId,
        category: Option<Arc<str>>,
    },
    Exists(Box<Node>),
    Hits(Box<Node>, KeywordsId),
    Words(Box<Node>, KeywordsId),
    Aggregate(WindowSlot, Question),
    NoFor(QuietId),
    TimeSince(StreamId),
    Tagged(TagId, Option<Duration>),
    InList(ListId, Option<(CompareOp, u8)>),
    Level(ListId),
    Score(ScoreId),
    Call(Function, Box<[Node]>),
}
