//! Questions about a subject: what holds and why, when it ends, what may be sent, and why a rule does not fire.
//!
//! A question never changes anything: it is answered on a copy of the subject that has been moved to the time asked for.

use super::Engine;
use super::command::{AppealStatus, ExemptionStatus, MarkStatus, PlannedStatus, SuspendedStatus};
use super::eval::{Hand, View, Warming};
use super::instant::{Instant, Scratch};
use super::rules::is_shadow;
use crate::check::tree::{CompareOp, LevelEffect, ListId, ScoreId, TagId, Target};
use crate::decision::{Change, DecisionRef, Evidence, ProposedAction, Reason, RuleRef, Spared};
use crate::plan::{EntityPlan, LeafKind, Node, NodeKind, Plan, TriggerPlan};
use crate::schema::EntityId;
use crate::small::BTreeMap;
use crate::state::Subject;
use crate::value::{Decimal, Duration, Timestamp, Value};
use std::cell::{Cell, RefCell};
use std::sync::Arc;

/// What holds of a subject at a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// The tags that are shown.
    pub tags: Vec<TagStatus>,
    /// The entries on lists.
    pub entries: Vec<EntryStatus>,
    /// The scores that were ever set.
    pub scores: Vec<ScoreStatus>,
    /// The proposals that nobody has decided.
    pub proposals: Vec<ProposalStatus>,
    /// Entries that do not count for a while.
    pub suspended: Vec<SuspendedStatus>,
    /// Tags and entries that have yet to begin.
    pub planned: Vec<PlannedStatus>,
    /// What it is spared.
    pub exemptions: Vec<ExemptionStatus>,
    /// What rules were wrong to set, and may not set again.
    pub marks: Vec<MarkStatus>,
    /// The appeals that nobody has decided.
    pub appeals: Vec<AppealStatus>,
}

/// A tag of a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TagStatus {
    /// The tag.
    pub tag: Arc<str>,
    /// Since when it has been there without a break.
    pub since: Timestamp,
    /// When it ends by itself if nothing more happens; `None` for never.
    pub ends: Option<Timestamp>,
    /// The rule that gave it first; `None` where a person did.
    pub rule: Option<RuleRef>,
    /// Why.
    pub reason: Arc<Reason>,
}

/// An entry on a list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EntryStatus {
    /// The list.
    pub list: Arc<str>,
    /// The strictest level among its grants.
    pub level: u8,
    /// The label of the level.
    pub label: Option<Arc<str>>,
    /// The category of the first grant of that level.
    pub category: Option<Arc<str>>,
    /// Since when it has been there without a break.
    pub since: Timestamp,
    /// When it ends by itself if nothing more happens; `None` for never.
    pub ends: Option<Timestamp>,
    /// The rule of the first grant of that level; `None` where a person made it.
    pub rule: Option<RuleRef>,
    /// Why.
    pub reason: Arc<Reason>,
}

/// A score of a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScoreStatus {
    /// The score.
    pub score: Arc<str>,
    /// Its value at the time asked for.
    pub value: Decimal,
}

/// A proposal that nobody has decided.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProposalStatus {
    /// Its number, by which a command names it.
    pub proposal: u32,
    /// What it would do.
    pub action: ProposedAction,
    /// Since when it has been open.
    pub since: Timestamp,
    /// The rule that made it; `None` where a person needs a second one.
    pub rule: Option<RuleRef>,
    /// Why.
    pub reason: Arc<Reason>,
}

/// Whether a message may go out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Permit {
    /// Nothing stands against it.
    Allowed,
    /// It may, as far as the allowance goes.
    Limited {
        /// The entry that says so.
        entry: Box<EntryStatus>,
        /// How many are allowed.
        count: u32,
        /// In what time.
        per: Duration,
        /// How many of them are left at the time asked for.
        left: u32,
    },
    /// It may not.
    Denied {
        /// The entry that says so.
        entry: Box<EntryStatus>,
    },
}

/// Why a rule does not fire.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WhyNot {
    /// Whether its condition holds; then `parts` says why.
    pub holds: bool,
    /// Whether it is a shadow for the subject.
    pub shadow: bool,
    /// Whether it is outside its `active` time.
    pub inactive: bool,
    /// What people have spared the subject of it: exemptions from the rule or from what it sets.
    pub exemptions: Vec<ExemptionStatus>,
    /// What people have marked as wrong of it.
    pub marks: Vec<MarkStatus>,
    /// Until when `at most once per` keeps it quiet.
    pub quiet_until: Option<Timestamp>,
    /// The parts of the condition that fail, or if it holds, those that make it so.
    pub parts: Vec<WhyNotPart>,
}

/// A part of a condition that fails.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WhyNotPart {
    /// What it is and what was found.
    pub evidence: Evidence,
    /// By how much a comparison of numbers fails.
    pub missing: Option<Decimal>,
    /// When the next of the events counted leaves its window: what is missing must come before then.
    pub before: Option<Timestamp>,
}

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StatusError {
    /// The rulebook has no such entity.
    #[error("the rulebook has no entity {0:?}")]
    UnknownEntity(String),
    /// The rulebook has no such rule for that entity.
    #[error("the rulebook has no rule {0:?} for that entity")]
    UnknownRule(String),
    /// The time lies before the clock: the state of then is gone.
    #[error("{time} is before the clock, {clock}: the state of then is gone")]
    Past {
        /// The time asked for.
        time: Timestamp,
        /// The clock's.
        clock: Timestamp,
    },
}

/// How many instants ahead an end is looked for.
const FORECAST_INSTANTS: usize = 10_000;

impl Engine {
    /// What holds of a subject at `time`, with reasons and ends, if no more inputs come until then.
    ///
    /// A subject that is not known has nothing.
    ///
    /// # Errors
    /// [`StatusError`]: no such entity, or a time before the clock.
    pub fn status(&self, entity: &str, key: &str, time: Timestamp) -> Result<Status, StatusError> {
        let Some((plan, subject)) = self.at(entity, key, time)? else { return Ok(Status::default()) };
        let ends = self.forecast(&subject, time);
        Ok(Answer { engine: self, plan: self.rulebook.plan(), entity: plan, subject: &subject, time, ends }
            .status())
    }

    /// Whether a message may go out to a subject over a channel, by the levels of the lists that it is on.
    ///
    /// The allowance of a limited level counts what [`Engine::record_contact`] was told.
    ///
    /// # Errors
    /// As [`Engine::status`].
    pub fn permits(
        &self,
        entity: &str,
        key: &str,
        channel: &str,
        time: Timestamp,
    ) -> Result<Permit, StatusError> {
        let status = self.status(entity, key, time)?;
        let tree = &self.rulebook.plan().tree;
        let mut permit = Permit::Allowed;
        for entry in status.entries {
            let list = tree.lists.iter().find(|list| list.name == entry.list);
            let level = list.and_then(|list| list.levels.iter().find(|level| level.number == entry.level));
            match level.map(|level| &level.effect) {
                Some(LevelEffect::DeniesAll) => return Ok(Permit::Denied { entry: Box::new(entry) }),
                Some(LevelEffect::Allows(channels))
                    if !channels.iter().any(|allowed| **allowed == *channel) =>
                {
                    return Ok(Permit::Denied { entry: Box::new(entry) });
                }
                Some(LevelEffect::Limits { count, per }) => {
                    let used = self.contacts(entity, key, *per, time);
                    let left = count.saturating_sub(used);
                    if !matches!(&permit, Permit::Limited { left: other, .. } if *other <= left) {
                        permit = Permit::Limited { entry: Box::new(entry), count: *count, per: *per, left };
                    }
                }
                _ => {}
            }
        }
        match permit {
            Permit::Limited { entry, left: 0, .. } => Ok(Permit::Denied { entry }),
            permit => Ok(permit),
        }
    }

    /// Notes that a message went out to a subject, for the allowances of limited levels. A subject that is not known
    /// is on no list, so nothing is noted.
    pub fn record_contact(&mut self, entity: &str, key: &str, time: Timestamp) {
        let Some(entity) = self.rulebook.schema().entity(entity) else { return };
        let Some(at) = self.state.table.find(entity, key) else { return };
        let keep = self.rulebook.plan().tree.lists.iter().flat_map(|list| &list.levels).map(|level| {
            match level.effect {
                LevelEffect::Limits { count, .. } => count as usize,
                _ => 0,
            }
        });
        let keep = keep.max().unwrap_or(0);
        if let Some(subject) = self.state.table.get_mut(at) {
            let contacts = &mut subject.more_mut().contacts;
            let place = contacts.partition_point(|other| *other <= time.micros());
            contacts.insert(place, time.micros());
            // Only the last ones can exhaust an allowance.
            while contacts.len() > keep {
                contacts.pop_front();
            }
        }
    }

    fn contacts(&self, entity: &str, key: &str, per: Duration, time: Timestamp) -> u32 {
        let zone = self.rulebook.plan().tree.zone;
        let entity = self.rulebook.schema().entity(entity);
        let Some(subject) = entity.and_then(|entity| self.subject(entity, key)) else { return 0 };
        let counts = |at: &&i64| {
            let at = Timestamp::from_micros(**at);
            at.is_some_and(|at| at <= time && zone.add(at, per).is_none_or(|end| time < end))
        };
        subject.more().contacts.iter().filter(counts).count() as u32
    }

    /// Which parts of a rule's condition fail for a subject at `time`, and by how much.
    ///
    /// # Errors
    /// As [`Engine::status`], and if there is no such rule.
    pub fn why_not(
        &self,
        rule: &str,
        entity: &str,
        key: &str,
        time: Timestamp,
    ) -> Result<WhyNot, StatusError> {
        let unknown = || StatusError::UnknownRule(rule.to_owned());
        let plan = self.rulebook.plan();
        let entity_id = self.entity(entity)?;
        let entity_plan = plan.entity(entity_id).ok_or_else(unknown)?;
        let index =
            entity_plan.rules.iter().position(|other| *other.reference.name == *rule).ok_or_else(unknown)?;
        let rule = entity_plan.rules.get(index).ok_or_else(unknown)?;
        let subject = match self.at(entity, key, time)? {
            Some((_, subject)) => subject,
            None => Subject::new(entity_id, key.into()),
        };
        let (saturated, scanner) = (Cell::new(false), RefCell::default());
        let warming = &self.state.warming;
        let view = View {
            plan,
            entity: entity_plan,
            subject: &subject,
            now: time,
            warming,
            saturated: &saturated,
            scanner: &scanner,
        };
        let mut answer = WhyNot {
            inactive: rule.active_from.is_some_and(|from| time < from)
                || rule.active_until.is_some_and(|until| until <= time),
            ..WhyNot::default()
        };
        answer.shadow = is_shadow(rule, &subject.key);
        let mut people = Status::default();
        super::command::add_people(&mut people, &plan.tree, &subject, time, |_| None);
        people.marks.retain(|mark| mark.rule == rule.reference.name);
        people.exemptions.retain(|one| self.sets(rule, &one.from));
        (answer.marks, answer.exemptions) = (people.marks, people.exemptions);
        let fired = subject.more().fired.get(index as u32).copied().and_then(Timestamp::from_micros);
        let free =
            fired.zip(rule.at_most_once_per).and_then(|(fired, pause)| plan.tree.zone.add(fired, pause));
        answer.quiet_until = free.filter(|free| time < *free);
        let hand =
            if matches!(rule.trigger, TriggerPlan::Every(_)) { Hand::Clock(time) } else { Hand::Nothing };
        answer.holds = match &rule.condition {
            Some(condition) => {
                let holds = view.fulfils(condition, hand);
                view.why_not_parts(&condition.node, hand, holds, &mut answer.parts);
                holds
            }
            None => true,
        };
        Ok(answer)
    }

    /// Whether an exemption is one from a rule or from something that it sets.
    fn sets(&self, rule: &crate::plan::RulePlan, from: &Spared) -> bool {
        let tree = &self.rulebook.plan().tree;
        let gives = |target: Target| rule.actions.iter().any(|one| super::command::gives(one, target));
        match from {
            Spared::Rule(name) => rule.reference.name == *name,
            Spared::Tag(name) => {
                let at = tree.tags.iter().position(|tag| tag.name == *name);
                at.is_some_and(|at| gives(Target::Tag(TagId(at as u32))))
            }
            Spared::List(name) => {
                let at = tree.lists.iter().position(|list| list.name == *name);
                at.is_some_and(|at| gives(Target::List(ListId(at as u32))))
            }
        }
    }

    /// When a rule last fired for a subject since [`Engine::watch`]; for the tests of a rulebook.
    pub(crate) fn last_fired(&self, rule: &str, entity: EntityId, key: &str) -> Option<Timestamp> {
        let plan = self.rulebook.plan().entity(entity)?;
        let index = plan.rules.iter().position(|other| *other.reference.name == *rule)?;
        let fired = *self.subject(entity, key)?.more().fired.get(index as u32)?;
        Timestamp::from_micros(fired)
    }

    fn entity(&self, entity: &str) -> Result<EntityId, StatusError> {
        self.rulebook.schema().entity(entity).ok_or_else(|| StatusError::UnknownEntity(entity.to_owned()))
    }

    /// A copy of a subject as it will be at a time.
    fn at(
        &self,
        entity: &str,
        key: &str,
        time: Timestamp,
    ) -> Result<Option<(&EntityPlan, Subject)>, StatusError> {
        if let Some(clock) = self.state.clock.filter(|clock| time < *clock) {
            return Err(StatusError::Past { time, clock });
        }
        let entity = self.entity(entity)?;
        let Some(plan) = self.rulebook.plan().entity(entity) else { return Ok(None) };
        let Some(mut subject) = self.subject(entity, key).cloned() else { return Ok(None) };
        let mut scratch = Scratch::default();
        while subject.wake <= time.micros() && Timestamp::from_micros(subject.wake).is_some() {
            self.step(plan, &mut subject, &mut scratch, &mut |_| {});
        }
        subject.leave(plan, self.rulebook.plan().tree.zone, time.micros(), |_, _| {});
        Ok(Some((plan, subject)))
    }

    /// Carries a copy of a subject through its next due time.
    fn step(
        &self,
        entity: &EntityPlan,
        subject: &mut Subject,
        scratch: &mut Scratch,
        sink: &mut dyn FnMut(&DecisionRef<'_>),
    ) {
        let Some(now) = Timestamp::from_micros(subject.wake) else { return };
        Instant {
            plan: self.rulebook.plan(),
            entity,
            subject,
            now,
            event: None,
            orphans: &self.state.orphans,
            warming: &self.state.warming,
            scratch,
            hash_key: &self.options.hash_key,
            watched: false,
            exempting: self.state.exempting,
            sink,
        }
        .run();
    }

    /// When each tag and entry that is there now ends, if nothing more happens.
    fn forecast(&self, subject: &Subject, time: Timestamp) -> BTreeMap<Arc<str>, Timestamp> {
        let mut ends = BTreeMap::new();
        let Some(entity) = self.rulebook.plan().entity(subject.entity) else { return ends };
        let mut future = subject.clone();
        let mut scratch = Scratch::default();
        let present = future.grants().announced.len();
        let _ = time;
        for _ in 0..FORECAST_INSTANTS {
            if future.wake > Timestamp::MAX.micros() || ends.len() >= present {
                break;
            }
            self.step(entity, &mut future, &mut scratch, &mut |decision| {
                if !decision.shadow
                    && let Change::Untagged { tag: name, .. } | Change::Unlisted { list: name, .. } =
                        decision.change
                {
                    ends.entry(Arc::clone(name)).or_insert(decision.time);
                }
            });
        }
        ends
    }
}

/// What is put together into a [`Status`].
struct Answer<'a> {
    engine: &'a Engine,
    plan: &'a Plan,
    entity: &'a EntityPlan,
    subject: &'a Subject,
    time: Timestamp,
    ends: BTreeMap<Arc<str>, Timestamp>,
}

impl Answer<'_> {
    fn status(&self) -> Status {
        let mut status = Status::default();
        for announced in &self.subject.grants().announced {
            let grants =
                self.subject.grants().live(announced.target).filter(|grant| grant.level == announced.level);
            let Some(grant) = grants.min_by_key(|grant| grant.made) else { continue };
            let rule = self.rule(grant.owner.rule);
            let Some(since) = Timestamp::from_micros(announced.since) else { continue };
            let reason = Arc::clone(&grant.reason);
            match announced.target {
                Target::Tag(tag) => {
                    let Some(tag) = self.plan.tree.tags.get(tag.index()) else { continue };
                    let ends = self.ends.get(&tag.name).copied();
                    status.tags.push(TagStatus { tag: tag.name.clone(), since, ends, rule, reason });
                }
                Target::List(list) => {
                    let Some(list) = self.plan.tree.lists.get(list.index()) else { continue };
                    let level = list.levels.iter().find(|level| level.number == announced.level);
                    status.entries.push(EntryStatus {
                        list: list.name.clone(),
                        level: announced.level,
                        label: level.and_then(|level| level.label.clone()),
                        category: grant.category.clone(),
                        since,
                        ends: self.ends.get(&list.name).copied(),
                        rule,
                        reason,
                    });
                }
            }
        }
        let (saturated, scanner) = (Cell::new(false), RefCell::default());
        let view = View {
            plan: self.plan,
            entity: self.entity,
            subject: self.subject,
            now: self.time,
            warming: &self.engine.state.warming,
            saturated: &saturated,
            scanner: &scanner,
        };
        for (score, _) in self.subject.more().scores.iter() {
            if let Some(plan) = self.plan.tree.scores.get(score as usize) {
                let value = view.score(ScoreId(score));
                status.scores.push(ScoreStatus { score: plan.name.clone(), value });
            }
        }
        for proposal in self.subject.more().proposals.iter().filter(|proposal| !proposal.shadow) {
            if let Some(since) = Timestamp::from_micros(proposal.since) {
                let (number, rule) = (proposal.number, self.rule(proposal.owner.rule));
                let (action, reason) = (proposal.action.clone(), Arc::clone(&proposal.reason));
                status.proposals.push(ProposalStatus { proposal: number, action, since, rule, reason });
            }
        }
        super::command::add_people(&mut status, &self.plan.tree, self.subject, self.time, |rule| {
            self.rule(rule)
        });
        status
    }

    fn rule(&self, rule: u32) -> Option<RuleRef> {
        match self.engine.orphan(rule) {
            Some(rule) => Some(rule.clone()),
            None => self.entity.rules.get(rule as usize).map(|rule| rule.reference.clone()),
        }
    }
}

impl View<'_> {
    /// The parts of a condition that make it what it is, with what is missing of each.
    fn why_not_parts(&self, node: &Node, hand: Hand<'_>, holds: bool, parts: &mut Vec<WhyNotPart>) {
        match &node.kind {
            NodeKind::And(inner) | NodeKind::Or(inner) => {
                let all = matches!(node.kind, NodeKind::And(_)) == holds;
                for part in inner.iter().filter(|part| all || self.holds(part, hand) == holds) {
                    self.why_not_parts(part, hand, holds, parts);
                }
            }
            _ => {
                let mut evidence = Vec::new();
                self.explain(node, hand, holds, &mut evidence);
                let (missing, before) = if holds { (None, None) } else { self.missing(node, hand) };
                parts.extend(evidence.into_iter().map(|evidence| WhyNotPart { evidence, missing, before }));
            }
        }
    }

    fn missing(&self, node: &Node, hand: Hand<'_>) -> (Option<Decimal>, Option<Timestamp>) {
        let NodeKind::CompareNumbers(op, pair) = &node.kind else { return (None, None) };
        let (Some(Value::Number(value)), Some(Value::Number(than))) =
            (self.value(&pair.0, hand), self.value(&pair.1, hand))
        else {
            return (None, None);
        };
        let missing = match op {
            CompareOp::Greater | CompareOp::GreaterOrEqual => than.overflowing_sub(value).0,
            CompareOp::Less | CompareOp::LessOrEqual => value.overflowing_sub(than).0,
            CompareOp::Equal | CompareOp::NotEqual => than.overflowing_sub(value).0.abs(),
        };
        let before = match &pair.0.kind {
            NodeKind::Aggregate(slot, _) => {
                self.page(*slot).map(|(page, plan)| page.next_leave(plan, slot.window as usize, self.now))
            }
            _ => None,
        };
        (Some(missing), before.and_then(Timestamp::from_micros))
    }
}

/// The level-driven rules whose condition may hold of a subject of which nothing is known.
pub(super) fn initial(plan: &Plan, entity: &EntityPlan) -> Vec<u32> {
    let (saturated, scanner) = (Cell::new(false), RefCell::default());
    let subject = Subject::new(EntityId(0), "".into());
    let warming = Warming::default();
    let now = Timestamp::MIN;
    let view = View {
        plan,
        entity,
        subject: &subject,
        now,
        warming: &warming,
        saturated: &saturated,
        scanner: &scanner,
    };
    let dated = |rule: &u32| {
        let mut midnights = entity.leaves.iter().filter(|leaf| leaf.kind == LeafKind::Midnight);
        midnights.any(|leaf| leaf.readers.contains(*rule))
    };
    let may_hold = |rule: &u32| {
        let Some(planned) = entity.rules.get(*rule as usize) else { return false };
        let holds = planned.condition.as_ref().is_none_or(|condition| view.fulfils(condition, Hand::Nothing));
        matches!(planned.trigger, TriggerPlan::When | TriggerPlan::While)
            && (holds || saturated.take() || dated(rule))
    };
    (0..entity.rules.len() as u32).filter(may_hold).collect()
}
