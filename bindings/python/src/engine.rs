//! Engines.

use crate::decision::PyDecision;
use crate::options::{self, Columns};
use crate::progress::Progress;
use crate::rulebook::PyRulebook;
use crate::table::PyTable;
use crate::{answers, batch, errors, event, time};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::collections::BTreeMap;
use std::sync::Mutex;
use tagwarden::{
    Decision, DecisionRef, Engine, EngineOptions, Input, InputError, Orphans, Reader, TimeUnit, Timestamp,
};
use tagwarden_arrow::Members;

/// A stream of events under a rulebook. Threads may share it: each call has it for itself, with the interpreter free for others.
#[pyclass(frozen, module = "tagwarden", name = "Engine")]
pub(crate) struct PyEngine {
    unit: TimeUnit,
    inner: Mutex<Inner>,
}

pub(crate) struct Inner {
    pub(crate) engine: Engine,
    reader: Reader,
    /// Who has what. A snapshot does not tell, so it is not known after a restore.
    pub(crate) members: Option<Members>,
}

impl Inner {
    fn new(engine: Engine, unit: TimeUnit, members: Option<Members>) -> Inner {
        let reader = Reader::new(engine.rulebook().schema(), unit);
        Inner { engine, reader, members }
    }

    /// Applies one input, however much is due before it.
    fn apply(&mut self, input: &Input, decisions: &mut Vec<Decision>) -> Result<(), InputError> {
        let first = decisions.len();
        let applied = loop {
            let mut sink = |decision: &DecisionRef<'_>| decisions.push(decision.to_decision());
            let applied = match input {
                Input::Event(event) => self.engine.process_into(event, &mut sink),
                Input::Command(command) => self.engine.command_into(command, &mut sink),
                Input::Tick(time) => self.engine.advance_into(*time, &mut sink),
                _ => Ok(()),
            };
            if !matches!(applied, Err(InputError::Unfinished { .. })) {
                break applied;
            }
        };
        self.note(decisions.get(first..).unwrap_or_default());
        applied
    }

    fn note(&mut self, decisions: &[Decision]) {
        if let Some(members) = &mut self.members {
            decisions.iter().for_each(|decision| members.push(decision));
        }
    }
}

impl PyEngine {
    /// Does something with the engine, while the interpreter is free for others. So two threads that wait for the same engine never
    /// wait for each other.
    fn with<T: Send>(&self, py: Python<'_>, work: impl FnOnce(&mut Inner) -> T + Send) -> PyResult<T> {
        py.detach(|| match self.inner.lock() {
            Ok(mut inner) => Ok(work(&mut inner)),
            Err(_) => Err(PyRuntimeError::new_err(
                "the engine failed in an earlier call, so its state is not known",
            )),
        })
    }

    fn when(&self, py: Python<'_>, time: Option<&Bound<'_, PyAny>>) -> PyResult<Timestamp> {
        match time {
            Some(time) => time::argument(time, self.unit),
            None => Ok(self.with(py, |inner| inner.engine.clock())?.unwrap_or(Timestamp::MIN)),
        }
    }

    fn of(engine: Engine, unit: TimeUnit, members: Option<Members>) -> PyEngine {
        PyEngine { unit, inner: Mutex::new(Inner::new(engine, unit, members)) }
    }
}

fn wrap(decisions: Vec<Decision>) -> Vec<PyDecision> {
    decisions.into_iter().map(PyDecision).collect()
}

/// So many events are read before the engine has them.
const CHUNK: usize = 1024;

#[pymethods]
impl PyEngine {
    #[new]
    #[pyo3(signature = (rulebook, *, lateness = None, dedup = None, hash_key = None, limits = None, time_unit = "ms"))]
    fn new(
        rulebook: &PyRulebook,
        lateness: Option<&Bound<'_, PyAny>>,
        dedup: Option<&Bound<'_, PyAny>>,
        hash_key: Option<&[u8]>,
        limits: Option<BTreeMap<String, u64>>,
        time_unit: &str,
    ) -> PyResult<PyEngine> {
        let options: EngineOptions = options::engine(lateness, dedup, hash_key, limits)?;
        let engine = Engine::with_options(&rulebook.0, options);
        Ok(PyEngine::of(engine, options::unit(time_unit)?, Some(Members::default())))
    }

    /// Apply one event, or many in their order, and return what follows.
    fn process(&self, py: Python<'_>, events: &Bound<'_, PyAny>) -> PyResult<Vec<PyDecision>> {
        let reader = self.with(py, |inner| inner.reader.clone())?;
        let mut all = Vec::new();
        let (mut done, mut rest) = (0, None);
        if !event::is_one(events) {
            rest = Some(events.try_iter()?);
        }
        loop {
            // What cannot be read stops the call, but not before everything that came earlier has been applied.
            let mut inputs = Vec::new();
            let mut stop: Option<Result<InputError, PyErr>> = None;
            let mut more = false;
            let one = if rest.is_none() { Some(Ok(events.clone())) } else { None };
            for event in one.into_iter().chain(rest.as_mut().into_iter().flatten()) {
                match event.and_then(|event| event::read(&reader, &event)) {
                    Ok(Ok(input)) => inputs.push(input),
                    Ok(Err(error)) => stop = Some(Ok(error)),
                    Err(error) => stop = Some(Err(error)),
                }
                if stop.is_some() {
                    break;
                }
                if inputs.len() >= CHUNK {
                    more = true;
                    break;
                }
            }
            let (decisions, failed) = self.with(py, |inner| {
                let mut decisions = Vec::new();
                for (at, input) in inputs.iter().enumerate() {
                    if let Err(error) = inner.apply(input, &mut decisions) {
                        return (decisions, Some((at, error)));
                    }
                }
                (decisions, None)
            })?;
            all.extend(decisions);
            if let Some((at, error)) = failed {
                return Err(errors::event(py, &error, done + at, wrap(all)));
            }
            done += inputs.len();
            match stop {
                Some(Ok(error)) => return Err(errors::event(py, &error, done, wrap(all))),
                Some(Err(error)) => return Err(error),
                None if more && rest.is_some() => py.check_signals()?,
                None => return Ok(wrap(all)),
            }
        }
    }

    /// Apply the rows of a table, in their order.
    #[pyo3(signature = (table, *, event = "type", event_type = None, time = None, id = "id", columns = None, zone = None, time_unit = None, reasons = false, progress = None))]
    #[allow(clippy::too_many_arguments, reason = "they are keyword arguments")]
    fn process_batch<'py>(
        &self,
        py: Python<'py>,
        table: &Bound<'py, PyAny>,
        event: &str,
        event_type: Option<String>,
        time: Option<String>,
        id: &str,
        columns: Option<BTreeMap<String, Option<String>>>,
        zone: Option<String>,
        time_unit: Option<&str>,
        reasons: bool,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let unit = time_unit.map_or(Ok(self.unit), options::unit)?;
        let (event, id) = (event.to_owned(), id.to_owned());
        let columns = Columns { event, event_type, time, id, columns, zone, unit };
        let mut stream = batch::Stream::open(table)?;
        let rulebook = self.with(py, |inner| inner.engine.rulebook().clone())?;
        let binding = stream.bind(py, &rulebook, &columns)?;
        let mut progress = Progress::new(progress, stream.total());
        let result = self.with(py, |inner| stream.feed(&binding, inner, reasons, &mut progress))?;
        progress.finish()?;
        batch::result(py, result?)
    }

    /// Carry out what a person asks for.
    fn command(&self, py: Python<'_>, command: &Bound<'_, PyAny>) -> PyResult<Vec<PyDecision>> {
        let reader = self.with(py, |inner| inner.reader.clone())?;
        let input = event::read(&reader, command)?.and_then(|input| match input {
            Input::Command(_) => Ok(input),
            _ => Err(InputError::Invalid {
                path: "command".to_owned(),
                expected: "what to do, such as \"release\"".to_owned(),
                found: "nothing".to_owned(),
            }),
        });
        let (decisions, applied) = self.with(py, |inner| {
            let mut decisions = Vec::new();
            let applied = input.and_then(|input| inner.apply(&input, &mut decisions));
            (decisions, applied)
        })?;
        match applied {
            Ok(()) => Ok(wrap(decisions)),
            Err(error) => Err(errors::event(py, &error, 0, wrap(decisions))),
        }
    }

    /// Move the clock: everything due up to `time` happens, and every input up to it counts as seen.
    fn advance_to(&self, py: Python<'_>, time: &Bound<'_, PyAny>) -> PyResult<Vec<PyDecision>> {
        let time = time::argument(time, self.unit)?;
        let (decisions, applied) = self.with(py, |inner| {
            let mut decisions = Vec::new();
            let applied = inner.apply(&Input::Tick(time), &mut decisions);
            (decisions, applied)
        })?;
        match applied {
            Ok(()) => Ok(wrap(decisions)),
            Err(error) => Err(errors::event(py, &error, 0, wrap(decisions))),
        }
    }

    /// Apply the inputs that lateness holds back, as at the end of a stream.
    fn finish(&self, py: Python<'_>) -> PyResult<Vec<PyDecision>> {
        self.with(py, |inner| {
            let decisions = inner.engine.finish();
            inner.note(&decisions);
            wrap(decisions)
        })
    }

    /// What holds of a subject at `time`, with reasons and ends, if no more inputs come until then.
    #[pyo3(signature = (entity, key, time = None))]
    fn status<'py>(
        &self,
        py: Python<'py>,
        entity: &str,
        key: &str,
        time: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let time = self.when(py, time)?;
        let status = self.with(py, |inner| inner.engine.status(entity, key, time))?;
        answers::status(py, &status.map_err(|error| errors::status(py, &error))?)
    }

    /// Whether a message may go out to a subject over a channel.
    #[pyo3(signature = (entity, key, channel, time = None))]
    fn permits<'py>(
        &self,
        py: Python<'py>,
        entity: &str,
        key: &str,
        channel: &str,
        time: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let time = self.when(py, time)?;
        let permit = self.with(py, |inner| inner.engine.permits(entity, key, channel, time))?;
        answers::permit(py, &permit.map_err(|error| errors::status(py, &error))?)
    }

    /// Which parts of a rule's condition fail for a subject, and by how much.
    #[pyo3(signature = (rule, entity, key, time = None))]
    fn why_not<'py>(
        &self,
        py: Python<'py>,
        rule: &str,
        entity: &str,
        key: &str,
        time: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let time = self.when(py, time)?;
        let answer = self.with(py, |inner| inner.engine.why_not(rule, entity, key, time))?;
        answers::why_not(py, &answer.map_err(|error| errors::status(py, &error))?)
    }

    /// Note that a message went out to a subject, for the allowances of limited levels.
    fn record_contact(
        &self,
        py: Python<'_>,
        entity: &str,
        key: &str,
        time: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let time = time::argument(time, self.unit)?;
        self.with(py, |inner| inner.engine.record_contact(entity, key, time))
    }

    /// Remove every trace of a subject.
    fn forget(&self, py: Python<'_>, entity: &str, key: &str) -> PyResult<Option<PyDecision>> {
        self.with(py, |inner| {
            let decision = inner.engine.forget(entity, key);
            inner.note(decision.as_slice());
            decision.map(PyDecision)
        })
    }

    /// Who has which tag and is on which list now.
    fn memberships(&self, py: Python<'_>) -> PyResult<PyTable> {
        let table = self.with(py, |inner| inner.members.as_ref().map(Members::table))?;
        let table = table.ok_or_else(|| {
            PyRuntimeError::new_err("a restored engine does not know everybody: ask `status` of each subject")
        })?;
        table.map(PyTable).map_err(|error| PyRuntimeError::new_err(error.to_string()))
    }

    /// Write down the whole state.
    fn snapshot<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = self.with(py, |inner| inner.engine.snapshot())?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// An engine that goes on where a snapshot was taken, with the same rulebook and options.
    #[staticmethod]
    #[pyo3(signature = (rulebook, snapshot, *, lateness = None, dedup = None, hash_key = None, limits = None, time_unit = "ms"))]
    #[allow(clippy::too_many_arguments, reason = "they are keyword arguments")]
    fn restore(
        py: Python<'_>,
        rulebook: &PyRulebook,
        snapshot: &[u8],
        lateness: Option<&Bound<'_, PyAny>>,
        dedup: Option<&Bound<'_, PyAny>>,
        hash_key: Option<&[u8]>,
        limits: Option<BTreeMap<String, u64>>,
        time_unit: &str,
    ) -> PyResult<PyEngine> {
        let options = options::engine(lateness, dedup, hash_key, limits)?;
        let unit = options::unit(time_unit)?;
        let engine = py.detach(|| Engine::restore(&rulebook.0, options, snapshot));
        Ok(PyEngine::of(engine.map_err(|error| errors::snapshot(py, &error))?, unit, None))
    }

    /// Go on with a new rulebook.
    #[pyo3(signature = (rulebook, *, orphans = "end"))]
    fn reload<'py>(
        &self,
        py: Python<'py>,
        rulebook: &PyRulebook,
        orphans: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        let orphans = options::either("orphans", orphans, [("end", Orphans::End), ("keep", Orphans::Keep)])?;
        let report = self.with(py, |inner| {
            let report = inner.engine.reload(&rulebook.0, orphans);
            inner.reader = Reader::new(rulebook.0.schema(), self.unit);
            inner.note(&report.decisions);
            report
        })?;
        answers::reload(py, report)
    }

    /// The rulebook that it runs.
    #[getter]
    fn rulebook(&self, py: Python<'_>) -> PyResult<PyRulebook> {
        self.with(py, |inner| PyRulebook(inner.engine.rulebook().clone()))
    }

    /// The time of the last input applied, or tick.
    #[getter]
    fn clock<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        time::maybe(py, self.with(py, |inner| inner.engine.clock())?)
    }

    /// How many subjects it knows.
    #[getter]
    fn subjects(&self, py: Python<'_>) -> PyResult<usize> {
        self.with(py, |inner| inner.engine.subjects())
    }

    /// How many instants had a number beyond the range, which was saturated.
    #[getter]
    fn saturations(&self, py: Python<'_>) -> PyResult<u64> {
        self.with(py, |inner| inner.engine.saturations())
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        self.with(py, |inner| {
            let clock = inner.engine.clock().map_or("None".to_owned(), |clock| clock.to_string());
            format!("Engine(clock={clock}, subjects={})", inner.engine.subjects())
        })
    }
}
