//! What comes over the wire, and what is refused.

use super::*;
use crate::schema::{EntityId, EventType, FieldKind, FieldType};
use proptest::prelude::*;

fn schema() -> Schema {
    let field =
        |name: &str, kind, optional, private| FieldType { name: name.into(), kind, optional, private };
    let channels = FieldKind::Choice(vec!["sms".into(), "email".into()]);
    Schema {
        entities: vec!["customer".into(), "staff".into()],
        events: vec![
            EventType {
                name: "message".into(),
                entities: vec![EntityId(0)],
                fields: vec![
                    field("channel", channels, false, false),
                    field("text", FieldKind::Text, true, true),
                ],
            },
            EventType {
                name: "order".into(),
                entities: vec![EntityId(0), EntityId(1)],
                fields: vec![
                    field("amount", FieldKind::Number, false, false),
                    field("gift", FieldKind::Bool, true, false),
                    field("due", FieldKind::Time, true, false),
                    field("secret", FieldKind::Number, true, true),
                ],
            },
        ],
    }
}

fn reader() -> Reader {
    Reader::new(&schema(), TimeUnit::Millis)
}

fn event(text: &str) -> Event {
    match reader().json(text.as_bytes()) {
        Ok(Input::Event(event)) => {
            assert_eq!(event.validate(&schema()), Ok(()));
            event
        }
        other => panic!("{text}: {other:?}"),
    }
}

/// `path | expected | found`
fn refusal(bytes: &[u8]) -> String {
    shown(reader().json(bytes))
}

fn shown(result: Result<Input, InputError>) -> String {
    match result {
        Err(InputError::Invalid { path, expected, found }) => format!("{path} | {expected} | {found}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn validation_does_not_show_what_is_private() {
    let mut order = event(r#"{"type":"order","time":0,"customer":"c","staff":"s","amount":1}"#);
    order.fields[3] = Some("4711".into());
    assert_eq!(
        shown(order.validate(&schema()).map(|()| Input::Event(order))),
        "secret | number | a value of another kind"
    );
}

fn number(text: &str) -> Option<Value> {
    Some(Value::Number(text.parse().unwrap()))
}

#[test]
fn an_event_is_read_whatever_the_order_of_its_keys() {
    let read = event(
        r#"{"type":"message","time":"2026-01-02T03:04:05.678+08:00","customer":"c1","id":"m-17","channel":"sms","text":"hi"}"#,
    );
    assert_eq!(read.event, EventId(0));
    assert_eq!(read.time.to_string(), "2026-01-01T19:04:05.678Z");
    assert_eq!(read.id.as_deref(), Some("m-17"));
    assert_eq!(read.keys, ["c1".into()]);
    assert_eq!(read.fields, [Some("sms".into()), Some("hi".into())]);
    let turned = event(
        r#" {"text":"h\u0069","channel":"sms","x":{"y":[1,{}]},"id":"m-17","c\u0075stomer":"c1","time":"2026-01-01T19:04:05.678Z",
            "type":"message"} "#,
    );
    assert_eq!(turned, read);
}

#[test]
fn numbers_are_exact_and_null_is_absent() {
    let read = event(
        r#"{"type":"order","time":1767225600000,"customer":"客","staff":"s","amount":123456789012.345678,"gift":null,"due":-1}"#,
    );
    assert_eq!(
        read.fields,
        [number("123456789012.345678"), None, Some(Timestamp::from_micros(-1000).unwrap().into()), None]
    );
    for (written, meant) in [
        ("1e2", "100"),
        ("0.1", "0.1"),
        ("-0", "0"),
        ("1.50", "1.5"),
        ("999999999999999999", "999999999999999999"),
    ] {
        let text = format!(r#"{{"type":"order","time":0,"customer":"c","staff":"s","amount":{written}}}"#);
        assert_eq!(event(&text).fields.first().cloned(), Some(number(meant)), "{written}");
    }
}

#[test]
fn a_tick_moves_the_clock() {
    let time = "2026-01-02T00:00:00Z".parse().unwrap();
    assert_eq!(reader().json(br#"{"tick":"2026-01-02T00:00:00Z"}"#), Ok(Input::Tick(time)));
    assert_eq!(reader().json(br#"{"tick":1767312000000}"#), Ok(Input::Tick(time)));
    let seconds = Reader::new(&schema(), TimeUnit::Seconds);
    assert_eq!(seconds.json(br#"{"tick":1767312000}"#), Ok(Input::Tick(time)));
    let micros = Reader::new(&schema(), TimeUnit::Micros);
    assert_eq!(micros.json(br#"{"tick":1767312000000000}"#), Ok(Input::Tick(time)));
}

#[test]
fn what_is_not_of_the_schema_is_refused_with_its_place() {
    let order = |rest: &str| refusal(format!(r#"{{"type":"order","time":0,{rest}}}"#).as_bytes());
    let keys = r#""customer":"c","staff":"s""#;
    let with = |rest: &str| order(&format!("{keys},{rest}"));
    for (found, expected) in [
        (with(r#""amount":"12""#), r#"amount | number | "12""#),
        (with(r#""amount":true"#), "amount | number | true"),
        (with(r#""amount":[1]"#), "amount | number | an array"),
        (with(r#""amount":{"$serde_json::private::Number":"5"}"#), "amount | number | an object"),
        (with(r#""amount":null"#), "amount | number | nothing"),
        (order(keys), "amount | number | nothing"),
        (
            with(r#""amount":1e400"#),
            "amount | a number with at most 18 significant digits, below 10^18 | 1e400",
        ),
        (
            with(r#""amount":0.1234567"#),
            "amount | a number with at most 6 digits after the point | 0.1234567",
        ),
        (with(r#""amount":1,"gift":1"#), "gift | bool | 1"),
        (with(r#""amount":1,"amount":2"#), "amount | each key once | it twice"),
        (with(r#""amount":1,"gift":null,"gift":true"#), "gift | each key once | it twice"),
        (with(r#""amount":1,"type":"order""#), "type | each key once | it twice"),
        (with(r#""amount":1,"secret":"4711""#), "secret | number | a text"),
        (with(r#""amount":1,"id":5"#), "id | string | 5"),
        (order(r#""customer":"c","amount":1"#), "staff | a key: a string that is not empty | nothing"),
        (order(r#""customer":"","amount":1"#), r#"customer | a key: a string that is not empty | """#),
        (order(r#""customer":7,"amount":1"#), "customer | a key: a string that is not empty | 7"),
        (refusal(br#"{"type":"order"}"#), "time | a time | nothing"),
        (
            refusal(br#"{"type":"ordre"}"#),
            r#"type | an event type of the rulebook; the nearest is "order" | "ordre""#,
        ),
        (refusal(br#"{"type":"zzz"}"#), r#"type | an event type of the rulebook | "zzz""#),
        (refusal(br#"{"type":5}"#), "type | the name of an event type | 5"),
        (refusal(br#"{"time":5}"#), "type | the name of an event type | nothing"),
        (refusal(br#"{}"#), "type | the name of an event type | nothing"),
        (refusal(br#"{"tick":0,"tick":1}"#), "tick | each key once | it twice"),
        (refusal(br#"{"command":"release","time":0}"#), "actor | who gives the command | nothing"),
        (
            refusal(br#"{"type":"message","time":0,"customer":"c","channel":"fax"}"#),
            r#"channel | one of "sms", "email" | "fax""#,
        ),
        (
            refusal(br#"{"type":"message","time":99999999999999999,"customer":"c","channel":"sms"}"#),
            "time | a time in the years 1 to 9999 | 99999999999999999",
        ),
        (
            refusal(br#"{"tick":"2026-01-02T00:00:00"}"#),
            "tick | a time: RFC 3339 with an offset, such as \"2026-01-02T03:04:05Z\", or whole milliseconds since 1970 | \
             \"2026-01-02T00:00:00\"",
        ),
        (
            refusal(br#"{"tick":1.5}"#),
            "tick | a time: RFC 3339 with an offset, such as \"2026-01-02T03:04:05Z\", or whole milliseconds since 1970 | 1.5",
        ),
    ] {
        assert_eq!(found, expected);
    }
}

#[test]
fn what_is_not_json_is_refused() {
    for (bytes, start) in [
        (&br#""#[..], " | a JSON object | broken JSON: EOF"),
        (b"[]", " | a JSON object | an array"),
        (b"5", " | a JSON object | a number"),
        (b" null", " | a JSON object | null"),
        (br#""x""#, " | a JSON object | a string"),
        (br#"{"tick":0} {}"#, " | nothing after the object | broken JSON: trailing characters"),
        (br#"{"tick":NaN}"#, "tick | a JSON value | broken JSON: expected value"),
        (br#"{"tick":1.}"#, "tick | a JSON value | broken JSON"),
        (br#"{"tick":01}"#, "tick | a JSON value | broken JSON: invalid number"),
        (br#"{"tick":0 "x"}"#, " | a JSON object | broken JSON"),
        (br#"{"tick":0"#, " | a JSON object | broken JSON: EOF"),
        (b"{\"tick\":\"\xff\"}", "tick | a JSON value | broken JSON: invalid unicode"),
        (b"{\"\xff\":0}", " | a JSON object | broken JSON: invalid unicode"),
        (br#"{"type":"\ud800"}"#, "type | string | broken JSON: "),
        (br#"{"type":"message","text":"\udc00 x"}"#, "text | string | broken JSON: "),
        (br#"{"\ud800":1}"#, " | a JSON object | broken JSON: "),
    ] {
        let found = refusal(bytes);
        assert!(found.starts_with(start), "{}: {found}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn texts_are_the_same_however_they_are_taken() {
    for rest in [
        r#""text":"plain""#,
        r#""text":"a \u00e9 \ud83d\ude00 \" \\ \n end""#,
        r#""text":"大麻烦","id":"e\u0031""#,
        r#""text":null,"id":null"#,
        r#""text":5"#,
        r#""text":1e400"#,
        r#""text":["x"]"#,
        r#""text":true,"more":{"deep":["\ud800",null]}"#,
        r#""text":"\udc00""#,
        r#""text":"a","text":"b""#,
    ] {
        let line = format!(r#"{{"type":"message","time":0,"customer":"c","channel":"sms",{rest}}}"#);
        let plainly = reader().object(&line, false);
        if let Ok(direct) = reader().object(&line, true) {
            assert_eq!(Ok(direct), plainly, "{line}");
        }
        assert_eq!(reader().json(line.as_bytes()), plainly, "{line}");
    }
}

#[test]
fn depth_and_width_do_no_harm() {
    let deep = format!(r#"{{"x":{}{},"tick":0}}"#, "[".repeat(1_000_000), "]".repeat(1_000_000));
    assert!(reader().json(deep.as_bytes()).is_ok());
    let wide: String = (0..5000).map(|at| format!(r#""k{at}":0,"#)).collect();
    assert!(matches!(
        reader().json(format!(r#"{{{wide}"type":"order"}}"#).as_bytes()),
        Err(InputError::Limit { most: 4096, .. })
    ));
    let long = format!(r#"{{"type":"{}"}}"#, "é".repeat(10_000));
    assert!(refusal(long.as_bytes()).len() < 300);
}

#[test]
fn rows_are_read_by_their_header() {
    let reader = reader();
    let header = ["type", "time", "customer", "staff", "amount", "gift", "channel", "other", "tick"];
    let columns = reader.columns(&header, None).unwrap();
    let order = columns.record(&["order", "0", "c", "s", "1.50", "True", "", "x", ""]).unwrap();
    let Input::Event(order) = order else { panic!() };
    assert_eq!(order.keys, ["c".into(), "s".into()]);
    assert_eq!(order.fields, [number("1.5"), Some(true.into()), None, None]);
    let tick = columns.record(&["", "", "", "", "", "", "", "", "1970-01-01T00:00:01Z"]);
    assert_eq!(tick, Ok(Input::Tick(Timestamp::from_micros(1_000_000).unwrap())));
    for (row, expected) in [
        (["", "0", "c", "s", "1", "", "", "", ""], "type | the name of an event type | nothing"),
        (["order", "0", "c", "", "1", "", "", "", ""], "staff | a key: a string that is not empty | nothing"),
        (["order", "0", "c", "s", "1,5", "", "", "", ""], r#"amount | number | "1,5""#),
        (["order", "0", "c", "s", "", "", "", "", ""], "amount | number | nothing"),
        (["order", "0", "c", "s", "1", "1", "", "", ""], r#"gift | bool | "1""#),
    ] {
        assert_eq!(shown(columns.record(&row)), expected);
    }
    assert_eq!(shown(columns.record(&["order"])), " | 9 cells | 1");
    let typed = reader.columns(&["type", "time", "customer", "channel"], Some("message")).unwrap();
    assert!(typed.record(&["no matter", "-5", "c", "sms"]).is_ok());
    assert!(reader.columns(&["time"], None).is_err());
    assert!(reader.columns(&["type", "time", "time"], None).is_err());
    assert!(reader.columns(&["type", "x", "x"], None).is_ok());
    assert!(reader.columns(&["time"], Some("massage")).is_err());
}

fn value() -> impl Strategy<Value = Option<Value>> {
    prop_oneof![
        2 => Just(None),
        2 => prop::sample::select(vec!["sms", "email", "fax", "", "twelve bytes"]).prop_map(|text| Some(text.into())),
        3 => any::<i32>().prop_map(|number| Some(Value::Number(i64::from(number).into()))),
        1 => any::<bool>().prop_map(|truth| Some(Value::Bool(truth))),
        1 => Just(Some(Value::Time(Timestamp::MAX))),
    ]
}

/// Right and wrong in every way: of no type, with a key or a field too many or too few, with values of other kinds.
fn any_event() -> impl Strategy<Value = Event> {
    let message = prop::collection::vec(value(), 1..=3);
    let order = prop::collection::vec(value(), 3..=5);
    let right = (prop::sample::select(vec![None, Some("sms"), Some("email")]), any::<bool>(), any::<i8>());
    let right = right.prop_map(|(channel, gift, amount)| match channel {
        Some(channel) => {
            vec![Some(channel.into()), gift.then(|| "x".repeat(amount.unsigned_abs().into()).as_str().into())]
        }
        None => {
            vec![Some(Value::Number(i64::from(amount).into())), gift.then_some(Value::Bool(gift)), None, None]
        }
    });
    (0..4_u16, 0..4_usize, prop_oneof![message, order, right]).prop_map(|(event, keys, fields)| Event {
        event: EventId(event),
        time: Timestamp::MIN,
        id: None,
        keys: vec!["c1".into(); keys],
        fields,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    /// What is admitted quickly has nothing that a message could be about, and what is not has something.
    #[test]
    fn what_is_admitted_is_what_no_message_is_about(event in any_event(), longest in 0..100_usize) {
        let schema = schema();
        let limit = InputError::Limit { limit: "bytes of a text", most: longest as u64 };
        let long = |value: &Option<Value>| matches!(value, Some(Value::Text(text)) if text.len() > longest);
        let slowly = event.check(&schema).and_then(|()| {
            if event.fields.iter().any(long) { Err(limit) } else { Ok(()) }
        });
        prop_assert_eq!(event.admit(&schema, longest).map(|_| ()), slowly);
        prop_assert_eq!(event.validate(&schema), event.check(&schema));
    }
}
