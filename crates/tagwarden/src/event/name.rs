//! A name of the schema, compared with what stands in a line without a call for most of what differs.

use crate::small::head;
use std::sync::Arc;

/// A name and its beginning as a number.
#[derive(Clone, Debug)]
pub(super) struct Name {
    text: Arc<str>,
    /// As in [`Written`].
    head: u64,
}

/// A name as somebody wrote it.
#[derive(Clone, Copy)]
pub(super) struct Written<'b> {
    bytes: &'b [u8],
    /// Its [`head`].
    head: u64,
}

impl Name {
    pub(super) fn text(&self) -> &Arc<str> {
        &self.text
    }

    #[inline]
    pub(super) fn is(&self, other: Written<'_>) -> bool {
        self.head == other.head
            && self.text.len() == other.bytes.len()
            && (other.bytes.len() <= 8 || self.text.as_bytes() == other.bytes)
    }
}

/// What some names have in common: it tells of most other names at once that they are none of them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Likeness(u64);

impl Likeness {
    pub(super) fn of<'n>(names: impl Iterator<Item = &'n Name>) -> Likeness {
        Likeness(names.fold(0, |all, name| all | bit(name.head)))
    }

    #[inline]
    pub(super) fn may_have(self, name: Written<'_>) -> bool {
        self.0 & bit(name.head) != 0
    }
}

/// One of 64 bits, which depends on every byte.
#[inline]
fn bit(head: u64) -> u64 {
    1 << (head.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 58)
}

impl From<Arc<str>> for Name {
    fn from(text: Arc<str>) -> Name {
        Name { head: Written::from(&*text).head, text }
    }
}

impl<'b> From<&'b str> for Written<'b> {
    fn from(text: &'b str) -> Written<'b> {
        Written { bytes: text.as_bytes(), head: head(text.as_bytes()) }
    }
}

impl<'b> Written<'b> {
    /// A part of a line.
    #[inline]
    pub(super) fn of(line: &'b [u8], start: usize, end: usize) -> Option<Written<'b>> {
        let bytes = line.get(start..end)?;
        // Something mostly follows the name, so that eight bytes can be taken at once.
        let head = if let Some(word) = line.get(start..)?.first_chunk() {
            let beyond = 64 - 8 * bytes.len().min(8) as u32;
            u64::from_le_bytes(*word) & u64::MAX.checked_shr(beyond).unwrap_or(0)
        } else {
            head(bytes)
        };
        Some(Written { bytes, head })
    }

    /// Whether it is a short name, of fewer than eight bytes.
    #[inline]
    pub(super) fn is<const LENGTH: usize>(self, short: &[u8; LENGTH]) -> bool {
        self.bytes.first_chunk() == Some(short) && self.bytes.len() == LENGTH
    }
}
