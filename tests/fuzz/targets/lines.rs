//! Single inputs, as they are read and written; no engine takes them, so that there is time for more of them.

use super::rulebook;
use tagwarden::{Event, Input, InputError, Reader, Schema, TimeUnit};

/// However a line is read it gives the same, and what it gives is written so that it is read as the same again.
pub fn target(data: &[u8]) {
    let schema = rulebook().schema();
    for unit in [TimeUnit::Millis, TimeUnit::Seconds] {
        let reader = Reader::new(schema, unit);
        let used = reader.json(USED).expect("a line that reads");
        let Input::Event(mut used) = used else { return };
        for line in data.split(|byte| *byte == b'\n') {
            let read = reader.json(line);
            assert_eq!(read, reader.json_in_general(line), "the quick way and the general one");
            assert_eq!(read, over(&reader, line, &mut used), "written over an event that is done with");
            match read {
                Ok(input) => again(&reader, schema, &input),
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
        table(&reader, data);
    }
}

const USED: &[u8] = br#"{"type":"order","time":"2026-01-01T00:00:00Z","customer":"long ago","amount":1,"sku":"a","paid":true,"id":"1"}"#;

fn over(reader: &Reader, line: &[u8], used: &mut Event) -> Result<Input, InputError> {
    let other = reader.json_over(line, used)?;
    Ok(other.unwrap_or_else(|| Input::Event(used.clone())))
}

fn again(reader: &Reader, schema: &Schema, input: &Input) {
    if let Input::Event(event) = input {
        assert_eq!(event.validate(schema), Ok(()), "what is read is an event of the schema");
    }
    let written = input.to_json(schema);
    assert_eq!(reader.json(written.as_bytes()).as_ref(), Ok(input), "{written}");
    assert_eq!(reader.json_in_general(written.as_bytes()).as_ref(), Ok(input), "{written}");
}

/// The bytes as a table of commas: the first line is the header.
fn table(reader: &Reader, data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut rows = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = rows.next().unwrap_or_default();
    for event in [None, Some("order")] {
        let Ok(columns) = reader.columns(&header, event) else { continue };
        for row in rows.clone() {
            if let Ok(input) = columns.record(&row) {
                again(reader, rulebook().schema(), &input);
            }
        }
    }
}
