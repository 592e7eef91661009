//! Columns of a result whose texts come again and again: each text once, and its number in the rows.

use crate::recent::Recent;
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, Int32Array, StringArray};
use arrow_schema::{ArrowError, DataType};
use std::collections::HashMap;
use std::sync::Arc;

/// The texts of one or more columns, each with its number.
#[derive(Debug, Default)]
pub(crate) struct Dictionary {
    /// Most rows need no more.
    recent: Recent,
    /// By address: the texts of a plan are the same allocations every time. The texts in `values` keep them alive, so that no
    /// other text comes to stand there.
    by_address: HashMap<usize, i32, foldhash::fast::FixedState>,
    by_text: HashMap<Arc<str>, i32, foldhash::fast::FixedState>,
    values: Vec<Arc<str>>,
    kept: Vec<Arc<str>>,
}

/// How many addresses are remembered.
const MOST: usize = 1 << 16;

impl Dictionary {
    #[inline]
    pub(crate) fn code(&mut self, text: &Arc<str>) -> i32 {
        match self.recent.get(Arc::as_ptr(text)) {
            Some(code) => code as i32,
            None => self.shared(text),
        }
    }

    #[inline(never)]
    fn shared(&mut self, text: &Arc<str>) -> i32 {
        let address = Arc::as_ptr(text).cast::<u8>() as usize;
        if let Some(code) = self.by_address.get(&address) {
            return self.recent.note(Arc::as_ptr(text), *code as u32) as i32;
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
        self.recent.note(Arc::as_ptr(text), code as u32) as i32
    }

    /// The number of a text of the program.
    #[inline]
    pub(crate) fn fixed(&mut self, text: &'static str) -> i32 {
        match self.recent.get(text) {
            Some(code) => code as i32,
            None => {
                let code = self.word(text);
                self.recent.note(text, code as u32) as i32
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

    /// The texts in the order of their numbers.
    pub(crate) fn texts(&self) -> &[Arc<str>] {
        &self.values
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
