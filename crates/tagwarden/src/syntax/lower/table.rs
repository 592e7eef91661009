//! Parsing by the grammar as data, for the browser: an interpreter of a hundred lines for 300 kB of functions.
//!
//! It asks pest's state for what the functions of `pest_derive` ask it for, in the same order, so that the pairs and the
//! words that a failure would have liked are the same; a test compares both. Natively the functions parse.

use super::grammar_table::{NODES, RULES, STRINGS};
use super::parser::Rule;
use pest::error::Error;
use pest::iterators::Pairs;
use pest::{Atomicity, ParseResult, ParserState};

/// What a rule does besides matching.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// Gives a pair; white space and comments may stand between its parts.
    Normal,
    /// Gives none.
    Silent,
    /// Gives a pair without inner ones, of adjoining parts.
    Atomic,
    /// The same, with inner pairs.
    Compound,
    /// What may stand between parts.
    Space,
}

/// A part of a rule. Numbers of 16 bits are places in the nodes, or the number of a rule.
#[derive(Clone, Copy)]
pub(super) enum Node {
    Str(u8),
    Call(u16),
    /// So many nodes from a place on, one after the other.
    Seq(u8, u16),
    /// The first of so many that matches.
    Choice(u8, u16),
    Opt(u16),
    Rep(u16),
    Ahead(u16),
    Not(u16),
    Any,
    Soi,
    Eoi,
    AsciiDigit,
    AsciiAlphanumeric,
    WhiteSpace,
    XidStart,
    XidContinue,
}

type State<'i> = Box<ParserState<'i, Rule>>;

/// Parses a text by a rule.
pub(super) fn parse(rule: Rule, text: &str) -> Result<Pairs<'_, Rule>, Box<Error<Rule>>> {
    let at = RULES.iter().position(|(_, own, _)| *own == rule).unwrap_or(RULES.len());
    pest::state(text, |state| call(state, at)).map_err(Box::new)
}

fn call(state: State<'_>, rule: usize) -> ParseResult<State<'_>> {
    let Some((kind, rule, node)) = RULES.get(rule).copied() else { return Err(state) };
    match kind {
        Kind::Normal => state.rule(rule, |state| run(state, node)),
        Kind::Silent => run(state, node),
        Kind::Atomic => state.rule(rule, |state| state.atomic(Atomicity::Atomic, |state| run(state, node))),
        Kind::Compound => {
            state.atomic(Atomicity::CompoundAtomic, |state| state.rule(rule, |state| run(state, node)))
        }
        Kind::Space => state.atomic(Atomicity::Atomic, |state| run(state, node)),
    }
}

#[allow(clippy::almost_complete_range, reason = "pest's ranges hold their ends")]
fn run(state: State<'_>, node: Node) -> ParseResult<State<'_>> {
    match node {
        Node::Str(at) => state.match_string(string(at)),
        Node::Call(rule) => call(state, rule.into()),
        Node::Seq(count, first) => state.sequence(|mut state| {
            for (at, node) in nodes(count, first).iter().enumerate() {
                if at > 0 {
                    state = skip(state)?;
                }
                state = run(state, *node)?;
            }
            Ok(state)
        }),
        Node::Choice(count, first) => {
            let mut state = state;
            for node in nodes(count, first) {
                match run(state, *node) {
                    Err(refused) => state = refused,
                    matched => return matched,
                }
            }
            Err(state)
        }
        Node::Opt(at) => state.optional(|state| child(state, at)),
        Node::Rep(at) if state.atomicity() != Atomicity::NonAtomic => state.repeat(|state| child(state, at)),
        Node::Rep(at) => state.sequence(|state| {
            state.optional(|state| {
                let state = child(state, at)?;
                state.repeat(|state| state.sequence(|state| child(skip(state)?, at)))
            })
        }),
        Node::Ahead(at) => state.lookahead(true, |state| child(state, at)),
        Node::Not(at) => state.lookahead(false, |state| child(state, at)),
        Node::Any => state.skip(1),
        Node::Soi => state.start_of_input(),
        Node::Eoi => state.rule(Rule::EOI, |state| state.end_of_input()),
        Node::AsciiDigit => state.match_range('0'..'9'),
        Node::AsciiAlphanumeric => state
            .match_range('a'..'z')
            .or_else(|state| state.match_range('A'..'Z'))
            .or_else(|state| state.match_range('0'..'9')),
        Node::WhiteSpace => state.match_char_by(pest::unicode::WHITE_SPACE),
        Node::XidStart => state.match_char_by(pest::unicode::XID_START),
        Node::XidContinue => state.match_char_by(pest::unicode::XID_CONTINUE),
    }
}

/// White space and comments, where they may stand.
fn skip(state: State<'_>) -> ParseResult<State<'_>> {
    if state.atomicity() != Atomicity::NonAtomic {
        return Ok(state);
    }
    fn spaces(state: State<'_>) -> ParseResult<State<'_>> {
        state.repeat(|state| call(state, SPACE))
    }
    state.sequence(|state| {
        spaces(state)?.repeat(|state| state.sequence(|state| spaces(call(state, COMMENT)?)))
    })
}

/// The first two rules of the grammar.
const SPACE: usize = 0;
const COMMENT: usize = 1;

fn child(state: State<'_>, at: u16) -> ParseResult<State<'_>> {
    match NODES.get(usize::from(at)) {
        Some(node) => run(state, *node),
        None => Err(state),
    }
}

fn nodes(count: u8, first: u16) -> &'static [Node] {
    let first = usize::from(first);
    NODES.get(first..first + usize::from(count)).unwrap_or_default()
}

fn string(at: u8) -> &'static str {
    STRINGS.get(usize::from(at)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::parser::Grammar;
    use super::*;
    use pest::Parser;

    #[test]
    fn the_table_is_of_this_grammar() {
        let bytes = include_str!("../grammar.pest").bytes().filter(|byte| *byte != b'\r');
        let hash = bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        assert_eq!(hash, super::super::grammar_table::MADE_OF, "run `cargo xtask grammar-table`");
    }

    #[test]
    fn space_and_comments_come_first() {
        assert_eq!((RULES[SPACE].1, RULES[COMMENT].1), (Rule::WHITESPACE, Rule::COMMENT));
    }

    /// Whole items, items that break off, and items from somewhere on: pairs and failures are alike.
    #[test]
    fn the_table_parses_as_the_functions_do() {
        let texts = [
            include_str!("../tests/canonical.tw"),
            include_str!("../tests/glance.tw"),
            include_str!("../tests/mistakes.txt"),
        ];
        let mut whole = 0;
        for text in texts {
            for item in text.split("\n\n").flat_map(|part| part.split_inclusive("\n}\n")) {
                let cuts = (0..item.len()).step_by(5).filter(|at| item.is_char_boundary(*at));
                let pieces = cuts.flat_map(|at| [&item[at..], &item[..at]]);
                for piece in std::iter::once(item).chain(pieces) {
                    for rule in [Rule::item, Rule::interpolation] {
                        let ours = parse(rule, piece).map_err(|error| *error);
                        let theirs = Grammar::parse(rule, piece);
                        whole += usize::from(ours.is_ok());
                        assert_eq!(format!("{ours:?}"), format!("{theirs:?}"), "{piece}");
                    }
                }
            }
        }
        assert!(whole > 20, "{whole} pieces were whole");
    }
}
