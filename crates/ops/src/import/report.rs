//! What an import tells while it runs and when it has ended.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use seloste_domain::field::FieldError;
use seloste_domain::id::ImportId;
use seloste_domain::import::{Problem, code};
use seloste_store::import::Counts;
use serde::Serialize;

/// Errors and warnings that a report lists one by one; the error file has them all.
const LISTED: usize = 100;

/// Gives the words for what is wrong with a row.
#[derive(Clone)]
pub struct Describe(pub Arc<dyn Fn(&FieldError) -> String + Send + Sync>);

impl std::fmt::Debug for Describe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Describe")
    }
}

/// The words for an error: English for the codes of imports, the code itself for those of fields.
pub(super) fn described(describe: Option<&Describe>, error: &FieldError) -> String {
    if let Some(Describe(words)) = describe {
        return words(error);
    }
    if code::ALL.contains(&error.code) {
        return Problem::new(error.code, &[]).message();
    }
    error.args.iter().fold(error.code.to_owned(), |text, (name, value)| format!("{text} {name}={value}"))
}

/// How far an import has come.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Progress {
    /// Rows done.
    pub rows: u64,
    /// The share of the file that is done, by its bytes: an estimate.
    pub percent: u8,
}

/// A row that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowError {
    /// The row's number as a spreadsheet shows it.
    pub row: u64,
    /// The column, if one is to blame.
    pub column: Option<String>,
    /// What is wrong; it never holds the value.
    pub error: FieldError,
}

/// Something odd that was kept, and how often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// Its code.
    pub code: &'static str,
    /// In how many values.
    pub count: u64,
    /// The first rows.
    pub rows: Vec<u64>,
}

/// What an import did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Its id; none after a dry run.
    pub import: Option<ImportId>,
    /// Rows, and what became of the things in them.
    pub counts: Counts,
    /// Values of the register that were stronger or newer than the file's, and were kept.
    pub kept: u64,
    /// What was odd.
    pub warnings: Vec<Warning>,
    /// The first rows that were refused.
    pub errors: Vec<RowError>,
    /// The file of all rows that were refused, if there are any and it was asked for.
    pub error_file: Option<PathBuf>,
    /// Columns that the notice refused, and those dropped by choice.
    pub refused_columns: Vec<String>,
    /// Columns dropped by choice.
    pub dropped_columns: Vec<String>,
    /// Whether it was stopped before the end of the file.
    pub cancelled: bool,
    #[serde(skip)]
    gathered: BTreeMap<&'static str, Warning>,
}

impl Report {
    pub(super) fn warn(&mut self, code: &'static str, row: u64) {
        let warning = self.gathered.entry(code).or_insert_with(|| Warning { code, count: 0, rows: Vec::new() });
        warning.count += 1;
        if warning.rows.len() < LISTED {
            warning.rows.push(row);
        }
    }

    pub(super) fn refuse(&mut self, error: RowError) {
        if self.errors.len() < LISTED {
            self.errors.push(error);
        }
    }

    pub(super) fn close(&mut self) {
        self.warnings = std::mem::take(&mut self.gathered).into_values().collect();
    }
}
