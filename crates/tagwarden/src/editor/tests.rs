use super::*;
use crate::rulebook::Rulebook;

const HEAD: &str = "entity customer
event message(customer) { channel: \"sms\" | \"app\", text: string private }
event order(customer) { amount: number, note: string? }
keywords abuse { \"scam\" category \"诈骗\" }
tag \"高投诉风险\" for 3y
score risk
list blacklist { level 1 \"完全禁止沟通\" denies all  level 2 \"less\" limits 3 per 24h  category \"恶意骚扰\" }
rule big { on order where amount > 10 then tag vip }
";

/// What is offered where `|` stands.
fn offered(written: &str) -> (String, Vec<String>) {
    let text = format!("{HEAD}{written}");
    let at = text.rfind('|').unwrap();
    let text = format!("{}{}", &text[..at], &text[at + 1..]);
    let found = Rulebook::compiler().source("main.tw", text.as_str()).editor().complete(at);
    (text[found.from..found.to].to_owned(), found.items.into_iter().map(|item| item.insert).collect())
}

fn offers(written: &str, wanted: &[&str], unwanted: &[&str]) {
    let (_, found) = offered(written);
    for name in wanted {
        assert!(found.iter().any(|item| item == name), "{written}: {name} is not among {found:?}");
    }
    for name in unwanted {
        assert!(!found.iter().any(|item| item == name), "{written}: {name} is among {found:?}");
    }
}

#[test]
fn offers_what_fits() {
    offers("rule r { on |", &["message", "order", "activity"], &["vip", "and"]);
    offers("rule r { on order where |", &["amount", "at", "tagged", "count("], &["channel", "then"]);
    offers("rule r { on message where channel == |", &["\"sms\"", "\"app\""], &[]);
    offers("rule r { on message where text has |", &["abuse"], &["vip"]);
    offers("rule r { on message where text has abuse category |", &["诈骗"], &[]);
    offers("rule r { when count(|", &["order", "activity"], &["amount"]);
    offers("rule r { when sum(order.|", &["amount", "note"], &["channel"]);
    offers("rule r { when count(order) over |", &["24h", "90d"], &["and"]);
    offers("rule r { when count(order) |", &["over", "this", "and", "then"], &["vip"]);
    offers("rule r { when count(order) this |", &["month"], &[]);
    offers("rule r { when tagged |", &["高投诉风险", "vip"], &["risk"]);
    offers("rule r { when in |", &["blacklist"], &["vip"]);
    offers("rule r { when in blacklist level <= |", &["1", "2"], &[]);
    offers("rule r { when risk > 3 then |", &["tag", "add to", "risk"], &["and"]);
    offers("rule r { when risk > 3 then add to |", &["blacklist"], &["risk"]);
    offers("rule r { when risk > 3 then add to blacklist level |", &["1", "2"], &[]);
    offers("rule r { when risk > 3 then add to blacklist level 1 category |", &["恶意骚扰"], &[]);
    offers("rule r { when risk > 3 then tag vip |", &["for", "until", "then", "because"], &["has"]);
    offers("rule r { |", &["on", "when", "then", "at most once per"], &["order"]);
    offers("exempt from |", &["blacklist", "tag"], &[]);
    offers("event x(|", &["customer"], &[]);
    offers("event x(customer) { a: |", &["string", "number"], &[]);
    offers("test \"t\" { expect \"c\" |", &["in", "tagged", "not"], &["order"]);
    offers("test \"t\" { message at 2026-01-01 for \"c\" { channel: |", &["\"sms\""], &[]);
    offers("test \"t\" { message at 2026-01-01 for \"c\" { |", &["channel", "text"], &["amount"]);
    offers("test \"t\" { expect \"c\" fired |", &["big"], &[]);
    offers("|", &["entity customer"], &[]);
    offers("role agent may |", &["appeal", "merge"], &["inputs"]);
    offers("keep |", &["decisions", "views"], &["order"]);
    offers("keep decisions 3y, |", &["inputs"], &["order"]);
    offers("keep decisions |", &["1y"], &["views"]);
}

#[test]
fn replaces_what_is_begun_and_quotes_what_must_be() {
    let (replaced, found) = offered("rule r { on ord|");
    assert_eq!(replaced, "ord");
    assert!(found.contains(&"order".to_owned()));
    let (replaced, found) = offered("rule r { on order then tag \"高|");
    assert_eq!(replaced, "\"高");
    assert!(found.contains(&"\"高投诉风险\"".to_owned()), "{found:?}");
    offers("rule r { on order then tag x // in a comm|", &[], &["and", "order"]);
    offers("rule r { on order because \"a text |", &[], &["order", "and"]);
}

#[test]
#[cfg(feature = "zones")]
fn offers_time_zones() {
    offers("timezone \"Asia/Sh|\"", &["\"Asia/Shanghai\""], &[]);
}

#[test]
fn says_what_things_are() {
    let text =
        format!("{HEAD}rule gold {{ while sum(order.amount) over 90d / 2 >= 100 then tag \"高投诉风险\" }}");
    let editor = Rulebook::compiler().source("main.tw", text.as_str()).editor();
    let hover = |needle: &str, into: usize| {
        let at = text.rfind(needle).unwrap() + into;
        editor.hover(at).unwrap_or_else(|| panic!("nothing at {needle}"))
    };
    assert_eq!(hover("order.amount", 0).title, "event order(customer) { amount: number, note: string? }");
    assert_eq!(hover("order.amount", 6).title, "amount: number");
    assert_eq!(hover("while", 0).title, "while COND");
    assert_eq!(hover("sum(", 0).title, "sum(EVENT.field) [WINDOW]");
    assert_eq!(hover("\"高投诉风险\"", 1).title, "tag \"高投诉风险\" for 3y");
    assert_eq!(hover("\"高投诉风险\"", 1).text, "Set by: `gold`.");
    assert_eq!(hover(" / 2", 1).title, "sum(order.amount) over 90d / 2: number");
    assert!(hover("gold", 0).text.contains("runs as number 2 of 2"), "{:?}", hover("gold", 0));
    assert!(editor.hover(text.len() + 10).is_none());
}

#[test]
fn the_words_are_in_order() {
    assert!(words::WORDS.windows(2).all(|pair| pair[0].word < pair[1].word));
}

#[test]
fn no_offset_and_no_text_is_too_much() {
    let whole = format!(
        "{HEAD}rule gold {{ when count(order where note has abuse) over 90d >= 3 then tag \"金卡\" }}"
    );
    let ends: Vec<usize> = whole.char_indices().map(|(at, _)| at).step_by(7).collect();
    for end in ends {
        let editor = Rulebook::compiler().source("main.tw", &whole[..end]).editor();
        for offset in [end, end / 2, end + 1, usize::MAX] {
            let found = editor.complete(offset);
            assert!(found.from <= found.to && found.to <= end);
            let _ = editor.hover(offset);
        }
    }
}
