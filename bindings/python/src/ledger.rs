//! Ledgers: the native half of `tagwarden/_ledger.py`, which says what each of it is for.

mod answers;
mod asked;
mod table;

use self::asked::{io, now, viewer};
use crate::rulebook::PyRulebook;
use crate::{errors, event, options, time};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use tagwarden::{Input, InputError, Orphans, Reader, TimeUnit, Timestamp, Verb};
use tagwarden_store::{Entry, Ledger, LedgerError, Options};

/// A ledger and its file. Threads may share it: each call has it for itself, with the interpreter free for others.
#[pyclass(frozen, module = "tagwarden._native", name = "LedgerFile")]
#[derive(Debug)]
pub(crate) struct PyLedger {
    unit: TimeUnit,
    path: PathBuf,
    /// `None` once it is closed.
    inner: Mutex<Option<Ledger>>,
}

type Object<'py> = Bound<'py, PyAny>;

/// Why a call did not do what was asked.
enum Failed {
    Ledger(LedgerError),
    /// An input, by its place in the call.
    Input(InputError, usize),
}

impl From<LedgerError> for Failed {
    fn from(error: LedgerError) -> Failed {
        Failed::Ledger(error)
    }
}

impl PyLedger {
    fn of(ledger: Ledger, unit: TimeUnit) -> PyLedger {
        PyLedger { unit, path: ledger.path().to_path_buf(), inner: Mutex::new(Some(ledger)) }
    }

    /// Does something with the ledger, while the interpreter is free for others.
    fn with<T: Send, E: Send + Into<Failed>>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut Ledger) -> Result<T, E> + Send,
    ) -> PyResult<T> {
        let done = py.detach(|| match self.inner.lock() {
            Ok(mut inner) => Ok(inner.as_mut().map(|ledger| work(ledger).map_err(Into::into))),
            Err(_) => Err(()),
        });
        match done {
            Ok(Some(Ok(done))) => Ok(done),
            Ok(Some(Err(Failed::Ledger(error)))) => Err(errors::ledger(py, &error)),
            Ok(Some(Err(Failed::Input(error, at)))) => Err(errors::event(py, &error, at, Vec::new())),
            Ok(None) => Err(errors::ledger_kind(py, "the ledger is closed", "closed")),
            Err(()) => Err(PyRuntimeError::new_err(
                "the ledger failed in an earlier call: close it, and open it again",
            )),
        }
    }

    /// The time that a call names; by default now.
    fn when(&self, time: Option<&Object<'_>>) -> PyResult<Option<Timestamp>> {
        time.map(|time| time::argument(time, self.unit)).transpose()
    }
}

#[pymethods]
impl PyLedger {
    /// Opens a ledger, or makes one.
    ///
    /// Without a rulebook it must be there, and goes on with the one that it ran last. `kept`: with the settings that it was made
    /// with. `fresh`: it must not be there.
    #[staticmethod]
    #[pyo3(signature = (path, rulebook, key, *, create, fresh, kept, name, lateness, dedup, pseudonyms, keep, limits, snapshot_every, power_safe, reload, encryption, time_unit))]
    #[allow(clippy::too_many_arguments, reason = "they are keyword arguments")]
    fn open(
        py: Python<'_>,
        path: PathBuf,
        rulebook: Option<&PyRulebook>,
        key: &[u8],
        create: bool,
        fresh: bool,
        kept: bool,
        name: String,
        lateness: Option<&Object<'_>>,
        dedup: Option<&Object<'_>>,
        pseudonyms: bool,
        keep: Vec<String>,
        limits: Option<BTreeMap<String, u64>>,
        snapshot_every: u32,
        power_safe: bool,
        reload: Option<&str>,
        encryption: Option<String>,
        time_unit: &str,
    ) -> PyResult<PyLedger> {
        let reload = reload
            .map(|word| options::either("reload", word, [("end", Orphans::End), ("keep", Orphans::Keep)]))
            .transpose()?;
        let keep = asked::keep(&keep)?;
        let engine = options::engine(lateness, dedup, None, limits)?;
        let options = Options {
            name,
            lateness: engine.lateness,
            dedup: engine.dedup,
            limits: engine.limits,
            pseudonyms,
            keep,
            snapshot_every,
            reload,
            create,
            power_safe,
            encryption,
            ..Options::new(asked::key(key)?)
        };
        let unit = options::unit(time_unit)?;
        if fresh && path.exists() {
            let message = format!("{}: there is a file already", path.display());
            return Err(errors::ledger_kind(py, &message, "exists"));
        }
        let rulebook = rulebook.map(|rulebook| rulebook.0.clone());
        let opened = py.detach(|| match rulebook {
            None => Ledger::open_kept(&path, options),
            Some(rulebook) => {
                let options = if kept { Ledger::kept_options(&path, options)? } else { options };
                Ledger::open(&path, &rulebook, options)
            }
        });
        opened.map(|ledger| PyLedger::of(ledger, unit)).map_err(|error| errors::ledger(py, &error))
    }

    /// Closes the file.
    fn close(&self, py: Python<'_>) {
        py.detach(|| {
            let mut inner = self.inner.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            drop(inner.take());
        });
    }

    /// What opening it found.
    #[getter]
    fn opening<'py>(&self, py: Python<'py>) -> PyResult<Object<'py>> {
        let opening = self.with(py, |ledger| Ok::<_, LedgerError>(ledger.opening().clone()))?;
        answers::opening(py, opening)
    }

    #[getter]
    fn path(&self) -> &Path {
        &self.path
    }

    #[getter]
    fn rulebook(&self, py: Python<'_>) -> PyResult<PyRulebook> {
        self.with(py, |ledger| Ok::<_, LedgerError>(PyRulebook(ledger.engine().rulebook().clone())))
    }

    #[getter]
    fn clock<'py>(&self, py: Python<'py>) -> PyResult<Option<Object<'py>>> {
        time::maybe(py, self.with(py, |ledger| Ok::<_, LedgerError>(ledger.engine().clock()))?)
    }

    #[getter]
    fn inputs(&self, py: Python<'_>) -> PyResult<u64> {
        self.with(py, |ledger| Ok::<_, LedgerError>(ledger.inputs()))
    }

    #[getter]
    fn audit_head(&self, py: Python<'_>) -> PyResult<String> {
        self.with(py, |ledger| Ok::<_, LedgerError>(ledger.audit_head()))
    }

    /// Applies inputs in one transaction. `keys`: an idempotency key for each, or none at all.
    #[pyo3(signature = (inputs, keys = None))]
    fn apply<'py>(
        &self,
        py: Python<'py>,
        inputs: &Object<'py>,
        keys: Option<Vec<Option<String>>>,
    ) -> PyResult<Object<'py>> {
        let unit = self.unit;
        let reader = self.with(py, |ledger| {
            Ok::<_, LedgerError>(Reader::new(ledger.engine().rulebook().schema(), unit))
        })?;
        let entries = asked::entries(&reader, inputs, keys.as_deref())?;
        let answers = self.with(py, |ledger| ledger.apply(entries).and_then(answers::read))?;
        answers::answers(py, answers)
    }

    /// Applies a command that may lack its time: then it is given now.
    fn command<'py>(&self, py: Python<'py>, fields: &Bound<'py, PyDict>) -> PyResult<Object<'py>> {
        let unit = self.unit;
        let written = event::write(fields)?.map_err(|error| errors::event(py, &error, 0, Vec::new()))?;
        let timed = fields.get_item("time")?.is_some_and(|time| !time.is_none());
        let answers = self.with(py, |ledger| {
            let mut text = written;
            if !timed {
                // The object is reopened: it has a field at least, the name of the command.
                text.pop();
                text.push_str(&format!(",\"time\":\"{}\"}}", now(ledger)));
            }
            let reader = Reader::new(ledger.engine().rulebook().schema(), unit);
            let input: Input = reader.json(text.as_bytes()).map_err(|error| Failed::Input(error, 0))?;
            Ok::<_, Failed>(ledger.apply([Entry::new(input)]).and_then(answers::read)?)
        })?;
        answers::answers(py, answers)?.get_item(0)
    }

    /// What holds of a subject, for somebody who looks; or the decision that refuses it.
    fn view<'py>(
        &self,
        py: Python<'py>,
        entity: &str,
        key: &str,
        actor: &str,
        role: Option<&str>,
        time: Option<&Object<'py>>,
    ) -> PyResult<Object<'py>> {
        let (time, viewer) = (self.when(time)?, viewer(actor, role));
        let seen = self.with(py, |ledger| {
            let time = time.unwrap_or_else(|| now(ledger));
            ledger.view(&viewer, entity, key, time)
        })?;
        match seen {
            Ok(status) => crate::answers::status(py, &status),
            Err(refused) => Err(errors::refused(py, *refused)),
        }
    }

    /// Notes that somebody saw something that the host has put together itself.
    fn note_view(
        &self,
        py: Python<'_>,
        actor: &str,
        role: Option<&str>,
        what: BTreeMap<String, String>,
        time: Option<&Object<'_>>,
    ) -> PyResult<()> {
        let (time, viewer) = (self.when(time)?, viewer(actor, role));
        self.with(py, |ledger| {
            let time = time.unwrap_or_else(|| now(ledger));
            let what: Vec<(&str, &str)> = what.iter().map(|(name, text)| (&**name, &**text)).collect();
            ledger.note_view(&viewer, time, &what)
        })
    }

    /// Whether the rulebook lets a role do something.
    fn may(&self, py: Python<'_>, role: Option<&str>, verb: &str, list: Option<&str>) -> PyResult<bool> {
        let known = Verb::from_word(verb);
        let known = known.ok_or_else(|| PyValueError::new_err(format!("verb: no role may {verb:?}")))?;
        self.with(py, |ledger| Ok::<_, LedgerError>(ledger.engine().may(role, known, list)))
    }

    fn permits<'py>(
        &self,
        py: Python<'py>,
        entity: &str,
        key: &str,
        channel: &str,
        time: Option<&Object<'py>>,
    ) -> PyResult<Object<'py>> {
        let time = self.when(time)?;
        let permit = self.with(py, |ledger| {
            let time = time.unwrap_or_else(|| now(ledger));
            ledger.permits(entity, key, channel, time)
        })?;
        crate::answers::permit(py, &permit)
    }

    fn record_contact(
        &self,
        py: Python<'_>,
        entity: &str,
        key: &str,
        time: Option<&Object<'_>>,
    ) -> PyResult<()> {
        let time = self.when(time)?;
        self.with(py, |ledger| {
            let time = time.unwrap_or_else(|| now(ledger));
            ledger.record_contact(entity, key, time)
        })
    }

    fn entries<'py>(&self, py: Python<'py>, list: Option<&str>) -> PyResult<Object<'py>> {
        let rows = self.with(py, |ledger| ledger.entries(list))?;
        answers::listed(py, &rows)
    }

    fn reviews_due<'py>(&self, py: Python<'py>, by: Option<&Object<'py>>) -> PyResult<Object<'py>> {
        let by = self.when(by)?;
        let rows = self.with(py, |ledger| {
            let by = by.unwrap_or_else(|| now(ledger));
            ledger.reviews_due(by)
        })?;
        answers::listed(py, &rows)
    }

    fn proposals<'py>(&self, py: Python<'py>) -> PyResult<Object<'py>> {
        let rows = self.with(py, |ledger| ledger.proposals())?;
        answers::waiting(py, &rows)
    }

    fn appeals<'py>(&self, py: Python<'py>) -> PyResult<Object<'py>> {
        let rows = self.with(py, |ledger| ledger.appeals())?;
        answers::appealing(py, &rows)
    }

    fn history<'py>(&self, py: Python<'py>, entity: &str, key: &str) -> PyResult<Object<'py>> {
        let decisions = self.with(py, |ledger| {
            let lines = ledger.history(entity, key)?;
            lines.iter().map(|line| answers::decision(line)).collect::<Result<Vec<_>, _>>()
        })?;
        answers::decisions(py, decisions)
    }

    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Object<'py>> {
        let stats = self.with(py, |ledger| ledger.stats())?;
        answers::stats(py, &stats)
    }

    fn pseudonym(&self, py: Python<'_>, entity: &str, key: &str) -> PyResult<String> {
        self.with(py, |ledger| Ok::<_, LedgerError>(ledger.pseudonym(entity, key)))
    }

    fn forgotten<'py>(&self, py: Python<'py>, entity: &str, key: &str) -> PyResult<Option<Object<'py>>> {
        time::maybe(py, self.with(py, |ledger| ledger.forgotten(entity, key))?)
    }

    fn checkpoint(&self, py: Python<'_>) -> PyResult<()> {
        self.with(py, Ledger::checkpoint)
    }

    fn scrub(&self, py: Python<'_>) -> PyResult<()> {
        self.with(py, Ledger::scrub)
    }

    /// Encrypts the whole file anew with another key.
    fn change_encryption_key(&self, py: Python<'_>, key: &str) -> PyResult<()> {
        #[cfg(feature = "encryption")]
        return self.with(py, |ledger| ledger.change_encryption_key(key));
        #[cfg(not(feature = "encryption"))]
        {
            let _ = key;
            let why = "this build can't encrypt: it lacks the feature `encryption`";
            self.with(py, |_| Err::<(), _>(LedgerError::Refused(why.into())))
        }
    }

    /// Imports a table, given as bytes or by its path.
    #[allow(clippy::too_many_arguments, reason = "they are keyword arguments")]
    fn import_table<'py>(
        &self,
        py: Python<'py>,
        table: table::Source,
        format: Option<&str>,
        entity: Option<String>,
        list: Option<String>,
        tag: Option<String>,
        actor: String,
        role: Option<String>,
        reason: Option<String>,
        columns: BTreeMap<String, String>,
        row_by_row: bool,
        dry_run: bool,
        batch: Option<String>,
        time: Option<&Object<'py>>,
    ) -> PyResult<Object<'py>> {
        let format = table.format(format)?;
        let time = self.when(time)?;
        let wanted =
            table::Wanted { entity, list, tag, actor, role, reason, columns, row_by_row, dry_run, batch };
        let report = self.with(py, |ledger| {
            let time = time.unwrap_or_else(|| now(ledger));
            table.import(ledger, format, wanted, time)
        })?;
        answers::imported(py, &report)
    }

    /// The entries and tags that hold now, as the bytes of a table, and how many rows it has.
    #[allow(clippy::too_many_arguments, reason = "they are keyword arguments")]
    fn export_table<'py>(
        &self,
        py: Python<'py>,
        format: &str,
        list: Option<String>,
        tag: Option<String>,
        actor: &str,
        role: Option<&str>,
        time: Option<&Object<'py>>,
    ) -> PyResult<(Bound<'py, PyBytes>, u64)> {
        let (format, content) = (table::format(format)?, tagwarden_store::table::Content { list, tag });
        let (time, viewer) = (self.when(time)?, viewer(actor, role));
        let (bytes, rows) = self.with(py, |ledger| {
            let time = time.unwrap_or_else(|| now(ledger));
            let mut bytes = Vec::new();
            let rows = ledger.export(&mut bytes, format, &content, &viewer, time)?;
            Ok::<_, LedgerError>((bytes, rows))
        })?;
        Ok((PyBytes::new(py, &bytes), rows))
    }

    /// Writes the audit log to a file that proves itself.
    fn export_audit<'py>(&self, py: Python<'py>, path: PathBuf) -> PyResult<Object<'py>> {
        let exported = self.with(py, |ledger| {
            let failed = io(&path);
            let mut out = BufWriter::new(std::fs::File::create(&path).map_err(&failed)?);
            let exported = ledger.export_audit(&mut out)?;
            out.flush().map_err(&failed)?;
            Ok::<_, LedgerError>(exported)
        })?;
        answers::exported(py, &exported)
    }

    /// Holds the audit log of the ledger to its chain.
    fn verify_audit<'py>(&self, py: Python<'py>) -> PyResult<Object<'py>> {
        let report = self.with(py, |ledger| ledger.verify_audit())?;
        answers::audited(py, &report)
    }
}

/// Holds an exported audit log to its chain: a file by its path, or its bytes.
#[pyfunction]
pub(crate) fn verify_audit<'py>(py: Python<'py>, source: table::Source) -> PyResult<Object<'py>> {
    let checked = py.detach(|| source.verify())?;
    match checked {
        Ok(report) => answers::audited(py, &report),
        Err(error) => Err(errors::audit(py, &error)),
    }
}
