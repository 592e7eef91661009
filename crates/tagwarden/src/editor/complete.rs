//! What may stand at a place.

use super::names::Declared;
use super::place::Place;
use super::words::{self, AGGREGATES, FUNCTIONS};
use super::{Completion, CompletionKind, Completions, Editor};
use crate::check::Kind;
use crate::decision::{Kept, Verb};
use crate::syntax::written;
use crate::value::Zone;

pub(super) const DURATIONS: &[&str] = &["30m", "1h", "24h", "7d", "30d", "90d", "180d", "365d", "1mo", "1y"];
const TYPES: &[&str] = &["string", "number", "bool", "time"];
const SWITCHES: &[&str] = &["separators", "repeats", "leet", "lookalikes", "sound"];

pub(super) fn complete(editor: &Editor, offset: usize) -> Completions {
    let Some(place) = Place::at(editor, offset) else {
        return Completions { from: offset, to: offset, items: Vec::new() };
    };
    let mut found = Found { editor, place: &place, items: Vec::new() };
    if place.quoted {
        found.quoted();
    } else {
        found.unquoted();
    }
    let items = found.items;
    Completions { from: place.replaced.start, to: place.replaced.end, items }
}

pub(super) struct Found<'e> {
    pub(super) editor: &'e Editor,
    pub(super) place: &'e Place<'e>,
    items: Vec<Completion>,
}

impl<'e> Found<'e> {
    pub(super) fn put(&mut self, kind: CompletionKind, label: &str, insert: String, detail: String) {
        if !self.items.iter().any(|item| item.label == label && item.kind == kind) {
            self.items.push(Completion { label: label.to_owned(), insert, kind, detail });
        }
    }

    pub(super) fn words(&mut self, words: &[&str]) {
        for word in words {
            let first = word.split(' ').next().unwrap_or_default();
            let detail = words::meaning(first).map_or("", |known| known.meaning);
            self.put(CompletionKind::Word, word, (*word).to_owned(), detail.to_owned());
        }
    }

    pub(super) fn values<'v>(&mut self, values: impl IntoIterator<Item = &'v str>) {
        for value in values {
            self.put(CompletionKind::Value, value, value.to_owned(), String::new());
        }
    }

    pub(super) fn names(&mut self, kind: Kind) {
        let editor = self.editor;
        for entry in editor.declared.iter().filter(|entry| entry.kind == kind) {
            let shown = match kind {
                Kind::Entity => CompletionKind::Entity,
                Kind::Event => CompletionKind::Event,
                Kind::Keywords => CompletionKind::Keywords,
                Kind::Tag | Kind::Group => CompletionKind::Tag,
                Kind::Score => CompletionKind::Score,
                Kind::List => CompletionKind::List,
                Kind::Rule | Kind::Role => CompletionKind::Rule,
            };
            self.put(shown, &entry.name, written(&entry.name), editor.line(entry));
        }
    }

    pub(super) fn events(&mut self) {
        self.names(Kind::Event);
        self.words(&["activity"]);
    }

    pub(super) fn fields(&mut self, events: &[&Declared]) {
        for event in events {
            for field in &event.fields {
                let private = if field.private { ", private" } else { "" };
                let detail = format!("{}{private}", self.editor.type_of(field));
                self.put(CompletionKind::Field, &field.name, field.name.clone(), detail);
            }
        }
    }

    /// Whatever an expression can begin with.
    pub(super) fn operands(&mut self) {
        let events = self.events_at_hand();
        self.fields(&events);
        if !events.is_empty() {
            self.words(&["at"]);
        }
        self.names(Kind::Score);
        self.words(&["tagged", "in", "no", "not", "time since"]);
        for name in AGGREGATES.iter().chain(FUNCTIONS) {
            let detail = words::meaning(name).map_or("", |known| known.form);
            self.put(CompletionKind::Function, name, format!("{name}("), detail.to_owned());
        }
    }

    /// Events whose fields can be named bare: those of a `where`, or of the rule's `on`.
    fn events_at_hand(&self) -> Vec<&'e Declared> {
        let mut named = Vec::new();
        let inner: Vec<_> = self.place.inner().map(|(_, word)| word).collect();
        let since = match inner.iter().rposition(|word| *word == "where") {
            Some(at) => inner.get(..at).unwrap_or_default(),
            None => {
                let own: Vec<_> = self.place.own().map(|(_, word)| word).collect();
                let Some(on) = own.iter().position(|word| *word == "on") else { return named };
                return self.declared_events(own.get(on..).unwrap_or_default());
            }
        };
        // Back to the beginning of the selector.
        for word in since.iter().rev() {
            match self.event(word) {
                Some(event) => named.push(event),
                None if *word == "or" => {}
                None => break,
            }
        }
        named
    }

    fn declared_events(&self, words: &[&str]) -> Vec<&'e Declared> {
        let mut named = Vec::new();
        for word in words.iter().skip(1) {
            match self.event(word) {
                Some(event) => named.push(event),
                None if *word == "or" => {}
                None => break,
            }
        }
        named
    }

    pub(super) fn event(&self, word: &str) -> Option<&'e Declared> {
        self.editor.find(Kind::Event, word)
    }

    fn list(&self, word: &str) -> Option<&'e Declared> {
        self.editor.find(Kind::List, word)
    }

    /// Within quotes: only what is always written so, and names.
    fn quoted(&mut self) {
        if self.place.item_word() == Some("timezone") {
            for zone in Zone::names() {
                self.put(CompletionKind::Value, zone, format!("\"{zone}\""), String::new());
            }
            return;
        }
        if matches!(self.place.back(1), "because" | "use" | "from" | "") {
            return;
        }
        self.unquoted();
        self.items.retain(|item| {
            !matches!(item.kind, CompletionKind::Word | CompletionKind::Function | CompletionKind::Snippet)
        });
        for item in &mut self.items {
            if !item.insert.starts_with('"') {
                item.insert = format!("\"{}\"", item.insert);
            }
        }
    }

    fn unquoted(&mut self) {
        if self.place.may_begin_item() {
            for (word, text) in words::ITEMS {
                let detail = words::meaning(word).map_or("", |known| known.meaning);
                self.put(CompletionKind::Snippet, word, (*text).to_owned(), detail.to_owned());
            }
            if self.place.item_word().is_none() {
                return;
            }
        }
        match self.place.item_word() {
            Some("rule") if self.place.depth() == 0 => {
                if self.place.back(1) == "for" {
                    self.names(Kind::Entity);
                } else {
                    self.words(&["for"]);
                }
            }
            Some("rule" | "exempt" | "approve") => self.rule(),
            Some("event") => self.event_item(),
            Some("keywords") => self.keywords_item(),
            Some("list") if self.place.depth() > 0 => self.list_item(),
            Some("score") if self.place.depth() > 0 => match self.place.back(1) {
                "half-life" => self.values(DURATIONS.iter().copied()),
                _ => self.words(&["half-life", "between"]),
            },
            Some("tag") if self.place.back(1) == "for" => self.values(DURATIONS.iter().copied()),
            Some("tag") => self.words(&["for"]),
            Some("tags") if self.place.own().any(|(_, word)| word == ":") => self.names(Kind::Tag),
            Some("role") => match self.place.back(1) {
                "list" => self.names(Kind::List),
                "may" | "," => self.words(&Verb::ALL.map(Verb::as_str)),
                _ => self.words(&["may"]),
            },
            Some("keep") => match self.place.back(1) {
                "keep" | "," => self.words(&Kept::ALL.map(Kept::as_str)),
                word if Kept::from_word(word).is_some() => self.values(DURATIONS.iter().copied()),
                _ => {}
            },
            Some("test") if self.place.depth() > 0 => self.test(),
            _ => {}
        }
    }

    fn event_item(&mut self) {
        match self.place.bracket() {
            Some(("(", _)) => self.names(Kind::Entity),
            Some(("{", _)) => match self.place.back(1) {
                ":" => self.words(TYPES),
                "{" | "," => {}
                _ => self.words(&["private"]),
            },
            _ => {}
        }
    }

    fn keywords_item(&mut self) {
        let after_switch = self.place.inner().any(|(_, word)| word == "ignoring");
        match self.place.back(1) {
            "ignoring" => self.words(SWITCHES),
            _ if self.place.depth() == 0 => {
                self.words(&["ignoring", "exactly", "from"]);
                if after_switch {
                    self.words(SWITCHES);
                }
            }
            _ => self.words(&["except", "anywhere", "category", "ignoring"]),
        }
    }

    fn list_item(&mut self) {
        match self.place.back(1) {
            "for" | "every" | "per" => self.values(DURATIONS.iter().copied()),
            "allows" => {
                let editor = self.editor;
                let events = editor.declared.iter().filter(|entry| entry.kind == Kind::Event);
                let channels = events.flat_map(|event| &event.fields).filter(|field| field.name == "channel");
                for choice in channels.flat_map(|field| &field.choices) {
                    self.put(CompletionKind::Value, choice, written(choice), String::new());
                }
            }
            _ => self.words(&["level", "denies all", "limits", "allows", "category", "for", "review every"]),
        }
    }

    fn test(&mut self) {
        if let Some(("{", _)) = self.place.bracket()
            && self.place.depth() > 1
        {
            // The fields of an event: it stands before its time and keys.
            let names =
                self.place.own().map(|(_, word)| word).filter_map(|word| self.event(word)).next_back();
            let Some(event) = names else { return };
            match self.place.back(1) {
                ":" => self.choices(event, self.place.back(2)),
                _ => self.fields(&[event]),
            }
            return;
        }
        let back = [self.place.back(1), self.place.back(2), self.place.back(3)];
        match back {
            ["in", ..] => self.names(Kind::List),
            ["tagged", ..] => self.names(Kind::Tag),
            ["fired", ..] => self.names(Kind::Rule),
            ["level", list, _] => self.levels(list),
            ["every", ..] => self.values(DURATIONS.iter().copied()),
            ["not", _, "expect"] | [_, "expect", _] => {
                self.words(&["in", "tagged", "fired"]);
                self.names(Kind::Score);
                if back[0] != "not" {
                    self.words(&["not"]);
                }
            }
            _ => {
                self.words(&["expect", "at", "from", "every", "for", "level"]);
                self.names(Kind::Event);
            }
        }
    }

    pub(super) fn levels(&mut self, list: &str) {
        let found = self.list(list).map(|list| list.levels.clone()).unwrap_or_default();
        for (number, label) in found {
            self.put(CompletionKind::Value, &number, number.clone(), label);
        }
    }

    pub(super) fn choices(&mut self, event: &Declared, field: &str) {
        if let Some(field) = event.fields.iter().find(|known| known.name == field) {
            for choice in &field.choices {
                self.put(CompletionKind::Value, choice, format!("{choice:?}"), String::new());
            }
        }
    }
}
