//! Prints rules.

use super::exprs::Follow;
use super::{Printer, fits_on_one_line};
use crate::syntax::ast::{Action, ActionKind, ClauseKind, Life, Rule, ScoreChange};
use crate::syntax::words::ACTIONS;
use crate::value::{Schedule, ScheduleDays};

/// The days of the week as schedules write them.
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Printer<'_> {
    pub(super) fn rule(&mut self, rule: &Rule) {
        if rule.shadow {
            self.put("shadow ");
        }
        self.put("rule ");
        self.name(&rule.name);
        if let Some(title) = &rule.title {
            self.put(' ');
            self.text(&title.text);
        }
        if let Some(entity) = &rule.entity {
            self.put(" for ");
            self.name(entity);
        }
        let clauses: Vec<String> = rule
            .clauses
            .iter()
            .map(|clause| {
                let mut printer = Printer::new(self.source);
                printer.clause(&clause.kind);
                printer.out
            })
            .collect();
        let line = format!("{} {{ {} }}", self.out, clauses.join(" "));
        if clauses.is_empty() {
            self.put(" {}");
        } else if fits_on_one_line(clauses.len(), &line) {
            self.out = line;
        } else {
            self.put(format_args!(" {{\n  {}\n}}", clauses.join("\n  ")));
        }
    }

    fn clause(&mut self, clause: &ClauseKind) {
        match clause {
            ClauseKind::On(selector) => {
                self.put("on ");
                self.selector(selector, None, Follow::Nothing);
            }
            ClauseKind::When(condition) => {
                self.put("when ");
                self.expr(condition, 0, Follow::Nothing);
            }
            ClauseKind::While(condition) => {
                self.put("while ");
                self.expr(condition, 0, Follow::Nothing);
            }
            ClauseKind::Unless(condition) => {
                self.put("unless ");
                self.expr(condition, 0, Follow::Nothing);
            }
            ClauseKind::Every(schedule) => self.schedule(*schedule),
            ClauseKind::Because(text) => {
                self.put("because ");
                self.template(text);
            }
            ClauseKind::Then(action) => {
                self.put("then ");
                self.action(action);
            }
            ClauseKind::AtMostOncePer(duration) => {
                self.put("at most once per ");
                self.duration(duration);
            }
            ClauseKind::Active { from, until } => {
                self.put("active");
                if let Some(from) = from {
                    self.put(format_args!(" from {}", from.node));
                }
                if let Some(until) = until {
                    self.put(format_args!(" until {}", until.node));
                }
            }
            ClauseKind::Rollout(share) => {
                self.put("rollout ");
                self.number(share);
                self.put('%');
            }
        }
    }

    fn schedule(&mut self, schedule: Schedule) {
        self.put("every ");
        match schedule.days {
            ScheduleDays::Daily => self.put("day"),
            ScheduleDays::Weekly(day) => {
                self.put("week on ");
                self.put(WEEKDAYS.get(usize::from(day)).copied().unwrap_or("mon"));
            }
            ScheduleDays::Monthly(day) => self.put(format_args!("month on {day}")),
        }
        self.put(format_args!(" at {:02}:{:02}", schedule.minute / 60, schedule.minute % 60));
    }

    fn action(&mut self, action: &Action) {
        match &action.kind {
            ActionKind::Tag { tag, life, keep } => {
                self.put("tag ");
                self.name(tag);
                self.life(life.as_ref());
                self.keep(*keep);
            }
            ActionKind::Untag(tag) => {
                self.put("untag ");
                self.name(tag);
            }
            ActionKind::Add { list, level, category, life, starting_in, review, keep } => {
                self.put("add to ");
                self.name(list);
                if let Some(level) = level {
                    self.put(" level ");
                    self.number(level);
                }
                if let Some(category) = category {
                    self.put(" category ");
                    self.name(category);
                }
                self.life(life.as_ref());
                if let Some(delay) = starting_in {
                    self.put(" starting in ");
                    self.duration(delay);
                }
                if let Some(review) = review {
                    self.put(" review every ");
                    self.duration(review);
                }
                self.keep(*keep);
            }
            ActionKind::Remove(list) => {
                self.put("remove from ");
                self.name(list);
            }
            ActionKind::Score { score, change, amount } => {
                self.name_but(&score.text, ACTIONS);
                self.put(match change {
                    ScoreChange::Add => " += ",
                    ScoreChange::Subtract => " -= ",
                    ScoreChange::Set => " = ",
                });
                self.expr(amount, 0, Follow::Nothing);
            }
            ActionKind::Notify { channel, text } => {
                self.put("notify ");
                self.name(channel);
                if let Some(text) = text {
                    self.put(' ');
                    self.template(text);
                }
            }
            ActionKind::Emit { name, fields } => {
                self.put("emit ");
                self.name(name);
                for (index, (key, value)) in fields.iter().enumerate() {
                    self.put(if index == 0 { " { " } else { ", " });
                    self.key(&key.text);
                    self.put(": ");
                    self.expr(value, 0, Follow::Nothing);
                }
                if !fields.is_empty() {
                    self.put(" }");
                }
            }
            ActionKind::Propose(inner) => {
                self.put("propose ");
                self.action(inner);
            }
        }
    }

    fn life(&mut self, life: Option<&Life>) {
        match life {
            None => {}
            Some(Life::For(duration)) => {
                self.put(" for ");
                self.duration(duration);
            }
            Some(Life::UntilTime(time)) => self.put(format_args!(" until {}", time.node)),
            Some(Life::UntilOn(selector)) => {
                self.put(" until on ");
                self.selector(selector, None, Follow::Nothing);
            }
            Some(Life::Until(condition)) => {
                self.put(" until ");
                self.expr(condition, 0, Follow::Nothing);
            }
        }
    }

    fn keep(&mut self, keep: bool) {
        if keep {
            self.put(" renew keep");
        }
    }
}
