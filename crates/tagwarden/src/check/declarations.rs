//! Declarations: zone, entities, events, tags, groups, scores. Lists and keywords have files of their own.

use super::Checker;
use super::names::Kind;
use super::tree::{GroupId, Score, Tag, TagGroup, TagId};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::schema::{EntityId, EventType, FieldKind, FieldType};
use crate::small::BTreeMap;
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind};
use crate::value::{Decimal, Duration, Zone};
use std::sync::Arc;

/// Words that an input uses for itself, beside which entities and fields stand.
const RESERVED_KEYS: [&str; 3] = ["type", "time", "id"];
/// Entities, events, and fields of one event: far more than anyone declares, and few enough to look through.
const MOST: usize = 4096;

impl Checker<'_> {
    /// Reads every declaration: entities first, so that their order in the text does not matter.
    pub(super) fn declarations(&mut self, items: &[&ast::Item]) {
        let mut zone_span: Option<Span> = None;
        for item in items {
            match &item.kind {
                ItemKind::Timezone(name) => {
                    if let Some(earlier) = zone_span {
                        self.report(
                            Diagnostic::new(
                                Code::Duplicate,
                                name.span,
                                "the time zone is declared twice",
                                "declared again here",
                            )
                            .with_label(earlier, "first declared here")
                            .with_help("a rulebook has one time zone: remove one of them"),
                        );
                    } else {
                        zone_span = Some(name.span);
                        self.timezone(name);
                    }
                }
                ItemKind::Entity(name) => self.entity(name),
                ItemKind::StrictTags => {
                    self.strict_tags.get_or_insert(item.span);
                }
                _ => {}
            }
        }
        let mut patterns = 0;
        for item in items {
            match &item.kind {
                ItemKind::Event(event) => self.event(event),
                ItemKind::Tag { name, life } => self.tag_declaration(name, life.as_ref()),
                ItemKind::TagGroup(group) => self.tag_group(group),
                ItemKind::Score(score) => self.score(score),
                ItemKind::List(list) => self.list(list),
                ItemKind::Keywords(keywords) => self.keyword_set(keywords, &mut patterns),
                _ => {}
            }
        }
    }

    fn timezone(&mut self, name: &ast::Name) {
        if let Some(zone) = Zone::from_name(&name.text) {
            self.zone = zone;
            return;
        }
        let near = nearest(&name.text, Zone::names());
        self.report(
            Diagnostic::new(
                Code::UnknownZone,
                name.span,
                format!("there is no time zone called `{}`", name.text),
                "expected a name of the IANA database",
            )
            .with_help(match near {
                _ if cfg!(not(feature = "zones")) => {
                    "this build has no time zones but `UTC`; the feature `zones` brings them".to_owned()
                }
                Some(near) => format!("did you mean `{near}`?"),
                None => "such as `Asia/Shanghai`, `Europe/Berlin` or `UTC`".to_owned(),
            }),
        );
    }

    fn entity(&mut self, name: &ast::Name) {
        self.refuse_reserved(name, "an entity");
        if self.schema.entities.len() >= MOST {
            return self.too_many(name.span, "entities", MOST);
        }
        if self.declare(Kind::Entity, name, self.schema.entities.len()) {
            self.schema.entities.push(name.text.as_str().into());
        }
    }

    fn refuse_reserved(&mut self, name: &ast::Name, what: &str) {
        if RESERVED_KEYS.contains(&name.text.as_str()) {
            self.report(
                Diagnostic::new(
                    Code::ReservedName,
                    name.span,
                    format!("{what} cannot be called `{}`", name.text),
                    "this word is taken",
                )
                .with_help("every event has a `type`, a `time` and an `id` of its own, beside its entities and fields"),
            );
        }
    }

    /// Reports that a fixed limit is passed.
    pub(super) fn too_many(&mut self, span: Span, what: &str, most: usize) {
        self.report(Diagnostic::new(
            Code::TooMany,
            span,
            format!("there are more than {most} {what}"),
            "one too many",
        ));
    }

    fn event(&mut self, event: &ast::Event) {
        if event.name.text == "activity" {
            self.report(
                Diagnostic::new(
                    Code::ReservedName,
                    event.name.span,
                    "an event cannot be called `activity`",
                    "this word is taken",
                )
                .with_help("`activity` stands for every event of a subject"),
            );
        }
        if self.schema.events.len() >= MOST {
            return self.too_many(event.name.span, "events", MOST);
        }
        let mut entities: Vec<EntityId> = Vec::new();
        for name in &event.entities {
            let Some(index) = self.resolve(Kind::Entity, name) else { continue };
            let id = EntityId(index as u16);
            if entities.contains(&id) {
                self.report(
                    Diagnostic::new(
                        Code::Duplicate,
                        name.span,
                        format!("`{}` names the entity `{}` twice", event.name.text, name.text),
                        "named again here",
                    )
                    .with_help("an event has one key for each entity: remove one of them"),
                );
            } else {
                entities.push(id);
            }
        }
        let mut fields: Vec<FieldType> = Vec::new();
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        for field in &event.fields {
            if let Some(earlier) = seen.insert(&field.name.text, field.name.span) {
                self.report(
                    Diagnostic::new(
                        Code::Duplicate,
                        field.name.span,
                        format!("`{}` has two fields called `{}`", event.name.text, field.name.text),
                        "declared again here",
                    )
                    .with_label(earlier, "first declared here")
                    .with_help("give one of them another name, or remove it"),
                );
                continue;
            }
            if let Some(entity) = event.entities.iter().find(|entity| entity.text == field.name.text) {
                self.report(
                    Diagnostic::new(
                        Code::ReservedName,
                        field.name.span,
                        format!("a field of `{}` cannot be called `{}`", event.name.text, field.name.text),
                        "this is the name of its entity",
                    )
                    .with_label(entity.span, "the entity whose key stands under this name")
                    .with_help(
                        "the entity's key is there without a field: remove it, or give it another name",
                    ),
                );
            }
            self.refuse_reserved(&field.name, "a field");
            match self.field(field) {
                Some(field) => fields.push(field),
                None => {
                    self.broken.insert(field.name.text.clone());
                }
            }
        }
        if fields.len() > MOST {
            return self.too_many(event.name.span, "fields of one event", MOST);
        }
        if self.declare(Kind::Event, &event.name, self.schema.events.len()) {
            self.schema.events.push(EventType { name: event.name.text.as_str().into(), entities, fields });
            self.event_spans.push(event.name.span);
        }
    }

    fn field(&mut self, field: &ast::Field) -> Option<FieldType> {
        let kind = match &field.ty {
            ast::FieldType::Text => FieldKind::Text,
            ast::FieldType::Number => FieldKind::Number,
            ast::FieldType::Bool => FieldKind::Bool,
            ast::FieldType::Time => FieldKind::Time,
            ast::FieldType::Choice(members) => {
                let mut set: Vec<Arc<str>> = Vec::new();
                for member in members {
                    if set.iter().any(|earlier| **earlier == *member.text) {
                        self.report(
                            Diagnostic::new(
                                Code::Duplicate,
                                member.span,
                                format!("`{}` stands in the set twice", member.text),
                                "named again here",
                            )
                            .with_help("remove one of them"),
                        );
                    } else {
                        set.push(member.text.as_str().into());
                    }
                }
                FieldKind::Choice(set)
            }
            ast::FieldType::Unknown(word) => {
                let near = match word.as_str() {
                    "text" | "str" | "String" => Some("string"),
                    "int" | "integer" | "float" | "decimal" | "double" => Some("number"),
                    "boolean" | "flag" => Some("bool"),
                    "date" | "datetime" | "timestamp" => Some("time"),
                    _ => nearest(word, ["string", "number", "bool", "time"]),
                };
                self.report(
                    Diagnostic::new(
                        Code::UnknownType,
                        field.ty_span,
                        format!("there is no type called `{word}`"),
                        "expected `string`, `number`, `bool`, `time` or texts such as `\"a\" | \"b\"`",
                    )
                    .with_help(match near {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "a closed set of texts is written `\"sms\" | \"email\"`".to_owned(),
                    }),
                );
                return None;
            }
        };
        Some(FieldType {
            name: field.name.text.as_str().into(),
            kind,
            optional: field.optional,
            private: field.private,
        })
    }

    fn tag_declaration(&mut self, name: &ast::Name, life: Option<&ast::Spanned<Duration>>) {
        let life = life.and_then(|life| self.positive(life));
        // A member of a group may also be declared by `tag`, to give it a life: once.
        if let Some(declared) = self.names.get(Kind::Tag, &name.text)
            && self.group_members.remove(&declared.index)
        {
            if let Some(tag) = self.tags.get_mut(declared.index as usize) {
                tag.life = life;
            }
            return;
        }
        if self.declare(Kind::Tag, name, self.tags.len()) {
            self.tags_set.insert(TagId(self.tags.len() as u32));
            self.tags.push(Tag { name: name.text.as_str().into(), life, group: None });
        }
    }

    fn tag_group(&mut self, group: &ast::TagGroup) {
        let id = GroupId(self.groups.len() as u32);
        if !self.declare(Kind::Group, &group.name, self.groups.len()) {
            return;
        }
        let mut members = Vec::new();
        for name in &group.members {
            let declared = self.names.get(Kind::Tag, &name.text);
            let index = match declared {
                Some(earlier) => {
                    let free = self.tags.get(earlier.index as usize).is_some_and(|tag| tag.group.is_none());
                    if !free {
                        self.report(
                            Diagnostic::new(
                                Code::Duplicate,
                                name.span,
                                format!("the tag `{}` stands in two groups, or twice in one", name.text),
                                "named again here",
                            )
                            .with_label(earlier.span, "first named here")
                            .with_help("a tag belongs to one group at most"),
                        );
                        continue;
                    }
                    earlier.index
                }
                None => {
                    let index = self.tags.len();
                    self.declare(Kind::Tag, name, index);
                    self.tags_set.insert(TagId(index as u32));
                    self.tags.push(Tag { name: name.text.as_str().into(), life: None, group: None });
                    self.group_members.insert(index as u32);
                    index as u32
                }
            };
            if let Some(tag) = self.tags.get_mut(index as usize) {
                tag.group = Some(id);
            }
            members.push(TagId(index));
        }
        self.groups.push(TagGroup { name: group.name.text.as_str().into(), ordered: group.ordered, members });
    }

    fn score(&mut self, score: &ast::Score) {
        if score.name.text == "at" {
            self.report(
                Diagnostic::new(
                    Code::ReservedName,
                    score.name.span,
                    "a score cannot be called `at`",
                    "this word is taken",
                )
                .with_help("`at` is the time of the event at hand"),
            );
        }
        let half_life = score
            .half_life
            .as_ref()
            .and_then(|d| self.positive(d).and_then(|_| self.fixed(d, "a half-life")));
        let (mut min, mut max) = (Decimal::MIN, Decimal::MAX);
        if let Some((low, high)) = &score.between {
            if low.node > high.node {
                self.report(
                    Diagnostic::new(
                        Code::NumberUnfit,
                        low.span.to(high.span),
                        format!("{} is more than {}", low.node, high.node),
                        "no number lies between them",
                    )
                    .with_help(format!("write `between {} and {}`", high.node, low.node)),
                );
            } else {
                (min, max) = (low.node, high.node);
            }
        }
        if self.declare(Kind::Score, &score.name, self.scores.len()) {
            self.scores.push(Score { name: score.name.text.as_str().into(), half_life, min, max });
        }
    }
}
