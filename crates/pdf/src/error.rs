//! Why there is no PDF.

use std::path::{Path, PathBuf};

/// Why a document can not be made. No variant but [`Error::Template`] holds anything of the document: a template may
/// put into its message what it likes.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Error {
    /// More than fits.
    #[error("{what}: at most {limit}")]
    TooMuch {
        /// What there is too much of, by the field's name: `recipient rows`.
        what: &'static str,
        /// How much is allowed.
        limit: usize,
    },
    /// A table's row has more or fewer texts than the table has columns.
    #[error("row {row} of a table has not as many texts as there are columns")]
    UnevenTable {
        /// The row, from 1.
        row: usize,
    },
    /// A text that PDF/UA requires is missing.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// A measure of the style is not usable.
    #[error("{what} must be from {least} to {most}")]
    Measure {
        /// What is wrong, by the field's name.
        what: &'static str,
        /// The least.
        least: u32,
        /// The most.
        most: u32,
    },
    /// The logo can not be used.
    #[error("the logo can not be used: {0}")]
    Logo(String),
    /// The template can not be used, or does what it may not.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Template(Vec<Problem>),
    /// The template takes too long, or another one does still.
    #[error("the template takes longer than {seconds} seconds")]
    TooSlow {
        /// The seconds allowed.
        seconds: u64,
    },
    /// What was laid out is not allowed in PDF/UA-1 or PDF/A-2a.
    #[error("the document does not conform to PDF/UA-1 and PDF/A-2a: {0}")]
    NotConformant(String),
    /// A folder or a file of fonts can not be read.
    #[error("{}: {error}", path.display())]
    Fonts {
        /// The folder or the file.
        path: PathBuf,
        /// Why.
        error: String,
    },
    /// The typesetter failed.
    #[error("the typesetter failed")]
    Internal,
}

/// A mistake in a template.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// The file: `letter.typ`, or another that was passed.
    pub file: String,
    /// The line, from 1; 0 where the mistake has no place.
    pub line: usize,
    /// The column, from 1; 0 where the mistake has no place.
    pub column: usize,
    /// What is wrong, in English, as the typesetter says it.
    pub message: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.line == 0 {
            return write!(f, "{}: {}", self.file, self.message);
        }
        write!(f, "{}, line {}, column {}: {}", self.file, self.line, self.column, self.message)
    }
}

impl Error {
    pub(crate) fn fonts(path: &Path, error: impl ToString) -> Self {
        Self::Fonts { path: path.to_owned(), error: error.to_string() }
    }

    /// The message's key in the Fluent files.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooMuch { .. } => "pdf-too-much",
            Self::UnevenTable { .. } => "pdf-uneven-table",
            Self::Empty(_) => "pdf-empty",
            Self::Measure { .. } => "pdf-measure",
            Self::Logo(_) => "pdf-logo",
            Self::Template(_) => "pdf-template",
            Self::TooSlow { .. } => "pdf-too-slow",
            Self::NotConformant(_) => "pdf-not-conformant",
            Self::Fonts { .. } => "pdf-fonts",
            Self::Internal => "pdf-internal",
        }
    }

    /// The message's arguments.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::TooMuch { what, limit } => vec![("what", (*what).to_owned()), ("limit", limit.to_string())],
            Self::UnevenTable { row } => vec![("row", row.to_string())],
            Self::Empty(what) => vec![("what", (*what).to_owned())],
            Self::Measure { what, least, most } => {
                vec![("what", (*what).to_owned()), ("least", least.to_string()), ("most", most.to_string())]
            }
            Self::Logo(why) | Self::NotConformant(why) => vec![("why", why.clone())],
            Self::Template(_) => vec![("problems", self.to_string())],
            Self::TooSlow { seconds } => vec![("seconds", seconds.to_string())],
            Self::Fonts { path, error } => vec![("path", path.display().to_string()), ("error", error.clone())],
            Self::Internal => Vec::new(),
        }
    }
}
