//! What can go wrong with a file.

use std::path::{Path, PathBuf};

/// Why a file can not be read as a table. It never holds the file's contents.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The system refuses.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// Not a table: a PDF, a picture, an old or another office file, whatever its name says.
    #[error("this is a {0} file, not a table: save it as CSV (UTF-8) or XLSX")]
    NotATable(&'static str),
    /// The file has nothing in it.
    #[error("the file is empty")]
    Empty,
    /// No encoding of this name.
    #[error("`{0}` is not an encoding: use utf-8, utf-16le, utf-16be, windows-1252 or another name of the WHATWG list")]
    UnknownEncoding(String),
    /// Bytes that the encoding does not have.
    #[error("line {line} is not {encoding}")]
    Encoding {
        /// The encoding that was given or that the file's beginning announces.
        encoding: &'static str,
        /// The physical line, from 1.
        line: u64,
    },
    /// Some lines are in UTF-8, others are not.
    #[error(
        "the file mixes encodings: line {utf8_line} is UTF-8, line {other_line} is not; mend it, or say --encoding"
    )]
    MixedEncodings {
        /// The first line that has letters in UTF-8.
        utf8_line: u64,
        /// The first line that is not UTF-8.
        other_line: u64,
    },
    /// The encoding can not be told with enough certainty.
    #[error(
        "the encoding can not be told (line {line} is the first that is not UTF-8; {guess} is a guess): say --encoding"
    )]
    UnclearEncoding {
        /// What it may be.
        guess: &'static str,
        /// The first line that is not UTF-8.
        line: u64,
    },
    /// Larger than the limit.
    #[error("the file has more than {limit} {what}")]
    TooLarge {
        /// What there is too much of: `bytes`, `rows`, `columns`, `unpacked bytes`.
        what: &'static str,
        /// How much is allowed.
        limit: u64,
    },
    /// No sheet of this name.
    #[error("there is no sheet `{0}`")]
    NoSheet(String),
    /// An XLSX file is damaged.
    #[error("the XLSX file is damaged: {0}")]
    Damaged(String),
}

impl TableError {
    pub(crate) fn io(path: &Path, error: std::io::Error) -> Self {
        Self::Io { path: path.to_owned(), error }
    }

    /// The message's key in the Fluent files.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "table-io",
            Self::NotATable(_) => "table-not-a-table",
            Self::Empty => "table-empty",
            Self::UnknownEncoding(_) => "table-unknown-encoding",
            Self::Encoding { .. } => "table-encoding",
            Self::MixedEncodings { .. } => "table-mixed-encodings",
            Self::UnclearEncoding { .. } => "table-unclear-encoding",
            Self::TooLarge { .. } => "table-too-large",
            Self::NoSheet(_) => "table-no-sheet",
            Self::Damaged(_) => "table-damaged",
        }
    }

    /// The message's arguments.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Io { path, error } => vec![("path", path.display().to_string()), ("error", error.to_string())],
            Self::NotATable(what) => vec![("what", (*what).to_owned())],
            Self::Empty => Vec::new(),
            Self::UnknownEncoding(name) | Self::NoSheet(name) => vec![("name", name.clone())],
            Self::Encoding { encoding, line } => {
                vec![("encoding", (*encoding).to_owned()), ("line", line.to_string())]
            }
            Self::MixedEncodings { utf8_line, other_line } => {
                vec![("utf8_line", utf8_line.to_string()), ("other_line", other_line.to_string())]
            }
            Self::UnclearEncoding { guess, line } => vec![("guess", (*guess).to_owned()), ("line", line.to_string())],
            Self::TooLarge { what, limit } => vec![("what", (*what).to_owned()), ("limit", limit.to_string())],
            Self::Damaged(why) => vec![("why", why.clone())],
        }
    }
}

/// Why one row can not be used. The rest of the file can.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RowProblem {
    /// A field is longer than the limit: perhaps a quote was never closed.
    FieldTooLarge {
        /// Bytes allowed.
        limit: usize,
    },
    /// A field holds the character U+0000.
    Nul,
    /// There are cells with something in them beyond the last header.
    ExtraCells {
        /// Cells found.
        found: usize,
        /// Columns of the header.
        expected: usize,
    },
    /// More cells than any table may have.
    TooManyColumns {
        /// Columns allowed.
        limit: usize,
    },
    /// The file ends inside quotes.
    UnclosedQuote,
    /// The cell of a spreadsheet holds an error such as `#N/A`.
    CellError,
}

impl RowProblem {
    /// The message's key in the Fluent files.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::FieldTooLarge { .. } => "row-field-too-large",
            Self::Nul => "row-nul",
            Self::ExtraCells { .. } => "row-extra-cells",
            Self::TooManyColumns { .. } => "row-too-many-columns",
            Self::UnclosedQuote => "row-unclosed-quote",
            Self::CellError => "row-cell-error",
        }
    }

    /// The message's arguments.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::FieldTooLarge { limit } | Self::TooManyColumns { limit } => vec![("max", limit.to_string())],
            Self::ExtraCells { found, expected } => {
                vec![("found", found.to_string()), ("expected", expected.to_string())]
            }
            Self::Nul | Self::UnclosedQuote | Self::CellError => Vec::new(),
        }
    }
}
