//! How Han characters sound.

use super::encode::Encoder;
use pinyin::ToPinyin;
use std::collections::BTreeMap;

/// The characters of the first, and by far most used, block. Rarer ones nobody could read, and so not use to be read.
const FIRST: char = '\u{4E00}';
const LAST: char = '\u{9FFF}';

/// The first code point, how many there are, and of each two bytes: 0 where nothing is known, otherwise the number of
/// its syllable without tone, in the order of the alphabet.
pub(super) fn table(out: &mut Encoder) {
    let sounds: Vec<Option<&str>> =
        (FIRST..=LAST).map(|c| c.to_pinyin().map(|sound| sound.plain())).collect();
    let mut syllables: BTreeMap<&str, u16> = sounds.iter().flatten().map(|sound| (*sound, 0)).collect();
    for (number, (_, place)) in (1..).zip(&mut syllables) {
        *place = number;
    }
    out.number(FIRST as u32);
    out.number(sounds.len() as u32);
    for sound in sounds {
        let number = sound.and_then(|sound| syllables.get(sound)).copied().unwrap_or(0);
        out.raw(&number.to_le_bytes());
    }
}
