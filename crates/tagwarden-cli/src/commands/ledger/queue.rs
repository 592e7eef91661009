//! What is on the lists, and what waits for a person.

use super::open::{Place, now};
use super::{act, open};
use crate::Done;
use crate::output::plain_stdout;
use serde::Serialize;
use std::io::Write;

/// Show the entries that hold now, one JSON object a line
#[derive(clap::Args)]
pub(crate) struct List {
    #[command(flatten)]
    place: Place,
    /// Only this list
    #[arg(long)]
    list: Option<String>,
}

/// Record a review of an entry; with --due, show those that are due
#[derive(clap::Args)]
pub(crate) struct Review {
    #[command(flatten)]
    act: act::Args,
    /// Show the entries whose review is due
    #[arg(long)]
    due: bool,
}

pub(crate) fn list(args: &List) -> Done {
    lines(&args.place.open()?.entries(args.list.as_deref())?)
}

pub(crate) fn review(args: &Review) -> Done {
    if !args.due {
        return act::act("review", &args.act);
    }
    let ledger = args.act.ledger.open()?;
    lines(&ledger.reviews_due(now(&ledger))?)
}

pub(crate) fn proposals(place: &open::Place) -> Done {
    lines(&place.open()?.proposals()?)
}

pub(crate) fn appeals(place: &open::Place) -> Done {
    lines(&place.open()?.appeals()?)
}

fn lines<T: Serialize>(rows: &[T]) -> Done {
    let mut out = plain_stdout();
    for row in rows {
        serde_json::to_writer(&mut out, row).map_err(std::io::Error::from)?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(())
}
