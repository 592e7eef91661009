//! From the syntax tree to the typed tree: names, types, rule order, all errors at once.

pub mod tree;
