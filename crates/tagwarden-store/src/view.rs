//! What people look at, noted in the audit log.

use crate::error::LedgerError;
use crate::keys::hex;
use crate::ledger::Ledger;
use crate::record::InputRow;
use crate::wire;
use serde::{Deserialize, Serialize};
use tagwarden::{Decision, Engine, Permit, Status, Timestamp, Viewer};

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
        // Whoever looks for somebody who is forgotten must not bring the key back into the log.
        let nothing = answer.as_ref().map_or(true, |status| *status == Status::default());
        let named = match self.forgotten(entity, key)? {
            Some(_) if nothing => format!("tombstone {}", hex(&self.keys.tombstone(entity, &subject))),
            _ => subject,
        };
        self.note_view(viewer, time, &[("what", what), ("entity", entity), ("subject", &named)])?;
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

    /// Notes that a message went out to a subject, for the allowances of limited levels. It is kept as an input.
    ///
    /// # Errors
    /// [`LedgerError`]: no such entity, or the file can't be written.
    pub fn record_contact(&mut self, entity: &str, key: &str, time: Timestamp) -> Result<(), LedgerError> {
        if self.engine.rulebook().schema().entity(entity).is_none() {
            return Err(LedgerError::Refused(format!("the rulebook has no entity {entity:?}")));
        }
        let contact = Contact {
            contact: time.to_string(),
            entity: entity.to_owned(),
            subject: self.pseudonym(entity, key),
        };
        let body =
            serde_json::to_string(&contact).map_err(|error| LedgerError::Refused(error.to_string()))?;
        self.change(|work| {
            work.engine.record_contact(entity, &contact.subject, time);
            let row =
                InputRow { time, kind: "contact", body: &body, refused: None, idem: None, decisions: &[] };
            work.writer.input(&row)?;
            work.tail += 1;
            Ok(())
        })
    }
}

/// A contact as it is kept.
#[derive(Serialize, Deserialize)]
struct Contact {
    contact: String,
    entity: String,
    subject: String,
}

/// Applies a contact again.
pub(crate) fn replay_contact(engine: &mut Engine, body: &str) -> Option<()> {
    let contact: Contact = serde_json::from_str(body).ok()?;
    engine.record_contact(&contact.entity, &contact.subject, contact.contact.parse().ok()?);
    Some(())
}
