//! The data that texts are folded with, made by `cargo xtask fold-table` and checked in.
//!
//! | file | what | made from |
//! | --- | --- | --- |
//! | `fold.bin` | case, compatibility forms, traditional to simplified, invisible characters, combining marks | Unicode by the standard library and `unicode-normalization`; OpenCC's `TSCharacters` (Apache-2.0) |
//! | `lookalikes.bin` | what looks like a Latin letter | Unicode's confusables by `unicode-security` |
//! | `sound.bin` | toneless pinyin of Han characters | `pinyin` (MIT) |
//!
//! Each file begins with a line of text that says the versions. The rules are in `xtask/src/tables`, which
//! `cargo xtask fold-table --check` holds the files to. They are checked in so that users of the library build nothing
//! to get them, and so that what a keyword matches changes only when somebody has looked at the change.

mod decode;

use decode::Decoder;
use std::sync::LazyLock;

/// What single code points become: one kind of difference.
#[derive(Default)]
pub(super) struct Layer {
    /// In order of the code points; the second is where the result begins in `to`, which is where that of the next ends.
    from: Vec<(char, u32)>,
    to: Vec<char>,
}

impl Layer {
    /// What it becomes; `None` where it stays.
    pub(super) fn get(&self, c: char) -> Option<&[char]> {
        let at = self.from.binary_search_by_key(&c, |&(from, _)| from).ok()?;
        let end = self.from.get(at + 1).map_or(self.to.len(), |&(_, start)| start as usize);
        self.to.get(self.from.get(at)?.1 as usize..end)
    }

    /// The code points that change.
    pub(super) fn changing(&self) -> impl Iterator<Item = char> + '_ {
        self.from.iter().map(|&(c, _)| c)
    }
}

/// A set of code points: ranges in order, each with the code point behind its last.
#[derive(Default)]
pub(super) struct Set(Vec<(u32, u32)>);

impl Set {
    pub(super) fn contains(&self, c: char) -> bool {
        let c = c as u32;
        self.0.get(self.0.partition_point(|&(_, end)| end <= c)).is_some_and(|&(start, _)| start <= c)
    }

    pub(super) fn chars(&self) -> impl Iterator<Item = char> + '_ {
        self.0.iter().flat_map(|&(start, end)| start..end).filter_map(char::from_u32)
    }
}

/// Everything in `fold.bin`.
#[derive(Default)]
pub(super) struct Data {
    pub(super) case: Layer,
    pub(super) width: Layer,
    pub(super) script: Layer,
    pub(super) invisible: Set,
    marks: Set,
}

static DATA: LazyLock<Data> = LazyLock::new(|| read_data().unwrap_or_default());

const FOLD: &[u8] = include_bytes!("fold.bin");

fn read_data() -> Option<Data> {
    let mut decoder = Decoder::new(FOLD)?;
    let data = Data {
        case: decoder.layer()?,
        width: decoder.layer()?,
        script: decoder.layer()?,
        invisible: decoder.set()?,
        marks: decoder.set()?,
    };
    decoder.ended().then_some(data)
}

pub(super) fn data() -> &'static Data {
    &DATA
}

/// What says which versions of the tables something was compiled with.
pub(super) fn versions() -> [&'static [u8]; 3] {
    let line = |bytes: &'static [u8]| bytes.split(|&byte| byte == b'\n').next().unwrap_or_default();
    [line(FOLD), line(look::BYTES), line(sounds::BYTES)]
}

/// Whether it is one of the usual Han characters, which need no look-up.
#[inline]
pub(super) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9FFF}')
}

/// Whether it belongs to the letter before it.
pub(super) fn is_mark(c: char) -> bool {
    c as u32 >= 0x300 && !is_han(c) && DATA.marks.contains(c)
}

/// Whether nothing of it can be seen.
pub(super) fn is_invisible(c: char) -> bool {
    !is_han(c) && DATA.invisible.contains(c)
}

/// What looks like `i` as much as like `l`. No text is meant to hold this code point.
pub(super) const EITHER: char = '\u{10FFFF}';

/// The small Latin letter that it looks like, or [`EITHER`].
pub(super) fn lookalike(c: char) -> Option<char> {
    look::get(c)
}

/// A code point of a private area that stands for the sound of a Han character.
pub(super) fn sound(c: char) -> Option<char> {
    sounds::get(c)
}

/// Whether it stands for a sound.
pub(super) fn is_sound(c: char) -> bool {
    c as u32 > SOUNDS && (c as u32) <= SOUNDS + u16::MAX as u32
}

/// Private-use plane 15: in front of the sounds.
const SOUNDS: u32 = 0xF_0000;

#[cfg(feature = "lookalikes")]
mod look {
    use super::{Decoder, Layer};
    use std::sync::LazyLock;

    pub(super) const BYTES: &[u8] = include_bytes!("lookalikes.bin");
    static LAYER: LazyLock<Layer> = LazyLock::new(|| read().unwrap_or_default());

    fn read() -> Option<Layer> {
        let mut decoder = Decoder::new(BYTES)?;
        let layer = decoder.layer()?;
        decoder.ended().then_some(layer)
    }

    pub(super) fn get(c: char) -> Option<char> {
        LAYER.get(c)?.first().copied()
    }
}

#[cfg(not(feature = "lookalikes"))]
mod look {
    pub(super) const BYTES: &[u8] = b"";

    pub(super) fn get(_: char) -> Option<char> {
        None
    }
}

#[cfg(feature = "sound")]
mod sounds {
    use super::{Decoder, SOUNDS};
    use std::sync::LazyLock;

    pub(super) const BYTES: &[u8] = include_bytes!("sound.bin");
    /// The first code point, and two bytes for each from there on.
    static TABLE: LazyLock<(u32, &[u8])> = LazyLock::new(|| read().unwrap_or_default());

    fn read() -> Option<(u32, &'static [u8])> {
        let mut decoder = Decoder::new(BYTES)?;
        let (first, count) = (decoder.number()?, decoder.number()?);
        let bytes = decoder.raw(count as usize * 2)?;
        decoder.ended().then_some((first, bytes))
    }

    pub(super) fn get(c: char) -> Option<char> {
        let (first, bytes) = *TABLE;
        let at = (c as u32).checked_sub(first)? as usize * 2;
        let number = u16::from_le_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]);
        char::from_u32(SOUNDS + u32::from(number)).filter(|_| number > 0)
    }
}

#[cfg(not(feature = "sound"))]
mod sounds {
    pub(super) const BYTES: &[u8] = b"";

    pub(super) fn get(_: char) -> Option<char> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_are_whole() {
        let data = read_data().unwrap();
        assert!(data.case.changing().count() > 1_400 && data.width.changing().count() > 5_000);
        assert_eq!(data.script.get('發'), Some(&['发'][..]));
        assert_eq!(data.width.get('㎏'), Some(&['k', 'g'][..]));
        assert!(is_mark('\u{301}') && !is_mark('a'));
        let han = || ('\u{3400}'..='\u{9FFF}').filter(|&c| is_han(c));
        assert!(!han().any(|c| data.marks.contains(c) || data.invisible.contains(c)));
        assert!(
            is_invisible('\u{200B}') && is_invisible('\u{FE0F}') && is_invisible('\0') && !is_invisible('\n')
        );
        let versions = versions();
        assert!(versions[0].starts_with(b"\x01fold: case by Unicode"));
    }

    #[cfg(feature = "lookalikes")]
    #[test]
    fn look_alikes() {
        let looks: String = "ѕсаαА0ӏØ".chars().filter_map(lookalike).collect();
        assert_eq!(looks, "scaaao\u{10FFFF}o");
        assert_eq!(lookalike('1'), Some(EITHER));
        assert_eq!(lookalike('麻'), None);
    }

    #[cfg(feature = "sound")]
    #[test]
    fn sounds() {
        assert_eq!(sound('威'), sound('微'));
        assert_ne!(sound('威'), sound('信'));
        assert!(sound('一').is_some_and(is_sound));
        assert_eq!(sound('a'), None);
    }
}
