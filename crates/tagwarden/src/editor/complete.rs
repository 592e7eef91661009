//! What may stand at a place.

use super::names::{Declared, Kind};
use super::place::Place;
use super::words::{self, AGGREGATES, FUNCTIONS};
use super::{Completion, CompletionKind, Completions, Editor};
use crate::syntax::{TokenKind, is_reserved, written};
use crate::value::Zone;

const DURATIONS: &[&str] = &["30m", "1h", "24h", "7d", "30d", "90d", "180d", "365d", "1mo", "1y"];
const PERIODS: &[&str] = &["hour", "day", "week", "month", "year"];
const CLAUSES: &[&str] = &[
    "on",
    "when",
    "while",
    "every",
    "unless",
    "because",
    "then",
    "at most once per",
    "active from",
    "rollout",
];
const ACTIONS: &[&str] = &["tag", "untag", "add to", "remove from", "notify", "emit", "propose"];
const JOINS: &[&str] = &["and", "or"];
const TESTS: &[&str] =
    &["has", "contains", "starts with", "ends with", "matches", "exists", "between", "in ["];
const TYPES: &[&str] = &["string", "number", "bool", "time"];
const SWITCHES: &[&str] = &["separators", "repeats", "leet", "lookalikes", "sound"];
const VERBS: &[&str] =
    &["view", "tag", "list", "release", "suspend", "approve", "review", "exempt", "forget", "export"];

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

struct Found<'e> {
    editor: &'e Editor,
    place: &'e Place<'e>,
    items: Vec<Completion>,
}

impl<'e> Found<'e> {
    fn put(&mut self, kind: CompletionKind, label: &str, insert: String, detail: String) {
        if !self.items.iter().any(|item| item.label == label && item.kind == kind) {
            self.items.push(Completion { label: label.to_owned(), insert, kind, detail });
        }
    }

    fn words(&mut self, words: &[&str]) {
        for word in words {
            let first = word.split(' ').next().unwrap_or_default();
            let detail = words::meaning(first).map_or("", |known| known.meaning);
            self.put(CompletionKind::Word, word, (*word).to_owned(), detail.to_owned());
        }
    }

    fn values<'v>(&mut self, values: impl IntoIterator<Item = &'v str>) {
        for value in values {
            self.put(CompletionKind::Value, value, value.to_owned(), String::new());
        }
    }

    fn names(&mut self, kind: Kind) {
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

    fn events(&mut self) {
        self.names(Kind::Event);
        self.words(&["activity"]);
    }

    fn fields(&mut self, events: &[&Declared]) {
        for event in events {
            for field in &event.fields {
                let private = if field.private { ", private" } else { "" };
                let detail = format!("{}{private}", self.editor.type_of(field));
                self.put(CompletionKind::Field, &field.name, field.name.clone(), detail);
            }
        }
    }

    /// Whatever an expression can begin with.
    fn operands(&mut self) {
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

    fn event(&self, word: &str) -> Option<&'e Declared> {
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
                "may" | "," => self.words(VERBS),
                _ => self.words(&["may"]),
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
        if let Some(("{", head)) = self.place.bracket()
            && self.place.depth() > 1
        {
            // The fields of an event: it stands before its time and keys.
            let names = self.place.own().map(|(_, word)| word).filter_map(|word| self.event(word)).last();
            let Some(event) = names else { return };
            match self.place.back(1) {
                ":" => self.choices(event, self.place.back(2)),
                _ => self.fields(&[event]),
            }
            let _ = head;
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

    fn levels(&mut self, list: &str) {
        let found = self.list(list).map(|list| list.levels.clone()).unwrap_or_default();
        for (number, label) in found {
            self.put(CompletionKind::Value, &number, number.clone(), label);
        }
    }

    fn choices(&mut self, event: &Declared, field: &str) {
        if let Some(field) = event.fields.iter().find(|known| known.name == field) {
            for choice in &field.choices {
                self.put(CompletionKind::Value, choice, format!("{choice:?}"), String::new());
            }
        }
    }

    /// Within a rule or behind a guard.
    fn rule(&mut self) {
        let [last, second, third] = [1, 2, 3].map(|count| self.place.back(count));
        match (last, second) {
            ("tag" | "untag" | "tagged", _) => return self.names(Kind::Tag),
            ("to", "add") | ("from", "remove") => return self.names(Kind::List),
            ("from" | "for", "exempt" | "approve") => {
                self.names(Kind::List);
                return self.words(&["tag"]);
            }
            ("add", _) => return self.words(&["to"]),
            ("remove", _) => return self.words(&["from"]),
            ("in", "starting") => return self.values(DURATIONS.iter().copied()),
            ("in", _) => {
                self.names(Kind::List);
                return self.values(["["]);
            }
            ("has", _) => return self.names(Kind::Keywords),
            (",", _) if matches!(self.place.bracket(), Some(("(", "hits" | "words"))) => {
                return self.names(Kind::Keywords);
            }
            ("(", "level") => return self.names(Kind::List),
            ("then" | "propose", _) => {
                self.words(ACTIONS);
                return self.names(Kind::Score);
            }
            ("over" | "within" | "per" | "step", _) => return self.values(DURATIONS.iter().copied()),
            ("for", _) => return self.values(DURATIONS.iter().copied()),
            ("until", _) => {
                self.words(&["on"]);
                return self.operands();
            }
            ("this" | "previous", _) => return self.words(PERIODS),
            ("every", "review") => return self.values(DURATIONS.iter().copied()),
            ("every", _) => return self.words(&["day at", "week on", "month on"]),
            ("on", "week") => return self.words(&["mon", "tue", "wed", "thu", "fri", "sat", "sun"]),
            ("on" | "no" | "without" | "after" | "since", _) => return self.events(),
            (".", event) => {
                let fields = self.event(event).into_iter().collect::<Vec<_>>();
                return self.fields(&fields);
            }
            ("(", name) if AGGREGATES.contains(&name) => return self.events(),
            ("level", list) | ("<=" | ">=" | "<" | ">" | "==", list)
                if last == "level" || second == "level" =>
            {
                let list = if last == "level" { list } else { third };
                return self.levels(list);
            }
            ("category", _) => return self.categories(),
            ("notify" | "because" | "emit" | "active" | "rollout", _) => return,
            ("matching", _) => {
                let events = self.events_before();
                return self.fields(&events);
            }
            _ => {}
        }
        if matches!(last, "==" | "!=")
            || last == "["
            || last == "," && self.place.bracket().is_some_and(|(b, _)| b == "[")
        {
            self.compared();
        }
        let open = matches!(
            last,
            "when"
                | "while"
                | "unless"
                | "where"
                | "and"
                | "or"
                | "not"
                | "("
                | ","
                | "=="
                | "!="
                | "<"
                | "<="
                | ">"
                | ">="
                | "+"
                | "-"
                | "*"
                | "/"
                | "%"
                | "??"
                | "between"
                | "with"
                | "contains"
                | "+="
                | "-="
                | "="
                | ":"
                | "exists"
                | "["
        );
        if open {
            // Behind `or` in a selector an event may stand as well.
            if last == "or" && self.event(second).is_some() {
                self.events();
            }
            return self.operands();
        }
        let at_start = last == "{" && self.place.depth() == 1;
        if at_start {
            return self.words(CLAUSES);
        }
        self.behind_operand(last);
    }

    /// Behind something that may be complete: what can join on, and the next clause.
    fn behind_operand(&mut self, last: &str) {
        let finished = matches!(self.place.last_kind(), Some(TokenKind::Number | TokenKind::Text))
            || matches!(last, ")" | "]" | "}" | "%")
            || !is_reserved(last);
        if !finished {
            return;
        }
        if self.event(last).is_some() {
            self.words(&["where", "without", "after"]);
        }
        if last == ")" {
            self.words(&["over", "this", "previous"]);
        }
        let own: Vec<&str> = self.place.own().map(|(_, word)| word).collect();
        let clause = own.iter().rev().find(|word| is_clause(word)).copied().unwrap_or_default();
        match clause {
            "then" => self.words(&[
                "for",
                "until",
                "level",
                "category",
                "starting in",
                "review every",
                "renew keep",
            ]),
            "because" => {}
            _ => {
                self.words(JOINS);
                self.words(TESTS);
                self.words(&["where", "within", "matching", "over", "for"]);
            }
        }
        if self.place.item_word() == Some("rule") && self.place.depth() == 1 {
            self.words(CLAUSES);
        } else if self.place.depth() == 0 {
            self.words(&["when"]);
        }
    }

    /// Events named anywhere in the rule so far.
    fn events_before(&self) -> Vec<&'e Declared> {
        self.place.own().filter_map(|(_, word)| self.event(word)).collect()
    }

    /// The texts of a closed set that stands left of a comparison.
    fn compared(&mut self) {
        let words: Vec<&str> = self.place.own().map(|(_, word)| word).collect();
        let at = words.iter().rposition(|word| matches!(*word, "==" | "!=" | "in"));
        let Some(name) = at.and_then(|at| at.checked_sub(1)).and_then(|at| words.get(at)) else { return };
        let name = (*name).to_owned();
        let editor = self.editor;
        for event in editor.declared.iter().filter(|entry| entry.kind == Kind::Event) {
            self.choices(event, &name);
        }
    }

    /// The categories of the list, or of the keywords, that the action or condition names.
    fn categories(&mut self) {
        let editor = self.editor;
        let named = self.place.own().rev().find_map(|(_, word)| {
            editor.find(Kind::List, word).or_else(|| editor.find(Kind::Keywords, word))
        });
        for category in named.map(|entry| entry.parts.clone()).unwrap_or_default() {
            self.put(CompletionKind::Value, &category, written(&category), String::new());
        }
    }
}

fn is_clause(word: &str) -> bool {
    matches!(word, "on" | "when" | "while" | "every" | "unless" | "because" | "then" | "active" | "rollout")
}
