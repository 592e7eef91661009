//! Decisions from their JSON form, for pickles and for files that the command line has written.

use crate::people;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::Arc;
use tagwarden::{
    By, Change, Decimal, Decision, EndCause, Evidence, KeywordHit, ProposedAction, Reason, RuleRef, Shown,
    Timestamp, Value,
};

pub(crate) type Result<T> = std::result::Result<T, String>;

/// Reads a line.
pub(crate) fn decision(text: &str) -> Result<Decision> {
    let map = Object::read(text).map_err(|error| format!("a decision is a JSON object: {error}"))?;
    let rule = match map.maybe("rule")? {
        Some(name) => Some(RuleRef { name, version: map.text("version")? }),
        None => None,
    };
    Ok(Decision {
        time: map.time("time")?,
        entity: map.text("entity")?,
        subject: map.text("subject")?,
        rule,
        shadow: map.get("shadow")?.unwrap_or(false),
        change: change(&map)?,
        reason: Arc::new(match map.object("reason")? {
            Some(reason) => self::reason(&reason)?,
            None => Reason::default(),
        }),
    })
}

/// A JSON object, its values not read yet.
pub(crate) struct Object(BTreeMap<String, Box<RawValue>>);

impl Object {
    pub(crate) fn read(text: &str) -> Result<Object> {
        serde_json::from_str(text).map(Object).map_err(|error| error.to_string())
    }

    pub(crate) fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>> {
        let value = self.0.get(key).map(|value| serde_json::from_str(value.get())).transpose();
        value.map_err(|error| format!("`{key}`: {error}"))
    }

    pub(crate) fn needed<T: DeserializeOwned>(&self, key: &str) -> Result<T> {
        self.get(key)?.ok_or_else(|| format!("`{key}` is missing"))
    }

    pub(crate) fn object(&self, key: &str) -> Result<Option<Object>> {
        self.0.get(key).map(|value| Object::read(value.get())).transpose()
    }

    pub(crate) fn objects(&self, key: &str) -> Result<Vec<Object>> {
        let values: Vec<Box<RawValue>> = self.get(key)?.unwrap_or_default();
        values.iter().map(|value| Object::read(value.get())).collect()
    }

    pub(crate) fn maybe(&self, key: &str) -> Result<Option<Arc<str>>> {
        self.get::<String>(key).map(|text| text.map(Arc::from))
    }

    pub(crate) fn text(&self, key: &str) -> Result<Arc<str>> {
        self.needed::<String>(key).map(Arc::from)
    }

    pub(crate) fn time(&self, key: &str) -> Result<Timestamp> {
        self.maybe_time(key)?.ok_or_else(|| format!("`{key}` is missing"))
    }

    pub(crate) fn maybe_time(&self, key: &str) -> Result<Option<Timestamp>> {
        let time = self.maybe(key)?.map(|text| text.parse()).transpose();
        time.map_err(|error| format!("`{key}`: {error}"))
    }

    pub(crate) fn decimal(&self, key: &str) -> Result<Decimal> {
        self.text(key)?.parse().map_err(|error| format!("`{key}`: {error}"))
    }

    pub(crate) fn fields(&self) -> Result<Vec<(Arc<str>, Value)>> {
        let fields: Fields = self.needed("fields")?;
        Ok(fields.0)
    }
}

/// The fields of an emitted event, in their order.
struct Fields(Vec<(Arc<str>, Value)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Fields;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some((name, field)) = map.next_entry::<String, Field>()? {
                    let value = match field {
                        Field::Bool(truth) => Value::Bool(truth),
                        Field::Text(text) => Value::Text(text.into()),
                    };
                    fields.push((name.into(), value));
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Field {
    Bool(bool),
    Text(String),
}

fn change(map: &Object) -> Result<Change> {
    Ok(match &*map.text("kind")? {
        "tagged" => Change::Tagged { tag: map.text("tag")?, until: map.maybe_time("until")? },
        "untagged" => Change::Untagged { tag: map.text("tag")?, cause: cause(map)? },
        "listed" => Change::Listed {
            list: map.text("list")?,
            level: map.needed("level")?,
            category: map.maybe("category")?,
            until: map.maybe_time("until")?,
        },
        "level_changed" => Change::LevelChanged {
            list: map.text("list")?,
            level: map.needed("level")?,
            from: map.needed("from")?,
        },
        "unlisted" => Change::Unlisted { list: map.text("list")?, cause: cause(map)? },
        "scored" => Change::Scored { score: map.text("score")?, value: map.decimal("value")? },
        "proposed" => Change::Proposed { proposal: map.needed("proposal")?, action: action(map)? },
        "withheld" => Change::Withheld(action(map)?),
        "notified" => Change::Notified { channel: map.text("channel")?, text: map.maybe("text")? },
        "review_due" => Change::ReviewDue { list: map.text("list")?, level: map.needed("level")? },
        "emitted" => Change::Emitted { name: map.text("name")?, fields: map.fields()? },
        "forgotten" => Change::Forgotten,
        other => match people::change(other, map)? {
            Some(change) => change,
            None => return Err(format!("`kind`: no decision is {other:?}")),
        },
    })
}

pub(crate) fn cause(map: &Object) -> Result<EndCause> {
    const CAUSES: [EndCause; 9] = [
        EndCause::Expired,
        EndCause::Until,
        EndCause::Withdrawn,
        EndCause::Removed,
        EndCause::Superseded,
        EndCause::RuleGone,
        EndCause::Wrong,
        EndCause::Appeal,
        EndCause::Review,
    ];
    let word = format!("\"{}\"", map.text("cause")?);
    let found = CAUSES.into_iter().find(|cause| serde_json::to_string(cause).is_ok_and(|name| name == word));
    found.ok_or_else(|| format!("`cause`: nothing ends because of {word}"))
}

pub(crate) fn action(map: &Object) -> Result<ProposedAction> {
    let map = map.object("action")?.ok_or("`action` is missing")?;
    Ok(match &*map.text("kind")? {
        "tag" => ProposedAction::Tag { tag: map.text("tag")? },
        "untag" => ProposedAction::Untag { tag: map.text("tag")? },
        "add" => ProposedAction::Add {
            list: map.text("list")?,
            level: map.needed("level")?,
            category: map.maybe("category")?,
        },
        "remove" => ProposedAction::Remove { list: map.text("list")? },
        "level" => ProposedAction::Level { list: map.text("list")?, level: map.needed("level")? },
        "score" => ProposedAction::Score { score: map.text("score")?, value: map.decimal("value")? },
        "notify" => ProposedAction::Notify { channel: map.text("channel")?, text: map.maybe("text")? },
        "emit" => ProposedAction::Emit { name: map.text("name")?, fields: map.fields()? },
        other => return Err(format!("`action.kind`: no action is {other:?}")),
    })
}

fn reason(map: &Object) -> Result<Reason> {
    let because = map.objects("because")?.iter().map(evidence).collect::<Result<_>>()?;
    let by = map.object("by")?.map(|by| {
        Ok::<_, String>(Box::new(By {
            actor: by.text("actor")?,
            role: by.maybe("role")?,
            time: by.time("time")?,
        }))
    });
    Ok(Reason { text: map.maybe("text")?, because, by: by.transpose()? })
}

fn evidence(map: &Object) -> Result<Evidence> {
    const OPS: [&str; 6] = ["==", "!=", "<=", ">=", "<", ">"];
    let than = match map.maybe("op")? {
        Some(op) => {
            let op = OPS.into_iter().find(|known| **known == *op);
            let op = op.ok_or("`op`: expected a comparison")?;
            Some((op, Shown::from(&*map.text("than")?)))
        }
        None => None,
    };
    Ok(Evidence {
        expr: map.text("expr")?,
        value: Shown::from(&*map.text("value")?),
        than,
        holds: map.get("holds")?.unwrap_or(true),
        events: map.get("events")?,
        first: map.maybe_time("first")?,
        last: map.maybe_time("last")?,
        warming_until: map.maybe_time("warming_until")?,
        hits: map.objects("hits")?.iter().map(keyword_hit).collect::<Result<_>>()?,
    })
}

fn keyword_hit(map: &Object) -> Result<KeywordHit> {
    // A decision holds these words as constants, in this order.
    const UNDONE: [&str; 9] =
        ["case", "width", "script", "invisible", "separators", "repeats", "leet", "lookalikes", "sound"];
    let undone = |word: String| {
        let found = UNDONE.into_iter().find(|known| **known == *word);
        found.ok_or_else(|| format!("`undone`: {word:?} is not a difference that is undone"))
    };
    Ok(KeywordHit {
        start: map.needed("start")?,
        end: map.needed("end")?,
        bytes: map.needed("bytes")?,
        utf16: map.needed("utf16")?,
        pattern: map.text("pattern")?,
        category: map.maybe("category")?,
        text: map.text("text")?,
        undone: map
            .get::<Vec<String>>("undone")?
            .unwrap_or_default()
            .into_iter()
            .map(undone)
            .collect::<Result<_>>()?,
        except: map.maybe("except")?,
    })
}
