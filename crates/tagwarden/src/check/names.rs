//! The tables of declared names, one a kind, and what to say of a name that stands in none.

use super::{Checker, Read};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::small::BTreeMap;
use crate::source::Span;
use crate::syntax::ast;

/// What a name can stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Entity,
    Event,
    Keywords,
    Tag,
    Group,
    Score,
    List,
    Rule,
    Role,
}

impl Kind {
    /// The word for it, with its article.
    pub(super) const fn describe(self) -> &'static str {
        match self {
            Kind::Entity => "an entity",
            Kind::Event => "an event",
            Kind::Keywords => "a keyword set",
            Kind::Tag => "a tag",
            Kind::Group => "a tag group",
            Kind::Score => "a score",
            Kind::List => "a list",
            Kind::Rule => "a rule",
            Kind::Role => "a role",
        }
    }

    /// The word without its article.
    pub(super) fn noun(self) -> &'static str {
        let described = self.describe();
        described.split_once(' ').map_or(described, |(_, noun)| noun)
    }
}

const KINDS: [Kind; 9] = [
    Kind::Entity,
    Kind::Event,
    Kind::Keywords,
    Kind::Tag,
    Kind::Group,
    Kind::Score,
    Kind::List,
    Kind::Rule,
    Kind::Role,
];

/// A declared name: its index and its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Declared {
    pub(super) index: u32,
    pub(super) span: Span,
}

/// Every declared name.
#[derive(Debug, Default)]
pub(super) struct Names {
    tables: [BTreeMap<String, Declared>; 9],
}

impl Names {
    fn table(&self, kind: Kind) -> &BTreeMap<String, Declared> {
        &self.tables[kind as usize]
    }

    pub(super) fn get(&self, kind: Kind, name: &str) -> Option<Declared> {
        self.table(kind).get(name).copied()
    }

    /// Enters a name; the earlier declaration where there is one.
    pub(super) fn insert(&mut self, kind: Kind, name: &ast::Name, index: u32) -> Result<(), Declared> {
        if let Some(earlier) = self.get(kind, &name.text) {
            return Err(earlier);
        }
        self.tables[kind as usize].insert(name.text.clone(), Declared { index, span: name.span });
        Ok(())
    }

    pub(super) fn all(&self, kind: Kind) -> impl Iterator<Item = &str> {
        self.table(kind).keys().map(String::as_str)
    }

    /// What else is called so.
    pub(super) fn other_kind(&self, not: Kind, name: &str) -> Option<(Kind, Declared)> {
        KINDS
            .into_iter()
            .filter(|kind| *kind != not)
            .find_map(|kind| self.get(kind, name).map(|declared| (kind, declared)))
    }
}

/// `a`, `b` and `c`, in back quotes.
pub(super) fn enumerate<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    joined(names, "and")
}

/// `a`, `b` or `c`, in back quotes.
pub(super) fn alternatives<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    joined(names, "or")
}

fn joined<'n>(names: impl IntoIterator<Item = &'n str>, word: &str) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [init @ .., last] => format!("{} {word} {last}", init.join(", ")),
    }
}

impl Checker<'_> {
    /// Enters a declaration, or reports that there was one of that name before.
    pub(super) fn declare(&mut self, kind: Kind, name: &ast::Name, index: usize) -> bool {
        match self.names.insert(kind, name, u32::try_from(index).unwrap_or(u32::MAX)) {
            Ok(()) => true,
            Err(earlier) => {
                self.report(
                    Diagnostic::new(
                        Code::Duplicate,
                        name.span,
                        format!("the {} `{}` is declared twice", kind.noun(), name.text),
                        "declared again here",
                    )
                    .with_label(earlier.span, "first declared here")
                    .with_help("give one of them another name, or remove it"),
                );
                false
            }
        }
    }

    /// The index of a declared name, or a message that says what it may have meant.
    pub(super) fn resolve(&mut self, kind: Kind, name: &ast::Name) -> Option<u32> {
        if let Some(declared) = self.names.get(kind, &name.text) {
            return Some(declared.index);
        }
        if !self.is_full() && !self.may_be_unread(kind, &name.text) {
            let diagnostic = self.unknown(kind, name);
            self.report(diagnostic);
        }
        None
    }

    /// Whether an item that could not be read looks like a declaration of the name: then it is not missed.
    pub(super) fn may_be_unread(&self, kind: Kind, name: &str) -> bool {
        match self.read {
            Read::All => return false,
            Read::FilesMissing => return true,
            Read::Partly => {}
        }
        let word = match kind {
            Kind::Entity => "entity",
            Kind::Event => "event",
            Kind::Keywords => "keywords",
            Kind::Score => "score",
            Kind::List => "list",
            Kind::Rule => "rule",
            // Tags are declared in groups, too.
            Kind::Tag | Kind::Group | Kind::Role => return true,
        };
        let declares = |text: &str| {
            text.match_indices(word).any(|(at, _)| {
                let rest = text.get(at + word.len()..).unwrap_or_default();
                let named = rest.trim_start();
                let named = named.strip_prefix('"').unwrap_or(named);
                named.len() < rest.len()
                    && named
                        .strip_prefix(name)
                        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
            })
        };
        self.sources.iter().any(|source| declares(&source.text))
    }

    /// The message that nothing of that kind is called so.
    pub(super) fn unknown(&self, kind: Kind, name: &ast::Name) -> Diagnostic {
        let mut diagnostic = Diagnostic::new(
            Code::UnknownName,
            name.span,
            format!("there is no {} called `{}`", kind.noun(), name.text),
            format!("expected {}", kind.describe()),
        );
        if self.is_full() {
            return diagnostic;
        }
        if let Some(near) = nearest(&name.text, self.names.all(kind)) {
            diagnostic.help = Some(format!("did you mean `{near}`?"));
            if let Some(declared) = self.names.get(kind, near) {
                diagnostic = diagnostic.with_label(declared.span, format!("`{near}` is declared here"));
            }
            return diagnostic;
        }
        if let Some((other, declared)) = self.names.other_kind(kind, &name.text) {
            return diagnostic
                .with_label(declared.span, format!("`{}` is {}", name.text, other.describe()))
                .with_help(format!(
                    "{} is expected here, and `{}` is {}",
                    kind.describe(),
                    name.text,
                    other.describe()
                ));
        }
        let known: Vec<&str> = self.names.all(kind).collect();
        diagnostic.help = Some(match known.len() {
            0 => format!("declare it: {}", declaration(kind, &name.text)),
            1..=6 => format!("declared: {}", enumerate(known)),
            _ => format!("none of the {} declared ones is close to that", known.len()),
        });
        diagnostic
    }
}

/// How one would declare it.
fn declaration(kind: Kind, name: &str) -> String {
    match kind {
        Kind::Entity => format!("`entity {name}`"),
        Kind::Event => format!("`event {name}(ENTITY) {{ … }}`"),
        Kind::Keywords => format!("`keywords {name} {{ \"…\" }}`"),
        Kind::Tag => format!("`tag {name}`"),
        Kind::Group => format!("`tags {name}: …`"),
        Kind::Score => format!("`score {name}`"),
        Kind::List => format!("`list {name}`"),
        Kind::Rule => format!("`rule {name} {{ … }}`"),
        Kind::Role => format!("`role {name} may view`"),
    }
}
