//! A new rulebook for a running engine: what is the same goes on, what is new starts, and the report says which is which.

use super::eval::Warming;
use super::instant::Instant;
use super::table::Table;
use super::{Engine, FIRST_ORPHAN};
use crate::check::tree::{ListId, TagId, Target, Tree};
use crate::decision::{Decision, RuleRef};
use crate::grants::{Grant, Owner};
use crate::plan::{ActionPlan, EntityPlan, Plan, RulePlan, StreamKind};
use crate::rulebook::Rulebook;
use crate::state::{RuleState, Subject};
use crate::value::Timestamp;
use crate::window::{NEVER, Series};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What becomes of a grant whose rule is gone from the new rulebook.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Orphans {
    /// It ends now.
    #[default]
    End,
    /// It lives on under the name of its old rule, until its own end. Without one, only another rule or a person ends it.
    Keep,
}

/// What a reload has kept, and what starts anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReloadReport {
    /// Every rule of the old and the new rulebook.
    pub rules: Vec<(Arc<str>, RuleFate)>,
    /// Every window of the new rulebook.
    pub windows: Vec<WindowFate>,
    /// How many grants had a rule that is gone.
    pub orphaned_grants: usize,
    /// What the ending of those grants changed.
    pub decisions: Vec<Decision>,
}

/// What became of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RuleFate {
    /// Its text is the same, and it goes on.
    Kept,
    /// Its text has changed. It keeps its grants and its cooldown, and whether its condition held if that is the same.
    Changed,
    /// It is new: its condition counts as false before.
    New,
    /// It is gone.
    Gone,
}

/// What became of a window.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WindowFate {
    /// The selector, the field and the window, such as `order.amount over 90d`.
    pub what: String,
    /// Whether what it holds is complete. If not, it is *warming*: it fills up from now on.
    pub kept: bool,
    /// When a warming window is full; `None` for never, as for `since the beginning`.
    pub warming_until: Option<Timestamp>,
}

impl Engine {
    /// Goes on with a new rulebook.
    ///
    /// Selectors, windows, rules, tags, lists and scores are recognised by what they say, wherever they stand in the text. At
    /// the next input or tick every rule looks at every subject again.
    pub fn reload(&mut self, rulebook: &Rulebook, orphans: Orphans) -> ReloadReport {
        let old = self.rulebook.clone();
        let mut report = ReloadReport::default();
        let now = self.clock.unwrap_or(Timestamp::MIN);
        report_rules(&old.plan().tree, &rulebook.plan().tree, &mut report);
        let mut warming = Warming::default();
        report_windows(old.plan(), rulebook.plan(), now, &mut report, &mut warming, &self.warming);

        let table = std::mem::take(&mut self.table);
        let mut moved = Table::default();
        for mut subject in table.into_subjects() {
            let Some(entity) = old.plan().entity(subject.entity) else { continue };
            let name = old.schema().entities.get(usize::from(subject.entity.0));
            let to = name.and_then(|name| rulebook.schema().entity(name));
            let target = to.and_then(|to| rulebook.plan().entity(to));
            let keeps = |grant: &Grant| match target {
                Some(plan) => grant_home(grant, entity, plan, old.plan(), rulebook.plan()).is_some(),
                None => false,
            };
            let named =
                |grant: &Grant| map_target(grant.target, &old.plan().tree, &rulebook.plan().tree).is_some();
            let mut ending = Vec::new();
            for grant in &subject.grants.all {
                let kept = keeps(grant)
                    || grant.owner.rule >= FIRST_ORPHAN && orphans == Orphans::Keep && named(grant);
                if !kept {
                    report.orphaned_grants += 1;
                    if orphans == Orphans::End || !named(grant) || grant.shadow {
                        ending.push((grant.owner, grant.shadow));
                    }
                }
            }
            if !ending.is_empty() {
                let mut sink = |decision| report.decisions.push(decision);
                Instant {
                    plan: old.plan(),
                    entity,
                    subject: &mut subject,
                    now,
                    event: None,
                    orphans: &self.orphans,
                    warming: &self.warming,
                    scratch: &mut self.scratch,
                    hash_key: &self.options.hash_key,
                    sink: &mut sink,
                }
                .end_gone(&ending);
            }
            let (Some(to), Some(target)) = (to, target) else { continue };
            let mut fresh = Subject::new(target, to, Arc::clone(&subject.key));
            self.carry(*subject, entity, &mut fresh, target, old.plan(), rulebook.plan(), now);
            moved.insert(fresh);
        }
        self.table = moved;
        self.warming = warming;
        self.rulebook = rulebook.clone();
        self.due.clear();
        for at in 0..self.table.numbers() {
            self.queue(at);
        }
        report
    }

    /// Carries what is the same from one plan to the other.
    #[allow(clippy::too_many_arguments, reason = "two plans, two subjects, two entities")]
    fn carry(
        &mut self,
        from: Subject,
        old: &EntityPlan,
        to: &mut Subject,
        new: &EntityPlan,
        old_plan: &Plan,
        new_plan: &Plan,
        now: Timestamp,
    ) {
        to.first_event = from.first_event;
        to.contacts = from.contacts;
        let old_streams: BTreeMap<&str, usize> =
            old.streams.iter().enumerate().map(|(at, stream)| (&*stream.key, at)).collect();
        for (at, stream) in new.streams.iter().enumerate() {
            let state = old_streams.get(&*stream.key).and_then(|at| from.streams.get(*at));
            if let (Some(state), Some(place)) = (state, to.streams.get_mut(at)) {
                place.clone_from(state);
                carry_pending(place, stream, old_plan, new_plan);
            }
        }
        for (at, quiet) in new.quiets.iter().enumerate() {
            // Without a history nobody may be said to have been quiet: it counts from now.
            let stream = new.streams.get(quiet.stream.index());
            let known =
                stream.and_then(|stream| old_streams.get(&*stream.key)).and_then(|at| from.streams.get(*at));
            let last = match known {
                Some(state) => state.last.and_then(Timestamp::from_micros),
                None => Some(now),
            };
            if let Some(place) = to.quiets.get_mut(at) {
                let end = |last| new_plan.tree.zone.add(last, quiet.length).map_or(NEVER, Timestamp::micros);
                *place = last.map(end);
            }
        }
        for (at, series) in new.series.iter().enumerate() {
            let before = old.series.iter().position(|other| other.key == series.key);
            let state = before.and_then(|at| Some((from.series.get(at)?, old.series.get(at)?)));
            if let (Some((state, plan)), Some(place)) = (state, to.series.get_mut(at)) {
                *place = Series::carried(state, &plan.plan, &series.plan, now);
                let changes = to.changes.iter_mut().skip(series.first_slot).take(series.windows.len());
                for (window, change) in changes.enumerate() {
                    *change = place.next_change(&series.plan, window);
                }
            }
        }
        for (at, rule) in new.rules.iter().enumerate() {
            let before = old.rules.iter().position(|other| other.reference.name == rule.reference.name);
            let state = before.and_then(|at| Some((from.rules.get(at)?, old.rules.get(at)?)));
            if let (Some((state, plan)), Some(place)) = (state, to.rules.get_mut(at)) {
                carry_rule(*state, plan, rule, place);
            }
        }
        for (score, state) in &from.scores {
            let name = old_plan.tree.scores.get(*score as usize).map(|score| &score.name);
            let Some(at) = new_plan.tree.scores.iter().position(|score| Some(&score.name) == name) else {
                continue;
            };
            let Some(plan) = new_plan.tree.scores.get(at) else { continue };
            let value = state.value.clamp(plan.min, plan.max);
            to.scores.insert(at as u32, crate::state::ScoreState { value, ..*state });
        }
        for mut proposal in from.proposals {
            if let Some(owner) = rule_home(proposal.owner, old, new) {
                proposal.owner = owner;
                to.proposals.push(proposal);
            }
        }
        to.grants.counter = from.grants.counter;
        for mut grant in from.grants.all {
            let Some(target) = map_target(grant.target, &old_plan.tree, &new_plan.tree) else { continue };
            grant.owner = match grant_home(&grant, old, new, old_plan, new_plan) {
                Some(owner) => owner,
                None => Owner { rule: self.orphaned(grant.owner.rule, old), action: grant.owner.action },
            };
            grant.target = target;
            // A `while` rule that no longer holds must be able to withdraw what it has given.
            if let Some(RulePlan { trigger: crate::plan::TriggerPlan::While, .. }) =
                new.rules.get(grant.owner.rule as usize)
                && let Some(state) = to.rules.get_mut(grant.owner.rule as usize)
            {
                state.held = true;
            }
            to.grants.all.push(grant);
        }
        for mut announced in from.grants.announced {
            if let Some(target) = map_target(announced.target, &old_plan.tree, &new_plan.tree) {
                announced.target = target;
                to.grants.announced.push(announced);
            }
        }
        to.next_leave = to.changes.iter().copied().min().unwrap_or(NEVER);
        // Every rule looks again as soon as the clock moves.
        to.wake = now.micros();
        to.leaves.iter_mut().for_each(|leaf| *leaf = i64::MIN);
    }

    /// The number under which a rule that is gone stands as an owner.
    fn orphaned(&mut self, rule: u32, old: &EntityPlan) -> u32 {
        if rule >= FIRST_ORPHAN {
            return rule;
        }
        let Some(reference) = old.rules.get(rule as usize).map(|rule| rule.reference.clone()) else {
            return u32::MAX;
        };
        let at = self.orphans.iter().position(|orphan| *orphan == reference).unwrap_or_else(|| {
            self.orphans.push(reference);
            self.orphans.len() - 1
        });
        FIRST_ORPHAN + at as u32
    }
}

fn carry_rule(state: RuleState, old: &RulePlan, new: &RulePlan, place: &mut RuleState) {
    let same_condition = std::mem::discriminant(&old.trigger) == std::mem::discriminant(&new.trigger)
        && old.condition.as_ref().map(|node| &node.text) == new.condition.as_ref().map(|node| &node.text);
    place.fired = state.fired;
    if same_condition {
        place.held = state.held;
        place.withheld = state.withheld;
    }
    if old.reference == new.reference {
        place.due = state.due;
    }
}

/// Where the owner of a proposal stands in the new plan.
fn rule_home(owner: Owner, old: &EntityPlan, new: &EntityPlan) -> Option<Owner> {
    let reference: &RuleRef = &old.rules.get(owner.rule as usize)?.reference;
    let rule = new.rules.iter().position(|rule| rule.reference.name == reference.name)?;
    new.rules.get(rule)?.actions.get(owner.action as usize)?;
    Some(Owner { rule: rule as u32, action: owner.action })
}

/// Where the owner of a grant stands in the new plan: the action of the rule of that name with the same target.
fn grant_home(
    grant: &Grant,
    old: &EntityPlan,
    new: &EntityPlan,
    old_plan: &Plan,
    new_plan: &Plan,
) -> Option<Owner> {
    let reference = &old.rules.get(grant.owner.rule as usize)?.reference;
    let target = map_target(grant.target, &old_plan.tree, &new_plan.tree)?;
    let rule = new.rules.iter().position(|rule| rule.reference.name == reference.name)?;
    let actions = &new.rules.get(rule)?.actions;
    let fits = |action: &ActionPlan| matches!(action, ActionPlan::Grant(planned) if planned.target == target);
    let same = actions.get(grant.owner.action as usize).is_some_and(fits);
    let action = if same { Some(grant.owner.action as usize) } else { actions.iter().position(fits) };
    Some(Owner { rule: rule as u32, action: action? as u32 })
}

/// The tag or list of the same name.
fn map_target(target: Target, old: &Tree, new: &Tree) -> Option<Target> {
    match target {
        Target::Tag(tag) => {
            let name = &old.tags.get(tag.index())?.name;
            new.tags.iter().position(|tag| tag.name == *name).map(|at| Target::Tag(TagId(at as u32)))
        }
        Target::List(list) => {
            let name = &old.lists.get(list.index())?.name;
            new.lists.iter().position(|list| list.name == *name).map(|at| Target::List(ListId(at as u32)))
        }
    }
}

/// Events that wait for a deadline are kept if their type has the same fields in the new schema.
fn carry_pending(
    state: &mut crate::state::StreamState,
    stream: &crate::plan::Stream,
    old: &Plan,
    new: &Plan,
) {
    if matches!(stream.kind, StreamKind::Base { .. }) {
        return;
    }
    let Some(sequence) = &mut state.sequence else { return };
    sequence.pending.retain_mut(|held| {
        let Some(before) = old.tree.schema.event_type(held.event) else { return false };
        let Some(event) = new.tree.schema.event(&before.name) else { return false };
        let same = new.tree.schema.event_type(event).is_some_and(|after| {
            let names = |event: &crate::schema::EventType| {
                event.fields.iter().map(|field| (field.name.clone(), field.private)).collect::<Vec<_>>()
            };
            names(after) == names(before)
        });
        held.event = event;
        same
    });
}

fn report_rules(old: &Tree, new: &Tree, report: &mut ReloadReport) {
    for rule in &new.rules {
        let fate = match old.rules.iter().find(|other| other.name == rule.name) {
            None => RuleFate::New,
            Some(other) if other.version == rule.version => RuleFate::Kept,
            Some(_) => RuleFate::Changed,
        };
        report.rules.push((rule.name.clone(), fate));
    }
    for rule in old.rules.iter().filter(|rule| !new.rules.iter().any(|other| other.name == rule.name)) {
        report.rules.push((rule.name.clone(), RuleFate::Gone));
    }
}

fn report_windows(
    old: &Plan,
    new: &Plan,
    now: Timestamp,
    report: &mut ReloadReport,
    warming: &mut Warming,
    before: &Warming,
) {
    for (entity, plan) in new.entities.iter().enumerate() {
        let name = new.tree.schema.entities.get(entity);
        let from = name.and_then(|name| old.tree.schema.entity(name));
        let old_entity = from.and_then(|from| Some((from, old.entity(from)?)));
        for (at, series) in plan.series.iter().enumerate() {
            let other = old_entity.and_then(|(from, entity)| {
                let at = entity.series.iter().position(|other| other.key == series.key)?;
                Some((from, at, entity.series.get(at)?))
            });
            for (window, planned) in series.plan.windows.iter().enumerate() {
                let source = other.and_then(|(from, at, other)| {
                    let window = other.plan.source_of(planned)?;
                    // What was warming goes on doing so.
                    Some(before.until(from, at as u32, window as u32))
                });
                let until = match source {
                    Some(until) => until.filter(|until| *until > now.micros()),
                    None => Some(planned.span.full(new.tree.zone, now)),
                };
                if let Some(until) = until {
                    warming.set(crate::schema::EntityId(entity as u16), at as u32, window as u32, until);
                }
                report.windows.push(WindowFate {
                    what: format!("{}{}", series.key, planned.span),
                    kept: until.is_none(),
                    warming_until: until.and_then(Timestamp::from_micros),
                });
            }
        }
    }
}
