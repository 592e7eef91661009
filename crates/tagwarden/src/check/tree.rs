//! The typed tree: a checked rulebook, every name resolved to an index, every type known.
//!
//! It is what a rulebook *means*, and nothing about how to compute it: the planner compiles it for the engine, and the
//! reference evaluator of the tests reads it as it stands.

#![allow(
    missing_docs,
    reason = "internal: the names follow the language page, and what is not plain is said"
)]

pub use crate::syntax::ast::{AggregateFn, ArithmeticOp, CompareOp, ScoreChange};
pub use crate::text::{KeywordPattern, KeywordSet, KeywordsId};

use crate::decision::{Keep, Verb};
use crate::schema::{EntityId, EventId, FieldId, Schema};
use crate::source::Span;
use crate::value::{Decimal, Duration, Period, Schedule, Timestamp, Value, Zone};
use std::sync::Arc;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub struct $name(pub u32);

        impl $name {
            /// As an index.
            #[must_use]
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

ids! {
    /// Index in [`Tree::tags`].
    TagId
    /// Index in [`Tree::groups`].
    GroupId
    /// Index in [`Tree::scores`].
    ScoreId
    /// Index in [`Tree::lists`].
    ListId
    /// Index in [`Tree::rules`].
    RuleId
}

/// A checked rulebook.
#[derive(Clone, Debug)]
pub struct Tree {
    pub zone: Zone,
    pub schema: Schema,
    pub keywords: Vec<KeywordSet>,
    /// Every tag: declared ones first, then those that are only set or read, in order of first mention.
    pub tags: Vec<Tag>,
    pub groups: Vec<TagGroup>,
    pub scores: Vec<Score>,
    pub lists: Vec<List>,
    /// In the order in which they run: writers before readers, ties by place in the text.
    pub rules: Vec<Rule>,
    /// In the order written.
    pub guards: Vec<Guard>,
    /// Who may do what; empty where the host decides.
    pub roles: Vec<Role>,
    /// How long a ledger keeps what, in the order written; each kind once.
    pub keeps: Vec<Keep>,
    pub tests: Vec<Test>,
}

#[derive(Clone, Debug)]
pub struct Tag {
    pub name: Arc<str>,
    /// Life of a grant that names none.
    pub life: Option<Duration>,
    pub group: Option<GroupId>,
}

#[derive(Clone, Debug)]
pub struct TagGroup {
    pub name: Arc<str>,
    /// Whether the highest wins; otherwise the one set last.
    pub ordered: bool,
    /// Lowest first.
    pub members: Vec<TagId>,
}

#[derive(Clone, Debug)]
pub struct Score {
    pub name: Arc<str>,
    /// Microseconds in which it falls to half; `None` where it does not decay.
    pub half_life: Option<i64>,
    /// `MIN` and `MAX` where not declared.
    pub min: Decimal,
    pub max: Decimal,
}

#[derive(Clone, Debug)]
pub struct List {
    pub name: Arc<str>,
    /// By number, strictest (1) first. A list without declared levels has the one level 1, without effect.
    pub levels: Vec<Level>,
    pub categories: Vec<Arc<str>>,
    pub life: Option<Duration>,
    pub review: Option<Duration>,
}

#[derive(Clone, Debug)]
pub struct Level {
    pub number: u8,
    pub label: Option<Arc<str>>,
    pub effect: LevelEffect,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LevelEffect {
    None,
    DeniesAll,
    Limits {
        count: u32,
        per: Duration,
    },
    /// Allows these channels and denies all others.
    Allows(Vec<Arc<str>>),
}

#[derive(Clone, Debug)]
pub struct Rule {
    pub name: Arc<str>,
    /// 16 hexadecimal digits: a hash of the rule's text as the formatter prints it.
    pub version: Arc<str>,
    pub title: Option<Arc<str>>,
    pub shadow: bool,
    pub entity: EntityId,
    pub trigger: Trigger,
    /// The condition of `when`, `while` or `every … when`, and after it `not` the one of each `unless`.
    pub condition: Option<Expr>,
    pub because: Option<Template>,
    /// In the order written.
    pub actions: Vec<Action>,
    pub at_most_once_per: Option<Duration>,
    /// First instant at which it is active.
    pub active_from: Option<Timestamp>,
    /// First instant at which it is no longer active.
    pub active_until: Option<Timestamp>,
    /// Per cent of the subjects that it is in force for; the others see it as shadow.
    pub rollout: Option<Decimal>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum Trigger {
    /// At every pick of the selector at which the condition, if there is one, holds.
    On(Selector),
    /// Where the condition turns true.
    When,
    /// Holds its actions as long as the condition holds.
    While,
    /// At each time of the schedule at which the condition, if there is one, holds.
    Every(Schedule),
}

#[derive(Clone, Debug)]
pub struct Template {
    pub parts: Vec<TemplatePart>,
}

#[derive(Clone, Debug)]
pub enum TemplatePart {
    Text(Arc<str>),
    /// Rendered by `Display` of its value; `none` where absent; `•••` where the expression reads a private field.
    Expr(Expr),
}

/// An action. `keep` is `renew keep`: a live grant is left as it is when the rule fires again.
#[derive(Clone, Debug)]
pub enum Action {
    Tag {
        tag: TagId,
        life: Life,
        keep: bool,
    },
    Untag(TagId),
    Add {
        list: ListId,
        level: u8,
        category: Option<Arc<str>>,
        life: Life,
        starting_in: Option<Duration>,
        review: Option<Duration>,
        keep: bool,
    },
    Remove(ListId),
    Score {
        score: ScoreId,
        change: ScoreChange,
        amount: Expr,
    },
    Notify {
        channel: Arc<str>,
        text: Option<Template>,
    },
    Emit {
        name: Arc<str>,
        fields: Vec<(Arc<str>, Expr)>,
    },
    /// Never a `Propose` itself.
    Propose(Box<Action>),
}

/// How long a grant lives. Default lives of tags and lists are already filled in.
#[derive(Clone, Debug)]
pub enum Life {
    /// Until something else ends it; also every grant of a `while` rule.
    Forever,
    For(Duration),
    UntilTime(Timestamp),
    UntilOn(Selector),
    Until(Expr),
}

#[derive(Clone, Debug)]
pub struct Guard {
    pub kind: GuardKind,
    pub target: Target,
    /// The subjects that its condition can be asked of.
    pub entities: Vec<EntityId>,
    pub condition: Expr,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuardKind {
    /// Automatic additions are withheld.
    Exempt,
    /// Automatic additions become proposals.
    Approve,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum Target {
    Tag(TagId),
    List(ListId),
}

/// What people of a role may do: everything that its `role` lines name.
#[derive(Clone, Debug)]
pub struct Role {
    pub name: Arc<str>,
    pub may: Vec<Permission>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    View,
    Tag,
    /// To put subjects in this list by hand.
    List(ListId),
    Release,
    Suspend,
    Approve,
    Review,
    Appeal,
    Exempt,
    Merge,
    Forget,
    Export,
}

impl Permission {
    /// What it allows.
    pub fn verb(self) -> Verb {
        match self {
            Permission::View => Verb::View,
            Permission::Tag => Verb::Tag,
            Permission::List(_) => Verb::List,
            Permission::Release => Verb::Release,
            Permission::Suspend => Verb::Suspend,
            Permission::Approve => Verb::Approve,
            Permission::Review => Verb::Review,
            Permission::Appeal => Verb::Appeal,
            Permission::Exempt => Verb::Exempt,
            Permission::Merge => Verb::Merge,
            Permission::Forget => Verb::Forget,
            Permission::Export => Verb::Export,
        }
    }
}

/// Which picks an aggregate runs over.
#[derive(Clone, Debug)]
pub enum Selector {
    /// Events of these types that concern the subject and fulfil the condition.
    Base { events: Vec<EventId>, condition: Option<Box<Expr>> },
    /// `picked after other within D`
    After(Box<Sequence>),
    /// `picked without other within D`, picked at the deadline
    Without(Box<Sequence>),
}

#[derive(Clone, Debug)]
pub struct Sequence {
    pub picked: Selector,
    pub other: Selector,
    pub within: Duration,
    /// The field that must have the same value in both.
    pub matching: Option<Matching>,
}

#[derive(Clone, Debug)]
pub struct Matching {
    pub picked: FieldRef,
    pub other: FieldRef,
}

/// A field that one or more event types have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldRef {
    pub name: Arc<str>,
    /// Where it stands in each event type that the selector may pick, by event id.
    pub places: Vec<(EventId, FieldId)>,
    pub private: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Window {
    /// Since the subject's first input.
    Lifetime,
    /// Sliding: while t < e + length.
    Over(Duration),
    /// Whole steps; both in microseconds, `step` divides `length`.
    Stepped {
        length: i64,
        step: i64,
    },
    This(Period),
    Previous(Period),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    Bool,
    Number,
    Text,
    Time,
    Duration,
}

/// A typed expression.
#[derive(Clone, Debug)]
pub struct Expr {
    pub kind: ExprKind,
    pub ty: Type,
    /// Whether it may be absent.
    pub optional: bool,
    /// As the formatter prints it: what evidence shows.
    pub text: Arc<str>,
    /// Whether it reads a private field of the event at hand.
    pub private: bool,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum ExprKind {
    Constant(Value),
    /// A field of the event at hand.
    Field(FieldRef),
    /// The time of the event at hand; in an `every` rule the scheduled time.
    At,
    Not(Box<Expr>),
    /// Two or more, flattened, in the order written.
    And(Vec<Expr>),
    /// Two or more, flattened, in the order written.
    Or(Vec<Expr>),
    Negate(Box<Expr>),
    Arithmetic(ArithmeticOp, Box<Expr>, Box<Expr>),
    Coalesce(Box<Expr>, Box<Expr>),
    /// Both of one type and never absent, except behind an `exists` of the same expression in the same `and`: where that
    /// is false, one may be absent, and then the comparison is false. The same goes for every operand.
    Compare(CompareOp, Box<Expr>, Box<Expr>),
    /// `time since S OP D`, with the comparison turned so that the time since stands on the left. `absent` is its value
    /// where nothing was ever picked: what the `??` default gives.
    Elapsed {
        selector: Box<Selector>,
        op: CompareOp,
        than: Duration,
        absent: bool,
    },
    InSet(Box<Expr>, Vec<Value>),
    /// `low <= value and value <= high`
    Between(Box<Expr>, Box<Expr>, Box<Expr>),
    /// False of an absent text; so are the next four.
    Contains(Box<Expr>, Box<Expr>),
    StartsWith(Box<Expr>, Box<Expr>),
    EndsWith(Box<Expr>, Box<Expr>),
    Matches(Box<Expr>, Arc<str>),
    Has {
        text: Box<Expr>,
        keywords: KeywordsId,
        category: Option<Arc<str>>,
    },
    Exists(Box<Expr>),
    /// All hits; 0 of an absent text.
    Hits(Box<Expr>, KeywordsId),
    /// Different patterns hit; 0 of an absent text.
    Words(Box<Expr>, KeywordsId),
    Aggregate(Box<Aggregate>),
    NoFor(Box<Selector>, Duration),
    TimeSince(Box<Selector>),
    Tagged(TagId, Option<Duration>),
    /// In the list, at a level for which the comparison holds.
    InList(ListId, Option<(CompareOp, u8)>),
    /// Absent where not in the list.
    Level(ListId),
    Score(ScoreId),
    Call(Function, Vec<Expr>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Function {
    /// Local hour, 0 to 23.
    Hour,
    /// Local day of the week, 1 (Monday) to 7.
    Weekday,
    /// Local day of the month.
    Day,
    /// Local month, 1 to 12.
    Month,
    /// The local midnight that begins the day: a time.
    Date,
    /// Whether the instant's local day and month are those of the time; 29 February counts on the 28th in other years.
    IsAnniversary,
    /// Whole years from the time's local date to the instant's.
    Age,
    /// Characters (code points) of a text.
    Length,
    Lower,
    Abs,
    Round,
}

#[derive(Clone, Debug)]
pub struct Aggregate {
    pub function: AggregateFn,
    pub selector: Selector,
    /// `None` for `count` and `days`.
    pub field: Option<FieldRef>,
    pub window: Window,
}

/// A `test` block.
#[derive(Clone, Debug)]
pub struct Test {
    pub name: Arc<str>,
    /// In the order written; the runner sorts the inputs by time, stably.
    pub steps: Vec<TestStep>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum TestStep {
    /// `count` events, `every` apart, the first at `start`.
    Events {
        event: EventId,
        count: u32,
        every: Duration,
        start: Timestamp,
        keys: Vec<Arc<str>>,
        fields: Vec<Option<Value>>,
        span: Span,
    },
    Expect {
        key: Arc<str>,
        negated: bool,
        what: Expectation,
        time: Timestamp,
        span: Span,
    },
}

#[derive(Clone, Debug)]
pub enum Expectation {
    In { list: ListId, level: Option<(CompareOp, u8)> },
    Tagged(TagId),
    Score { score: ScoreId, op: CompareOp, value: Decimal },
    Fired(RuleId),
}
