//! Stable hashes: rollout shares, and what stands for private values in state.

use crate::value::{Decimal, Value};
use siphasher::sip::SipHasher24;
use siphasher::sip128::{Hasher128, SipHasher24 as SipHasher128};
use std::hash::Hasher;

/// The share, from 0 to less than 100, that a rule's rollout gives to a subject.
pub(crate) fn share(rule: &str, key: &str) -> Decimal {
    let mut hasher = SipHasher24::new();
    hasher.write(rule.as_bytes());
    hasher.write_u8(0);
    hasher.write(key.as_bytes());
    Decimal::from_units(i128::from(hasher.finish() % 1_000_000) * 100).0
}

/// What tells one hash key from another without giving either away.
pub(crate) fn key_fingerprint(key: &[u8; 16]) -> u128 {
    let mut hasher = SipHasher128::new_with_key(key);
    hasher.write(b"tagwarden hash key");
    hasher.finish128().as_u128()
}

/// What is kept of a private value: 128 bits that only the holder of the key can make again.
pub(crate) fn keyed_hash(value: &Value, key: &[u8; 16]) -> Value {
    let mut hasher = SipHasher128::new_with_key(key);
    let kind = match value {
        Value::Bool(_) => 0,
        Value::Number(_) => 1,
        Value::Text(_) => 2,
        Value::Time(_) => 3,
        Value::Duration(_) => 4,
    };
    hasher.write_u8(kind);
    match value {
        Value::Text(text) => hasher.write(text.as_bytes()),
        other => hasher.write(other.to_string().as_bytes()),
    }
    Value::Text(format!("{:032x}", hasher.finish128().as_u128()).into())
}
