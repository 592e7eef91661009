//! `keywords` sets, written out or from a file.

use super::Checker;
use super::names::{Kind, enumerate};
use super::tree::{KeywordPattern, KeywordSet};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::source::Span;
use crate::syntax::ast::{self, KeywordsBody};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What `ignoring` can undo.
const IGNORING: [&str; 5] = ["separators", "repeats", "leet", "lookalikes", "sound"];
/// What `exactly` can leave alone.
const EXACTLY: [&str; 4] = ["case", "width", "script", "invisible"];

impl Checker<'_> {
    pub(super) fn keyword_set(&mut self, set: &ast::Keywords, total: &mut usize) {
        self.ignoring(&set.ignoring);
        let (mut fold_case, mut fold_width) = (true, true);
        match &set.exactly {
            None => {}
            Some(words) if words.is_empty() => {
                // Bare `exactly` asks for all of it.
                self.report(
                    Diagnostic::new(
                        Code::NotYet,
                        set.name.span,
                        "`exactly` without a word is not there yet",
                        "this version always undoes script and invisible characters",
                    )
                    .with_help("write `exactly case width`"),
                );
            }
            Some(words) => {
                for word in words {
                    match word.text.as_str() {
                        "case" => fold_case = false,
                        "width" => fold_width = false,
                        "script" | "invisible" => self.report(
                            Diagnostic::new(
                                Code::NotYet,
                                word.span,
                                format!("`exactly {}` is not there yet", word.text),
                                "this version cannot do it",
                            )
                            .with_help("leave it out: `exactly case` and `exactly width` are there"),
                        ),
                        other => {
                            let diagnostic = unknown_word(word, other, "exactly", &EXACTLY);
                            self.report(diagnostic);
                        }
                    }
                }
            }
        }
        let (patterns, except) = match &set.body {
            KeywordsBody::Patterns { patterns, except } => self.written(patterns, except),
            KeywordsBody::From(file) => (self.file_patterns(file), Vec::new()),
        };
        let before = *total;
        *total += patterns.len();
        if *total > self.limits.patterns && before <= self.limits.patterns {
            self.too_many(set.name.span, "keyword patterns", self.limits.patterns);
        }
        if self.declare(Kind::Keywords, &set.name, self.keywords.len()) {
            self.keywords.push(KeywordSet {
                name: set.name.text.as_str().into(),
                fold_case,
                fold_width,
                patterns,
                except,
            });
        }
    }

    /// The words after `ignoring`, which this version knows and does not act on.
    fn ignoring(&mut self, words: &[ast::Name]) {
        let mut known: Vec<&str> = Vec::new();
        let mut place: Option<Span> = None;
        for word in words {
            if IGNORING.contains(&word.text.as_str()) {
                place = Some(place.map_or(word.span, |place| place.to(word.span)));
                known.push(&word.text);
            } else {
                let diagnostic = unknown_word(word, &word.text, "ignoring", &IGNORING);
                self.report(diagnostic);
            }
        }
        if let Some(place) = place {
            self.report(
                Diagnostic::new(
                    Code::IgnoringNotYet,
                    place,
                    format!("ignoring {} is not there yet", enumerate(known)),
                    "matched without it",
                )
                .with_help("case, width, script and invisible characters are undone already"),
            );
        }
    }

    fn written(
        &mut self,
        patterns: &[ast::Pattern],
        except: &[ast::Name],
    ) -> (Vec<KeywordPattern>, Vec<Arc<str>>) {
        let mut kept = Vec::new();
        let mut seen: BTreeSet<(&str, Option<&str>)> = BTreeSet::new();
        for pattern in patterns {
            self.ignoring(&pattern.ignoring);
            if self.refuse_blank(&pattern.text)
                || !seen.insert((&pattern.text.text, pattern.category.as_ref().map(|c| c.text.as_str())))
            {
                continue;
            }
            kept.push(KeywordPattern {
                text: pattern.text.text.as_str().into(),
                anywhere: pattern.anywhere,
                category: pattern.category.as_ref().map(|category| category.text.as_str().into()),
            });
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
        read_file(&text)
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

fn unknown_word(word: &ast::Name, text: &str, after: &str, known: &[&str]) -> Diagnostic {
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

/// One pattern a line, after it a tab and a category where it has one; `#` comments, blank lines and repeated ones are passed over.
fn read_file(text: &str) -> Vec<KeywordPattern> {
    let mut seen = BTreeSet::new();
    text.strip_prefix('\u{FEFF}')
        .unwrap_or(text)
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| match line.split_once('\t') {
            Some((pattern, category)) => {
                (pattern.trim(), Some(category.trim()).filter(|name| !name.is_empty()))
            }
            None => (line.trim(), None),
        })
        .filter(|(pattern, category)| !pattern.is_empty() && seen.insert((*pattern, *category)))
        .map(|(pattern, category)| KeywordPattern {
            text: pattern.into(),
            anywhere: false,
            category: category.map(Arc::from),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keyword_files_are_read_line_by_line() {
        let read = read_file("\u{FEFF}# fraud\nscam\tfraud\r\n\n  加微信 \n加微信\nscam\tfraud\n\tlost\n");
        let read: Vec<_> = read.iter().map(|p| (&*p.text, p.category.as_deref())).collect();
        assert_eq!(read, [("scam", Some("fraud")), ("加微信", None)]);
    }
}
