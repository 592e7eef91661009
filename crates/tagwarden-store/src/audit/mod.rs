//! The audit log: every command, decision and view, each record chained to the one before.
//!
//! # The file
//! An export is a text of lines, each ending in one line feed:
//! - the first says of which ledger it is: `{"tagwarden_audit":1,"ledger":"…"}`;
//! - one line a record: `{"seq":1,"time":"…","kind":"decision","digest":"…","hash":"…","salt":"…","record":{…}}`;
//!   where what it said has been erased, `"erased":true` stands in place of salt and record;
//! - the last: `{"records":N,"head":"…"}`, the hash of the last record.
//!
//! `digest` is the SHA-256 of the salt's 16 bytes and the record's text. `hash` is the SHA-256 of the previous hash's 32
//! bytes and the line's text from `"seq"` to the end of the digest; the first previous hash is the SHA-256 of the first
//! line. A record may be erased (a subject forgotten, a retention run out) without the chain breaking, but only where a
//! later record of kind `forgotten` or `erased` says so: `verify` holds the file to that.

pub(crate) mod chain;

mod export;
mod verify;

pub use export::Exported;
pub use verify::{AuditError, AuditReport, verify};
