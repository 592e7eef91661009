//! The words of the language, in one line each: what completion shows beside them and hovering tells.

/// What a word means, and how it is written.
pub(super) struct Word {
    pub(super) word: &'static str,
    /// Its form, or more than one.
    pub(super) form: &'static str,
    pub(super) meaning: &'static str,
}

const fn word(word: &'static str, form: &'static str, meaning: &'static str) -> Word {
    Word { word, form, meaning }
}

/// Sorted by word.
pub(super) const WORDS: &[Word] = &[
    word("abs", "abs(NUMBER)", "The number without its sign."),
    word("active", "active [from TIME] [until TIME]", "The rule is in force only between these times."),
    word("activity", "activity [where COND]", "Picks every event of the subject, whatever its type."),
    word("add", "add to LIST [level N] [category NAME] [for DURATION]", "Puts the subject on a list."),
    word(
        "after",
        "A after B within D [matching FIELD]",
        "Picks each A before which, within D, there was some B.",
    ),
    word("age", "age(TIME)", "Whole years from a date to now, by the local calendar."),
    word("and", "COND and COND", "True where both are."),
    word("approve", "approve for LIST when COND", "What rules would do becomes a proposal to a person."),
    word("at", "at", "The time of the event at hand; in an `every` rule the scheduled time."),
    word("avg", "avg(EVENT.field) [WINDOW]", "The mean of a field; absent where nothing was picked."),
    word(
        "because",
        "because \"text with {expr}\"",
        "The reason that is shown with every decision of the rule.",
    ),
    word("between", "VALUE between LOW and HIGH", "True from LOW to HIGH, both included."),
    word("category", "category NAME", "What kind of entry or of pattern it is."),
    word("contains", "TEXT contains TEXT", "Whether a text holds another, letter for letter."),
    word("count", "count(SELECTOR) [WINDOW]", "How many events were picked."),
    word("date", "date(TIME)", "The local midnight that begins the day."),
    word("day", "day(TIME)", "The local day of the month, from 1."),
    word("days", "days(SELECTOR) [WINDOW]", "On how many different local days something was picked."),
    word("distinct", "distinct(EVENT.field) [WINDOW]", "How many different values a field had."),
    word("emit", "emit NAME { key: expr, … }", "Hands an event of your own to the host."),
    word("ends", "TEXT ends with TEXT", "Whether a text ends like this."),
    word("entity", "entity NAME", "A kind of subject, such as customers: events carry their keys."),
    word(
        "event",
        "event NAME(ENTITY) { field: type, … }",
        "A type of event, whom it concerns, and its fields.",
    ),
    word(
        "every",
        "every day | week on mon | month on 1 at HH:MM",
        "Fires by the local clock for every known subject.",
    ),
    word("exempt", "exempt from LIST when COND", "Automatic additions are withheld, and each is reported."),
    word("exists", "VALUE exists", "Whether an optional value is there."),
    word("expect", "expect \"key\" [not] … at TIME", "What must hold in a test."),
    word(
        "first",
        "first(EVENT.field) [WINDOW]",
        "The value of the earliest event picked; absent where there is none.",
    ),
    word("for", "for DURATION", "How long something lives or has lasted."),
    word("half-life", "half-life DURATION", "In this time a score falls to half."),
    word(
        "has",
        "TEXT has KEYWORDS [category NAME]",
        "Whether a text holds one of the keywords, disguises undone.",
    ),
    word("hits", "hits(TEXT, KEYWORDS)", "How many times keywords stand in a text."),
    word("hour", "hour(TIME)", "The local hour, 0 to 23."),
    word("ignoring", "ignoring separators repeats leet lookalikes sound", "Disguises that are seen through."),
    word(
        "in",
        "in LIST [level <= N] · VALUE in [a, b]",
        "Whether the subject is on a list; whether a value is one of a set.",
    ),
    word("is_anniversary", "is_anniversary(TIME)", "Whether today has the local day and month of a date."),
    word(
        "keep",
        "keep KIND DURATION, …",
        "How long a ledger keeps what: inputs, commands, decisions, views.",
    ),
    word(
        "keywords",
        "keywords NAME [ignoring …] { \"…\" except \"…\" }",
        "Words and phrases to look for in texts.",
    ),
    word(
        "latest",
        "latest(EVENT.field) [WINDOW]",
        "The value of the newest event picked; absent where there is none.",
    ),
    word("length", "length(TEXT)", "How many characters a text has."),
    word(
        "level",
        "level(LIST) · level N",
        "The strictest level at which the subject is on a list; level 1 is the strictest.",
    ),
    word("list", "list NAME { level N \"label\" … }", "A block list or green list, with levels."),
    word("lower", "lower(TEXT)", "The text in small letters."),
    word("matches", "TEXT matches /re/", "Whether a regular expression is found in a text."),
    word("matching", "matching FIELD", "The two events must have the same value in this field."),
    word("max", "max(EVENT.field) [WINDOW]", "The largest value; absent where nothing was picked."),
    word("min", "min(EVENT.field) [WINDOW]", "The smallest value; absent where nothing was picked."),
    word("month", "month(TIME)", "The local month, 1 to 12."),
    word(
        "no",
        "no SELECTOR for DURATION",
        "Nothing was picked for so long; counted from the subject's first event if there never was one.",
    ),
    word("not", "not COND", "True where the condition is false."),
    word("notify", "notify CHANNEL [\"text\"]", "Tells somebody."),
    word("on", "on SELECTOR [when COND]", "Fires at every event that the selector picks."),
    word("or", "COND or COND", "True where either is."),
    word(
        "over",
        "over DURATION [step DURATION]",
        "A sliding window: it counts what happened within this time, to the second.",
    ),
    word(
        "previous",
        "previous hour | day | week | month | year",
        "The whole calendar period before this one.",
    ),
    word("private", "private", "Never kept in state, and masked wherever it would be shown."),
    word("propose", "propose ACTION", "Asks a person; nothing changes until it is approved."),
    word("remove", "remove from LIST", "Ends the entries that rules made."),
    word("review", "review every DURATION", "Entries come up for review."),
    word("role", "role NAME may VERB, …", "What people of a role may do."),
    word(
        "rollout",
        "rollout N%",
        "In force for a stable share of the subjects; the others see it as a shadow.",
    ),
    word("round", "round(NUMBER)", "The nearest whole number."),
    word("rule", "rule NAME [\"title\"] [for ENTITY] { … }", "When something happens, and what then."),
    word(
        "score",
        "score NAME { half-life D, between A and B }",
        "A number of each subject that rules raise and lower.",
    ),
    word("shadow", "shadow rule NAME { … }", "Evaluated and reported, and changes nothing."),
    word("since", "time since SELECTOR", "How long ago the newest was picked; absent if never."),
    word("starting", "starting in DURATION", "The entry begins so much later."),
    word("starts", "TEXT starts with TEXT", "Whether a text begins like this."),
    word("step", "step DURATION", "Counts in whole steps: less memory, at most one step longer."),
    word("strict", "strict tags", "Every tag must be declared."),
    word("sum", "sum(EVENT.field) [WINDOW]", "The exact sum of a field."),
    word(
        "tag",
        "tag NAME [for DURATION | until …]",
        "Sets a tag; as a declaration, names one and its usual life.",
    ),
    word(
        "tagged",
        "tagged NAME [for DURATION]",
        "Whether the subject has the tag, or has had it for so long.",
    ),
    word(
        "tags",
        "tags NAME: A < B < C",
        "A group of tags of which one is shown: the highest, or the one set last.",
    ),
    word("test", "test \"name\" { … expect … }", "Events, and what must come of them."),
    word("then", "then ACTION", "What the rule does."),
    word("this", "this hour | day | week | month | year", "The calendar period at hand, by the local clock."),
    word("timezone", "timezone \"Area/City\"", "The clock of calendar windows, schedules and local times."),
    word("unless", "unless COND", "Not while this holds."),
    word("untag", "untag NAME", "Ends the grants of a tag that rules gave."),
    word("until", "until TIME | on SELECTOR | COND", "What ends it."),
    word("use", "use \"other.tw\"", "Takes in another file."),
    word("weekday", "weekday(TIME)", "The local day of the week, 1 (Monday) to 7."),
    word(
        "when",
        "when COND",
        "Fires where the condition turns from false to true; behind `on` and `every`, only if it holds.",
    ),
    word("where", "where COND", "Picks only events of which this holds."),
    word("while", "while COND", "Its actions hold exactly as long as the condition does."),
    word("within", "within DURATION", "At most so long apart."),
    word(
        "without",
        "A without B within D [matching FIELD]",
        "Picks each A after which, within D, no B came: at the deadline.",
    ),
    word("words", "words(TEXT, KEYWORDS)", "How many different keywords stand in a text."),
];

/// What a word means; `None` for one that the language does not have.
pub(super) fn meaning(word: &str) -> Option<&'static Word> {
    WORDS.binary_search_by(|known| known.word.cmp(word)).ok().and_then(|at| WORDS.get(at))
}

/// Functions over events, and of values.
pub(super) const AGGREGATES: &[&str] =
    &["count", "sum", "avg", "min", "max", "distinct", "days", "first", "latest"];
pub(super) const FUNCTIONS: &[&str] = &[
    "hour",
    "weekday",
    "day",
    "month",
    "date",
    "is_anniversary",
    "age",
    "length",
    "lower",
    "abs",
    "round",
    "hits",
    "words",
    "level",
];

/// Whole declarations to fill in: what to show, and what to write.
pub(super) const ITEMS: &[(&str, &str)] = &[
    (
        "rule",
        "rule name {\n  when count(event) over 24h > 3\n  because \"{count(event) over 24h} in 24 hours\"\n  then tag name\n}",
    ),
    ("event", "event name(customer) { field: string }"),
    ("entity", "entity customer"),
    ("keywords", "keywords name {\n  \"word\"\n}"),
    ("list", "list blacklist {\n  level 1 denies all\n}"),
    ("tag", "tag name for 90d"),
    ("tags", "tags name: low < high"),
    ("score", "score name { half-life 30d, between 0 and 100 }"),
    ("exempt", "exempt from blacklist when tagged vip"),
    ("approve", "approve for blacklist when tagged vip"),
    (
        "test",
        "test \"name\" {\n  event at 2026-01-01T10:00 for \"c1\"\n  expect \"c1\" tagged name at 2026-01-01T10:00\n}",
    ),
    ("timezone", "timezone \"Asia/Shanghai\""),
    ("role", "role manager may view, approve"),
    ("keep", "keep decisions 3y, inputs 90d"),
    ("shadow", "shadow rule name {\n  when count(event) over 24h > 3\n  then tag name\n}"),
    ("strict", "strict tags"),
    ("use", "use \"other.tw\""),
];
