//! A running engine.

use crate::answers;
use crate::errors::Failure;
use crate::json;
use crate::options;
use crate::rulebook::RawRulebook;
use tagwarden::{Engine, Orphans, Reader, TimeUnit};
use wasm_bindgen::prelude::wasm_bindgen;

/// A running engine, and nothing but the core's own.
#[wasm_bindgen]
#[derive(Debug)]
pub struct RawEngine {
    pub(crate) engine: Engine,
    reader: Reader,
}

impl RawEngine {
    fn of(engine: Engine) -> RawEngine {
        RawEngine { reader: Reader::new(engine.rulebook().schema(), TimeUnit::Millis), engine }
    }
}

#[wasm_bindgen]
impl RawEngine {
    /// An engine with options as JSON.
    ///
    /// # Errors
    /// An option that is not one.
    #[wasm_bindgen(constructor)]
    pub fn new(rulebook: &RawRulebook, options: &str) -> Result<RawEngine, Failure> {
        Ok(RawEngine::of(Engine::with_options(&rulebook.0, options::engine(options)?)))
    }

    /// An engine that goes on where a snapshot was taken.
    ///
    /// # Errors
    /// What is wrong with the snapshot.
    pub fn restore(rulebook: &RawRulebook, options: &str, bytes: &[u8]) -> Result<RawEngine, Failure> {
        Ok(RawEngine::of(Engine::restore(&rulebook.0, options::engine(options)?, bytes)?))
    }

    /// The whole state.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        self.engine.snapshot()
    }

    /// Applies an event or tick; the decisions as JSON.
    ///
    /// # Errors
    /// Why it was refused.
    pub fn process(&mut self, json: &str) -> Result<String, Failure> {
        let input = self.reader.json(json.as_bytes())?;
        Ok(json::of(&self.engine.apply(&input)?).0)
    }

    /// Moves the clock; the decisions as JSON.
    ///
    /// # Errors
    /// The clock is later already.
    pub fn advance_to(&mut self, time: &str) -> Result<String, Failure> {
        Ok(json::of(&self.engine.advance_to(options::time(time)?)?).0)
    }

    /// Applies what lateness holds back; the decisions as JSON.
    pub fn finish(&mut self) -> String {
        json::of(&self.engine.finish()).0
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> Option<String> {
        self.engine.clock().map(|clock| clock.to_string())
    }

    /// How many subjects it knows.
    #[must_use]
    pub fn subjects(&self) -> usize {
        self.engine.subjects()
    }

    /// What holds of a subject.
    ///
    /// # Errors
    /// No such entity, or a time before the clock.
    pub fn status(&self, entity: &str, key: &str, time: &str) -> Result<String, Failure> {
        Ok(answers::status(&self.engine.status(entity, key, options::time(time)?)?).0)
    }

    /// Whether a message may go out.
    ///
    /// # Errors
    /// As [`RawEngine::status`].
    pub fn permits(&self, entity: &str, key: &str, channel: &str, time: &str) -> Result<String, Failure> {
        let permit = self.engine.permits(entity, key, channel, options::time(time)?)?;
        Ok(answers::permit(&permit).0)
    }

    /// Notes that a message went out.
    ///
    /// # Errors
    /// A time that cannot be read.
    pub fn record_contact(&mut self, entity: &str, key: &str, time: &str) -> Result<(), Failure> {
        self.engine.record_contact(entity, key, options::time(time)?);
        Ok(())
    }

    /// Why a rule does not fire.
    ///
    /// # Errors
    /// As [`RawEngine::status`], and if there is no such rule.
    pub fn why_not(&self, rule: &str, entity: &str, key: &str, time: &str) -> Result<String, Failure> {
        let answer = self.engine.why_not(rule, entity, key, options::time(time)?)?;
        Ok(answers::why_not(&answer).0)
    }

    /// Removes every trace of a subject; the decision, or `null`.
    pub fn forget(&mut self, entity: &str, key: &str) -> String {
        json::of(&self.engine.forget(entity, key)).0
    }

    /// Goes on with another rulebook; the report.
    pub fn reload(&mut self, rulebook: &RawRulebook, keep_orphans: bool) -> String {
        let orphans = if keep_orphans { Orphans::Keep } else { Orphans::End };
        let report = self.engine.reload(&rulebook.0, orphans);
        self.reader = Reader::new(rulebook.0.schema(), TimeUnit::Millis);
        answers::reload(&report).0
    }
}
