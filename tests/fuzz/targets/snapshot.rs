//! Snapshots.

use super::{options, rulebook};
use tagwarden::{Engine, Timestamp};

/// Any bytes are refused or give an engine that can be used.
///
/// As they are they would hardly ever get past the checksum: data that begins with an odd byte is the body, and
/// what stands around it is made to fit.
pub fn target(data: &[u8]) {
    let rulebook = rulebook();
    let bytes = match data.split_first() {
        Some((first, body)) if first % 2 == 1 => wrapped(body),
        _ => data.to_vec(),
    };
    let Ok(mut engine) = Engine::restore(rulebook, options(), &bytes) else { return };
    let now = engine.clock().unwrap_or(Timestamp::MIN);
    for (entity, key) in [("customer", "c1"), ("staff", "s1")] {
        let _ = engine.status(entity, key, now);
        let _ = engine.permits(entity, key, "sms", now);
        for rule in rulebook.rules() {
            let _ = engine.why_not(&rule.name, entity, key, now);
        }
    }
    // A quarter of a year on, so that much of what is due comes.
    for _ in 0..3 {
        let month = engine.clock().unwrap_or(now).checked_add_micros(30 * 86_400_000_000);
        let _ = engine.advance_to(month.unwrap_or(Timestamp::MAX));
        engine.forget("customer", "c1");
    }
    engine.finish();
    let _ = engine.snapshot();
}

/// A body in the header and with the checksum of a snapshot of the rulebook.
fn wrapped(body: &[u8]) -> Vec<u8> {
    // `src/state/snapshot.rs` says what stands where.
    const LENGTH: std::ops::Range<usize> = 42..50;
    let mut bytes = Engine::with_options(rulebook(), options()).snapshot();
    bytes.truncate(LENGTH.end);
    if let Some(length) = bytes.get_mut(LENGTH) {
        length.copy_from_slice(&(body.len() as u64).to_le_bytes());
    }
    bytes.extend_from_slice(body);
    bytes.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
    bytes
}
