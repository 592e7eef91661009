//! Where in a text a pattern may begin, found out without folding the text and without the automaton.
//!
//! Most places of most texts begin no pattern. Pairs of neighbouring characters tell: each pattern gives the pairs that it
//! begins with, its *window*, and a table says of each pair at which places of a window it may stand. All windows are followed
//! at once by shifting bits (shift-or over pairs, as in Baeza-Yates and Gonnet, and Salmela, Tarhio and Kytöjoki). What the
//! sieve lets through is searched by the automaton; what it holds back holds nothing.

use super::fold::Table;
use super::words::Edges;
use std::array;

/// A place from which on the automaton has to look.
pub(super) struct Candidate {
    /// Where the first begins of all patterns that may be under way there.
    pub(super) start: usize,
    /// It has to look up to here at least.
    pub(super) until: usize,
}

pub(super) struct Sieve {
    /// For texts of nothing but plain ASCII, by two bytes as they stand in the text. `None`: nothing can be in such a text.
    ascii: Option<Grams>,
    /// For all others, by a hash of the low halves of two folded characters.
    mixed: Grams,
    /// By the low bits of a folded character whether a pattern may be that character alone.
    singles: [u64; 4],
    has_singles: bool,
}

/// Which pairs may stand where in a window.
struct Grams {
    /// Of each pair a bit for each place, 0 where it may stand there.
    table: Vec<u8>,
    /// Windows are of at most three lengths, which share the bits of a byte: their first and their last bits.
    first: u8,
    last: u8,
    /// The lengths in pairs, the longest first, each with its first bit's number.
    groups: Vec<(usize, usize)>,
    /// What a hash is shifted by.
    shift: u32,
}

impl Grams {
    /// An empty table for windows of these lengths in pairs; no length is 0.
    fn new(bits: u32, lengths: &[usize]) -> Grams {
        // Short patterns have windows of their own, so that one of them does not make those of all others short.
        let widths: &[usize] = match lengths.iter().copied().min().unwrap_or(1) {
            0 | 1 => &[1, 2, 5],
            2 => &[2, 6],
            3 => &[3, 5],
            4 => &[4],
            5 => &[5],
            6 => &[6],
            7 => &[7],
            _ => &[8],
        };
        let (mut first, mut last, mut at) = (0, 0, 0);
        let mut groups = Vec::new();
        for &width in widths {
            groups.push((width, at));
            first |= 1 << at;
            at += width;
            last |= 1 << (at - 1);
        }
        groups.reverse();
        Grams { table: vec![u8::MAX; 1 << bits], first, last, groups, shift: 32 - bits }
    }

    /// How much of a window of so many pairs is looked at, and the bit of its first pair.
    fn window(&self, pairs: usize) -> (usize, u8) {
        let (width, first) = self.groups.iter().copied().find(|&(width, _)| width <= pairs).unwrap_or((0, 0));
        (width, 1 << first)
    }

    fn allow(&mut self, pair: usize, bit: u8) {
        if let Some(entry) = self.table.get_mut(pair) {
            *entry &= !bit;
        }
    }

    /// Makes the table as small as can be without letting much more through: what is near is looked up faster.
    fn shrink(&mut self) {
        let known = self.table.iter().filter(|&&entry| entry != u8::MAX).count();
        while self.table.len() > 256.max(known * SPACE) {
            self.table =
                self.table.chunks(2).map(|two| two.iter().fold(u8::MAX, |all, bits| all & bits)).collect();
            self.shift += 1;
        }
    }

    /// The bits after one more pair.
    #[inline(always)]
    fn step(&self, bits: u8, pair: usize) -> u8 {
        // A pair outside of the table is none of any pattern.
        (bits << 1) & !self.first | self.table.get(pair).copied().unwrap_or(u8::MAX)
    }

    #[inline(always)]
    fn found(&self, bits: u8) -> bool {
        bits & self.last != self.last
    }

    /// The length of the longest window that ends here, and that of the longest that may have begun, in pairs.
    fn lengths(&self, bits: u8) -> (usize, usize) {
        let (mut ended, mut begun) = (0, 0);
        for &(width, first) in &self.groups {
            let reached = (0..width).rev().find(|place| bits >> (first + place) & 1 == 0);
            let reached = reached.map_or(0, |place| place + 1);
            begun = begun.max(reached);
            if reached == width {
                ended = ended.max(width);
            }
        }
        (ended, begun)
    }

    fn longest(&self) -> usize {
        self.groups.first().map_or(0, |&(width, _)| width)
    }

    #[inline(always)]
    fn hash(&self, before: u16, c: u16) -> usize {
        (u32::from(before).wrapping_mul(0x9E37_79B1).wrapping_add(u32::from(c).wrapping_mul(0x85EB_CA6B))
            >> self.shift) as usize
    }
}

/// The character at `at`, if it has three bytes.
#[inline(always)]
fn three(text: &[u8], at: usize) -> Option<u16> {
    let [first, second, third] = text.get(at..)?.first_chunk::<3>()?.map(u16::from);
    (first >> 4 == 0xE).then_some(first << 12 | (second & 0x3F) << 6 | third & 0x3F)
}

/// Bits of the largest table: what fits into the second cache of most processors.
const MOST_BITS: u32 = 18;
const ASCII_BITS: u32 = 14;
/// Entries for each that says something.
const SPACE: usize = 16;

impl Sieve {
    /// The sieve of patterns, folded already, each with the edges that all ask for who look for it.
    pub(super) fn new<'p>(table: &Table, patterns: impl Iterator<Item = (&'p str, Edges)> + Clone) -> Sieve {
        let mut lengths: Vec<usize> = Vec::new();
        let mut singles = [0; 4];
        let mut has_singles = false;
        for (text, _) in patterns.clone() {
            let mut chars = text.chars();
            match (chars.next(), chars.next()) {
                (Some(single), None) => {
                    singles[usize::from(single as u16 >> 6 & 3)] |= 1 << (single as u16 & 63);
                    has_singles = true;
                }
                _ => lengths.push(1 + chars.count()),
            }
        }
        let pairs: usize = lengths.iter().map(|&length| length.min(6)).sum();
        let mut mixed = Grams::new((pairs * SPACE).max(256).ilog2().min(MOST_BITS), &lengths);
        for (text, _) in patterns.clone() {
            let (width, mut bit) = mixed.window(text.chars().count().saturating_sub(1));
            for (before, c) in text.chars().zip(text.chars().skip(1)).take(width) {
                let pair = mixed.hash(before as u16, c as u16);
                mixed.allow(pair, bit);
                bit <<= 1;
            }
        }
        mixed.shrink();
        Sieve { ascii: ascii(table, patterns), mixed, singles, has_singles }
    }

    /// The next place at `low` or behind it where a pattern may begin.
    #[inline]
    pub(super) fn next(&self, table: &Table, text: &str, plain: bool, low: usize) -> Option<Candidate> {
        if plain {
            return self.next_plain(text.as_bytes(), low);
        }
        if self.has_singles {
            self.next_mixed::<true>(table, text, low)
        } else {
            self.next_mixed::<false>(table, text, low)
        }
    }

    fn next_plain(&self, text: &[u8], low: usize) -> Option<Candidate> {
        let grams = self.ascii.as_ref()?;
        let pair = |before: u8, byte: u8| usize::from(before & 0x7F) << 7 | usize::from(byte & 0x7F);
        let candidate = |bits: u8, at: usize| {
            let (ended, begun) = grams.lengths(bits);
            let start = |length: usize| (at + 1).saturating_sub(length).max(low);
            Some(Candidate { start: start(begun), until: start(ended) + 1 })
        };
        let mut before = low.checked_sub(1).and_then(|at| text.get(at)).copied().unwrap_or(OUTSIDE);
        let mut bits = u8::MAX;
        for (at, &byte) in text.get(low..)?.iter().enumerate() {
            bits = grams.step(bits, pair(before, byte));
            if grams.found(bits) {
                return candidate(bits, low + at);
            }
            before = byte;
        }
        // A window may have the end of the text in it.
        bits = grams.step(bits, pair(before, OUTSIDE));
        if grams.found(bits) && low < text.len() { candidate(bits, text.len()) } else { None }
    }

    fn next_mixed<const SINGLES: bool>(&self, table: &Table, text: &str, low: usize) -> Option<Candidate> {
        let bytes = text.as_bytes();
        let grams = &self.mixed;
        let (mut before, mut bits, mut at) = (0, u8::MAX, low);
        while at < bytes.len() {
            let (c, len) = if bytes[at] < 0x80 {
                (table.short(u16::from(bytes[at])), 1)
            } else if let Some(c) = three(bytes, at) {
                (table.short(c), 3)
            } else {
                let c = text.get(at..)?.chars().next()?;
                (table.single(c as u32).map_or(0, |c| c as u16), c.len_utf8())
            };
            // What folds to several or to nothing is left to the automaton, with all that may have begun before it.
            let alone = c == 0 || SINGLES && self.singles[usize::from(c >> 6 & 3)] >> (c & 63) & 1 != 0;
            if alone {
                return Some(Candidate { start: back(bytes, at, grams.longest()).max(low), until: at + len });
            }
            bits = grams.step(bits, grams.hash(before, c));
            if grams.found(bits) {
                let (ended, begun) = grams.lengths(bits);
                let start = |length: usize| back(bytes, at, length).max(low);
                return Some(Candidate { start: start(begun), until: start(ended) + 1 });
            }
            before = c;
            at += len;
        }
        None
    }

    /// Bytes of heap.
    pub(super) fn heap_bytes(&self) -> usize {
        self.mixed.table.len() + self.ascii.as_ref().map_or(0, |grams| grams.table.len())
    }
}

/// Where the character begins that is so many before the one that begins at `at`.
fn back(text: &[u8], mut at: usize, chars: usize) -> usize {
    for _ in 0..chars {
        at = at.saturating_sub(1);
        while at > 0 && text.get(at).is_some_and(|byte| byte & 0xC0 == 0x80) {
            at -= 1;
        }
    }
    at
}

/// What is in front of a text and behind it.
const OUTSIDE: u8 = b' ';

/// What folds to one character of ASCII, whatever is undone.
#[inline]
fn is_plain(byte: u8) -> bool {
    (byte.wrapping_sub(0x20) < 0x5F) | (byte == b'\t') | (byte == b'\n') | (byte == b'\r')
}

/// Whether a text is of nothing else.
#[inline]
pub(super) fn all_plain(text: &str) -> bool {
    // Most others are known by their first character. Without an early end many bytes are looked at together.
    text.bytes().next().is_none_or(|byte| byte < 0x80)
        && text.is_ascii()
        && text.bytes().fold(true, |all, byte| all & is_plain(byte))
}

/// The pairs of patterns of ASCII as texts may write them. The first pair of a window is what stands before the pattern with its
/// first character: where a pattern begins only where a word does, most texts have nothing for it. So with its end.
fn ascii<'p>(table: &Table, patterns: impl Iterator<Item = (&'p str, Edges)> + Clone) -> Option<Grams> {
    let spellings: [Vec<u8>; 128] = array::from_fn(|folded| {
        (0..0x80).filter(|&byte| is_plain(byte) && table.plain(byte) == Some(folded as u32)).collect()
    });
    let plain: Vec<u8> = (0..0x80).filter(|&byte| is_plain(byte)).collect();
    let outside: Vec<u8> = plain.iter().copied().filter(|byte| !byte.is_ascii_alphanumeric()).collect();
    let patterns = patterns.filter(|(text, _)| text.bytes().all(is_plain) && !text.is_empty());
    let pairs = |text: &str, edges: Edges| text.len() + usize::from(edges.ends_a_word());
    let lengths: Vec<usize> = patterns.clone().map(|(text, edges)| pairs(text, edges)).collect();
    if lengths.is_empty() {
        return None;
    }
    let mut grams = Grams::new(ASCII_BITS, &lengths);
    for (text, edges) in patterns {
        let (width, mut bit) = grams.window(pairs(text, edges));
        let mut before = if edges.begins_a_word() { &outside } else { &plain };
        let letters = text.bytes().map(|byte| &spellings[usize::from(byte & 0x7F)]);
        for spelled in letters.chain(std::iter::once(&outside)).take(width) {
            for &one in before {
                spelled.iter().for_each(|&two| grams.allow(usize::from(one) << 7 | usize::from(two), bit));
            }
            before = spelled;
            bit <<= 1;
        }
    }
    Some(grams)
}
