//! Decisions that come of what people do, from their JSON.

use super::parse::{Object, Result, action, cause};
use tagwarden::{About, Change, Lifted, Refusal, ReviewOutcome, Spared};

/// What commands are called, and what else can be refused.
const COMMANDS: [&str; 20] = [
    "tag", "untag", "list", "release", "level", "suspend", "resume", "approve", "reject", "lapse", "review",
    "appeal", "settle", "wrong", "exempt", "lift", "merge", "forget", "view", "export",
];

/// A change of a kind, if it is one that people cause.
pub(crate) fn change(kind: &str, map: &Object) -> Result<Option<Change>> {
    Ok(Some(match kind {
        "planned" => Change::Planned {
            about: about(map)?,
            level: map.get("level")?.unwrap_or(0),
            start: map.time("start")?,
            until: map.maybe_time("until")?,
        },
        "renewed" => Change::Renewed {
            about: about(map)?,
            level: map.get("level")?.unwrap_or(0),
            until: map.maybe_time("until")?,
        },
        "suspended" => Change::Suspended {
            list: map.text("list")?,
            until: map.time("until")?,
            session: map.maybe("session")?,
        },
        "resumed" => Change::Resumed { list: map.text("list")?, level: map.needed("level")? },
        "approved" => Change::Approved { proposal: map.needed("proposal")?, action: action(map)? },
        "rejected" => Change::Rejected { proposal: map.needed("proposal")?, action: action(map)? },
        "lapsed" => Change::Lapsed { proposal: map.needed("proposal")?, action: action(map)? },
        "reviewed" => Change::Reviewed {
            list: map.text("list")?,
            outcome: match &*map.text("outcome")? {
                "keep" => ReviewOutcome::Keep,
                "change" => ReviewOutcome::Change { level: map.needed("level")? },
                "release" => ReviewOutcome::Release,
                other => return Err(format!("`outcome`: no review ends with {other:?}")),
            },
            next: map.maybe_time("next")?,
        },
        "appealed" => Change::Appealed(about(map)?),
        "settled" => Change::Settled {
            about: about(map)?,
            granted: match &*map.text("outcome")? {
                "granted" => true,
                "rejected" => false,
                other => return Err(format!("`outcome`: no appeal ends with {other:?}")),
            },
        },
        "marked_wrong" => Change::MarkedWrong { rule: map.text("marked")?, about: about(map)? },
        "exempted" => Change::Exempted { from: spared(map)?, until: map.maybe_time("until")? },
        "lifted" => Change::Lifted {
            what: match map.maybe("marked")? {
                Some(rule) => Lifted::Mark { rule, about: about(map)? },
                None => Lifted::Exemption(spared(map)?),
            },
            cause: cause(map)?,
        },
        "merged" => Change::Merged { into: map.text("into")? },
        "refused" => {
            let (command, code) = (map.text("command")?, map.text("code")?);
            Change::Refused {
                command: COMMANDS
                    .into_iter()
                    .find(|known| **known == *command)
                    .ok_or_else(|| format!("`command`: no command is {command:?}"))?,
                code: Refusal::ALL
                    .into_iter()
                    .find(|known| *known.as_str() == *code)
                    .ok_or_else(|| format!("`code`: nothing is refused because of {code:?}"))?,
                why: map.text("why")?,
            }
        }
        _ => return Ok(None),
    }))
}

fn about(map: &Object) -> Result<About> {
    match map.maybe("tag")? {
        Some(tag) => Ok(About::Tag(tag)),
        None => map.text("list").map(About::List),
    }
}

fn spared(map: &Object) -> Result<Spared> {
    let from = map.object("from")?.ok_or("`from` is missing")?;
    if let Some(rule) = from.maybe("rule")? {
        return Ok(Spared::Rule(rule));
    }
    match from.maybe("tag")? {
        Some(tag) => Ok(Spared::Tag(tag)),
        None => from.text("list").map(Spared::List),
    }
}
