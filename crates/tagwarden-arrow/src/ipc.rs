//! Arrow's own files and streams.

use crate::bind::Binding;
use crate::files::{Batches, FileError, open, unbound, wrong};
use crate::mapping::Mapping;
use arrow_array::RecordBatchReader;
use arrow_ipc::reader::{FileReader, StreamReader};
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek};
use std::path::Path;
use tagwarden::Schema;

/// How a file begins. A stream begins with the length of its schema.
const MAGIC: &[u8] = b"ARROW1";

/// In files everything begins at a multiple of this.
const STEP: usize = 8;

const FILE: &str = "an Arrow IPC file";
const STREAM: &str = "an Arrow IPC stream";

/// Opens an Arrow IPC file of events, also called Feather, or a file that holds a stream. Of a file only the columns that the
/// events of the schema have are read.
///
/// # Errors
/// [`FileError`]: the file cannot be opened, is torn or of another format, or its columns do not fit the schema.
pub fn open_ipc(path: &Path, schema: &Schema, mapping: &Mapping) -> Result<Batches, FileError> {
    let failed = |error| FileError::Open { path: path.to_owned(), error };
    let mut file = BufReader::new(open(path)?);
    if !file.fill_buf().map_err(failed)?.starts_with(MAGIC) {
        return read_ipc(file, path, schema, mapping);
    }
    file.rewind().map_err(failed)?;
    let whole = FileReader::try_new(&mut file, None).map_err(|error| wrong(path, FILE, &error))?;
    let bind = |table: &arrow_schema::Schema| Binding::of(schema, table, mapping);
    let columns = bind(&RecordBatchReader::schema(&whole)).map_err(|error| unbound(path, error))?.columns();
    file.rewind().map_err(failed)?;
    let reader = FileReader::try_new(file, Some(columns)).map_err(|error| wrong(path, FILE, &error))?;
    let binding = bind(&RecordBatchReader::schema(&reader)).map_err(|error| unbound(path, error))?;
    Ok(Batches::new(path, FILE, None, binding, Box::new(reader)))
}

/// Reads an Arrow IPC stream of events, or a file from its beginning to its end, as from a pipe. It is read in small pieces: the
/// source should be buffered. The path is for messages.
///
/// # Errors
/// [`FileError`]: it is torn or of another format, or its columns do not fit the schema.
pub fn read_ipc<R: Read + Send + 'static>(
    mut source: R,
    path: &Path,
    schema: &Schema,
    mapping: &Mapping,
) -> Result<Batches, FileError> {
    let mut start = [0; STEP];
    let mut step = |source: &mut R| match source.read_exact(&mut start) {
        Ok(()) => Ok(start),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            Err(wrong(path, STREAM, &"it ends in its first bytes"))
        }
        Err(error) => Err(FileError::Open { path: path.to_owned(), error }),
    };
    let mut start = step(&mut source)?;
    if start.starts_with(MAGIC) {
        // Up to the stream in it stand noughts, as many as the writer liked.
        start = step(&mut source)?;
        while start == [0; STEP] {
            start = step(&mut source)?;
        }
    } else if !start.starts_with(&[0xff; 4]) && start.get(3).is_none_or(|high| *high != 0) {
        // Older streams begin with the length of their schema, which is below 2^24. What is text is known by that before
        // memory is asked for.
        return Err(wrong(path, STREAM, &"it does not begin as one"));
    }
    let source = Cursor::new(start).chain(source);
    let reader = StreamReader::try_new(source, None).map_err(|error| wrong(path, STREAM, &error))?;
    let binding = Binding::of(schema, &reader.schema(), mapping).map_err(|error| unbound(path, error))?;
    Ok(Batches::new(path, STREAM, None, binding, Box::new(reader)))
}
