//! A compiled rulebook.

use crate::answers;
use crate::errors::Failure;
use crate::json::{self, Entries};
use crate::options;
use tagwarden::{DiagnosticRecord, Rulebook};
use wasm_bindgen::prelude::wasm_bindgen;

/// A compiled rulebook, and nothing but the core's own.
#[wasm_bindgen]
#[derive(Debug)]
pub struct RawRulebook(pub(crate) Rulebook);

/// The texts that a rulebook may name, by name.
pub(crate) fn files_of(json: &str) -> Result<Entries<String>, Failure> {
    serde_json::from_str(json).map_err(|error| Failure::argument(format!("files: {error}")))
}

/// Compiles a text; `files` is a JSON object of the texts that it may name, by name.
pub(crate) fn compile(name: &str, text: &str, files: &str, limits: &str) -> Result<Rulebook, Failure> {
    let files = files_of(files)?;
    let limits = options::limits_of(limits)?;
    let compiler = Rulebook::compiler().source(name, text).resolver(|name| files.get(name).cloned());
    Ok(compiler.limits(limits).compile()?)
}

#[wasm_bindgen]
impl RawRulebook {
    /// Compiles a text.
    ///
    /// # Errors
    /// Every mistake at once.
    pub fn compile(name: &str, text: &str, files: &str, limits: &str) -> Result<RawRulebook, Failure> {
        compile(name, text, files, limits).map(RawRulebook)
    }

    /// The warnings.
    #[must_use]
    pub fn warnings(&self) -> String {
        let sources = self.0.sources();
        let records: Vec<DiagnosticRecord> =
            self.0.warnings().iter().map(|warning| warning.record(sources)).collect();
        json::of(&records).0
    }

    /// Entities and events.
    #[must_use]
    pub fn schema(&self) -> String {
        answers::schema(&self.0).0
    }

    /// The rules in the order in which they run.
    #[must_use]
    pub fn rules(&self) -> String {
        json::of(&self.0.rules()).0
    }

    /// The name of its time zone.
    #[must_use]
    pub fn zone(&self) -> String {
        self.0.zone().name().to_owned()
    }

    /// The keyword sets.
    #[must_use]
    pub fn keyword_sets(&self) -> String {
        json::of(&self.0.keyword_sets()).0
    }

    /// What a keyword set finds in a text; `null` if there is none of the name.
    #[must_use]
    pub fn find_keywords(&self, set: &str, text: &str) -> String {
        json::of(&self.0.find_keywords(set, text)).0
    }

    /// Runs its `test` blocks.
    #[must_use]
    pub fn run_tests(&self) -> String {
        answers::tests(&self.0, &tagwarden::run_tests(&self.0)).0
    }
}
