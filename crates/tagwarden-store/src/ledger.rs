//! An engine whose inputs, decisions and audit log are kept in one file.

use crate::audit::chain::Chain;
use crate::error::LedgerError;
use crate::input::{Entry, Prepared};
use crate::keys::{Keys, hex};
use crate::options::Options;
use crate::record::{Head, Recorded, Writer};
use crate::{db, replay, retention, rulebooks, settings, snapshots};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::path::{Path, PathBuf};
use tagwarden::{Engine, Rulebook, Timestamp};

/// An engine and the file in which everything that it takes and decides is kept.
///
/// Every call that changes something is one transaction: it is done wholly or not at all, also if the process is killed
/// meanwhile. Other connections can read the tables at any time. Several processes may open the same file: each call
/// takes in what the others have done.
///
/// ```
/// use tagwarden::{Reader, Rulebook, TimeUnit};
/// use tagwarden_store::{Entry, Ledger, Options};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("crm.ledger");
/// let rulebook = Rulebook::compile("
///     entity customer
///     event login(customer) {}
///     rule busy { when count(login) over 1h >= 2 then tag busy for 1d }
/// ")?;
/// let reader = Reader::new(rulebook.schema(), TimeUnit::Millis);
/// let login = |time| reader.json(format!(r#"{{"type":"login","time":{time},"customer":"c1"}}"#).as_bytes());
///
/// let mut ledger = Ledger::open(&path, &rulebook, Options::new(*b"an example's key"))?;
/// ledger.apply([Entry::new(login(0)?).with_key("a")])?;
/// let answers = ledger.apply([Entry::new(login(1000)?).with_key("b")])?;
/// assert_eq!(answers[0].decisions[0].kind(), "tagged");
///
/// // The process is killed and comes back; the host does not know whether its last call was done, and sends it again.
/// drop(ledger);
/// let mut ledger = Ledger::open(&path, &rulebook, Options::new(*b"an example's key"))?;
/// let again = ledger.apply([Entry::new(login(1000)?).with_key("b")])?;
/// assert!(again[0].repeated);
/// assert_eq!(again[0].decisions, answers[0].decisions);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Ledger {
    pub(crate) path: PathBuf,
    pub(crate) connection: Connection,
    pub(crate) engine: Engine,
    pub(crate) keys: Keys,
    pub(crate) options: Options,
    pub(crate) head: Head,
    /// How many inputs the snapshot does not cover.
    pub(crate) tail: u32,
    /// Whether the engine may be ahead of the file, because a transaction failed and the file could not be read again.
    adrift: bool,
    opening: Opening,
}

/// What opening a ledger found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Opening {
    /// Whether the file was made.
    pub created: bool,
    /// How many inputs it holds, refused ones included: where a host that was cut off goes on.
    pub inputs: u64,
    /// How many of them were applied again, because they came after the snapshot.
    pub replayed: u64,
    /// The engine's clock.
    pub clock: Option<Timestamp>,
    /// Whether a new rulebook was taken over, and what it meant for the state.
    pub reloaded: Option<tagwarden::ReloadReport>,
}

/// What became of one input.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// The number of the input in the ledger, from 1.
    pub input: i64,
    /// Whether an input with its idempotency key was there before: the answer is that of then, and nothing has changed.
    pub repeated: bool,
    /// Why it was refused.
    pub refused: Option<Refusal>,
    /// What was decided.
    pub decisions: Vec<Recorded>,
}

/// Why an input was refused. It has changed nothing, but is kept with this reason.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// What it says, beginning with its kind: `late`, `duplicate`, `invalid`, `limit`, `key reused`, …
    pub message: String,
}

impl Refusal {
    /// The first words of the message: `late`, `duplicate`, `invalid`, `limit`, `key reused`, …
    #[must_use]
    pub fn kind(&self) -> &str {
        self.message.split(':').next().unwrap_or_default()
    }
}

impl Ledger {
    /// Opens a ledger, or makes one: restores the last snapshot and applies what came after it.
    ///
    /// # Errors
    /// [`LedgerError`]: missing, foreign, newer or damaged; made with another key, other settings or another rulebook.
    pub fn open(
        path: impl AsRef<Path>,
        rulebook: &Rulebook,
        options: Options,
    ) -> Result<Ledger, LedgerError> {
        let path = path.as_ref().to_owned();
        let keys = Keys::new(options.key);
        let db::Opened { connection, created } = db::open(&path, &options)?;
        if created {
            let head = make(&connection, &keys, rulebook, &options)?;
            let engine = Engine::with_options(rulebook, options.engine());
            let opening = Opening { created: true, inputs: 0, replayed: 0, clock: None, reloaded: None };
            return Ok(Ledger {
                path,
                connection,
                engine,
                keys,
                options,
                head,
                tail: 0,
                adrift: false,
                opening,
            });
        }
        settings::check(&connection, &keys, &options)?;
        let before = rulebooks::last(&connection, rulebook, &options.limits)?;
        if before.is_some() && options.reload.is_none() {
            return Err(LedgerError::Rulebook);
        }
        let run = before.as_ref().unwrap_or(rulebook);
        let replay::Replayed { engine, head, tail } = replay::load(&connection, &keys, run, &options)?;
        let opening = Opening {
            created: false,
            inputs: u64::try_from(head.input).unwrap_or(0),
            replayed: tail.into(),
            clock: engine.clock(),
            reloaded: None,
        };
        let mut ledger =
            Ledger { path, connection, engine, keys, options, head, tail, adrift: false, opening };
        if before.is_some() {
            ledger.take_over(rulebook)?;
        }
        Ok(ledger)
    }

    /// The rulebook that the ledger in a file ran last, from the texts that are kept in it.
    ///
    /// # Errors
    /// [`LedgerError`]: missing, foreign, newer or damaged.
    pub fn rulebook_of(path: impl AsRef<Path>, options: &Options) -> Result<Rulebook, LedgerError> {
        let path = path.as_ref();
        let options = Options { create: false, ..options.clone() };
        let opened = db::open(path, &options)?;
        rulebooks::kept(&opened.connection, &options.limits)
    }

    /// Opens a ledger by its file and key: with the rulebook that it ran last and the settings that it was made with.
    ///
    /// # Errors
    /// As [`Ledger::open`]; it makes no file.
    pub fn open_kept(path: impl AsRef<Path>, options: Options) -> Result<Ledger, LedgerError> {
        let path = path.as_ref();
        let options = Ledger::kept_options(path, options)?;
        let rulebook = Ledger::rulebook_of(path, &options)?;
        Ledger::open(path, &rulebook, options)
    }

    /// Options with the settings that a ledger was made with in place of those given.
    ///
    /// # Errors
    /// [`LedgerError`]: missing, foreign, newer or damaged, or the key is another.
    pub fn kept_options(path: impl AsRef<Path>, options: Options) -> Result<Options, LedgerError> {
        let options = Options { create: false, ..options };
        let opened = db::open(path.as_ref(), &options)?;
        let options = settings::read(&opened.connection, options)?;
        settings::check(&opened.connection, &Keys::new(options.key), &options)?;
        Ok(options)
    }

    /// What opening it found.
    #[must_use]
    pub fn opening(&self) -> &Opening {
        &self.opening
    }

    /// The engine, for questions that nobody needs to account for. What people see goes through
    /// [`Ledger::view`](crate::Ledger::view).
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The options that it was opened with.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many inputs it holds, refused ones included.
    #[must_use]
    pub fn inputs(&self) -> u64 {
        u64::try_from(self.head.input).unwrap_or(0)
    }

    /// The hash of the last record of the audit log, in hexadecimal digits. Noted elsewhere now and then, it proves
    /// that the log was not written anew since.
    #[must_use]
    pub fn audit_head(&self) -> String {
        hex(&self.head.chain.hash)
    }

    /// What stands for a subject's key in the file and in decisions: a keyed hash with [`Options::pseudonyms`], and
    /// otherwise the key itself.
    #[must_use]
    pub fn pseudonym(&self, entity: &str, key: &str) -> String {
        if self.options.pseudonyms { self.keys.pseudonym(entity, key) } else { key.to_owned() }
    }

    /// Applies inputs in order, in one transaction. When it returns, all of them are kept with what they were answered.
    ///
    /// An input with an idempotency key that was applied before changes nothing and is answered as the first time.
    /// Inputs that the engine refuses are answered and kept so, and the others go on.
    ///
    /// # Errors
    /// [`LedgerError`]: the file can't be written. None of the inputs was applied then.
    pub fn apply(&mut self, entries: impl IntoIterator<Item = Entry>) -> Result<Vec<Answer>, LedgerError> {
        let schema = self.engine.rulebook().schema();
        let prepared: Vec<Prepared> = entries
            .into_iter()
            .map(|entry| Prepared::prepare(entry, schema, &self.keys, &self.options))
            .collect();
        self.change(|work| {
            let mut answers = Vec::with_capacity(prepared.len());
            for input in &prepared {
                answers.push(work.apply(input)?);
            }
            Ok(answers)
        })
    }

    /// Takes a snapshot now, so that the next opening has nothing to apply again.
    ///
    /// # Errors
    /// [`LedgerError`]: the file can't be written.
    pub fn checkpoint(&mut self) -> Result<(), LedgerError> {
        self.change(|work| {
            work.snapshot = true;
            Ok(())
        })
    }

    /// One transaction. If it fails, the engine goes back to what the file says.
    pub(crate) fn change<T>(
        &mut self,
        act: impl FnOnce(&mut Work<'_, '_>) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        if self.adrift {
            self.refresh()?;
        }
        let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?;
        let head = Head::read(&transaction)?;
        if head != self.head {
            // Another process has written since; under another rulebook it would go on differently than this one.
            if !rulebooks::is_last(&transaction, self.engine.rulebook())? {
                return Err(LedgerError::Rulebook);
            }
            let replay::Replayed { engine, head, tail } =
                replay::load(&transaction, &self.keys, self.engine.rulebook(), &self.options)?;
            (self.engine, self.head, self.tail) = (engine, head, tail);
        }
        let mut work = Work {
            writer: Writer::new(&transaction, &self.keys, self.head.clone())?,
            engine: &mut self.engine,
            options: &self.options,
            tail: self.tail,
            snapshot: false,
            ticked: false,
            scrub: false,
        };
        let done = act(&mut work);
        let scrub = work.scrub;
        let done = done.and_then(|done| work.close().map(|closed| (done, closed)));
        let done = done.and_then(|done| transaction.commit().map(|()| done).map_err(LedgerError::from));
        match done {
            Ok((done, (head, tail))) => {
                (self.head, self.tail) = (head, tail);
                if scrub {
                    self.scrub()?;
                }
                Ok(done)
            }
            Err(error) => {
                self.adrift = true;
                let _ = self.refresh();
                Err(error)
            }
        }
    }

    fn refresh(&mut self) -> Result<(), LedgerError> {
        let rulebook = self.engine.rulebook().clone();
        let replay::Replayed { engine, head, tail } =
            replay::load(&self.connection, &self.keys, &rulebook, &self.options)?;
        (self.engine, self.head, self.tail, self.adrift) = (engine, head, tail, false);
        Ok(())
    }

    /// Goes on with another rulebook.
    fn take_over(&mut self, rulebook: &Rulebook) -> Result<(), LedgerError> {
        let orphans = self.options.reload.unwrap_or_default();
        let report = self.change(|work| {
            let report = work.engine.reload(rulebook, orphans);
            let time = work.now();
            rulebooks::keep(work.writer.connection, rulebook, work.writer.head.input)?;
            let body = format!("{{\"digest\":\"{}\"}}", hex(&rulebooks::digest(rulebook)));
            work.writer.note(time, "rulebook", &body)?;
            for decision in &report.decisions {
                work.writer.decision(decision)?;
            }
            // What is applied again later is applied under this rulebook.
            work.snapshot = true;
            Ok(report)
        })?;
        self.opening.reloaded = Some(report);
        Ok(())
    }
}

/// What a transaction works with.
pub(crate) struct Work<'c, 'e> {
    pub(crate) writer: Writer<'c>,
    pub(crate) engine: &'e mut Engine,
    pub(crate) options: &'e Options,
    pub(crate) tail: u32,
    /// Whether a snapshot is to be taken at the end.
    pub(crate) snapshot: bool,
    /// Whether there was a tick.
    pub(crate) ticked: bool,
    /// Whether nothing of what was deleted may be left in the file.
    pub(crate) scrub: bool,
}

impl Work<'_, '_> {
    /// The time of what the ledger itself does.
    pub(crate) fn now(&self) -> Timestamp {
        self.engine.clock().unwrap_or(Timestamp::MIN)
    }

    fn close(mut self) -> Result<(Head, u32), LedgerError> {
        if self.ticked {
            retention::run(&mut self)?;
        }
        if self.snapshot || self.tail >= self.options.snapshot_every.max(1) {
            let keys = self.writer.keys;
            snapshots::take(self.writer.connection, keys, self.engine, self.writer.head.input)?;
            self.tail = 0;
        }
        self.writer.head.clock = self.engine.clock().map(Timestamp::micros);
        self.writer.head.write(self.writer.connection)?;
        Ok((self.writer.head, self.tail))
    }
}

/// Makes the tables of a new ledger.
fn make(
    connection: &Connection,
    keys: &Keys,
    rulebook: &Rulebook,
    options: &Options,
) -> Result<Head, LedgerError> {
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    db::make(&transaction)?;
    settings::keep(&transaction, keys, options)?;
    rulebooks::keep(&transaction, rulebook, 0)?;
    let chain = Chain::start(&keys.ledger_id(&options.name));
    let head = Head { input: 0, decision: 0, chain, clock: None, pruned: None };
    let mut writer = Writer::new(&transaction, keys, head)?;
    let body = format!("{{\"digest\":\"{}\"}}", hex(&rulebooks::digest(rulebook)));
    writer.note(Timestamp::MIN, "rulebook", &body)?;
    let head = writer.head.clone();
    head.write(&transaction)?;
    drop(writer);
    transaction.commit()?;
    Ok(head)
}
