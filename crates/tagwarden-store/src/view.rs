//! What people look at, noted in the audit log.

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::wire;
use tagwarden::{Decision, Permit, Status, Timestamp, Viewer};

impl Ledger {
    /// What holds of a subject at a time, for a person to see. The audit log gets a record of who looked; or, where the
    /// rulebook's roles do not allow it, of the refusal, which is answered as a decision.
    ///
    /// # Errors
    /// [`LedgerError`]: no such entity, a time before the clock, or the file can't be written.
    pub fn view(
        &mut self,
        viewer: &Viewer,
        entity: &str,
        key: &str,
        time: Timestamp,
    ) -> Result<Result<Status, Box<Decision>>, LedgerError> {
        let subject = self.pseudonym(entity, key);
        let answer = self.engine.view(viewer, entity, &subject, time)?;
        let what = if answer.is_ok() { "status" } else { "refused" };
        self.note_view(viewer, time, &[("what", what), ("entity", entity), ("subject", &subject)])?;
        Ok(answer)
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
        for (name, value) in viewer.role.iter().map(|role| ("role", &**role)).chain(what.iter().copied()) {
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
