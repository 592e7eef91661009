//! The engine and the reference evaluator against answers worked out by hand from the page on semantics.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod reference;

use tagwarden::{Change, Decision, Engine, Reader, Rulebook, TimeUnit};

const SCHEMA: &str = r#"
entity customer
event order(customer) { amount: number, sku: string? }
event cart(customer) { sku: string? }
event message(customer) { text: string private }
"#;

/// Compiles the rulebook, behind the schema, and runs the inputs: a line of JSON each, or for short
/// `TIME TYPE KEY field=value …` and `TIME tick`, where TIME may leave out `:00Z`.
fn run(rules: &str, inputs: &str) -> Vec<Decision> {
    let text = if rules.contains("timezone") { rules.to_owned() } else { format!("{SCHEMA}{rules}") };
    let rulebook = Rulebook::compile(&text).unwrap_or_else(|error| panic!("{error:#?}"));
    let reader = Reader::new(rulebook.schema(), TimeUnit::default());
    let inputs: Vec<_> = inputs
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| reader.json(json(line).as_bytes()).unwrap_or_else(|error| panic!("{line}: {error}")))
        .collect();
    let reference = reference::run(rulebook.tree(), &inputs);
    let mut engine = Engine::new(&rulebook);
    let decisions: Vec<_> = inputs.iter().flat_map(|input| engine.apply(input).unwrap_or_default()).collect();
    let json = |decisions: &[Decision]| decisions.iter().map(Decision::to_json).collect::<Vec<_>>();
    assert_eq!(json(&decisions), json(&reference), "engine and reference");
    reference
}

fn json(line: &str) -> String {
    if line.starts_with('{') {
        return line.to_owned();
    }
    let mut words = line.split_whitespace();
    let (time, ty) = (words.next().unwrap(), words.next().unwrap());
    let time = match time.len() {
        10 => format!("{time}T00:00:00Z"),
        16 => format!("{time}:00Z"),
        _ => time.to_owned(),
    };
    if ty == "tick" {
        return format!(r#"{{"tick":"{time}"}}"#);
    }
    let key = words.next().unwrap();
    let fields: String = words
        .map(|word| {
            let (name, value) = word.split_once('=').unwrap();
            match value.parse::<f64>() {
                Ok(_) => format!(r#","{name}":{value}"#),
                Err(_) => format!(r#","{name}":"{value}""#),
            }
        })
        .collect();
    format!(r#"{{"type":"{ty}","time":"{time}","customer":"{key}"{fields}}}"#)
}

/// `TIME RULE KIND WHAT`, without seconds where they are zero.
fn short(decision: &Decision) -> String {
    let time = decision.time.to_string().replace(":00Z", "");
    let rule = decision.rule.as_ref().map_or("", |rule| &rule.name);
    let until = |until: &Option<tagwarden::Timestamp>| {
        until.map_or(String::new(), |until| format!(" until {}", until.to_string().replace(":00Z", "")))
    };
    let what = match &decision.change {
        Change::Tagged { tag, until: end } => format!("{tag}{}", until(end)),
        Change::Untagged { tag, cause } => format!("{tag} {cause:?}"),
        Change::Listed { list, level, category, until: end } => {
            format!(
                "{list} {level}{}{}",
                category.as_ref().map_or(String::new(), |c| format!(" {c}")),
                until(end)
            )
        }
        Change::LevelChanged { list, level, from } => format!("{list} {from}->{level}"),
        Change::Unlisted { list, cause } => format!("{list} {cause:?}"),
        Change::Scored { score, value } => format!("{score} {value}"),
        Change::Notified { channel, text } => format!("{channel} {}", text.as_deref().unwrap_or("")),
        Change::Emitted { name, fields } => {
            format!("{name} {}", fields.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(","))
        }
        Change::ReviewDue { list, level } => format!("{list} {level}"),
        Change::Proposed { action, .. } | Change::Withheld(action) => format!("{action:?}"),
        _ => String::new(),
    };
    let shadow = if decision.shadow { " shadow" } else { "" };
    format!("{time} {rule} {}{shadow} {what}", decision.kind()).trim().to_owned()
}

#[track_caller]
fn expect(rules: &str, inputs: &str, expected: &[&str]) {
    let found: Vec<String> = run(rules, inputs).iter().map(short).collect();
    assert_eq!(found, expected, "\n{}", found.join("\n"));
}

#[test]
fn the_51st_message_in_a_day_lists_for_a_week() {
    let mut inputs = String::new();
    for at in 0..51 {
        inputs.push_str(&format!("2026-01-01T{:02}:{:02} message c1 text=hi\n", at / 6, at % 6 * 10));
    }
    inputs.push_str("2026-01-08T08:19 tick\n2026-01-09 tick");
    let rules = r#"
list blacklist { level 1 denies all level 2 limits 3 per 24h category "abuse" }
rule flood {
  when count(message) over 24h > 50
  because "{count(message) over 24h} messages"
  then add to blacklist level 2 category "abuse" for 7d
  then notify managers
}"#;
    expect(
        rules,
        &inputs,
        &[
            "2026-01-01T08:20 flood listed blacklist 2 abuse until 2026-01-08T08:20",
            "2026-01-01T08:20 flood notified managers",
            "2026-01-08T08:20 flood unlisted blacklist Expired",
        ],
    );
    let decisions = run(rules, &inputs);
    let json = decisions[0].to_json();
    let reason = r#""reason":{"text":"51 messages","because":[{"expr":"count(message) over 24h","value":"51","op":">","than":"50","events":51,"first":"2026-01-01T00:00:00Z","last":"2026-01-01T08:20:00Z"}]}}"#;
    assert!(json.ends_with(reason), "{json}");
    assert!(decisions[2].to_json().ends_with(r#""cause":"expired"}"#), "{}", decisions[2].to_json());
}

#[test]
fn an_event_that_comes_as_another_leaves_makes_no_flicker() {
    expect(
        "rule active { while count(order) over 90d >= 1 then tag active }",
        "2026-01-01 order c1 amount=1
         2026-04-01 order c1 amount=1
         2026-07-01 tick",
        &["2026-01-01T00:00 active tagged active", "2026-06-30T00:00 active untagged active Withdrawn"],
    );
    // Due at the very time of the next input: it joins it. A microsecond later it has happened.
    expect(
        "rule one { when count(order) over 1h == 1 then notify x }",
        "2026-01-01T00:00 order c1 amount=1
         2026-01-01T01:00 order c1 amount=1
         2026-01-01T02:00:00.000001Z order c1 amount=1",
        &["2026-01-01T00:00 one notified x", "2026-01-01T02:00:00.000001Z one notified x"],
    );
}

#[test]
fn a_grant_that_is_made_as_another_ends_is_not_announced() {
    expect(
        "rule a { on order then tag x for 1h }
         rule b { when tagged x for 90m then notify long }",
        "2026-01-01T00:00 order c1 amount=1
         2026-01-01T01:00 order c1 amount=1
         2026-01-01T03:00 tick",
        &[
            "2026-01-01T00:00 a tagged x until 2026-01-01T01:00",
            "2026-01-01T01:30 b notified long",
            "2026-01-01T02:00 a untagged x Expired",
        ],
    );
}

#[test]
fn churn_counts_from_the_first_event_and_ends_with_an_order() {
    expect(
        "rule churn { while no order for 90d then tag risk }",
        "2026-01-01 cart c1
         2026-04-05 order c1 amount=1
         2026-07-04 tick",
        &[
            "2026-04-01T00:00 churn tagged risk",
            "2026-04-05T00:00 churn untagged risk Withdrawn",
            "2026-07-04T00:00 churn tagged risk",
        ],
    );
}

#[test]
fn hysteresis() {
    expect(
        "rule gold { when sum(order.amount) over 10d >= 100 then tag gold until sum(order.amount) over 10d < 80 }",
        "2026-01-01 order c1 amount=60
         2026-01-02 order c1 amount=40
         2026-01-03 order c1 amount=40
         2026-01-12 order c1 amount=1
         2026-02-01 order c1 amount=100
         2026-02-02 tick",
        &[
            // 1 + 2 + 3 January make 140; on the 11th 60 of them leave, and 80 is not below 80.
            "2026-01-02T00:00 gold tagged gold",
            "2026-01-12T00:00 gold untagged gold Until",
            "2026-02-01T00:00 gold tagged gold",
        ],
    );
}

#[test]
fn without_is_picked_at_its_deadline_and_an_order_then_is_in_time() {
    let rule = "rule left { on cart without order within 30m matching sku then notify x \"{sku} {at}\" }";
    expect(
        rule,
        "2026-01-01T00:00 cart c1 sku=a
         2026-01-01T00:30 order c1 amount=1 sku=a
         2026-01-01T01:00 cart c1 sku=a
         2026-01-01T01:30 cart c1 sku=c
         2026-01-01T01:30 order c1 amount=1 sku=a
         2026-01-01T01:45 order c1 amount=1
         2026-01-01T03:00 tick",
        &[
            // The deadline's instant is the first of its time, so the order behind it is too late.
            "2026-01-01T01:30 left notified x a 2026-01-01T01:00:00Z",
            "2026-01-01T02:00 left notified x c 2026-01-01T01:30:00Z",
        ],
    );
}

#[test]
fn after_needs_an_earlier_instant_and_uses_nothing_up() {
    expect(
        "rule again { on order after cart within 1h then notify x }
         rule twice { on order after order within 1h then notify y }",
        "2026-01-01T00:00 order c1 amount=1
         2026-01-01T00:00 cart c1
         2026-01-01T01:00 order c1 amount=1
         2026-01-01T01:00 order c1 amount=1
         2026-01-01T02:00:00.000001Z order c1 amount=1",
        &[
            "2026-01-01T01:00 again notified x",
            "2026-01-01T01:00 twice notified y",
            "2026-01-01T01:00 again notified x",
            "2026-01-01T01:00 twice notified y",
        ],
    );
}

#[test]
fn of_an_ordered_group_the_highest_is_shown() {
    expect(
        "tags tier: silver < gold
         rule s { while count(order) over 10d >= 1 then tag silver }
         rule g { while sum(order.amount) over 5d >= 100 then tag gold }
         rule seen { when tagged silver then notify silver }",
        "2026-01-01 order c1 amount=1
         2026-01-02 order c1 amount=100
         2026-01-20 tick",
        &[
            "2026-01-01T00:00 s tagged silver",
            "2026-01-01T00:00 seen notified silver",
            "2026-01-02T00:00 g untagged silver Superseded",
            "2026-01-02T00:00 g tagged gold",
            // 2 + 5 January: gold goes, and silver, held from the first on, is seen before that is announced.
            "2026-01-07T00:00 seen notified silver",
            "2026-01-07T00:00 g untagged gold Withdrawn",
            "2026-01-07T00:00 s tagged silver",
            "2026-01-12T00:00 s untagged silver Withdrawn",
        ],
    );
}

#[test]
fn of_an_unordered_group_the_last_made_or_renewed_is_shown() {
    expect(
        "tags mood: happy, cross
         rule h { on order then tag happy for 10d }
         rule c { on cart then tag cross for 2d }",
        "2026-01-01 order c1 amount=1
         2026-01-02 cart c1
         2026-01-03 order c1 amount=1
         2026-01-03T12:00 cart c1
         2026-01-20 tick",
        &[
            "2026-01-01T00:00 h tagged happy until 2026-01-11T00:00",
            "2026-01-02T00:00 c untagged happy Superseded",
            "2026-01-02T00:00 c tagged cross until 2026-01-04T00:00",
            "2026-01-03T00:00 h untagged cross Superseded",
            "2026-01-03T00:00 h tagged happy until 2026-01-13T00:00",
            "2026-01-03T12:00 c untagged happy Superseded",
            "2026-01-03T12:00 c tagged cross until 2026-01-05T12:00",
            "2026-01-05T12:00 c untagged cross Expired",
            "2026-01-05T12:00 h tagged happy until 2026-01-13T00:00",
            "2026-01-13T00:00 h untagged happy Expired",
        ],
    );
}

#[test]
fn months_are_clamped_and_leave_in_order() {
    // 29, 30 and 31 January and 28 February + 1 month: 28 February three times over, and 28 March.
    expect(
        "rule n { while count(order) over 1mo >= 3 then tag many }
         rule one { while count(order) over 1mo >= 1 then tag some }",
        "2026-01-29 order c1 amount=1
         2026-01-30 order c1 amount=1
         2026-01-31 order c1 amount=1
         2026-02-28 order c1 amount=1
         2026-04-01 tick",
        &[
            "2026-01-29T00:00 one tagged some",
            "2026-01-31T00:00 n tagged many",
            "2026-02-28T00:00 n untagged many Withdrawn",
            "2026-03-28T00:00 one untagged some Withdrawn",
        ],
    );
    // The later one would leave first by its hour: it leaves with the earlier.
    expect(
        "rule n { while count(order) over 1mo >= 2 then tag many }
         rule one { while count(order) over 1mo >= 1 then tag some }",
        "2026-01-30T12:00 order c1 amount=1
         2026-01-31T06:00 order c1 amount=1
         2026-04-01 tick",
        &[
            "2026-01-30T12:00 one tagged some",
            "2026-01-31T06:00 n tagged many",
            "2026-02-28T12:00 n untagged many Withdrawn",
            "2026-02-28T12:00 one untagged some Withdrawn",
        ],
    );
}

#[test]
fn calendar_windows_and_steps() {
    let rules = r#"
timezone "Europe/Berlin"
entity customer
event order(customer) { amount: number }
rule today { while count(order) this day >= 1 then tag today }
rule yesterday { while count(order) previous day >= 1 then tag yesterday }
rule stepped { while count(order) over 2h step 1h >= 1 then tag stepped }
"#;
    expect(
        rules,
        // 12:30 in Berlin, on a day of 23 hours.
        "2026-03-29T10:30 order c1 amount=1
         2026-04-02 tick",
        &[
            "2026-03-29T10:30 today tagged today",
            "2026-03-29T10:30 stepped tagged stepped",
            "2026-03-29T13:00 stepped untagged stepped Withdrawn",
            "2026-03-29T22:00 yesterday tagged yesterday",
            "2026-03-29T22:00 today untagged today Withdrawn",
            "2026-03-30T22:00 yesterday untagged yesterday Withdrawn",
        ],
    );
}

#[test]
fn lists_show_the_strictest_level() {
    expect(
        "list l { level 1 denies all level 2 denies all level 3 denies all review every 1d }
         rule a { on order then add to l level 2 for 3d }
         rule b { on cart then add to l level 1 for 1d starting in 1h review every 2d }
         rule c { on message then remove from l }",
        "2026-01-01T00:00 order c1 amount=1
         2026-01-01T06:00 cart c1
         2026-01-03T12:00 message c1 text=x
         2026-01-09 tick",
        &[
            "2026-01-01T00:00 a listed l 2 until 2026-01-04T00:00",
            "2026-01-01T07:00 b level_changed l 2->1",
            "2026-01-02T00:00 a review_due l 1",
            "2026-01-02T07:00 b level_changed l 1->2",
            "2026-01-03T00:00 a review_due l 2",
            "2026-01-03T12:00 c unlisted l Removed",
        ],
    );
}

#[test]
fn scores_decay_and_are_seen_to_cross() {
    expect(
        "score risk { half-life 1d, between 0 and 100 }
         rule up { on order then risk += amount }
         rule high { while risk >= 20 then tag risky }",
        "2026-01-01 order c1 amount=40
         2026-01-03 order c1 amount=1000
         2026-01-03T12:00 tick",
        &[
            "2026-01-01T00:00 up scored risk 40",
            "2026-01-01T00:00 high tagged risky",
            // 20 is held until it rounds to 19.999999, some milliseconds after a day.
            "2026-01-02T00:00:00.003117Z high untagged risky Withdrawn",
            "2026-01-03T00:00 up scored risk 100",
            "2026-01-03T00:00 high tagged risky",
        ],
    );
}

#[test]
fn schedules_and_cooldowns() {
    expect(
        "rule daily { every day at 09:00 when count(order) >= 1 then notify x \"{at}\" }
         rule slow { on order then notify y at most once per 1h }",
        "2026-01-01T09:00 order c1 amount=1
         2026-01-01T09:59 order c1 amount=1
         2026-01-01T10:00 order c1 amount=1
         2026-01-02T09:00 order c1 amount=1
         2026-01-02T09:00 order c1 amount=1",
        &[
            "2026-01-01T09:00 daily notified x 2026-01-01T09:00:00Z",
            "2026-01-01T09:00 slow notified y",
            "2026-01-01T10:00 slow notified y",
            "2026-01-02T09:00 daily notified x 2026-01-02T09:00:00Z",
            "2026-01-02T09:00 slow notified y",
        ],
    );
}

#[test]
fn shadows_change_nothing() {
    expect(
        "tags tier: silver < gold
         shadow rule g { on cart then tag gold for 1d then tag silver for 1h }
         rule s { on order then tag silver }
         shadow rule end { on message then untag silver }
         rule seen { when tagged gold then notify never }",
        "2026-01-01 order c1 amount=1
         2026-01-02 cart c1
         2026-01-02T00:30 message c1 text=x
         2026-01-03 cart c1
         2026-01-05 tick",
        &[
            "2026-01-01T00:00 s tagged silver",
            "2026-01-02T00:00 g tagged shadow gold until 2026-01-03T00:00",
            "2026-01-02T00:00 g tagged shadow silver until 2026-01-02T01:00",
            "2026-01-02T00:30 end untagged shadow silver Removed",
            "2026-01-02T01:00 g untagged shadow silver Expired",
            "2026-01-03T00:00 g tagged shadow silver until 2026-01-03T01:00",
            "2026-01-03T01:00 g untagged shadow silver Expired",
            "2026-01-04T00:00 g untagged shadow gold Expired",
        ],
    );
}

#[test]
fn guards_withhold_and_ask() {
    expect(
        "list l
         tag vip
         rule v { on message then tag vip for 1h }
         rule w { while count(order) over 1d >= 1 then add to l }
         rule p { on cart then add to l for 1d }
         exempt from l when tagged vip
         approve for l when count(order) >= 2",
        "2026-01-01T00:00 message c1 text=x
         2026-01-01T00:10 order c1 amount=1
         2026-01-01T00:20 cart c1
         2026-01-01T02:00 order c1 amount=1
         2026-01-01T03:00 cart c1
         2026-01-01T04:00 cart c1
         2026-01-09 tick",
        &[
            "2026-01-01T00:00 v tagged vip until 2026-01-01T01:00",
            "2026-01-01T00:10 w withheld Add { list: \"l\", level: 1, category: None }",
            "2026-01-01T00:20 p withheld Add { list: \"l\", level: 1, category: None }",
            // The grant of `v` ends before the rules run, and is announced after them.
            "2026-01-01T01:00 w listed l 1",
            "2026-01-01T01:00 v untagged vip Expired",
            "2026-01-01T03:00 p proposed Add { list: \"l\", level: 1, category: None }",
            "2026-01-02T02:00 w unlisted l Withdrawn",
        ],
    );
}

#[test]
fn inputs_that_are_late_are_passed_over() {
    expect(
        "rule o { on order then notify x }",
        "2026-01-02 order c1 amount=1
         2026-01-01 order c1 amount=1
         2026-01-02 order c1 amount=1
         2026-01-02 tick
         2026-01-02 order c1 amount=1",
        &["2026-01-02T00:00 o notified x", "2026-01-02T00:00 o notified x"],
    );
}

#[test]
fn only_the_parts_that_mattered_are_shown() {
    let decisions = run(
        "rule r { while (count(order) over 1d >= 2 or count(cart) over 1d >= 1) and not count(order) over 1d > 5 then tag x }",
        "2026-01-01T00:00 order c1 amount=1
         2026-01-01T01:00 cart c1
         2026-01-03 tick",
    );
    let because = |at: usize| -> Vec<String> {
        decisions[at]
            .reason
            .because
            .iter()
            .map(|part| format!("{} {} {}", part.expr, part.value, part.holds))
            .collect()
    };
    assert_eq!(because(0), ["count(cart) over 1d 1 true", "count(order) over 1d 1 false"]);
    assert_eq!(because(1), ["count(order) over 1d 0 false", "count(cart) over 1d 0 false"]);
    assert_eq!(decisions[1].time.to_string(), "2026-01-02T01:00:00Z");
}
