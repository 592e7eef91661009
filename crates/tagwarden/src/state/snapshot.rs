//! The file form of a snapshot: a header that says what it is, a body, a checksum.
//!
//! | bytes | what |
//! | --- | --- |
//! | 8 | `TAGWARDN` |
//! | 2 | version of the form, little-endian; now 1 |
//! | 16 | fingerprint of the rulebook |
//! | 16 | fingerprint of the key that private values are hashed with |
//! | 8 | length of the body, little-endian |
//! | … | body: the state in the `postcard` wire format |
//! | 4 | CRC-32 of everything before it, little-endian |

use crate::small::crc32;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The version that is written; older ones are read, newer ones refused.
const VERSION: u16 = 1;
const MAGIC: &[u8; 8] = b"TAGWARDN";
const HEADER: usize = 50;
const CHECKSUM: usize = 4;

/// Why a snapshot is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// The bytes do not begin like a snapshot.
    #[error("not a Tagwarden snapshot")]
    Foreign,
    /// It was written by a newer version of Tagwarden.
    #[error("the snapshot has the form {found}, and this version reads up to {VERSION}")]
    Newer {
        /// The version of its form.
        found: u16,
    },
    /// It is cut short, or a byte of it has changed.
    #[error("the snapshot is damaged: {what}")]
    Damaged {
        /// What does not fit.
        what: &'static str,
    },
    /// It belongs to another rulebook. Restore it with that one, and then reload.
    #[error("the snapshot belongs to another rulebook: restore it with that one, and then reload")]
    OtherRulebook,
    /// It was written with another hash key, so that private values could not be recognised.
    #[error("the snapshot was written with another hash key")]
    OtherKey,
    /// There are too many subjects or events in it.
    #[error("limit: {limit}: at most {most}")]
    Limit {
        /// Which limit.
        limit: &'static str,
        /// Its value.
        most: u64,
    },
}

/// Writes a state.
pub(crate) fn write<T: Serialize>(state: &T, rulebook: u128, key: u128) -> Vec<u8> {
    // Writing to memory cannot fail, and no type of the state refuses to be written.
    let body = postcard::to_allocvec(state).unwrap_or_default();
    let mut bytes = Vec::with_capacity(HEADER + body.len() + CHECKSUM);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&rulebook.to_le_bytes());
    bytes.extend_from_slice(&key.to_le_bytes());
    bytes.extend_from_slice(&(body.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&body);
    bytes.extend_from_slice(&crc32(&bytes).to_le_bytes());
    bytes
}

/// Reads a state.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8], rulebook: u128, key: u128) -> Result<T, SnapshotError> {
    let damaged = |what| SnapshotError::Damaged { what };
    if !bytes.starts_with(MAGIC) {
        return Err(SnapshotError::Foreign);
    }
    let (mut header, rest) = bytes.split_at_checked(HEADER).ok_or(damaged("it is too short"))?;
    let mut take = |count: usize| -> u128 {
        let (field, tail) = header.split_at_checked(count).unwrap_or((&[], &[]));
        header = tail;
        field.iter().rev().fold(0, |number, byte| number << 8 | u128::from(*byte))
    };
    let (_, version, book, hash, length) = (take(8), take(2) as u16, take(16), take(16), take(8));
    if version > VERSION {
        return Err(SnapshotError::Newer { found: version });
    }
    let split = rest.len().checked_sub(CHECKSUM).ok_or(damaged("it is too short"))?;
    let (body, checksum) = rest.split_at_checked(split).ok_or(damaged("it is too short"))?;
    if body.len() as u128 != length {
        return Err(damaged("its length is not what it says"));
    }
    let whole = bytes.get(..HEADER + split).unwrap_or_default();
    if crc32(whole).to_le_bytes() != checksum {
        return Err(damaged("its checksum is wrong"));
    }
    if version == 0 {
        return Err(damaged("its version is 0"));
    }
    if book != rulebook {
        return Err(SnapshotError::OtherRulebook);
    }
    if hash != key {
        return Err(SnapshotError::OtherKey);
    }
    let (state, left) = postcard::take_from_bytes(body).map_err(|_| damaged("its body does not read"))?;
    if left.is_empty() { Ok(state) } else { Err(damaged("there is something behind its body")) }
}
