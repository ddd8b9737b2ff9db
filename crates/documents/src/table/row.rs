//! A row as it is read.

use super::error::RowProblem;

/// A row of a table.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Row {
    /// Its number as a spreadsheet shows it: the header is usually 1.
    pub number: u64,
    /// The physical line on which it begins; the same as the number in XLSX.
    pub line: u64,
    /// The cells, as many as there are headers.
    pub fields: Vec<String>,
    /// How many cells at its end were not there and were added as empty.
    pub padded: usize,
    /// Why the row can not be used, with the index of the column.
    pub problem: Option<(usize, RowProblem)>,
}

/// A row before it is compared with the header.
#[derive(Clone, Debug, Default)]
pub(crate) struct RawRow {
    pub(crate) number: u64,
    pub(crate) line: u64,
    pub(crate) fields: Vec<String>,
    /// Cells, those too many for a table included.
    pub(crate) width: usize,
    pub(crate) problem: Option<(usize, RowProblem)>,
}

impl RawRow {
    /// Notes a problem of the cell that is being read, unless there is one already.
    pub(crate) fn note(&mut self, problem: RowProblem) {
        self.problem.get_or_insert((self.width, problem));
    }

    /// Whether no cell has anything in it.
    pub(crate) fn is_blank(&self) -> bool {
        self.problem.is_none() && self.fields.iter().all(|field| field.trim().is_empty())
    }

    /// The row with as many cells as there are headers.
    pub(crate) fn fit(mut self, expected: usize) -> Row {
        let extra = self.fields.iter().skip(expected).position(|field| !field.trim().is_empty());
        if let Some(extra) = extra {
            let found = self.width;
            self.problem.get_or_insert((expected + extra, RowProblem::ExtraCells { found, expected }));
        } else {
            self.fields.truncate(expected);
        }
        let padded = expected.saturating_sub(self.fields.len());
        // What is left over stays in the row: the error file shows it.
        self.fields.resize(self.fields.len().max(expected), String::new());
        Row { number: self.number, line: self.line, fields: self.fields, padded, problem: self.problem }
    }
}
