//! Decisions from their JSON form, for pickles and for files that the command line has written.

use serde_json::{Map, Value as Json};
use std::sync::Arc;
use tagwarden::{
    Change, Decision, Decimal, EndCause, Evidence, KeywordHit, ProposedAction, Reason, RuleRef, Shown,
    Timestamp, Value,
};

type Result<T> = std::result::Result<T, String>;

/// Reads a line.
pub(crate) fn decision(text: &str) -> Result<Decision> {
    let json: Json = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let map = Object(json.as_object().ok_or("a decision is a JSON object")?);
    let rule = match map.maybe("rule") {
        Some(name) => Some(RuleRef { name, version: map.text("version")? }),
        None => None,
    };
    Ok(Decision {
        time: map.time("time")?,
        entity: map.text("entity")?,
        subject: map.text("subject")?,
        rule,
        shadow: map.0.get("shadow").and_then(Json::as_bool).unwrap_or(false),
        change: change(&map)?,
        reason: Arc::new(match map.0.get("reason").and_then(Json::as_object) {
            Some(reason) => self::reason(&Object(reason))?,
            None => Reason::default(),
        }),
    })
}

struct Object<'a>(&'a Map<String, Json>);

impl Object<'_> {
    fn maybe(&self, key: &str) -> Option<Arc<str>> {
        self.0.get(key).and_then(Json::as_str).map(Arc::from)
    }

    fn text(&self, key: &str) -> Result<Arc<str>> {
        self.maybe(key).ok_or_else(|| format!("`{key}`: expected a text"))
    }

    fn time(&self, key: &str) -> Result<Timestamp> {
        self.maybe_time(key)?.ok_or_else(|| format!("`{key}`: expected a time"))
    }

    fn maybe_time(&self, key: &str) -> Result<Option<Timestamp>> {
        let time = self.0.get(key).and_then(Json::as_str).map(str::parse).transpose();
        time.map_err(|error| format!("`{key}`: {error}"))
    }

    fn number<T: TryFrom<u64>>(&self, key: &str) -> Result<T> {
        let number = self.0.get(key).and_then(Json::as_u64).and_then(|number| T::try_from(number).ok());
        number.ok_or_else(|| format!("`{key}`: expected a whole number"))
    }

    fn decimal(&self, key: &str) -> Result<Decimal> {
        self.text(key)?.parse().map_err(|error| format!("`{key}`: {error}"))
    }

    fn list(&self, key: &str) -> impl Iterator<Item = &Json> {
        self.0.get(key).and_then(Json::as_array).into_iter().flatten()
    }

    fn fields(&self) -> Vec<(Arc<str>, Value)> {
        let field = |(name, value): (&String, &Json)| {
            let value = match value {
                Json::Bool(truth) => Value::Bool(*truth),
                other => Value::from(other.as_str().unwrap_or_default()),
            };
            (Arc::from(name.as_str()), value)
        };
        self.0.get("fields").and_then(Json::as_object).into_iter().flatten().map(field).collect()
    }
}

fn change(map: &Object<'_>) -> Result<Change> {
    Ok(match &*map.text("kind")? {
        "tagged" => Change::Tagged { tag: map.text("tag")?, until: map.maybe_time("until")? },
        "untagged" => Change::Untagged { tag: map.text("tag")?, cause: cause(map)? },
        "listed" => Change::Listed {
            list: map.text("list")?,
            level: map.number("level")?,
            category: map.maybe("category"),
            until: map.maybe_time("until")?,
        },
        "level_changed" => Change::LevelChanged {
            list: map.text("list")?,
            level: map.number("level")?,
            from: map.number("from")?,
        },
        "unlisted" => Change::Unlisted { list: map.text("list")?, cause: cause(map)? },
        "scored" => Change::Scored { score: map.text("score")?, value: map.decimal("value")? },
        "proposed" => Change::Proposed(action(map)?),
        "withheld" => Change::Withheld(action(map)?),
        "notified" => Change::Notified { channel: map.text("channel")?, text: map.maybe("text") },
        "review_due" => Change::ReviewDue { list: map.text("list")?, level: map.number("level")? },
        "emitted" => Change::Emitted { name: map.text("name")?, fields: map.fields() },
        "forgotten" => Change::Forgotten,
        other => return Err(format!("`kind`: no decision is {other:?}")),
    })
}

fn cause(map: &Object<'_>) -> Result<EndCause> {
    const CAUSES: [EndCause; 6] = [
        EndCause::Expired,
        EndCause::Until,
        EndCause::Withdrawn,
        EndCause::Removed,
        EndCause::Superseded,
        EndCause::RuleGone,
    ];
    let word = Json::String(map.text("cause")?.to_string());
    let found = CAUSES.into_iter().find(|cause| serde_json::to_value(cause).is_ok_and(|name| name == word));
    found.ok_or_else(|| format!("`cause`: nothing ends because of {word}"))
}

fn action(map: &Object<'_>) -> Result<ProposedAction> {
    let map = Object(map.0.get("action").and_then(Json::as_object).ok_or("`action`: expected an object")?);
    Ok(match &*map.text("kind")? {
        "tag" => ProposedAction::Tag { tag: map.text("tag")? },
        "untag" => ProposedAction::Untag { tag: map.text("tag")? },
        "add" => ProposedAction::Add {
            list: map.text("list")?,
            level: map.number("level")?,
            category: map.maybe("category"),
        },
        "remove" => ProposedAction::Remove { list: map.text("list")? },
        "score" => ProposedAction::Score { score: map.text("score")?, value: map.decimal("value")? },
        "notify" => ProposedAction::Notify { channel: map.text("channel")?, text: map.maybe("text") },
        "emit" => ProposedAction::Emit { name: map.text("name")?, fields: map.fields() },
        other => return Err(format!("`action.kind`: no action is {other:?}")),
    })
}

fn reason(map: &Object<'_>) -> Result<Reason> {
    let because = map.list("because").map(|part| match part.as_object() {
        Some(part) => evidence(&Object(part)),
        None => Err("`because`: expected objects".to_owned()),
    });
    Ok(Reason { text: map.maybe("text"), because: because.collect::<Result<_>>()? })
}

fn evidence(map: &Object<'_>) -> Result<Evidence> {
    const OPS: [&str; 6] = ["==", "!=", "<=", ">=", "<", ">"];
    let than = match map.maybe("op") {
        Some(op) => {
            let op = OPS.into_iter().find(|known| **known == *op);
            let op = op.ok_or("`op`: expected a comparison")?;
            Some((op, Shown::from(&*map.text("than")?)))
        }
        None => None,
    };
    let hits = map.list("hits").filter_map(Json::as_object).map(|hit| {
        let hit = Object(hit);
        Ok(KeywordHit {
            start: hit.number("start")?,
            end: hit.number("end")?,
            pattern: hit.text("pattern")?,
            category: hit.maybe("category"),
        })
    });
    Ok(Evidence {
        expr: map.text("expr")?,
        value: Shown::from(&*map.text("value")?),
        than,
        holds: map.0.get("holds").and_then(Json::as_bool).unwrap_or(true),
        events: map.0.get("events").and_then(Json::as_u64),
        first: map.maybe_time("first")?,
        last: map.maybe_time("last")?,
        warming_until: map.maybe_time("warming_until")?,
        hits: hits.collect::<Result<_>>()?,
    })
}
