//! Inputs, and what an engine does with them.

use super::{options, rulebook};
use tagwarden::{Engine, Reader, TimeUnit};

/// Each line is an input or refused; what is an event is applied, and then the state survives being written and read.
pub fn target(data: &[u8]) {
    let rulebook = rulebook();
    let readers = [TimeUnit::Millis, TimeUnit::Seconds].map(|unit| Reader::new(rulebook.schema(), unit));
    let mut engine = Engine::with_options(rulebook, options());
    for (at, line) in data.split(|byte| *byte == b'\n').enumerate() {
        let Some(reader) = readers.get(at % readers.len()) else { continue };
        let read = reader.json(line);
        assert_eq!(read, reader.json_in_general(line), "the quick way and the general one");
        match read {
            Ok(input) => {
                for decision in engine.apply(&input).unwrap_or_default() {
                    assert!(decision.to_json().starts_with('{'));
                }
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
    engine.finish();
    let written = engine.snapshot();
    let again = Engine::restore(rulebook, options(), &written).expect("its own snapshot");
    assert!(again.snapshot() == written, "read and written again it is the same");
}
