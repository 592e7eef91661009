//! Snapshots of an engine's whole state.

use super::intake::Pending;
use super::table::Table;
use super::{Engine, EngineOptions};
use crate::check::tree::Target;
use crate::grants::{Grant, PERSON};
use crate::plan::{ActionPlan, EntityPlan, Plan, StreamKind};
use crate::rulebook::Rulebook;
use crate::schema::EntityId;
use crate::state::snapshot::{self, SnapshotError};
use crate::state::{Bounds, Subject, key_fingerprint};
use crate::value::Timestamp;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::sync::Arc;

/// The body of a snapshot.
#[derive(Serialize, Deserialize)]
struct Body<'a> {
    clock: Option<Timestamp>,
    closed: bool,
    /// In the order in which they were first seen.
    subjects: Vec<Cow<'a, Subject>>,
    /// Keys of subjects that are another one now, with that one's key.
    aliases: Vec<(EntityId, Arc<str>, Arc<str>)>,
    watermark: Option<i64>,
    held: Vec<Pending>,
    seen: Vec<(i64, Arc<str>)>,
    saturations: u64,
    #[serde(with = "crate::decision::saved::rules")]
    orphans: Vec<crate::decision::RuleRef>,
    warming: super::eval::Warming,
}

impl Engine {
    /// Writes down the whole state. What follows after a [`Engine::restore`] is the same as if it had never stopped.
    ///
    /// The form is versioned and has a checksum. It holds no text of a private field, only keyed hashes. Inputs
    /// that lateness holds back are in it as they came.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        let (watermark, held, seen) = self.intake.save();
        let body = Body {
            clock: self.state.clock,
            closed: self.state.closed,
            subjects: self.state.table.iter().map(|(_, subject)| Cow::Borrowed(subject)).collect(),
            aliases: self.state.table.aliases(),
            watermark,
            held,
            seen,
            saturations: self.state.saturations,
            orphans: self.state.orphans.clone(),
            warming: self.state.warming.clone(),
        };
        snapshot::write(&body, self.rulebook.fingerprint(), key_fingerprint(&self.options.hash_key))
    }

    /// An engine that goes on where a snapshot was taken, with the same rulebook and options.
    ///
    /// # Errors
    /// [`SnapshotError`]: damaged, foreign, newer, of another rulebook or key, or beyond a limit.
    pub fn restore(
        rulebook: &Rulebook,
        options: EngineOptions,
        bytes: &[u8],
    ) -> Result<Engine, SnapshotError> {
        let key = key_fingerprint(&options.hash_key);
        let body: Body<'static> = snapshot::read(bytes, rulebook.fingerprint(), key)?;
        let limits = options.limits.clone();
        if body.subjects.len() > limits.subjects {
            return Err(SnapshotError::Limit { limit: "subjects", most: limits.subjects as u64 });
        }
        let plan = rulebook.plan();
        let mut engine = Engine::with_options(rulebook, options);
        engine.state.clock = body.clock;
        engine.state.closed = body.closed;
        engine.state.saturations = body.saturations;
        engine.state.orphans = body.orphans;
        engine.state.warming = body.warming;
        let damaged = |what| SnapshotError::Damaged { what };
        for input in &body.held {
            match input {
                Pending::Event(event) => event.validate(rulebook.schema()),
                Pending::Command(command) => command.validate(rulebook.schema()),
            }
            .map_err(|_| damaged("an input does not fit the rulebook"))?;
        }
        engine.intake.load(body.watermark, body.held, body.seen);
        let mut table = Table::default();
        for subject in body.subjects {
            let subject = subject.into_owned().restored();
            let entity = plan.entity(subject.entity);
            let Some(entity) = entity.filter(|entity| fits(&subject, entity, plan, &engine)) else {
                return Err(damaged("a subject does not fit the rulebook"));
            };
            let now = body.clock.map_or(i64::MIN, Timestamp::micros);
            if subject.held_events(entity, now) > limits.held_events {
                return Err(SnapshotError::Limit {
                    limit: "held events of a subject",
                    most: limits.held_events as u64,
                });
            }
            if !table.insert(subject) {
                return Err(damaged("a subject is there twice"));
            }
        }
        for (entity, key, into) in body.aliases {
            let Some(at) = table.find(entity, &into).filter(|_| table.find(entity, &key).is_none()) else {
                return Err(damaged("a merged subject does not fit"));
            };
            table.alias(entity, &key, at);
        }
        engine.state.exempting = table
            .iter()
            .any(|(_, subject)| subject.grants().people.as_ref().is_some_and(|people| people.spares_rules()));
        engine.state.table = table;
        for at in 0..engine.state.table.numbers() {
            engine.state.queue(at);
        }
        Ok(engine)
    }
}

/// Whether a subject that comes from outside has the shape that the plan asks for.
fn fits(subject: &Subject, entity: &EntityPlan, plan: &Plan, engine: &Engine) -> bool {
    let bounds = Bounds {
        pages: entity.pages.len(),
        rules: entity.rules.len(),
        streams: entity.streams.len(),
        quiets: entity.quiets.len(),
        leaves: entity.leaves.len(),
        scores: plan.tree.scores.len(),
    };
    let pages = subject
        .pages()
        .all(|(at, page)| entity.pages.get(at as usize).is_some_and(|planned| page.fits(&planned.plan)));
    let sequences = subject.more().sequences.iter().all(|(at, _)| {
        let stream = entity.streams.get(at as usize);
        stream.is_some_and(|stream| !matches!(stream.kind, StreamKind::Base { .. }))
    });
    let named = |grant: &Grant| match grant.target {
        Target::Tag(tag) => tag.index() < plan.tree.tags.len(),
        Target::List(list) => list.index() < plan.tree.lists.len(),
    };
    let grants = subject.grants().all.iter().all(|grant| match engine.orphan(grant.owner.rule) {
        Some(_) => named(grant),
        None if grant.owner.rule == PERSON => named(grant),
        None => {
            let rule = entity.rules.get(grant.owner.rule as usize);
            let action = rule.and_then(|rule| rule.actions.get(grant.owner.action as usize));
            let action = match action {
                Some(ActionPlan::Propose(inner)) => Some(&**inner),
                action => action,
            };
            matches!(action, Some(ActionPlan::Grant(planned)) if planned.target == grant.target)
        }
    });
    let scores = subject.more().scores.iter().all(|(score, state)| {
        let planned = plan.tree.scores.get(score as usize);
        planned.is_some_and(|planned| planned.min <= state.value && state.value <= planned.max)
    });
    subject.fits(&bounds) && pages && sequences && grants && scores
}
