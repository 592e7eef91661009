//! Asking about a subject: what holds and why, when it ends, what may be sent, and why a rule does not fire.
//!
//! Run it with `cargo run --example explain`.

use tagwarden::{Engine, Permit, Reader, Rulebook, TimeUnit};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rulebook = Rulebook::compile(
        r#"
        entity customer
        event order(customer)     { amount: number }
        event complaint(customer) {}
        list careful { level 1 denies all  level 2 limits 3 per 24h }
        rule gold    { while sum(order.amount) over 365d >= 1000 then tag gold }
        rule unhappy { when count(complaint) over 30d >= 3 then add to careful level 2 for 90d }
        "#,
    )?;
    let reader = Reader::new(rulebook.schema(), TimeUnit::Millis);
    let mut engine = Engine::new(&rulebook);
    for line in [
        r#"{"type":"order","time":"2026-01-01T10:00:00Z","customer":"ann","amount":1200}"#,
        r#"{"type":"complaint","time":"2026-01-05T10:00:00Z","customer":"ann"}"#,
        r#"{"type":"complaint","time":"2026-01-06T10:00:00Z","customer":"ann"}"#,
    ] {
        engine.apply(&reader.json(line.as_bytes())?)?;
    }
    let now = "2026-01-07T00:00:00Z".parse()?;
    for tag in engine.status("customer", "ann", now)?.tags {
        let ends = tag.ends.map_or_else(|| "never".to_owned(), |ends| ends.to_string());
        println!("{} since {}, by itself until {ends}, because", tag.tag, tag.since);
        for part in &tag.reason.because {
            println!("  {} is {}", part.expr, part.value);
        }
    }
    let why = engine.why_not("unhappy", "customer", "ann", now)?;
    for part in why.parts {
        let (missing, before) = (part.missing.unwrap_or_default(), part.before);
        println!(
            "{} is {}: {missing} more before {before:?} fires it",
            part.evidence.expr, part.evidence.value
        );
    }
    match engine.permits("customer", "ann", "sms", now)? {
        Permit::Allowed => println!("a message may go out"),
        Permit::Limited { left, .. } => println!("{left} more may go out"),
        Permit::Denied { entry } => println!("nothing may go out: {} level {}", entry.list, entry.level),
        _ => {}
    }
    Ok(())
}
