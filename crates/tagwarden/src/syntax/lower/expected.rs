//! What could have stood at a place, in the user's words.

use super::Rule;
use crate::syntax::words::{ACTIONS, CLAUSES, OPERATORS};

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
pub(super) struct Expected {
    /// In the user's words, most telling first.
    pub(super) phrases: Vec<String>,
    /// The words of the language among them, for the nearest spelling.
    pub(super) words: Vec<&'static str>,
}

/// What one rule stands for.
struct Phrase {
    /// What is told first; nothing of the last weight is told if there is anything else.
    weight: u8,
    text: String,
    words: &'static [&'static str],
    /// The word that it is itself.
    word: Option<&'static str>,
}

const TELLING: u8 = 0;
const COMMON: u8 = 1;
const ALWAYS: u8 = 2;

impl Expected {
    /// What the rules that were tried stand for, behind the words `before` and, before that, `second`.
    pub(super) fn of(positives: &[Rule], before: &str, second: &str) -> Expected {
        let mut phrases: Vec<Phrase> =
            positives.iter().filter_map(|rule| phrase(*rule, before, second)).collect();
        // `add` could be a score, but is more likely an action.
        if ACTIONS.contains(&before) && phrases.len() > 1 {
            phrases.retain(|phrase| !phrase.words.contains(&"+="));
        }
        phrases.sort_by_key(|phrase| phrase.weight);
        let mut expected = Expected::default();
        for phrase in phrases {
            let words = phrase.words.iter().copied().chain(phrase.word);
            expected.words.extend(words.filter(|word| word.starts_with(char::is_alphabetic)));
            let told = phrase.weight != ALWAYS || expected.phrases.is_empty();
            if told && !expected.phrases.contains(&phrase.text) {
                expected.phrases.push(phrase.text);
            }
        }
        // Of two that are as near, the longer one is meant.
        expected.words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        expected
    }

    /// `a, b or c`; of many, the first few.
    pub(super) fn told(&self) -> String {
        let shown: Vec<&str> = self.phrases.iter().take(4).map(String::as_str).collect();
        match shown.split_last() {
            None => String::new(),
            Some((only, [])) => (*only).to_owned(),
            Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        }
    }
}

fn phrase(rule: Rule, before: &str, second: &str) -> Option<Phrase> {
    let (weight, text, words): (u8, &str, &'static [&'static str]) = match rule {
        Rule::expression | Rule::operand | Rule::primary | Rule::prefix => (
            TELLING,
            condition_or_value(before),
            &["not", "no", "tagged", "time", "count", "sum", "latest", "distinct", "exists"],
        ),
        Rule::action => (TELLING, "an action such as `tag` or `add to`", ACTIONS),
        Rule::window => (COMMON, "a window such as `over 24h`", &["over", "this", "previous"]),
        Rule::name | Rule::ident | Rule::word | Rule::reference => (TELLING, named(before, second), &[]),
        Rule::selector | Rule::selector_unit | Rule::selector_atom | Rule::selector_paren => {
            (TELLING, "an event", &[])
        }
        Rule::string | Rule::title | Rule::template => (TELLING, "a text in quotes", &[]),
        Rule::number | Rule::amount | Rule::signed => (TELLING, "a number", &[]),
        Rule::duration => (TELLING, "a duration such as `30m`", &[]),
        Rule::moment | Rule::time => (TELLING, "a time such as `2026-01-31T09:00`", &[]),
        Rule::clock => (TELLING, "a time of day such as `09:00`", &[]),
        Rule::regex => (TELLING, "a regular expression such as `/[0-9]+/`", &[]),
        Rule::schedule | Rule::daily | Rule::weekly | Rule::monthly => {
            (TELLING, "`day`, `week on …` or `month on …`", &["day", "week", "month"])
        }
        Rule::period => {
            (TELLING, "`hour`, `day`, `week`, `month` or `year`", &["hour", "day", "week", "month", "year"])
        }
        Rule::compare => (TELLING, "a comparison such as `>=`", &[]),
        Rule::score_op => (TELLING, "`+=`, `-=` or `=`", &["+="]),
        Rule::field => (TELLING, "a field such as `amount: number`", &[]),
        Rule::field_type => (TELLING, "a type such as `number`", &["string", "number", "bool", "time"]),
        Rule::fold => (TELLING, "what to ignore, such as `separators`", &[]),
        Rule::pattern | Rule::keywords_entry => (TELLING, "a pattern in quotes", &["except"]),
        Rule::score_part => (TELLING, "`half-life` or `between`", &["half-life", "between"]),
        Rule::list_part => {
            (TELLING, "`level`, `category`, `for` or `review`", &["level", "category", "for", "review"])
        }
        Rule::denies | Rule::limits | Rule::allows => {
            (TELLING, "`denies all`, `limits N per D` or `allows`", &["denies", "limits", "allows"])
        }
        Rule::entry => (TELLING, "an entry such as `name: value`", &[]),
        Rule::permission => (TELLING, "a verb such as `view`", &[]),
        Rule::keep_part => (TELLING, "what is kept, and how long, such as `decisions 3y`", &[]),
        Rule::guard_target => (TELLING, "a list or `tag`", &["tag"]),
        Rule::expectation => {
            (TELLING, "`in LIST`, `tagged TAG`, `fired RULE` or a score", &["in", "not", "tagged", "fired"])
        }
        Rule::infix | Rule::postfix => (COMMON, "an operator", OPERATORS),
        Rule::clause => (COMMON, "a clause such as `when` or `then`", CLAUSES),
        Rule::step | Rule::expect | Rule::events => (COMMON, "an event or `expect`", &["expect"]),
        Rule::grant_part => (COMMON, "a part such as `for 7d`", &["for", "until", "renew"]),
        Rule::add_part => (
            COMMON,
            "a part such as `for 7d`",
            &["level", "category", "starting", "review", "for", "until", "renew"],
        ),
        Rule::selector_tail => (ALWAYS, "`after` or `without`", &["after", "without"]),
        Rule::filter => (ALWAYS, "`where`", &["where"]),
        Rule::member => (ALWAYS, "a field", &[]),
        Rule::arguments => (ALWAYS, "`(`", &[]),
        Rule::object => (ALWAYS, "`{ name: value }`", &[]),
        Rule::optional => (ALWAYS, "`?`", &[]),
        Rule::less => (COMMON, "`<`", &[]),
        Rule::minus | Rule::plus | Rule::dash | Rule::bang => return None,
        Rule::EOI => (COMMON, "the end of the item", &[]),
        Rule::lbrace | Rule::keywords_block => (COMMON, "`{`", &[]),
        Rule::rbrace => (ALWAYS, "`}`", &[]),
        other => {
            let word = word_of(other)?;
            let weight = if word.starts_with(char::is_alphabetic) { COMMON } else { ALWAYS };
            return Some(Phrase { weight, text: format!("`{word}`"), words: &[], word: Some(word) });
        }
    };
    Some(Phrase { weight, text: text.to_owned(), words, word: None })
}

/// The word that a rule is or begins with.
const fn word_of(rule: Rule) -> Option<&'static str> {
    match rule {
        Rule::private => Some("private"),
        Rule::ignoring => Some("ignoring"),
        Rule::exactly => Some("exactly"),
        Rule::pattern_category => Some("category"),
        Rule::except => Some("except"),
        Rule::keywords_from | Rule::active_from => Some("from"),
        Rule::active_until => Some("until"),
        Rule::level_test => Some("level"),
        Rule::events_every => Some("every"),
        _ => literal(rule),
    }
}

/// A condition is expected behind words that take one; a value elsewhere.
fn condition_or_value(before: &str) -> &'static str {
    match before {
        "when" | "while" | "unless" | "where" | "until" | "and" | "or" | "not" => "a condition",
        _ => "a value",
    }
}

/// What a name at a place names.
fn named(before: &str, second_before: &str) -> &'static str {
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
        ("keep", "renew") => "a name",
        ("keep", _) => "what is kept, such as `decisions`",
        ("notify", _) => "a channel",
        ("has", _) => "the name of keywords",
        ("category", _) => "the name of a category",
        (".", _) | ("matching", _) => "the name of a field",
        ("allows", _) => "a channel",
        _ => "a name",
    }
}
