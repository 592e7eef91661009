//! What compiled rulebooks mean.

use super::{GLANCE, compiled, diagnose};
use crate::check::tree::*;
use crate::value::{Decimal, Duration, Value};

const SHOP: &str = "
    entity customer
    event order(customer) { amount: number, tip: number?, sku: string, secret: string private }
    event refund(customer) { amount: number, order_id: string }
    score risk { half-life 30d, between 0 and 100 }
    score points
    list grey { for 30d }
    list black { level 1 denies all level 2 limits 3 per 24h review every 90d }
    tag loud for 3y
";

const DAY: i64 = 86_400_000_000;

/// The rules of a rulebook over the shop's declarations.
fn shop(rules: &str) -> Tree {
    compiled(&format!("{SHOP}{rules}")).plan().tree.clone()
}

/// The codes of what is said of them.
fn codes(rules: &str) -> Vec<&'static str> {
    diagnose(&format!("{SHOP}{rules}")).0.iter().map(|found| found.code.as_str()).collect()
}

fn rule<'r>(tree: &'r Tree, name: &str) -> &'r Rule {
    tree.rules.iter().find(|rule| &*rule.name == name).unwrap()
}

fn order(tree: &Tree) -> Vec<&str> {
    tree.rules.iter().map(|rule| &*rule.name).collect()
}

fn condition<'r>(tree: &'r Tree, name: &str) -> &'r Expr {
    rule(tree, name).condition.as_ref().unwrap()
}

#[test]
fn the_language_at_a_glance() {
    let rulebook = compiled(GLANCE);
    let codes: Vec<_> = rulebook.warnings().iter().map(|found| found.code.as_str()).collect();
    assert_eq!(codes, ["W0103"]);
    let tree = &rulebook.plan().tree;
    // `gold` decides whether additions to the list need approval, and the score is set before it is read.
    let expected = [
        "abusive_complaint",
        "active_buyer",
        "churn_risk",
        "gold",
        "message_flood",
        "abandoned",
        "birthday",
        "risky",
        "bulk_export",
    ];
    assert_eq!(order(tree), expected);
    assert_eq!(&*tree.schema.entities[usize::from(rule(tree, "risky").entity.0)], "customer");
    assert_eq!(&*tree.schema.entities[usize::from(rule(tree, "bulk_export").entity.0)], "staff");
    assert_eq!(tree.keywords[1].patterns[0].category.as_deref(), Some("fraud"));
    assert!(matches!(&tree.tests[0].steps[0], TestStep::Events { count: 51, .. }));
    assert_eq!(&*condition(tree, "message_flood").text, "count(message) over 24h > 50");
}

#[test]
fn exists_makes_the_rest_of_an_and_sure() {
    let tree = shop("rule a { on order where exists tip and (sku == \"x\" or tip > 3) then tag x }");
    let Trigger::On(Selector::Base { condition: Some(condition), .. }) = &rule(&tree, "a").trigger else {
        panic!()
    };
    assert!(matches!(&condition.kind, ExprKind::And(parts) if parts.len() == 2));
    for (rule, code) in [
        ("rule a { on order where tip > 3 and exists tip then tag x }", "E0203"),
        ("rule a { on order where exists tip or tip > 3 then tag x }", "E0203"),
        ("rule a { on order where exists tip and count(order where tip > 3) > 1 then tag x }", "E0203"),
        ("rule a { when latest(order.tip) > 3 then tag x }", "E0203"),
    ] {
        assert_eq!(codes(rule), [code], "{rule}");
    }
    for rule in [
        "rule a { when exists latest(order.tip) and latest(order.tip) > 3 then tag x }",
        "rule a { when latest(order.tip) exists unless latest(order.tip) < 3 then tag x }",
        "rule a { when exists level(black) and level(black) == 2 then tag x }",
    ] {
        assert_eq!(codes(rule), [""; 0], "{rule}");
    }
}

#[test]
fn time_since_is_turned_and_its_default_decided() {
    let tree = shop(
        "rule a { when (time since order ?? 3650d) > 30d then tag a }
         rule b { when 30d > (time since order ?? 1y) then tag b }
         rule c { when exists time since order and time since order >= 1mo then tag c }
         rule d { when time since order ?? 0s between 1d and 2d then tag d }",
    );
    let elapsed = |expr: &Expr| match &expr.kind {
        ExprKind::Elapsed { op, than, absent, .. } => (*op, *than, *absent),
        other => panic!("{other:?}"),
    };
    assert_eq!(elapsed(condition(&tree, "a")), (CompareOp::Greater, Duration::from_micros(30 * DAY), true));
    assert_eq!(elapsed(condition(&tree, "b")), (CompareOp::Less, Duration::from_micros(30 * DAY), false));
    let ExprKind::And(parts) = &condition(&tree, "c").kind else { panic!() };
    assert_eq!(elapsed(&parts[1]), (CompareOp::GreaterOrEqual, Duration::new(1, 0), false));
    let ExprKind::And(parts) = &condition(&tree, "d").kind else { panic!() };
    assert_eq!(elapsed(&parts[0]), (CompareOp::GreaterOrEqual, Duration::from_micros(DAY), false));
    assert_eq!(elapsed(&parts[1]), (CompareOp::LessOrEqual, Duration::from_micros(2 * DAY), true));
}

#[test]
fn unless_is_part_of_the_condition() {
    let tree = shop(
        "rule a { on order when risk > 3 and points > 2 unless in grey unless tagged loud then notify desk }
                     rule b { on refund then risk += 1 then points += 1 then tag loud then add to grey }",
    );
    let ExprKind::And(parts) = &condition(&tree, "a").kind else { panic!() };
    let texts: Vec<_> = parts.iter().map(|part| &*part.text).collect();
    assert_eq!(texts, ["risk > 3", "points > 2", "not in grey", "not tagged loud"]);
    assert_eq!(order(&tree), ["b", "a"]);
}

#[test]
fn lives_and_reviews_are_filled_in() {
    let tree = shop(
        "rule a { on order then tag loud then add to grey then add to black level 2 then tag x }
         rule b { while count(order) > 3 then tag loud then add to grey }
         rule c { on order then tag loud for 1d then add to black level 1 review every 7d }",
    );
    let life = |action: &Action| match action {
        Action::Tag { life: Life::For(duration), .. } | Action::Add { life: Life::For(duration), .. } => {
            Some(*duration)
        }
        Action::Tag { life: Life::Forever, .. } | Action::Add { life: Life::Forever, .. } => None,
        other => panic!("{other:?}"),
    };
    let lives = |name| rule(&tree, name).actions.iter().map(life).collect::<Vec<_>>();
    let days = |days| Some(Duration::from_micros(days * DAY));
    assert_eq!(lives("a"), [Some(Duration::new(36, 0)), days(30), None, None]);
    assert_eq!(lives("b"), [None, None]);
    assert_eq!(lives("c"), [days(1), None]);
    let review = |action: &Action| match action {
        Action::Add { review, .. } => *review,
        other => panic!("{other:?}"),
    };
    assert_eq!(review(&rule(&tree, "a").actions[2]), days(90));
    assert_eq!(review(&rule(&tree, "c").actions[1]), days(7));
}

#[test]
fn writers_come_before_readers_and_otherwise_the_text_decides() {
    let tree = shop(
        "rule z { when tagged y then notify desk }
         rule y { when tagged x then tag y }
         rule m { on order then notify desk }
         rule x { on order then tag x }",
    );
    assert_eq!(order(&tree), ["m", "x", "y", "z"]);
    // A rule that reads what it sets runs after the others that set it, and before the others that read it.
    let tree = shop(
        "rule reader { when points > 3 then notify desk }
         rule both { on order when points < 3 then points += 1 }
         rule writer { on order then points += 1 }",
    );
    assert_eq!(order(&tree), ["writer", "both", "reader"]);
    // A tag of a group stands for the group, a proposal or a shadow changes nothing, and a guard is read by whom it guards.
    let tree = shop(
        "tags tier: silver < gold
         rule reader { when tagged silver then notify desk }
         rule group { on order then tag gold }",
    );
    assert_eq!(order(&tree), ["group", "reader"]);
    let tree = shop(
        "rule reader { when tagged x then notify desk }
         rule asks { on order then propose tag x }
         shadow rule dark { on order then tag x }
         rule light { on refund then tag y }",
    );
    assert_eq!(order(&tree), ["reader", "asks", "dark", "light"]);
    let tree = shop(
        "exempt from grey when tagged x
         rule adds { on order then add to grey }
         rule sets { on order then tag x }",
    );
    assert_eq!(order(&tree), ["sets", "adds"]);
}

#[test]
fn circles_are_refused() {
    for rules in [
        "rule a { when tagged b then tag a } rule b { when tagged a then tag b }",
        "rule a { on order when tagged b then tag a } rule b { on order then tag b until tagged a }",
        "rule a { when points > 3 then points += 1 }",
        "rule a { while not tagged x then tag x }",
        "rule a { on order then tag x until tagged x }",
        "exempt from grey when in grey",
        "exempt from grey when tagged x rule a { when in grey then tag x } rule b { on order then add to grey }",
        "tags t: a < b  rule a { when tagged a then tag b }",
    ] {
        assert!(codes(rules).contains(&"E0307"), "{rules}: {:?}", codes(rules));
    }
    for rules in [
        "rule a { on order when points < 3 then points += 1 }",
        "rule a { every day at 09:00 when tagged x then untag x } rule b { on order then tag x }",
    ] {
        assert_eq!(codes(rules), [""; 0], "{rules}");
    }
}

#[test]
fn scores_that_decay_are_compared_with_numbers_where_they_are_watched() {
    for rules in [
        "rule w { on order then risk += 1 } rule a { when risk >= 80 and 20 < risk then tag x }",
        "rule w { on order then risk += 1 } rule a { when risk between 20 and 80 then tag x }",
        "rule w { on order then risk += 1 then points += 2 } rule a { when points * 2 > 80 then tag x }",
        "rule a { on order when risk * 2 < sum(order.amount) then risk += risk / 10 then notify desk \"{round(risk)}\" }",
    ] {
        assert_eq!(codes(rules), [""; 0], "{rules}");
    }
    for condition in ["risk * 2 > 80", "risk > points", "risk in [1, 2]", "round(risk) > 3"] {
        let rules = format!(
            "rule w {{ on order then risk += 1 then points += 1 }} rule a {{ when {condition} then tag x }}"
        );
        assert_eq!(codes(&rules), ["E0209"], "{condition}");
    }
}

#[test]
fn private_fields_are_marked_and_not_kept() {
    let tree = shop(
        "rule a { on order where secret contains \"x\" then notify desk \"{secret} {distinct(order.secret)}\" }",
    );
    let Action::Notify { text: Some(text), .. } = &rule(&tree, "a").actions[0] else { panic!() };
    let private: Vec<bool> = text
        .parts
        .iter()
        .filter_map(|part| match part {
            TemplatePart::Expr(expr) => Some(expr.private),
            TemplatePart::Text(_) => None,
        })
        .collect();
    assert_eq!(private, [true, false]);
    assert_eq!(codes("rule a { when latest(order.secret) exists then tag x }"), ["E0208"]);
}

#[test]
fn constants_keep_their_sign_and_sets_their_values() {
    let tree = shop("rule a { on order where amount in [-1, 2.5] then points -= -3 }");
    let Trigger::On(Selector::Base { condition: Some(condition), .. }) = &rule(&tree, "a").trigger else {
        panic!()
    };
    let number = |text: &str| Value::Number(text.parse::<Decimal>().unwrap());
    assert!(matches!(&condition.kind, ExprKind::InSet(_, set) if *set == [number("-1"), number("2.5")]));
    assert!(
        matches!(&rule(&tree, "a").actions[0], Action::Score { amount: Expr { kind: ExprKind::Constant(value), .. }, .. } if *value == number("-3"))
    );
}

#[test]
fn a_version_is_that_of_the_meaning_and_not_of_the_spaces() {
    let version = |rules: &str| rule(&shop(rules), "a").version.to_string();
    let one = version("rule a { on order then tag x }");
    assert_eq!(one.len(), 16);
    assert_eq!(one, version("rule a {\n  on order // all of them\n  then tag \"x\"\n}"));
    assert_ne!(one, version("rule a { on order then tag y }"));
}

#[test]
fn roles_add_up() {
    let tree = shop("role agent may view, list grey role agent may view, release role chief may forget");
    assert_eq!(tree.roles.len(), 2);
    assert_eq!(tree.roles[0].may, [Permission::View, Permission::List(ListId(0)), Permission::Release]);
}

#[test]
fn activity_has_the_fields_that_all_events_share() {
    let tree = shop("rule a { on activity where amount > 3 then notify desk }");
    let Trigger::On(Selector::Base { events, .. }) = &rule(&tree, "a").trigger else { panic!() };
    assert_eq!(events.len(), 2);
    assert_eq!(codes("rule a { on activity where sku == \"x\" then notify desk }"), ["E0104"]);
}

#[test]
fn keywords_of_invisible_characters_are_refused_at_their_place() {
    let (found, sources) = diagnose(
        "entity c\nevent e(c) { t: string }\nkeywords k { \"scam\" \"\u{200B}\" }\nrule r { on e where t has k then tag x }",
    );
    assert_eq!(found[0].code.as_str(), "E0401");
    assert_eq!(sources.text(found[0].primary.span), "\"\u{200B}\"");
}
