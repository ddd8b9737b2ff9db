//! Separated text, RFC 4180 and its relatives, with a bound on every length. A quoted field may hold separators, line
//! breaks and doubled quotes; a quote inside an unquoted field is a character like others.

use super::encoding::Decoded;
use super::error::{RowProblem, TableError};
use super::row::RawRow;
use super::{Limits, Separator};

/// Where the text comes from.
pub(crate) enum Text {
    /// The file.
    File(Box<Decoded>),
    /// The beginning of it, already decoded.
    Sample(Option<Vec<u8>>),
}

impl Text {
    fn fill(&mut self, out: &mut Vec<u8>) -> Result<bool, TableError> {
        match self {
            Self::File(decoded) => decoded.fill(out),
            Self::Sample(sample) => Ok(sample.take().map(|mut text| out.append(&mut text)).is_some()),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    FieldStart,
    Plain,
    Quoted,
    /// After a quote inside a quoted field: its end, or the first of two.
    Quote,
}

/// Reads records.
pub(crate) struct CsvReader {
    text: Text,
    buffer: Vec<u8>,
    at: usize,
    separator: u8,
    limits: Limits,
    line: u64,
    row: u64,
    after_return: bool,
}

/// A record while it is read.
struct Building {
    row: RawRow,
    field: Vec<u8>,
    state: State,
    any: bool,
}

impl CsvReader {
    pub(crate) fn new(text: Text, separator: Separator, limits: Limits) -> Self {
        let separator = separator.byte();
        Self { text, buffer: Vec::new(), at: 0, separator, limits, line: 1, row: 0, after_return: false }
    }

    fn next_byte(&mut self) -> Result<Option<u8>, TableError> {
        while self.at >= self.buffer.len() {
            self.buffer.clear();
            self.at = 0;
            if !self.text.fill(&mut self.buffer)? {
                return Ok(None);
            }
        }
        let byte = self.buffer.get(self.at).copied();
        self.at += 1;
        Ok(byte)
    }

    /// The next record that is not an empty line; none at the end. `row` counts empty lines, as a spreadsheet does.
    pub(crate) fn next(&mut self) -> Result<Option<RawRow>, TableError> {
        loop {
            self.row += 1;
            let mut building = Building {
                row: RawRow { number: self.row, line: self.line, ..RawRow::default() },
                field: Vec::new(),
                state: State::FieldStart,
                any: false,
            };
            let more = self.record(&mut building)?;
            if building.any {
                return Ok(Some(building.row));
            }
            if !more {
                return Ok(None);
            }
        }
    }

    /// Reads to the end of a record; false at the end of the text.
    fn record(&mut self, building: &mut Building) -> Result<bool, TableError> {
        while let Some(byte) = self.next_byte()? {
            // CR LF is one line break.
            if byte == b'\n' && std::mem::take(&mut self.after_return) && building.state != State::Quoted {
                building.row.line = self.line;
                continue;
            }
            self.after_return = false;
            if byte == b'\n' || (byte == b'\r' && building.state != State::Quoted) {
                self.line += 1;
            }
            if self.take(building, byte) {
                self.after_return = byte == b'\r';
                return Ok(true);
            }
        }
        if building.state == State::Quoted {
            building.row.note(RowProblem::UnclosedQuote);
        }
        if building.any {
            self.end_field(building);
        }
        Ok(false)
    }

    /// Takes one byte; true when it ended the record.
    fn take(&self, building: &mut Building, byte: u8) -> bool {
        match (building.state, byte) {
            (State::Quoted, b'"') => building.state = State::Quote,
            (State::Quoted, byte) => self.push(building, byte),
            (State::Quote, b'"') => {
                self.push(building, b'"');
                building.state = State::Quoted;
            }
            (_, b'\r' | b'\n') => {
                if building.any {
                    self.end_field(building);
                }
                return true;
            }
            (_, byte) if byte == self.separator => {
                building.any = true;
                self.end_field(building);
            }
            (State::FieldStart, b'"') => {
                building.any = true;
                building.state = State::Quoted;
            }
            (_, byte) => {
                building.any = true;
                building.state = State::Plain;
                self.push(building, byte);
            }
        }
        false
    }

    fn push(&self, building: &mut Building, byte: u8) {
        if byte == 0 {
            building.row.note(RowProblem::Nul);
        } else if building.field.len() < self.limits.field {
            building.field.push(byte);
        } else {
            building.row.note(RowProblem::FieldTooLarge { limit: self.limits.field });
        }
    }

    fn end_field(&self, building: &mut Building) {
        building.state = State::FieldStart;
        let field = std::mem::take(&mut building.field);
        if building.row.fields.len() < self.limits.columns {
            // The text was decoded: it is UTF-8, cut at ASCII characters or at the limit of a field.
            building.row.fields.push(String::from_utf8_lossy(&field).into_owned());
        } else {
            building.row.note(RowProblem::TooManyColumns { limit: self.limits.columns });
        }
        building.row.width += 1;
    }
}
