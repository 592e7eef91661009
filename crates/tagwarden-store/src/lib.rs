//! Tagwarden's ledger: an engine whose inputs, decisions and audit log are kept in one SQLite file.

mod audit;
mod current;
mod db;
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
pub use options::{Keep, Kept, Options};
pub use queue::{Appealing, Listed, Stats, Waiting};
pub use record::Recorded;
