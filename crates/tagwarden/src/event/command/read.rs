//! A command from the values of its fields.

use super::super::unit::TimeUnit;
use super::super::wire::{Raw, invalid};
use super::super::{Input, InputError};
use super::{Command, CommandKind, Term};
use crate::decision::{About, Lifted, ReviewOutcome, Spared};
use crate::diagnostic::nearest;
use crate::schema::EntityId;
use crate::value::{Duration, Timestamp};
use std::borrow::Cow;
use std::cell::Cell;
use std::sync::Arc;

/// The names of all commands.
const NAMES: [&str; 18] = [
    "tag", "untag", "list", "release", "level", "suspend", "resume", "approve", "reject", "lapse", "review",
    "appeal", "settle", "wrong", "exempt", "lift", "merge", "forget",
];

/// The names of all fields but the subject's. An entity of one of these names is given as `entity` and `subject`.
pub(in crate::event) const FIELDS: [&str; 24] = [
    "command", "time", "id", "actor", "role", "reason", "entity", "subject", "tag", "list", "rule", "level",
    "category", "start", "until", "for", "review", "session", "proposal", "outcome", "next", "into", "type",
    "tick",
];

/// The fields as they came, and which of them have been asked for.
struct Fields<'a> {
    unit: TimeUnit,
    all: Vec<(Cow<'a, str>, Raw<'a>, Cell<bool>)>,
}

/// Reads a command from all its fields, by the names of the entities.
pub(in crate::event) fn command<'a>(
    unit: TimeUnit,
    entities: &[Arc<str>],
    fields: impl Iterator<Item = Result<(Cow<'a, str>, Raw<'a>), InputError>>,
) -> Result<Input, InputError> {
    let mut all: Vec<(Cow<'a, str>, Raw<'a>, Cell<bool>)> = Vec::new();
    for field in fields {
        let (name, raw) = field?;
        if all.iter().any(|(other, ..)| *other == name) {
            return Err(invalid(name, "each key once", "it twice"));
        }
        all.push((name, raw, Cell::new(false)));
    }
    let fields = Fields { unit, all };
    let name =
        fields.text("command")?.ok_or_else(|| invalid("command", "the name of a command", "nothing"))?;
    let time = fields.time("time")?.ok_or_else(|| invalid("time", "a time", "nothing"))?;
    let id = fields.text("id")?;
    let actor = fields.need("actor", "who gives the command")?;
    let role = fields.text("role")?;
    let reason = fields.need("reason", "why the command is given")?;
    let (entity, subject) = fields.subject(entities)?;
    let kind = fields.kind(&name)?;
    fields.nothing_else(&name, entities)?;
    Ok(Input::Command(Box::new(Command { time, id, entity, subject, actor, role, reason, kind })))
}

impl<'a> Fields<'a> {
    /// A field that is there and not `null`.
    fn get(&self, name: &str) -> Option<&Raw<'a>> {
        let (_, raw, used) = self.all.iter().find(|(other, ..)| other == name)?;
        used.set(true);
        (!matches!(raw, Raw::Null)).then_some(raw)
    }

    fn text(&self, name: &str) -> Result<Option<Arc<str>>, InputError> {
        let Some(raw) = self.get(name) else { return Ok(None) };
        match raw.text().filter(|text| !text.trim().is_empty()) {
            Some(text) => Ok(Some(text.into())),
            None => Err(invalid(name, "a string that is not empty", raw.describe(false))),
        }
    }

    fn need(&self, name: &str, what: &str) -> Result<Arc<str>, InputError> {
        self.text(name)?.ok_or_else(|| invalid(name, what, "nothing"))
    }

    fn time(&self, name: &str) -> Result<Option<Timestamp>, InputError> {
        self.get(name).map(|raw| self.unit.read(name, raw, false)).transpose()
    }

    fn duration(&self, name: &str) -> Result<Option<Duration>, InputError> {
        let Some(raw) = self.get(name) else { return Ok(None) };
        let duration =
            raw.text().and_then(|text| text.parse().ok()).filter(|length: &Duration| !length.is_zero());
        duration.map(Some).ok_or_else(|| {
            invalid(name, "a duration such as \"24h\", \"7d\" or \"3mo\"", raw.describe(false))
        })
    }

    fn number<T: std::str::FromStr>(&self, name: &str, what: &str) -> Result<Option<T>, InputError> {
        let Some(raw) = self.get(name) else { return Ok(None) };
        let number = match raw {
            Raw::Number(digits) | Raw::Cell(digits) => digits.parse().ok(),
            _ => None,
        };
        number.map(Some).ok_or_else(|| invalid(name, what, raw.describe(false)))
    }

    fn level(&self) -> Result<Option<u8>, InputError> {
        self.number("level", "the number of a level")
    }

    fn needed_level(&self) -> Result<u8, InputError> {
        self.level()?.ok_or_else(|| invalid("level", "the number of a level", "nothing"))
    }

    fn proposal(&self) -> Result<u32, InputError> {
        self.number("proposal", "the number of a proposal")?
            .ok_or_else(|| invalid("proposal", "the number of a proposal", "nothing"))
    }

    /// `for` or `until`, which may also be `"never"`.
    fn term(&self) -> Result<Term, InputError> {
        let length = self.duration("for")?;
        if self.get("until").and_then(Raw::text) == Some("never") {
            return match length {
                None => Ok(Term::Forever),
                Some(_) => Err(invalid("until", "`for` or `until`", "both")),
            };
        }
        match (length, self.time("until")?) {
            (None, None) => Ok(Term::Usual),
            (Some(length), None) => Ok(Term::For(length)),
            (None, Some(time)) => Ok(Term::Until(time)),
            (Some(_), Some(_)) => Err(invalid("until", "`for` or `until`", "both")),
        }
    }

    fn about(&self) -> Result<Option<About>, InputError> {
        match (self.text("tag")?, self.text("list")?) {
            (Some(tag), None) => Ok(Some(About::Tag(tag))),
            (None, Some(list)) => Ok(Some(About::List(list))),
            (None, None) => Ok(None),
            (Some(_), Some(_)) => Err(invalid("list", "`tag` or `list`", "both")),
        }
    }

    fn needed_about(&self) -> Result<About, InputError> {
        self.about()?.ok_or_else(|| invalid("tag", "`tag` or `list`", "neither"))
    }

    /// Exactly one of `rule`, `tag` and `list`.
    fn spared(&self) -> Result<Spared, InputError> {
        match (self.text("rule")?, self.about()?) {
            (Some(rule), None) => Ok(Spared::Rule(rule)),
            (None, Some(About::Tag(tag))) => Ok(Spared::Tag(tag)),
            (None, Some(About::List(list))) => Ok(Spared::List(list)),
            (Some(_), Some(_)) => Err(invalid("rule", "one of `rule`, `tag` and `list`", "two")),
            (None, None) => Err(invalid("rule", "one of `rule`, `tag` and `list`", "nothing")),
        }
    }

    /// `"customer":"c1"`, or `"entity":"customer","subject":"c1"`.
    fn subject(&self, entities: &[Arc<str>]) -> Result<(EntityId, Arc<str>), InputError> {
        let mut found: Option<(usize, Arc<str>)> = None;
        for (at, entity) in entities.iter().enumerate().filter(|(_, name)| !FIELDS.contains(&&***name)) {
            if let Some(key) = self.text(entity)? {
                if found.is_some() {
                    return Err(invalid(&**entity, "one subject", "two"));
                }
                found = Some((at, key));
            }
        }
        if let Some(entity) = self.text("entity")? {
            if found.is_some() {
                return Err(invalid("entity", "one subject", "two"));
            }
            let Some(at) = entities.iter().position(|name| *name == entity) else {
                let near = nearest(&entity, entities.iter().map(|name| &**name));
                let expected = near.map_or_else(
                    || "an entity of the rulebook".to_owned(),
                    |near| format!("an entity of the rulebook; the nearest is {near:?}"),
                );
                return Err(invalid("entity", expected, format!("{entity:?}")));
            };
            found = Some((at, self.need("subject", "the key of the subject")?));
        }
        let Some((at, key)) = found else {
            let names: Vec<_> = entities.iter().map(|name| format!("`{name}`")).collect();
            return Err(invalid("", format!("the key of the subject, as {}", names.join(" or ")), "nothing"));
        };
        Ok((EntityId(at as u16), key))
    }

    fn outcome(&self, expected: &str) -> Result<Arc<str>, InputError> {
        self.need("outcome", expected)
    }

    fn kind(&self, name: &str) -> Result<CommandKind, InputError> {
        let (tag, list) =
            (|| self.need("tag", "the name of a tag"), || self.need("list", "the name of a list"));
        Ok(match name {
            "tag" => CommandKind::Tag { tag: tag()?, start: self.time("start")?, term: self.term()? },
            "untag" => CommandKind::Untag { tag: tag()? },
            "list" => CommandKind::List {
                list: list()?,
                level: self.level()?,
                category: self.text("category")?,
                start: self.time("start")?,
                term: self.term()?,
                review: self.duration("review")?,
            },
            "release" => CommandKind::Release { list: list()? },
            "level" => CommandKind::Level { list: list()?, level: self.needed_level()? },
            "suspend" => self.suspend(list()?)?,
            "resume" => CommandKind::Resume { list: list()?, session: self.text("session")? },
            "approve" => CommandKind::Approve { proposal: self.proposal()? },
            "reject" => CommandKind::Reject { proposal: self.proposal()? },
            "lapse" => CommandKind::Lapse { proposal: self.proposal()? },
            "review" => self.review(list()?)?,
            "appeal" => CommandKind::Appeal { against: self.needed_about()? },
            "settle" => {
                let granted = match &*self.outcome("granted or rejected")? {
                    "granted" => true,
                    "rejected" => false,
                    other => return Err(invalid("outcome", "granted or rejected", format!("{other:?}"))),
                };
                CommandKind::Settle { against: self.needed_about()?, granted }
            }
            "wrong" => CommandKind::Wrong {
                rule: self.need("rule", "the name of a rule")?,
                about: self.needed_about()?,
            },
            "exempt" => CommandKind::Exempt { from: self.spared()?, term: self.term()? },
            "lift" => {
                let what = match (self.text("rule")?, self.about()?) {
                    (Some(rule), Some(about)) => Lifted::Mark { rule, about },
                    _ => Lifted::Exemption(self.spared()?),
                };
                CommandKind::Lift { what }
            }
            "merge" => CommandKind::Merge { into: self.need("into", "the key of the other subject")? },
            "forget" => CommandKind::Forget,
            other => {
                let expected = match nearest(other, NAMES) {
                    Some(near) => format!("the name of a command; the nearest is {near:?}"),
                    None => format!("the name of a command: {}", NAMES.join(", ")),
                };
                return Err(invalid("command", expected, format!("{other:?}")));
            }
        })
    }

    fn suspend(&self, list: Arc<str>) -> Result<CommandKind, InputError> {
        let (term, session) = (self.term()?, self.text("session")?);
        match (term, &session) {
            (Term::Forever, _) => Err(invalid("until", "an end: a suspension comes back by itself", "never")),
            (Term::Usual, None) => Err(invalid("for", "`for`, `until` or `session`", "nothing")),
            _ => Ok(CommandKind::Suspend { list, term, session }),
        }
    }

    fn review(&self, list: Arc<str>) -> Result<CommandKind, InputError> {
        let outcome = match &*self.outcome("keep, change or release")? {
            "keep" => ReviewOutcome::Keep,
            "change" => ReviewOutcome::Change { level: self.needed_level()? },
            "release" => ReviewOutcome::Release,
            other => return Err(invalid("outcome", "keep, change or release", format!("{other:?}"))),
        };
        Ok(CommandKind::Review { list, outcome, next: self.time("next")?, review: self.duration("review")? })
    }

    /// A field that the command does not know is refused: passed over, a misspelt `until` would make a block for life.
    fn nothing_else(&self, command: &str, entities: &[Arc<str>]) -> Result<(), InputError> {
        let Some((name, raw, _)) = self.all.iter().find(|(.., used)| !used.get()) else { return Ok(()) };
        if matches!(raw, Raw::Null) {
            return Ok(());
        }
        let known = FIELDS.iter().copied().chain(entities.iter().map(|name| &**name));
        let expected = match nearest(name, known) {
            Some(near) if near != &**name => format!("no such field in `{command}`; the nearest is {near:?}"),
            _ => format!("no such field in `{command}`"),
        };
        Err(invalid(name.to_string(), expected, raw.describe(false)))
    }
}
