//! What to look at in a list of patterns before it goes live.

use super::list::{Line, lines};
use super::words::WordClass;
use super::{KeywordPattern, KeywordSet, Keywords, KeywordsId, Switches, TextError};
use crate::limits::Limits;
use crate::small::{sort_by, sort_by_key};
use std::collections::HashMap;

/// Something to look at in a list of patterns.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct ListFinding {
    /// The line of the list, counted from 1.
    pub line: usize,
    /// The pattern on it.
    pub pattern: String,
    /// What is the matter.
    #[serde(flatten)]
    pub fault: ListFault,
}

/// What may be wrong with a pattern of a list.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ListFault {
    /// Nothing of it can be seen: it is passed over.
    Blank,
    /// It is a single character, and so found in very many texts.
    OneCharacter,
    /// The same pattern stands on an earlier line.
    Duplicate {
        /// That line.
        of: usize,
    },
    /// It is spelt otherwise than a pattern on an earlier line, and matches the same.
    SameAs {
        /// That line.
        of: usize,
    },
    /// It is a part of words of the text that was given.
    InWords {
        /// How often.
        times: usize,
        /// Up to three of the words, most frequent first.
        words: Vec<String>,
    },
}

/// Looks through a list: one pattern a line, after it a tab and a category where it has one. `ignoring` names what the
/// set will be told to ignore. `common` is a text, or a list of words, in which the patterns are not expected: reported
/// are those that are found there as a part of a longer word.
///
/// ```
/// let findings = tagwarden::lint_list("scam\nＳＣＡＭ\n大麻\n", &[], Some("这是大麻烦"))?;
/// let findings: Vec<String> = findings.iter().map(|it| format!("{}: {:?}", it.line, it.fault)).collect();
/// assert_eq!(findings, ["2: SameAs { of: 1 }", "3: InWords { times: 1, words: [\"这是大麻烦\"] }"]);
/// # Ok::<(), String>(())
/// ```
///
/// # Errors
/// If `ignoring` has a word that the language does not know, or there are more patterns than the default limits allow.
pub fn lint_list(list: &str, ignoring: &[&str], common: Option<&str>) -> Result<Vec<ListFinding>, String> {
    let mut undo = Switches::BASE;
    for word in ignoring {
        let switch = Switches::named(word).filter(|it| Switches::EVASIONS.and(Switches::built()).has(*it));
        undo = undo | switch.ok_or_else(|| format!("`ignoring` does not know the word `{word}`"))?;
    }
    let mut findings = Vec::new();
    blanks(list, &mut findings);
    let lines: Vec<Line<'_>> = lines(list).collect();
    spellings(&lines, undo, &mut findings);
    if let Some(common) = common {
        within(&lines, undo, common, &mut findings).map_err(|error| error.to_string())?;
    }
    sort_by_key(&mut findings, |finding| finding.line);
    Ok(findings)
}

fn finding(line: &Line<'_>, fault: ListFault) -> ListFinding {
    ListFinding { line: line.number, pattern: line.pattern.to_owned(), fault }
}

/// Lines that hold something, but nothing that can be seen.
fn blanks(list: &str, findings: &mut Vec<ListFinding>) {
    let list = list.strip_prefix('\u{FEFF}').unwrap_or(list);
    let mut kept = lines(list).map(|line| line.number).peekable();
    for (number, line) in (1..).zip(list.lines()) {
        if kept.next_if_eq(&number).is_none() && !line.starts_with('#') && !line.trim().is_empty() {
            let line = Line { number, pattern: line, category: None };
            findings.push(finding(&line, ListFault::Blank));
        }
    }
}

fn spellings(lines: &[Line<'_>], undo: Switches, findings: &mut Vec<ListFinding>) {
    let mut written: HashMap<(&str, Option<&str>), usize> = HashMap::new();
    let mut meant: HashMap<String, &Line<'_>> = HashMap::new();
    for line in lines {
        let folded = undo.apply(line.pattern).into_owned();
        if folded.chars().nth(1).is_none() {
            findings.push(finding(line, ListFault::OneCharacter));
        }
        let first = *written.entry((line.pattern, line.category)).or_insert(line.number);
        let same = *meant.entry(folded).or_insert(line);
        if first != line.number {
            findings.push(finding(line, ListFault::Duplicate { of: first }));
        } else if same.pattern != line.pattern {
            // The same spelling in two categories is meant so.
            findings.push(finding(line, ListFault::SameAs { of: same.number }));
        }
    }
}

/// Patterns that are found as a part of a longer word.
fn within(
    lines: &[Line<'_>],
    undo: Switches,
    common: &str,
    findings: &mut Vec<ListFinding>,
) -> Result<(), TextError> {
    let mut seen: HashMap<&str, ()> = HashMap::new();
    let lines: Vec<&Line<'_>> = lines.iter().filter(|line| seen.insert(line.pattern, ()).is_none()).collect();
    let pattern = |line: &&Line<'_>| KeywordPattern {
        text: line.pattern.into(),
        anywhere: false,
        ignoring: Switches::NONE,
        category: None,
    };
    let patterns = lines.iter().map(pattern).collect();
    let set = KeywordSet { name: "list".into(), undo, patterns, except: Vec::new() };
    let keywords = Keywords::compile(&[set], &Limits::default())?;
    let mut words: HashMap<&str, usize> = HashMap::new();
    for word in words_of(common) {
        *words.entry(word).or_default() += 1;
    }
    let mut found: HashMap<u32, Vec<(usize, &str)>> = HashMap::new();
    for (word, times) in words {
        let mut patterns: Vec<u32> = keywords
            .hits(KeywordsId(0), word)
            .into_iter()
            .filter(|hit| hit.bytes.len() < word.len())
            .map(|hit| hit.pattern)
            .collect();
        patterns.dedup();
        for pattern in patterns {
            found.entry(pattern).or_default().push((times, word));
        }
    }
    for (pattern, mut words) in found {
        let Some(line) = lines.get(pattern as usize) else { continue };
        sort_by(&mut words, |a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        words.dedup();
        let times = words.iter().map(|(times, _)| times).sum();
        let words = words.into_iter().take(3).map(|(_, word)| word.to_owned()).collect();
        findings.push(finding(line, ListFault::InWords { times, words }));
    }
    Ok(())
}

/// What stands between white space and punctuation. Of scripts without spaces between words these are not words but
/// clauses; which words they are made of nobody can tell without a dictionary.
fn words_of(text: &str) -> impl Iterator<Item = &str> {
    let part = |c: char| c.is_alphanumeric() || WordClass::of(c).is_some() || super::tables::is_mark(c);
    text.split(move |c: char| !part(c) && c != '\'' && c != '-').filter(|word| !word.is_empty())
}
