//! Inputs on their way into a ledger.

use crate::error::LedgerError;
use crate::keys::{Keys, Mark};
use crate::ledger::{Answer, Refusal, Work};
use crate::options::Options;
use crate::record::{InputRow, Recorded};
use crate::wire;
use rusqlite::{OptionalExtension, params};
use std::sync::Arc;
use tagwarden::{Change, Command, DecisionRef, Engine, Input, InputError, Schema, Timestamp};

/// An input, and the idempotency key under which the host knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    input: Input,
    key: Option<Arc<str>>,
}

impl Entry {
    /// An input. The `id` of an event or command is its idempotency key.
    #[must_use]
    pub fn new(input: Input) -> Entry {
        let key = match &input {
            Input::Event(event) => event.id.clone(),
            Input::Command(command) => command.id.clone(),
            _ => None,
        };
        Entry { input, key }
    }

    /// The same input with an idempotency key.
    #[must_use]
    pub fn with_key(self, key: impl Into<Arc<str>>) -> Entry {
        Entry { key: Some(key.into()), ..self }
    }
}

impl From<Input> for Entry {
    fn from(input: Input) -> Self {
        Entry::new(input)
    }
}

/// An input in the form in which it is kept.
pub(crate) struct Prepared {
    input: Input,
    kind: &'static str,
    /// Without private fields.
    body: String,
    private: String,
    idem: Option<(Mark, Mark)>,
}

impl Prepared {
    pub(crate) fn prepare(entry: Entry, schema: &Schema, keys: &Keys, options: &Options) -> Prepared {
        let Entry { mut input, key } = entry;
        if options.pseudonyms {
            input = wire::pseudonymous(schema, keys, input);
        }
        let (kind, body, private) = match &input {
            Input::Event(event) => {
                let written = wire::event(schema, event);
                ("event", written.public, written.private)
            }
            Input::Command(_) => ("command", input.to_json(schema), String::new()),
            _ => ("tick", input.to_json(schema), String::new()),
        };
        let idem = key.map(|key| {
            let whole = wire::join(&body, &private);
            (keys.mark(key.as_bytes()), keys.mark(whole.as_bytes()))
        });
        Prepared { input, kind, body, private, idem }
    }
}

/// Applies an input to an engine, however many decisions follow.
pub(crate) fn run(
    engine: &mut Engine,
    input: &Input,
    sink: &mut dyn FnMut(&DecisionRef<'_>),
) -> Result<(), InputError> {
    loop {
        let applied = match input {
            Input::Event(event) => engine.process_into(event, sink),
            Input::Command(command) => engine.command_into(command, sink),
            Input::Tick(time) => engine.advance_into(*time, sink),
            _ => Ok(()),
        };
        match applied {
            Err(InputError::Unfinished { .. }) => {}
            applied => return applied,
        }
    }
}

impl Work<'_, '_> {
    /// Applies an input and keeps it.
    pub(crate) fn apply(&mut self, kept: &Prepared) -> Result<Answer, LedgerError> {
        if let Some((idem, mark)) = &kept.idem
            && let Some(answer) = self.before(idem, mark)?
        {
            return Ok(answer);
        }
        if kept.kind == "command" {
            let next = self.writer.next_input();
            self.writer.link(kept.input.time(), "command", &kept.body, Some(next))?;
        }
        let mut decisions: Vec<Recorded> = Vec::new();
        let mut forgets = false;
        let mut failed: Option<LedgerError> = None;
        let writer = &mut self.writer;
        let applied = run(self.engine, &kept.input, &mut |decision| {
            forgets |= matches!(decision.change, Change::Forgotten);
            if failed.is_none() {
                match writer.decision(&decision.to_decision()) {
                    Ok(recorded) => decisions.push(recorded),
                    Err(error) => failed = Some(error),
                }
            }
        });
        if let Some(error) = failed {
            return Err(error);
        }
        let refused = applied.err().map(|error| Refusal { message: error.to_string() });
        let answer = self.keep(kept, refused, decisions)?;
        match &kept.input {
            Input::Command(command) if forgets => self.forget_for(command)?,
            Input::Command(_) => self.note_refusal(kept, &answer)?,
            _ => {}
        }
        Ok(answer)
    }

    /// A command that the engine has not even looked at is on record too.
    fn note_refusal(&mut self, kept: &Prepared, answer: &Answer) -> Result<(), LedgerError> {
        let Some(refusal) = &answer.refused else { return Ok(()) };
        let mut body = format!("{{\"input\":{},\"why\":", answer.input);
        wire::text(&mut body, &refusal.message);
        body.push('}');
        self.writer.note(kept.input.time(), "refused", &body)
    }

    /// After a person's command to forget: nothing of the subject stays, but who has had it forgotten.
    fn forget_for(&mut self, command: &Command) -> Result<(), LedgerError> {
        let entity = self.engine.rulebook().schema().entities.get(usize::from(command.entity.0)).cloned();
        self.erase(&entity.unwrap_or_default(), &command.subject, Some(command))?;
        Ok(())
    }

    /// The answer to an input whose idempotency key is known.
    fn before(&self, idem: &Mark, mark: &Mark) -> Result<Option<Answer>, LedgerError> {
        type Row = (i64, Mark, Option<String>, Option<i64>, i64);
        let row: Option<Row> = self
            .writer
            .connection
            .prepare_cached("SELECT id, mark, refused, first, decided FROM inputs WHERE idem = ?1")?
            .query_row([idem], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))
            .optional()?;
        let Some((input, known, refused, first, count)) = row else { return Ok(None) };
        if known != *mark {
            let message =
                format!("key reused: another input, number {input}, came with this idempotency key");
            let refused = Some(Refusal { message });
            return Ok(Some(Answer { input, repeated: false, refused, decisions: Vec::new() }));
        }
        let decisions = self.writer.answered(first, count)?;
        let refused = refused.map(|message| Refusal { message });
        Ok(Some(Answer { input, repeated: true, refused, decisions }))
    }

    fn keep(
        &mut self,
        kept: &Prepared,
        refused: Option<Refusal>,
        decisions: Vec<Recorded>,
    ) -> Result<Answer, LedgerError> {
        let time = kept.input.time();
        let input = self.writer.input(&InputRow {
            time,
            kind: kept.kind,
            body: &kept.body,
            refused: refused.as_ref().map(|refusal| &*refusal.message),
            idem: kept.idem,
            decisions: &decisions,
        })?;
        if refused.is_none() {
            self.tail += 1;
            self.ticked |= matches!(kept.input, Input::Tick(_));
            if !kept.private.is_empty() {
                self.seal(input, &kept.private)?;
            }
        }
        Ok(Answer { input, repeated: false, refused, decisions })
    }

    /// Keeps private fields until the next snapshot makes them superfluous, readable only with the key.
    fn seal(&self, input: i64, private: &str) -> Result<(), LedgerError> {
        let sealed = self
            .writer
            .keys
            .seal(&place(input), private.as_bytes())
            .ok_or_else(|| LedgerError::Refused("a private field cannot be sealed".into()))?;
        self.writer
            .connection
            .prepare_cached("INSERT INTO sealed VALUES (?1, ?2)")?
            .execute(params![input, sealed])?;
        Ok(())
    }
}

/// Where the private fields of an input are sealed.
pub(crate) fn place(input: i64) -> String {
    format!("private fields of input {input}")
}

/// The time of a row.
pub(crate) fn time(micros: i64) -> Result<Timestamp, LedgerError> {
    Timestamp::from_micros(micros).ok_or_else(|| LedgerError::damaged("a time is out of range"))
}
