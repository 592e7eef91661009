//! The reference: the semantics of the guide, written down once more as slowly and plainly as possible.
//!
//! It keeps every input and every pick. At each instant windows are found by going through all picks, and conditions
//! are evaluated anew. Instants come from a list of times at which something *may* change; one too many changes
//! nothing. What is carried from instant to instant is only what the guide calls state: whether a condition held,
//! when a rule last fired, grants, what has been announced, scores, open proposals.

#![allow(dead_code, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod commands;
mod eval;
mod explain;
mod grants;
mod picks;
mod rules;
mod text;
mod zone;

#[allow(unused_imports, reason = "not every test target asks")]
use grants::{Ending, Grant, Touched};
use picks::{Pick, Picked};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use tagwarden::machinery::tree::{ListId, Selector, TagId, Tree, Trigger};
use tagwarden::{Change, Decimal, Decision, Duration, EntityId, Event, Input, Reason, RuleRef, Timestamp};
use zone::Calendar;

/// What happens with these inputs. Inputs that are late are passed over.
pub(crate) fn run(tree: &Tree, inputs: &[Input]) -> Vec<Decision> {
    let mut reference = Reference::new(tree);
    for input in inputs {
        reference.apply(input);
    }
    reference.decisions
}

/// The same where inputs may come late, and events with a known id are duplicates.
pub(crate) fn run_unordered(
    tree: &Tree,
    inputs: &[Input],
    lateness: Duration,
    dedup: Option<Duration>,
) -> Vec<Decision> {
    let mut reference = Reference::new(tree);
    let mut newest: Option<Timestamp> = None;
    let mut held: Vec<Input> = Vec::new();
    let mut ids: BTreeMap<Arc<str>, Timestamp> = BTreeMap::new();
    let mut apply = |reference: &mut Reference<'_>, input: &Input| {
        let id = match input {
            Input::Event(event) => event.id.as_ref(),
            Input::Command(command) => command.id.as_ref(),
            _ => None,
        };
        if let (Some(id), Some(dedup)) = (id, dedup) {
            let time = input.time();
            let known = ids.get(id).is_some_and(|applied| time.micros() < applied.micros() + dedup.micros());
            if known {
                return;
            }
            ids.insert(id.clone(), time);
        }
        reference.apply(input);
    };
    for input in inputs {
        let watermark = newest.map(|newest| newest.micros() - lateness.micros());
        if watermark.is_some_and(|watermark| input.time().micros() < watermark) {
            continue;
        }
        newest = newest.max(Some(input.time()));
        let mut watermark = newest.unwrap().micros() - lateness.micros();
        held.push(input.clone());
        held.sort_by_key(|input| (input.time(), matches!(input, Input::Tick(_))));
        if let Input::Tick(time) = input {
            // All inputs up to its time have been seen.
            watermark = watermark.max(time.micros());
        }
        while held.first().is_some_and(|first| first.time().micros() <= watermark) {
            let first = held.remove(0);
            apply(&mut reference, &first);
        }
    }
    for input in &held {
        apply(&mut reference, input);
    }
    reference.decisions
}

pub(crate) struct Reference<'t> {
    tree: &'t Tree,
    calendar: Calendar,
    /// Every selector of the tree, those inside others first.
    selectors: Vec<Picked<'t>>,
    /// Where a selector stands among them, by its address.
    places: HashMap<*const Selector, usize>,
    inputs: Vec<Event>,
    subjects: Vec<Subject>,
    by_key: HashMap<(EntityId, Arc<str>), usize>,
    clock: Option<Timestamp>,
    ticked: bool,
    decisions: Vec<Decision>,
}

/// In the place of a rule: a person.
pub(crate) const PERSON: usize = usize::MAX;

#[derive(Debug, Default)]
pub(crate) struct ActionState {
    /// An addition of a `while` rule is still to be made.
    pending: bool,
    /// It has been reported as withheld since the condition turned true.
    reported: bool,
    /// What a shadow rule has announced.
    announced: bool,
}

#[derive(Debug)]
pub(crate) struct RuleState {
    held: bool,
    fired: Option<Timestamp>,
    shadow: bool,
    actions: Vec<ActionState>,
}

pub(crate) struct Subject {
    entity: EntityId,
    key: Arc<str>,
    first: Timestamp,
    /// How many instants there were.
    instants: usize,
    /// For each selector all that it ever picked.
    picks: Vec<Vec<Pick>>,
    /// Times at which something may change.
    due: BTreeSet<Timestamp>,
    rules: Vec<RuleState>,
    /// All grants ever made, in the order made.
    grants: Vec<Grant>,
    /// Counts grants made and renewed.
    granted: u64,
    proposals: Vec<commands::Open>,
    /// Counts proposals.
    proposed: u32,
    people: commands::People,
    /// Tags that are announced, and since when.
    tags: BTreeMap<TagId, Timestamp>,
    /// Lists that are announced, and at which level.
    lists: BTreeMap<ListId, u8>,
    /// Value and time of the last change.
    scores: Vec<Option<(Timestamp, Decimal)>>,
    /// Of this instant: what was touched by endings, in order of the last one.
    touched: Vec<(Touched, Ending)>,
    /// At which times which `every` rules were looked at.
    scheduled: BTreeSet<(usize, Timestamp)>,
}

/// Where and when an expression is evaluated.
#[derive(Clone, Copy)]
pub(crate) struct Moment {
    time: Timestamp,
    /// The event at hand, among the inputs.
    event: Option<usize>,
    at: Option<Timestamp>,
}

impl<'t> Reference<'t> {
    fn new(tree: &'t Tree) -> Reference<'t> {
        let selectors = picks::collect(tree);
        let places =
            selectors.iter().enumerate().map(|(at, one)| (std::ptr::from_ref(one.selector), at)).collect();
        Reference {
            tree,
            calendar: Calendar::new(tree.zone),
            selectors,
            places,
            inputs: Vec::new(),
            subjects: Vec::new(),
            by_key: HashMap::new(),
            clock: None,
            ticked: false,
            decisions: Vec::new(),
        }
    }

    fn apply(&mut self, input: &Input) {
        let time = input.time();
        let is_tick = matches!(input, Input::Tick(_));
        let late = self.clock.is_some_and(|clock| time < clock || (time == clock && self.ticked && !is_tick));
        if late {
            return;
        }
        self.pass(time, is_tick);
        self.ticked = is_tick;
        self.clock = Some(time);
        if let Input::Command(command) = input {
            self.obey(command);
        }
        let Input::Event(event) = input else { return };
        let number = self.inputs.len();
        self.inputs.push(event.clone());
        let entities = &self.tree.schema.event_type(event.event).unwrap().entities;
        for (entity, key) in entities.iter().zip(&event.keys) {
            let subject = self.subject(*entity, key, time);
            self.instant(subject, time, Some(number));
        }
    }

    /// Everything due before `time`, or also at it.
    fn pass(&mut self, time: Timestamp, inclusive: bool) {
        loop {
            let dues = self.subjects.iter().enumerate();
            let next = dues.filter_map(|(at, one)| one.due.first().map(|due| (*due, at))).min();
            match next {
                Some((due, subject)) if due < time || (inclusive && due == time) => {
                    self.instant(subject, due, None);
                }
                _ => return,
            }
        }
    }

    fn subject(&mut self, entity: EntityId, key: &Arc<str>, time: Timestamp) -> usize {
        if let Some(known) = self.by_key.get(&(entity, key.clone())) {
            return *known;
        }
        let rules = self.tree.rules.iter().map(|rule| RuleState {
            held: false,
            fired: None,
            shadow: rules::is_shadow(rule, key),
            actions: rule.actions.iter().map(|_| ActionState::default()).collect(),
        });
        let mut subject = Subject {
            entity,
            key: key.clone(),
            first: time,
            instants: 0,
            picks: self.selectors.iter().map(|_| Vec::new()).collect(),
            due: BTreeSet::new(),
            rules: rules.collect(),
            grants: Vec::new(),
            granted: 0,
            proposals: Vec::new(),
            proposed: 0,
            people: commands::People::default(),
            tags: BTreeMap::new(),
            lists: BTreeMap::new(),
            scores: vec![None; self.tree.scores.len()],
            touched: Vec::new(),
            scheduled: BTreeSet::new(),
        };
        for rule in &self.tree.rules {
            subject.due.extend(rule.active_from.into_iter().chain(rule.active_until));
        }
        self.by_key.insert((entity, key.clone()), self.subjects.len());
        self.subjects.push(subject);
        self.plan_quiets(self.subjects.len() - 1);
        self.subjects.len() - 1
    }

    /// Where nothing was picked, it has been quiet since the first event.
    fn plan_quiets(&mut self, subject: usize) {
        let subject = &mut self.subjects[subject];
        for one in &self.selectors {
            if let picks::Span::NoFor(length) = one.span {
                subject.due.extend(self.calendar.add(subject.first, length));
            }
        }
    }

    fn instant(&mut self, subject: usize, time: Timestamp, input: Option<usize>) {
        self.instant_with(subject, time, input, |_| {});
    }

    /// `command` is what a person does at this instant.
    fn instant_with(
        &mut self,
        subject: usize,
        time: Timestamp,
        input: Option<usize>,
        command: impl FnOnce(&mut Self),
    ) {
        let this = &mut self.subjects[subject];
        this.instants += 1;
        this.touched.clear();
        this.due.retain(|due| *due > time);
        // 1. What has run out ends.
        self.run_out(subject, time);
        // 2. The input is applied.
        self.pick(subject, time, input);
        command(self);
        // 3. The rules run.
        for rule in 0..self.tree.rules.len() {
            if self.tree.rules[rule].entity == self.subjects[subject].entity {
                self.run_rule(subject, rule, time);
            }
        }
        // 4. What is gone is announced.
        self.announce_endings(subject, time);
        self.due_by_calendar(subject, time);
    }

    /// Schedules and, where a condition looks at the date, the next midnight.
    fn due_by_calendar(&mut self, subject: usize, time: Timestamp) {
        let this = &mut self.subjects[subject];
        for rule in self.tree.rules.iter().filter(|rule| rule.entity == this.entity) {
            if let Trigger::Every(schedule) = rule.trigger {
                this.due.extend(self.calendar.next_scheduled(schedule, time));
            }
        }
        if eval::looks_at_date(self.tree) {
            this.due.insert(self.calendar.starts(tagwarden::Period::Day, time).2);
        }
        this.due.retain(|due| *due > time);
    }

    fn decide(
        &mut self,
        subject: usize,
        time: Timestamp,
        rule: usize,
        change: Change,
        shadow: bool,
        reason: &Arc<Reason>,
    ) {
        let this = &self.subjects[subject];
        let rule = self.tree.rules.get(rule);
        self.decisions.push(Decision {
            time,
            entity: self.tree.schema.entities[usize::from(this.entity.0)].clone(),
            subject: this.key.clone(),
            rule: rule.map(|rule| RuleRef { name: rule.name.clone(), version: rule.version.clone() }),
            shadow,
            change,
            reason: reason.clone(),
        });
    }
}
