//! Rules: when they fire, and what they do.

use super::commands::Open;
use super::explain::MASK;
use super::grants::{Ending, Grant};
use super::picks::Pick;
use super::{Moment, PERSON, Reference};
use siphasher::sip::SipHasher24;
use std::collections::BTreeMap;
use std::hash::Hasher;
use std::sync::Arc;
use tagwarden::machinery::tree::{Action, Expr, GuardKind, Life, Rule, ScoreChange, Target, Trigger};
use tagwarden::{Change, Decimal, EndCause, Evidence, ProposedAction, Reason, Timestamp, Value};

/// Whether a rule is a shadow for the subject of this key.
pub(crate) fn is_shadow(rule: &Rule, key: &str) -> bool {
    let out = rule.rollout.is_some_and(|share| {
        let mut hasher = SipHasher24::new_with_keys(0, 0);
        hasher.write(rule.name.as_bytes());
        hasher.write(&[0]);
        hasher.write(key.as_bytes());
        // Parts of a million, as millionths of a per cent.
        i128::from(hasher.finish() % 1_000_000) * 100 >= share.units()
    });
    rule.shadow || out
}

/// A firing: which rule, where, with the texts filled in before its actions.
struct Firing {
    rule: usize,
    moment: Moment,
    reason: Arc<Reason>,
    texts: BTreeMap<usize, Arc<str>>,
}

impl<'t> Reference<'t> {
    pub(crate) fn run_rule(&mut self, subject: usize, number: usize, time: Timestamp) {
        self.end_by_until(subject, number, time);
        let rule = &self.tree.rules[number];
        let plain = Moment { time, event: None, at: None };
        match &rule.trigger {
            Trigger::When => {
                let holds = self.condition(subject, rule, plain);
                let held = std::mem::replace(&mut self.subjects[subject].rules[number].held, holds);
                if holds && !held && self.may_fire(subject, number, time) {
                    self.fire(subject, number, plain, Vec::new());
                }
            }
            Trigger::While => self.run_while(subject, number, plain),
            Trigger::On(selector) => {
                for pick in self.picked_now(subject, selector) {
                    let Pick { event, at, why, .. } = pick;
                    let moment = Moment { time, event: Some(event), at: Some(at) };
                    if self.may_fire(subject, number, time) && self.condition(subject, rule, moment) {
                        self.fire(subject, number, moment, why.to_vec());
                    }
                }
            }
            Trigger::Every(schedule) => {
                let moment = Moment { at: Some(time), ..plain };
                let first = self.subjects[subject].scheduled.insert((number, time));
                if first
                    && self.calendar.is_scheduled(*schedule, time)
                    && self.may_fire(subject, number, time)
                    && self.condition(subject, rule, moment)
                {
                    self.fire(subject, number, moment, Vec::new());
                }
            }
        }
    }

    fn condition(&self, subject: usize, rule: &Rule, moment: Moment) -> bool {
        rule.active_from.is_none_or(|from| from <= moment.time)
            && rule.active_until.is_none_or(|until| moment.time < until)
            && rule.condition.as_ref().is_none_or(|condition| self.holds(subject, condition, moment))
    }

    fn may_fire(&self, subject: usize, rule: usize, time: Timestamp) -> bool {
        let fired = self.subjects[subject].rules[rule].fired;
        match (self.tree.rules[rule].at_most_once_per, fired) {
            (Some(length), Some(fired)) => self.calendar.add(fired, length).is_some_and(|end| end <= time),
            _ => true,
        }
    }

    /// Ends the rule's own grants whose `until` holds.
    fn end_by_until(&mut self, subject: usize, number: usize, time: Timestamp) {
        let rule = &self.tree.rules[number];
        for (at, action) in rule.actions.iter().enumerate() {
            let (Action::Tag { life, .. } | Action::Add { life, .. }) = action else { continue };
            let Some(grant) = self.grant_of(subject, number, at) else { continue };
            if let Some(because) = self.until_holds(subject, life, time) {
                let reason = Arc::new(Reason { text: None, because, by: None });
                self.end(subject, grant, Ending::new(number, EndCause::Until, reason));
            }
        }
    }

    /// The evidence of an `until COND` or `until on S` that holds now.
    pub(crate) fn until_holds(&self, subject: usize, life: &Life, time: Timestamp) -> Option<Vec<Evidence>> {
        let moment = Moment { time, event: None, at: None };
        match life {
            Life::UntilOn(selector) => {
                self.picked_now(subject, selector).first().map(|pick| pick.why.to_vec())
            }
            Life::Until(condition) => {
                self.holds(subject, condition, moment).then(|| self.explain(subject, condition, moment))
            }
            Life::Forever | Life::For(_) | Life::UntilTime(_) => None,
        }
    }

    fn run_while(&mut self, subject: usize, number: usize, moment: Moment) {
        let rule = &self.tree.rules[number];
        let holds = self.condition(subject, rule, moment);
        let held = std::mem::replace(&mut self.subjects[subject].rules[number].held, holds);
        if holds && !held {
            for state in &mut self.subjects[subject].rules[number].actions {
                (state.pending, state.reported) = (true, false);
            }
        }
        if holds && self.subjects[subject].rules[number].actions.iter().any(|state| state.pending) {
            self.fire(subject, number, moment, Vec::new());
        }
        if !holds && held {
            let because = match &rule.condition {
                Some(condition) if !self.holds(subject, condition, moment) => {
                    self.explain(subject, condition, moment)
                }
                _ => Vec::new(),
            };
            let reason = Arc::new(Reason { text: None, because, by: None });
            for action in 0..rule.actions.len() {
                self.subjects[subject].rules[number].actions[action].pending = false;
                if let Some(grant) = self.grant_of(subject, number, action) {
                    let ending = Ending::new(number, EndCause::Withdrawn, reason.clone());
                    self.end(subject, grant, ending);
                }
            }
        }
    }

    fn fire(&mut self, subject: usize, number: usize, moment: Moment, mut because: Vec<Evidence>) {
        let rule = &self.tree.rules[number];
        self.subjects[subject].rules[number].fired = Some(moment.time);
        if let Some(condition) = &rule.condition {
            because.extend(self.explain(subject, condition, moment));
        }
        let text = rule.because.as_ref().map(|template| self.render(subject, template, moment));
        let mut texts = BTreeMap::new();
        for (at, action) in rule.actions.iter().enumerate() {
            let inner = if let Action::Propose(inner) = action { inner } else { action };
            if let Action::Notify { text: Some(template), .. } = inner {
                texts.insert(at, self.render(subject, template, moment));
            }
        }
        let firing =
            Firing { rule: number, moment, reason: Arc::new(Reason { text, because, by: None }), texts };
        for (at, action) in rule.actions.iter().enumerate() {
            if !matches!(rule.trigger, Trigger::While)
                || self.subjects[subject].rules[number].actions[at].pending
            {
                self.act(subject, &firing, at, action);
            }
        }
    }

    fn act(&mut self, subject: usize, firing: &Firing, at: usize, action: &'t Action) {
        let Firing { rule, moment, reason, .. } = firing;
        let (rule, time) = (*rule, moment.time);
        let shadow = self.subjects[subject].rules[rule].shadow;
        if self.is_held_back(subject, rule, action) {
            if let Some(what) = self.proposed(subject, firing, at, action) {
                self.decide(subject, time, rule, Change::Withheld(what), shadow, reason);
            }
            return;
        }
        match action {
            Action::Tag { .. } | Action::Add { .. } => self.add(subject, firing, at, action),
            Action::Untag(tag) => self.remove(subject, firing, Target::Tag(*tag)),
            Action::Remove(list) => self.remove(subject, firing, Target::List(*list)),
            Action::Score { score, .. } => {
                let Some(ProposedAction::Score { score: name, value }) =
                    self.proposed(subject, firing, at, action)
                else {
                    return;
                };
                if !shadow {
                    self.set_score(subject, *score, time, value);
                }
                self.decide(subject, time, rule, Change::Scored { score: name, value }, shadow, reason);
            }
            Action::Notify { .. } | Action::Emit { .. } => {
                let change = match self.proposed(subject, firing, at, action) {
                    Some(ProposedAction::Notify { channel, text }) => Change::Notified { channel, text },
                    Some(ProposedAction::Emit { name, fields }) => Change::Emitted { name, fields },
                    _ => return,
                };
                self.decide(subject, time, rule, change, shadow, reason);
            }
            Action::Propose(inner) => {
                self.propose(subject, firing, at, inner);
            }
        }
    }

    /// What an action would do.
    fn proposed(
        &self,
        subject: usize,
        firing: &Firing,
        at: usize,
        action: &Action,
    ) -> Option<ProposedAction> {
        let moment = firing.moment;
        Some(match action {
            Action::Tag { tag, .. } => ProposedAction::Tag { tag: self.tree.tags[tag.index()].name.clone() },
            Action::Untag(tag) => ProposedAction::Untag { tag: self.tree.tags[tag.index()].name.clone() },
            Action::Add { list, level, category, .. } => ProposedAction::Add {
                list: self.tree.lists[list.index()].name.clone(),
                level: *level,
                category: category.clone(),
            },
            Action::Remove(list) => {
                ProposedAction::Remove { list: self.tree.lists[list.index()].name.clone() }
            }
            Action::Score { score, change, amount } => {
                let Some(Value::Number(amount)) = self.eval(subject, amount, moment) else { return None };
                let declared = &self.tree.scores[score.index()];
                let before = self.score(subject, *score, moment.time);
                let value: Decimal = match change {
                    ScoreChange::Add => before.overflowing_add(amount).0,
                    ScoreChange::Subtract => before.overflowing_sub(amount).0,
                    ScoreChange::Set => amount,
                };
                ProposedAction::Score {
                    score: declared.name.clone(),
                    value: value.clamp(declared.min, declared.max),
                }
            }
            Action::Notify { channel, .. } => {
                let text = firing.texts.get(&at).cloned();
                ProposedAction::Notify { channel: channel.clone(), text }
            }
            Action::Emit { name, fields } => {
                let value = |expr: &Expr| {
                    let value = self.eval(subject, expr, moment);
                    value.map(|value| if expr.private { Value::from(MASK) } else { value })
                };
                let fields = fields.iter().filter_map(|(key, expr)| Some((key.clone(), value(expr)?)));
                ProposedAction::Emit { name: name.clone(), fields: fields.collect() }
            }
            Action::Propose(inner) => return self.proposed(subject, firing, at, inner),
        })
    }

    /// Asks a person, unless the same question is open.
    fn propose(&mut self, subject: usize, firing: &Firing, at: usize, action: &Action) {
        let Some(what) = self.proposed(subject, firing, at, action) else { return };
        let this = &mut self.subjects[subject];
        let shadow = this.rules[firing.rule].shadow;
        let open = |open: &Open| (open.rule, open.action, open.shadow) == (firing.rule, at, shadow);
        if this.proposals.iter().any(open) {
            return;
        }
        if !shadow {
            this.proposed += 1;
        }
        let number = if shadow { 0 } else { this.proposed };
        let reason = firing.reason.clone();
        let (rule, action, what_it_does) = (firing.rule, at, what.clone());
        this.proposals.push(Open { number, rule, action, shadow, what, reason, command: None });
        let change = Change::Proposed { proposal: number, action: what_it_does };
        self.decide(subject, firing.moment.time, rule, change, shadow, &firing.reason);
    }

    pub(crate) fn guarded(&self, subject: usize, kind: GuardKind, target: Target, time: Timestamp) -> bool {
        let moment = Moment { time, event: None, at: None };
        let guards = self.tree.guards.iter().filter(|guard| guard.kind == kind && guard.target == target);
        guards.into_iter().any(|guard| self.holds(subject, &guard.condition, moment))
    }

    fn add(&mut self, subject: usize, firing: &Firing, at: usize, action: &'t Action) {
        let (rule, time) = (firing.rule, firing.moment.time);
        let shadow = self.subjects[subject].rules[rule].shadow;
        let (target, life, keep, level, category, starting_in, review) = match action {
            Action::Tag { tag, life, keep } => (Target::Tag(*tag), life, *keep, 0, None, None, None),
            Action::Add { list, level, category, life, starting_in, review, keep } => {
                let review = review.or(self.tree.lists[list.index()].review);
                (Target::List(*list), life, *keep, *level, category.clone(), *starting_in, review)
            }
            _ => return,
        };
        let start = match starting_in {
            None => Some(time),
            Some(length) => self.calendar.add(time, length),
        };
        // What would start never is not made.
        let Some(start) = start else { return };
        let end = match life {
            Life::For(length) => self.calendar.add(start, *length),
            Life::UntilTime(end) => Some(*end),
            _ => None,
        };
        let over = end.is_some_and(|end| end <= time || end <= start);
        let known = self.grant_of(subject, rule, at);
        if over || self.until_holds(subject, life, time).is_some() || (known.is_some() && keep) {
            return;
        }
        if self.guarded(subject, GuardKind::Exempt, target, time) || self.spared(subject, rule, target) {
            let reported =
                std::mem::replace(&mut self.subjects[subject].rules[rule].actions[at].reported, true);
            let is_while = matches!(self.tree.rules[rule].trigger, Trigger::While);
            if !(is_while && reported) {
                let what = self.proposed(subject, firing, at, action).unwrap();
                self.decide(subject, time, rule, Change::Withheld(what), shadow, &firing.reason);
            }
            return;
        }
        self.subjects[subject].rules[rule].actions[at].pending = false;
        if let Some(known) = known {
            self.renew(subject, known, end, &firing.reason, time);
        } else if self.guarded(subject, GuardKind::Approve, target, time) {
            self.propose(subject, firing, at, action);
        } else {
            let grant = Grant {
                shadow,
                ..Grant::new((rule, at), (target, level, category), (start, end), review, &firing.reason)
            };
            self.make(subject, grant, time);
        }
    }

    /// Ends the grants that rules gave; as a shadow it only says so.
    fn remove(&mut self, subject: usize, firing: &Firing, target: Target) {
        let (rule, time) = (firing.rule, firing.moment.time);
        let grants = self.subjects[subject].grants.iter().enumerate();
        let all = grants.filter(|(_, grant)| grant.stands(target) && grant.rule != PERSON);
        let all: Vec<(usize, bool)> = all.map(|(at, grant)| (at, grant.is_live())).collect();
        if self.subjects[subject].rules[rule].shadow {
            if all.iter().any(|(_, started)| *started) {
                let change = self.ended(target, EndCause::Removed);
                self.decide(subject, time, rule, change, true, &firing.reason);
            }
            return;
        }
        for (at, _) in all {
            let ending = Ending::new(rule, EndCause::Removed, firing.reason.clone());
            self.end(subject, at, ending);
        }
    }
}
