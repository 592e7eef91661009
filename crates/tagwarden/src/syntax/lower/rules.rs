//! Rules: clauses, schedules, actions and lives.

use super::{Kids, Lower, Mark, Pair, Rule as R};
use crate::diagnostic::{Code, nearest};
use crate::syntax::ast::{
    Action, ActionKind, Clause, ClauseKind, Expr, ExprKind, Life, Name, Rule, ScoreChange, Spanned,
};
use crate::value::{Decimal, Duration, Schedule, ScheduleDays};

const WEEKDAYS: [(&str, u8); 14] = [
    ("mon", 0),
    ("tue", 1),
    ("wed", 2),
    ("thu", 3),
    ("fri", 4),
    ("sat", 5),
    ("sun", 6),
    ("monday", 0),
    ("tuesday", 1),
    ("wednesday", 2),
    ("thursday", 3),
    ("friday", 4),
    ("saturday", 5),
    ("sunday", 6),
];

/// The parts behind a tag or list, in whatever order they were written.
#[derive(Default)]
struct GrantParts {
    level: Option<Spanned<Decimal>>,
    category: Option<Name>,
    life: Option<Life>,
    starting_in: Option<Spanned<Duration>>,
    review: Option<Spanned<Duration>>,
    keep: bool,
}

impl Lower<'_> {
    pub(super) fn rule(&mut self, pair: Pair<'_>) -> Option<Rule> {
        let mut kids = Kids::of(pair);
        let shadow = kids.pairs.next_if(|pair| pair.as_rule() == R::k_shadow).is_some();
        let name = kids.next()?;
        let name = self.name(name);
        let title = kids.optional(R::title).map(|pair| self.name(pair));
        let entity = kids.optional(R::name).map(|pair| self.name(pair));
        let mut clauses = Vec::new();
        while let Some(pair) = kids.next() {
            self.mark(&pair, Mark::Line);
            // A clause that cannot be read is reported, and so are those behind it.
            clauses.push(self.clause(pair));
        }
        let clauses = clauses.into_iter().collect::<Option<_>>()?;
        Some(Rule { shadow, name, title, entity, clauses })
    }

    fn clause(&mut self, pair: Pair<'_>) -> Option<Clause> {
        let span = self.span(&pair);
        let inner = pair.into_inner().next()?;
        let rule = inner.as_rule();
        let mut kids = Kids::of(inner);
        let kind = match rule {
            R::on_clause => ClauseKind::On(self.plain_selector(kids.next()?)?),
            R::when_clause => ClauseKind::When(self.expression(kids.next()?)?),
            R::while_clause => ClauseKind::While(self.expression(kids.next()?)?),
            R::unless_clause => ClauseKind::Unless(self.expression(kids.next()?)?),
            R::every_clause => ClauseKind::Every(self.schedule(kids)?),
            R::because_clause => ClauseKind::Because(self.template(kids.next()?)),
            R::then_clause => ClauseKind::Then(self.action(kids.next()?)?),
            R::at_most_clause => ClauseKind::AtMostOncePer(self.duration(&kids.next()?)),
            R::active_clause => {
                let from = kids.optional(R::active_from);
                let until = kids.optional(R::active_until);
                ClauseKind::Active { from: self.bound(from), until: self.bound(until) }
            }
            R::rollout_clause => ClauseKind::Rollout(self.number(&kids.next()?)),
            _ => return None,
        };
        Some(Clause { kind, span })
    }

    fn bound(&mut self, pair: Option<Pair<'_>>) -> Option<Spanned<String>> {
        let time = Kids::of(pair?).next()?;
        Some(self.time(&time))
    }

    fn schedule(&mut self, mut kids: Kids<'_>) -> Option<Schedule> {
        let schedule = kids.next()?.into_inner().next()?;
        let minute = self.clock(&kids.next()?);
        let days = match schedule.as_rule() {
            R::daily => ScheduleDays::Daily,
            R::weekly => ScheduleDays::Weekly(self.weekday(&Kids::of(schedule).next()?)),
            _ => ScheduleDays::Monthly(self.month_day(&Kids::of(schedule).next()?)),
        };
        Some(Schedule { days, minute })
    }

    fn weekday(&mut self, pair: &Pair<'_>) -> u8 {
        let word = pair.as_str();
        if let Some((_, day)) = WEEKDAYS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)) {
            return *day;
        }
        let span = self.span(pair);
        let help = nearest(word, WEEKDAYS.iter().map(|(name, _)| *name))
            .map(|name| format!("did you mean `{name}`?"));
        let label = "expected mon, tue, wed, thu, fri, sat or sun";
        self.error(Code::BadScheduleDay, span, format!("`{word}` is no day of the week"), label).help = help;
        0
    }

    fn month_day(&mut self, pair: &Pair<'_>) -> u8 {
        let text = pair.as_str();
        let day = text.parse::<u8>().ok().filter(|day| (1..=31).contains(day));
        if day.is_none() {
            let span = self.span(pair);
            let label = "expected a day from 1 to 31";
            self.error(Code::BadScheduleDay, span, format!("`{text}` is no day of a month"), label).help =
                Some(
                    "the last day of every month is written `31`: it is clamped to the month's end"
                        .to_owned(),
                );
        }
        day.unwrap_or(1)
    }

    pub(super) fn action(&mut self, pair: Pair<'_>) -> Option<Action> {
        let span = self.span(&pair);
        let mut proposes = Vec::new();
        let mut kids = pair.into_inner().peekable();
        while let Some(word) = kids.next_if(|pair| pair.as_rule() == R::k_propose) {
            proposes.push(self.span(&word));
        }
        if let Some(second) = proposes.get(1) {
            self.repeated(*second, "`propose`");
        }
        let inner = kids.next()?;
        let inner_span = self.span(&inner);
        let kind = self.action_kind(inner)?;
        Some(match proposes.first() {
            Some(_) => {
                Action { kind: ActionKind::Propose(Box::new(Action { kind, span: inner_span })), span }
            }
            None => Action { kind, span },
        })
    }

    fn action_kind(&mut self, pair: Pair<'_>) -> Option<ActionKind> {
        let rule = pair.as_rule();
        let mut kids = Kids::of(pair);
        let first = kids.next()?;
        let name = self.name(first);
        Some(match rule {
            R::score_action => {
                let change = match kids.next()?.as_str() {
                    "+=" => ScoreChange::Add,
                    "-=" => ScoreChange::Subtract,
                    _ => ScoreChange::Set,
                };
                ActionKind::Score { score: name, change, amount: self.expression(kids.next()?)? }
            }
            R::tag_action => {
                let parts = self.grant_parts(kids)?;
                ActionKind::Tag { tag: name, life: parts.life, keep: parts.keep }
            }
            R::untag_action => ActionKind::Untag(name),
            R::add_action => {
                let GrantParts { level, category, life, starting_in, review, keep } =
                    self.grant_parts(kids)?;
                ActionKind::Add { list: name, level, category, life, starting_in, review, keep }
            }
            R::remove_action => ActionKind::Remove(name),
            R::notify_action => {
                let text = kids.next().map(|pair| self.template(pair));
                ActionKind::Notify { channel: name, text }
            }
            _ => {
                let fields = match kids.next() {
                    Some(object) => self.object(object)?,
                    None => Vec::new(),
                };
                ActionKind::Emit { name, fields }
            }
        })
    }

    fn grant_parts(&mut self, mut kids: Kids<'_>) -> Option<GrantParts> {
        let mut parts = GrantParts::default();
        while let Some(pair) = kids.next() {
            let pair = pair.into_inner().next()?;
            let span = self.span(&pair);
            let rule = pair.as_rule();
            let mut kids = Kids::of(pair);
            let (twice, what) = match rule {
                R::renew_keep => (std::mem::replace(&mut parts.keep, true), "`renew keep`"),
                R::life_for => {
                    let life = Life::For(self.duration(&kids.next()?));
                    (parts.life.replace(life).is_some(), "how long it lives")
                }
                R::life_until => {
                    let life = self.until(kids.next()?)?;
                    (parts.life.replace(life).is_some(), "how long it lives")
                }
                R::add_level => (parts.level.replace(self.number(&kids.next()?)).is_some(), "the level"),
                R::add_category => {
                    (parts.category.replace(self.name(kids.next()?)).is_some(), "the category")
                }
                R::add_starting => {
                    (parts.starting_in.replace(self.duration(&kids.next()?)).is_some(), "when it starts")
                }
                _ => (parts.review.replace(self.duration(&kids.next()?)).is_some(), "the review"),
            };
            if twice {
                self.repeated(span, what);
            }
        }
        Some(parts)
    }

    fn until(&mut self, pair: Pair<'_>) -> Option<Life> {
        if pair.as_rule() == R::until_on {
            return Some(Life::UntilOn(self.plain_selector(Kids::of(pair).next()?)?));
        }
        let condition = self.expression(pair)?;
        Some(match condition {
            Expr { kind: ExprKind::Time(node), span } => Life::UntilTime(Spanned { node, span }),
            condition => Life::Until(condition),
        })
    }

    /// `{ key: expr, … }`
    pub(super) fn object(&mut self, pair: Pair<'_>) -> Option<Vec<(Name, Expr)>> {
        let mut kids = Kids::of(pair);
        let mut fields: Vec<(Name, Expr)> = Vec::new();
        while let Some(entry) = kids.next() {
            if !fields.is_empty() {
                self.mark(&entry, Mark::Comma);
            }
            let mut kids = Kids::of(entry);
            let name = kids.next()?;
            let name = self.name(name);
            fields.push((name, self.expression(kids.next()?)?));
        }
        Some(fields)
    }
}
