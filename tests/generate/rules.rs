//! Rules and guards.

use super::dice::Dice;
use super::exprs::{Cx, Place, any_selector, cond, duration, number, text};
use super::node::{Node, Part, Sort, node};
use super::schema::{Entity, RESOURCES, Res};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trigger {
    On,
    When,
    While,
    Every,
}

/// What is settled about a rule before its text: what it writes, and where it stands in the order.
struct Plan {
    entity: Entity,
    trigger: Trigger,
    writes: Vec<Option<Res>>,
    /// A rule may read what only rules of a lower rank write.
    rank: usize,
}

/// `focus`: a few pieces of state that most of the rules of a rulebook write, so that they meet.
fn plan(dice: &mut Dice, focus: &[Res]) -> Plan {
    let trigger =
        [Trigger::On, Trigger::When, Trigger::While, Trigger::Every][dice.weighted(&[30, 35, 25, 12])];
    let count = 1 + dice.weighted(&[60, 25, 10]);
    let focus: Vec<Res> = focus
        .iter()
        .filter(|res| trigger != Trigger::While || !matches!(res, Res::Score(_)))
        .copied()
        .collect();
    let writes = (0..count)
        .map(|_| match trigger {
            _ if !focus.is_empty() && dice.chance(45) => Some(*dice.pick(&focus)),
            // A `while` rule only tags and lists.
            Trigger::While => Some(*dice.pick(&RESOURCES[..6])),
            _ if dice.chance(70) => Some(*dice.pick(RESOURCES)),
            _ => None,
        })
        .collect();
    Plan {
        entity: if dice.chance(80) { Entity::Customer } else { Entity::Staff },
        trigger,
        writes,
        rank: dice.below(1000),
    }
}

/// The rules and guards of a rulebook, as parts of it.
pub fn rules(dice: &mut Dice, times: &[String]) -> Vec<Part> {
    let count = if dice.chance(10) { 5 + dice.below(2) } else { 1 + dice.weighted(&[25, 35, 25, 15]) };
    let mut focus = vec![*dice.pick(RESOURCES), *dice.pick(RESOURCES)];
    if dice.chance(25) {
        focus.push(Res::List("black"));
    }
    let mut plans: Vec<Plan> = (0..count).map(|_| plan(dice, &focus)).collect();
    if dice.chance(60) {
        // Readers find more to read where something is written before them.
        plans[0].rank = 0;
    }
    let readable = |rank: usize| -> Vec<Res> {
        let free =
            |res: &&Res| plans.iter().all(|other| other.rank < rank || !other.writes.contains(&Some(**res)));
        let mut all: Vec<Res> = RESOURCES.iter().filter(free).copied().collect();
        // What is written is worth reading more than what never is.
        let written: Vec<Res> = all
            .iter()
            .filter(|res| plans.iter().any(|other| other.writes.contains(&Some(**res))))
            .copied()
            .collect();
        if !written.is_empty() {
            all = written;
        }
        all
    };
    let mut parts = Vec::new();
    for (at, plan) in plans.iter().enumerate() {
        let own: Vec<Res> = plan.writes.iter().flatten().copied().collect();
        let until: Vec<Res> = readable(plan.rank).into_iter().filter(|res| !own.contains(res)).collect();
        let mut reads = until.clone();
        let watched = matches!(plan.trigger, Trigger::When | Trigger::While);
        if !watched && dice.chance(30) {
            // What it writes itself, where nobody else both writes and reads it.
            let alone =
                |res: &&Res| plans.iter().filter(|other| other.writes.contains(&Some(**res))).count() == 1;
            reads.extend(own.iter().filter(alone));
        }
        parts.push(Part::Maybe(rule(dice, plan, at, &reads, &until, times)));
    }
    let targets: Vec<Res> = plans.iter().flat_map(|plan| &plan.writes).flatten().copied().collect();
    for _ in 0..dice.weighted(&[60, 28, 12]) {
        if let Some(guard) = guard(dice, &plans, &targets, &readable, times) {
            parts.push(Part::Maybe(guard));
        }
    }
    parts
}

fn guard(
    dice: &mut Dice,
    plans: &[Plan],
    targets: &[Res],
    readable: &dyn Fn(usize) -> Vec<Res>,
    times: &[String],
) -> Option<Node> {
    let guarded: Vec<Res> = targets.iter().filter(|res| !matches!(res, Res::Score(_))).copied().collect();
    if guarded.is_empty() {
        return None;
    }
    let res = *dice.pick(&guarded);
    let writers: Vec<&Plan> = plans.iter().filter(|plan| plan.writes.contains(&Some(res))).collect();
    let first = writers.first()?;
    let entity =
        if writers.iter().all(|plan| plan.entity == first.entity) { first.entity } else { Entity::Both };
    let lowest = writers.iter().map(|plan| plan.rank).min()?;
    let reads: Vec<Res> = readable(lowest)
        .into_iter()
        .filter(|read| *read != res && writers.iter().all(|plan| !plan.writes.contains(&Some(*read))))
        .collect();
    let target = match res {
        Res::Tag(tag) => format!("tag {tag}"),
        Res::Group(tags) => format!("tag {}", dice.word(tags)),
        Res::List(list) => list.to_owned(),
        Res::Score(_) => return None,
    };
    let cx =
        Cx { entity, place: Place::Watched, events: None, gone: false, at: false, readable: &reads, times };
    let word = if dice.chance(55) { "exempt from" } else { "approve for" };
    Some(node!(Item: format!("{word} {target} when "), cond(dice, &cx, 1), "\n"))
}

fn rule(dice: &mut Dice, plan: &Plan, at: usize, reads: &[Res], until: &[Res], times: &[String]) -> Node {
    let mut cx = Cx {
        entity: plan.entity,
        place: Place::Watched,
        events: None,
        gone: false,
        at: false,
        readable: reads,
        times,
    };
    let mut clauses: Vec<Part> = Vec::new();
    let depth = 1 + dice.below(2);
    match plan.trigger {
        Trigger::On => {
            let (picked, events) = any_selector(dice, &cx, depth);
            // Perhaps it only waits somewhere within: then less is read than could be.
            cx.gone = picked.render().contains(" without ");
            clauses.push(node!(Clause: "\n  on ", picked).into());
            cx.events = Some(events);
            cx.at = true;
            cx.place = Place::On;
            if dice.chance(40) {
                clauses.push(Part::Maybe(node!(Clause: "\n  when ", cond(dice, &cx, depth))));
            }
        }
        Trigger::When => clauses.push(node!(Clause: "\n  when ", cond(dice, &cx, depth)).into()),
        Trigger::While => clauses.push(node!(Clause: "\n  while ", cond(dice, &cx, depth)).into()),
        Trigger::Every => {
            let schedule = *dice.pick(&[
                "day",
                "day",
                "day",
                "week on mon",
                "week on thu",
                "month on 1",
                "month on 29",
                "month on 31",
            ]);
            let clock = dice.word(&["00:00", "02:30", "09:00", "23:30", "12:00"]);
            clauses.push(node!(Clause: format!("\n  every {schedule} at {clock}")).into());
            cx.at = true;
            if dice.chance(65) {
                clauses.push(Part::Maybe(node!(Clause: "\n  when ", cond(dice, &cx, depth))));
            }
        }
    }
    if dice.chance(15) {
        clauses.push(Part::Maybe(node!(Clause: "\n  unless ", cond(dice, &cx, 1))));
    }
    let texts = Cx { place: Place::Text, ..cx.clone() };
    if dice.chance(35) {
        clauses.push(Part::Maybe(node!(Clause: "\n  because ", template(dice, &texts))));
    }
    for write in &plan.writes {
        let action = action(dice, plan, *write, &texts, until);
        clauses.push(Part::Maybe(node!(Clause: "\n  then ", action)));
    }
    if plan.trigger != Trigger::While && dice.chance(15) {
        clauses.push(Part::Maybe(node!(Clause: "\n  at most once per ", duration(dice))));
    }
    if dice.chance(8) {
        let (from, to) = (dice.below(times.len() - 1), dice.below(times.len()));
        let active = match dice.below(3) {
            0 => format!("\n  active from {}", times[from]),
            1 => format!("\n  active until {}", times[to]),
            _ => format!("\n  active from {} until {}", times[0], times[1 + from]),
        };
        clauses.push(Part::Maybe(node!(Clause: active)));
    }
    if dice.chance(6) {
        clauses
            .push(Part::Maybe(node!(Clause: format!("\n  rollout {}%", dice.word(&["50", "30.5", "80"])))));
    }
    let mut parts = Vec::new();
    if dice.chance(8) {
        parts.push(Part::Maybe(node!(Part: "shadow ")));
    }
    parts.push(format!("rule r{at} for {} {{", plan.entity.name()).into());
    parts.extend(clauses);
    parts.push("\n}\n".into());
    Node { sort: Sort::Item, parts }
}

fn template(dice: &mut Dice, cx: &Cx<'_>) -> Node {
    let mut parts = vec![Part::from("\"saw ")];
    for _ in 0..=dice.below(2) {
        let (expr, _) = any_value(dice, cx);
        parts.push(Part::Maybe(node!(Part: Part::Quoted(expr), " ")));
    }
    parts.push("\"".into());
    Node { sort: Sort::Part, parts }
}

/// Something of any type, perhaps absent, and a name for it.
fn any_value(dice: &mut Dice, cx: &Cx<'_>) -> (Node, &'static str) {
    match dice.below(7) {
        0 | 1 => (number(dice, cx, 1), "num"),
        2 => (cond(dice, cx, 1), "truth"),
        3 => {
            let (picked, _) = any_selector(dice, cx, 0);
            (node!(Part: "time since (", picked, ")"), "since")
        }
        4 if cx.at => (node!(Time: "at"), "when"),
        5 => {
            let fields = cx.fields();
            match fields.is_empty() {
                true => (number(dice, cx, 0), "num"),
                false => (node!(Part: dice.pick(&fields).name), "field"),
            }
        }
        _ => match text(dice, cx, 1) {
            Some(text) => (text, "text"),
            None => (number(dice, cx, 0), "num"),
        },
    }
}

fn life(dice: &mut Dice, plan: &Plan, until: &[Res], times: &[String]) -> Option<Node> {
    if plan.trigger == Trigger::While {
        return None;
    }
    let cx = Cx {
        entity: plan.entity,
        place: Place::Watched,
        events: None,
        gone: false,
        at: false,
        readable: until,
        times,
    };
    Some(match dice.weighted(&[8, 9, 2, 5, 7]) {
        0 => return None,
        1 => node!(Part: " for ", duration(dice)),
        2 => node!(Part: format!(" until {}", dice.pick(times))),
        3 => {
            let (picked, _) = any_selector(dice, &cx, 1);
            node!(Part: " until on ", picked)
        }
        _ => node!(Part: " until ", cond(dice, &cx, 1)),
    })
}

fn action(dice: &mut Dice, plan: &Plan, write: Option<Res>, cx: &Cx<'_>, until: &[Res]) -> Node {
    let holds = plan.trigger == Trigger::While;
    let keep = |dice: &mut Dice| (!holds && dice.chance(15)).then(|| Part::Maybe(node!(Part: " renew keep")));
    let mut parts: Vec<Part> = Vec::new();
    if !holds && dice.chance(10) {
        parts.push(Part::Maybe(node!(Part: "propose ")));
    }
    let name = match write {
        Some(Res::Tag(tag)) => tag,
        Some(Res::Group(tags)) => dice.word(tags),
        Some(Res::List(name) | Res::Score(name)) => name,
        None => "",
    };
    let ends = !holds && dice.chance(22);
    match write {
        Some(Res::Tag(_) | Res::Group(_)) if ends => parts.push(format!("untag {name}").into()),
        Some(Res::Tag(_) | Res::Group(_)) => {
            parts.push(format!("tag {name}").into());
            parts.extend(life(dice, plan, until, cx.times).map(Part::Maybe));
            parts.extend(keep(dice));
        }
        Some(Res::List(_)) if ends => parts.push(format!("remove from {name}").into()),
        Some(Res::List(list)) => {
            parts.push(format!("add to {name}").into());
            if list == "black" {
                parts.push(format!(" level {}", dice.word(&["1", "2", "3"])).into());
                if dice.chance(30) {
                    parts.push(Part::Maybe(node!(Part: format!(" category {}", dice.word(&["ca", "cb"])))));
                }
            }
            parts.extend(life(dice, plan, until, cx.times).map(Part::Maybe));
            if dice.chance(15) {
                parts.push(Part::Maybe(node!(Part: " starting in ", duration(dice))));
            }
            if dice.chance(15) {
                let every = dice.word(&["1d", "2d", "1mo"]);
                parts.push(Part::Maybe(node!(Part: format!(" review every {every}"))));
            }
            parts.extend(keep(dice));
        }
        Some(Res::Score(_)) => {
            let change = dice.word(&["+=", "+=", "-=", "="]);
            let amounts = Cx { place: Place::Amount, ..cx.clone() };
            let amount = if dice.chance(60) {
                node!(Num: dice.word(&["1", "2", "3", "0.5", "40"]))
            } else {
                number(dice, &amounts, 1)
            };
            parts.extend([format!("{name} {change} ").into(), amount.into()]);
        }
        None if dice.chance(60) => {
            parts.push("notify desk".into());
            if dice.chance(50) {
                parts.push(Part::Maybe(node!(Part: " ", template(dice, cx))));
            }
        }
        None => {
            parts.push("emit seen {".into());
            let mut keys: Vec<&str> = Vec::new();
            for _ in 0..dice.below(3) {
                let (value, key) = any_value(dice, cx);
                if !keys.contains(&key) {
                    keys.push(key);
                    parts.push(Part::Maybe(node!(Part: format!(" {key}: "), value, ",")));
                }
            }
            parts.push(" }".into());
        }
    }
    Node { sort: Sort::Part, parts }
}
