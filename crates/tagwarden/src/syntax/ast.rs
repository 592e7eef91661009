//! The syntax tree: what was written, with the place of everything, names not yet resolved.

#![allow(
    missing_docs,
    reason = "internal: the names follow the language page, and what is not plain is said"
)]

use crate::source::Span;
use crate::value::{Decimal, Duration, Period, Schedule};

/// A name as written, bare or quoted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    pub text: String,
    pub span: Span,
}

/// Something with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    pub node: T,
    pub span: Span,
}

/// A whole source.
#[derive(Clone, Debug, Default)]
pub struct File {
    pub items: Vec<Item>,
}

/// A top-level item.
#[derive(Clone, Debug)]
pub struct Item {
    pub kind: ItemKind,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum ItemKind {
    Timezone(Name),
    Entity(Name),
    Event(Event),
    Keywords(Keywords),
    /// `tag NAME [for D]`
    Tag {
        name: Name,
        life: Option<Spanned<Duration>>,
    },
    TagGroup(TagGroup),
    Score(Score),
    List(List),
    /// `use "path"`
    Use(Name),
    /// `strict tags`
    StrictTags,
    Rule(Box<Rule>),
    /// `exempt from TARGET when COND`
    Exempt(Guard),
    /// `approve for TARGET when COND`
    Approve(Guard),
    Role {
        name: Name,
        may: Vec<Permission>,
    },
    /// `keep KIND DURATION, …`
    Keep(Vec<KeepPart>),
    Test(Test),
}

/// `event NAME(entity, …) { field: type [private], … }`
#[derive(Clone, Debug)]
pub struct Event {
    pub name: Name,
    pub entities: Vec<Name>,
    pub fields: Vec<Field>,
}

#[derive(Clone, Debug)]
pub struct Field {
    pub name: Name,
    pub ty: FieldType,
    pub ty_span: Span,
    pub optional: bool,
    pub private: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldType {
    Text,
    Number,
    Bool,
    Time,
    /// A closed set of texts.
    Choice(Vec<Name>),
    /// A word that is no type; the checker names the nearest.
    Unknown(String),
}

/// `keywords NAME [ignoring …] [exactly …] { … }` or `… from "file"`
#[derive(Clone, Debug)]
pub struct Keywords {
    pub name: Name,
    /// Words after `ignoring`, for the whole set.
    pub ignoring: Vec<Name>,
    /// Words after `exactly` (`case`, `width`, `script`, `invisible`); empty after a bare `exactly` means all.
    pub exactly: Option<Vec<Name>>,
    pub body: KeywordsBody,
}

#[derive(Clone, Debug)]
pub enum KeywordsBody {
    /// A file that the host's resolver finds.
    From(Name),
    Patterns {
        patterns: Vec<Pattern>,
        except: Vec<Name>,
    },
}

/// One pattern: `"text" [anywhere] [ignoring …] [category "…"]`
#[derive(Clone, Debug)]
pub struct Pattern {
    pub text: Name,
    pub anywhere: bool,
    pub ignoring: Vec<Name>,
    pub category: Option<Name>,
}

/// `tags NAME: A < B < C` (ordered) or `tags NAME: A, B, C`
#[derive(Clone, Debug)]
pub struct TagGroup {
    pub name: Name,
    pub ordered: bool,
    pub members: Vec<Name>,
}

/// `score NAME { half-life D, between A and B }`
#[derive(Clone, Debug)]
pub struct Score {
    pub name: Name,
    pub half_life: Option<Spanned<Duration>>,
    pub between: Option<(Spanned<Decimal>, Spanned<Decimal>)>,
}

/// `list NAME { … }`
#[derive(Clone, Debug)]
pub struct List {
    pub name: Name,
    pub levels: Vec<Level>,
    pub categories: Vec<Name>,
    pub life: Option<Spanned<Duration>>,
    pub review: Option<Spanned<Duration>>,
}

/// `level N ["label"] [denies all | limits N per D | allows CHANNEL, …]`
#[derive(Clone, Debug)]
pub struct Level {
    pub number: Spanned<Decimal>,
    pub label: Option<Name>,
    pub effect: Option<LevelEffect>,
}

#[derive(Clone, Debug)]
pub enum LevelEffect {
    DeniesAll,
    Limits { count: Spanned<Decimal>, per: Spanned<Duration> },
    Allows(Vec<Name>),
}

/// `[shadow] rule NAME ["title"] [for ENTITY] { clauses }`
#[derive(Clone, Debug)]
pub struct Rule {
    pub shadow: bool,
    pub name: Name,
    pub title: Option<Name>,
    pub entity: Option<Name>,
    /// In the order written. The checker sees to it that each stands there as often as it may.
    pub clauses: Vec<Clause>,
}

#[derive(Clone, Debug)]
pub struct Clause {
    pub kind: ClauseKind,
    pub span: Span,
}

#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "made once a rule, and soon gone")]
pub enum ClauseKind {
    /// `on SELECTOR`
    On(Selector),
    /// `when COND`
    When(Expr),
    /// `while COND`
    While(Expr),
    /// `every day at 09:00`
    Every(Schedule),
    /// `unless COND`
    Unless(Expr),
    /// `because "text"`
    Because(Template),
    /// `then ACTION`
    Then(Action),
    /// `at most once per D`
    AtMostOncePer(Spanned<Duration>),
    /// `active [from TIME] [until TIME]`
    Active { from: Option<Spanned<String>>, until: Option<Spanned<String>> },
    /// `rollout N%`
    Rollout(Spanned<Decimal>),
}

/// A text with `{expr}` in it.
#[derive(Clone, Debug)]
pub struct Template {
    pub parts: Vec<TemplatePart>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum TemplatePart {
    Text(String),
    Expr(Expr),
}

#[derive(Clone, Debug)]
pub struct Action {
    pub kind: ActionKind,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum ActionKind {
    /// `tag NAME [LIFE] [renew keep]`
    Tag {
        tag: Name,
        life: Option<Life>,
        keep: bool,
    },
    Untag(Name),
    /// `add to LIST [level N] [category NAME] [LIFE] [starting in D] [review every D] [renew keep]`
    Add {
        list: Name,
        level: Option<Spanned<Decimal>>,
        category: Option<Name>,
        life: Option<Life>,
        starting_in: Option<Spanned<Duration>>,
        review: Option<Spanned<Duration>>,
        keep: bool,
    },
    Remove(Name),
    /// `SCORE += N`, `-= N`, `= N`
    Score {
        score: Name,
        change: ScoreChange,
        amount: Expr,
    },
    Notify {
        channel: Name,
        text: Option<Template>,
    },
    Emit {
        name: Name,
        fields: Vec<(Name, Expr)>,
    },
    Propose(Box<Action>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScoreChange {
    Add,
    Subtract,
    Set,
}

#[derive(Clone, Debug)]
pub enum Life {
    For(Spanned<Duration>),
    /// A time literal as written.
    UntilTime(Spanned<String>),
    UntilOn(Selector),
    Until(Expr),
}

/// The target and condition of `exempt` and `approve`.
#[derive(Clone, Debug)]
pub struct Guard {
    pub target: GuardTarget,
    pub condition: Expr,
}

#[derive(Clone, Debug)]
pub enum GuardTarget {
    /// A bare name: a list.
    List(Name),
    /// `tag NAME`
    Tag(Name),
}

/// One of the verbs that a role may: `view`, `tag`, `list NAME`, …
#[derive(Clone, Debug)]
pub struct Permission {
    pub verb: Name,
    pub target: Option<Name>,
}

/// How long a ledger keeps one kind of thing: `decisions 3y`.
#[derive(Clone, Debug)]
pub struct KeepPart {
    pub what: Name,
    pub time: Spanned<Duration>,
}

/// `test "name" { … }`
#[derive(Clone, Debug)]
pub struct Test {
    pub name: Name,
    pub steps: Vec<TestStep>,
}

#[derive(Clone, Debug)]
pub struct TestStep {
    pub kind: TestStepKind,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum TestStepKind {
    /// `[N] EVENT [every D] (from|at) TIME for "key" [, "key" …] [{ field: value, … }]`; `count` is 1 where not written
    Events {
        count: Option<Spanned<Decimal>>,
        event: Name,
        every: Option<Spanned<Duration>>,
        time: Spanned<String>,
        /// One key for each entity of the event, in the order of its declaration.
        keys: Vec<Name>,
        fields: Vec<(Name, Expr)>,
    },
    /// `expect "key" [not] PREDICATE at TIME`
    Expect { key: Name, negated: bool, what: Expectation, time: Spanned<String> },
}

#[derive(Clone, Debug)]
pub enum Expectation {
    /// `in LIST [level [OP] N]`: `level 2` means exactly 2
    In { list: Name, level: Option<(CompareOp, Spanned<Decimal>)> },
    /// `tagged NAME`
    Tagged(Name),
    /// `SCORE OP N`
    Score { score: Name, op: CompareOp, value: Spanned<Decimal> },
    /// `fired RULE`: the rule fired at exactly that time
    Fired(Name),
}

#[derive(Clone, Debug)]
pub struct Expr {
    pub kind: ExprKind,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum ExprKind {
    Number(Decimal),
    Text(String),
    Bool(bool),
    Duration(Duration),
    /// A time literal as written; read in the rulebook's zone.
    Time(String),
    /// `name`: a field, a score or `at`
    Name(String),
    /// `event.field`
    Path(Name, Name),
    Not(Box<Expr>),
    Negate(Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    Compare(CompareOp, Box<Expr>, Box<Expr>),
    /// `a in [b, c]`
    InSet(Box<Expr>, Vec<Expr>),
    Between(Box<Expr>, Box<Expr>, Box<Expr>),
    Contains(Box<Expr>, Box<Expr>),
    StartsWith(Box<Expr>, Box<Expr>),
    EndsWith(Box<Expr>, Box<Expr>),
    /// `a matches /re/`
    Matches(Box<Expr>, Spanned<String>),
    /// `text has KEYWORDS [category NAME]`
    Has {
        text: Box<Expr>,
        keywords: Name,
        category: Option<Name>,
    },
    /// `a exists` or `exists a`
    Exists(Box<Expr>),
    /// `a ?? b`
    Coalesce(Box<Expr>, Box<Expr>),
    Arithmetic(ArithmeticOp, Box<Expr>, Box<Expr>),
    /// `count(S) over D` and the like
    Aggregate(Box<Aggregate>),
    /// `no S for D`
    NoFor(Box<Selector>, Spanned<Duration>),
    /// `time since S`
    TimeSince(Box<Selector>),
    /// `tagged NAME [for D]`
    Tagged(Name, Option<Spanned<Duration>>),
    /// `in LIST [level OP N]`
    InList {
        list: Name,
        level: Option<(CompareOp, Spanned<Decimal>)>,
    },
    /// `level(LIST)`
    Level(Name),
    /// Any other `name(args)`; for `hits` and `words` the second argument is a `Name`
    Call(Name, Vec<Expr>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CompareOp {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl CompareOp {
    /// As written.
    pub const fn symbol(self) -> &'static str {
        match self {
            CompareOp::Equal => "==",
            CompareOp::NotEqual => "!=",
            CompareOp::Less => "<",
            CompareOp::LessOrEqual => "<=",
            CompareOp::Greater => ">",
            CompareOp::GreaterOrEqual => ">=",
        }
    }

    /// Whether it holds of an ordering.
    pub const fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            CompareOp::Equal => ordering.is_eq(),
            CompareOp::NotEqual => ordering.is_ne(),
            CompareOp::Less => ordering.is_lt(),
            CompareOp::LessOrEqual => ordering.is_le(),
            CompareOp::Greater => ordering.is_gt(),
            CompareOp::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ArithmeticOp {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl ArithmeticOp {
    /// As written.
    pub const fn symbol(self) -> &'static str {
        match self {
            ArithmeticOp::Add => "+",
            ArithmeticOp::Subtract => "-",
            ArithmeticOp::Multiply => "*",
            ArithmeticOp::Divide => "/",
            ArithmeticOp::Remainder => "%",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AggregateFn {
    Count,
    Sum,
    Average,
    Min,
    Max,
    Distinct,
    Days,
    First,
    Latest,
}

impl AggregateFn {
    /// As written.
    pub const fn word(self) -> &'static str {
        match self {
            AggregateFn::Count => "count",
            AggregateFn::Sum => "sum",
            AggregateFn::Average => "avg",
            AggregateFn::Min => "min",
            AggregateFn::Max => "max",
            AggregateFn::Distinct => "distinct",
            AggregateFn::Days => "days",
            AggregateFn::First => "first",
            AggregateFn::Latest => "latest",
        }
    }
}

/// `FN(SELECTOR[.field]) [WINDOW]`. In `sum(order.amount where …)` the field stands behind the event and before the `where`.
#[derive(Clone, Debug)]
pub struct Aggregate {
    pub function: AggregateFn,
    pub function_span: Span,
    pub selector: Selector,
    pub field: Option<Name>,
    pub window: Option<Window>,
}

#[derive(Clone, Debug)]
pub struct Window {
    pub kind: WindowKind,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum WindowKind {
    /// `over D [step E]`
    Over { length: Spanned<Duration>, step: Option<Spanned<Duration>> },
    /// `this day`
    This(Period),
    /// `previous day`
    Previous(Period),
}

#[derive(Clone, Debug)]
pub struct Selector {
    pub kind: SelectorKind,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum SelectorKind {
    /// `EVENT or EVENT … [where COND]`
    Events { events: Vec<Name>, condition: Option<Expr> },
    /// `activity [where COND]`
    Activity { condition: Option<Expr> },
    /// `A after B within D [matching FIELD]`
    After(Box<Sequence>),
    /// `A without B within D [matching FIELD]`
    Without(Box<Sequence>),
}

#[derive(Clone, Debug)]
pub struct Sequence {
    /// The picked ones: `A`.
    pub picked: Selector,
    /// The other ones: `B`.
    pub other: Selector,
    pub within: Spanned<Duration>,
    pub matching: Option<Name>,
}
