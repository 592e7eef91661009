//! Commands: what people do, mostly to what rules do as well.

use super::dice::Dice;
use std::sync::Arc;
use tagwarden::{About, CommandKind, Duration, Lifted, ReviewOutcome, Spared, Term, Timestamp};

const MINUTE: i64 = 60_000_000;
const LENGTHS: [i64; 5] = [10 * MINUTE, 60 * MINUTE, 90 * MINUTE, 1440 * MINUTE, 2880 * MINUTE];

fn tag(dice: &mut Dice) -> Arc<str> {
    if dice.chance(3) {
        return "t9".into();
    }
    dice.word(&["t1", "t2", "t1", "t2", "lo", "mid", "hi", "ua", "ub"]).into()
}

fn list(dice: &mut Dice) -> Arc<str> {
    if dice.chance(3) {
        return "grey".into();
    }
    dice.word(&["black", "black", "black", "green"]).into()
}

fn rule(dice: &mut Dice) -> Arc<str> {
    if dice.chance(3) {
        return "r9".into();
    }
    dice.word(&["r0", "r0", "r0", "r1", "r1", "r2"]).into()
}

fn about(dice: &mut Dice) -> About {
    if dice.chance(50) { About::Tag(tag(dice)) } else { About::List(list(dice)) }
}

fn spared(dice: &mut Dice) -> Spared {
    match dice.below(3) {
        0 => Spared::Rule(rule(dice)),
        1 => Spared::Tag(tag(dice)),
        _ => Spared::List(list(dice)),
    }
}

fn length(dice: &mut Dice) -> Duration {
    if dice.chance(10) { Duration::new(1, 0) } else { Duration::from_micros(*dice.pick(&LENGTHS)) }
}

fn near(dice: &mut Dice, now: i64) -> Timestamp {
    let away = if dice.chance(8) { -1 } else { *dice.pick(&LENGTHS) };
    Timestamp::from_micros(now + away).expect("a time near now")
}

fn term(dice: &mut Dice, now: i64) -> Term {
    match dice.below(10) {
        0..=2 => Term::Usual,
        3 => Term::Forever,
        4 => Term::Until(near(dice, now)),
        _ => Term::For(length(dice)),
    }
}

fn proposal(dice: &mut Dice) -> u32 {
    [1, 1, 1, 2, 2, 3][dice.below(6)]
}

fn level(dice: &mut Dice) -> u8 {
    [1, 1, 2, 2, 2, 3, 3, 3, 4][dice.below(9)]
}

fn session(dice: &mut Dice, percent: usize) -> Option<Arc<str>> {
    dice.chance(percent).then(|| dice.word(&["s1", "s2"]).into())
}

/// What people do about an entry or tag that there may be.
fn follow_up(dice: &mut Dice, about: &About, now: i64) -> CommandKind {
    match about {
        About::Tag(tag) => match dice.below(6) {
            0 => CommandKind::Untag { tag: tag.clone() },
            1 => CommandKind::Tag { tag: tag.clone(), start: None, term: term(dice, now) },
            2 => CommandKind::Settle { against: about.clone(), granted: dice.chance(60) },
            3 => CommandKind::Approve { proposal: proposal(dice) },
            4 => CommandKind::Wrong { rule: rule(dice), about: about.clone() },
            _ => CommandKind::Appeal { against: about.clone() },
        },
        About::List(list) => {
            let list = list.clone();
            match dice.below(12) {
                0 => CommandKind::Release { list },
                1 => CommandKind::Level { list, level: level(dice) },
                2..=4 => {
                    CommandKind::Suspend { list, term: Term::For(length(dice)), session: session(dice, 30) }
                }
                5 => CommandKind::Resume { list, session: session(dice, 30) },
                6 => CommandKind::Settle { against: about.clone(), granted: dice.chance(60) },
                7 => CommandKind::Appeal { against: about.clone() },
                8 if dice.chance(50) => CommandKind::Wrong { rule: rule(dice), about: about.clone() },
                8..=10 if dice.chance(80) => CommandKind::Approve { proposal: proposal(dice) },
                8 => CommandKind::Reject { proposal: proposal(dice) },
                _ => {
                    let review = dice.chance(50).then(|| length(dice));
                    let next = dice.chance(30).then(|| near(dice, now));
                    CommandKind::Review { list, outcome: ReviewOutcome::Keep, next, review }
                }
            }
        }
    }
}

/// `earlier`: what people have given before.
pub fn kind(dice: &mut Dice, now: i64, earlier: &mut Vec<About>) -> CommandKind {
    let kind = match earlier.last() {
        Some(about) if dice.chance(60) => follow_up(dice, &about.clone(), now),
        _ => any(dice, now),
    };
    match &kind {
        CommandKind::Tag { tag, .. } => earlier.push(About::Tag(tag.clone())),
        CommandKind::List { list, .. } => earlier.push(About::List(list.clone())),
        _ => {}
    }
    kind
}

fn any(dice: &mut Dice, now: i64) -> CommandKind {
    let start = |dice: &mut Dice| dice.chance(15).then(|| near(dice, now));
    match dice.weighted(&[14, 5, 20, 5, 5, 9, 4, 16, 8, 8, 8, 3, 4, 7, 7, 6, 6, 2]) {
        0 => CommandKind::Tag { tag: tag(dice), start: start(dice), term: term(dice, now) },
        1 => CommandKind::Untag { tag: tag(dice) },
        2 => {
            let list = list(dice);
            let level = if &*list == "black" || dice.chance(10) { Some(level(dice)) } else { None };
            let category = dice.chance(30).then(|| dice.word(&["ca", "cb", "cb", "cc"]).into());
            let review = dice.chance(20).then(|| length(dice));
            let (start, term) = (start(dice), term(dice, now));
            let level = level.filter(|_| !dice.chance(5));
            CommandKind::List { list, level, category, start, term, review }
        }
        3 => CommandKind::Release { list: list(dice) },
        4 => CommandKind::Level { list: list(dice), level: level(dice) },
        5 => {
            let session = session(dice, 30);
            let term = match term(dice, now) {
                Term::Forever => Term::For(length(dice)),
                Term::Usual if session.is_none() => Term::For(length(dice)),
                term => term,
            };
            CommandKind::Suspend { list: list(dice), term, session }
        }
        6 => CommandKind::Resume { list: list(dice), session: session(dice, 30) },
        7 => CommandKind::Approve { proposal: proposal(dice) },
        8 => CommandKind::Reject { proposal: proposal(dice) },
        9 => CommandKind::Lapse { proposal: proposal(dice) },
        10 => {
            let outcome = match dice.below(4) {
                0 => ReviewOutcome::Change { level: level(dice) },
                1 => ReviewOutcome::Release,
                _ => ReviewOutcome::Keep,
            };
            let next = (outcome != ReviewOutcome::Release && dice.chance(30)).then(|| near(dice, now));
            let review = (outcome != ReviewOutcome::Release && dice.chance(30)).then(|| length(dice));
            CommandKind::Review { list: list(dice), outcome, next, review }
        }
        11 => CommandKind::Appeal { against: about(dice) },
        12 => CommandKind::Settle { against: about(dice), granted: dice.chance(60) },
        13 => CommandKind::Wrong { rule: rule(dice), about: about(dice) },
        14 => CommandKind::Exempt { from: spared(dice), term: term(dice, now) },
        15 => {
            let what = if dice.chance(50) {
                Lifted::Mark { rule: rule(dice), about: about(dice) }
            } else {
                Lifted::Exemption(spared(dice))
            };
            CommandKind::Lift { what }
        }
        16 => CommandKind::Merge { into: dice.word(&["c1", "c2", "s1", "c3"]).into() },
        _ => CommandKind::Forget,
    }
}
