//! Proposals: what needs a second person, and what comes of a proposal.

use super::super::eval::Hand;
use super::super::instant::{Because, Instant, review_time};
use super::check::{level_of, list, tag};
use super::{Obeyed, Refused};
use crate::check::tree::Target;
use crate::decision::{Change, EndCause, ProposedAction, Reason, Refusal, ReviewOutcome};
use crate::event::CommandKind;
use crate::grants::{Grant, Owner, PERSON};
use crate::plan::{ActionPlan, GrantPlan, LifePlan, TriggerPlan};
use crate::state::{Proposal, ScoreState};
use crate::value::Timestamp;
use crate::window::NEVER;
use std::sync::Arc;

impl Instant<'_> {
    /// Whether a command adds to the subject what `approve for` protects it from.
    pub(super) fn needs_second_person(&self, kind: &CommandKind) -> Result<bool, Refused> {
        let tree = &self.plan.tree;
        let target = match kind {
            CommandKind::Tag { tag: name, .. } => Target::Tag(tag(tree, name)?),
            CommandKind::List { list: name, .. } => Target::List(list(tree, name)?),
            CommandKind::Level { list: name, .. }
            | CommandKind::Review { list: name, outcome: ReviewOutcome::Change { .. }, .. } => {
                let target = Target::List(list(tree, name)?);
                self.stands(target)?;
                target
            }
            _ => return Ok(false),
        };
        let view = self.view();
        let mut guards = self.entity.approvals.iter().filter(|(guarded, _)| *guarded == target);
        Ok(guards.any(|(_, condition)| view.holds(condition, Hand::Nothing)))
    }

    /// Makes a proposal of a command.
    pub(super) fn ask_second_person(&mut self, kind: &CommandKind, reason: &Arc<Reason>) {
        let action = match kind {
            CommandKind::Tag { tag, .. } => ProposedAction::Tag { tag: tag.clone() },
            CommandKind::List { list, level, category, .. } => ProposedAction::Add {
                list: list.clone(),
                level: level_of(&self.plan.tree, list, *level).unwrap_or(0),
                category: category.clone(),
            },
            CommandKind::Level { list, level }
            | CommandKind::Review { list, outcome: ReviewOutcome::Change { level }, .. } => {
                ProposedAction::Level { list: list.clone(), level: *level }
            }
            _ => return,
        };
        let number = self.subject.grants_mut().next_proposal();
        self.subject.more_mut().proposals.push(Proposal {
            number,
            owner: Owner { rule: PERSON, action: number },
            shadow: false,
            since: self.now.micros(),
            action: action.clone(),
            command: Some(Box::new(kind.clone())),
            reason: Arc::clone(reason),
        });
        self.say(&Change::Proposed { proposal: number, action }, reason);
    }

    fn open(&self, number: u32) -> Result<Proposal, Refused> {
        let mut proposals = self.subject.more().proposals.iter();
        match proposals.find(|proposal| proposal.number == number && !proposal.shadow) {
            Some(proposal) => Ok(proposal.clone()),
            None => Refused::new(Refusal::Absent, format!("there is no open proposal {number}")),
        }
    }

    /// Takes a proposal away.
    pub(super) fn close(&mut self, number: u32) -> Result<Proposal, Refused> {
        let proposal = self.open(number)?;
        self.subject.more_mut().proposals.retain(|other| other.shadow || other.number != number);
        Ok(proposal)
    }

    pub(super) fn approve(&mut self, number: u32, reason: &Arc<Reason>) -> Obeyed {
        let proposal = self.open(number)?;
        let actor = |reason: &Reason| reason.by.as_ref().map(|by| by.actor.clone());
        if let Some(command) = &proposal.command {
            let asked = actor(&proposal.reason);
            if asked == actor(reason) {
                let who = asked.unwrap_or_default();
                let why = format!("another person than {who:?} must approve it");
                return Refused::new(Refusal::SecondPerson, why);
            }
            self.close(number)?;
            self.say(&Change::Approved { proposal: number, action: proposal.action.clone() }, reason);
            if let Err(refused) = self.obey(command, &proposal.reason, true) {
                self.say(&refused.change(command.name()), &proposal.reason);
            }
            return Ok(());
        }
        self.approve_rule(number, &proposal, reason)
    }

    /// Carries out what a rule has proposed.
    fn approve_rule(&mut self, number: u32, proposal: &Proposal, reason: &Arc<Reason>) -> Obeyed {
        let gone =
            || Refused::new(Refusal::Absent, format!("what proposal {number} was made for no longer holds"));
        let owner = proposal.owner;
        let Some(rule) = self.entity.rules.get(owner.rule as usize) else { return gone() };
        let Some(mut action) = rule.actions.get(owner.action as usize) else { return gone() };
        if let ActionPlan::Propose(inner) = action {
            action = inner;
        }
        if matches!(rule.trigger, TriggerPlan::While) && !self.subject.held(owner.rule) {
            return gone();
        }
        let made = match (action, &proposal.action) {
            (ActionPlan::Grant(grant), asked) if self.is_asked(grant, asked) => {
                Some((grant, self.lives(grant)?))
            }
            (ActionPlan::Grant(_), _) | (_, ProposedAction::Tag { .. } | ProposedAction::Add { .. }) => {
                return gone();
            }
            _ => None,
        };
        self.close(number)?;
        self.say(&Change::Approved { proposal: number, action: proposal.action.clone() }, reason);
        let because = Because::Known(&proposal.reason);
        match (&proposal.action, made) {
            (_, Some((grant, (start, end)))) => self.give(owner, grant, start, end, &proposal.reason),
            (ProposedAction::Untag { tag: name }, None) => {
                self.end_of_rules(owner.rule, Target::Tag(tag(&self.plan.tree, name)?), &proposal.reason);
            }
            (ProposedAction::Remove { list: name }, None) => {
                self.end_of_rules(owner.rule, Target::List(list(&self.plan.tree, name)?), &proposal.reason);
            }
            (ProposedAction::Score { score: name, value }, None) => {
                let scores = &self.plan.tree.scores;
                if let Some(at) = scores.iter().position(|score| score.name == *name) {
                    let state = ScoreState { at: self.now.micros(), value: *value };
                    self.subject.more_mut().scores.set(at as u32, state);
                    self.mark_score(crate::check::tree::ScoreId(at as u32));
                    let change = Change::Scored { score: name.clone(), value: *value };
                    self.decide(owner.rule, false, &change, because);
                }
            }
            (ProposedAction::Notify { channel, text }, None) => {
                let change = Change::Notified { channel: channel.clone(), text: text.clone() };
                self.decide(owner.rule, false, &change, because);
            }
            (ProposedAction::Emit { name, fields }, None) => {
                let change = Change::Emitted { name: name.clone(), fields: fields.clone() };
                self.decide(owner.rule, false, &change, because);
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether a rule's action is still what was proposed: a reload may have changed it.
    fn is_asked(&self, grant: &GrantPlan, asked: &ProposedAction) -> bool {
        let name = self.target_name(grant.target);
        match asked {
            ProposedAction::Tag { tag } => matches!(grant.target, Target::Tag(_)) && *tag == name,
            ProposedAction::Add { list, level, category } => {
                matches!(grant.target, Target::List(_))
                    && (list, level, category) == (&name, &grant.level, &grant.category)
            }
            _ => false,
        }
    }

    /// When a grant that is approved now begins and ends.
    fn lives(&self, grant: &GrantPlan) -> Result<(Timestamp, i64), Refused> {
        let zone = self.plan.tree.zone;
        let start = match grant.starting_in {
            None => Some(self.now),
            Some(delay) => zone.add(self.now, delay),
        };
        let end = |start| match grant.life {
            LifePlan::For(length) => zone.add(start, length).map_or(NEVER, Timestamp::micros),
            LifePlan::UntilTime(time) => time.micros(),
            LifePlan::Forever | LifePlan::UntilOn(_) | LifePlan::Until(_) => NEVER,
        };
        match start.map(|start| (start, end(start))) {
            Some((start, end)) if end > start.micros() && !self.until_holds(&grant.life) => Ok((start, end)),
            _ => Refused::new(Refusal::Time, "the end is not after the start"),
        }
    }

    /// Gives in a rule's name what a person has approved.
    fn give(&mut self, owner: Owner, grant: &GrantPlan, start: Timestamp, end: i64, reason: &Arc<Reason>) {
        let present = matches!(grant.target, Target::Tag(tag) if self.view().present(tag));
        let number = self.subject.grants_mut().next_number();
        let mut all = self.subject.grants_mut().all.iter_mut();
        if let Some(held) = all.find(|held| held.owner == owner && !held.shadow) {
            held.set = number;
            if end > held.end {
                held.end = end;
                held.reason = Arc::clone(reason);
            }
            return self.changed(grant.target, owner, false, present);
        }
        self.subject.grants_mut().all.push(Grant {
            owner,
            target: grant.target,
            level: grant.level,
            category: grant.category.clone(),
            shadow: false,
            since: self.now.micros(),
            start: start.micros(),
            end,
            live: start <= self.now,
            announced: false,
            made: number,
            set: number,
            review: grant.review,
            review_from: start.micros(),
            reviews: 1,
            next_review: review_time(self.plan.tree.zone, start.micros(), grant.review, 1),
            suspension: None,
            reason: Arc::clone(reason),
        });
        self.changed(grant.target, owner, false, present);
    }

    /// Ends, in the name of a rule, what rules gave.
    fn end_of_rules(&mut self, rule: u32, target: Target, reason: &Arc<Reason>) {
        let mut over = Vec::new();
        self.subject.grants_mut().all.retain(|grant| {
            let ends = !grant.shadow && grant.target == target && grant.owner.rule != PERSON;
            if ends {
                over.push(grant.clone());
            }
            !ends
        });
        for grant in over {
            self.note_ending(&grant, rule, EndCause::Removed, Arc::clone(reason));
        }
        self.tell_ending(target);
    }
}
