//! What editors ask of a text while it is written.

use crate::answers;
use crate::errors::Failure;
use crate::rulebook::compile;
use wasm_bindgen::prelude::wasm_bindgen;

/// A text in the one style.
///
/// # Errors
/// Every mistake that keeps it from being read.
#[wasm_bindgen]
pub fn format_text(text: &str) -> Result<String, Failure> {
    Ok(tagwarden::format(text)?)
}

/// Every error and warning of a text, as JSON.
///
/// # Errors
/// `files` or `limits` that are none.
#[wasm_bindgen]
pub fn diagnose(name: &str, text: &str, files: &str, limits: &str) -> Result<String, Failure> {
    match compile(name, text, files, limits) {
        Ok(rulebook) => Ok(crate::rulebook::RawRulebook(rulebook).warnings()),
        Err(failure) => failure.diagnostics(),
    }
}
