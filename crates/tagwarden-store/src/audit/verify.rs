//! Whether an exported audit log is whole: the file alone is needed.

use super::chain::{Chain, Hash, digest, first_line, record_head};
use crate::keys::{hex, unhex};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::io::BufRead;

/// Longer lines are not read: no record is that long.
const LONGEST: u64 = 64 << 20;

/// What a whole audit log holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditReport {
    /// How many records.
    pub records: u64,
    /// How many of them have been erased, each with a later record that says so.
    pub erased: u64,
    /// The hash of the last record, in hexadecimal digits. Who noted it elsewhere before can compare: a log that was
    /// written anew from the beginning is whole, but has another.
    pub head: String,
}

/// Where an audit log does not hold.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {what}")]
#[non_exhaustive]
pub struct AuditError {
    /// The line, from 1. Record N stands on line N + 1.
    pub line: u64,
    /// What is wrong there.
    pub what: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct First {
    #[serde(rename = "tagwarden_audit")]
    version: u32,
    ledger: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    seq: i64,
    time: &'a str,
    kind: &'a str,
    digest: &'a str,
    hash: &'a str,
    salt: Option<&'a str>,
    #[serde(borrow)]
    record: Option<&'a RawValue>,
    erased: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Last {
    records: u64,
    head: String,
}

/// What a record of erasure covers.
#[derive(Deserialize)]
struct Erasure {
    /// Single records and ranges, both ends included.
    #[serde(default)]
    records: Vec<(i64, i64)>,
    /// All records of these kinds up to a number.
    #[serde(default)]
    kinds: Vec<String>,
    #[serde(default)]
    through: i64,
}

/// Reads an exported audit log and holds every line to the chain: a bit that was changed, a record that was removed,
/// added, moved or emptied, a missing end, all are found.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # use tagwarden::Rulebook;
/// # use tagwarden_store::{Ledger, Options, verify};
/// # let rulebook = Rulebook::compile("entity customer")?;
/// # let ledger = Ledger::open(folder.path().join("l.db"), &rulebook, Options::new([1; 16]))?;
/// let mut file = Vec::new();
/// let exported = ledger.export_audit(&mut file)?;
/// assert_eq!(verify(&file[..])?.head, exported.head);
/// file[200] ^= 1;
/// assert!(verify(&file[..]).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`AuditError`] with the first line that does not hold.
pub fn verify(file: impl BufRead) -> Result<AuditReport, AuditError> {
    let mut check = Check { file, line: 0, bytes: Vec::new() };
    let first = check.next()?.ok_or_else(|| check.error("the file is empty"))?;
    let head: First = serde_json::from_str(&first).map_err(|error| check.error(error))?;
    if head.version != 1 {
        return Err(check.error(format!("version {} is not known here", head.version)));
    }
    let ledger = unhex::<16>(&head.ledger).filter(|ledger| first_line(ledger) == first);
    let ledger = ledger.ok_or_else(|| check.error("this is not the first line of an audit log"))?;
    let mut chain = Chain::start(&ledger);
    // Records whose erasure nothing has accounted for yet, by number, with their kind.
    let mut open: BTreeMap<i64, String> = BTreeMap::new();
    let mut erased = 0;
    loop {
        let Some(text) = check.next()? else {
            return Err(check.error("the end is missing: records were cut off"));
        };
        if text.starts_with("{\"records\"") {
            return check.end(&text, &chain, &open, erased);
        }
        let line: Line<'_> = serde_json::from_str(&text).map_err(|error| check.error(error))?;
        if line.seq != chain.last + 1 {
            return Err(check.error(format!("record {} stands where {} belongs", line.seq, chain.last + 1)));
        }
        let told: Hash = unhex(line.digest).ok_or_else(|| check.error("the digest is no hash"))?;
        let time = line.time.parse().map_err(|error| check.error(error))?;
        chain.add(time, line.kind, &told);
        let (head, hash) = (record_head(line.seq, time, line.kind, &told), hex(&chain.hash));
        if line.hash != hash {
            return Err(check.error("its hash is not that of the record before and this one"));
        }
        let canonical = match (line.salt, line.record, line.erased) {
            (Some(salt), Some(record), None) => {
                let bytes = unhex(salt).ok_or_else(|| check.error("the salt is none"))?;
                if digest(&bytes, record.get()) != told {
                    return Err(check.error("what it says is not what was recorded"));
                }
                if matches!(line.kind, "forgotten" | "erased") {
                    let erasure = serde_json::from_str(record.get()).map_err(|error| check.error(error))?;
                    account(&erasure, &mut open);
                }
                format!("{{{head},\"hash\":\"{hash}\",\"salt\":\"{salt}\",\"record\":{}}}", record.get())
            }
            (None, None, Some(true)) if !matches!(line.kind, "forgotten" | "erased" | "rulebook") => {
                open.insert(line.seq, line.kind.to_owned());
                erased += 1;
                format!("{{{head},\"hash\":\"{hash}\",\"erased\":true}}")
            }
            _ => return Err(check.error("it neither says something nor may be erased")),
        };
        if canonical != text {
            return Err(check.error("it is not written as records are"));
        }
    }
}

/// Strikes off what a record of erasure covers.
fn account(erasure: &Erasure, open: &mut BTreeMap<i64, String>) {
    for (from, to) in &erasure.records {
        if from <= to {
            let covered: Vec<i64> = open.range(from..=to).map(|(seq, _)| *seq).collect();
            for seq in covered {
                open.remove(&seq);
            }
        }
    }
    if !erasure.kinds.is_empty() {
        open.retain(|seq, kind| *seq > erasure.through || !erasure.kinds.contains(kind));
    }
}

struct Check<R> {
    file: R,
    line: u64,
    bytes: Vec<u8>,
}

impl<R: BufRead> Check<R> {
    fn error(&self, what: impl ToString) -> AuditError {
        AuditError { line: self.line.max(1), what: what.to_string() }
    }

    /// The next line without its line feed; `None` at the end of the file.
    fn next(&mut self) -> Result<Option<String>, AuditError> {
        use std::io::Read as _;
        self.line += 1;
        self.bytes.clear();
        let read = self.file.by_ref().take(LONGEST).read_until(b'\n', &mut self.bytes);
        read.map_err(|error| self.error(error))?;
        if self.bytes.is_empty() {
            return Ok(None);
        }
        if self.bytes.pop() != Some(b'\n') {
            return Err(self.error("the line does not end: something was cut off"));
        }
        let text = std::str::from_utf8(&self.bytes).map_err(|error| self.error(error))?;
        Ok(Some(text.to_owned()))
    }

    fn end(
        &mut self,
        text: &str,
        chain: &Chain,
        open: &BTreeMap<i64, String>,
        erased: u64,
    ) -> Result<AuditReport, AuditError> {
        let last: Last = serde_json::from_str(text).map_err(|error| self.error(error))?;
        let records = u64::try_from(chain.last).unwrap_or(0);
        let head = hex(&chain.hash);
        if last.records != records || last.head != head {
            return Err(
                self.error("it ends with another record than the file says: records were cut off or added")
            );
        }
        if text != format!("{{\"records\":{records},\"head\":\"{head}\"}}") {
            return Err(self.error("it is not written as the last line is"));
        }
        if self.next()?.is_some() {
            return Err(self.error("something stands behind the end"));
        }
        if let Some((seq, _)) = open.first_key_value() {
            let line = u64::try_from(*seq).unwrap_or(0) + 1;
            return Err(AuditError { line, what: "it was emptied, and no later record says so".into() });
        }
        Ok(AuditReport { records, erased, head })
    }
}
