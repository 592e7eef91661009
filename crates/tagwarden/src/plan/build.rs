//! From the typed tree to the plan.

use super::lower::{Lowering, Reads};
use super::{
    ActionPlan, Bound, Condition, Dispatch, EntityPlan, GrantPlan, Leaf, LeafKind, LifePlan, Plan, Readers,
    RulePlan, Shortcuts, Stream, TemplatePartPlan, TemplatePlan, TriggerPlan, Watchers, WindowSlot,
};
use crate::check::tree::{Action, GuardKind, Life, Rule, Target, Template, TemplatePart, Tree, Trigger};
use crate::decision::{Change, RuleRef};
use crate::limits::Limits;
use crate::schema::{EntityId, EventId};
use crate::small::BTreeMap;
use crate::text::{Keywords, TextError};

impl Plan {
    /// Plans a checked rulebook.
    ///
    /// # Errors
    /// A regular expression that does not compile.
    pub(crate) fn build(
        tree: Tree,
        keywords: Keywords,
        limits: &Limits,
        shortcuts: Shortcuts,
    ) -> Result<Plan, TextError> {
        let entities = (0..tree.schema.entities.len())
            .map(|entity| Builder::new(&tree, EntityId(entity as u16), limits, shortcuts).build())
            .collect::<Result<Vec<_>, _>>()?;
        let pages = entities.iter().flat_map(|entity| &entity.pages);
        let longest = pages.map(|page| page.plan.longest()).max().unwrap_or(0);
        Ok(Plan { tree, keywords, entities, longest })
    }
}

struct Builder<'t> {
    lowering: Lowering<'t>,
    leaves: BTreeMap<LeafKind, Readers>,
    shortcuts: Shortcuts,
}

impl<'t> Builder<'t> {
    fn new(tree: &'t Tree, entity: EntityId, limits: &'t Limits, shortcuts: Shortcuts) -> Self {
        let mut lowering = Lowering::new(tree, entity, limits);
        lowering.plan.tag_readers = vec![Watchers::default(); tree.tags.len()];
        lowering.plan.list_readers = vec![Watchers::default(); tree.lists.len()];
        lowering.plan.score_readers = vec![Watchers::default(); tree.scores.len()];
        Builder { lowering, leaves: BTreeMap::new(), shortcuts }
    }

    fn build(mut self) -> Result<EntityPlan, TextError> {
        let tree = self.lowering.tree;
        for rule in &tree.rules {
            if rule.entity == self.lowering.entity {
                let index = self.lowering.plan.rules.len() as u32;
                let (rule, watched) = self.rule(rule)?;
                self.lowering.plan.rules.push(rule);
                self.watch(index, watched);
            }
        }
        for guard in tree.guards.iter().filter(|guard| guard.kind == GuardKind::Approve) {
            if guard.entities.contains(&self.lowering.entity) {
                let condition = self.lowering.node(&guard.condition, &mut Reads::default())?;
                self.lowering.plan.approvals.push((guard.target, condition));
            }
        }
        let mut plan = self.lowering.plan;
        let worth = match self.shortcuts {
            Shortcuts::Usual => 8,
            Shortcuts::Never => usize::MAX,
            Shortcuts::Always => 1,
        };
        let dispatches = self.lowering.by_event.into_iter().enumerate();
        plan.by_event = dispatches
            .map(|(event, streams)| Dispatch::new(EventId(event as u16), streams, &plan.streams, worth))
            .collect();
        for page in &mut plan.pages {
            page.plan.finish();
        }
        let mut rules = std::mem::take(&mut plan.rules);
        for condition in rules.iter_mut().filter_map(|rule| rule.condition.as_mut()) {
            condition.place(&plan);
        }
        for (at, rule) in rules.iter().enumerate() {
            if let Some((stream, [bound, ..])) = rule.bounds()
                && let Some(stream) = plan.streams.get_mut(stream.index())
                && stream.is_base()
            {
                let alike = match stream.fires.last() {
                    Some((_, last)) => stream.fires_plainly && last.page == bound.page,
                    None => true,
                };
                stream.fires_plainly = alike && rule.is_plain();
                stream.fires.push((at as u32, bound.clone()));
            }
        }
        plan.rules = rules;
        plan.leaves = self.leaves.into_iter().map(|(kind, readers)| Leaf { kind, readers }).collect();
        let movers: Vec<_> = plan.leaves.iter().map(|leaf| leaf.kind).collect();
        for (at, leaf) in movers.into_iter().enumerate() {
            let watchers = match leaf {
                LeafKind::Quiet(quiet) => plan
                    .quiets
                    .get(quiet.index())
                    .and_then(|quiet| plan.streams.get_mut(quiet.stream.index()))
                    .map(|stream| &mut stream.watchers),
                LeafKind::Elapsed(stream, _) => {
                    plan.streams.get_mut(stream.index()).map(|stream| &mut stream.watchers)
                }
                LeafKind::TaggedFor(tag, _) => plan.tag_readers.get_mut(tag.index()),
                LeafKind::ScoreAgainst(score, _) => plan.score_readers.get_mut(score.index()),
                LeafKind::Midnight | LeafKind::Bound(_) => None,
            };
            if let Some(watchers) = watchers {
                watchers.leaves.push(at as u32);
            }
        }
        plan.settle();
        Ok(plan)
    }

    fn rule(&mut self, rule: &Rule) -> Result<(RulePlan, Watched), TextError> {
        // What makes the rule look again when it changes; everything else is read when the rule is run anyway.
        let mut watched = Reads::default();
        let mut reads = Reads::default();
        let level_driven = matches!(rule.trigger, Trigger::When | Trigger::While);
        let trigger = match &rule.trigger {
            Trigger::On(selector) => TriggerPlan::On(self.lowering.noted(selector)?),
            Trigger::When => TriggerPlan::When,
            Trigger::While => TriggerPlan::While,
            Trigger::Every(schedule) => TriggerPlan::Every(*schedule),
        };
        let condition =
            rule.condition.as_ref().map(|condition| self.lowering.node(condition, &mut reads)).transpose()?;
        let condition = condition.map(|condition| match self.shortcuts {
            Shortcuts::Never => Condition::slow(condition),
            Shortcuts::Usual | Shortcuts::Always => Condition::new(condition, &mut self.lowering.plan),
        });
        let because = rule.because.as_ref().map(|because| self.template(because)).transpose()?;
        let holds = matches!(trigger, TriggerPlan::While);
        let actions = rule
            .actions
            .iter()
            .map(|action| self.action(action, holds, &mut watched))
            .collect::<Result<Vec<_>, _>>()?;
        let ends_by_itself = actions.iter().any(|action| match action {
            ActionPlan::Grant(grant) => matches!(grant.life, LifePlan::UntilOn(_) | LifePlan::Until(_)),
            _ => false,
        });
        let index = self.lowering.plan.rules.len() as u32;
        if matches!(trigger, TriggerPlan::Every(_)) {
            self.lowering.plan.scheduled.push(index);
        }
        let bounds = [rule.active_from, rule.active_until];
        watched.leaves.extend(bounds.into_iter().flatten().map(LeafKind::Bound));
        let reads_state = !(reads.tags.is_empty() && reads.lists.is_empty() && reads.scores.is_empty());
        let reads_state = reads_state || rule.because.is_some();
        let works =
            rule.actions.iter().any(|action| !matches!(action, Action::Notify { .. } | Action::Emit { .. }));
        let bounds = condition.as_ref().map_or(&[][..], Condition::bounds);
        if let TriggerPlan::On(stream) = &trigger {
            let base = self.lowering.plan.streams.get(stream.index()).is_some_and(Stream::is_base);
            // Where its bounds do not hold it is not even looked at.
            if bounds.is_empty() || ends_by_itself || !base {
                watched.streams.insert(*stream);
            }
        }
        let reads = if level_driven && bounds.is_empty() { reads } else { Reads::default() };
        let bounds = if level_driven { bounds.to_vec() } else { Vec::new() };
        let speaks = actions.iter().any(|action| action.text().is_some());
        let plan = RulePlan {
            speaks,
            reference: RuleRef { name: rule.name.clone(), version: rule.version.clone() },
            shadow: rule.shadow,
            trigger,
            condition,
            because,
            actions,
            at_most_once_per: rule.at_most_once_per,
            active_from: rule.active_from,
            active_until: rule.active_until,
            rollout: rule.rollout,
            ends_by_itself,
            shows_own_work: reads_state && works,
        };
        Ok((plan, Watched { condition: reads, bounds, others: watched }))
    }

    fn template(&mut self, template: &Template) -> Result<TemplatePlan, TextError> {
        let parts = template.parts.iter().map(|part| {
            Ok(match part {
                TemplatePart::Text(text) => TemplatePartPlan::Text(text.clone()),
                TemplatePart::Expr(expr) => {
                    TemplatePartPlan::Node(self.lowering.node(expr, &mut Reads::default())?)
                }
            })
        });
        Ok(TemplatePlan { parts: parts.collect::<Result<_, TextError>>()? })
    }

    /// `holds`: whether the rule is a `while` rule, whose withheld additions wait for the guard.
    fn action(&mut self, action: &Action, holds: bool, watched: &mut Reads) -> Result<ActionPlan, TextError> {
        Ok(match action {
            Action::Tag { tag, life, keep } => ActionPlan::Grant(GrantPlan {
                target: Target::Tag(*tag),
                level: 0,
                category: None,
                life: self.life(life, watched)?,
                starting_in: None,
                review: None,
                keep: *keep,
                guards: self.guards(Target::Tag(*tag), holds, watched)?,
            }),
            Action::Add { list, level, category, life, starting_in, review, keep } => {
                ActionPlan::Grant(GrantPlan {
                    target: Target::List(*list),
                    level: *level,
                    category: category.clone(),
                    life: self.life(life, watched)?,
                    starting_in: *starting_in,
                    review: review
                        .or_else(|| self.lowering.tree.lists.get(list.index()).and_then(|list| list.review)),
                    keep: *keep,
                    guards: self.guards(Target::List(*list), holds, watched)?,
                })
            }
            Action::Untag(tag) => ActionPlan::Untag(*tag),
            Action::Remove(list) => ActionPlan::Remove(*list),
            Action::Score { score, change, amount } => ActionPlan::Score {
                score: *score,
                change: *change,
                amount: self.lowering.node(amount, &mut Reads::default())?,
            },
            Action::Notify { channel, text } => ActionPlan::Notify {
                channel: channel.clone(),
                text: text.as_ref().map(|text| self.template(text)).transpose()?,
            },
            Action::Emit { name, fields } => ActionPlan::Emit {
                name: name.clone(),
                bare: Change::Emitted { name: name.clone(), fields: Vec::new() },
                fields: fields
                    .iter()
                    .map(|(name, expr)| Ok((name.clone(), self.lowering.node(expr, &mut Reads::default())?)))
                    .collect::<Result<_, TextError>>()?,
            },
            Action::Propose(inner) => {
                ActionPlan::Propose(Box::new(self.action(inner, false, &mut Reads::default())?))
            }
        })
    }

    fn life(&mut self, life: &Life, watched: &mut Reads) -> Result<LifePlan, TextError> {
        Ok(match life {
            Life::Forever => LifePlan::Forever,
            Life::For(length) => LifePlan::For(*length),
            Life::UntilTime(time) => LifePlan::UntilTime(*time),
            Life::UntilOn(selector) => {
                let stream = self.lowering.noted(selector)?;
                watched.streams.insert(stream);
                LifePlan::UntilOn(stream)
            }
            Life::Until(condition) => LifePlan::Until(self.lowering.node(condition, watched)?),
        })
    }

    fn guards(
        &mut self,
        target: Target,
        holds: bool,
        watched: &mut Reads,
    ) -> Result<Vec<(crate::check::tree::GuardKind, super::Node)>, TextError> {
        let tree = self.lowering.tree;
        let mut unwatched = Reads::default();
        let reads = if holds { watched } else { &mut unwatched };
        tree.guards
            .iter()
            .filter(|guard| guard.target == target)
            .map(|guard| Ok((guard.kind, self.lowering.node(&guard.condition, reads)?)))
            .collect()
    }

    /// Makes the rule a reader of everything that it watches.
    fn watch(&mut self, rule: u32, watched: Watched) {
        for slot in watched.condition.windows.union(&watched.others.windows) {
            self.watch_window(rule, *slot);
        }
        for bound in &watched.bounds {
            self.watch_bound(rule, bound);
        }
        let plan = &mut self.lowering.plan;
        let Watched { condition, others, .. } = watched;
        for stream in condition.streams.union(&others.streams) {
            if let Some(stream) = plan.streams.get_mut(stream.index()) {
                stream.watchers.rules.push(rule);
            }
        }
        for tag in condition.tags.union(&others.tags) {
            // Another tag of the group may win or lose when this one does.
            let group = self.lowering.tree.tags.get(tag.index()).and_then(|tag| tag.group);
            let members = group.and_then(|group| self.lowering.tree.groups.get(group.index()));
            for tag in members.map_or(&[*tag][..], |group| &group.members) {
                if let Some(watchers) = plan.tag_readers.get_mut(tag.index()) {
                    watchers.rules.push(rule);
                }
            }
        }
        for list in condition.lists.union(&others.lists) {
            if let Some(watchers) = plan.list_readers.get_mut(list.index()) {
                watchers.rules.push(rule);
            }
        }
        for score in condition.scores.union(&others.scores) {
            if let Some(watchers) = plan.score_readers.get_mut(score.index()) {
                watchers.rules.push(rule);
            }
        }
        for leaf in condition.leaves.union(&others.leaves) {
            self.leaves.entry(*leaf).or_default().push(rule);
        }
    }

    fn watch_window(&mut self, rule: u32, slot: WindowSlot) {
        let Some(page) = self.lowering.plan.pages.get_mut(slot.page as usize) else { return };
        let window = slot.window as usize;
        if let Some(readers) = page.readers.get_mut(window) {
            readers.push(rule);
        }
        if let Some(window) = page.plan.windows.get_mut(window) {
            window.wakes = true;
        }
    }

    fn watch_bound(&mut self, rule: u32, bound: &Bound) {
        let Some(page) = self.lowering.plan.pages.get_mut(bound.page as usize) else { return };
        page.plan.watch_bound(bound.number);
        let number = usize::from(bound.number);
        if page.bound_readers.len() <= number {
            page.bound_readers.resize_with(number + 1, Readers::default);
        }
        if let Some(readers) = page.bound_readers.get_mut(number) {
            readers.push(rule);
        }
    }
}

/// What a rule watches.
struct Watched {
    condition: Reads,
    /// The bounds of which the condition consists, if it does of nothing else.
    bounds: Vec<Bound>,
    others: Reads,
}
