//! Events from a file or standard input. A thread of its own reads ahead, so that reading and deciding overlap.

#[cfg(feature = "columns")]
mod columns;
mod rows;

use crate::args::Events;
use crate::error::Failure;
use rows::Rows;
use std::fs::File;
use std::io::{self, BufRead, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use tagwarden::{Input, InputError, Schema, Timestamp};

/// How many lines are handed over at once, at most.
const BATCH: usize = 512;

/// How many such batches may wait.
const WAITING: usize = 8;

/// An input with the line that it stands on.
pub(crate) struct Line {
    pub(crate) number: u64,
    pub(crate) input: Result<Input, InputError>,
}

impl Line {
    /// A line that is still to be read.
    fn blank() -> Line {
        Line { number: 0, input: Ok(Input::Tick(Timestamp::MIN)) }
    }

    /// The input, for whoever keeps it.
    pub(crate) fn take(&mut self) -> Result<Input, InputError> {
        std::mem::replace(&mut self.input, Line::blank().input)
    }
}

/// Lines that were read together, and what comes after them.
struct Batch {
    lines: Vec<Line>,
    /// How many there are: those behind them are from an earlier batch.
    count: usize,
    next: Next,
}

enum Next {
    More,
    End,
    Failed(Failure),
}

/// A source of inputs.
///
/// Batches go back to the thread that reads, which writes over them: an allocator is slow where one thread drops what another has made.
pub(crate) struct Inputs {
    batches: Receiver<Batch>,
    batch: Batch,
    /// How many of the batch are done with.
    taken: usize,
    back: Sender<Vec<Line>>,
    path: PathBuf,
    size: Option<u64>,
    read: Arc<AtomicU64>,
}

/// A file or, for `-`, standard input; and its size where that is known.
pub(crate) fn open(path: &Path) -> Result<(Box<dyn Read + Send>, Option<u64>), Failure> {
    if path.as_os_str() == "-" {
        return Ok((Box::new(io::stdin()), None));
    }
    let file = File::open(path).map_err(|error| Failure::file(path, &error))?;
    let size = file.metadata().ok().filter(std::fs::Metadata::is_file).map(|data| data.len());
    Ok((Box::new(file), size))
}

/// Passes over the mark that some programs write before UTF-8.
pub(crate) fn skip_mark(source: &mut dyn BufRead) -> io::Result<()> {
    if source.fill_buf()?.starts_with("\u{feff}".as_bytes()) {
        source.consume(3);
    }
    Ok(())
}

impl Inputs {
    /// Opens the events that the command line names.
    pub(crate) fn open(args: &Events, schema: &Schema) -> Result<Inputs, Failure> {
        let read = Arc::new(AtomicU64::new(0));
        let (rows, size) = Rows::open(args, schema, Arc::clone(&read))?;
        let (sender, batches) = sync_channel(WAITING);
        let (back, done) = channel();
        std::thread::Builder::new()
            .name("reader".into())
            .spawn(move || read_ahead(rows, &sender, &done))
            .map_err(|error| Failure::Io(format!("cannot start a thread: {error}")))?;
        let path = args.events.clone();
        let batch = Batch { lines: Vec::new(), count: 0, next: Next::More };
        Ok(Inputs { batches, batch, taken: 0, back, path, size, read })
    }

    /// How many bytes there are, where that is known.
    pub(crate) fn size(&self) -> Option<u64> {
        self.size
    }

    /// How many bytes have been read.
    pub(crate) fn read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// Where an input stands, for messages.
    pub(crate) fn place(&self, number: u64) -> String {
        let name =
            if self.path.as_os_str() == "-" { "<stdin>".into() } else { self.path.display().to_string() };
        format!("{name}:{number}")
    }

    /// The next input; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<&mut Line>, Failure> {
        while self.taken == self.batch.count {
            match std::mem::replace(&mut self.batch.next, Next::End) {
                Next::More => {}
                Next::End => return Ok(None),
                Next::Failed(failure) => return Err(failure),
            }
            let gone = |_| Failure::Io(format!("{}: it is no longer read", self.path.display()));
            let batch = self.batches.recv().map_err(gone)?;
            self.turn_to(batch);
        }
        self.taken += 1;
        Ok(self.batch.lines.get_mut(self.taken - 1))
    }

    /// Whether nothing is there yet, so that what has been decided should be shown before the wait.
    pub(crate) fn must_wait(&mut self) -> bool {
        if self.taken < self.batch.count || !matches!(self.batch.next, Next::More) {
            return false;
        }
        match self.batches.try_recv() {
            Ok(batch) => {
                self.turn_to(batch);
                false
            }
            Err(_) => true,
        }
    }

    fn turn_to(&mut self, batch: Batch) {
        let done = std::mem::replace(&mut self.batch, batch);
        self.taken = 0;
        // The thread may have ended already.
        let _ = self.back.send(done.lines);
    }
}

/// Reads until the end, a failure, or until nobody wants more.
fn read_ahead(mut rows: Rows, batches: &SyncSender<Batch>, done: &Receiver<Vec<Line>>) {
    loop {
        let mut lines = done.try_recv().unwrap_or_default();
        let mut count = 0;
        let next = loop {
            if lines.len() == count {
                lines.push(Line::blank());
            }
            match lines.get_mut(count).map(|line| rows.next(line)) {
                Some(Ok(true)) => count += 1,
                Some(Ok(false)) | None => break Next::End,
                Some(Err(failure)) => break Next::Failed(failure),
            }
            // What is there is decided at once, and does not wait for what comes later.
            if count == BATCH || rows.may_wait() {
                break Next::More;
            }
        };
        let more = matches!(next, Next::More);
        if batches.send(Batch { lines, count, next }).is_err() || !more {
            return;
        }
    }
}
