//! What is wrong with a mapping, and the codes of what can be wrong with a row beyond its fields.

use std::fmt;

use serde::Serialize;

/// Codes of [`Problem`] and of rows that were not imported: each is a key of the Fluent files in all languages.
pub mod code {
    macro_rules! codes {
        ($($(#[$doc:meta])* $name:ident = $key:literal, $text:literal;)*) => {
            $($(#[$doc])* pub const $name: &str = $key;)*
            /// Every code, so that a test can find the ones that lack a translation.
            pub const ALL: &[&str] = &[$($name),*];
            pub(super) fn text(code: &str) -> &'static str {
                match code { $($key => $text,)* _ => "" }
            }
        };
    }
    codes! {
        /// The mapping is not TOML.
        SYNTAX = "mapping-syntax", "the mapping is not TOML: {0}";
        /// A key that mappings do not have.
        UNKNOWN_KEY = "mapping-unknown-key", "`{0}` is not a key of a mapping";
        /// A value of the wrong type or not one of those that are possible.
        BAD_VALUE = "mapping-bad-value", "`{0}` can not be this: {1}";
        /// A target that the noun does not have.
        UNKNOWN_TARGET = "mapping-unknown-target", "`{0}` is not a target of {1}";
        /// The mapping is for another noun.
        OTHER_NOUN = "mapping-other-noun", "the mapping is for {0}, not for {1}";
        /// The file has no such column.
        NO_COLUMN = "mapping-no-column", "the file has no column `{0}`";
        /// Nobody has said what a column is.
        UNDECIDED = "mapping-undecided", "column `{0}` is undecided: map it or drop it";
        /// Two columns go to a target that can have one.
        TWICE = "mapping-twice", "columns `{0}` and `{1}` both go to `{2}`";
        /// A target without which nothing can be imported.
        MISSING = "mapping-missing", "no column or constant gives `{0}`";
        /// A constant of a kind that the notice does not declare.
        UNDECLARED = "mapping-undeclared", "the notice does not declare `{1}`, so `{0}` can not be a constant";
        /// The notice does not declare what is to be imported at all.
        NOUN_UNDECLARED = "mapping-noun-undeclared", "the notice does not declare `{0}`: nothing can be imported";
        /// No source of this name in the notice.
        NO_SOURCE = "import-no-source", "the notice has no source `{0}`";
        /// The file has no header, and no mapping tells its columns.
        NO_HEADER = "import-no-header", "the file has no header row: say --header, or map `column 1` and so on";
        /// Dates can be read both ways.
        DATES = "import-dates", "dates of column `{0}` can be day or month first: say date_order";
        /// The mapping tells of a file of lines, and there is none.
        NO_LINES_FILE = "import-no-lines-file", "the mapping tells of a file of lines: say --lines";
        /// More than one customer fits the row.
        AMBIGUOUS = "row-ambiguous", "more than one customer in the register fits this row";
        /// The customer is outside of what the importer may change.
        OUTSIDE = "row-outside", "the customer belongs to a company that you may not change";
        /// The processing of the customer's data is restricted (Art. 18).
        RESTRICTED = "row-restricted", "the processing of this customer's data is restricted";
        /// Another row of the same file was about the same thing.
        REPEATED = "row-repeated", "another row of this file is about the same one";
        /// They were erased at their request; an old file does not bring them back (Art. 17).
        ERASED = "row-erased", "erased at request";
        /// The order's customer is not in the register.
        NO_CUSTOMER = "row-no-customer", "the customer is not in the register";
        /// Lines whose order is not in the file.
        NO_ORDER = "row-no-order", "the file has no order for this line";
        /// A value in the register is stronger or newer and was kept.
        KEPT = "row-kept", "the register has a stronger or newer value, which was kept";
        /// A customer with nothing but a name.
        NEARLY_EMPTY = "row-nearly-empty", "nothing but a name is known";
        /// An order without lines.
        NO_LINES = "row-no-lines", "the order has no lines";
        /// A row with fewer cells than there are columns.
        SHORT = "row-short", "the row has fewer cells than there are columns; the others are empty";
        /// The order may not be changed any more.
        CLOSED = "row-closed", "the order is closed and was kept as it is";
        /// The invoice belongs to a period whose tax return was due already.
        PAST_PERIOD = "row-past-period", "the tax return of this invoice's period was due on {due}: say --past-periods";
        /// Something went wrong that no row is to blame for.
        FAILED = "row-failed", "the row could not be saved";
    }
}

/// Something that stops an import before it begins, or that its user should know.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Problem {
    /// The line of the mapping file, from 1; none: it is not about that file.
    pub line: Option<usize>,
    /// One of [`code::ALL`].
    pub code: &'static str,
    /// The words that the message names: `{0}`, `{1}` and so on.
    pub args: Vec<String>,
    /// What was probably meant.
    pub suggestion: Option<String>,
}

impl Problem {
    /// A problem of no particular line.
    #[must_use]
    pub fn new(code: &'static str, args: &[&str]) -> Self {
        Self { line: None, code, args: args.iter().map(|arg| (*arg).to_owned()).collect(), suggestion: None }
    }

    pub(super) fn at(self, line: usize) -> Self {
        Self { line: Some(line), ..self }
    }

    pub(super) fn suggest(self, suggestion: Option<&str>) -> Self {
        Self { suggestion: suggestion.map(str::to_owned), ..self }
    }

    /// The message in English, without the line.
    #[must_use]
    pub fn message(&self) -> String {
        let mut text = code::text(self.code).to_owned();
        for (i, arg) in self.args.iter().enumerate() {
            text = text.replace(&format!("{{{i}}}"), arg);
        }
        match &self.suggestion {
            Some(suggestion) => format!("{text}; did you mean `{suggestion}`?"),
            None => text,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        f.write_str(&self.message())
    }
}

/// Of the words, the one that is nearest, if it is near enough to be meant.
pub(super) fn nearest<'a>(text: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = words.into_iter().map(|word| (strsim::damerau_levenshtein(text, word), word));
    near.min().filter(|(distance, _)| *distance <= 1 + text.chars().count() / 4).map(|(_, word)| word)
}
