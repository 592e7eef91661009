//! The names that a rulebook declares, sets or makes up, each once.

use crate::check::Kind;
use crate::source::Span;
use crate::syntax::ast::{
    Action, ActionKind, ClauseKind, Event, File, Item, ItemKind, KeywordsBody, List, Name,
};

/// A name and what hangs on it.
#[derive(Clone, Debug)]
pub(super) struct Declared {
    pub(super) kind: Kind,
    pub(super) name: String,
    /// The whole declaration; of a tag that is only set, the action.
    pub(super) span: Span,
    /// Whether a declaration says so, and not only an action that sets it.
    pub(super) explicit: bool,
    pub(super) fields: Vec<Field>,
    /// Entities of an event, categories of a list or of keywords, members of a group.
    pub(super) parts: Vec<String>,
    /// Levels of a list, with their labels.
    pub(super) levels: Vec<(String, String)>,
}

/// A field of an event.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: String,
    /// From its type to the last of its words.
    pub(super) type_span: Span,
    pub(super) choices: Vec<String>,
    pub(super) optional: bool,
    pub(super) private: bool,
}

/// Every name of every file, in the order of the text; a tag that is declared is not told again where it is set.
pub(super) fn declared(files: &[(u16, File)]) -> Vec<Declared> {
    let mut found = Vec::new();
    let items = || files.iter().flat_map(|(_, file)| &file.items);
    for item in items() {
        declaration(item, &mut found);
    }
    for item in items() {
        if let ItemKind::Rule(rule) = &item.kind {
            for clause in &rule.clauses {
                if let ClauseKind::Then(action) = &clause.kind {
                    set_tag(action, &mut found);
                }
            }
        }
    }
    found
}

fn plain(kind: Kind, name: &Name, span: Span) -> Declared {
    Declared {
        kind,
        name: name.text.clone(),
        span,
        explicit: true,
        fields: Vec::new(),
        parts: Vec::new(),
        levels: Vec::new(),
    }
}

fn declaration(item: &Item, found: &mut Vec<Declared>) {
    let of = |kind, name: &Name| plain(kind, name, item.span);
    match &item.kind {
        ItemKind::Entity(name) => found.push(of(Kind::Entity, name)),
        ItemKind::Event(event) => found.push(event_of(event, item.span)),
        ItemKind::Keywords(set) => {
            let mut entry = of(Kind::Keywords, &set.name);
            if let KeywordsBody::Patterns { patterns, .. } = &set.body {
                for category in patterns.iter().filter_map(|pattern| pattern.category.as_ref()) {
                    if !entry.parts.contains(&category.text) {
                        entry.parts.push(category.text.clone());
                    }
                }
            }
            found.push(entry);
        }
        ItemKind::Tag { name, .. } => found.push(of(Kind::Tag, name)),
        ItemKind::TagGroup(group) => {
            let mut entry = of(Kind::Group, &group.name);
            entry.parts = group.members.iter().map(|member| member.text.clone()).collect();
            found.push(entry);
            for member in &group.members {
                if !has(found, Kind::Tag, &member.text) {
                    found.push(of(Kind::Tag, member));
                }
            }
        }
        ItemKind::Score(score) => found.push(of(Kind::Score, &score.name)),
        ItemKind::List(list) => found.push(list_of(list, item.span)),
        ItemKind::Rule(rule) => found.push(of(Kind::Rule, &rule.name)),
        ItemKind::Role { name, .. } if !has(found, Kind::Role, &name.text) => {
            found.push(of(Kind::Role, name))
        }
        _ => {}
    }
}

fn has(found: &[Declared], kind: Kind, name: &str) -> bool {
    found.iter().any(|entry| entry.kind == kind && entry.name == name)
}

fn event_of(event: &Event, span: Span) -> Declared {
    let fields = event.fields.iter().map(|field| Field {
        name: field.name.text.clone(),
        type_span: field.ty_span,
        choices: match &field.ty {
            crate::syntax::ast::FieldType::Choice(texts) => {
                texts.iter().map(|text| text.text.clone()).collect()
            }
            _ => Vec::new(),
        },
        optional: field.optional,
        private: field.private,
    });
    let entities = event.entities.iter().map(|entity| entity.text.clone());
    Declared { fields: fields.collect(), parts: entities.collect(), ..plain(Kind::Event, &event.name, span) }
}

fn list_of(list: &List, span: Span) -> Declared {
    let label = |label: &Option<Name>| label.as_ref().map(|label| label.text.clone()).unwrap_or_default();
    Declared {
        parts: list.categories.iter().map(|category| category.text.clone()).collect(),
        levels: list
            .levels
            .iter()
            .map(|level| (level.number.node.to_string(), label(&level.label)))
            .collect(),
        ..plain(Kind::List, &list.name, span)
    }
}

fn set_tag(action: &Action, found: &mut Vec<Declared>) {
    match &action.kind {
        ActionKind::Tag { tag, .. } if !has(found, Kind::Tag, &tag.text) => {
            found.push(Declared { explicit: false, ..plain(Kind::Tag, tag, action.span) });
        }
        ActionKind::Propose(inner) => set_tag(inner, found),
        _ => {}
    }
}
