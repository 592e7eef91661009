//! A service that survives a restart and a new rulebook: snapshot, restore, reload.
//!
//! Run it with `cargo run --example embed`.

use tagwarden::{Engine, EngineOptions, Orphans, Reader, Rulebook, TimeUnit};

const SCHEMA: &str = "entity customer\nevent login(customer) {}\n";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rulebook = Rulebook::compile(&format!(
        "{SCHEMA} rule busy {{ when count(login) over 1h >= 2 then tag busy for 1d }}"
    ))?;
    // Keep the key secret, and the same across restarts: it hashes what private fields hold.
    let options = EngineOptions { hash_key: *b"an example's key", ..EngineOptions::default() };
    let mut engine = Engine::with_options(&rulebook, options.clone());
    let reader = Reader::new(rulebook.schema(), TimeUnit::Millis);
    engine.apply(&reader.json(br#"{"type":"login","time":"2026-01-01T00:00:00Z","customer":"c1"}"#)?)?;

    // Before the process ends the state goes wherever the host keeps such things; afterwards it comes back.
    let bytes = engine.snapshot();
    let mut engine = Engine::restore(&rulebook, options, &bytes)?;

    // A new rulebook comes while the service runs. The report says what goes on and what starts.
    let next = Rulebook::compile(&format!(
        "{SCHEMA} rule busy {{ when count(login) over 1h >= 3 then tag busy for 1d }}"
    ))?;
    let report = engine.reload(&next, Orphans::End);
    for (rule, fate) in &report.rules {
        println!("rule {rule}: {fate:?}");
    }
    for window in &report.windows {
        println!("window {}: {}", window.what, if window.kept { "kept" } else { "warming" });
    }
    let reader = Reader::new(next.schema(), TimeUnit::Millis);
    for minute in [10, 20] {
        let line = format!(r#"{{"type":"login","time":"2026-01-01T00:{minute}:00Z","customer":"c1"}}"#);
        for decision in engine.apply(&reader.json(line.as_bytes())?)? {
            println!("{}", decision.to_json());
        }
    }
    Ok(())
}
