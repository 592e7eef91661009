//! One link after the other: what is hashed, and how.

use crate::keys::hex;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use tagwarden::Timestamp;

/// A SHA-256 hash.
pub(crate) type Hash = [u8; 32];

/// The end of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chain {
    /// The number of the last record; the first has 1.
    pub(crate) last: i64,
    /// Its hash; of an empty chain that of the first line.
    pub(crate) hash: Hash,
}

impl Chain {
    /// The chain of a ledger before its first record.
    pub(crate) fn start(ledger: &[u8; 16]) -> Chain {
        Chain { last: 0, hash: Sha256::digest(first_line(ledger).as_bytes()).into() }
    }

    /// Adds a record. Its hash is that of the one before, and of the record without what it says, but for the digest of
    /// that: so what it says can be erased, and the chain still holds.
    pub(crate) fn add(&mut self, time: Timestamp, kind: &str, digest: &Hash) {
        self.last += 1;
        let mut sha = Sha256::new();
        sha.update(self.hash);
        sha.update(record_head(self.last, time, kind, digest).as_bytes());
        self.hash = sha.finalize().into();
    }
}

/// The first line of an export: of which ledger it is.
pub(crate) fn first_line(ledger: &[u8; 16]) -> String {
    format!("{{\"tagwarden_audit\":1,\"ledger\":\"{}\"}}", hex(ledger))
}

/// The part of a record that is hashed with the link.
pub(crate) fn record_head(seq: i64, time: Timestamp, kind: &str, digest: &Hash) -> String {
    let mut text = String::with_capacity(150);
    let _ =
        write!(text, "\"seq\":{seq},\"time\":\"{time}\",\"kind\":\"{kind}\",\"digest\":\"{}\"", hex(digest));
    text
}

/// The digest of what a record says.
pub(crate) fn digest(salt: &[u8; 16], body: &str) -> Hash {
    let mut sha = Sha256::new();
    sha.update(salt);
    sha.update(body.as_bytes());
    sha.finalize().into()
}
