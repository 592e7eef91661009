//! What people look at, noted in the audit log.

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::wire;
use tagwarden::{Permit, Status, Timestamp};

/// Who looks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "plain data")]
pub struct Viewer {
    /// Who it is: a name or number of the host.
    pub actor: String,
    /// In which role.
    pub role: String,
}

impl Ledger {
    /// What holds of a subject at a time, for a person to see. The audit log gets a record of who looked.
    ///
    /// # Errors
    /// [`LedgerError`]: no such entity, a time before the clock, or the file can't be written.
    pub fn view(
        &mut self,
        viewer: &Viewer,
        entity: &str,
        key: &str,
        time: Timestamp,
    ) -> Result<Status, LedgerError> {
        let subject = self.pseudonym(entity, key);
        let status = self.engine.status(entity, &subject, time)?;
        self.note_view(viewer, time, &[("what", "status"), ("entity", entity), ("subject", &subject)])?;
        Ok(status)
    }

    /// Notes that somebody saw something that the host has put together itself: a queue, a report, an export.
    ///
    /// # Errors
    /// [`LedgerError`]: the file can't be written.
    pub fn note_view(
        &mut self,
        viewer: &Viewer,
        time: Timestamp,
        what: &[(&str, &str)],
    ) -> Result<(), LedgerError> {
        let mut body = String::from("{\"actor\":");
        wire::text(&mut body, &viewer.actor);
        for (name, value) in std::iter::once(&("role", viewer.role.as_str())).chain(what) {
            body.push(',');
            wire::text(&mut body, name);
            body.push(':');
            wire::text(&mut body, value);
        }
        body.push('}');
        self.change(|work| work.writer.note(time, "view", &body))
    }

    /// The gate question: whether a message may go out to a subject over a channel. A machine asks it for every message, so
    /// it is not noted.
    ///
    /// # Errors
    /// [`LedgerError::Status`]: no such entity, or a time before the clock.
    pub fn permits(
        &self,
        entity: &str,
        key: &str,
        channel: &str,
        time: Timestamp,
    ) -> Result<Permit, LedgerError> {
        Ok(self.engine.permits(entity, &self.pseudonym(entity, key), channel, time)?)
    }
}
