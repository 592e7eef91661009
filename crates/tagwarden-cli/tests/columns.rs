//! Events in columns: the same decisions as from the same events in JSON Lines, to the byte.

#![allow(clippy::unwrap_used, reason = "a test may fail so")]

use arrow_array::types::Int8Type;
use arrow_array::{
    ArrayRef, Decimal128Array, DictionaryArray, RecordBatch, StringArray, TimestampMillisecondArray,
};
use arrow_ipc::writer::{FileWriter, StreamWriter};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

const RULES: &str = r#"entity customer
event message(customer) { channel: "sms" | "email" }
event order(customer) { amount: number }
rule flood { when count(message) over 1h > 2 because "{count(message) over 1h} messages" then emit flood }
rule gold { while sum(order.amount) over 7d >= 1000 because "{sum(order.amount) over 7d} spent" then tag gold }
"#;

const ROWS: i64 = 20_000;
const START: i64 = 1_767_225_600_000;

/// The events as JSON Lines, and as a table. Every thousandth is an order without an amount: it is refused.
fn events() -> (String, RecordBatch) {
    let (mut json, mut times, mut customers) = (String::new(), Vec::new(), Vec::new());
    let (mut kinds, mut channels, mut amounts) = (Vec::new(), Vec::new(), Vec::new());
    for row in 0..ROWS {
        let time = START + row * 61_007;
        let customer = format!("c{}", row * 7_919 % 40);
        let _ = write!(json, "{{\"time\":{time},\"customer\":\"{customer}\",");
        let cents = (row % 3 == 0 && row % 1_000 != 0).then_some(i128::from(row * 31 % 20_011));
        if row % 3 == 0 {
            let amount = cents.map_or("null".into(), |cents| format!("{}.{:02}", cents / 100, cents % 100));
            let _ = writeln!(json, "\"type\":\"order\",\"amount\":{amount}}}");
        } else {
            json.push_str("\"type\":\"message\",\"channel\":\"sms\"}\n");
        }
        kinds.push(Some(if row % 3 == 0 { "order" } else { "message" }));
        channels.push((row % 3 != 0).then_some("sms"));
        amounts.push(cents);
        times.push(time);
        customers.push(customer);
    }
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("time", Arc::new(TimestampMillisecondArray::from(times).with_timezone("UTC"))),
        ("customer", Arc::new(StringArray::from(customers))),
        ("type", Arc::new(kinds.into_iter().collect::<DictionaryArray<Int8Type>>())),
        ("channel", Arc::new(StringArray::from(channels))),
        ("amount", Arc::new(Decimal128Array::from(amounts).with_precision_and_scale(12, 2).unwrap())),
    ];
    (json, RecordBatch::try_from_iter(columns).unwrap())
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let (json, batch) = events();
    fs::write(folder.join("a.tw"), RULES).unwrap();
    fs::write(folder.join("e.jsonl"), json).unwrap();
    let create = |name: &str| File::create(folder.join(name)).unwrap();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(3_000)).build();
    let mut parquet = ArrowWriter::try_new(create("e.parquet"), batch.schema(), Some(properties)).unwrap();
    let mut file = FileWriter::try_new(create("e.arrow"), &batch.schema()).unwrap();
    let mut stream = StreamWriter::try_new(create("e.arrows"), &batch.schema()).unwrap();
    for start in (0..batch.num_rows()).step_by(4_096) {
        let part = batch.slice(start, 4_096.min(batch.num_rows() - start));
        parquet.write(&part).unwrap();
        file.write(&part).unwrap();
        stream.write(&part).unwrap();
    }
    parquet.close().unwrap();
    file.finish().unwrap();
    stream.finish().unwrap();
    folder
}

/// What it writes, with the name of the file replaced, and its exit code.
fn run(folder: &Path, arguments: &[&str], input: Option<&str>) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tagwarden"));
    let stdin = input.map_or(Stdio::null(), |name| File::open(folder.join(name)).unwrap().into());
    let output = command.args(arguments).current_dir(folder).stdin(stdin).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

#[test]
fn the_same_decisions_as_from_json_lines() {
    let folder = folder("columns");
    for command in [&["run", "a.tw"][..], &["why", "--subject", "c7", "a.tw"]] {
        let (code, out, err) = run(&folder, &[command, &["e.jsonl"]].concat(), None);
        assert!(out.lines().count() > 10, "{out}{err}");
        for name in ["e.parquet", "e.arrow", "e.arrows"] {
            let (other, same, told) = run(&folder, &[command, &[name]].concat(), None);
            assert_eq!(other, code, "{name} {told}");
            assert!(same == out, "{name}");
            assert_eq!(told.replace(name, "e.jsonl"), err, "{name}");
        }
        let piped = [command, &["-", "--input-format", "arrow"]].concat();
        for name in ["e.arrows", "e.arrow"] {
            let (other, same, told) = run(&folder, &piped, Some(name));
            assert!((other, &same) == (code, &out), "{name} {told}");
        }
    }
}

#[test]
fn what_cannot_be_read_is_told() {
    let folder = folder("columns_bad");
    let (code, _, err) = run(&folder, &["run", "a.tw", "-", "--input-format", "parquet"], Some("e.parquet"));
    assert!(code == 2 && err.contains("standard input"), "{err}");
    let (code, _, err) = run(&folder, &["run", "a.tw", "e.jsonl", "--input-format", "parquet"], None);
    assert!(code == 4 && err.contains("e.jsonl: expected a Parquet file"), "{err}");
    let (code, _, err) = run(&folder, &["infer", "e.parquet"], None);
    assert!(code == 2 && err.contains("JSON Lines and CSV"), "{err}");
    for name in ["e.parquet", "e.arrow", "e.arrows"] {
        let whole = fs::read(folder.join(name)).unwrap();
        fs::write(folder.join(name), &whole[..whole.len() / 2]).unwrap();
        let (code, _, err) = run(&folder, &["run", "a.tw", name], None);
        assert!(code == 4 && err.contains(name) && !err.contains("panicked"), "{name} {err}");
    }
}

#[test]
fn one_type_for_every_row() {
    let folder = folder("columns_type");
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("time", Arc::new(arrow_array::Int64Array::from(vec![1, 2]))),
        ("customer", Arc::new(StringArray::from(vec![Some("c1"), None]))),
        ("amount", Arc::new(arrow_array::Int64Array::from(vec![5_000, 1]))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let file = File::create(folder.join("o.parquet")).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let arguments = ["run", "a.tw", "o.parquet", "--time-unit", "s", "--type", "order"];
    let (code, out, err) = run(&folder, &arguments, None);
    assert_eq!(code, 3);
    assert!(out.starts_with(r#"{"time":"1970-01-01T00:00:01Z""#), "{out}");
    assert!(err.starts_with("o.parquet:2: invalid: customer"), "{err}");
    let (code, _, err) = run(&folder, &["run", "a.tw", "o.parquet"], None);
    assert!(code == 2 && err.contains("(give it with --type EVENT)"), "{err}");
}

#[test]
fn times_without_a_zone_need_one() {
    let folder = folder("columns_zone");
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("time", Arc::new(TimestampMillisecondArray::from(vec![START]))),
        ("customer", Arc::new(StringArray::from(vec!["c1"]))),
        ("amount", Arc::new(arrow_array::Int64Array::from(vec![5_000]))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer =
        FileWriter::try_new(File::create(folder.join("o.arrow")).unwrap(), &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.finish().unwrap();
    let (code, _, err) = run(&folder, &["run", "a.tw", "o.arrow", "--type", "order"], None);
    assert!(code == 2 && err.contains("without one"), "{code} {err}");
    let arguments = ["run", "a.tw", "o.arrow", "--type", "order", "--zone", "Europe/Berlin"];
    let (code, out, err) = run(&folder, &arguments, None);
    assert!(code == 0 && out.starts_with(r#"{"time":"2025-12-31T23:00:00Z""#), "{out}{err}");
    let (code, _, err) = run(&folder, &["run", "a.tw", "o.arrow", "--zone", "Berlin"], None);
    assert!(code == 2 && err.contains("no time zone"), "{err}");
}
