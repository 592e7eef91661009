//! Looking ahead: what a few events will touch is read before they are applied.
//!
//! Applied one by one, each event waits for memory several times: for the index, the subject, its page, its logs. Reads that do not
//! wait for one another are served together, so each step is done for all events of a group before the next step begins.

use super::running::Running;
use crate::event::Event;
use crate::plan::Plan;
use crate::schema::EntityId;
use crate::state::Subject;
use std::hint::black_box;
use std::sync::Arc;

/// How many events a group has at most.
pub(super) const AHEAD: usize = 16;

/// An event and one of its subjects, with the hash by which that is found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Coming<'e> {
    pub(super) event: &'e Event,
    pub(super) entity: EntityId,
    pub(super) key: &'e Arc<str>,
    pub(super) hash: u32,
}

/// For each event of a group its subject, if that is known.
pub(super) type Found = [Option<u32>; AHEAD];

impl Running {
    /// Finds the subjects of a group of events, and has near what the events will touch.
    pub(super) fn look_ahead(&self, plan: &Plan, group: &[Option<Coming<'_>>]) -> Found {
        let mut found = [None; AHEAD];
        for (coming, found) in group.iter().zip(&mut found) {
            *found = coming.and_then(|coming| self.table.guess(coming.hash));
        }
        let subjects = found.iter().map(|at| at.and_then(|at| self.table.get(at)).map_or(0, Subject::touch));
        black_box(subjects.fold(0, |all, read| all ^ read));
        for (coming, found) in group.iter().zip(&mut found) {
            *found =
                coming.and_then(|Coming { hash, entity, key, .. }| self.table.find_hashed(hash, entity, key));
        }
        let mut pages = [None; AHEAD];
        for ((coming, found), page) in group.iter().zip(&found).zip(&mut pages) {
            let subject = found.and_then(|at| self.table.get(at));
            *page = coming.zip(subject).and_then(|(coming, subject)| {
                let near =
                    &plan.entity(subject.entity)?.by_event.get(usize::from(coming.event.event.0))?.near;
                Some((near, subject.first_page()?))
            });
        }
        let pages = pages.iter().flatten();
        let heads = pages.clone().map(|(_, (_, page))| page.touch());
        black_box(heads.fold(0, |all, read| all ^ read));
        let logs = pages.flat_map(|(near, (at, page))| {
            near.iter().filter(move |(page, _)| page == at).map(move |(_, series)| page.touch_log(*series))
        });
        black_box(logs.fold(0, |all, read| all ^ read));
        found
    }
}
