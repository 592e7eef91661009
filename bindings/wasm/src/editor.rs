//! What editors ask of a text while it is written. Offsets are UTF-16 units, as JavaScript counts.

use crate::errors::Failure;
use crate::json::{object, of};
use crate::options;
use crate::rulebook::{compile, files_of};
use tagwarden::{Editor, Rulebook};
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

fn editor(text: &str, files: &str) -> Result<Editor, Failure> {
    let files = files_of(files)?;
    let compiler = Rulebook::compiler().source("main.tw", text).resolver(|name| files.get(name).cloned());
    Ok(compiler.limits(options::limits_of("{}")?).editor())
}

/// The byte at which a UTF-16 unit begins; the end for one beyond it.
fn byte(text: &str, unit: u32) -> usize {
    let mut units = 0;
    for (at, c) in text.char_indices() {
        if units >= unit {
            return at;
        }
        units += c.len_utf16() as u32;
    }
    text.len()
}

fn unit(text: &str, byte: usize) -> usize {
    text.get(..byte).unwrap_or(text).encode_utf16().count()
}

/// What may stand at an offset, as JSON.
///
/// # Errors
/// `files` that are none.
#[wasm_bindgen]
pub fn complete(text: &str, offset: u32, files: &str) -> Result<String, Failure> {
    let found = editor(text, files)?.complete(byte(text, offset));
    let (from, to) = (unit(text, found.from), unit(text, found.to));
    Ok(object(&[("from", &from), ("to", &to), ("items", &of(&found.items))]).0)
}

/// What stands at an offset, as JSON; `null` for nothing.
///
/// # Errors
/// `files` that are none.
#[wasm_bindgen]
pub fn hover(text: &str, offset: u32, files: &str) -> Result<String, Failure> {
    let found = editor(text, files)?.hover(byte(text, offset));
    let Some(hover) = found else { return Ok("null".to_owned()) };
    let (from, to) = (unit(text, hover.from), unit(text, hover.to));
    Ok(object(&[("from", &from), ("to", &to), ("title", &hover.title), ("text", &hover.text)]).0)
}
