//! Lists and tags from and to tables: CSV and Excel.
//!
//! A table has a header and one row a tag or list entry. Which columns there are:
//!
//! | column | what it holds |
//! | --- | --- |
//! | `identifier` | the subject's key |
//! | `list` or `tag` | what it is on, or has; may be left out where the import names it |
//! | `level`, `category` | of a list entry |
//! | `reason` | why, in words; may be left out where the import gives one for all |
//! | `from`, `until` | RFC 3339, or local in the rulebook's zone: `2026-01-31`, `2026-01-31 09:00`; an Excel date |
//! | `review` | how often (`90d`), or when next |
//! | `actor` | who; otherwise who imports |
//!
//! Other names are mapped: [`Import::columns`]. Each row becomes a command, so that it is checked, decided and kept like
//! what a person does by hand. Cells that a spreadsheet would take for a formula are written with an apostrophe before
//! them, and read without it.

mod cells;
mod export;
mod import;
mod read;
mod row;

pub use export::Content;
pub use import::{Import, ImportReport, Mode, RowOutcome, RowReport};
pub use read::Format;
