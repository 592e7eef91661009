//! Rows of a table, from CSV or Excel.

use super::cells::plain;
use crate::error::LedgerError;
use std::path::Path;

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Comma-separated values in UTF-8, with a header.
    Csv,
    /// Excel's `.xlsx`: the first sheet. Other Excel and OpenDocument files are read too. Needs the feature `excel`.
    Excel,
}

impl Format {
    /// What the name of a file says.
    #[must_use]
    pub fn of(path: &Path) -> Format {
        let excel = ["xlsx", "xls", "xlsm", "xlsb", "ods"];
        match path.extension().and_then(|extension| extension.to_str()) {
            Some(extension) if excel.contains(&&*extension.to_ascii_lowercase()) => Format::Excel,
            _ => Format::Csv,
        }
    }
}

/// A table in memory: the header, and each row with its number as a spreadsheet shows it.
pub(super) struct Table {
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<(u64, Vec<String>)>,
}

/// More rows are refused: a spreadsheet has at most 1,048,576.
const MOST: usize = 2_000_000;

pub(super) fn read(bytes: &[u8], format: Format) -> Result<Table, LedgerError> {
    match format {
        Format::Csv => csv(bytes),
        Format::Excel => excel(bytes),
    }
}

fn odd(error: impl std::fmt::Display) -> LedgerError {
    LedgerError::Refused(format!("the table can't be read: {error}"))
}

fn csv(bytes: &[u8]) -> Result<Table, LedgerError> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    // Excel in many countries writes semicolons: what the header has more of.
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |wanted: u8| first.iter().filter(|byte| **byte == wanted).count();
    let delimiter = [b';', b'\t'].into_iter().find(|other| count(*other) > count(b',')).unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new().flexible(true).delimiter(delimiter).from_reader(bytes);
    let header = reader.headers().map_err(odd)?.iter().map(|name| name.trim().to_owned()).collect();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(odd)?;
        let line = record.position().map_or(0, csv::Position::line);
        rows.push((line, record.iter().map(|cell| plain(cell.trim()).to_owned()).collect()));
        if rows.len() > MOST {
            return Err(odd(format!("it has more than {MOST} rows")));
        }
    }
    Ok(Table { header, rows })
}

#[cfg(feature = "excel")]
fn excel(bytes: &[u8]) -> Result<Table, LedgerError> {
    use calamine::{Data, Reader};
    let mut book = calamine::open_workbook_auto_from_rs(std::io::Cursor::new(bytes)).map_err(odd)?;
    let sheet = book.worksheet_range_at(0).ok_or_else(|| odd("it has no sheet"))?.map_err(odd)?;
    let first = sheet.start().map_or(0, |(row, _)| u64::from(row)) + 1;
    let text = |cell: &Data| match cell {
        Data::Empty => String::new(),
        Data::String(text) => text.trim().to_owned(),
        // Whole numbers, as levels and telephone numbers are, without a point.
        Data::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        Data::DateTime(time) => {
            let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
        }
        other => other.to_string(),
    };
    let mut rows = sheet.rows().zip(first..);
    let header = match rows.next() {
        Some((header, _)) => header.iter().map(text).collect(),
        None => return Err(odd("its first sheet is empty")),
    };
    let rows: Vec<(u64, Vec<String>)> =
        rows.take(MOST + 1).map(|(row, number)| (number, row.iter().map(text).collect())).collect();
    if rows.len() > MOST {
        return Err(odd(format!("it has more than {MOST} rows")));
    }
    Ok(Table { header, rows })
}

#[cfg(not(feature = "excel"))]
fn excel(_: &[u8]) -> Result<Table, LedgerError> {
    Err(LedgerError::Refused("this build can't read Excel: it lacks the feature `excel`".into()))
}
