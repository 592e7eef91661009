//! The quick reader gives what the general one gives, or nothing.

#![cfg(feature = "quick")]

use super::*;
use crate::schema::{EntityId, EventType, FieldKind, FieldType, Schema};
use proptest::prelude::*;

fn reader(unit: super::super::TimeUnit) -> Reader {
    let field = |name: &str, kind, optional| FieldType { name: name.into(), kind, optional, private: false };
    let channels = FieldKind::Choice(vec!["sms".into(), "email".into(), "短信".into()]);
    let ty = |name: &str, entities: &[u16], fields| EventType {
        name: name.into(),
        entities: entities.iter().copied().map(EntityId).collect(),
        fields,
    };
    let schema = Schema {
        entities: vec!["customer".into(), "staff".into()],
        events: vec![
            ty("login", &[0], vec![]),
            ty("message", &[0], vec![field("channel", channels, true), field("text", FieldKind::Text, true)]),
            ty(
                "order",
                &[0, 1],
                vec![
                    field("amount", FieldKind::Number, false),
                    field("gift", FieldKind::Bool, true),
                    field("delivery_date", FieldKind::Time, true),
                    field("delivery_town", FieldKind::Text, true),
                ],
            ),
        ],
    };
    Reader::new(&schema, unit)
}

/// What the quick reader gives; that the general one agrees has been seen.
fn quick(reader: &Reader, line: &[u8]) -> Option<Input> {
    let mut used =
        reader.json(br#"{"type":"message","time":0,"customer":"c9","id":"i","text":"x"}"#).unwrap();
    let Input::Event(event) = &mut used else { panic!("an event") };
    let quick = reader.quick(line, event);
    let general = reader.general(line);
    let shown = String::from_utf8_lossy(line);
    if quick {
        assert_eq!(Ok(&used), general.as_ref(), "{shown}");
    }
    assert_eq!(reader.json(line), general, "{shown}");
    quick.then_some(used)
}

fn key() -> impl Strategy<Value = String> {
    const KNOWN: &[&str] =
        &["type", "time", "id", "customer", "staff", "channel", "text", "amount", "gift", "note", "typ"];
    const LONG: &[&str] =
        &["delivery_date", "delivery_town", "delivery_", "delivery_dates", "客户", "tick", "command", ""];
    prop_oneof![
        8 => prop::sample::select(KNOWN).prop_map(str::to_owned),
        2 => prop::sample::select(LONG).prop_map(str::to_owned),
        1 => "[a-z]{0,12}|c\\\\u0075stomer|ty\tpe",
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z0-9]{0,9}",
        2 => prop::sample::select(&["login", "message", "order", "sms", "email", "短信", "orde"][..]).prop_map(str::to_owned),
        2 => "[ -!#-~é客服😀]{0,90}",
        1 => r#"([a-z ]|\\n|\\"|\\\\|\\/|\\u00e9|\\ud83d\\ude00|\\ud800|\\x|\\u12){0,30}"#,
        2 => "20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9](\\.[0-9]{1,9})?(Z|[+-][01][0-9]:[03]0)",
    ]
}

fn value() -> impl Strategy<Value = String> {
    let plain = prop_oneof![
        6 => text().prop_map(|text| format!("\"{text}\"")),
        3 => "-?(0|[1-9][0-9]{0,19})(\\.[0-9]{1,8})?([eE][+-]?[0-9]{1,3})?",
        1 => "-?[0-9]{0,4}[.e]?[0-9]{0,3}",
        1 => prop::sample::select(&["null", "true", "false", "nul", "NaN", ""][..]).prop_map(str::to_owned),
    ];
    plain.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(" , "))),
            prop::collection::vec((key(), inner), 0..4).prop_map(|items| {
                let items: Vec<String> =
                    items.into_iter().map(|(key, value)| format!("\"{key}\": {value}")).collect();
                format!("{{{}}}", items.join(","))
            }),
        ]
    })
}

/// Keys with values that suit them, in any order, with others between.
fn line() -> impl Strategy<Value = String> {
    let member = |name: &'static str, value: &'static str| {
        value.prop_map(move |value| format!("\"{name}\":{value}")).boxed()
    };
    let suiting = vec![
        member(
            "time",
            r#"1[0-9]{12}|"202[0-9]-0[1-9]-[12][0-9]T1[0-9]:[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?Z""#,
        ),
        member("customer", r#""c[0-9]{1,9}""#),
        member("staff", r#""客服[0-9]""#),
        member("amount", r"-?[1-9][0-9]{0,7}(\.[0-9]{1,6})?"),
        member("channel", r#""(sms|email|短信)"|null"#),
        member("text", r#""[ a-z客服é]{0,120}"|null|"a\\n\\u00e9[a-z]""#),
        member("gift", "true|false|null"),
        member("id", r#""[a-z0-9-]{1,40}""#),
        member("delivery_date", r#"null|15[0-9]{11}|"2026-05-0[1-9]T00:00:00\+08:00""#),
        member("delivery_town", r#""(上海|Köln|Paris)""#),
        member("type", r#""(login|message|order)""#),
    ];
    let other = (key(), value()).prop_map(|(key, value)| format!("\"{key}\":{value}"));
    let others = prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec(other, 0..4)];
    let space = prop::sample::select(&[",", ", ", " ,\t", ",\n"][..]);
    (suiting, others, any::<prop::sample::Index>(), space)
        .prop_map(|(mut members, others, at, space)| {
            for other in others {
                members.insert(at.index(members.len()), other);
            }
            (members, space)
        })
        .prop_flat_map(|(members, space)| (Just(members).prop_shuffle(), Just(space)))
        .prop_map(|(members, space)| format!("{{{}}}", members.join(space)))
}

/// A change of a few bytes.
type Change = (prop::sample::Index, u8, u8);

fn changed(line: &str, changes: &[Change]) -> Vec<u8> {
    let mut bytes = line.as_bytes().to_vec();
    for (at, what, with) in changes {
        if bytes.is_empty() {
            break;
        }
        let at = at.index(bytes.len());
        match what % 6 {
            0 => bytes[at] = *with,
            1 => bytes.insert(at, *with),
            2 => drop(bytes.remove(at)),
            3 => bytes.insert(at, b"\"\\{}[],: 0-.eu"[usize::from(*with) % 14]),
            4 => bytes[at] = b"\"\\{}[],: 0-.eu"[usize::from(*with) % 14],
            _ => bytes.truncate(at + 1),
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn usual_lines_and_changed_ones(line in line(), changes in prop::collection::vec(any::<Change>(), 0..4)) {
        let reader = reader(super::super::TimeUnit::Millis);
        quick(&reader, line.as_bytes());
        quick(&reader, &changed(&line, &changes));
    }

    #[test]
    fn unusual_lines(members in prop::collection::vec((key(), value()), 0..24)) {
        let members: Vec<String> = members.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
        for unit in [super::super::TimeUnit::Seconds, super::super::TimeUnit::Micros] {
            quick(&reader(unit), format!("{{{}}}", members.join(",")).as_bytes());
        }
    }
}

#[test]
fn what_is_usual_is_read_quickly() {
    let reader = reader(super::super::TimeUnit::Millis);
    for line in [
        r#"{"type":"login","time":1767225600000,"customer":"c1"}"#,
        r#"{"time":"2025-01-01T00:00:20.851Z","ts_ms":1735689620851,"customer":"c07932","type":"message","channel":"sms","amount":null,"text":"客服 item color ship invoice"}"#,
        r#" { "type" : "message" , "customer" : "客户" , "time" : "2025-01-01T08:00:00+08:00" , "text" : "a \"quoted\" \ud83d\ude00" } "#,
        r#"{"type":"order","time":"2025-01-01T00:00:00Z","customer":"c1","staff":"s1","amount":-12.50,"gift":true,"delivery_date":0,"delivery_town":"Köln","meta":{"a":[1,-2.5e3,{"b":null}],"c":{}}}"#,
        r#"{"id":"e-1","k01":1,"k02":2,"k03":3,"k04":4,"k05":5,"k06":6,"k07":7,"k08":8,"time":1,"customer":"c","type":"login"}"#,
    ] {
        assert!(quick(&reader, line.as_bytes()).is_some(), "{line}");
    }
    // What follows a line is none of it.
    for end in 0..64 {
        let line = format!(r#"{{"type":"message","time":0,"customer":"c1","text":"{}"}}"#, "x".repeat(end));
        assert!(quick(&reader, line.as_bytes()).is_some(), "{line}");
        assert!(quick(&reader, format!("{line}\r\n").as_bytes()).is_some(), "{line}");
        (0..line.len()).for_each(|end| assert_eq!(quick(&reader, &line.as_bytes()[..end]), None, "{line}"));
    }
}

#[test]
fn depth_is_left_to_the_general_reader() {
    let reader = reader(super::super::TimeUnit::Millis);
    for (depth, is_quick) in [(1, true), (64, true), (65, false), (10_000, false)] {
        let deep = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let line = format!(r#"{{"type":"login","time":0,"customer":"c1","x":{deep}}}"#);
        assert_eq!(quick(&reader, line.as_bytes()).is_some(), is_quick, "{depth}");
    }
}
