//! What Tagwarden costs: the workloads, the hand-written limit that they are held against, and how time is taken.
//!
//! The programs in `bin/` measure, each in a process of its own; `cargo xtask bench` runs them and draws the tables.

#![allow(clippy::expect_used, clippy::panic, reason = "a benchmark that cannot run must stop")]

pub mod columns;
pub mod limit;
pub mod measure;
pub mod reference;
pub mod scale;
pub mod stream;
pub mod texts;
pub mod words;
pub mod workload;
