//! `keywords` sets, written out or from a file.

use super::Checker;
use super::names::{Kind, enumerate};
use super::tree::{KeywordPattern, KeywordSet};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::small::BTreeSet;
use crate::syntax::ast::{self, KeywordsBody};
use crate::text::{Switches, read_list};
use std::sync::Arc;

impl Checker<'_> {
    pub(super) fn keyword_set(&mut self, set: &ast::Keywords, total: &mut usize) {
        let kept = match &set.exactly {
            None => Switches::NONE,
            // Bare `exactly` asks for all of it.
            Some(words) if words.is_empty() => Switches::BASE,
            Some(words) => self.switches(words, "exactly", Switches::BASE),
        };
        let ignoring = self.switches(&set.ignoring, "ignoring", Switches::EVASIONS);
        let undo = Switches::BASE.without(kept) | ignoring;
        let (patterns, except) = match &set.body {
            KeywordsBody::Patterns { patterns, except } => self.written(patterns, except, undo),
            KeywordsBody::From(file) => (self.file_patterns(file), Vec::new()),
        };
        self.idle(&set.ignoring, ignoring, undo, patterns.iter());
        let before = *total;
        *total += patterns.len();
        if *total > self.limits.patterns && before <= self.limits.patterns {
            self.too_many(set.name.span, "keyword patterns", self.limits.patterns);
        }
        if self.declare(Kind::Keywords, &set.name, self.keywords.len()) {
            self.keywords.push(KeywordSet { name: set.name.text.as_str().into(), undo, patterns, except });
        }
    }

    /// The words after `ignoring` or `exactly`, each of which must be one of `known`.
    fn switches(&mut self, words: &[ast::Name], after: &str, known: Switches) -> Switches {
        let mut switches = Switches::NONE;
        for word in words {
            match Switches::named(&word.text).filter(|switch| known.has(*switch)) {
                Some(switch) if Switches::built().has(switch) => switches = switches | switch,
                Some(_) => self.report(
                    Diagnostic::new(
                        Code::UnknownName,
                        word.span,
                        format!("`{}` is not part of this build", word.text),
                        "its data was left out",
                    )
                    .with_help(format!(
                        "build Tagwarden with the feature `{}`, or leave the word out",
                        word.text
                    )),
                ),
                None => {
                    let diagnostic = unknown_word(word, &word.text, after, known);
                    self.report(diagnostic);
                }
            }
        }
        switches
    }

    /// Warns of words after `ignoring` that can change nothing in any of the patterns.
    fn idle<'p>(
        &mut self,
        words: &[ast::Name],
        asked: Switches,
        undo: Switches,
        patterns: impl Iterator<Item = &'p KeywordPattern>,
    ) {
        if words.is_empty() {
            return;
        }
        let mut patterns = patterns.peekable();
        if patterns.peek().is_none() {
            return;
        }
        let mut idle = asked;
        for pattern in patterns {
            idle = idle.without(pattern.undone(undo));
            if idle == Switches::NONE {
                return;
            }
        }
        for word in words.iter().filter(|word| Switches::named(&word.text).is_some_and(|it| idle.any(it))) {
            let needs = match word.text.as_str() {
                "sound" => "it needs a pattern of at least three Han characters",
                "separators" => "it needs a pattern of at least two letters that begins and ends with one",
                _ => "it needs a pattern with Latin letters",
            };
            self.report(
                Diagnostic::new(
                    Code::IgnoringIdle,
                    word.span,
                    format!("ignoring `{}` changes nothing here", word.text),
                    "matched without it",
                )
                .with_help(needs),
            );
        }
    }

    fn written(
        &mut self,
        patterns: &[ast::Pattern],
        except: &[ast::Name],
        undo: Switches,
    ) -> (Vec<KeywordPattern>, Vec<Arc<str>>) {
        let mut kept = Vec::new();
        let mut seen: BTreeSet<(&str, Option<&str>)> = BTreeSet::new();
        for pattern in patterns {
            let ignoring = self.switches(&pattern.ignoring, "ignoring", Switches::EVASIONS);
            if self.refuse_blank(&pattern.text)
                || !seen.insert((&pattern.text.text, pattern.category.as_ref().map(|c| c.text.as_str())))
            {
                continue;
            }
            let checked = KeywordPattern {
                text: pattern.text.text.as_str().into(),
                anywhere: pattern.anywhere,
                ignoring,
                category: pattern.category.as_ref().map(|category| category.text.as_str().into()),
            };
            self.idle(&pattern.ignoring, ignoring, undo, std::iter::once(&checked));
            kept.push(checked);
        }
        let mut exceptions: Vec<Arc<str>> = Vec::new();
        for phrase in except {
            if !self.refuse_blank(phrase) {
                exceptions.push(phrase.text.as_str().into());
            }
        }
        (kept, exceptions)
    }

    fn refuse_blank(&mut self, pattern: &ast::Name) -> bool {
        let blank = pattern.text.trim().is_empty();
        if blank {
            self.report(
                Diagnostic::new(
                    Code::BlankPattern,
                    pattern.span,
                    "this pattern is blank",
                    "it would be found everywhere",
                )
                .with_help("remove it"),
            );
        }
        blank
    }

    fn file_patterns(&mut self, file: &ast::Name) -> Vec<KeywordPattern> {
        let Some(text) = (self.keyword_files)(&file.text) else {
            self.report(
                Diagnostic::new(
                    Code::MissingFile,
                    file.span,
                    format!("there is no file `{}`", file.text),
                    "the host did not find it",
                )
                .with_help(
                    "a path is looked up by the host; see to it that the file is where the host looks",
                ),
            );
            return Vec::new();
        };
        read_list(&text)
    }

    /// A category that some pattern of a set has.
    pub(super) fn keyword_category(&mut self, set: u32, category: &ast::Name) -> Option<Arc<str>> {
        let declared = self.keywords.get(set as usize)?;
        let known: BTreeSet<&str> =
            declared.patterns.iter().filter_map(|pattern| pattern.category.as_deref()).collect();
        if known.contains(category.text.as_str()) {
            return Some(category.text.as_str().into());
        }
        let help = match nearest(&category.text, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => {
                "none of its patterns has a category: write `category \"…\"` after some".to_owned()
            }
            None => format!("its categories are {}", enumerate(known)),
        };
        let message = format!("no pattern of `{}` has the category `{}`", declared.name, category.text);
        self.report(
            Diagnostic::new(Code::UnknownCategory, category.span, message, "not one of its categories")
                .with_help(help),
        );
        None
    }
}

fn unknown_word(word: &ast::Name, text: &str, after: &str, known: Switches) -> Diagnostic {
    let known: Vec<&str> = known.names().collect();
    Diagnostic::new(
        Code::UnknownName,
        word.span,
        format!("`{after}` does not know the word `{text}`"),
        format!("expected {}", enumerate(known.iter().copied())),
    )
    .with_help(match nearest(text, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("write one of {}", enumerate(known.iter().copied())),
    })
}
