//! Reading the tables; `xtask/src/tables/encode.rs` says what is written.

use super::{Layer, Set};

/// The version of the form that this reader reads.
const FORM: u8 = 1;

pub(super) struct Decoder<'b>(&'b [u8]);

impl<'b> Decoder<'b> {
    /// What is behind the first line; `None` if it is of another form.
    pub(super) fn new(bytes: &'b [u8]) -> Option<Decoder<'b>> {
        let (&form, rest) = bytes.split_first()?;
        let end = rest.iter().position(|&byte| byte == b'\n')?;
        (form == FORM).then_some(Decoder(rest.get(end + 1..)?))
    }

    /// Whether everything was read.
    pub(super) fn ended(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn number(&mut self) -> Option<u32> {
        let mut number = 0;
        for shift in (0..32).step_by(7) {
            let (&byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u32::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    #[cfg(feature = "sound")]
    pub(super) fn raw(&mut self, len: usize) -> Option<&'b [u8]> {
        let (bytes, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(bytes)
    }

    pub(super) fn layer(&mut self) -> Option<Layer> {
        let count = self.number()? as usize;
        let mut layer = Layer { from: Vec::with_capacity(count.min(1 << 16)), to: Vec::new() };
        let mut from = 0_u32;
        for _ in 0..count {
            from = from.checked_add(self.number()?)?;
            layer.from.push((char::from_u32(from)?, layer.to.len() as u32));
            for _ in 0..self.number()? {
                let away = self.number()?;
                let to =
                    if away & 1 == 0 { from.checked_add(away >> 1) } else { from.checked_sub(away >> 1) };
                layer.to.push(char::from_u32(to?)?);
            }
        }
        Some(layer)
    }

    pub(super) fn set(&mut self) -> Option<Set> {
        let mut ranges = Vec::new();
        let mut last = 0_u32;
        for _ in 0..self.number()? {
            let start = last.checked_add(self.number()?)?;
            last = start.checked_add(self.number()?)?;
            ranges.push((start, last));
        }
        Some(Set(ranges))
    }
}
