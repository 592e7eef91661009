//! The declarations that every generated rulebook has, a few of them in variants.

use super::dice::Dice;
use super::node::{Node, Part, node};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ty {
    Num,
    Text,
    /// A text of the closed set x, y, z.
    Choice,
    Bool,
    Time,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: &'static str,
    pub ty: Ty,
    pub optional: bool,
    pub private: bool,
}

const fn field(name: &'static str, ty: Ty, optional: bool, private: bool) -> Field {
    Field { name, ty, optional, private }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventDecl {
    pub name: &'static str,
    pub entities: &'static [&'static str],
    pub fields: &'static [Field],
}

pub const EVENTS: &[EventDecl] = &[
    EventDecl {
        name: "order",
        entities: &["customer"],
        fields: &[
            field("n", Ty::Num, false, false),
            field("s", Ty::Text, false, false),
            field("c", Ty::Choice, false, false),
            field("o", Ty::Num, true, false),
        ],
    },
    EventDecl {
        name: "message",
        entities: &["customer"],
        fields: &[
            field("n", Ty::Num, false, false),
            field("s", Ty::Text, false, false),
            field("p", Ty::Text, false, true),
            field("t", Ty::Time, true, false),
        ],
    },
    EventDecl {
        name: "login",
        entities: &["customer"],
        fields: &[
            field("s", Ty::Text, false, false),
            field("ok", Ty::Bool, false, false),
            field("o", Ty::Num, true, false),
        ],
    },
    EventDecl {
        name: "visit",
        entities: &["customer", "staff"],
        fields: &[
            field("n", Ty::Num, false, false),
            field("s", Ty::Text, true, false),
            field("p", Ty::Text, true, true),
        ],
    },
    EventDecl {
        name: "export",
        entities: &["staff"],
        fields: &[field("n", Ty::Num, false, false), field("s", Ty::Text, false, false)],
    },
];

/// What a rule may be about; a guard may be about both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entity {
    Customer,
    Staff,
    Both,
}

impl Entity {
    pub fn events(self) -> Vec<&'static EventDecl> {
        EVENTS
            .iter()
            .filter(|event| match self {
                Entity::Customer => event.entities.contains(&"customer"),
                Entity::Staff => event.entities.contains(&"staff"),
                Entity::Both => event.entities.len() == 2,
            })
            .collect()
    }

    pub fn name(self) -> &'static str {
        if self == Entity::Staff { "staff" } else { "customer" }
    }
}

/// The fields that all these events have.
pub fn shared(events: &[&'static EventDecl]) -> Vec<Field> {
    let Some((first, rest)) = events.split_first() else { return Vec::new() };
    let in_all = |field: &Field| {
        let mut merged = *field;
        for event in rest {
            let other = event.fields.iter().find(|other| other.name == field.name && other.ty == field.ty)?;
            merged.optional |= other.optional;
            merged.private |= other.private;
        }
        Some(merged)
    };
    first.fields.iter().filter_map(in_all).collect()
}

/// A piece of state that orders the rules; a tag of a group stands for the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Res {
    Tag(&'static str),
    Group(&'static [&'static str]),
    List(&'static str),
    Score(&'static str),
}

pub const ORDERED: &[&str] = &["lo", "mid", "hi"];
pub const UNORDERED: &[&str] = &["ua", "ub"];
pub const RESOURCES: &[Res] = &[
    Res::Tag("t1"),
    Res::Tag("t2"),
    Res::Group(ORDERED),
    Res::Group(UNORDERED),
    Res::List("black"),
    Res::List("green"),
    Res::Score("risk"),
    Res::Score("karma"),
];

/// The events, and whatever else is declared.
pub fn declarations(dice: &mut Dice) -> Vec<Part> {
    let mut items: Vec<Node> = vec![node!(Item: "entity customer\n"), node!(Item: "entity staff\n")];
    for event in EVENTS {
        let mut parts = vec![Part::from(format!("event {}({}) {{", event.name, event.entities.join(", ")))];
        for field in event.fields {
            let ty = match field.ty {
                Ty::Num => "number",
                Ty::Text => "string",
                Ty::Choice => "\"x\" | \"y\" | \"z\"",
                Ty::Bool => "bool",
                Ty::Time => "time",
            };
            let optional = if field.optional { "?" } else { "" };
            let private = if field.private { " private" } else { "" };
            parts.push(Part::Maybe(node!(Part: format!(" {}: {ty}{optional}{private},", field.name))));
        }
        parts.push(" }\n".into());
        items.push(Node { sort: super::node::Sort::Item, parts });
    }
    items.push(node!(Item: dice.word(&[
        "keywords bad { \"scam\" \"rip-off\" category fraud \"hi\" except \"a scam\" }\n",
        "keywords bad { \"scam\" anywhere \"大麻\" category fraud \"사기\" \"hi\" except \"大麻烦\" }\n",
        "keywords bad exactly case { \"ＳＣＡＭ\" category fraud \"scam\" \"am\" anywhere }\n",
        "keywords bad exactly width { \"scam\" category fraud \"ｓｃａｍ\" \"5\" \"麻\" }\n",
    ])));
    items.push(node!(Item: if dice.chance(70) { "tag t2 for 1d\n" } else { "tag t2 for 1mo\n" }));
    items.push(node!(Item: "tags grade: lo < mid < hi\n"));
    items.push(node!(Item: "tags mood: ua, ub\n"));
    items.push(node!(Item: dice.word(&[
        "score risk { half-life 1d, between 0 and 100 }\n",
        "score risk { half-life 1h }\n",
        "score risk { half-life 1h30m, between -2 and 5 }\n",
    ])));
    items.push(node!(Item: dice.word(&["score karma\n", "score karma { between -1 and 3 }\n"])));
    items.push(node!(Item: "list black { level 1 denies all level 2 limits 3 per 1d level 3 allows email category ca, cb }\n"));
    items.push(node!(Item: dice.word(&[
        "list green\n",
        "list green\n",
        "list green { for 2d }\n",
        "list green { for 2d review every 1d }\n",
        "list green { level 2 review every 1d }\n",
    ])));
    if dice.chance(22) {
        let count = dice.word(&["> 0", ">= 0", "<= 1"]);
        items.push(node!(Item: format!("approve for black when count(visit) over 1d {count}\n")));
    }
    if dice.chance(15) {
        let may = "view, tag, list black, list green, release, suspend, approve, review, appeal, exempt, merge, forget";
        items.push(node!(Item: format!("role boss may {may}\n")));
        items.push(node!(Item: "role clerk may view, tag, list green, appeal\n"));
    }
    items.into_iter().map(Part::Maybe).collect()
}
