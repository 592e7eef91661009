//! The checksum of snapshots and compiled rulebooks: CRC-32 as in gzip.

/// The checksum.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    crc32fast::hash(bytes)
}

/// The checksum.
#[cfg(target_family = "wasm")]
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    by_nibbles(bytes)
}

/// With a table of 64 bytes instead of 16 kB.
#[cfg(any(test, target_family = "wasm"))]
fn by_nibbles(bytes: &[u8]) -> u32 {
    const POLYNOMIAL: u32 = 0xEDB8_8320;
    const STEPS: [u32; 16] = {
        let mut steps = [0; 16];
        let mut at = 0;
        while at < 16 {
            let mut sum = at as u32;
            let mut bit = 0;
            while bit < 4 {
                sum = if sum & 1 == 1 { sum >> 1 ^ POLYNOMIAL } else { sum >> 1 };
                bit += 1;
            }
            steps[at] = sum;
            at += 1;
        }
        steps
    };
    let step = |sum: u32| sum >> 4 ^ STEPS[(sum & 15) as usize];
    !bytes.iter().fold(!0, |sum, byte| step(step(sum ^ u32::from(*byte))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_give_the_same() {
        let bytes: Vec<u8> = (0..1_000_u32).map(|n| ((n * n) >> 3) as u8).collect();
        for end in [0, 1, 2, 9, 255, 1_000] {
            assert_eq!(by_nibbles(&bytes[..end]), crc32fast::hash(&bytes[..end]));
        }
        assert_eq!(by_nibbles(b"123456789"), 0xCBF4_3926);
    }
}
