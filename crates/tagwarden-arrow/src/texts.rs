//! Columns of texts, in every form in which other libraries hold them.

use crate::intern::Interner;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, LargeStringArray, StringArray, StringViewArray};
use arrow_schema::DataType;
use std::sync::Arc;

/// A column of texts.
#[derive(Debug)]
pub(crate) enum Texts {
    Utf8(StringArray),
    Large(LargeStringArray),
    View(StringViewArray),
    /// Each row's place among the values, [`ABSENT`] for none; each value is made once.
    Dictionary {
        codes: Vec<u32>,
        values: Box<Texts>,
        made: Vec<Option<Arc<str>>>,
    },
}

const ABSENT: u32 = u32::MAX;

impl Texts {
    /// Whether a type is one of texts.
    pub(crate) fn is(ty: &DataType) -> bool {
        match ty {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
            DataType::Dictionary(_, values) => Texts::is(values),
            _ => false,
        }
    }

    pub(crate) fn new(column: &ArrayRef) -> Option<Texts> {
        Some(match column.data_type() {
            DataType::Utf8 => Texts::Utf8(column.as_string::<i32>().clone()),
            DataType::LargeUtf8 => Texts::Large(column.as_string::<i64>().clone()),
            DataType::Utf8View => Texts::View(column.as_string_view().clone()),
            DataType::Dictionary(..) => {
                let dictionary = column.as_any_dictionary_opt()?;
                let values = Texts::new(dictionary.values())?;
                let count = values.len();
                // Without values every row is absent, and there is nothing to point to.
                let keys = if count == 0 { Vec::new() } else { dictionary.normalized_keys() };
                let code = |(row, key)| match column.is_null(row) {
                    true => ABSENT,
                    false => u32::try_from(key).unwrap_or(ABSENT),
                };
                let codes = keys.into_iter().enumerate().map(code).collect();
                Texts::Dictionary { codes, values: Box::new(values), made: vec![None; count] }
            }
            _ => return None,
        })
    }

    fn len(&self) -> usize {
        match self {
            Texts::Utf8(texts) => texts.len(),
            Texts::Large(texts) => texts.len(),
            Texts::View(texts) => texts.len(),
            Texts::Dictionary { codes, .. } => codes.len(),
        }
    }

    /// The place of a row's text among the values of a dictionary.
    pub(crate) fn code(&self, row: usize) -> Option<usize> {
        match self {
            Texts::Dictionary { codes, .. } => {
                codes.get(row).filter(|code| **code != ABSENT).map(|code| *code as usize)
            }
            _ => None,
        }
    }

    /// The text of a row.
    pub(crate) fn get(&self, row: usize) -> Option<&str> {
        match self {
            Texts::Utf8(texts) => (!texts.is_null(row)).then(|| texts.value(row)),
            Texts::Large(texts) => (!texts.is_null(row)).then(|| texts.value(row)),
            Texts::View(texts) => (!texts.is_null(row)).then(|| texts.value(row)),
            Texts::Dictionary { values, .. } => values.get(self.code(row)?),
        }
    }

    /// The text of a row, to be kept.
    pub(crate) fn shared(&mut self, row: usize, interner: &mut Interner) -> Option<Arc<str>> {
        let Some(code) = self.code(row) else { return self.get(row).map(|text| interner.get(text)) };
        let Texts::Dictionary { values, made, .. } = self else { return None };
        let made = made.get_mut(code)?;
        if made.is_none() {
            *made = values.get(code).map(Arc::from);
        }
        made.clone()
    }
}
