//! Conditions, numbers, texts, times: of the right type for where they stand.

use super::dice::Dice;
use super::node::{Node, Part, Sort, node};
use super::schema::{Entity, EventDecl, Field, Res, Ty, shared};

pub const DURATIONS: &[&str] = &["10m", "1h", "1h30m", "1d", "2d", "1mo", "1mo1d"];
pub const TEXTS: &[&str] = &[
    "x",
    "y",
    "hi",
    "a scam",
    "SCAM now",
    "rip-off, scam",
    "his scams",
    "ＳＣＡＭ大麻烦",
    "卖大麻的 hi5",
    "사기를 역사기록",
];
const COMPARE: &[&str] = &[">=", ">", "<", "<=", "==", "!="];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Where,
    On,
    /// Conditions that are watched over time.
    Watched,
    /// Texts and fields of `emit`.
    Text,
    Amount,
}

/// Where an expression stands.
#[derive(Clone, Debug)]
pub struct Cx<'a> {
    pub entity: Entity,
    pub place: Place,
    /// Types of the event at hand.
    pub events: Option<Vec<&'static EventDecl>>,
    /// Whether it is read at a deadline, when private fields are gone.
    pub gone: bool,
    pub at: bool,
    /// The state that may be read without a circle.
    pub readable: &'a [Res],
    /// Local times near the inputs.
    pub times: &'a [String],
}

impl<'a> Cx<'a> {
    fn of_where(&self, events: &[&'static EventDecl]) -> Cx<'a> {
        let events = Some(events.to_vec());
        Cx { place: Place::Where, events, gone: false, at: true, readable: &[], ..self.clone() }
    }

    /// The fields that can be read here.
    pub fn fields(&self) -> Vec<Field> {
        let all = self.events.as_ref().map(|events| shared(events)).unwrap_or_default();
        all.into_iter().filter(|field| !(self.gone && field.private)).collect()
    }

    fn field(&self, dice: &mut Dice, fits: impl Fn(&Field) -> bool) -> Option<Field> {
        let fields: Vec<Field> = self.fields().into_iter().filter(fits).collect();
        (!fields.is_empty()).then(|| *dice.pick(&fields))
    }

    fn read<T>(&self, dice: &mut Dice, of: impl Fn(&Res) -> Option<T>) -> Option<T> {
        let mut found: Vec<T> = self.readable.iter().filter_map(of).collect();
        let at = dice.below(found.len());
        (!found.is_empty()).then(|| found.swap_remove(at))
    }

    fn tag(&self, dice: &mut Dice) -> Option<&'static str> {
        match self.read(dice, |res| matches!(res, Res::Tag(_) | Res::Group(_)).then_some(*res))? {
            Res::Tag(tag) => Some(tag),
            Res::Group(tags) => Some(dice.word(tags)),
            _ => None,
        }
    }

    fn list(&self, dice: &mut Dice) -> Option<&'static str> {
        self.read(dice, |res| if let Res::List(list) = res { Some(*list) } else { None })
    }

    fn score(&self, dice: &mut Dice) -> Option<&'static str> {
        self.read(dice, |res| if let Res::Score(score) = res { Some(*score) } else { None })
    }
}

pub fn duration(dice: &mut Dice) -> Node {
    node!(Duration: dice.word(DURATIONS))
}

fn small(dice: &mut Dice) -> Node {
    node!(Num: dice.word(&["1", "2", "3", "1", "2", "0", "2.5"]))
}

fn text_literal(dice: &mut Dice) -> Node {
    node!(Text: format!("\"{}\"", dice.word(TEXTS)))
}

fn time_literal(dice: &mut Dice, cx: &Cx<'_>) -> Node {
    node!(Time: dice.pick(cx.times).clone())
}

fn symbol(dice: &mut Dice) -> &'static str {
    COMPARE[dice.weighted(&[6, 3, 3, 1, 2, 1])]
}

pub fn cond(dice: &mut Dice, cx: &Cx<'_>, depth: usize) -> Node {
    for _ in 0..20 {
        if let Some(made) = try_cond(dice, cx, depth) {
            return made;
        }
    }
    let count = aggregate(dice, cx, 0, "count");
    node!(Cond: "(", count, " >= ", small(dice), ")")
}

fn try_cond(dice: &mut Dice, cx: &Cx<'_>, depth: usize) -> Option<Node> {
    // In a `where` mostly the event's own fields; deeper down only short conditions.
    let in_where = cx.place == Place::Where;
    let has_event = cx.events.is_some();
    let deep = depth > 0;
    let kind = dice.weighted(&[
        if deep { 8 } else { 0 },               // 0 and, or
        if deep { 3 } else { 0 },               // 1 not
        if deep && !in_where { 20 } else { 2 }, // 2 aggregate compared
        if has_event { 14 } else { 0 },         // 3 number field compared
        if has_event { 10 } else { 3 },         // 4 text compared
        if in_where && !deep { 1 } else { 6 },  // 5 no … for
        if in_where && !deep { 1 } else { 5 },  // 6 time since
        9,                                      // 7 tagged
        6,                                      // 8 in list
        3,                                      // 9 level of
        8,                                      // 10 score
        if has_event { 8 } else { 2 },          // 11 text predicates
        3,                                      // 12 bool
        4,                                      // 13 exists
        3,                                      // 14 time compared
        if cx.at { 4 } else { 1 },              // 15 anniversary, age
        3,                                      // 16 between
        3,                                      // 17 in set
        2,                                      // 18 any numbers
        1,                                      // 19 conditions compared
    ]);
    let below = depth.saturating_sub(1);
    Some(match kind {
        0 => {
            let word = if dice.chance(60) { " and " } else { " or " };
            let mut parts = vec![Part::from("("), cond(dice, cx, below).into()];
            for _ in 0..=usize::from(dice.chance(20)) {
                let more = cond(dice, cx, below);
                parts.push(Part::Maybe(node!(Part: word, more)));
            }
            parts.push(")".into());
            Node { sort: Sort::Cond, parts }
        }
        1 => node!(Cond: "(not ", cond(dice, cx, below), ")"),
        2 => {
            let left = any_aggregate(dice, cx, below);
            let op = symbol(dice);
            let right = if dice.chance(12) { any_aggregate(dice, cx, below) } else { small(dice) };
            node!(Cond: "(", left, format!(" {op} "), right, ")")
        }
        3 => {
            let field = cx.field(dice, |field| field.ty == Ty::Num)?;
            let left = defaulted(field.name.to_owned(), field.optional, "0");
            node!(Cond: "(", left, format!(" {} ", symbol(dice)), small(dice), ")")
        }
        4 => {
            let op = if dice.chance(70) { "==" } else { "!=" };
            if let Some(field) = cx.field(dice, |field| field.ty == Ty::Choice)
                && dice.chance(50)
            {
                return Some(
                    node!(Cond: format!("({} {op} \"{}\")", field.name, dice.word(&["x", "y", "z"]))),
                );
            }
            let left = text(dice, cx, below)?;
            node!(Cond: "(", left, format!(" {op} "), text_literal(dice), ")")
        }
        5 => {
            let picked = inner_selector(dice, cx, depth);
            node!(Cond: "(no ", picked, " for ", duration(dice), ")")
        }
        6 => {
            let picked = inner_selector(dice, cx, depth);
            let op = symbol(dice);
            match dice.below(4) {
                0 => {
                    node!(Cond: "(", duration(dice), format!(" {op} (time since "), picked, " ?? ", duration(dice), "))")
                }
                1 => {
                    let again = picked.clone();
                    node!(Cond: "((exists (time since ", picked, ")) and ((time since ", again, format!(") {op} "), duration(dice), "))")
                }
                _ => {
                    let default = node!(Duration: dice.word(&["10m", "2d", "3650d"]));
                    node!(Cond: "((time since ", picked, " ?? ", default, format!(") {op} "), duration(dice), ")")
                }
            }
        }
        7 => {
            let tag = cx.tag(dice)?;
            if dice.chance(35) {
                node!(Cond: format!("tagged {tag}"), Part::Maybe(node!(Part: " for ", duration(dice))))
            } else {
                node!(Cond: format!("tagged {tag}"))
            }
        }
        8 => {
            let list = cx.list(dice)?;
            let level = if list == "black" && dice.chance(50) {
                format!(
                    " level {} {}",
                    dice.word(&["<=", "==", ">=", "<", "!="]),
                    dice.word(&["1", "2", "3"])
                )
            } else {
                String::new()
            };
            node!(Cond: format!("(in {list}"), Part::Maybe(node!(Part: level)), ")")
        }
        9 => {
            let list = cx.list(dice)?;
            node!(Cond: format!("((level({list}) ?? 9) {} ", symbol(dice)), small(dice), ")")
        }
        10 => {
            let score = cx.score(dice)?;
            if dice.chance(15) {
                node!(Cond: format!("({score} between 1 and 3)"))
            } else if dice.chance(15) {
                node!(Cond: "(", small(dice), format!(" {} {score})", symbol(dice)))
            } else {
                node!(Cond: format!("({score} {} ", symbol(dice)), small(dice), ")")
            }
        }
        11 => {
            let text = perhaps_text(dice, cx, below)?;
            let test = match dice.below(6) {
                0 => " has bad".to_owned(),
                1 => " has bad category fraud".to_owned(),
                2 => format!(" contains \"{}\"", dice.word(&["a", "i", "scam"])),
                3 => format!(" starts with \"{}\"", dice.word(&["a", "h", "x"])),
                4 => format!(" ends with \"{}\"", dice.word(&["i", "scam", "x"])),
                _ => format!(" matches /{}/", dice.word(&["^[xy]$", "sc.m", "h(i|o)"])),
            };
            node!(Cond: "(", text, test, ")")
        }
        12 => match cx.field(dice, |field| field.ty == Ty::Bool) {
            Some(field) if dice.chance(80) => {
                node!(Cond: if dice.chance(70) { field.name.to_owned() } else { format!("({} == false)", field.name) })
            }
            _ => {
                let (name, function) = ("login", dice.word(&["latest", "first"]));
                (cx.entity == Entity::Customer).then_some(())?;
                node!(Cond: format!("({function}({name}.ok)"), window(dice), " ?? false)")
            }
        },
        13 => match dice.below(3) {
            0 => {
                let field = cx.field(dice, |field| field.optional)?;
                node!(Cond: format!("exists {}", field.name))
            }
            1 => {
                let left = optional_number(dice, cx, below)?;
                node!(Cond: "exists (", left, ")")
            }
            _ => {
                let left = optional_number(dice, cx, below)?;
                let again = left.clone();
                let op = symbol(dice);
                node!(Cond: "(exists (", left, ") and ((", again, format!(") {op} "), small(dice), "))")
            }
        },
        14 => {
            let left = time(dice, cx)?;
            let op = dice.word(&[">=", "<", "==", "!="]);
            if dice.chance(30) {
                node!(Cond: "(date(", left, format!(") {op} date("), time_literal(dice, cx), "))")
            } else if dice.chance(20) {
                node!(Cond: "(", left, " between ", node!(Time: cx.times[0].clone()), " and ", node!(Time: cx.times[cx.times.len() - 1].clone()), ")")
            } else {
                node!(Cond: "(", left, format!(" {op} "), time_literal(dice, cx), ")")
            }
        }
        15 => {
            if dice.chance(60) {
                if cx.entity == Entity::Customer && dice.chance(50) {
                    node!(Cond: "is_anniversary(", node!(Time: "latest(message.t)"), ")")
                } else {
                    let time = time(dice, cx)?;
                    node!(Cond: "is_anniversary(", time, ")")
                }
            } else {
                let time = time(dice, cx)?;
                let op = dice.word(&[">=", "<", "=="]);
                node!(Cond: "(age(", time, format!(") {op} "), node!(Num: dice.word(&["0", "1", "2"])), ")")
            }
        }
        16 => {
            let value = number(dice, cx, below);
            let (low, high) = *dice.pick(&[("1", "2"), ("0", "1"), ("2", "3.5"), ("-1", "0")]);
            node!(Cond: "(", value, " between ", node!(Num: low), " and ", node!(Num: high), ")")
        }
        17 => {
            if let Some(field) = cx.field(dice, |field| field.ty == Ty::Choice)
                && dice.chance(50)
            {
                return Some(node!(Cond: format!("({} in [\"x\", \"z\"])", field.name)));
            }
            if dice.chance(50) {
                let value = text(dice, cx, below)?;
                node!(Cond: "(", value, " in [", text_literal(dice), ", ", text_literal(dice), "])")
            } else {
                let value = number(dice, cx, below);
                node!(Cond: "(", value, " in [", small(dice), ", ", small(dice), "])")
            }
        }
        18 => {
            let (left, right) = (number(dice, cx, depth), number(dice, cx, below));
            node!(Cond: "(", left, format!(" {} ", symbol(dice)), right, ")")
        }
        _ => {
            deep.then_some(())?;
            let (left, right) = (cond(dice, cx, below), cond(dice, cx, below));
            node!(Cond: "((", left, ") == (", right, "))")
        }
    })
}

fn defaulted(text: String, optional: bool, default: &str) -> Node {
    node!(Num: if optional { format!("({text} ?? {default})") } else { text })
}

/// A number that is never absent.
pub fn number(dice: &mut Dice, cx: &Cx<'_>, depth: usize) -> Node {
    let below = depth.saturating_sub(1);
    for _ in 0..8 {
        let made = match dice.weighted(&[3, 6, 4, 3, 2, 2, 2, 2, 2, 2]) {
            0 => Some(small(dice)),
            1 => Some(any_aggregate(dice, cx, below)),
            2 => cx
                .field(dice, |field| field.ty == Ty::Num)
                .map(|field| defaulted(field.name.to_owned(), field.optional, "1")),
            3 if depth > 0 => {
                let op = dice.word(&["+", "-", "*"]);
                let (left, right) = (number(dice, cx, below), number(dice, cx, below));
                Some(node!(Num: "(", left, format!(" {op} "), right, ")"))
            }
            4 if depth > 0 => {
                let by = dice.word(&["/ 2", "% 2", "/ 3", "* -1"]);
                Some(node!(Num: "(", number(dice, cx, below), format!(" {by}"), ")"))
            }
            5 if depth > 0 => {
                let function = dice.word(&["abs", "round", "-"]);
                Some(node!(Num: function, "(", number(dice, cx, below), ")"))
            }
            6 => {
                let call = dice.word(&["hits", "words", "length"]);
                if call == "length" {
                    text(dice, cx, below).map(|text| node!(Num: "length(", text, ")"))
                } else {
                    perhaps_text(dice, cx, below).map(|text| node!(Num: call, "(", text, ", bad)"))
                }
            }
            7 => optional_number(dice, cx, below).map(|left| node!(Num: "(", left, " ?? ", small(dice), ")")),
            8 => {
                let call = dice.word(&["hour", "weekday", "day", "month", "age"]);
                time(dice, cx).map(|time| node!(Num: call, "(", time, ")"))
            }
            9 => {
                let free = !matches!(cx.place, Place::Watched | Place::Where);
                cx.score(dice).filter(|score| free || *score == "karma").map(|score| node!(Num: score))
            }
            _ => None,
        };
        if let Some(made) = made {
            return made;
        }
    }
    small(dice)
}

/// A number that may be absent.
fn optional_number(dice: &mut Dice, cx: &Cx<'_>, depth: usize) -> Option<Node> {
    let below = depth.saturating_sub(1);
    match dice.below(4) {
        0 => {
            let field = cx.field(dice, |field| field.ty == Ty::Num && field.optional)?;
            Some(node!(Num: field.name))
        }
        1 => cx.list(dice).map(|list| node!(Num: format!("level({list})"))),
        2 => {
            let (left, right) = (number(dice, cx, below), any_aggregate(dice, cx, below));
            let op = if dice.chance(70) { "/" } else { "%" };
            Some(node!(Num: "(", left, format!(" {op} "), right, ")"))
        }
        _ => {
            let function = dice.word(&["avg", "min", "max", "first", "latest"]);
            Some(aggregate(dice, cx, depth, function))
        }
    }
}

/// A number computed over events, never absent.
fn any_aggregate(dice: &mut Dice, cx: &Cx<'_>, depth: usize) -> Node {
    let function = *dice.pick(&[
        "count", "count", "count", "sum", "sum", "distinct", "days", "avg", "min", "max", "first", "latest",
    ]);
    let made = aggregate(dice, cx, depth, function);
    if matches!(function, "avg" | "min" | "max" | "first" | "latest") {
        node!(Num: "(", made, " ?? ", node!(Num: dice.word(&["0", "1", "2"])), ")")
    } else {
        made
    }
}

/// A text that is never absent.
pub fn text(dice: &mut Dice, cx: &Cx<'_>, depth: usize) -> Option<Node> {
    if dice.chance(15) {
        return text(dice, cx, depth).map(|inner| node!(Text: "lower(", inner, ")"));
    }
    let field = cx.field(dice, |field| matches!(field.ty, Ty::Text));
    match field {
        Some(field) if dice.chance(85) => Some(
            node!(Text: if field.optional { format!("({} ?? \"x\")", field.name) } else { field.name.to_owned() }),
        ),
        _ => {
            let made = text_aggregate(dice, cx, depth)?;
            Some(node!(Text: "(", made, " ?? \"x\")"))
        }
    }
}

/// A text that may be absent: for predicates that are false of an absent one.
fn perhaps_text(dice: &mut Dice, cx: &Cx<'_>, depth: usize) -> Option<Node> {
    match cx.field(dice, |field| matches!(field.ty, Ty::Text | Ty::Choice)) {
        Some(field) if dice.chance(85) => Some(node!(Text: field.name)),
        _ => text_aggregate(dice, cx, depth),
    }
}

fn text_aggregate(dice: &mut Dice, cx: &Cx<'_>, depth: usize) -> Option<Node> {
    let function = dice.word(&["latest", "first"]);
    let event = *dice.pick(&cx.entity.events());
    let picked = selector(dice, cx, depth, Some("s"), &[event]);
    Some(node!(Text: function, "(", picked, ")", window(dice)))
}

/// A time that is never absent.
fn time(dice: &mut Dice, cx: &Cx<'_>) -> Option<Node> {
    match dice.below(6) {
        0 | 1 if cx.at => Some(node!(Time: "at")),
        2 => Some(time_literal(dice, cx)),
        3 => time(dice, cx).map(|inner| node!(Time: "date(", inner, ")")),
        4 => {
            let field = cx.field(dice, |field| field.ty == Ty::Time)?;
            Some(node!(Time: format!("({} ?? ", field.name), time_literal(dice, cx), ")"))
        }
        _ => {
            (cx.entity == Entity::Customer).then_some(())?;
            let function = dice.word(&["latest", "first", "min", "max"]);
            Some(node!(Time: function, "(message.t)", window(dice), " ?? ", time_literal(dice, cx)))
                .map(paren)
        }
    }
}

fn paren(mut inner: Node) -> Node {
    inner.parts.insert(0, "(".into());
    inner.parts.push(")".into());
    inner
}

/// `count(order where …) over 1d` and the like.
pub fn aggregate(dice: &mut Dice, cx: &Cx<'_>, depth: usize, function: &str) -> Node {
    let events = cx.entity.events();
    let field = match function {
        "count" | "days" => None,
        "distinct" => Some(if dice.chance(20) { "p" } else { dice.word(&["s", "n", "s"]) }),
        _ => Some(if dice.chance(15) { "o" } else { "n" }),
    };
    let having: Vec<_> = events
        .iter()
        .filter(|event| field.is_none_or(|name| event.fields.iter().any(|field| field.name == name)))
        .copied()
        .collect();
    if having.is_empty() {
        return aggregate(dice, cx, depth, "count");
    }
    let mut picked = vec![*dice.pick(&having)];
    if dice.chance(18) {
        let other = *dice.pick(&having);
        if other.name != picked[0].name {
            picked.push(other);
        }
    }
    let selector = if field.is_none() && cx.entity != Entity::Both && dice.chance(12) {
        activity(dice, cx, depth)
    } else {
        selector(dice, cx, depth, field, &picked)
    };
    node!(Num: function, "(", selector, ")", window(dice))
}

fn window(dice: &mut Dice) -> Node {
    match dice.weighted(&[12, 4, 4, 3, 5]) {
        0 => node!(Part: " over ", duration(dice)),
        1 => node!(Part: dice.word(&[
            " over 1h step 10m", " over 1d step 1h", " over 2d step 1d", " over 1h30m step 30m", " over 1d step 1d",
        ])),
        2 => node!(Part: " this ", node!(Part: dice.word(&["hour", "day", "week", "month", "year", "day"]))),
        3 => {
            node!(Part: " previous ", node!(Part: dice.word(&["hour", "day", "week", "month", "year", "day"])))
        }
        _ => node!(Part: ""),
    }
}

fn activity(dice: &mut Dice, cx: &Cx<'_>, depth: usize) -> Node {
    let events = cx.entity.events();
    if depth > 0 && dice.chance(40) {
        let inner = cond(dice, &cx.of_where(&events), depth - 1);
        node!(Selector: "activity", Part::Maybe(node!(Part: " where (", inner, ")")))
    } else {
        node!(Selector: "activity")
    }
}

/// Any selector, and the types that it picks.
pub fn any_selector(dice: &mut Dice, cx: &Cx<'_>, depth: usize) -> (Node, Vec<&'static EventDecl>) {
    let events = cx.entity.events();
    if cx.entity != Entity::Both && dice.chance(8) {
        return (activity(dice, cx, depth), events);
    }
    let mut picked = vec![*dice.pick(&events)];
    if dice.chance(15) {
        let other = *dice.pick(&events);
        if other.name != picked[0].name {
            picked.push(other);
        }
    }
    (selector(dice, cx, depth, None, &picked), picked)
}

/// A selector within a condition: in brackets, so that what follows is not taken for its own.
fn inner_selector(dice: &mut Dice, cx: &Cx<'_>, depth: usize) -> Node {
    let (inner, _) = any_selector(dice, cx, depth.saturating_sub(1));
    node!(Selector: "(", inner, ")")
}

/// Picks these events, some of them, after or without others; `field` stands where an aggregate wants it.
fn selector(
    dice: &mut Dice,
    cx: &Cx<'_>,
    depth: usize,
    field: Option<&str>,
    events: &[&'static EventDecl],
) -> Node {
    if depth == 0 || !dice.chance(30) {
        return base(dice, cx, depth, field, events);
    }
    let below = depth - 1;
    let member = field.map(|field| format!(".{field}")).unwrap_or_default();
    let picked = if below > 0 && dice.chance(20) {
        node!(Selector: "(", selector(dice, cx, below, None, events), ")", member)
    } else {
        base(dice, cx, below, field, events)
    };
    let others = vec![*dice.pick(&cx.entity.events())];
    let other = if below > 0 && dice.chance(20) {
        node!(Selector: "(", selector(dice, cx, below, None, &others), ")")
    } else {
        base(dice, cx, below, None, &others)
    };
    let word = if dice.chance(50) { " after " } else { " without " };
    let common = shared(&[events, &others].concat());
    let mut parts =
        vec![Part::from(picked), word.into(), other.into(), " within ".into(), duration(dice).into()];
    if !common.is_empty() && dice.chance(35) {
        parts.push(Part::Maybe(node!(Part: format!(" matching {}", dice.pick(&common).name))));
    }
    Node { sort: Sort::Selector, parts }
}

fn base(
    dice: &mut Dice,
    cx: &Cx<'_>,
    depth: usize,
    field: Option<&str>,
    events: &[&'static EventDecl],
) -> Node {
    let names: Vec<&str> = events.iter().map(|event| event.name).collect();
    let mut head = names.join(" or ");
    if names.len() > 1 && field.is_some() {
        head = format!("({head})");
    }
    if let Some(field) = field {
        head = format!("{head}.{field}");
    }
    if dice.chance(if depth > 0 { 35 } else { 20 }) {
        let filter = cond(dice, &cx.of_where(events), depth.saturating_sub(1));
        node!(Selector: head, Part::Maybe(node!(Part: " where (", filter, ")")))
    } else {
        node!(Selector: head)
    }
}
