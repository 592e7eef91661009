//! Step 2 of an instant: selectors pick, and what they pick enters the windows.

use super::eval::Hand;
use super::instant::Instant;
use crate::plan::{Feed, Places, SequencePlan, StreamId, StreamKind};
use crate::state::{Held, SequenceState, keyed_hash};
use crate::value::{Decimal, Duration, Timestamp, Value};
use crate::window::{NEVER, Page};
use std::sync::Arc;

/// What a stream picked.
#[derive(Clone, Debug)]
pub(crate) enum Pick {
    /// The event at hand.
    Event,
    /// An earlier event, at its deadline.
    Held(Box<Held>),
}

/// Everything that a stream picked at one instant: the event at hand, or earlier ones, never both.
#[derive(Debug, Default)]
pub(super) struct Picks {
    event: bool,
    #[expect(clippy::vec_box, reason = "picks come boxed and are handed on boxed; a sequence holds them so")]
    held: Vec<Box<Held>>,
}

impl Picks {
    pub(super) fn is_empty(&self) -> bool {
        !self.event && self.held.is_empty()
    }

    /// Whether it is the event at hand.
    pub(super) fn is_event(&self) -> bool {
        self.event
    }

    pub(super) fn clear(&mut self) {
        self.event = false;
        self.held.clear();
    }

    pub(super) fn push(&mut self, pick: Pick) {
        match pick {
            Pick::Event => self.event = true,
            Pick::Held(held) => self.held.push(held),
        }
    }

    pub(super) fn get(&self, at: usize) -> Option<Pick> {
        match (self.event, at) {
            (true, 0) => Some(Pick::Event),
            (true, _) => None,
            (false, _) => self.held.get(at).cloned().map(Pick::Held),
        }
    }
}

impl Instant<'_> {
    pub(super) fn pick(&mut self) {
        let entity = self.entity;
        let now = self.now.micros();
        if self.subject.more().sequences.iter().any(|(_, sequence)| sequence.deadline() <= now) {
            // A deadline can feed streams that the event at hand does not.
            for stream in 0..entity.streams.len() {
                self.pick_one(StreamId(stream as u32));
            }
        } else if let Some(event) = self.event
            && let Some(dispatch) = entity.by_event.get(usize::from(event.event.0))
        {
            let mut found = std::mem::take(&mut self.scratch.found);
            for stream in dispatch.streams(event, &mut found) {
                self.pick_one(*stream);
            }
            self.scratch.found = found;
        }
    }

    fn deadline(&self, stream: StreamId) -> i64 {
        self.subject.more().sequences.get(stream.0).map_or(NEVER, SequenceState::deadline)
    }

    /// What a sequence remembers, to be changed.
    fn sequence(&mut self, stream: StreamId) -> Option<&mut SequenceState> {
        self.subject.more_mut().sequences.get_or_insert_with(stream.0, SequenceState::default)
    }

    fn pick_one(&mut self, id: StreamId) {
        let entity = self.entity;
        let Some(stream) = entity.streams.get(id.index()) else { return };
        match &stream.kind {
            StreamKind::Base { events, condition } => {
                let Some(event) = self.event.filter(|event| events.contains(&event.event)) else { return };
                let hand = Hand::Event(event);
                if condition.as_ref().is_none_or(|condition| self.view().holds(condition, hand)) {
                    self.picked(id, Pick::Event);
                }
            }
            StreamKind::After(sequence) => self.pick_after(id, sequence),
            StreamKind::Without(sequence) => self.pick_without(id, sequence),
        }
    }

    fn pick_after(&mut self, id: StreamId, sequence: &SequencePlan) {
        let now = self.now.micros();
        // Others picked at this very instant do not come before: they are noted after the look.
        for pick in self.picks(sequence.picked) {
            let value = match &sequence.matching {
                None => Some(None),
                Some((places, _)) => self.matched(&pick, places).map(Some),
            };
            let open = self.subject.more().sequences.get(id.0);
            let until = value.and_then(|value| open.and_then(|state| state.open.get(&value).copied()));
            if until.is_some_and(|until| now <= until) {
                self.picked(id, pick);
            }
        }
        for pick in self.picks(sequence.other) {
            let value = match &sequence.matching {
                None => None,
                Some((_, places)) => match self.matched(&pick, places) {
                    Some(value) => Some(value),
                    None => continue,
                },
            };
            let end = self.within(sequence.within);
            if let Some(state) = self.sequence(id) {
                let end = state.latest.map_or(end, |latest| end.max(latest));
                state.latest = Some(end);
                state.open.insert(value, end);
                if state.open.len() % 256 == 0 {
                    state.open.retain(|_, until| *until >= now);
                }
            }
        }
    }

    fn pick_without(&mut self, id: StreamId, sequence: &SequencePlan) {
        let now = self.now.micros();
        for pick in self.picks(sequence.other) {
            let value = sequence.matching.as_ref().map(|(_, places)| self.matched(&pick, places));
            let Some(state) = self.subject.more_mut().sequences.get_mut(id.0) else { break };
            match value {
                None => state.pending.clear(),
                Some(None) => {}
                Some(value) => state.pending.retain(|held| held.matching != value),
            }
        }
        while self.deadline(id) <= now {
            let state = self.subject.more_mut().sequences.get_mut(id.0);
            let Some(held) = state.and_then(|state| state.pending.pop_front()) else { return };
            self.picked(id, Pick::Held(Box::new(held)));
        }
        for pick in self.picks(sequence.picked) {
            let matching = sequence.matching.as_ref().and_then(|(places, _)| self.matched(&pick, places));
            let end = self.within(sequence.within);
            let Some(held) = self.kept(pick, matching) else { continue };
            if let Some(state) = self.sequence(id) {
                let deadline = state.latest.map_or(end, |latest| end.max(latest));
                state.latest = Some(deadline);
                state.pending.push_back(Held { deadline, ..held });
            }
        }
    }

    fn picks(&self, stream: StreamId) -> Vec<Pick> {
        let picks = self.scratch.picks.get(stream.index());
        picks.into_iter().flat_map(|picks| (0..).map_while(|at| picks.get(at))).collect()
    }

    fn within(&self, length: Duration) -> i64 {
        self.plan.tree.zone.add(self.now, length).map_or(i64::MAX, Timestamp::micros)
    }

    /// What is kept of a pick until its deadline.
    fn kept(&self, pick: Pick, matching: Option<Value>) -> Option<Held> {
        let event = match pick {
            Pick::Held(held) => return Some(Held { matching, ..*held }),
            Pick::Event => self.event?,
        };
        let types = &self.plan.tree.schema.event_type(event.event)?.fields;
        let fields = event.fields.iter().zip(types).map(|(value, field)| match value {
            Some(value) if field.private => Some(keyed_hash(value, self.hash_key)),
            value => value.clone(),
        });
        let fields: Arc<[_]> = fields.collect();
        Some(Held { deadline: 0, event: event.event, time: event.time, fields, matching })
    }

    /// The value of the field that must match.
    fn matched(&self, pick: &Pick, places: &Places) -> Option<Value> {
        let value = self.hand(pick).field(places)?;
        let Pick::Event = pick else { return Some(value.clone()) };
        let schema = &self.plan.tree.schema;
        let event = self.event?.event;
        let (_, field) = places.iter().find(|(place, _)| *place == event)?;
        let private = schema.event_type(event)?.fields.get(usize::from(field.0))?.private;
        Some(if private { keyed_hash(value, self.hash_key) } else { value.clone() })
    }

    /// Notes a pick and lets it into its windows.
    fn picked(&mut self, id: StreamId, pick: Pick) {
        let entity = self.entity;
        let zone = self.plan.tree.zone;
        let now = self.now;
        let Some(stream) = entity.streams.get(id.index()) else { return };
        if stream.tracked {
            self.subject.more_mut().lasts.set(id.0, now.micros());
        }
        for quiet in &stream.quiets {
            let Some(plan) = entity.quiets.get(quiet.index()) else { continue };
            let end = zone.add(now, plan.length).map_or(i64::MAX, Timestamp::micros);
            let quiets = &mut self.subject.more_mut().quiets;
            let end = quiets.get(quiet.0).map_or(end, |before| end.max(*before));
            quiets.set(quiet.0, end);
        }
        for feed in &stream.feeds {
            self.feed(feed, &pick);
        }
        self.note_pick(id, stream, pick);
    }

    fn feed(&mut self, feed: &Feed, pick: &Pick) {
        let Some(plan) = self.entity.pages.get(feed.page as usize).map(|page| &page.plan) else { return };
        let (event, now, zone) = (self.event, self.now, self.plan.tree.zone);
        let hand = match pick {
            Pick::Event => event.map_or(Hand::Nothing, Hand::Event),
            Pick::Held(held) => Hand::Held(held),
        };
        let series = usize::from(feed.series);
        let value = feed.field.as_ref().map(|places| hand.field(places));
        let hashed = match value {
            Some(Some(value)) if feed.hashed && matches!(pick, Pick::Event) => {
                Some(keyed_hash(value, self.hash_key))
            }
            Some(Some(Value::Number(number))) => {
                self.scratch.negative |= *number < Decimal::ZERO;
                None
            }
            _ => None,
        };
        self.subject.change_page(
            feed.page,
            || Page::new(plan),
            |page| match value {
                // The field is absent.
                Some(None) => page.pass(plan, zone, series, now),
                Some(value) => page.enter(plan, zone, series, now, hashed.as_ref().or(value)),
                None => page.enter(plan, zone, series, now, None),
            },
        );
    }
}
