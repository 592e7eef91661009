//! Tagwarden's ledger: an engine whose inputs, decisions and audit log are kept in one SQLite file.
//!
//! [`Ledger::apply`] takes events, commands and ticks, and answers with decisions, in one transaction: all of it is kept, or
//! nothing. After a crash [`Ledger::open`] restores the last snapshot and applies what came after it; an input that is sent again
//! under its idempotency key is answered as the first time. The [`guide`] follows one customer from the first complaint to being
//! forgotten.
//!
//! # What is in the file
//! Plain tables, that any SQLite can read while the ledger writes. Times are microseconds since 1970.
//!
//! | table | what |
//! | --- | --- |
//! | `tags`, `entries` | what holds now, as far as the clock has come: join your customers with `subject` |
//! | `proposals`, `appeals` | what waits for a person; `entries.review_due` says which reviews do |
//! | `due` | what ends by the clock alone, as it was announced; [`tagwarden::Status`] is exact |
//! | `decisions` | every decision with its reason, as JSON |
//! | `inputs` | everything that was applied or refused, in one canonical form, without private fields |
//! | `audit` | the chain of hashes |
//! | `snapshot`, `sealed`, `head`, `meta`, `rulebooks`, `merged`, `tombstones` | its own affairs |
//!
//! Only read them: what else is changed there the ledger does not know.
//!
//! # What is not in the file
//! - *Private fields.* The engine needs them when it applies inputs again that came after the last snapshot. So they are sealed
//!   (XChaCha20-Poly1305, under a key derived from [`Options::key`]) until the next snapshot, which deletes them. Snapshots are sealed
//!   as well: inputs that lateness holds back are in them as they came.
//! - *Idempotency keys.* A keyed hash stands for each.
//! - *Subjects' keys*, with [`Options::pseudonyms`].
//! - *Forgotten subjects.* The engine forgets them, their inputs are emptied, their decisions deleted, what the audit log says
//!   of them erased, and the file written anew. A tombstone remains, a keyed hash.
//!
//! # The audit log
//! Every command, decision and view, each chained to the one before by SHA-256. [`Ledger::export_audit`] writes a file that
//! [`verify`] holds to its chain without the ledger. What a record says can be erased without breaking the chain, but only where a
//! later record says so.
//!
//! # Retention
//! `keep decisions 3y` in the rulebook, or [`Options::keep`], says how long inputs, commands, decisions and views are kept. Ticks delete what is older, at most once in 24
//! hours of the engine's clock, and the audit log says what went.
//!
//! # How fast
//! `cargo run --release -p tagwarden-store --example ledger_speed` measures it on your machine and disk, beside the bare engine, and
//! how long a ledger of a million inputs takes to open. On two cores of an AMD EPYC that had other work to do:
//!
//! | what | |
//! | --- | --- |
//! | the bare engine, six rules | 571,000 events a second |
//! | a ledger, batches of 1,000, everything stored and on the disk, the first 100,000 | 44,000 events a second |
//! | the same without waiting for the disk | 54,000 events a second |
//! | the same, up to a million | 20,000 events a second |
//! | opening it with 1,000,000 inputs; with 49,000 more that must be applied again | 0.06 s; 0.30 s |
//! | verifying its audit log of 558,000 records | 1.8 s |
//! | importing 100,000 list entries from CSV; a dry run | 1.6 s; 1.2 s |
//! | exporting them to CSV; to Excel | 0.4 s; 0.9 s |
//!
//! # Features
//! - `excel` (on by default): [`table`] reads and writes Excel as well as CSV.
//! - `encryption`: the whole file is encrypted by SQLCipher ([`Options::encryption`]). It builds SQLCipher and OpenSSL, which takes
//!   three minutes on two cores. `tagwarden-cli` and the Python package have a feature of the same name; the command line takes the
//!   key from a file (`--encryption-key-file`) or from `TAGWARDEN_ENCRYPTION_KEY`, and `tagwarden ledger rekey` changes it.

mod audit;
mod current;
mod db;
#[cfg(feature = "encryption")]
mod encryption;
mod error;
mod forget;
mod input;
mod keys;
mod ledger;
mod options;
mod queue;
mod record;
mod replay;
mod retention;
mod rulebooks;
mod settings;
mod snapshots;
pub mod table;
mod view;
mod wire;

pub use audit::{AuditError, AuditReport, Exported, verify};
pub use error::LedgerError;
pub use forget::Forgotten;
pub use input::Entry;
pub use ledger::{Answer, Ledger, Opening, Refusal};
pub use options::Options;
pub use queue::{Appealing, Listed, Stats, Waiting};
pub use record::Recorded;
pub use tagwarden::{Keep, Kept};

pub mod guide {
    #![doc = include_str!("guide/walkthrough.md")]
}
