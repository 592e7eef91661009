//! Snapshots of an engine's whole state.

use super::eval::Warming;
use super::intake::Intake;
use super::running::COUNT_EVERY;
use super::table::Table;
use super::{Engine, EngineOptions};
use crate::decision::RuleRef;
use crate::event::Event;
use crate::plan::{ActionPlan, EntityPlan, Plan, StreamKind};
use crate::rulebook::Rulebook;
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
    watermark: Option<i64>,
    held: Vec<Event>,
    seen: Vec<(i64, Arc<str>)>,
    saturations: u64,
    #[serde(with = "crate::decision::saved::rules")]
    orphans: Vec<RuleRef>,
    warming: Warming,
}

impl Engine {
    /// Writes down the whole state. What follows after a [`Engine::restore`] is the same as if it had never stopped.
    ///
    /// The form is versioned and has a checksum. It holds no text of a private field, only keyed hashes. Inputs
    /// that lateness holds back are in it as they came.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        let state = &self.state;
        save(
            (&self.rulebook, &self.options, &self.intake),
            (state.clock, state.closed, state.saturations),
            (&state.orphans, &state.warming),
            state.table.iter().map(|(_, subject)| subject),
        )
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
        // Inputs that lateness held back have brought theirs without being asked again.
        let keys = rulebook.schema().events.iter().map(|event| event.entities.len()).max().unwrap_or(0);
        let late = if options.lateness.micros() > 0 { keys.saturating_mul(limits.held_inputs) } else { 0 };
        if body.subjects.len() > limits.subjects.saturating_add(late) {
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
        for event in &body.held {
            event.validate(rulebook.schema()).map_err(|_| damaged("an input does not fit the rulebook"))?;
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
            // Between two counts it may have grown beyond the limit.
            let slack = usize::from(COUNT_EVERY) * entity.most_added();
            if subject.held_events(entity, now) > limits.held_events.saturating_add(slack) {
                return Err(SnapshotError::Limit {
                    limit: "held events of a subject",
                    most: limits.held_events as u64,
                });
            }
            if !table.insert(subject) {
                return Err(damaged("a subject is there twice"));
            }
        }
        engine.state.table = table;
        for at in 0..engine.state.table.numbers() {
            engine.state.queue(at);
        }
        Ok(engine)
    }
}

/// Writes down a state: what came from the host, clock and counter, what a reload has left, and the subjects in the order in which
/// they were first seen.
pub(super) fn save<'s>(
    (rulebook, options, intake): (&Rulebook, &EngineOptions, &Intake),
    (clock, closed, saturations): (Option<Timestamp>, bool, u64),
    (orphans, warming): (&[RuleRef], &Warming),
    subjects: impl Iterator<Item = &'s Subject>,
) -> Vec<u8> {
    let (watermark, held, seen) = intake.save();
    let body = Body {
        clock,
        closed,
        subjects: subjects.map(Cow::Borrowed).collect(),
        watermark,
        held,
        seen,
        saturations,
        orphans: orphans.to_vec(),
        warming: warming.clone(),
    };
    snapshot::write(&body, rulebook.fingerprint(), key_fingerprint(&options.hash_key))
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
    let grants = subject.grants().all.iter().all(|grant| match engine.orphan(grant.owner.rule) {
        Some(_) => true,
        None => {
            let rule = entity.rules.get(grant.owner.rule as usize);
            let action = rule.and_then(|rule| rule.actions.get(grant.owner.action as usize));
            matches!(action, Some(ActionPlan::Grant(planned)) if planned.target == grant.target)
        }
    });
    let scores = subject.more().scores.iter().all(|(score, state)| {
        let planned = plan.tree.scores.get(score as usize);
        planned.is_some_and(|planned| planned.min <= state.value && state.value <= planned.max)
    });
    subject.fits(&bounds) && pages && sequences && grants && scores
}
