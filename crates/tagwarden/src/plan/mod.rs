//! The plan: what the engine runs. Equal selectors, series and windows are shared between all rules of an entity, and
//! everything knows which rules read it, so that a rule is looked at only where something that it reads has changed.

mod arithmetic;
mod build;
mod dispatch;
mod expr;
mod lower;
mod quick;
mod settle;

pub(crate) use arithmetic::arithmetic;
pub(crate) use dispatch::Dispatch;
pub(crate) use expr::{Node, NodeKind, QuietId, StreamId, WindowSlot};
pub(crate) use quick::{Bound, Condition, Quick};

use crate::check::tree::{GuardKind, ListId, ScoreChange, ScoreId, TagId, Target, Tree};
use crate::decision::{Change, RuleRef};
use crate::schema::{EventId, FieldId};
use crate::text::Keywords;
use crate::value::{Decimal, Duration, Schedule, Timestamp};
use crate::window::PagePlan;
use std::sync::{Arc, OnceLock};

/// Which ways round the general one are taken. They change how long things take and nothing else, which tests see by forcing them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shortcuts {
    /// Those that are worth it.
    #[default]
    Usual,
    /// None.
    Never,
    /// All that can be.
    Always,
}

/// A compiled rulebook.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) tree: Tree,
    pub(crate) keywords: Keywords,
    /// One for each entity of the schema.
    pub(crate) entities: Vec<EntityPlan>,
    /// The longest sliding window of fixed length, in microseconds.
    pub(crate) longest: i64,
}

/// What concerns the subjects of one entity.
#[derive(Debug, Default)]
pub(crate) struct EntityPlan {
    /// Selectors, inner ones first.
    pub(crate) streams: Vec<Stream>,
    pub(crate) pages: Vec<Page>,
    pub(crate) quiets: Vec<Quiet>,
    /// For each event type, the streams that it may feed, in order.
    pub(crate) by_event: Vec<Dispatch>,
    /// In the order in which they run.
    pub(crate) rules: Vec<RulePlan>,
    /// Conditions that can change because the clock passes something that is no window.
    pub(crate) leaves: Vec<Leaf>,
    /// Who looks at a tag, a list, a score.
    pub(crate) tag_readers: Vec<Watchers>,
    pub(crate) list_readers: Vec<Watchers>,
    pub(crate) score_readers: Vec<Watchers>,
    /// Where what a person adds needs a second person.
    pub(crate) approvals: Vec<(Target, Node)>,
    /// Rules with a schedule.
    pub(crate) scheduled: Vec<u32>,
    /// Level-driven rules whose condition may hold of a subject of which nothing is known; worked out by the engine when it is
    /// first asked for.
    pub(crate) initial: OnceLock<Vec<u32>>,
}

/// The rules that look at something again when it changes, by index: bits by words of 64, so that many are marked at once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Readers(Vec<(u32, u64)>);

impl Readers {
    /// Adds a rule, after all with lower indices.
    pub(crate) fn push(&mut self, rule: u32) {
        let (word, bit) = (rule / 64, 1 << (rule % 64));
        match self.0.last_mut().filter(|(last, _)| *last == word) {
            Some((_, bits)) => *bits |= bit,
            None => self.0.push((word, bit)),
        }
    }

    /// The words that have rules, each with its bits.
    pub(crate) fn words(&self) -> &[(u32, u64)] {
        &self.0
    }

    pub(crate) fn contains(&self, rule: u32) -> bool {
        self.0.iter().any(|(word, bits)| *word == rule / 64 && bits & 1 << (rule % 64) != 0)
    }
}

/// The rules that look at something again when it changes, and the leaves whose time it moves.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watchers {
    pub(crate) rules: Readers,
    pub(crate) leaves: Vec<u32>,
}

/// A shared selector.
#[derive(Clone, Debug)]
pub(crate) struct Stream {
    /// What makes two selectors the same.
    pub(crate) key: Arc<str>,
    pub(crate) kind: StreamKind,
    /// Series that its picks enter, with the field that each holds.
    pub(crate) feeds: Vec<Feed>,
    pub(crate) quiets: Vec<QuietId>,
    /// Whether the time of its last pick is asked for.
    pub(crate) tracked: bool,
    pub(crate) watchers: Watchers,
    /// Whether somebody asks what it has picked at an instant.
    pub(crate) noted: bool,
    /// The rules that it fires where certain bounds hold, each with the first of these.
    pub(crate) fires: Vec<(u32, Bound)>,
    /// Whether all of these do nothing but emit, under that one bound, and all bounds stand on one page.
    pub(crate) fires_plainly: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum StreamKind {
    Base { events: Vec<EventId>, condition: Option<Node> },
    After(SequencePlan),
    Without(SequencePlan),
}

#[derive(Clone, Debug)]
pub(crate) struct SequencePlan {
    pub(crate) picked: StreamId,
    pub(crate) other: StreamId,
    pub(crate) within: Duration,
    pub(crate) matching: Option<(Places, Places)>,
}

/// Where a field stands in each event type that a selector may pick.
pub(crate) type Places = Box<[(EventId, FieldId)]>;

/// A series that a stream feeds.
#[derive(Clone, Debug)]
pub(crate) struct Feed {
    pub(crate) page: u32,
    /// Among those of the page.
    pub(crate) series: u16,
    pub(crate) field: Option<Places>,
    /// Whether values are kept as keyed hashes.
    pub(crate) hashed: bool,
}

/// Windows whose state lies together, and who looks at them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    pub(crate) plan: PagePlan,
    /// What makes a series the same in another rulebook: its selector and field.
    pub(crate) keys: Vec<Arc<str>>,
    /// For each window the rules that look again when something leaves it.
    pub(crate) readers: Vec<Readers>,
    /// For each bound, as far as there are any, the rules that look again when it begins or ceases to hold.
    pub(crate) bound_readers: Vec<Readers>,
}

/// `no S for D`.
#[derive(Debug)]
pub(crate) struct Quiet {
    pub(crate) stream: StreamId,
    pub(crate) length: Duration,
}

/// What the clock alone can change, beside windows.
#[derive(Debug)]
pub(crate) struct Leaf {
    pub(crate) kind: LeafKind,
    pub(crate) readers: Readers,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LeafKind {
    Quiet(QuietId),
    Elapsed(StreamId, Duration),
    TaggedFor(TagId, Duration),
    ScoreAgainst(ScoreId, Decimal),
    Midnight,
    /// A rule becomes active or inactive.
    Bound(Timestamp),
}

#[derive(Debug)]
pub(crate) struct RulePlan {
    pub(crate) reference: RuleRef,
    pub(crate) shadow: bool,
    pub(crate) trigger: TriggerPlan,
    pub(crate) condition: Option<Condition>,
    pub(crate) because: Option<TemplatePlan>,
    pub(crate) actions: Vec<ActionPlan>,
    pub(crate) at_most_once_per: Option<Duration>,
    pub(crate) active_from: Option<Timestamp>,
    pub(crate) active_until: Option<Timestamp>,
    pub(crate) rollout: Option<Decimal>,
    /// Whether some grant of it can end by an event or a condition.
    pub(crate) ends_by_itself: bool,
    /// Whether some action of it sends a text.
    pub(crate) speaks: bool,
    /// Whether its actions can change what its reason shows, so that the reason must be put together before them.
    pub(crate) shows_own_work: bool,
}

#[derive(Debug)]
pub(crate) enum TriggerPlan {
    On(StreamId),
    When,
    While,
    Every(Schedule),
}

#[derive(Debug)]
pub(crate) struct TemplatePlan {
    pub(crate) parts: Vec<TemplatePartPlan>,
}

#[derive(Debug)]
pub(crate) enum TemplatePartPlan {
    Text(Arc<str>),
    Node(Node),
}

#[derive(Debug)]
pub(crate) enum ActionPlan {
    Grant(GrantPlan),
    Untag(TagId),
    Remove(ListId),
    Score { score: ScoreId, change: ScoreChange, amount: Node },
    Notify { channel: Arc<str>, text: Option<TemplatePlan> },
    Emit { name: Arc<str>, fields: Vec<(Arc<str>, Node)>, bare: Change },
    Propose(Box<ActionPlan>),
}

impl RulePlan {
    /// Of a rule that only acts on what a stream picks: the stream, and the bounds that must hold before it does anything at all.
    pub(crate) fn bounds(&self) -> Option<(StreamId, &[Bound])> {
        match (&self.trigger, &self.condition) {
            (TriggerPlan::On(stream), Some(Condition { quick: Quick::All(bounds), .. }))
                if !self.ends_by_itself =>
            {
                Some((*stream, bounds))
            }
            _ => None,
        }
    }
}

impl Stream {
    /// Whether it picks single events as they come.
    pub(crate) fn is_base(&self) -> bool {
        matches!(self.kind, StreamKind::Base { .. })
    }
}

impl RulePlan {
    /// Whether it does nothing but emit what has no fields, at any time and for everybody, under one bound.
    pub(crate) fn is_plain(&self) -> bool {
        let bare =
            |action: &ActionPlan| matches!(action, ActionPlan::Emit { fields, .. } if fields.is_empty());
        matches!(self.bounds(), Some((_, [_])))
            && self.actions.iter().all(bare)
            && self.at_most_once_per.is_none()
            && self.active_from.is_none()
            && self.active_until.is_none()
            && self.rollout.is_none()
            && !self.shadow
    }
}

impl ActionPlan {
    /// The text of the message that it sends or proposes to send.
    pub(crate) fn text(&self) -> Option<&TemplatePlan> {
        match self {
            ActionPlan::Notify { text, .. } => text.as_ref(),
            ActionPlan::Propose(inner) => inner.text(),
            _ => None,
        }
    }
}

/// `tag` and `add to`.
#[derive(Debug)]
pub(crate) struct GrantPlan {
    pub(crate) target: Target,
    /// 0 for a tag.
    pub(crate) level: u8,
    pub(crate) category: Option<Arc<str>>,
    pub(crate) life: LifePlan,
    pub(crate) starting_in: Option<Duration>,
    pub(crate) review: Option<Duration>,
    pub(crate) keep: bool,
    /// Conditions under which it is withheld, or proposed.
    pub(crate) guards: Vec<(GuardKind, Node)>,
}

#[derive(Debug)]
pub(crate) enum LifePlan {
    Forever,
    For(Duration),
    UntilTime(Timestamp),
    UntilOn(StreamId),
    Until(Node),
}

impl EntityPlan {
    /// How many things an event can add to what a subject holds, at most.
    pub(crate) fn most_added(&self) -> usize {
        let pages = self.pages.iter().map(|page| page.plan.series.len() + 2 * page.plan.windows.len());
        pages.sum::<usize>() + 2 * self.streams.len() + 1
    }

    /// Whether a selector may pick events of a type.
    pub(crate) fn feeds(&self, event: EventId) -> bool {
        self.by_event.get(usize::from(event.0)).is_some_and(|dispatch| !dispatch.is_empty())
    }
}

impl Plan {
    /// The plan of an entity; every id of an entity has one.
    pub(crate) fn entity(&self, entity: crate::schema::EntityId) -> Option<&EntityPlan> {
        self.entities.get(usize::from(entity.0))
    }
}
