//! The engine against the reference, on generated rulebooks and inputs.

#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "tests")]

mod reference;
