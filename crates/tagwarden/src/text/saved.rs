//! Compiled sets as bytes, so that they need not be built again.
//!
//! | bytes | what |
//! | --- | --- |
//! | 8 | `TWKEYSET` |
//! | 2 | version of the form, little-endian; now 1 |
//! | 4 | CRC-32 of everything behind it, little-endian |
//! | … | in the `postcard` wire format: a hash of the fold tables' versions, the sets, and of each machine the automaton |
//!
//! Everything but the automata is made again, since that takes no time worth saving.

use super::machine::Automaton;
use super::{KeywordSet, Keywords, TextError, tables};
use crate::limits::Limits;
use crate::small::crc32;
use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher24;
use std::hash::Hasher;

const MAGIC: &[u8; 8] = b"TWKEYSET";
const VERSION: u16 = 1;
const HEADER: usize = 14;

#[derive(Serialize)]
struct Saved<'a> {
    tables: u64,
    sets: Vec<&'a KeywordSet>,
    automata: Vec<Option<Vec<u8>>>,
}

/// The same, read. The automata stay where they are: byte by byte they would take longest.
#[derive(Deserialize)]
struct Loaded<'a> {
    tables: u64,
    sets: Vec<KeywordSet>,
    #[serde(borrow)]
    automata: Vec<Option<&'a [u8]>>,
}

/// What the sets were folded with: other tables would need other automata.
fn versions() -> u64 {
    let mut hasher = SipHasher24::new();
    for line in tables::versions() {
        hasher.write(line);
        hasher.write_u8(0);
    }
    hasher.finish()
}

impl Keywords {
    /// Everything that [`Keywords::from_bytes`] needs.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let saved = Saved {
            tables: versions(),
            sets: self.sets.iter().map(|set| &set.declared).collect(),
            automata: self
                .machines
                .iter()
                .map(|it| it.automaton.as_ref().map(Automaton::serialize))
                .collect(),
        };
        // Writing to memory cannot fail, and no type of it refuses to be written.
        let body = postcard::to_allocvec(&saved).unwrap_or_default();
        let mut bytes = Vec::with_capacity(HEADER + body.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&crc32(&body).to_le_bytes());
        bytes.extend_from_slice(&body);
        bytes
    }

    /// The sets as they were compiled; `None` if the bytes are damaged, or were written by a version that folds
    /// otherwise. Whatever the bytes are, searching ends.
    #[must_use]
    pub fn from_bytes(bytes: &[u8], limits: &Limits) -> Option<Keywords> {
        let saved = read(bytes)?;
        let damaged = || TextError::Automaton { message: "damaged".into() };
        Keywords::assemble(saved.sets, limits, &mut |number, _| {
            let bytes = saved.automata.get(number).copied().flatten().ok_or_else(damaged)?;
            if !ends(bytes) {
                return Err(damaged());
            }
            let (mut automaton, rest) = Automaton::deserialize(bytes).map_err(|_| damaged())?;
            automaton.cache_depths().map_err(|_| damaged())?;
            let whole = rest.is_empty() && automaton.match_kind() == daachorse::MatchKind::Standard;
            if whole { Ok(automaton) } else { Err(damaged()) }
        })
        .ok()
    }

    /// The sets compiled: from bytes where they are of these very sets, otherwise anew.
    ///
    /// # Errors
    /// As [`Keywords::compile`].
    pub fn compile_or_load(
        sets: &[KeywordSet],
        saved: Option<&[u8]>,
        limits: &Limits,
    ) -> Result<Keywords, TextError> {
        let loaded = saved.and_then(|bytes| Keywords::from_bytes(bytes, limits));
        match loaded {
            Some(loaded) if loaded.sets.iter().map(|set| &set.declared).eq(sets) => Ok(loaded),
            _ => Keywords::compile(sets, limits),
        }
    }
}

fn read(bytes: &[u8]) -> Option<Loaded<'_>> {
    let (head, body) = bytes.split_at_checked(HEADER)?;
    let (magic, rest) = head.split_at_checked(MAGIC.len())?;
    let (version, checksum) = rest.split_at_checked(2)?;
    if magic != MAGIC || version != VERSION.to_le_bytes() || checksum != crc32(body).to_le_bytes() {
        return None;
    }
    postcard::from_bytes::<Loaded<'_>>(body).ok().filter(|saved| saved.tables == versions())
}

/// Whether every search by this automaton ends. The automaton's own reader holds all indices to their bounds, but does
/// not look for circles in the links that are followed where a character does not fit: here each link must lead to the
/// root. An automaton begins with the number of its states, and of each four numbers, of which the second is the state
/// that it is reached from and the third that link; what is not reached names state 1, which is none.
fn ends(bytes: &[u8]) -> bool {
    const NONE: usize = 1;
    let number = |at: usize| {
        let bytes = bytes.get(at..at + 4)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(bytes)).ok()
    };
    let state = |state: usize, part: usize| number(4 + 16 * state + 4 * part);
    let Some(states) = number(0).filter(|states| *states <= bytes.len() / 16) else { return false };
    // 0: not looked at; 1: leads to the root; otherwise on the way that was begun at the state of this number less 2.
    let mut leads = vec![0_usize; states];
    let Some(root) = leads.first_mut() else { return false };
    *root = 1;
    for first in 0..states {
        let Some(from) = state(first, 1) else { return false };
        if from == NONE {
            continue;
        }
        if first == NONE {
            return false;
        }
        let mut at = first;
        loop {
            match leads.get_mut(at) {
                Some(seen) if *seen == 0 && at != NONE => *seen = first + 2,
                Some(1) => break,
                _ => return false,
            }
            let Some(next) = state(at, 2) else { return false };
            at = next;
        }
        at = first;
        while let Some(seen) = leads.get_mut(at).filter(|seen| **seen != 1) {
            *seen = 1;
            let Some(next) = state(at, 2) else { return false };
            at = next;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{KeywordPattern, KeywordsId, Switches};

    fn set(patterns: impl Iterator<Item = String>) -> KeywordSet {
        let pattern = |text: String| KeywordPattern {
            text: text.as_str().into(),
            anywhere: true,
            ignoring: if text.len().is_multiple_of(2) { Switches::SEPARATORS } else { Switches::NONE },
            category: Some("c".into()),
        };
        KeywordSet {
            name: "k".into(),
            undo: Switches::BASE,
            patterns: patterns.map(pattern).collect(),
            except: vec!["abca".into()],
        }
    }

    fn many() -> KeywordSet {
        let digits = |mut n: u32| {
            let mut text = String::new();
            while n > 0 {
                text.push(['a', 'b', 'c', '麻', '烦'][n as usize % 5]);
                n /= 5;
            }
            text
        };
        set((1..3_000).map(digits))
    }

    #[test]
    fn what_was_saved_finds_the_same() {
        let limits = Limits::default();
        let sets = [many(), set(["zz".to_owned()].into_iter())];
        let keywords = Keywords::compile(&sets, &limits).unwrap();
        let bytes = keywords.to_bytes();
        let loaded = Keywords::from_bytes(&bytes, &limits).unwrap();
        for text in ["abcab c麻烦", "zz", "", "cba麻麻aabcbacb"] {
            for id in [KeywordsId(0), KeywordsId(1)] {
                assert_eq!(loaded.hits(id, text), keywords.hits(id, text));
            }
        }
        assert_eq!(loaded.to_bytes(), bytes);
        let other = [set(["zz".to_owned()].into_iter())];
        let fresh = Keywords::compile_or_load(&other, Some(&bytes), &limits).unwrap();
        assert_eq!(fresh.hits(KeywordsId(0), "zz").len(), 1);
    }

    #[test]
    fn damage_is_noticed() {
        let limits = Limits::default();
        let bytes = Keywords::compile(&[set(["abc".to_owned()].into_iter())], &limits).unwrap().to_bytes();
        for len in (0..bytes.len()).step_by(1 + bytes.len() / 2_000) {
            assert!(Keywords::from_bytes(&bytes[..len], &limits).is_none());
        }
        for at in (0..bytes.len()).step_by(1 + bytes.len() / 2_000) {
            let mut bytes = bytes.clone();
            bytes[at] ^= 0x10;
            assert!(Keywords::from_bytes(&bytes, &limits).is_none(), "{at}");
        }
    }

    /// Bytes that are wrong and have the right checksum may find something else, but they find an end.
    #[test]
    fn forged_bytes_end() {
        let limits = Limits::default();
        let bytes = Keywords::compile(&[set(["abab".to_owned(), "babc".to_owned()].into_iter())], &limits)
            .unwrap()
            .to_bytes();
        let mut loaded = 0;
        // Behind these are tables that only say where nothing can begin.
        for at in HEADER..bytes.len().min(HEADER + 600) {
            for change in [0x01, 0x03, 0xFF] {
                let mut bytes = bytes.clone();
                bytes[at] ^= change;
                let checksum = crc32(&bytes[HEADER..]);
                bytes[10..HEADER].copy_from_slice(&checksum.to_le_bytes());
                if let Some(keywords) = Keywords::from_bytes(&bytes, &limits) {
                    loaded += 1;
                    let _ = keywords.hits(KeywordsId(0), "abababcbabc a-b.a b abcabca");
                }
            }
        }
        assert!(loaded > 0);
    }
}
