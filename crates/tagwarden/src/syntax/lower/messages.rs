//! What a failed parse says: where, what was expected in the user's words, and the nearest spelling.

use super::{Rule, found_text};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::source::Span;
use crate::syntax::scan::{Kind, Token};
use crate::syntax::words::{ACTIONS, CLAUSES, OPERATORS, is_reserved};
use pest::error::{Error, ErrorVariant, InputLocation};
use std::ops::Range;

/// The word or mark that a rule is, if it is nothing more.
pub(super) const fn literal(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::k_active => "active",
        Rule::k_add => "add",
        Rule::k_after => "after",
        Rule::k_all => "all",
        Rule::k_allows => "allows",
        Rule::k_and => "and",
        Rule::k_anywhere => "anywhere",
        Rule::k_approve => "approve",
        Rule::k_at => "at",
        Rule::k_because => "because",
        Rule::k_between => "between",
        Rule::k_category => "category",
        Rule::k_contains => "contains",
        Rule::k_day => "day",
        Rule::k_denies => "denies",
        Rule::k_emit => "emit",
        Rule::k_ends => "ends",
        Rule::k_entity => "entity",
        Rule::k_event => "event",
        Rule::k_every => "every",
        Rule::k_exactly => "exactly",
        Rule::k_except => "except",
        Rule::k_exempt => "exempt",
        Rule::k_exists => "exists",
        Rule::k_expect => "expect",
        Rule::k_false => "false",
        Rule::k_fired => "fired",
        Rule::k_for => "for",
        Rule::k_from => "from",
        Rule::k_half_life => "half-life",
        Rule::k_has => "has",
        Rule::k_ignoring => "ignoring",
        Rule::k_in => "in",
        Rule::k_keep => "keep",
        Rule::k_keywords => "keywords",
        Rule::k_level => "level",
        Rule::k_limits => "limits",
        Rule::k_list => "list",
        Rule::k_matches => "matches",
        Rule::k_matching => "matching",
        Rule::k_may => "may",
        Rule::k_month => "month",
        Rule::k_most => "most",
        Rule::k_no => "no",
        Rule::k_not => "not",
        Rule::k_notify => "notify",
        Rule::k_on => "on",
        Rule::k_once => "once",
        Rule::k_or => "or",
        Rule::k_over => "over",
        Rule::k_per => "per",
        Rule::k_previous => "previous",
        Rule::k_private => "private",
        Rule::k_propose => "propose",
        Rule::k_remove => "remove",
        Rule::k_renew => "renew",
        Rule::k_review => "review",
        Rule::k_role => "role",
        Rule::k_rollout => "rollout",
        Rule::k_rule => "rule",
        Rule::k_score => "score",
        Rule::k_shadow => "shadow",
        Rule::k_since => "since",
        Rule::k_starting => "starting",
        Rule::k_starts => "starts",
        Rule::k_step => "step",
        Rule::k_strict => "strict",
        Rule::k_tag => "tag",
        Rule::k_tagged => "tagged",
        Rule::k_tags => "tags",
        Rule::k_test => "test",
        Rule::k_then => "then",
        Rule::k_this => "this",
        Rule::k_time => "time",
        Rule::k_timezone => "timezone",
        Rule::k_to => "to",
        Rule::k_true => "true",
        Rule::k_unless => "unless",
        Rule::k_untag => "untag",
        Rule::k_until => "until",
        Rule::k_use => "use",
        Rule::k_week => "week",
        Rule::k_when => "when",
        Rule::k_where => "where",
        Rule::k_while => "while",
        Rule::k_with => "with",
        Rule::k_within => "within",
        Rule::k_without => "without",
        Rule::level_word => "level",
        Rule::lbrace => "{",
        Rule::rbrace => "}",
        Rule::lparen => "(",
        Rule::rparen => ")",
        Rule::lbracket => "[",
        Rule::rbracket => "]",
        Rule::comma => ",",
        Rule::colon => ":",
        Rule::percent => "%",
        _ => return None,
    })
}

/// What could have stood at a place.
#[derive(Default)]
struct Expected {
    /// In the user's words, most telling first.
    phrases: Vec<String>,
    /// The words of the language among them, for the nearest spelling.
    words: Vec<&'static str>,
}

/// The message about a text that the grammar refused. `range` is where the text that pest saw lies in `text`.
pub(super) fn unexpected(
    text: &str,
    range: &Range<usize>,
    source: u16,
    tokens: &[Token],
    error: &Error<Rule>,
) -> Diagnostic {
    let at = range.start
        + match error.location {
            InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
        };
    let index = tokens.partition_point(|token| token.end <= at);
    let found = tokens.get(index).copied().filter(|token| token.start < range.end);
    let before = index.checked_sub(1).and_then(|index| tokens.get(index)).copied();
    let before_text = before.filter(|token| token.start >= range.start).map_or("", |token| token.text(text));
    let second_before =
        index.checked_sub(2).and_then(|index| tokens.get(index)).map_or("", |token| token.text(text));
    let found_word = found.map_or("", |token| token.text(text));
    let start = tokens.first().map_or("", |token| token.text(text));

    let mut positives = match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => positives.clone(),
        ErrorVariant::CustomError { .. } => Vec::new(),
    };
    positives.sort();
    positives.dedup();
    let expected = expected(&positives, before_text, second_before);

    let place = match found {
        Some(token) => token.start.max(at)..token.end,
        // The end of the item: point behind the last token.
        None => {
            let end = before.map_or(range.end, |token| token.end);
            end..end
        }
    };
    let span = Span { source, start: place.start as u32, end: place.end as u32 };
    let phrase = join(&expected.phrases);
    let behind = match before {
        Some(token) if !before_text.is_empty() => format!(" after `{}`", found_text(token, text)),
        _ => String::new(),
    };
    let message = match found {
        Some(token) if phrase.is_empty() => format!("`{}` does not belong here", found_text(token, text)),
        Some(token) => format!("expected {phrase}{behind}, found `{}`", found_text(token, text)),
        None if phrase.is_empty() => format!("`{start}` ends too early"),
        None => format!("expected {phrase}{behind}"),
    };
    let label = if phrase.is_empty() { String::new() } else { format!("expected {phrase}") };
    let diagnostic = Diagnostic::new(Code::UnexpectedToken, span, message, label);
    match advice(found, found_word, before_text, &expected, &positives) {
        Some(help) => diagnostic.with_help(help),
        None => diagnostic,
    }
}

/// Advice for mistakes that are common enough to be recognised.
fn advice(
    found: Option<Token>,
    word: &str,
    before: &str,
    expected: &Expected,
    positives: &[Rule],
) -> Option<String> {
    let token = found?;
    let operator = positives.contains(&Rule::infix);
    match word {
        "is" | "equals" if operator => return Some("write `==` for `is`".to_owned()),
        "not" if operator => {
            return Some("`not` stands before the whole comparison: `not x in [a, b]`".to_owned());
        }
        "in" if before == "not" => return None,
        "," if positives.contains(&Rule::clause) => {
            return Some("write each action with its own `then`".to_owned());
        }
        _ => {}
    }
    if token.kind != Kind::Word || word.len() > 32 {
        return None;
    }
    if let Some(near) = nearest(word, expected.words.iter().copied()) {
        return Some(format!("did you mean `{near}`?"));
    }
    if expected.words.contains(&word) {
        return None;
    }
    let wants_name = positives
        .iter()
        .any(|rule| matches!(rule, Rule::name | Rule::ident | Rule::reference | Rule::selector_atom));
    let wants_more = positives
        .iter()
        .any(|rule| matches!(rule, Rule::selector | Rule::operand | Rule::expression | Rule::primary));
    if is_reserved(word) && wants_name {
        return Some(format!(
            "`{word}` is a word of the language: as a name it is written in quotes, `\"{word}\"`"
        ));
    }
    if is_reserved(word) && wants_more {
        return Some(format!(
            "`{word}` is a word of the language: a field of that name is written behind its event, `event.{word}`"
        ));
    }
    None
}

/// What the refused rules stand for.
fn expected(positives: &[Rule], before: &str, second_before: &str) -> Expected {
    let mut expected = Expected::default();
    let action_word = ACTIONS.contains(&before) && positives.contains(&Rule::name);
    for rule in positives {
        let phrase = match *rule {
            // Tried everywhere in a condition: told only where nothing better is known.
            Rule::score_op if action_word => continue,
            Rule::infix | Rule::postfix => {
                expected.words.extend(OPERATORS);
                "an operator".to_owned()
            }
            Rule::expression | Rule::operand | Rule::primary | Rule::prefix => {
                expected.words.extend(["not", "no", "tagged", "time", "count", "sum", "latest", "distinct"]);
                condition_or_value(before).to_owned()
            }
            Rule::clause => {
                expected.words.extend(CLAUSES);
                "a clause such as `when` or `then`".to_owned()
            }
            Rule::action => {
                expected.words.extend(ACTIONS);
                "an action such as `tag` or `add to`".to_owned()
            }
            Rule::window => {
                expected.words.extend(["over", "this", "previous"]);
                "a window such as `over 24h`".to_owned()
            }
            Rule::name | Rule::ident | Rule::word | Rule::reference => named(before, second_before),
            Rule::selector | Rule::selector_unit | Rule::selector_atom | Rule::selector_paren => {
                "an event".to_owned()
            }
            Rule::selector_tail => {
                expected.words.extend(["after", "without"]);
                "`after` or `without`".to_owned()
            }
            Rule::filter => {
                expected.words.push("where");
                "`where`".to_owned()
            }
            Rule::string => "a text in quotes".to_owned(),
            Rule::title => "a text in quotes".to_owned(),
            Rule::template => "a text in quotes".to_owned(),
            Rule::number | Rule::amount | Rule::signed | Rule::minus => "a number".to_owned(),
            Rule::duration => "a duration such as `30m`".to_owned(),
            Rule::moment | Rule::time => "a time such as `2026-01-31T09:00`".to_owned(),
            Rule::clock => "a time of day such as `09:00`".to_owned(),
            Rule::regex => "a regular expression such as `/[0-9]+/`".to_owned(),
            Rule::schedule | Rule::daily | Rule::weekly | Rule::monthly => {
                expected.words.extend(["day", "week", "month"]);
                "`day`, `week on …` or `month on …`".to_owned()
            }
            Rule::period => {
                expected.words.extend(["hour", "day", "week", "month", "year"]);
                "`hour`, `day`, `week`, `month` or `year`".to_owned()
            }
            Rule::compare => "a comparison such as `>=`".to_owned(),
            Rule::score_op => "`+=`, `-=` or `=`".to_owned(),
            Rule::less => "`<`".to_owned(),
            Rule::field => "a field such as `amount: number`".to_owned(),
            Rule::field_type => {
                expected.words.extend(["string", "number", "bool", "time"]);
                "a type such as `number`".to_owned()
            }
            Rule::optional => "`?`".to_owned(),
            Rule::private => {
                expected.words.push("private");
                "`private`".to_owned()
            }
            Rule::fold | Rule::ignoring | Rule::exactly => {
                expected.words.extend(["ignoring", "exactly"]);
                "what to ignore, such as `separators`".to_owned()
            }
            Rule::pattern | Rule::keywords_entry => {
                expected.words.push("except");
                "a pattern in quotes".to_owned()
            }
            Rule::pattern_category => {
                expected.words.push("category");
                "`category`".to_owned()
            }
            Rule::except => {
                expected.words.push("except");
                "`except`".to_owned()
            }
            Rule::keywords_block => "`{`".to_owned(),
            Rule::keywords_from => {
                expected.words.push("from");
                "`from \"file\"`".to_owned()
            }
            Rule::score_part => {
                expected.words.extend(["half-life", "between"]);
                "`half-life` or `between`".to_owned()
            }
            Rule::list_part => {
                expected.words.extend(["level", "category", "for", "review"]);
                "`level`, `category`, `for` or `review`".to_owned()
            }
            Rule::denies | Rule::limits | Rule::allows => {
                expected.words.extend(["denies", "limits", "allows"]);
                "`denies all`, `limits N per D` or `allows`".to_owned()
            }
            Rule::grant_part | Rule::add_part => {
                expected.words.extend(["for", "until", "renew"]);
                if *rule == Rule::add_part {
                    expected.words.extend(["level", "category", "starting", "review"]);
                }
                "how long, such as `for 7d`".to_owned()
            }
            Rule::level_test => {
                expected.words.push("level");
                "`level`".to_owned()
            }
            Rule::object => "`{ name: value }`".to_owned(),
            Rule::entry => "an entry such as `name: value`".to_owned(),
            Rule::permission => "a verb such as `view`".to_owned(),
            Rule::guard_target => "a list or `tag`".to_owned(),
            Rule::step | Rule::expect | Rule::events => {
                expected.words.push("expect");
                "an event or `expect`".to_owned()
            }
            Rule::expectation => {
                expected.words.extend(["in", "tagged", "fired"]);
                "`in LIST`, `tagged TAG`, `fired RULE` or a score".to_owned()
            }
            Rule::active_from => {
                expected.words.push("from");
                "`from`".to_owned()
            }
            Rule::active_until => {
                expected.words.push("until");
                "`until`".to_owned()
            }
            Rule::events_every => {
                expected.words.push("every");
                "`every`".to_owned()
            }
            Rule::EOI => "the end of the item".to_owned(),
            other => match literal(other) {
                Some(word) => {
                    expected.words.push(word);
                    format!("`{word}`")
                }
                None => continue,
            },
        };
        if !expected.phrases.contains(&phrase) {
            expected.phrases.push(phrase);
        }
    }
    // What can always go on is worth a word only where nothing else is expected.
    for common in ["an operator", "`where`", "`after` or `without`", "`or`", "`,`", "`.`", "`?`"] {
        if expected.phrases.len() > 2
            && let Some(index) = expected.phrases.iter().position(|phrase| phrase == common)
        {
            expected.phrases.remove(index);
        }
    }
    expected
}

/// A condition is expected behind words that take one; a value elsewhere.
fn condition_or_value(before: &str) -> &'static str {
    match before {
        "when" | "while" | "unless" | "where" | "until" | "and" | "or" | "not" => "a condition",
        _ => "a value",
    }
}

/// What a name at a place names.
fn named(before: &str, second_before: &str) -> String {
    match (before, second_before) {
        ("rule", _) => "the name of the rule",
        ("event", _) => "the name of the event",
        ("entity", _) => "the name of the entity",
        ("keywords", _) => "the name of the keywords",
        ("tag" | "untag" | "tagged", _) => "the name of a tag",
        ("tags", _) => "the name of the group",
        ("list", _) | ("in", _) | ("to", "add") | ("from", "remove" | "exempt") => "the name of a list",
        ("score", _) => "the name of the score",
        ("role", _) => "the name of the role",
        ("notify", _) => "a channel",
        ("has", _) => "the name of keywords",
        ("category", _) => "the name of a category",
        (".", _) | ("matching", _) => "the name of a field",
        ("allows", _) => "a channel",
        _ => "a name",
    }
    .to_owned()
}

/// `a, b or c`; of many, the first few.
fn join(phrases: &[String]) -> String {
    let shown: Vec<&str> = phrases.iter().take(4).map(String::as_str).collect();
    match shown.split_last() {
        None => String::new(),
        Some((only, [])) => (*only).to_owned(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}
