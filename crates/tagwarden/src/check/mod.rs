//! From the syntax tree to the typed tree: names, types, rule order, all errors at once.
//!
//! Declarations are read first, in one pass over every file, then what uses them. A part that has a mistake yields
//! nothing, and what contains it is still looked at, so that one run shows every mistake and none that follows from another.
//!
//! Nothing here recurses deeper than the syntax tree does, whose depth the parser bounds.

pub mod tree;

mod actions;
mod aggregates;
mod bounds;
mod calls;
mod compare;
mod declarations;
mod entities;
mod exprs;
mod fields;
mod flapping;
mod guards;
mod keywords;
mod lints;
mod lists;
mod literals;
mod names;
mod order;
mod retention;
mod roles;
mod rules;
mod scenarios;
mod scope;
mod selectors;
mod state;
pub(crate) mod visit;
mod walk;

use crate::decision::Keep;
use crate::diagnostic::Diagnostic;
use crate::limits::Limits;
use crate::schema::Schema;
use crate::small::{BTreeMap, BTreeSet, sort_by_key};
use crate::source::{Sources, Span};
use crate::syntax::ast;
use crate::value::Zone;
pub(crate) use names::Kind;
use names::Names;
use state::Resource;
use std::cell::Cell;
use tree::{Guard, KeywordSet, List, Role, Score, Tag, TagGroup, TagId, Tree};

/// Messages beyond which no more are kept.
const MAX_MESSAGES: usize = 300;

/// Finds the text of a file that a rulebook names.
pub(crate) type Resolver<'r> = dyn Fn(&str) -> Option<String> + 'r;

/// How much of a rulebook there is to check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// Every item of every file.
    All,
    /// Some items have mistakes: names that they seem to declare are not missed.
    Partly,
    /// A file is missing: no name is missed.
    FilesMissing,
}

/// Checks every file of a rulebook. There is a tree where no diagnostic is an error.
pub(crate) fn check(
    files: &[(u16, ast::File)],
    sources: &Sources,
    read: Read,
    keyword_files: &Resolver<'_>,
    limits: &Limits,
) -> (Option<Tree>, Vec<Diagnostic>) {
    let items: Vec<&ast::Item> = files.iter().flat_map(|(_, file)| &file.items).collect();
    let mut checker = Checker::new(sources, read, keyword_files, limits);
    checker.declarations(&items);
    let tree = checker.body(&items);
    (tree, checker.diagnostics)
}

/// What is known so far.
struct Checker<'a> {
    sources: &'a Sources,
    read: Read,
    /// How many bytes the texts of the expressions have so far, and where they became too many.
    bulk: Cell<(usize, Option<Span>)>,
    keyword_files: &'a Resolver<'a>,
    limits: &'a Limits,
    diagnostics: Vec<Diagnostic>,
    names: Names,
    zone: Zone,
    schema: Schema,
    /// Where each event type is declared.
    event_spans: Vec<Span>,
    keywords: Vec<KeywordSet>,
    tags: Vec<Tag>,
    /// Where `strict tags` stands, if it does.
    strict_tags: Option<Span>,
    groups: Vec<TagGroup>,
    /// Tags that only a group has declared so far.
    group_members: BTreeSet<u32>,
    scores: Vec<Score>,
    lists: Vec<List>,
    /// Declarations with a mistake: names of lists and of fields that are not asked for more.
    broken: BTreeSet<String>,
    guards: Vec<Guard>,
    roles: Vec<Role>,
    keeps: Vec<Keep>,
    /// Where each is written.
    keep_spans: Vec<Span>,
    /// State that the expressions checked since this was last taken read, and where.
    reads: Vec<(Resource, Span)>,
    /// Where each tag is first read in a rulebook that may never set it.
    tag_reads: BTreeMap<TagId, Span>,
    /// Tags that some rule sets or a declaration names.
    tags_set: BTreeSet<TagId>,
    scores_read: BTreeMap<u32, Span>,
    scores_set: BTreeSet<u32>,
    keywords_used: BTreeSet<u32>,
}

impl<'a> Checker<'a> {
    fn new(
        sources: &'a Sources,
        read: Read,
        keyword_files: &'a Resolver<'a>,
        limits: &'a Limits,
    ) -> Checker<'a> {
        Checker {
            sources,
            read,
            bulk: Cell::new((0, None)),
            keyword_files,
            limits,
            diagnostics: Vec::new(),
            names: Names::default(),
            zone: Zone::default(),
            schema: Schema::default(),
            event_spans: Vec::new(),
            keywords: Vec::new(),
            tags: Vec::new(),
            strict_tags: None,
            groups: Vec::new(),
            group_members: BTreeSet::new(),
            scores: Vec::new(),
            lists: Vec::new(),
            broken: BTreeSet::new(),
            guards: Vec::new(),
            roles: Vec::new(),
            keeps: Vec::new(),
            keep_spans: Vec::new(),
            reads: Vec::new(),
            tag_reads: BTreeMap::new(),
            tags_set: BTreeSet::new(),
            scores_read: BTreeMap::new(),
            scores_set: BTreeSet::new(),
            keywords_used: BTreeSet::new(),
        }
    }

    /// Keeps a message. After the first few hundred, nobody reads on, and looking for near spellings takes time.
    fn report(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < MAX_MESSAGES {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Whether there are as many messages as are kept.
    fn is_full(&self) -> bool {
        self.diagnostics.len() >= MAX_MESSAGES
    }

    /// Everything that uses declarations.
    fn body(&mut self, items: &[&ast::Item]) -> Option<Tree> {
        let heads = self.rule_heads(items);
        let (guards, guard_reads) = self.guards(items, &heads);
        self.guards = guards;
        let rules = self.rules(&heads);
        let rules = self.order(rules, &guard_reads);
        let tests = self.scenarios(items, &rules);
        self.refuse_bulk();
        self.lints(&rules);
        sort_by_key(&mut self.diagnostics, |diagnostic| (diagnostic.primary.span, diagnostic.code));
        self.diagnostics.dedup();
        if self.diagnostics.iter().any(|d| d.severity() == crate::diagnostic::Severity::Error) {
            return None;
        }
        Some(Tree {
            zone: self.zone,
            schema: std::mem::take(&mut self.schema),
            keywords: std::mem::take(&mut self.keywords),
            tags: std::mem::take(&mut self.tags),
            groups: std::mem::take(&mut self.groups),
            scores: std::mem::take(&mut self.scores),
            lists: std::mem::take(&mut self.lists),
            rules,
            guards: std::mem::take(&mut self.guards),
            roles: std::mem::take(&mut self.roles),
            keeps: std::mem::take(&mut self.keeps),
            tests,
        })
    }
}

#[cfg(test)]
mod tests;
