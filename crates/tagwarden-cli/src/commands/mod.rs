//! One file a command.

pub(crate) mod check;
pub(crate) mod explain;
pub(crate) mod fmt;
pub(crate) mod infer;
pub(crate) mod ledger;
pub(crate) mod run;
pub(crate) mod summary;
pub(crate) mod test;
pub(crate) mod why;
pub(crate) mod words;
