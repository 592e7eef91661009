//! What a long call does now and then: tell how far it is, and let Ctrl-C through.

use pyo3::prelude::*;

/// Who is told, if anybody is; and what went wrong while telling.
pub(crate) struct Progress {
    callback: Option<Py<PyAny>>,
    total: Option<u64>,
    failed: Option<PyErr>,
}

impl Progress {
    pub(crate) fn new(callback: Option<Py<PyAny>>, total: Option<u64>) -> Progress {
        Progress { callback, total, failed: None }
    }

    /// So many rows are done. `false`: the call is to stop.
    pub(crate) fn report(&mut self, rows: u64) -> bool {
        let told = Python::attach(|py| {
            py.check_signals()?;
            match &self.callback {
                Some(callback) => callback.bind(py).call1((rows, self.total)).map(drop),
                None => Ok(()),
            }
        });
        match told {
            Ok(()) => true,
            Err(error) => {
                self.failed = Some(error);
                false
            }
        }
    }

    /// Raises what went wrong.
    pub(crate) fn finish(self) -> PyResult<()> {
        self.failed.map_or(Ok(()), Err)
    }
}
