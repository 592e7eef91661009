//! What may stand in a rule and behind `exempt` and `approve`.

use super::CompletionKind;
use super::complete::{DURATIONS, Found};
use super::names::Declared;
use super::words::AGGREGATES;
use crate::check::Kind;
use crate::syntax::{TokenKind, is_reserved, written};

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

impl<'e> Found<'e> {
    /// Within a rule or behind a guard.
    pub(super) fn rule(&mut self) {
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
