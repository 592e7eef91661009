//! Decisions as JSON: the keys always in the same order, what is absent left out.

use super::{
    By, Change, Decision, DecisionRef, Evidence, KeywordHit, Lifted, ProposedAction, Reason, ReviewOutcome,
};
use crate::value::Value;
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::fmt::Display;
use std::sync::Arc;

impl Change {
    /// What happened, in one word: `tagged`, `listed`, … as in the JSON form.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Change::Tagged { .. } => "tagged",
            Change::Untagged { .. } => "untagged",
            Change::Listed { .. } => "listed",
            Change::LevelChanged { .. } => "level_changed",
            Change::Unlisted { .. } => "unlisted",
            Change::Scored { .. } => "scored",
            Change::Proposed { .. } => "proposed",
            Change::Withheld(_) => "withheld",
            Change::Notified { .. } => "notified",
            Change::ReviewDue { .. } => "review_due",
            Change::Emitted { .. } => "emitted",
            Change::Planned { .. } => "planned",
            Change::Renewed { .. } => "renewed",
            Change::Suspended { .. } => "suspended",
            Change::Resumed { .. } => "resumed",
            Change::Approved { .. } => "approved",
            Change::Rejected { .. } => "rejected",
            Change::Lapsed { .. } => "lapsed",
            Change::Reviewed { .. } => "reviewed",
            Change::Appealed(_) => "appealed",
            Change::Settled { .. } => "settled",
            Change::MarkedWrong { .. } => "marked_wrong",
            Change::Exempted { .. } => "exempted",
            Change::Lifted { .. } => "lifted",
            Change::Merged { .. } => "merged",
            Change::Refused { .. } => "refused",
            Change::Forgotten => "forgotten",
        }
    }
}

impl DecisionRef<'_> {
    /// What happened, in one word: `tagged`, `listed`, … as in the JSON form.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.change.kind()
    }
}

impl Decision {
    /// What happened, in one word: `tagged`, `listed`, … as in the JSON form.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.change.kind()
    }

    /// The decision as one line of JSON. The same decision always gives the same bytes.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Writing to a string cannot fail, and no key is anything but a string.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Shown as its text.
struct Text<T>(T);

impl<T: Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// The fields of an emitted event as an object, in the order written.
struct Fields<'a>(&'a [(Arc<str>, Value)]);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// An entry that is left out where there is nothing.
fn optional<M: SerializeMap, T: Serialize>(
    map: &mut M,
    key: &'static str,
    value: Option<T>,
) -> Result<(), M::Error> {
    match value {
        Some(value) => map.serialize_entry(key, &value),
        None => Ok(()),
    }
}

impl Serialize for Decision {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("time", &Text(self.time))?;
        map.serialize_entry("kind", self.kind())?;
        map.serialize_entry("entity", &self.entity)?;
        map.serialize_entry("subject", &self.subject)?;
        if let Some(rule) = &self.rule {
            map.serialize_entry("rule", &rule.name)?;
            map.serialize_entry("version", &rule.version)?;
        }
        if self.shadow {
            map.serialize_entry("shadow", &true)?;
        }
        self.change.entries(&mut map)?;
        if !self.reason.is_empty() {
            map.serialize_entry("reason", &*self.reason)?;
        }
        map.end()
    }
}

impl Change {
    fn entries<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        match self {
            Change::Tagged { tag, until } => {
                map.serialize_entry("tag", tag)?;
                optional(map, "until", until.map(Text))
            }
            Change::Untagged { tag, cause } => {
                map.serialize_entry("tag", tag)?;
                map.serialize_entry("cause", cause)
            }
            Change::Listed { list, level, category, until } => {
                map.serialize_entry("list", list)?;
                map.serialize_entry("level", level)?;
                optional(map, "category", category.as_ref())?;
                optional(map, "until", until.map(Text))
            }
            Change::LevelChanged { list, level, from } => {
                map.serialize_entry("list", list)?;
                map.serialize_entry("level", level)?;
                map.serialize_entry("from", from)
            }
            Change::Unlisted { list, cause } => {
                map.serialize_entry("list", list)?;
                map.serialize_entry("cause", cause)
            }
            Change::Scored { score, value } => {
                map.serialize_entry("score", score)?;
                map.serialize_entry("value", &Text(value))
            }
            Change::Withheld(action) => map.serialize_entry("action", action),
            Change::Proposed { proposal, action }
            | Change::Approved { proposal, action }
            | Change::Rejected { proposal, action }
            | Change::Lapsed { proposal, action } => {
                optional(map, "proposal", (*proposal != 0).then_some(proposal))?;
                map.serialize_entry("action", action)
            }
            Change::Notified { channel, text } => {
                map.serialize_entry("channel", channel)?;
                optional(map, "text", text.as_ref())
            }
            Change::ReviewDue { list, level } => {
                map.serialize_entry("list", list)?;
                map.serialize_entry("level", level)
            }
            Change::Emitted { name, fields } => {
                map.serialize_entry("name", name)?;
                map.serialize_entry("fields", &Fields(fields))
            }
            Change::Planned { about, level, start, until } => {
                entry(map, about.named())?;
                optional(map, "level", (*level != 0).then_some(level))?;
                map.serialize_entry("start", &Text(start))?;
                optional(map, "until", until.map(Text))
            }
            Change::Renewed { about, level, until } => {
                entry(map, about.named())?;
                optional(map, "level", (*level != 0).then_some(level))?;
                optional(map, "until", until.map(Text))
            }
            Change::Suspended { list, until, session } => {
                map.serialize_entry("list", list)?;
                map.serialize_entry("until", &Text(until))?;
                optional(map, "session", session.as_ref())
            }
            Change::Resumed { list, level } => {
                map.serialize_entry("list", list)?;
                map.serialize_entry("level", level)
            }
            Change::Reviewed { list, outcome, next } => {
                map.serialize_entry("list", list)?;
                map.serialize_entry("outcome", outcome.as_str())?;
                if let ReviewOutcome::Change { level } = outcome {
                    map.serialize_entry("level", level)?;
                }
                optional(map, "next", next.map(Text))
            }
            Change::Appealed(about) => entry(map, about.named()),
            Change::Settled { about, granted } => {
                entry(map, about.named())?;
                map.serialize_entry("outcome", if *granted { "granted" } else { "rejected" })
            }
            Change::MarkedWrong { rule, about } => {
                map.serialize_entry("marked", rule)?;
                entry(map, about.named())
            }
            Change::Exempted { from, until } => {
                map.serialize_entry("from", &Named(from.named()))?;
                optional(map, "until", until.map(Text))
            }
            Change::Lifted { what, cause } => {
                match what {
                    Lifted::Mark { rule, about } => {
                        map.serialize_entry("marked", rule)?;
                        entry(map, about.named())?;
                    }
                    Lifted::Exemption(from) => map.serialize_entry("from", &Named(from.named()))?,
                }
                map.serialize_entry("cause", cause)
            }
            Change::Merged { into } => map.serialize_entry("into", into),
            Change::Refused { command, code, why } => {
                map.serialize_entry("command", command)?;
                map.serialize_entry("code", code)?;
                map.serialize_entry("why", why)
            }
            Change::Forgotten => Ok(()),
        }
    }
}

/// An object of one key: `{"rule":"flood"}`.
struct Named<'a>((&'static str, &'a Arc<str>));

impl Serialize for Named<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([self.0])
    }
}

fn entry<M: SerializeMap>(map: &mut M, (key, name): (&'static str, &Arc<str>)) -> Result<(), M::Error> {
    map.serialize_entry(key, name)
}

impl Serialize for ProposedAction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            ProposedAction::Tag { tag } => {
                map.serialize_entry("kind", "tag")?;
                map.serialize_entry("tag", tag)?;
            }
            ProposedAction::Untag { tag } => {
                map.serialize_entry("kind", "untag")?;
                map.serialize_entry("tag", tag)?;
            }
            ProposedAction::Add { list, level, category } => {
                map.serialize_entry("kind", "add")?;
                map.serialize_entry("list", list)?;
                map.serialize_entry("level", level)?;
                optional(&mut map, "category", category.as_ref())?;
            }
            ProposedAction::Remove { list } => {
                map.serialize_entry("kind", "remove")?;
                map.serialize_entry("list", list)?;
            }
            ProposedAction::Level { list, level } => {
                map.serialize_entry("kind", "level")?;
                map.serialize_entry("list", list)?;
                map.serialize_entry("level", level)?;
            }
            ProposedAction::Score { score, value } => {
                map.serialize_entry("kind", "score")?;
                map.serialize_entry("score", score)?;
                map.serialize_entry("value", &Text(value))?;
            }
            ProposedAction::Notify { channel, text } => {
                map.serialize_entry("kind", "notify")?;
                map.serialize_entry("channel", channel)?;
                optional(&mut map, "text", text.as_ref())?;
            }
            ProposedAction::Emit { name, fields } => {
                map.serialize_entry("kind", "emit")?;
                map.serialize_entry("name", name)?;
                map.serialize_entry("fields", &Fields(fields))?;
            }
        }
        map.end()
    }
}

impl Reason {
    fn is_empty(&self) -> bool {
        self.text.is_none() && self.because.is_empty() && self.by.is_none()
    }
}

/// `text`, `because` and `by`, each left out where empty.
impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        optional(&mut map, "text", self.text.as_ref())?;
        optional(&mut map, "because", (!self.because.is_empty()).then_some(&self.because))?;
        optional(&mut map, "by", self.by.as_ref())?;
        map.end()
    }
}

/// `actor`, `role` where there is one, `time`.
impl Serialize for By {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("actor", &self.actor)?;
        optional(&mut map, "role", self.role.as_ref())?;
        map.serialize_entry("time", &Text(self.time))?;
        map.end()
    }
}

impl Serialize for Evidence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("expr", &self.expr)?;
        map.serialize_entry("value", &Text(&self.value))?;
        if let Some((op, than)) = &self.than {
            map.serialize_entry("op", op)?;
            map.serialize_entry("than", &Text(than))?;
        }
        optional(&mut map, "holds", (!self.holds).then_some(false))?;
        optional(&mut map, "events", self.events)?;
        optional(&mut map, "first", self.first.map(Text))?;
        optional(&mut map, "last", self.last.map(Text))?;
        optional(&mut map, "warming_until", self.warming_until.map(Text))?;
        optional(&mut map, "hits", (!self.hits.is_empty()).then_some(&self.hits))?;
        map.end()
    }
}

impl Serialize for KeywordHit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("pattern", &self.pattern)?;
        optional(&mut map, "category", self.category.as_ref())?;
        map.serialize_entry("text", &self.text)?;
        map.serialize_entry("start", &self.start)?;
        map.serialize_entry("end", &self.end)?;
        map.serialize_entry("bytes", &self.bytes)?;
        map.serialize_entry("utf16", &self.utf16)?;
        optional(&mut map, "undone", (!self.undone.is_empty()).then_some(&self.undone))?;
        optional(&mut map, "except", self.except.as_ref())?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::{EndCause, RuleRef};

    fn decision(change: Change, reason: Reason) -> Decision {
        Decision {
            time: "2026-01-02T03:04:05.5Z".parse().unwrap(),
            entity: "customer".into(),
            subject: "c1".into(),
            rule: Some(RuleRef { name: "gold".into(), version: "0123456789abcdef".into() }),
            shadow: false,
            change,
            reason: reason.into(),
        }
    }

    #[test]
    fn keys_stand_in_one_order_and_absent_ones_not_at_all() {
        let because = vec![Evidence {
            expr: "sum(order.amount) over 365d".into(),
            value: Value::Number("10450.5".parse().unwrap()).to_string().as_str().into(),
            than: Some((">=", "10000".into())),
            holds: true,
            events: Some(7),
            first: "2025-03-01T00:00:00Z".parse().ok(),
            last: "2026-01-02T00:00:00Z".parse().ok(),
            warming_until: None,
            hits: vec![KeywordHit {
                start: 1,
                end: 3,
                bytes: (1, 7),
                utf16: (1, 3),
                pattern: "退款".into(),
                text: "退款".into(),
                except: Some("不退款".into()),
                undone: vec!["script"],
                category: None,
            }],
        }];
        let until = "2027-01-01T00:00:00Z".parse().ok();
        let mut tagged = decision(
            Change::Tagged { tag: "金卡".into(), until },
            Reason { text: Some("a \"good\" customer".into()), because, by: None },
        );
        tagged.shadow = true;
        assert_eq!(
            tagged.to_json(),
            r#"{"time":"2026-01-02T03:04:05.5Z","kind":"tagged","entity":"customer","subject":"c1","rule":"gold","version":"0123456789abcdef","shadow":true,"tag":"金卡","until":"2027-01-01T00:00:00Z","reason":{"text":"a \"good\" customer","because":[{"expr":"sum(order.amount) over 365d","value":"10450.5","op":">=","than":"10000","events":7,"first":"2025-03-01T00:00:00Z","last":"2026-01-02T00:00:00Z","hits":[{"pattern":"退款","text":"退款","start":1,"end":3,"bytes":[1,7],"utf16":[1,3],"undone":["script"],"except":"不退款"}]}]}}"#
        );
    }

    #[test]
    fn each_kind_has_its_own_part() {
        let number = |text: &str| text.parse().unwrap();
        let add = ProposedAction::Add { list: "blacklist".into(), level: 2, category: Some("spam".into()) };
        let fields = vec![
            ("n".into(), Value::Number(number("1.50"))),
            ("b".into(), Value::Bool(true)),
            ("t".into(), Value::from("x")),
        ];
        let list = || Arc::<str>::from("blacklist");
        for (change, part) in [
            (
                Change::Untagged { tag: "vip".into(), cause: EndCause::Expired },
                r#""kind":"untagged",…,"tag":"vip","cause":"expired"}"#,
            ),
            (
                Change::Listed { list: list(), level: 1, category: None, until: None },
                r#""kind":"listed",…,"list":"blacklist","level":1}"#,
            ),
            (
                Change::LevelChanged { list: list(), level: 1, from: 2 },
                r#""kind":"level_changed",…,"list":"blacklist","level":1,"from":2}"#,
            ),
            (
                Change::Unlisted { list: list(), cause: EndCause::Until },
                r#""kind":"unlisted",…,"list":"blacklist","cause":"until"}"#,
            ),
            (
                Change::Scored { score: "risk".into(), value: number("25") },
                r#""kind":"scored",…,"score":"risk","value":"25"}"#,
            ),
            (
                Change::Proposed { proposal: 3, action: add.clone() },
                r#""kind":"proposed",…,"proposal":3,"action":{"kind":"add","list":"blacklist","level":2,"category":"spam"}}"#,
            ),
            (
                Change::Withheld(ProposedAction::Tag { tag: "vip".into() }),
                r#""kind":"withheld",…,"action":{"kind":"tag","tag":"vip"}}"#,
            ),
            (
                Change::Notified { channel: "managers".into(), text: None },
                r#""kind":"notified",…,"channel":"managers"}"#,
            ),
            (
                Change::ReviewDue { list: list(), level: 3 },
                r#""kind":"review_due",…,"list":"blacklist","level":3}"#,
            ),
            (
                Change::Emitted { name: "greeting".into(), fields },
                r#""kind":"emitted",…,"name":"greeting","fields":{"n":"1.5","b":true,"t":"x"}}"#,
            ),
            (Change::Forgotten, r#""kind":"forgotten",…}"#),
        ] {
            let common = r#""entity":"customer","subject":"c1","rule":"gold","version":"0123456789abcdef""#;
            let expected = format!(r#"{{"time":"2026-01-02T03:04:05.5Z",{}"#, part.replace('…', common));
            assert_eq!(decision(change, Reason::default()).to_json(), expected);
        }
    }
}
