//! Tagwarden for JavaScript: a thin border around the core.
//!
//! What JavaScript calls is in `npm/api.js`, with its types in `npm/types.d.ts`; it wraps the classes of this crate. Bytes and
//! JSON texts cross the border and nothing else, so that every answer is the core's own to the byte. Nothing here decides.

#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "the border is for the browser"))]

mod answers;
mod editor;
mod engine;
mod errors;
mod feed;
mod json;
mod options;
mod rulebook;

pub use editor::{complete, diagnose, format_text, hover};
pub use engine::RawEngine;
pub use errors::Failure;
pub use feed::RawFeed;
pub use rulebook::RawRulebook;

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console, js_name = error)]
    fn complain(text: &str);
}

/// A panic is a bug, and ends as a trap that says nothing: its message goes to the console before.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|info| complain(&format!("tagwarden: {info}; please report this"))));
}

/// The version of the package.
#[wasm_bindgen]
#[must_use]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// The optional parts that are in this build, as JSON.
#[wasm_bindgen]
#[must_use]
pub fn parts() -> String {
    let parts = [
        ("zones", cfg!(feature = "zones")),
        ("regex", cfg!(feature = "regex")),
        ("lookalikes", cfg!(feature = "lookalikes")),
        ("sound", cfg!(feature = "sound")),
    ];
    let parts: Vec<&str> = parts.iter().filter(|(_, there)| *there).map(|(name, _)| *name).collect();
    json::of(&parts).0
}
