//! How the tables are written: a line of text that says what they are, then numbers of seven bits a byte. The reader is
//! `crates/tagwarden/src/text/tables/decode.rs`.

use super::Layer;

pub(super) struct Encoder(Vec<u8>);

impl Encoder {
    /// Begins with the form's version and a line for people.
    pub(super) fn new(form: u8, title: &str) -> Encoder {
        let mut bytes = vec![form];
        bytes.extend_from_slice(title.as_bytes());
        bytes.push(b'\n');
        Encoder(bytes)
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.0
    }

    pub(super) fn number(&mut self, mut number: u32) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// How many, and then of each: how far behind the one before, how many characters, and how far each is from the
    /// code point itself, sign in the lowest bit.
    pub(super) fn layer(&mut self, layer: &Layer) {
        self.number(layer.len() as u32);
        let mut last = 0;
        for (&from, to) in layer {
            let from = from as u32;
            self.number(from - last);
            last = from;
            self.number(to.chars().count() as u32);
            for to in to.chars() {
                let to = to as u32;
                self.number(to.abs_diff(from) << 1 | u32::from(to < from));
            }
        }
    }

    /// The code points with a property: how many ranges, and then of each the gap before it and its length.
    pub(super) fn set(&mut self, has: impl Fn(char) -> Result<bool, String>) -> Result<(), String> {
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        for c in '\0'..=char::MAX {
            if !has(c)? {
                continue;
            }
            match ranges.last_mut() {
                Some((_, end)) if *end == c as u32 => *end += 1,
                _ => ranges.push((c as u32, c as u32 + 1)),
            }
        }
        self.number(ranges.len() as u32);
        let mut last = 0;
        for (start, end) in ranges {
            self.number(start - last);
            self.number(end - start);
            last = end;
        }
        Ok(())
    }
}
