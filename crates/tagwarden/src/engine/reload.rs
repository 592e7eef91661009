//! A new rulebook for a running engine: what is the same goes on, what is new starts, and the report says which is which.

use super::eval::Warming;
use super::instant::Instant;
use super::table::Table;
use super::{Engine, FIRST_ORPHAN};
use crate::check::tree::{ListId, TagId, Target, Tree};
use crate::decision::{Decision, DecisionRef, RuleRef};
use crate::grants::{Grant, Owner, PERSON};
use crate::plan::{ActionPlan, EntityPlan, Plan, RulePlan, TriggerPlan, WindowSlot};
use crate::rulebook::Rulebook;
use crate::small::BTreeMap;
use crate::state::{Fresh, Subject};
use crate::value::Timestamp;
use crate::window::NEVER;
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
        let now = self.state.clock.unwrap_or(Timestamp::MIN);
        report_rules(&old.plan().tree, &rulebook.plan().tree, &mut report);
        let mut warming = Warming::default();
        report_windows(old.plan(), rulebook.plan(), now, &mut report, &mut warming, &self.state.warming);

        let table = std::mem::take(&mut self.state.table);
        let mut moved = Table::default();
        let aliases = table.aliases();
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
            for grant in &subject.grants().all {
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
                let mut sink = |decision: &DecisionRef<'_>| report.decisions.push(decision.to_decision());
                Instant {
                    plan: old.plan(),
                    entity,
                    subject: &mut subject,
                    now,
                    event: None,
                    orphans: &self.state.orphans,
                    warming: &self.state.warming,
                    scratch: &mut self.state.scratch,
                    hash_key: &self.options.hash_key,
                    watched: false,
                    exempting: self.state.exempting,
                    sink: &mut sink,
                }
                .end_gone(&ending);
            }
            let (Some(to), Some(target)) = (to, target) else { continue };
            let mut fresh = Subject::new(to, Arc::clone(&subject.key));
            self.carry(subject, entity, &mut fresh, target, old.plan(), rulebook.plan(), now);
            moved.insert(fresh);
        }
        for (entity, key, into) in aliases {
            let name = old.schema().entities.get(usize::from(entity.0));
            let to = name.and_then(|name| rulebook.schema().entity(name));
            if let Some((to, at)) = to.and_then(|to| Some((to, moved.find(to, &into)?))) {
                moved.alias(to, &key, at);
            }
        }
        self.state.table = moved;
        self.state.warming = warming;
        self.rulebook = rulebook.clone();
        self.state.due.clear();
        for at in 0..self.state.table.numbers() {
            self.state.queue(at);
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
        // A subject that came before anybody asked how long it has been quiet counts from now.
        if !new.quiets.is_empty() {
            to.more_mut().first_event = Some(from.more().first_event.unwrap_or(now.micros()));
        }
        to.fresh = if from.fresh == Fresh::New { Fresh::New } else { Fresh::Reloaded };
        if !from.more().contacts.is_empty() {
            to.more_mut().contacts.clone_from(&from.more().contacts);
        }
        carry_streams(&from, old, to, new, (old_plan, new_plan), now);
        carry_windows(&from, old, to, new, new_plan, now);
        for (at, rule) in new.rules.iter().enumerate() {
            let before = old.rules.iter().position(|other| other.reference.name == rule.reference.name);
            if let Some((at_old, plan)) = before.and_then(|at| Some((at as u32, old.rules.get(at)?))) {
                carry_rule(&from, (at_old, plan), to, (at as u32, rule));
            }
        }
        for (score, state) in from.more().scores.iter() {
            let name = old_plan.tree.scores.get(score as usize).map(|score| &score.name);
            let Some(at) = new_plan.tree.scores.iter().position(|score| Some(&score.name) == name) else {
                continue;
            };
            let Some(plan) = new_plan.tree.scores.get(at) else { continue };
            let value = state.value.clamp(plan.min, plan.max);
            to.more_mut().scores.set(at as u32, crate::state::ScoreState { value, ..*state });
        }
        for proposal in &from.more().proposals {
            let person = (proposal.owner.rule == PERSON).then_some(proposal.owner);
            if let Some(owner) = person.or_else(|| rule_home(proposal.owner, old, new)) {
                to.more_mut().proposals.push(crate::state::Proposal { owner, ..proposal.clone() });
            }
        }
        self.carry_grants(&from, old, to, new, old_plan, new_plan);
        // Every rule looks again as soon as the clock moves.
        to.wake = now.micros();
    }

    #[allow(clippy::too_many_arguments, reason = "two plans, two subjects, two entities")]
    fn carry_grants(
        &mut self,
        from: &Subject,
        old: &EntityPlan,
        to: &mut Subject,
        new: &EntityPlan,
        old_plan: &Plan,
        new_plan: &Plan,
    ) {
        if from.grants().proposals != 0 || from.grants().people.is_some() {
            to.grants_mut().proposals = from.grants().proposals;
            to.grants_mut().people.clone_from(&from.grants().people);
        }
        if from.grants().all.is_empty() && from.grants().announced.is_empty() {
            return;
        }
        to.grants_mut().counter = from.grants().counter;
        for grant in &from.grants().all {
            let mut grant = grant.clone();
            let Some(target) = map_target(grant.target, &old_plan.tree, &new_plan.tree) else { continue };
            grant.owner = match grant_home(&grant, old, new, old_plan, new_plan) {
                Some(owner) => owner,
                None => Owner { rule: self.orphaned(grant.owner.rule, old), action: grant.owner.action },
            };
            grant.target = target;
            // A `while` rule that no longer holds must be able to withdraw what it has given.
            if let Some(RulePlan { trigger: TriggerPlan::While, .. }) =
                new.rules.get(grant.owner.rule as usize)
            {
                to.set_held(grant.owner.rule, true);
            }
            to.grants_mut().all.push(grant);
        }
        for announced in &from.grants().announced {
            if let Some(target) = map_target(announced.target, &old_plan.tree, &new_plan.tree) {
                to.grants_mut().announced.push(crate::grants::Announced { target, ..*announced });
            }
        }
    }

    /// The number under which a rule that is gone stands as an owner.
    fn orphaned(&mut self, rule: u32, old: &EntityPlan) -> u32 {
        if rule >= FIRST_ORPHAN {
            return rule;
        }
        let Some(reference) = old.rules.get(rule as usize).map(|rule| rule.reference.clone()) else {
            return u32::MAX;
        };
        let orphans = &mut self.state.orphans;
        let at = orphans.iter().position(|orphan| *orphan == reference).unwrap_or_else(|| {
            orphans.push(reference);
            orphans.len() - 1
        });
        FIRST_ORPHAN + at as u32
    }
}

/// What streams remember: last picks, quiet times, sequences.
fn carry_streams(
    from: &Subject,
    old: &EntityPlan,
    to: &mut Subject,
    new: &EntityPlan,
    (old_plan, new_plan): (&Plan, &Plan),
    now: Timestamp,
) {
    let old_streams: BTreeMap<&str, u32> =
        old.streams.iter().enumerate().map(|(at, stream)| (&*stream.key, at as u32)).collect();
    for (at, stream) in new.streams.iter().enumerate() {
        let Some(before) = old_streams.get(&*stream.key) else { continue };
        if let Some(last) = from.more().lasts.get(*before).filter(|_| stream.tracked) {
            to.more_mut().lasts.set(at as u32, *last);
        }
        if let Some(state) = from.more().sequences.get(*before) {
            let mut state = state.clone();
            carry_pending(&mut state, old_plan, new_plan);
            to.more_mut().sequences.set(at as u32, state);
        }
    }
    for (at, quiet) in new.quiets.iter().enumerate() {
        let stream = new.streams.get(quiet.stream.index());
        let before = stream.and_then(|stream| old_streams.get(&*stream.key)).copied();
        let tracked = before.filter(|at| old.streams.get(*at as usize).is_some_and(|stream| stream.tracked));
        // Without a history nobody may be said to have been quiet: it counts from now.
        let last = match tracked {
            Some(before) => from.more().lasts.get(before).copied().and_then(Timestamp::from_micros),
            None => Some(now),
        };
        if let Some(last) = last {
            let end = new_plan.tree.zone.add(last, quiet.length).map_or(NEVER, Timestamp::micros);
            to.more_mut().quiets.set(at as u32, end);
        }
    }
}

fn carry_windows(
    from: &Subject,
    old: &EntityPlan,
    to: &mut Subject,
    new: &EntityPlan,
    new_plan: &Plan,
    now: Timestamp,
) {
    let zone = new_plan.tree.zone;
    for (at, planned) in new.pages.iter().enumerate() {
        for (series, key) in planned.keys.iter().enumerate() {
            let Some((old_page, old_series)) = series_of(old, key) else { continue };
            let (Some(state), Some(old_plan)) = (from.page(old_page), old.pages.get(old_page as usize))
            else {
                continue;
            };
            if let Some(page) = to.page_mut(at as u32, &planned.plan) {
                page.carry((&planned.plan, series), (state, &old_plan.plan, old_series), zone, now.micros());
            }
            to.settle(at as u32);
        }
    }
}

/// The page and place of the series with a key.
fn series_of(entity: &EntityPlan, key: &str) -> Option<(u32, usize)> {
    entity.pages.iter().enumerate().find_map(|(at, page)| {
        let series = page.keys.iter().position(|other| **other == *key)?;
        Some((at as u32, series))
    })
}

fn carry_rule(
    from: &Subject,
    (before, old): (u32, &RulePlan),
    to: &mut Subject,
    (at, new): (u32, &RulePlan),
) {
    let text = |rule: &RulePlan| rule.condition.as_ref().map(|condition| condition.node.text.clone());
    let same_trigger = std::mem::discriminant(&old.trigger) == std::mem::discriminant(&new.trigger);
    let state = from.more();
    if let Some(fired) = state.fired.get(before).filter(|_| new.at_most_once_per.is_some()) {
        to.more_mut().fired.set(at, *fired);
    }
    if same_trigger && text(old) == text(new) {
        to.set_held(at, from.held(before));
        if let Some(withheld) = state.withheld.get(before) {
            to.more_mut().withheld.set(at, *withheld);
        }
    }
    if old.reference == new.reference
        && let Some(due) = state.due.get(before)
    {
        to.more_mut().due.set(at, *due);
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
    let target = map_target(grant.target, &old_plan.tree, &new_plan.tree)?;
    if grant.owner.rule == PERSON {
        return Some(grant.owner);
    }
    let reference = &old.rules.get(grant.owner.rule as usize)?.reference;
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
fn carry_pending(sequence: &mut crate::state::SequenceState, old: &Plan, new: &Plan) {
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
        for (at, page) in plan.pages.iter().enumerate() {
            for (window, planned) in page.plan.windows.iter().enumerate() {
                let Some(key) = page.keys.get(usize::from(planned.series)) else { continue };
                let source = old_entity.and_then(|(from, entity)| {
                    let (page, series) = series_of(entity, key)?;
                    let window = entity.pages.get(page as usize)?.plan.source_of(series, planned)?;
                    // What was warming goes on doing so.
                    Some(before.until(from, WindowSlot { page, window: window as u32 }))
                });
                let until = match source {
                    Some(until) => until.filter(|until| *until > now.micros()),
                    None => Some(planned.span.full(new.tree.zone, now)),
                };
                if let Some(until) = until {
                    let slot = WindowSlot { page: at as u32, window: window as u32 };
                    warming.set(crate::schema::EntityId(entity as u16), slot, until);
                }
                report.windows.push(WindowFate {
                    what: format!("{key}{}", planned.span),
                    kept: until.is_none(),
                    warming_until: until.and_then(Timestamp::from_micros),
                });
            }
        }
    }
}
