//! A ledger that is encrypted as a whole, by SQLCipher.

use crate::error::LedgerError;
use crate::ledger::Ledger;

impl Ledger {
    /// Encrypts the whole file anew with another key. The ledger goes on with it; [`crate::Options::encryption`] must have it
    /// the next time.
    ///
    /// # Errors
    /// [`LedgerError`]: the ledger is not encrypted, or the file can't be written.
    pub fn change_encryption_key(&mut self, key: &str) -> Result<(), LedgerError> {
        if self.options.encryption.is_none() || key.is_empty() {
            return Err(LedgerError::Refused(
                "only an encrypted ledger has a key to change, and to one that is not empty".into(),
            ));
        }
        // What lies in the log would stay under the old key.
        self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        self.connection.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
        let changed = self.connection.pragma_update(None, "rekey", key);
        self.connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
        changed?;
        self.options.encryption = Some(key.to_owned());
        let time = self.engine.clock().unwrap_or(tagwarden::Timestamp::MIN);
        self.change(|work| work.writer.note(time, "rekeyed", "{}"))
    }
}
