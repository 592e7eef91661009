//! Files of events: every form of a column, and files that are none.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail so")]

use arrow_array::types::Int8Type;
use arrow_array::{
    ArrayRef, Decimal128Array, DictionaryArray, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray, TimestampSecondArray,
};
use arrow_ipc::writer::{FileWriter, StreamWriter};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, GzipLevel, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use tagwarden::{Input, Rulebook, Timestamp, Value};
use tagwarden_arrow::{Batches, FileError, Mapping, RowInputs, open_ipc, open_parquet, read_ipc};

const RULES: &str = "entity customer  event order(customer) { amount: number, note: string? }
rule all { on order then tag seen }";

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

fn rules() -> &'static Rulebook {
    static COMPILED: LazyLock<Rulebook> = LazyLock::new(|| Rulebook::compile(RULES).unwrap());
    &COMPILED
}

fn batch(times: ArrayRef) -> RecordBatch {
    let amounts = Decimal128Array::from(vec![Some(100_000_000_000_000_001), None, Some(25)]);
    let customers = Arc::new(StringArray::from(vec!["c1", "c2"]));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("unused", Arc::new(Int64Array::from(vec![1, 2, 3]))),
        ("type", Arc::new(StringArray::from(vec!["order"; 3]))),
        ("note", Arc::new(StringArray::from(vec![None, Some("x"), Some("y")]))),
        ("time", times),
        (
            "customer",
            Arc::new(DictionaryArray::<Int8Type>::try_new(vec![0, 1, 1].into(), customers).unwrap()),
        ),
        ("amount", Arc::new(amounts.with_precision_and_scale(20, 2).unwrap())),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

fn millis() -> ArrayRef {
    Arc::new(TimestampMillisecondArray::from(vec![1_000, 2_000, 3_000]).with_timezone("UTC"))
}

fn write_parquet(path: &Path, batch: &RecordBatch, compression: Compression) {
    let properties =
        WriterProperties::builder().set_max_row_group_row_count(Some(2)).set_compression(compression).build();
    let mut writer =
        ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
}

fn write_file(path: &Path, batch: &RecordBatch) {
    let mut writer = FileWriter::try_new(File::create(path).unwrap(), &batch.schema()).unwrap();
    writer.write(batch).unwrap();
    writer.finish().unwrap();
}

fn write_stream(path: &Path, batch: &RecordBatch) {
    let mut writer = StreamWriter::try_new(File::create(path).unwrap(), &batch.schema()).unwrap();
    writer.write(batch).unwrap();
    writer.finish().unwrap();
}

/// Every row as text, refused ones by what is wrong with them.
fn rows(batches: Result<Batches, FileError>) -> Result<Vec<String>, FileError> {
    let mut rows = RowInputs::new(batches?);
    let mut out = Vec::new();
    let mut input = Ok(Input::Tick(Timestamp::MIN));
    while let Some(number) = rows.next_over(&mut input)? {
        out.push(match &input {
            Ok(Input::Event(event)) => {
                let fields = event.fields.iter().map(|field| match field {
                    Some(Value::Number(number)) => number.to_string(),
                    Some(Value::Text(text)) => text.to_string(),
                    None => "-".into(),
                    other => format!("{other:?}"),
                });
                let fields: Vec<_> = fields.collect();
                format!("{number} {} {} {}", event.time, event.keys.join(","), fields.join(" "))
            }
            Ok(other) => format!("{number} {other:?}"),
            Err(error) => format!("{number} {error}"),
        });
    }
    Ok(out)
}

fn parquet(path: &Path) -> Result<Vec<String>, FileError> {
    rows(open_parquet(path, rules().schema(), &Mapping::default()))
}

fn ipc(path: &Path) -> Result<Vec<String>, FileError> {
    rows(open_ipc(path, rules().schema(), &Mapping::default()))
}

fn check(rows: &[String]) {
    assert_eq!(rows.len(), 3, "{rows:?}");
    assert_eq!(rows[0], "1 1970-01-01T00:00:01Z c1 1000000000000000.01 -");
    assert_eq!(rows[1], "2 invalid: amount: expected number, found nothing");
    assert_eq!(rows[2], "3 1970-01-01T00:00:03Z c2 0.25 y");
}

#[test]
fn parquet_of_several_row_groups_and_every_compression() {
    let packed = [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::LZ4_RAW,
        Compression::ZSTD(ZstdLevel::default()),
        Compression::GZIP(GzipLevel::default()),
    ];
    for (at, compression) in packed.into_iter().enumerate() {
        let path = path(&format!("packed{at}.parquet"));
        write_parquet(&path, &batch(millis()), compression);
        check(&parquet(&path).unwrap());
    }
}

#[test]
fn only_the_columns_of_the_rulebook_are_read() {
    let (one, two) = (path("narrow.parquet"), path("narrow.arrow"));
    write_parquet(&one, &batch(millis()), Compression::SNAPPY);
    write_file(&two, &batch(millis()));
    let (rules, mapping) = (rules(), Mapping::default());
    for batches in [open_parquet(&one, rules.schema(), &mapping), open_ipc(&two, rules.schema(), &mapping)] {
        for batch in batches.unwrap() {
            assert_eq!(batch.unwrap().num_columns(), 5);
        }
    }
}

#[test]
fn arrow_files_and_streams() {
    let (file, stream) = (path("a.arrow"), path("a.arrows"));
    write_file(&file, &batch(millis()));
    write_stream(&stream, &batch(millis()));
    for path in [&file, &stream] {
        check(&ipc(path).unwrap());
        let source = BufReader::new(File::open(path).unwrap());
        check(&rows(read_ipc(source, path, rules().schema(), &Mapping::default())).unwrap());
    }
}

#[test]
fn times_in_every_unit_have_a_zone_or_are_refused() {
    let seconds = [1, 2, 3];
    let times = |factor: i64| seconds.map(|second| second * factor).to_vec();
    macro_rules! both {
        ($array:ident, $factor:expr) => {{
            let array = $array::from(times($factor));
            [Arc::new(array.clone().with_timezone("+08:00")) as ArrayRef, Arc::new(array) as ArrayRef]
        }};
    }
    let columns = [
        both!(TimestampSecondArray, 1),
        both!(TimestampMillisecondArray, 1_000),
        both!(TimestampMicrosecondArray, 1_000_000),
        both!(TimestampNanosecondArray, 1_000_000_000),
    ];
    let (one, two) = (path("times.parquet"), path("times.arrow"));
    for [zoned, naive] in columns {
        write_parquet(&one, &batch(Arc::clone(&zoned)), Compression::SNAPPY);
        write_file(&two, &batch(zoned));
        check(&parquet(&one).unwrap());
        check(&ipc(&two).unwrap());
        write_parquet(&one, &batch(Arc::clone(&naive)), Compression::SNAPPY);
        write_file(&two, &batch(naive));
        for refused in [parquet(&one), ipc(&two)] {
            let error = refused.unwrap_err();
            assert!(matches!(error, FileError::Binding { .. }));
            assert!(error.to_string().contains("with a zone"), "{error}");
        }
    }
}

#[test]
fn no_rows_are_no_mistake() {
    let empty = batch(millis()).slice(0, 0);
    let (one, two) = (path("empty.parquet"), path("empty.arrow"));
    write_parquet(&one, &empty, Compression::SNAPPY);
    write_file(&two, &empty);
    assert_eq!(parquet(&one).unwrap(), Vec::<String>::new());
    assert_eq!(ipc(&two).unwrap(), Vec::<String>::new());
}

#[test]
fn torn_files_and_other_files_are_told_by_name() {
    let (one, two, three) = (path("torn.parquet"), path("torn.arrow"), path("torn.arrows"));
    write_parquet(&one, &batch(millis()), Compression::SNAPPY);
    write_file(&two, &batch(millis()));
    write_stream(&three, &batch(millis()));
    for (path, read) in [(&one, parquet as fn(&Path) -> _), (&two, ipc), (&three, ipc)] {
        let file = File::options().write(true).open(path).unwrap();
        for end in (0..file.metadata().unwrap().len()).rev() {
            file.set_len(end).unwrap();
            match read(path) {
                Err(error) => assert!(error.to_string().contains("torn."), "{error}"),
                // A stream may end with its last batch, or before the first.
                Ok(rows) => {
                    assert!(path == &three && matches!(rows.len(), 0 | 3), "{} {end}", path.display())
                }
            }
        }
        for text in ["{\"type\":\"order\"}\n", "type,time\n", "PAR1", "ARROW1", "FEA1 and more than that"] {
            fs::write(path, text).unwrap();
            assert!(matches!(read(path), Err(FileError::Format { .. })), "{text}");
        }
    }
    let gone = parquet(&path("gone.parquet")).unwrap_err();
    assert!(matches!(gone, FileError::Open { .. }) && gone.to_string().contains("gone.parquet"));
}
