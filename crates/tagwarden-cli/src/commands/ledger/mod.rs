//! `tagwarden ledger`: an engine whose inputs, decisions and audit log are kept in one file.

mod act;
mod apply;
mod audit;
mod init;
mod open;
mod queue;
#[cfg(feature = "encryption")]
mod rekey;
mod stats;
mod status;
mod table;

use crate::Done;
use act::act;

/// Keep inputs, decisions and an audit log in one file, and work with what they come to
///
/// A ledger is one SQLite file. Its key lies beside it, in a file of the same name with `.key` behind it, unless
/// `--key-file` names another; keep it secret, and keep it as long as the ledger.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
#[allow(clippy::large_enum_variant, reason = "read once, from the command line")]
enum Command {
    Init(init::Args),
    Apply(apply::Args),
    Status(status::Args),
    List(queue::List),
    /// Add a subject to a list
    Add(act::Args),
    /// Tag a subject
    Tag(act::Args),
    /// End a tag
    Untag(act::Args),
    /// End an entry on a list
    Release(act::Args),
    /// Change the level of an entry
    Level(act::Args),
    /// Have an entry not count for a while; it comes back by itself
    Suspend(act::Args),
    /// Have a suspended entry count again
    Resume(act::Args),
    /// Have a proposal carried out; without --subject, show the open ones
    Approve(act::Args),
    /// Refuse a proposal
    Reject(act::Args),
    Review(queue::Review),
    /// Record an appeal; without --subject, show the open ones
    Appeal(act::Args),
    /// Decide an appeal
    Settle(act::Args),
    /// Mark what a rule has set as wrong
    Wrong(act::Args),
    /// Spare a subject a rule, a tag or a list
    Exempt(act::Args),
    /// End an exemption, or take back a mark
    Lift(act::Args),
    /// Have a subject known as another from now on
    Merge(act::Args),
    /// Remove every trace of a subject but a tombstone
    Forget(act::Args),
    Import(table::ImportArgs),
    Export(table::ExportArgs),
    Audit(audit::Args),
    Stats(stats::Args),
    #[cfg(feature = "encryption")]
    Rekey(rekey::Args),
}

pub(crate) fn run(args: &Args) -> Done {
    match &args.command {
        Command::Init(args) => init::run(args),
        Command::Apply(args) => apply::run(args),
        Command::Status(args) => status::run(args),
        Command::List(args) => queue::list(args),
        Command::Add(args) => act("list", args),
        Command::Tag(args) => act("tag", args),
        Command::Untag(args) => act("untag", args),
        Command::Release(args) => act("release", args),
        Command::Level(args) => act("level", args),
        Command::Suspend(args) => act("suspend", args),
        Command::Resume(args) => act("resume", args),
        Command::Approve(args) if args.subject.is_none() => queue::proposals(&args.ledger),
        Command::Approve(args) => act("approve", args),
        Command::Reject(args) => act("reject", args),
        Command::Review(args) => queue::review(args),
        Command::Appeal(args) if args.subject.is_none() => queue::appeals(&args.ledger),
        Command::Appeal(args) => act("appeal", args),
        Command::Settle(args) => act("settle", args),
        Command::Wrong(args) => act("wrong", args),
        Command::Exempt(args) => act("exempt", args),
        Command::Lift(args) => act("lift", args),
        Command::Merge(args) => act("merge", args),
        Command::Forget(args) => act("forget", args),
        Command::Import(args) => table::import(args),
        Command::Export(args) => table::export(args),
        Command::Audit(args) => audit::run(args),
        Command::Stats(args) => stats::run(args),
        #[cfg(feature = "encryption")]
        Command::Rekey(args) => rekey::run(args),
    }
}
