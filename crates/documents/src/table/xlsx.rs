//! Workbooks, row by row. Before the reader is let in, every part is unpacked once and counted: a small file that
//! unpacks to a huge one is refused.

use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::Path;

use calamine::{DataRef, ExcelDateTime, Reader as _, SheetVisible, Xlsx, XlsxCellReader, XlsxError};

use super::Limits;
use super::error::{RowProblem, TableError};
use super::row::RawRow;

pub(crate) type Workbook = Xlsx<BufReader<File>>;

fn damaged(error: impl std::fmt::Display) -> TableError {
    TableError::Damaged(error.to_string().chars().take(200).collect())
}

/// Opens a workbook after having counted what it unpacks to. Returns the names of its visible sheets.
pub(crate) fn open(path: &Path, limits: Limits) -> Result<(Workbook, Vec<String>), TableError> {
    count_unpacked(path, limits)?;
    let file = File::open(path).map_err(|e| TableError::io(path, e))?;
    let workbook = Xlsx::new(BufReader::new(file)).map_err(damaged)?;
    let visible = |sheet: &&calamine::Sheet| sheet.visible == SheetVisible::Visible;
    let sheets = workbook.sheets_metadata().iter().filter(visible).map(|sheet| sheet.name.clone()).collect();
    Ok((workbook, sheets))
}

fn count_unpacked(path: &Path, limits: Limits) -> Result<(), TableError> {
    let file = File::open(path).map_err(|e| TableError::io(path, e))?;
    let mut archive = zip::ZipArchive::new(BufReader::new(file)).map_err(damaged)?;
    if archive.len() > limits.parts {
        return Err(TableError::TooLarge { what: "parts", limit: limits.parts as u64 });
    }
    if archive.index_for_name("xl/workbook.xml").is_none() {
        return Err(TableError::NotATable("ZIP or other office"));
    }
    // The names of sizes in the archive may lie: what comes out is counted.
    let (mut sheets, mut others) = (limits.unpacked, limits.shared);
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(damaged)?;
        let is_sheet = part.name().map_err(damaged)?.starts_with("xl/worksheets/");
        let (left, limit) = if is_sheet { (&mut sheets, limits.unpacked) } else { (&mut others, limits.shared) };
        let size = std::io::copy(&mut part.take(*left + 1), &mut std::io::sink()).map_err(damaged)?;
        *left = left.checked_sub(size).ok_or(TableError::TooLarge { what: "unpacked bytes", limit })?;
    }
    Ok(())
}

/// The rows of one sheet.
pub(crate) struct XlsxRows<'a> {
    cells: XlsxCellReader<'a, BufReader<File>>,
    /// The first cell of the next row.
    waiting: Option<(u32, u32, Cell)>,
    /// The reader may not be asked again after its last cell.
    done: bool,
    limits: Limits,
}

enum Cell {
    Text(String),
    Error,
}

impl<'a> XlsxRows<'a> {
    pub(crate) fn new(workbook: &'a mut Workbook, sheet: &str, limits: Limits) -> Result<Self, TableError> {
        let cells = workbook.worksheet_cells_reader(sheet).map_err(|error| match error {
            XlsxError::WorksheetNotFound(_) | XlsxError::NotAWorksheet(_) => TableError::NoSheet(sheet.to_owned()),
            other => damaged(other),
        })?;
        Ok(Self { cells, waiting: None, done: false, limits })
    }

    fn next_cell(&mut self) -> Result<Option<(u32, u32, Cell)>, TableError> {
        if let Some(waiting) = self.waiting.take() {
            return Ok(Some(waiting));
        }
        while !self.done {
            let Some(cell) = self.cells.next_cell().map_err(damaged)? else { break };
            let (row, column) = cell.get_position();
            let text = match cell.get_value() {
                DataRef::Error(_) => Cell::Error,
                value => Cell::Text(text_of(value)),
            };
            if !matches!(&text, Cell::Text(text) if text.is_empty()) {
                return Ok(Some((row, column, text)));
            }
        }
        self.done = true;
        Ok(None)
    }

    pub(crate) fn next(&mut self) -> Result<Option<RawRow>, TableError> {
        let Some((row, column, cell)) = self.next_cell()? else { return Ok(None) };
        let number = u64::from(row) + 1;
        let mut raw = RawRow { number, line: number, ..RawRow::default() };
        self.put(&mut raw, column, cell);
        while let Some((next, column, cell)) = self.next_cell()? {
            if next < row {
                return Err(damaged("rows out of order"));
            }
            if next > row {
                self.waiting = Some((next, column, cell));
                break;
            }
            self.put(&mut raw, column, cell);
        }
        Ok(Some(raw))
    }

    fn put(&self, raw: &mut RawRow, column: u32, cell: Cell) {
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        raw.width = column;
        if column >= self.limits.columns {
            raw.note(RowProblem::TooManyColumns { limit: self.limits.columns });
            return;
        }
        let text = match cell {
            Cell::Text(text) if text.len() > self.limits.field => {
                raw.note(RowProblem::FieldTooLarge { limit: self.limits.field });
                String::new()
            }
            Cell::Text(text) if text.contains('\0') => {
                raw.note(RowProblem::Nul);
                String::new()
            }
            Cell::Text(text) => text,
            Cell::Error => {
                raw.note(RowProblem::CellError);
                String::new()
            }
        };
        if raw.fields.len() <= column {
            raw.fields.resize(column + 1, String::new());
        }
        if let Some(field) = raw.fields.get_mut(column) {
            *field = text;
        }
        raw.width = raw.fields.len();
    }
}

/// The cell as text: dates by ISO 8601, numbers without the noise of binary fractions.
fn text_of(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number_text(*number),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(flag) => flag.to_string(),
        DataRef::DateTime(at) => date_text(at),
        DataRef::Error(error) => error.to_string(),
    }
}

/// As a spreadsheet shows it: fifteen significant digits at most (ECMA-376 part 1, 18.17.5.2), no exponent.
fn number_text(number: f64) -> String {
    if !number.is_finite() {
        return number.to_string();
    }
    let rounded: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    // Display of a float writes the shortest digits that mean it, without an exponent.
    if rounded == 0.0 { "0".to_owned() } else { rounded.to_string() }
}

fn date_text(at: &ExcelDateTime) -> String {
    if at.is_duration() {
        return number_text(at.as_f64());
    }
    let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) { date } else { format!("{date}T{hour:02}:{minute:02}:{second:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_no_noise() {
        for (number, text) in [
            (0.1 + 0.2, "0.3"),
            (1_265_793.29, "1265793.29"),
            (9.8, "9.8"),
            (14.0, "14"),
            (-0.0, "0"),
            (358_401_234_567.0, "358401234567"),
            (1e20, "100000000000000000000"),
            (2.0 / 3.0, "0.666666666666667"),
        ] {
            assert_eq!(number_text(number), text);
        }
    }
}
