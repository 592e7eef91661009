//! The shortest way from a rule and events to a decision with its reason.
//!
//! Run it with `cargo run --example quickstart`.

use tagwarden::{Engine, Reader, Rulebook, TimeUnit};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rulebook = Rulebook::compile(
        r#"
        entity customer
        event message(customer) {}
        list blocked { level 1 "no contact" denies all }
        rule flood {
          when    count(message) over 1h > 2
          because "{count(message) over 1h} messages in an hour"
          then    add to blocked for 7d
        }
        "#,
    )?;
    let reader = Reader::new(rulebook.schema(), TimeUnit::Millis);
    let mut engine = Engine::new(&rulebook);
    for minute in [0, 5, 9] {
        let line = format!(r#"{{"type":"message","time":"2026-01-01T00:{minute:02}:00Z","customer":"c1"}}"#);
        for decision in engine.apply(&reader.json(line.as_bytes())?)? {
            println!("{}", decision.to_json());
        }
    }
    // Nothing more comes in, and the entry ends by itself, at the exact time.
    for decision in engine.advance_to("2026-02-01T00:00:00Z".parse()?)? {
        println!("{}", decision.to_json());
    }
    Ok(())
}
