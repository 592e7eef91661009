//! The tokens of one JSON object in a line of bytes: where each key and each value begins and ends.
//!
//! What is not JSON, and what is rare in it, is `None` here: the general reader says what it is.

use super::block::Block;
use std::num::NonZeroU64;

/// Where a token stands and what it is, in one word that memory takes and gives at once: from the lowest bit on the end, the start, the
/// kind, and whether something in a text is not ASCII and has not been looked at yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part(NonZeroU64);

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A text without escapes, from behind its quote to the other.
    Plain = 1,
    /// A text with escapes, likewise.
    Escaped,
    Number,
    Null,
    True,
    False,
    Nested,
}

const START: u32 = 32;
const KIND: u32 = 60;
const WIDE: u32 = 63;

/// Longer lines are not for this reader.
const LONGEST: usize = 1 << (KIND - START);

impl Part {
    #[inline]
    fn new(kind: Kind, start: usize, end: usize, wide: bool) -> Option<Part> {
        let place = (start as u64) << START | end as u64;
        NonZeroU64::new(place | (kind as u64) << KIND | u64::from(wide) << WIDE).map(Part)
    }

    #[inline]
    pub(super) fn kind(self) -> Kind {
        match self.0.get() >> KIND & 7 {
            1 => Kind::Plain,
            2 => Kind::Escaped,
            3 => Kind::Number,
            4 => Kind::Null,
            5 => Kind::True,
            6 => Kind::False,
            _ => Kind::Nested,
        }
    }

    #[inline]
    pub(super) fn start(self) -> usize {
        (self.0.get() >> START) as usize & (LONGEST - 1)
    }

    #[inline]
    pub(super) fn end(self) -> usize {
        self.0.get() as u32 as usize
    }

    #[inline]
    pub(super) fn of(self, line: &[u8]) -> Option<&[u8]> {
        line.get(self.start()..self.end())
    }

    /// Whether it is UTF-8, where nobody else will look at it.
    #[inline]
    pub(super) fn is_text(self, line: &[u8]) -> bool {
        self.0.get() >> WIDE == 0 || self.of(line).is_some_and(|bytes| std::str::from_utf8(bytes).is_ok())
    }
}

/// A text as it has just been found.
#[derive(Clone, Copy)]
pub(super) struct Text {
    /// Behind the quote.
    pub(super) start: usize,
    /// At the other quote.
    pub(super) end: usize,
    escaped: bool,
    wide: bool,
}

impl Text {
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub(super) fn part(self) -> Option<Part> {
        Part::new(if self.escaped { Kind::Escaped } else { Kind::Plain }, self.start, self.end, self.wide)
    }
}

/// How deep arrays and objects may be nested: a bit for each level.
const DEEPEST: u32 = 64;

/// A place in a line.
pub(super) struct Scan<'b> {
    line: &'b [u8],
    at: usize,
    /// The block that was looked at last, and where it begins.
    block: Block,
    base: usize,
}

impl<'b> Scan<'b> {
    /// `None` for a line that is too long.
    #[inline]
    pub(super) fn new(line: &'b [u8]) -> Option<Scan<'b>> {
        let scan = Scan { line, at: 0, block: Block::default(), base: usize::MAX };
        (line.len() < LONGEST).then_some(scan)
    }

    /// The next byte that is no white space.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn peek(&mut self) -> Option<u8> {
        match *self.line.get(self.at)? {
            byte if byte > b' ' => Some(byte),
            _ => self.behind_space(),
        }
    }

    /// Machines mostly write none.
    #[cold]
    fn behind_space(&mut self) -> Option<u8> {
        while let b' ' | b'\t' | b'\r' | b'\n' = *self.line.get(self.at)? {
            self.at += 1;
        }
        self.line.get(self.at).copied()
    }

    /// Takes the next byte that is no white space.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub(super) fn next(&mut self) -> Option<u8> {
        let byte = self.peek();
        self.at += 1;
        byte
    }

    /// Whether nothing but white space is left.
    #[inline]
    pub(super) fn is_done(&mut self) -> bool {
        self.peek().is_none()
    }

    /// Takes a key and the colon behind it. A key with escapes is rare.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub(super) fn key(&mut self) -> Option<Text> {
        if self.next()? != b'"' {
            return None;
        }
        let key = self.text()?;
        (!key.escaped && self.next()? == b':').then_some(key)
    }

    /// Takes a value.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub(super) fn value(&mut self) -> Option<Part> {
        match self.peek()? {
            b'"' => {
                self.at += 1;
                self.text()?.part()
            }
            b'-' | b'0'..=b'9' => self.number(),
            b'n' => self.word(Kind::Null, b"null"),
            b't' => self.word(Kind::True, b"true"),
            b'f' => self.word(Kind::False, b"false"),
            b'{' | b'[' => self.nested(),
            _ => None,
        }
    }

    #[inline]
    fn word<const LENGTH: usize>(&mut self, kind: Kind, word: &[u8; LENGTH]) -> Option<Part> {
        let start = self.at;
        self.at += LENGTH;
        if self.line.get(start..)?.first_chunk() != Some(word) {
            return None;
        }
        Part::new(kind, start, self.at, false)
    }

    /// The text whose quote has been taken.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn text(&mut self) -> Option<Text> {
        let (start, mut escaped, mut high) = (self.at, false, 0);
        loop {
            let base = self.at / Block::SIZE * Block::SIZE;
            if base != self.base {
                self.load(base)?;
            }
            let within = self.at % Block::SIZE;
            let (ends, others) = (self.block.ends >> within, self.block.high >> within);
            if ends == 0 {
                high |= others;
                self.at = base + Block::SIZE;
                continue;
            }
            high |= others & ((ends & ends.wrapping_neg()) - 1);
            let end = self.at + ends.trailing_zeros() as usize;
            if *self.line.get(end)? == b'"' {
                self.at = end + 1;
                return Some(Text { start, end, escaped, wide: high != 0 });
            }
            escaped = true;
            self.escape(end)?;
        }
    }

    #[inline(never)]
    fn load(&mut self, base: usize) -> Option<()> {
        (self.block, self.base) = (Block::at(self.line, base)?, base);
        Some(())
    }

    /// Takes what must be an escape. Whether surrogates come in pairs is seen when the text is wanted.
    #[cold]
    fn escape(&mut self, at: usize) -> Option<()> {
        let [b'\\', kind, rest @ ..] = self.line.get(at..)? else { return None };
        self.at = match kind {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => at + 2,
            b'u' if rest.get(..4)?.iter().all(u8::is_ascii_hexdigit) => at + 6,
            _ => return None,
        };
        Some(())
    }

    #[inline]
    fn number(&mut self) -> Option<Part> {
        let start = self.at;
        self.skip(|byte| byte == b'-');
        let zero = self.line.get(self.at) == Some(&b'0');
        let whole = self.digits();
        if whole == 0 || zero && whole > 1 {
            return None;
        }
        if self.skip(|byte| byte == b'.') && self.digits() == 0 {
            return None;
        }
        if self.skip(|byte| byte | 0x20 == b'e') {
            self.skip(|byte| byte == b'+' || byte == b'-');
            if self.digits() == 0 {
                return None;
            }
        }
        Part::new(Kind::Number, start, self.at, false)
    }

    /// Takes one byte if it is wanted.
    #[inline]
    fn skip(&mut self, wanted: impl Fn(u8) -> bool) -> bool {
        let found = self.line.get(self.at).is_some_and(|byte| wanted(*byte));
        self.at += usize::from(found);
        found
    }

    /// Takes digits, eight at a time where as many bytes are left; returns how many.
    #[inline]
    fn digits(&mut self) -> usize {
        let start = self.at;
        while let Some(word) = self.line.get(self.at..).and_then(<[u8]>::first_chunk) {
            let count = leading_digits(u64::from_le_bytes(*word));
            self.at += count;
            if count < 8 {
                return self.at - start;
            }
        }
        while self.skip(|byte| byte.is_ascii_digit()) {}
        self.at - start
    }

    /// Takes an array or an object with all that is in it.
    #[inline(never)]
    fn nested(&mut self) -> Option<Part> {
        let start = self.at;
        // The innermost level is the lowest bit; 1 is an object.
        let (mut levels, mut depth) = (0_u64, 0_u32);
        loop {
            // A value begins here.
            match self.peek()? {
                open @ (b'{' | b'[') => {
                    if depth == DEEPEST {
                        return None;
                    }
                    self.at += 1;
                    (levels, depth) = (levels << 1 | u64::from(open == b'{'), depth + 1);
                    let close = if open == b'{' { b'}' } else { b']' };
                    if self.peek()? != close {
                        if open == b'{' {
                            self.key_within()?;
                        }
                        continue;
                    }
                }
                _ => self.value_within()?,
            }
            // A value has ended, or a level that is empty is about to.
            loop {
                let object = levels & 1 == 1;
                match self.next()? {
                    b',' => {
                        if object {
                            self.key_within()?;
                        }
                        break;
                    }
                    b'}' if object => {}
                    b']' if !object => {}
                    _ => return None,
                }
                (levels, depth) = (levels >> 1, depth - 1);
                if depth == 0 {
                    return Part::new(Kind::Nested, start, self.at, false);
                }
            }
        }
    }

    #[inline(never)]
    fn key_within(&mut self) -> Option<()> {
        self.key()?.part()?.is_text(self.line).then_some(())
    }

    #[inline(never)]
    fn value_within(&mut self) -> Option<()> {
        self.value()?.is_text(self.line).then_some(())
    }
}

/// How many of eight bytes are digits, from the first on.
#[inline]
fn leading_digits(word: u64) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let left = word ^ (ONES * u64::from(b'0'));
    // The lowest of these bits is at a byte that is no digit; those above it may be wrong.
    let others = (left.wrapping_add(ONES * (0x80 - 10)) | left) & (ONES << 7);
    (others.trailing_zeros() / 8) as usize
}
