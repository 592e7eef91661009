//! The audit log as a file that proves itself.

use super::chain::{Hash, first_line, record_head};
use super::verify::{AuditReport, verify};
use crate::error::LedgerError;
use crate::input::time;
use crate::keys::hex;
use crate::ledger::Ledger;
use std::io::{BufReader, Read, Write};

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exported {
    /// How many records.
    pub records: u64,
    /// The hash of the last one, in hexadecimal digits.
    pub head: String,
}

/// Each record with what it says, wherever that lies.
const RECORDS: &str = "
    SELECT audit.id, audit.time, audit.kind, audit.digest, audit.hash,
           CASE WHEN audit.ref IS NULL THEN audit.body
                WHEN audit.kind = 'decision' THEN (SELECT body FROM decisions WHERE id = audit.ref)
                ELSE (SELECT body FROM inputs WHERE id = audit.ref) END
    FROM audit ORDER BY audit.id";

impl Ledger {
    /// Writes the audit log as a file that [`verify`](crate::verify) reads without the ledger. The format is described
    /// there.
    ///
    /// # Errors
    /// [`LedgerError`]: the ledger can't be read, or the writer refuses.
    pub fn export_audit(&self, out: &mut dyn Write) -> Result<Exported, LedgerError> {
        let failed = |source| LedgerError::Io { path: "the audit log's export".into(), source };
        // One transaction: what others add meanwhile is not half in it.
        let transaction = self.connection.unchecked_transaction()?;
        let ledger = self.keys.ledger_id(&self.options.name);
        writeln!(out, "{}", first_line(&ledger)).map_err(failed)?;
        let mut rows = transaction.prepare(RECORDS)?;
        let mut rows = rows.query([])?;
        let (mut records, mut head) = (0_u64, String::new());
        while let Some(row) = rows.next()? {
            let (seq, kind): (i64, String) = (row.get(0)?, row.get(2)?);
            let (digest, hash): (Hash, Hash) = (row.get(3)?, row.get(4)?);
            let body: Option<String> = row.get(5)?;
            head = hex(&hash);
            let link = record_head(seq, time(row.get(1)?)?, &kind, &digest);
            match body {
                Some(body) => {
                    let salt = hex(&self.keys.salt(seq));
                    writeln!(out, "{{{link},\"hash\":\"{head}\",\"salt\":\"{salt}\",\"record\":{body}}}")
                }
                None => writeln!(out, "{{{link},\"hash\":\"{head}\",\"erased\":true}}"),
            }
            .map_err(failed)?;
            records += 1;
        }
        writeln!(out, "{{\"records\":{records},\"head\":\"{head}\"}}").map_err(failed)?;
        Ok(Exported { records, head })
    }

    /// Holds the audit log of the ledger to its chain.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] with the first record that does not hold.
    pub fn verify_audit(&self) -> Result<AuditReport, LedgerError> {
        let (mut sender, receiver) = pipe();
        std::thread::scope(|scope| {
            let checked = scope.spawn(move || verify(BufReader::new(receiver)));
            let exported = self.export_audit(&mut sender);
            drop(sender);
            let checked = checked
                .join()
                .map_err(|_| LedgerError::Refused("the verification did not come to an end".into()))?;
            let report = checked.map_err(|error| LedgerError::damaged(error.to_string()));
            // The verification stops reading at the first broken record: then the export fails for that alone.
            let report = report?;
            exported?;
            if report.head != self.audit_head() {
                return Err(LedgerError::damaged(
                    "the audit log does not end where the last transaction left it",
                ));
            }
            Ok(report)
        })
    }
}

/// What is written at one end is read at the other; bounded, so that a long log does not fill the memory.
struct Sender(std::sync::mpsc::SyncSender<Vec<u8>>, Vec<u8>);
struct Receiver(std::sync::mpsc::Receiver<Vec<u8>>, Vec<u8>, usize);

const BLOCK: usize = 1 << 16;

fn pipe() -> (Sender, Receiver) {
    let (sender, receiver) = std::sync::mpsc::sync_channel(8);
    (Sender(sender, Vec::new()), Receiver(receiver, Vec::new(), 0))
}

impl Write for Sender {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.1.extend_from_slice(bytes);
        if self.1.len() >= BLOCK {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let block = std::mem::take(&mut self.1);
        self.0.send(block).map_err(|_| std::io::ErrorKind::BrokenPipe.into())
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        let _ = self.flush();
    }
}

impl Read for Receiver {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.2 == self.1.len() {
            match self.0.recv() {
                Ok(block) => (self.1, self.2) = (block, 0),
                Err(_) => return Ok(0),
            }
        }
        let rest = self.1.get(self.2..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(rest) {
            *to = *from;
        }
        self.2 += count;
        Ok(count)
    }
}
