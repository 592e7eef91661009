//! Columns of a result whose texts come again and again: each text once, and its number in the rows.

use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, Int32Array, StringArray};
use arrow_schema::{ArrowError, DataType};
use std::collections::HashMap;
use std::sync::Arc;

/// The texts of one or more columns, each with its number.
#[derive(Debug)]
pub(crate) struct Dictionary {
    /// The addresses that came last, each in the slot that its bits name: most rows need no more.
    recent: Box<[Recent]>,
    /// By address: the texts of a plan are the same allocations every time. The texts in `values` keep them alive, so that no
    /// other text comes to stand there.
    by_address: HashMap<usize, i32, foldhash::fast::FixedState>,
    by_text: HashMap<Arc<str>, i32, foldhash::fast::FixedState>,
    values: Vec<Arc<str>>,
    kept: Vec<Arc<str>>,
}

/// An address with its number; the address is 0 where there is none.
#[derive(Clone, Copy, Debug, Default)]
struct Recent {
    address: usize,
    code: i32,
}

/// How many addresses are remembered where they are found at once.
const RECENT: usize = 128;

/// The slot of an address.
fn slot(address: usize) -> usize {
    ((address as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (u64::BITS - RECENT.ilog2())) as usize
}

/// How many addresses are remembered.
const MOST: usize = 1 << 16;

impl Default for Dictionary {
    fn default() -> Self {
        Dictionary {
            recent: vec![Recent::default(); RECENT].into(),
            by_address: HashMap::default(),
            by_text: HashMap::default(),
            values: Vec::new(),
            kept: Vec::new(),
        }
    }
}

impl Dictionary {
    #[inline]
    pub(crate) fn code(&mut self, text: &Arc<str>) -> i32 {
        let address = Arc::as_ptr(text).cast::<u8>() as usize;
        match self.recent.get(slot(address)) {
            Some(recent) if recent.address == address => recent.code,
            _ => self.shared(text, address),
        }
    }

    #[inline(never)]
    fn shared(&mut self, text: &Arc<str>, address: usize) -> i32 {
        if let Some(code) = self.by_address.get(&address) {
            return self.note(address, *code);
        }
        let code = match self.by_text.get(text) {
            Some(code) => *code,
            None => {
                let code = i32::try_from(self.values.len()).unwrap_or(i32::MAX);
                self.by_text.insert(Arc::clone(text), code);
                self.values.push(Arc::clone(text));
                code
            }
        };
        // Only the address of a text that stays is worth remembering.
        if self.kept.len() >= MOST {
            return code;
        }
        self.kept.push(Arc::clone(text));
        self.by_address.insert(address, code);
        self.note(address, code)
    }

    /// Has a number found at once when its address comes next.
    fn note(&mut self, address: usize, code: i32) -> i32 {
        if let Some(recent) = self.recent.get_mut(slot(address)) {
            *recent = Recent { address, code };
        }
        code
    }

    /// The number of a text of the program.
    #[inline]
    pub(crate) fn fixed(&mut self, text: &'static str) -> i32 {
        let address = text.as_ptr() as usize;
        match self.recent.get(slot(address)) {
            Some(recent) if recent.address == address => recent.code,
            _ => {
                let code = self.word(text);
                self.note(address, code)
            }
        }
    }

    /// The number of a text that is not shared.
    pub(crate) fn word(&mut self, text: &str) -> i32 {
        match self.by_text.get(text) {
            Some(code) => *code,
            None => self.code(&text.into()),
        }
    }

    pub(crate) fn values(&self) -> ArrayRef {
        Arc::new(self.values.iter().map(|text| Some(&**text)).collect::<StringArray>())
    }

    pub(crate) fn data_type() -> DataType {
        DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
    }

    /// A column of numbers with its texts.
    pub(crate) fn column(codes: Int32Array, values: &ArrayRef) -> Result<ArrayRef, ArrowError> {
        Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(codes, Arc::clone(values))?))
    }
}
