//! Inputs as JSON: one line each, the same input always the same bytes, and read again as the same input.

use super::command::{Command, CommandKind, Term};
use super::{Event, Input};
use crate::decision::{About, Lifted, ReviewOutcome};
use crate::schema::Schema;
use crate::value::Value;
use std::fmt::{Display, Write};
use std::sync::Arc;

impl Input {
    /// The input as one line of canonical JSON, by the names of a schema: what [`crate::Reader::json`] reads as the same input.
    ///
    /// The keys stand always in the same order, times are RFC 3339 in UTC, what is absent is left out. An id that the schema does
    /// not have gives an empty name.
    ///
    /// ```
    /// # use tagwarden::{Reader, Rulebook, TimeUnit};
    /// let rulebook = Rulebook::compile("entity customer  event order(customer) { amount: number }")?;
    /// let reader = Reader::new(rulebook.schema(), TimeUnit::Millis);
    /// let input = reader.json(br#"{"amount":19.90,"customer":"c1","time":1767225600000,"type":"order"}"#)?;
    /// let line = input.to_json(rulebook.schema());
    /// assert_eq!(line, r#"{"type":"order","time":"2026-01-01T00:00:00Z","customer":"c1","amount":19.9}"#);
    /// assert_eq!(reader.json(line.as_bytes())?, input);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn to_json(&self, schema: &Schema) -> String {
        let mut line = Line(String::from("{"));
        match self {
            Input::Event(event) => line.event(event, schema),
            Input::Command(command) => line.command(command, schema),
            Input::Tick(time) => line.text("tick", time),
        }
        line.0.push('}');
        line.0
    }
}

struct Line(String);

impl Line {
    fn key(&mut self, key: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.string(key);
        self.0.push(':');
    }

    fn string(&mut self, text: &str) {
        // Writing to memory cannot fail.
        self.0.push_str(&serde_json::to_string(text).unwrap_or_default());
    }

    fn text(&mut self, key: &str, text: impl Display) {
        self.key(key);
        self.string(&text.to_string());
    }

    fn bare(&mut self, key: &str, value: impl Display) {
        self.key(key);
        let _ = write!(self.0, "{value}");
    }

    fn maybe(&mut self, key: &str, text: Option<impl Display>) {
        if let Some(text) = text {
            self.text(key, text);
        }
    }

    fn event(&mut self, event: &Event, schema: &Schema) {
        let ty = schema.event_type(event.event);
        self.text("type", ty.map_or("", |ty| &ty.name));
        self.text("time", event.time);
        self.maybe("id", event.id.as_ref());
        let Some(ty) = ty else { return };
        for (entity, key) in ty.entities.iter().zip(&event.keys) {
            self.text(schema.entities.get(usize::from(entity.0)).map_or("", |name| name), key);
        }
        for (field, value) in ty.fields.iter().zip(&event.fields) {
            match value {
                None => {}
                Some(value @ (Value::Number(_) | Value::Bool(_))) => self.bare(&field.name, value),
                Some(value) => self.text(&field.name, value),
            }
        }
    }

    fn command(&mut self, command: &Command, schema: &Schema) {
        self.text("command", command.name());
        self.text("time", command.time);
        self.maybe("id", command.id.as_ref());
        self.text("actor", &command.actor);
        self.maybe("role", command.role.as_ref());
        let entity = schema.entities.get(usize::from(command.entity.0)).map_or("", |name| name);
        if super::command::FIELDS.contains(&entity) {
            self.text("entity", entity);
            self.text("subject", &command.subject);
        } else {
            self.text(entity, &command.subject);
        }
        self.kind(&command.kind);
        self.text("reason", &command.reason);
    }

    fn kind(&mut self, kind: &CommandKind) {
        match kind {
            CommandKind::Tag { tag, start, term } => {
                self.text("tag", tag);
                self.maybe("start", *start);
                self.term(*term);
            }
            CommandKind::Untag { tag } => self.text("tag", tag),
            CommandKind::List { list, level, category, start, term, review } => {
                self.text("list", list);
                if let Some(level) = level {
                    self.bare("level", level);
                }
                self.maybe("category", category.as_ref());
                self.maybe("start", *start);
                self.term(*term);
                self.maybe("review", *review);
            }
            CommandKind::Release { list } => self.text("list", list),
            CommandKind::Level { list, level } => {
                self.text("list", list);
                self.bare("level", level);
            }
            CommandKind::Suspend { list, term, session } => {
                self.text("list", list);
                self.term(*term);
                self.maybe("session", session.as_ref());
            }
            CommandKind::Resume { list, session } => {
                self.text("list", list);
                self.maybe("session", session.as_ref());
            }
            CommandKind::Approve { proposal }
            | CommandKind::Reject { proposal }
            | CommandKind::Lapse { proposal } => self.bare("proposal", proposal),
            CommandKind::Review { list, outcome, next, review } => {
                self.text("list", list);
                match outcome {
                    ReviewOutcome::Keep => self.text("outcome", "keep"),
                    ReviewOutcome::Release => self.text("outcome", "release"),
                    ReviewOutcome::Change { level } => {
                        self.text("outcome", "change");
                        self.bare("level", level);
                    }
                }
                self.maybe("next", *next);
                self.maybe("review", *review);
            }
            CommandKind::Appeal { against } => self.about(against),
            CommandKind::Settle { against, granted } => {
                self.about(against);
                self.text("outcome", if *granted { "granted" } else { "rejected" });
            }
            CommandKind::Wrong { rule, about } | CommandKind::Lift { what: Lifted::Mark { rule, about } } => {
                self.text("rule", rule);
                self.about(about);
            }
            CommandKind::Exempt { from, term } => {
                self.named(from.named());
                self.term(*term);
            }
            CommandKind::Lift { what: Lifted::Exemption(from) } => self.named(from.named()),
            CommandKind::Merge { into } => self.text("into", into),
            CommandKind::Forget => {}
        }
    }

    fn named(&mut self, (key, name): (&'static str, &Arc<str>)) {
        self.text(key, name);
    }

    fn about(&mut self, about: &About) {
        self.named(about.named());
    }

    fn term(&mut self, term: Term) {
        match term {
            Term::Usual => {}
            Term::Forever => self.text("until", "never"),
            Term::For(length) => self.text("for", length),
            Term::Until(time) => self.text("until", time),
        }
    }
}
