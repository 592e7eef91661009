//! How far each rule and each thing reaches.

use super::members::{Coded, times};
use super::tally::Place;
use super::{Backtest, Of};
use crate::recent::Recent;
use crate::table::Table;
use crate::view::View;
use arrow_array::ArrayRef;
use arrow_array::builder::{BooleanBuilder, Float64Builder, UInt64Builder};
use arrow_schema::ArrowError;
use std::collections::HashMap;
use std::sync::Arc;
use tagwarden::{RuleInfo, Rulebook, Timestamp};

/// What was counted of each rule and each thing.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) infos: Vec<RuleInfo>,
    by_name: HashMap<Arc<str>, usize, foldhash::fast::FixedState>,
    recent: Recent,
    pub(crate) rules: Vec<Reach>,
    pub(crate) things: Vec<Reach>,
}

/// How often, when, and to whom.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reach {
    pub(crate) decisions: u64,
    pub(crate) shadows: u64,
    pub(crate) first: Option<Timestamp>,
    pub(crate) last: Option<Timestamp>,
    /// Where the first decision stands among those of its time.
    place: Place,
    pub(crate) subjects: Set,
}

/// A set of subjects by number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Set {
    words: Vec<u64>,
    count: u64,
}

impl Set {
    /// Whether it is new.
    fn insert(&mut self, number: u32) -> bool {
        let (word, bit) = (number as usize / 64, 1 << (number % 64));
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        let Some(word) = self.words.get_mut(word).filter(|word| **word & bit == 0) else { return false };
        *word |= bit;
        self.count += 1;
        true
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    fn iter(&self) -> impl Iterator<Item = u32> {
        let words = self.words.iter().enumerate();
        words.flat_map(|(at, word)| {
            (0..64).filter(move |bit| word & 1 << bit != 0).map(move |bit| at as u32 * 64 + bit)
        })
    }

    /// How many are in both.
    pub(crate) fn both(&self, other: &Set) -> u64 {
        self.words.iter().zip(&other.words).map(|(a, b)| u64::from((a & b).count_ones())).sum()
    }
}

impl Reach {
    /// Whether the subject is new.
    fn add(&mut self, (time, place): (Timestamp, Place), subject: u32) -> bool {
        self.decisions += 1;
        self.reach((time, place), time);
        self.subjects.insert(subject)
    }

    fn reach(&mut self, (first, place): (Timestamp, Place), last: Timestamp) {
        if self.first.is_none_or(|before| (first, place) < (before, self.place)) {
            (self.first, self.place) = (Some(first), place);
        }
        self.last = self.last.max(Some(last));
    }

    /// Takes in what was counted of other subjects, which are numbered from `first` on.
    fn join(&mut self, other: &Reach, first: u32) {
        self.decisions += other.decisions;
        self.shadows += other.shadows;
        if let (Some(begin), Some(last)) = (other.first, other.last) {
            self.reach((begin, other.place), last);
        }
        for subject in other.subjects.iter() {
            self.subjects.insert(first + subject);
        }
    }
}

impl Rules {
    pub(crate) fn new(rulebook: &Rulebook) -> Rules {
        let infos = rulebook.rules();
        let by_name = infos.iter().enumerate().map(|(at, info)| (Arc::clone(&info.name), at)).collect();
        Rules {
            rules: vec![Reach::default(); infos.len()],
            infos,
            by_name,
            recent: Recent::default(),
            things: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, decision: &View<'_>, subject: u32) {
        let Some(rule) = decision.rule else { return };
        let at = match self.recent.get(Arc::as_ptr(&rule.name)) {
            Some(at) => at as usize,
            None => match self.by_name.get(&rule.name) {
                // Only a name that is kept here has an address for good.
                Some(at) if self.infos.get(*at).is_some_and(|info| Arc::ptr_eq(&info.name, &rule.name)) => {
                    self.recent.note(Arc::as_ptr(&rule.name), *at as u32) as usize
                }
                Some(at) => *at,
                None => return,
            },
        };
        if let Some(reach) = self.rules.get_mut(at) {
            reach.add((decision.time, Place::default()), subject);
            reach.shadows += u64::from(decision.shadow);
        }
    }

    /// Whether it is the first time that the subject got it.
    pub(crate) fn thing(&mut self, thing: u32, at: (Timestamp, Place), subject: u32) -> bool {
        self.reach_of(thing).is_some_and(|reach| reach.add(at, subject))
    }

    fn reach_of(&mut self, thing: u32) -> Option<&mut Reach> {
        let at = thing as usize;
        if self.things.len() <= at {
            self.things.resize_with(at + 1, Reach::default);
        }
        self.things.get_mut(at)
    }

    /// When a thing first came.
    pub(crate) fn came(&self, thing: u32) -> Option<(Timestamp, Place)> {
        let reach = self.things.get(thing as usize)?;
        Some((reach.first?, reach.place))
    }

    /// Takes in what was counted of other subjects, which are numbered from `first` on; `things`: how their things are numbered here.
    pub(crate) fn join(&mut self, other: Rules, first: u32, things: &[u32]) {
        for (reach, other) in self.rules.iter_mut().zip(&other.rules) {
            reach.join(other, first);
        }
        for (thing, other) in things.iter().zip(&other.things) {
            if let Some(reach) = self.reach_of(*thing) {
                reach.join(other, first);
            }
        }
    }

    /// Puts things in another order.
    pub(crate) fn renumber(&mut self, order: &[u32]) {
        let reach =
            |thing: &u32| self.things.get_mut(*thing as usize).map(std::mem::take).unwrap_or_default();
        self.things = order.iter().map(reach).collect();
    }
}

impl Backtest {
    /// How far each rule reaches: `rule`, `title`, `entity`, `trigger`, `shadow`, `decisions`, `subjects`, `share` of the subjects
    /// that the events name, `first`, `last`, and a `verdict`: `never` decided anything, `narrow` or `wide` if the share is below or
    /// above what is given, or `fits`. Rules stand in the order in which they run.
    ///
    /// A rule that gives a tag which another one has given already decides nothing by that.
    ///
    /// # Errors
    /// It is too large for its columns.
    pub fn coverage(&self, narrow: f64, wide: f64) -> Result<Table, ArrowError> {
        let mut coded = Coded::<5>::default();
        let mut shadows = BooleanBuilder::new();
        let mut numbers = Numbers::default();
        for (info, reach) in self.tally.rules.infos.iter().zip(&self.tally.rules.rules) {
            let share = self.share(reach.subjects.count(), &info.entity);
            let verdict: Arc<str> = verdict(reach.decisions, share, narrow, wide).into();
            let trigger: Arc<str> = info.trigger.into();
            coded.push([
                Some(&info.name),
                info.title.as_ref(),
                Some(&info.entity),
                Some(&trigger),
                Some(&verdict),
            ]);
            shadows.append_value(info.shadow);
            numbers.push(reach, share);
        }
        let [rules, titles, entities, triggers, verdicts] = coded.finish()?;
        let mut columns: Vec<(&str, ArrayRef, bool)> = vec![
            ("rule", rules, false),
            ("title", titles, true),
            ("entity", entities, false),
            ("trigger", triggers, false),
            ("shadow", Arc::new(shadows.finish()), false),
        ];
        columns.extend(numbers.finish());
        columns.push(("verdict", verdicts, false));
        Table::of(columns)
    }

    /// How far each tag, list, message, event and proposal reaches: `entity`, `kind`, `name`, `times` that it was given, `subjects`
    /// that ever had it, their `share`, `first`, `last`, how many have it `now`, and the `verdict`.
    ///
    /// # Errors
    /// It is too large for its columns.
    pub fn thing_coverage(&self, narrow: f64, wide: f64) -> Result<Table, ArrowError> {
        let mut now: Vec<u64> = vec![0; self.tally.members.things.names.len()];
        let mut entity: Vec<Option<Arc<str>>> = vec![None; now.len()];
        for ((subject, thing), held) in &self.tally.members.held {
            let at = *thing as usize;
            if let (Some(now), Some(entity), Some((name, _))) =
                (now.get_mut(at), entity.get_mut(at), self.tally.members.name(*subject))
            {
                *now += u64::from(held.now.is_some());
                if entity.as_ref().is_none_or(|other| name < other) {
                    *entity = Some(Arc::clone(name));
                }
            }
        }
        let mut coded = Coded::<4>::default();
        let mut numbers = Numbers::default();
        let mut counts = UInt64Builder::new();
        for (at, (kind, name)) in self.tally.members.things.names.iter().enumerate() {
            let reach = self.tally.rules.things.get(at).cloned().unwrap_or_default();
            let entity = entity.get(at).cloned().flatten();
            let share = entity.as_ref().map_or(0.0, |entity| self.share(reach.subjects.count(), entity));
            let verdict: Arc<str> = verdict(reach.decisions, share, narrow, wide).into();
            let kind: Arc<str> = (*kind).into();
            coded.push([entity.as_ref(), Some(&kind), Some(name), Some(&verdict)]);
            numbers.push(&reach, share);
            counts.append_value(now.get(at).copied().unwrap_or_default());
        }
        let [entities, kinds, names, verdicts] = coded.finish()?;
        let mut columns: Vec<(&str, ArrayRef, bool)> =
            vec![("entity", entities, true), ("kind", kinds, false), ("name", names, false)];
        columns.extend(
            numbers
                .finish()
                .map(|(name, column, null)| (if name == "decisions" { "times" } else { name }, column, null)),
        );
        columns.push(("now", Arc::new(counts.finish()), false));
        columns.push(("verdict", verdicts, false));
        Table::of(columns)
    }

    fn share(&self, part: u64, entity: &str) -> f64 {
        match self.subjects(entity) {
            0 => 0.0,
            all => part as f64 / all as f64,
        }
    }

    /// What each rule, or each thing, has been given to.
    pub(crate) fn reaches(&self, of: Of) -> Vec<(Arc<str>, Arc<str>, &Reach)> {
        match of {
            Of::Rules => {
                let named = |(info, reach): (&RuleInfo, _)| ("rule".into(), Arc::clone(&info.name), reach);
                self.tally.rules.infos.iter().zip(&self.tally.rules.rules).map(named).collect::<Vec<_>>()
            }
            Of::Things => {
                let names = self.tally.members.things.names.iter().zip(&self.tally.rules.things);
                names.map(|((kind, name), reach)| ((*kind).into(), Arc::clone(name), reach)).collect()
            }
        }
    }
}

fn verdict(decisions: u64, share: f64, narrow: f64, wide: f64) -> &'static str {
    match () {
        () if decisions == 0 => "never",
        () if share < narrow => "narrow",
        () if share > wide => "wide",
        () => "fits",
    }
}

/// The columns that both coverages have.
struct Numbers {
    decisions: UInt64Builder,
    subjects: UInt64Builder,
    share: Float64Builder,
    first: arrow_array::builder::TimestampMicrosecondBuilder,
    last: arrow_array::builder::TimestampMicrosecondBuilder,
}

impl Default for Numbers {
    fn default() -> Self {
        Numbers {
            decisions: UInt64Builder::new(),
            subjects: UInt64Builder::new(),
            share: Float64Builder::new(),
            first: times(),
            last: times(),
        }
    }
}

impl Numbers {
    fn push(&mut self, reach: &Reach, share: f64) {
        self.decisions.append_value(reach.decisions);
        self.subjects.append_value(reach.subjects.count());
        self.share.append_value(share);
        self.first.append_option(reach.first.map(Timestamp::micros));
        self.last.append_option(reach.last.map(Timestamp::micros));
    }

    fn finish(mut self) -> [(&'static str, ArrayRef, bool); 5] {
        [
            ("decisions", Arc::new(self.decisions.finish()), false),
            ("subjects", Arc::new(self.subjects.finish()), false),
            ("share", Arc::new(self.share.finish()), false),
            ("first", Arc::new(self.first.finish()), true),
            ("last", Arc::new(self.last.finish()), true),
        ]
    }
}
