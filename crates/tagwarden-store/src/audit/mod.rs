//! The audit log: every command, decision and view, each record chained to the one before.

pub(crate) mod chain;
