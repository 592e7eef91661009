//! The words of the language, for cutting, messages and printing. The grammar is what gives them their meaning.

/// Words that begin a top-level item.
pub(super) const ITEMS: &[&str] = &[
    "approve", "entity", "event", "exempt", "keep", "keywords", "list", "role", "rule", "score", "shadow",
    "strict", "tag", "tags", "test", "timezone", "use",
];

/// Words that cannot be a bare name. As a name they are written in quotes, and as a field behind a dot: `order.over`.
///
/// Every other word of the language, such as `day`, `level` or `count`, is a name wherever a name can stand.
pub(super) const RESERVED: &[&str] = &[
    "after", "and", "because", "between", "contains", "ends", "exists", "false", "for", "from", "has", "in",
    "matches", "matching", "no", "not", "on", "or", "over", "starts", "tagged", "then", "true", "unless",
    "until", "when", "where", "while", "within", "without",
];

/// Words that begin a clause of a rule.
pub(super) const CLAUSES: &[&str] =
    &["on", "when", "while", "every", "unless", "because", "then", "at", "active", "rollout"];

/// Words that begin an action, beside the name of a score.
pub(super) const ACTIONS: &[&str] = &["tag", "untag", "add", "remove", "notify", "emit", "propose"];

/// Operators that are words.
pub(super) const OPERATORS: &[&str] =
    &["and", "or", "in", "between", "has", "contains", "starts", "ends", "matches", "exists"];

pub(crate) fn is_item_word(word: &str) -> bool {
    ITEMS.binary_search(&word).is_ok()
}

pub(crate) fn is_reserved(word: &str) -> bool {
    RESERVED.binary_search(&word).is_ok()
}

/// Words that an expression or a selector may have one after the other without end.
pub(super) const CHAINING: &[&str] = &[
    "after", "and", "between", "contains", "ends", "exists", "has", "matches", "not", "or", "propose",
    "starts", "without",
];
