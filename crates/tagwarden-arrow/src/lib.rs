//! Tagwarden over Arrow columns: the rows of a table become events without a detour, decisions become a table, and a
//! [backtest](Backtest) says what a rulebook would have done with last year's events.
//!
//! With the features `parquet` and `ipc`, the tables may be files: `open_parquet`, `open_ipc`, `read_ipc`.
//!
//! Nothing is decided here. Types are translated, and what the engine decides is counted.
//!
//! ```
//! use arrow_array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray};
//! use std::sync::Arc;
//! use tagwarden::{Engine, Rulebook};
//! use tagwarden_arrow::{Binding, DecisionTable, Feed, Mapping, RefusedTable};
//!
//! let rulebook = Rulebook::compile("entity customer  event login(customer) {}  rule all { on login then tag seen }")?;
//! let columns: Vec<(&str, ArrayRef)> = vec![
//!     ("type", Arc::new(StringArray::from(vec!["login", "login"]))),
//!     ("time", Arc::new(TimestampMicrosecondArray::from(vec![0, 1]).with_timezone("UTC"))),
//!     ("customer", Arc::new(StringArray::from(vec!["c1", "c2"]))),
//! ];
//! let batch = RecordBatch::try_from_iter(columns)?;
//!
//! let binding = Binding::new(&rulebook, &batch.schema(), &Mapping::default())?;
//! let (mut decisions, mut refused) = (DecisionTable::new(false), RefusedTable::default());
//! let mut engine = Engine::new(&rulebook);
//! Feed::new(&binding).batch(&mut engine, &batch, &mut refused, &mut |decision| decisions.push(decision));
//! assert_eq!(decisions.finish()?.rows(), 2);
//! assert_eq!(refused.finish()?.rows(), 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod backtest;
mod bind;
mod cells;
mod decisions;
mod dictionary;
mod feed;
#[cfg(any(feature = "ipc", feature = "parquet"))]
mod files;
#[cfg(any(feature = "ipc", feature = "parquet"))]
mod inputs;
mod intern;
#[cfg(feature = "ipc")]
mod ipc;
mod mapping;
mod numbers;
#[cfg(feature = "parquet")]
mod parquet;
mod recent;
mod refused;
mod slow;
mod sparse;
mod table;
mod texts;
mod times;
mod view;

pub use backtest::{Backtest, BacktestOptions, Members, Of, Source};
pub use bind::{Binding, BindingError};
pub use decisions::DecisionTable;
pub use feed::Feed;
#[cfg(any(feature = "ipc", feature = "parquet"))]
pub use files::{Batches, FileError};
#[cfg(any(feature = "ipc", feature = "parquet"))]
pub use inputs::RowInputs;
#[cfg(feature = "ipc")]
pub use ipc::{open_ipc, read_ipc};
pub use mapping::Mapping;
#[cfg(feature = "parquet")]
pub use parquet::open_parquet;
pub use refused::RefusedTable;
pub use table::Table;
pub use view::View;
