//! 64 bytes at once: where a text may end.

/// The bytes of a block that matter to texts, a bit for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Block {
    /// Quotes, backslashes, and control characters, which may not stand in a text.
    pub(super) ends: u64,
    /// What is not ASCII.
    pub(super) high: u64,
}

impl Block {
    pub(super) const SIZE: usize = 64;

    /// The bytes of a line from a place on. Behind its end nothing is set.
    #[inline]
    pub(super) fn at(line: &[u8], base: usize) -> Option<Block> {
        let rest = line.get(base..).filter(|rest| !rest.is_empty())?;
        if let Some(bytes) = rest.first_chunk() {
            return Some(Block::of(bytes));
        }
        if let Some(bytes) = line.last_chunk() {
            let (last, before) = (Block::of(bytes), Block::SIZE - rest.len());
            return Some(Block { ends: last.ends >> before, high: last.high >> before });
        }
        let mut bytes = [b' '; Block::SIZE];
        bytes.get_mut(..rest.len())?.copy_from_slice(rest);
        Some(Block::of(&bytes))
    }

    /// Compilers make vector instructions of this, where there are any.
    #[cfg(not(target_family = "wasm"))]
    #[inline]
    fn of(bytes: &[u8; Block::SIZE]) -> Block {
        let ends = bytes.map(|byte| u8::from((byte == b'"') | (byte == b'\\') | (byte < 0x20)));
        let high = bytes.map(|byte| byte >> 7);
        Block { ends: gathered(&ends), high: gathered(&high) }
    }

    /// Here it is to be small.
    #[cfg(target_family = "wasm")]
    fn of(bytes: &[u8; Block::SIZE]) -> Block {
        Block::by_words(bytes)
    }

    /// Eight bytes at once.
    #[cfg(any(test, target_family = "wasm"))]
    fn by_words(bytes: &[u8; Block::SIZE]) -> Block {
        const ONES: u64 = 0x0101_0101_0101_0101;
        const HIGH: u64 = ONES << 7;
        // The upper bit of each byte that is nought.
        let zeros = |word: u64| !(((word & !HIGH) + !HIGH) | word) & HIGH;
        let mut block = Block::default();
        for eight in bytes.as_chunks().0.iter().rev() {
            let word = u64::from_le_bytes(*eight);
            let (quote, backslash) = (word ^ (ONES * u64::from(b'"')), word ^ (ONES * u64::from(b'\\')));
            let ends = zeros(quote) | zeros(backslash) | zeros(word & (ONES * 0xe0));
            block.ends = block.ends << 8 | side_by_side(ends >> 7);
            block.high = block.high << 8 | side_by_side((word & HIGH) >> 7);
        }
        block
    }
}

/// Bytes that are 0 or 1 as the bits of a number.
#[cfg(not(target_family = "wasm"))]
#[inline]
fn gathered(bytes: &[u8; Block::SIZE]) -> u64 {
    let mut bits = 0;
    for eight in bytes.as_chunks().0.iter().rev() {
        bits = bits << 8 | side_by_side(u64::from_le_bytes(*eight));
    }
    bits
}

/// The lowest bits of eight bytes that have no others.
#[inline]
fn side_by_side(bytes: u64) -> u64 {
    bytes.wrapping_mul(0x0102_0408_1020_4080) >> 56
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_has_its_bit() {
        for at in 0..Block::SIZE {
            for byte in 0..=u8::MAX {
                for rest in [b'a', 0x80, 0xff, b'!', b'#', b' '] {
                    let mut bytes = [rest; Block::SIZE];
                    bytes[at] = byte;
                    let others = if rest < 0x80 { 0 } else { !(1 << at) };
                    let ends = u64::from(byte < 0x20 || byte == b'"' || byte == b'\\') << at;
                    let expected = Block { ends, high: others | u64::from(byte >= 0x80) << at };
                    assert_eq!(Block::of(&bytes), expected, "{byte} at {at} among {rest}");
                    assert_eq!(Block::by_words(&bytes), expected, "{byte} at {at} among {rest}");
                }
            }
        }
    }
}
