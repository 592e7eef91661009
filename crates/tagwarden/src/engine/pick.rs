//! Step 2 of an instant: selectors pick, and what they pick enters the windows.

use super::eval::Hand;
use super::instant::Instant;
use crate::event::Event;
use crate::plan::{Feed, Node, Places, SequencePlan, Stream, StreamId, StreamKind};
use crate::state::{Held, SequenceState, keyed_hash};
use crate::value::{Duration, Timestamp, Value};
use crate::window::NEVER;
use std::sync::Arc;

/// What a stream picked.
#[derive(Clone, Debug)]
pub(crate) enum Pick {
    /// The event at hand.
    Event,
    /// An earlier event, at its deadline.
    Held(Box<Held>),
}

/// Everything that the streams picked at one instant: each the event at hand, or earlier ones, never both.
#[derive(Debug, Default)]
pub(super) struct Picks {
    /// A bit for each stream that picked the event at hand.
    event: Vec<u64>,
    /// The streams that picked anything, each once.
    streams: Vec<StreamId>,
    held: Vec<(StreamId, Box<Held>)>,
}

impl Picks {
    /// For how many streams there is room.
    pub(super) fn room(&self) -> usize {
        self.event.len() * 64
    }

    /// Makes room for so many streams.
    pub(super) fn reserve(&mut self, streams: usize) {
        self.event.resize(streams.div_ceil(64).max(self.event.len()), 0);
    }

    #[inline]
    pub(super) fn clear(&mut self) {
        for stream in self.streams.drain(..) {
            if let Some(bits) = self.event.get_mut(stream.index() / 64) {
                *bits = 0;
            }
        }
        self.held.clear();
    }

    /// The streams that picked anything, each once.
    pub(super) fn streams(&self) -> &[StreamId] {
        &self.streams
    }

    /// Whether a stream picked the event at hand.
    pub(super) fn has_event(&self, stream: StreamId) -> bool {
        let index = stream.index();
        self.event.get(index / 64).is_some_and(|bits| bits & 1 << (index % 64) != 0)
    }

    /// Whether a stream picked anything.
    pub(super) fn has(&self, stream: StreamId) -> bool {
        self.has_event(stream) || self.held.iter().any(|(other, _)| *other == stream)
    }

    #[inline]
    fn push_event(&mut self, stream: StreamId) {
        let index = stream.index();
        if let Some(bits) = self.event.get_mut(index / 64) {
            *bits |= 1 << (index % 64);
            self.streams.push(stream);
        }
    }

    fn push(&mut self, stream: StreamId, pick: Pick) {
        match pick {
            Pick::Event => self.push_event(stream),
            Pick::Held(held) => {
                if !self.held.iter().any(|(other, _)| *other == stream) {
                    self.streams.push(stream);
                }
                self.held.push((stream, held));
            }
        }
    }

    /// What a stream picked, by number.
    pub(super) fn get(&self, stream: StreamId, at: usize) -> Option<Pick> {
        if self.has_event(stream) {
            return (at == 0).then_some(Pick::Event);
        }
        let mut held = self.held.iter().filter(|(other, _)| *other == stream);
        held.nth(at).map(|(_, held)| Pick::Held(held.clone()))
    }
}

impl Instant<'_> {
    #[inline]
    pub(super) fn pick(&mut self) {
        let entity = self.entity;
        let now = self.now.micros();
        if self.subject.has_more()
            && self.subject.more().sequences.iter().any(|(_, sequence)| sequence.deadline() <= now)
        {
            // A deadline can feed streams that the event at hand does not.
            for stream in 0..entity.streams.len() {
                self.pick_one(StreamId(stream as u32));
            }
        } else if let Some(event) = self.event
            && let Some(dispatch) = entity.by_event.get(usize::from(event.event.0))
        {
            let mut found = std::mem::take(&mut self.scratch.found);
            for id in dispatch.streams(event, &mut found) {
                let Some(stream) = entity.streams.get(id.index()) else { continue };
                match &stream.kind {
                    StreamKind::Base { condition, .. } => {
                        self.pick_event(*id, stream, condition.as_ref(), event);
                    }
                    _ => self.pick_one(*id),
                }
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
                if let Some(event) = self.event.filter(|event| events.contains(&event.event)) {
                    self.pick_event(id, stream, condition.as_ref(), event);
                }
            }
            StreamKind::After(sequence) => self.pick_after(id, stream, sequence),
            StreamKind::Without(sequence) => self.pick_without(id, stream, sequence),
        }
    }

    /// Picks the event at hand if it stands the condition of a selector of events of its type.
    #[inline]
    fn pick_event(&mut self, id: StreamId, stream: &Stream, condition: Option<&Node>, event: &Event) {
        let hand = Hand::Event(event);
        if condition.is_some_and(|condition| !self.view().holds(condition, hand)) {
            return;
        }
        self.let_in(id, stream, hand);
        if stream.noted {
            self.scratch.picks.push_event(id);
        }
    }

    fn pick_after(&mut self, id: StreamId, stream: &Stream, sequence: &SequencePlan) {
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
                self.picked(id, stream, pick);
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

    fn pick_without(&mut self, id: StreamId, stream: &Stream, sequence: &SequencePlan) {
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
            self.picked(id, stream, Pick::Held(Box::new(held)));
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
        (0..).map_while(|at| self.scratch.picks.get(stream, at)).collect()
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
    fn picked(&mut self, id: StreamId, stream: &Stream, pick: Pick) {
        match &pick {
            Pick::Event => self.let_in(id, stream, self.event.map_or(Hand::Nothing, Hand::Event)),
            Pick::Held(held) => self.let_in(id, stream, Hand::Held(held)),
        }
        self.scratch.picks.push(id, pick);
    }

    /// Lets a pick into its windows.
    #[inline]
    fn let_in(&mut self, id: StreamId, stream: &Stream, hand: Hand<'_>) {
        if stream.tracked {
            self.track(id, stream);
        }
        for feed in &stream.feeds {
            self.feed(feed, hand);
        }
        self.mark(&stream.watchers);
    }

    /// Notes the time of a pick.
    fn track(&mut self, id: StreamId, stream: &Stream) {
        let (entity, zone, now) = (self.entity, self.plan.tree.zone, self.now);
        self.subject.more_mut().lasts.set(id.0, now.micros());
        for quiet in &stream.quiets {
            let Some(plan) = entity.quiets.get(quiet.index()) else { continue };
            let end = zone.add(now, plan.length).map_or(i64::MAX, Timestamp::micros);
            let quiets = &mut self.subject.more_mut().quiets;
            let end = quiets.get(quiet.0).map_or(end, |before| end.max(*before));
            quiets.set(quiet.0, end);
        }
    }

    /// Has a pick pass whose field is absent.
    #[inline(never)]
    fn pass(&mut self, feed: &Feed) {
        let Some(page_plan) = self.entity.pages.get(feed.page as usize) else { return };
        if let Some(page) = self.subject.page_mut(feed.page, &page_plan.plan) {
            page.pass(&page_plan.plan, self.plan.tree.zone, usize::from(feed.series), self.now);
        }
    }

    #[inline]
    fn feed(&mut self, feed: &Feed, hand: Hand<'_>) {
        let Some(page_plan) = self.entity.pages.get(feed.page as usize) else { return };
        let (plan, zone, series) = (&page_plan.plan, self.plan.tree.zone, usize::from(feed.series));
        let hashed;
        let value = match &feed.field {
            None => None,
            Some(places) => match hand.field(places) {
                None => return self.pass(feed),
                Some(value) if feed.hashed && matches!(hand, Hand::Event(_)) => {
                    hashed = keyed_hash(value, self.hash_key);
                    Some(&hashed)
                }
                value => value,
            },
        };
        let Some(page) = self.subject.page_mut(feed.page, plan) else { return };
        let dirty = &mut self.scratch.dirty;
        let entered = page.enter(plan, zone, series, (self.now, value), |bound| {
            if let Some(readers) = page_plan.bound_readers.get(bound) {
                dirty.mark_all(readers);
            }
        });
        self.subject.settle(feed.page);
        self.scratch.stale |= entered.refresh;
        if entered.saturated {
            self.scratch.saturated.set(true);
        }
    }
}
