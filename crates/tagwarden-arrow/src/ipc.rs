//! Arrow's own files and streams.

use crate::bind::Binding;
use crate::files::{Batches, FileError, open, unbound, wrong};
use crate::mapping::Mapping;
use arrow_array::RecordBatchReader;
use arrow_ipc::reader::{FileReader, StreamReader};
use std::io::{BufRead, BufReader, Seek};
use std::path::Path;
use tagwarden::Schema;

/// How a file begins. A stream begins with the length of its schema.
const MAGIC: &[u8] = b"ARROW1";

/// What stands before the stream that is in every file.
const HEAD: usize = 8;

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

/// Reads an Arrow IPC stream of events, or a file from its beginning to its end, as from a pipe. The path is for messages.
///
/// # Errors
/// [`FileError`]: it is torn or of another format, or its columns do not fit the schema.
pub fn read_ipc<R: BufRead + Send + 'static>(
    mut source: R,
    path: &Path,
    schema: &Schema,
    mapping: &Mapping,
) -> Result<Batches, FileError> {
    let failed = |error| FileError::Open { path: path.to_owned(), error };
    let start = source.fill_buf().map_err(failed)?;
    if start.is_empty() {
        return Err(wrong(path, STREAM, &"nothing is there, not even a schema"));
    }
    // The schema comes after its length, which is below 2^24 where the stream is one: what is text says so at once, before
    // memory is asked for.
    if start.starts_with(MAGIC) {
        if start.len() < HEAD {
            return Err(wrong(path, STREAM, &"it ends in its first bytes"));
        }
        source.consume(HEAD);
    } else if !start.starts_with(&[0xff; 4]) && start.get(3).is_none_or(|high| *high != 0) {
        return Err(wrong(path, STREAM, &"it does not begin as one"));
    }
    let reader = StreamReader::try_new(source, None).map_err(|error| wrong(path, STREAM, &error))?;
    let binding = Binding::of(schema, &reader.schema(), mapping).map_err(|error| unbound(path, error))?;
    Ok(Batches::new(path, STREAM, None, binding, Box::new(reader)))
}
