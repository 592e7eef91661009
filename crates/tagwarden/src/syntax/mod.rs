//! From text to the syntax tree and back. Only `grammar.pest` and `lower.rs` know pest.

pub mod ast;
