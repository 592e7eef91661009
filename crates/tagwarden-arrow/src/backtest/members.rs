//! Who has what, as the decisions tell it.

use crate::dictionary::Dictionary;
use crate::recent::Recent;
use crate::table::Table;
use crate::view::View;
use arrow_array::builder::{Int32Builder, StringBuilder, TimestampMicrosecondBuilder, UInt8Builder};
use arrow_array::{ArrayRef, Int32Array};
use arrow_schema::ArrowError;
use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashTable};
use std::hash::BuildHasher;
use std::sync::Arc;
use tagwarden::{Change, ProposedAction, Timestamp};

/// Follows the decisions of an engine and knows at each moment who has which tag and is on which list.
///
/// ```
/// use tagwarden::{Engine, Reader, Rulebook, TimeUnit};
/// use tagwarden_arrow::Members;
/// let rulebook = Rulebook::compile("entity customer  event login(customer) {}  rule all { on login then tag seen }")?;
/// let reader = Reader::new(rulebook.schema(), TimeUnit::Millis);
/// let login = reader.json(br#"{"type":"login","time":0,"customer":"c1"}"#)?;
/// let mut members = Members::default();
/// for decision in Engine::new(&rulebook).apply(&login)? {
///     members.push(&decision);
/// }
/// assert_eq!(members.table()?.rows(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Members {
    subjects: Subjects,
    pub(crate) things: Things,
    pub(crate) held: HashMap<(u32, u32), Held, FixedState>,
}

/// Every subject that a decision was about, by number.
#[derive(Debug, Default)]
pub(crate) struct Subjects {
    /// The number of the last one: mostly several decisions in a row are about the same.
    last: u32,
    table: HashTable<u32>,
    names: Vec<(Arc<str>, Arc<str>)>,
    hasher: FixedState,
}

/// What a subject can have or get, by number.
#[derive(Debug, Default)]
pub(crate) struct Things {
    recent: Recent,
    by_name: HashMap<(&'static str, Arc<str>), u32, FixedState>,
    /// What stands at the addresses that are remembered.
    kept: Vec<Arc<str>>,
    pub(crate) names: Vec<(&'static str, Arc<str>)>,
}

/// What a subject has had of a thing.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    /// When it first came, and by which rule.
    pub(crate) first: Timestamp,
    pub(crate) first_rule: Option<Arc<str>>,
    /// If it is held now.
    pub(crate) now: Option<Now>,
}

#[derive(Clone, Debug)]
pub(crate) struct Now {
    pub(crate) since: Timestamp,
    pub(crate) until: Option<Timestamp>,
    pub(crate) level: Option<u8>,
    pub(crate) category: Option<Arc<str>>,
    pub(crate) rule: Option<Arc<str>>,
}

/// How many texts are kept for their addresses.
const MOST: usize = 1 << 16;

impl Subjects {
    pub(crate) fn number(&mut self, entity: &Arc<str>, subject: &Arc<str>) -> u32 {
        let last = self.names.get(self.last as usize);
        if !last.is_some_and(|(e, s)| Arc::ptr_eq(s, subject) && Arc::ptr_eq(e, entity)) {
            self.last = self.find(entity, subject);
        }
        self.last
    }

    fn find(&mut self, entity: &Arc<str>, subject: &Arc<str>) -> u32 {
        let names = &mut self.names;
        let hasher = &self.hasher;
        let same = |at: &u32| names.get(*at as usize).is_some_and(|(e, s)| s == subject && e == entity);
        let hash = hasher.hash_one(&**subject);
        if let Some(at) = self.table.find(hash, same) {
            return *at;
        }
        let at = names.len() as u32;
        names.push((Arc::clone(entity), Arc::clone(subject)));
        let rehash = |at: &u32| names.get(*at as usize).map_or(0, |(_, subject)| hasher.hash_one(&**subject));
        self.table.insert_unique(hash, at, rehash);
        at
    }

    pub(crate) fn name(&self, at: u32) -> Option<&(Arc<str>, Arc<str>)> {
        self.names.get(at as usize)
    }
}

impl Things {
    #[inline]
    fn number(&mut self, kind: &'static str, name: &Arc<str>) -> u32 {
        let recent = self.recent.get(Arc::as_ptr(name));
        match recent.filter(|at| self.names.get(*at as usize).is_some_and(|(known, _)| *known == kind)) {
            Some(number) => number,
            None => self.find(kind, name),
        }
    }

    #[inline(never)]
    fn find(&mut self, kind: &'static str, name: &Arc<str>) -> u32 {
        let next = self.names.len() as u32;
        let number = *self.by_name.entry((kind, Arc::clone(name))).or_insert_with(|| {
            self.names.push((kind, Arc::clone(name)));
            next
        });
        if self.kept.len() < MOST {
            self.kept.push(Arc::clone(name));
            self.recent.note(Arc::as_ptr(name), number);
        }
        number
    }
}

/// What a decision does to a subject's things.
pub(crate) enum Step {
    Gained(u32),
    Lost(u32),
    /// Something that is not held: a message, an event, a proposal.
    Got(u32),
    Nothing,
}

impl Members {
    /// Takes note of a decision. Those of shadow rules change nothing.
    pub fn push<'a>(&mut self, decision: impl Into<View<'a>>) {
        let decision = decision.into();
        if !decision.shadow && keeps(decision.change) {
            let subject = self.subjects.number(decision.entity, decision.subject);
            self.step(&decision, subject);
        }
    }

    /// Takes in what other subjects have: the number from which on they are numbered here, and the numbers that their things have here.
    pub(crate) fn join(&mut self, other: Members) -> (u32, Vec<u32>) {
        let first = self.subjects.names.len() as u32;
        let things: Vec<u32> =
            other.things.names.iter().map(|(kind, name)| self.things.number(kind, name)).collect();
        self.subjects.names.extend(other.subjects.names);
        for ((subject, thing), held) in other.held {
            if let Some(thing) = things.get(thing as usize) {
                self.held.insert((first + subject, *thing), held);
            }
        }
        (first, things)
    }

    /// Gives things other numbers.
    pub(crate) fn renumber(&mut self, numbers: &[u32]) {
        let number = |thing: u32| numbers.get(thing as usize).copied().unwrap_or(thing);
        let held = std::mem::take(&mut self.held).into_iter();
        self.held = held.map(|((subject, thing), held)| ((subject, number(thing)), held)).collect();
        let mut names: Vec<_> = std::mem::take(&mut self.things).names.into_iter().zip(numbers).collect();
        names.sort_by_key(|(_, number)| **number);
        for ((kind, name), _) in names {
            self.things.number(kind, &name);
        }
    }

    pub(crate) fn subject(&mut self, decision: &View<'_>) -> u32 {
        self.subjects.number(decision.entity, decision.subject)
    }

    pub(crate) fn name(&self, subject: u32) -> Option<&(Arc<str>, Arc<str>)> {
        self.subjects.name(subject)
    }

    /// Takes note of a decision about the subject of a number.
    pub(crate) fn step(&mut self, decision: &View<'_>, subject: u32) -> Step {
        let rule = || decision.rule.map(|rule| Arc::clone(&rule.name));
        let time = decision.time;
        match decision.change {
            Change::Tagged { tag, until } => {
                let thing = self.things.number("tag", tag);
                let now = Now { since: time, until: *until, level: None, category: None, rule: rule() };
                self.gain(subject, thing, now)
            }
            Change::Listed { list, level, category, until } => {
                let thing = self.things.number("list", list);
                let category = category.clone();
                let now = Now { since: time, until: *until, level: Some(*level), category, rule: rule() };
                self.gain(subject, thing, now)
            }
            Change::LevelChanged { list, level, .. } => {
                let thing = self.things.number("list", list);
                if let Some(now) = self.held.get_mut(&(subject, thing)).and_then(|held| held.now.as_mut()) {
                    now.level = Some(*level);
                    now.rule = rule();
                }
                Step::Nothing
            }
            Change::Untagged { tag, .. } => {
                let thing = self.things.number("tag", tag);
                self.lose(subject, thing)
            }
            Change::Unlisted { list, .. } => {
                let thing = self.things.number("list", list);
                self.lose(subject, thing)
            }
            Change::Forgotten => {
                self.held.retain(|(other, _), _| *other != subject);
                Step::Nothing
            }
            Change::Notified { channel, .. } => Step::Got(self.things.number("message", channel)),
            Change::Emitted { name, .. } => Step::Got(self.things.number("event", name)),
            Change::Proposed { action, .. } => Step::Got(self.things.number("proposal", target(action))),
            Change::Withheld(action) => Step::Got(self.things.number("withheld", target(action))),
            _ => Step::Nothing,
        }
    }

    fn gain(&mut self, subject: u32, thing: u32, now: Now) -> Step {
        let held = self.held.entry((subject, thing)).or_insert_with(|| Held {
            first: now.since,
            first_rule: now.rule.clone(),
            now: None,
        });
        let gained = held.now.is_none();
        let since = held.now.as_ref().map_or(now.since, |before| before.since);
        held.now = Some(Now { since, ..now });
        if gained { Step::Gained(thing) } else { Step::Nothing }
    }

    fn lose(&mut self, subject: u32, thing: u32) -> Step {
        match self.held.get_mut(&(subject, thing)).and_then(|held| held.now.take()) {
            Some(_) => Step::Lost(thing),
            None => Step::Nothing,
        }
    }

    /// Notes the first time that a subject got something that is not held.
    pub(crate) fn got(&mut self, decision: &View<'_>, subject: u32, thing: u32) {
        let first_rule = decision.rule.map(|rule| Arc::clone(&rule.name));
        let first = Held { first: decision.time, first_rule, now: None };
        self.held.entry((subject, thing)).or_insert(first);
    }

    /// Who has what now: `entity`, `subject`, `kind` (`tag` or `list`), `name`, `level`, `category`, `since`, `until` as far as the
    /// clock alone decides that, and the `rule` that gave it. Ordered by subject, then name.
    ///
    /// # Errors
    /// It is too large for its columns.
    pub fn table(&self) -> Result<Table, ArrowError> {
        let mut rows = Vec::new();
        for ((subject, thing), held) in &self.held {
            if let (Some(now), Some(names), Some(thing)) =
                (&held.now, self.name(*subject), self.things.names.get(*thing as usize))
            {
                rows.push((names, thing, now));
            }
        }
        rows.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
        let mut coded = Coded::<5>::default();
        let mut subjects = StringBuilder::new();
        let mut levels = UInt8Builder::new();
        let (mut since, mut until) = (times(), times());
        for ((entity, subject), (kind, name), now) in rows {
            subjects.append_value(subject);
            levels.append_option(now.level);
            since.append_value(now.since.micros());
            until.append_option(now.until.map(Timestamp::micros));
            let kind: Arc<str> = (*kind).into();
            coded.push([Some(entity), Some(&kind), Some(name), now.category.as_ref(), now.rule.as_ref()]);
        }
        let [entities, kinds, names, categories, rules] = coded.finish()?;
        Table::of(vec![
            ("entity", entities, false),
            ("subject", Arc::new(subjects.finish()), false),
            ("kind", kinds, false),
            ("name", names, false),
            ("level", Arc::new(levels.finish()), true),
            ("category", categories, true),
            ("since", Arc::new(since.finish()), false),
            ("until", Arc::new(until.finish()), true),
            ("rule", rules, true),
        ])
    }
}

/// Whether a change is of something that is held.
fn keeps(change: &Change) -> bool {
    matches!(
        change,
        Change::Tagged { .. }
            | Change::Untagged { .. }
            | Change::Listed { .. }
            | Change::LevelChanged { .. }
            | Change::Unlisted { .. }
            | Change::Forgotten
    )
}

/// What an action is about.
fn target(action: &ProposedAction) -> &Arc<str> {
    static OTHER: std::sync::LazyLock<Arc<str>> = std::sync::LazyLock::new(|| "other".into());
    match action {
        ProposedAction::Tag { tag } | ProposedAction::Untag { tag } => tag,
        ProposedAction::Add { list, .. } | ProposedAction::Remove { list } => list,
        ProposedAction::Score { score, .. } => score,
        ProposedAction::Notify { channel, .. } => channel,
        ProposedAction::Emit { name, .. } => name,
        _ => &OTHER,
    }
}

/// A builder of times in UTC.
pub(crate) fn times() -> TimestampMicrosecondBuilder {
    TimestampMicrosecondBuilder::new().with_timezone("UTC")
}

/// Several columns whose texts come again and again.
pub(crate) struct Coded<const N: usize> {
    dictionaries: [Dictionary; N],
    codes: [Int32Builder; N],
}

impl<const N: usize> Default for Coded<N> {
    fn default() -> Self {
        Coded {
            dictionaries: std::array::from_fn(|_| Dictionary::default()),
            codes: std::array::from_fn(|_| Int32Builder::new()),
        }
    }
}

impl<const N: usize> Coded<N> {
    pub(crate) fn push(&mut self, texts: [Option<&Arc<str>>; N]) {
        for ((dictionary, codes), text) in self.dictionaries.iter_mut().zip(&mut self.codes).zip(texts) {
            codes.append_option(text.map(|text| dictionary.code(text)));
        }
    }

    pub(crate) fn finish(self) -> Result<[ArrayRef; N], ArrowError> {
        let mut columns = Vec::with_capacity(N);
        for (dictionary, mut codes) in self.dictionaries.into_iter().zip(self.codes) {
            let codes: Int32Array = codes.finish();
            columns.push(Dictionary::column(codes, &dictionary.values())?);
        }
        columns.try_into().map_err(|_| ArrowError::ComputeError("a column is missing".into()))
    }
}
