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

    #[inline]
    fn of(bytes: &[u8; Block::SIZE]) -> Block {
        // Compilers make vector instructions of these.
        let ends = bytes.map(|byte| u8::from((byte == b'"') | (byte == b'\\') | (byte < 0x20)));
        let high = bytes.map(|byte| byte >> 7);
        Block { ends: gathered(&ends), high: gathered(&high) }
    }
}

/// Bytes that are 0 or 1 as the bits of a number.
#[inline]
fn gathered(bytes: &[u8; Block::SIZE]) -> u64 {
    let mut bits = 0;
    for eight in bytes.as_chunks().0.iter().rev() {
        bits = bits << 8 | u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    }
    bits
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
                }
            }
        }
    }
}
