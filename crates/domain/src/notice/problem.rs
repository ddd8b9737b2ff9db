//! What is wrong with a notice: where, how badly, by which article, and how to mend it.

use std::fmt;

use super::messages;
use crate::language::Language;

pub use super::messages::Code;

/// A place in the text of a notice, counted from 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Spot {
    pub(super) line: usize,
    pub(super) column: usize,
}

impl Default for Spot {
    fn default() -> Self {
        Self { line: 1, column: 1 }
    }
}

/// How bad a problem is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// The notice can not be used.
    Error,
    /// The notice can be used, but is not complete or not clear.
    Warning,
}

impl Severity {
    /// Its name for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// Something that is wrong with a notice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// The line in the file, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
    /// How bad it is.
    pub severity: Severity,
    /// The article of the GDPR that asks for it, such as `13(1)(c)`; none for a slip of the pen.
    pub article: Option<&'static str>,
    /// What it is, for programs and translators.
    pub code: Code,
    /// The words of the file that the message names, in the order of its places `{0}`, `{1}`, ...
    pub args: Vec<String>,
}

/// Enough of a word to recognise it; a message stays a message whatever the file holds.
fn shortened(arg: &str) -> String {
    const LONGEST: usize = 240;
    match arg.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", arg.get(..end).unwrap_or_default()),
        None => arg.to_owned(),
    }
}

impl Problem {
    pub(super) fn new(at: Spot, code: Code, args: &[&str]) -> Self {
        Self {
            line: at.line,
            column: at.column,
            severity: code.severity(),
            article: code.article(),
            code,
            args: args.iter().map(|arg| shortened(arg)).collect(),
        }
    }

    /// What is wrong and how to mend it.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        format!("{} {}", self.what(language), self.mend(language))
    }

    /// What is wrong.
    #[must_use]
    pub fn what(&self, language: Language) -> String {
        messages::fill(self.code.message(language).0, &self.args)
    }

    /// How to mend it.
    #[must_use]
    pub fn mend(&self, language: Language) -> String {
        messages::fill(self.code.message(language).1, &self.args)
    }
}

/// One line for a terminal, in English: `12:3: error: ... (Art. 13(1)(c))`.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column, severity) = (self.line, self.column, self.severity.as_str());
        write!(f, "{line}:{column}: {severity}: {}", self.message(Language::En))?;
        self.article.map_or(Ok(()), |article| write!(f, " (Art. {article})"))
    }
}
