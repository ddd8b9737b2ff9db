//! What is wrong with a file, and where. Neither holds a value of the file.

use std::fmt;

/// Where.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// The whole file.
    File,
    /// A line, from 1.
    Line(u64),
    /// An entry (`Ntry`) of a camt.054, from 1, and the element in it.
    Entry(u64, &'static str),
}

/// What.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Problem {
    /// It can not be read.
    Unreadable,
    /// It is empty.
    Empty,
    /// Neither a reference payment file nor camt.054, version 02 or 08.
    UnknownKind,
    /// It ends before its end.
    Cut,
    /// Larger than what is read.
    TooLarge,
    /// A record that is not of its length.
    RecordLength,
    /// A record of no known type, or in a wrong place.
    RecordType,
    /// Not well-formed XML, or with declarations that are not read.
    Malformed,
    /// An element or a field that has to be there is missing.
    Missing,
    /// Not a number.
    Number,
    /// Not a day.
    Date,
    /// The account is none of ours.
    OtherAccount,
    /// Not in euros.
    Currency,
    /// Neither credit nor debit, neither payment nor correction.
    Direction,
    /// The number of entries is another than the file says.
    WrongCount,
    /// The sum is another than the file says.
    WrongSum,
    /// An entry stands twice in the file.
    Twice,
}

impl Problem {
    /// All of them, so that a test can find one that lacks a translation.
    pub const ALL: [Self; 17] = [
        Self::Unreadable,
        Self::Empty,
        Self::UnknownKind,
        Self::Cut,
        Self::TooLarge,
        Self::RecordLength,
        Self::RecordType,
        Self::Malformed,
        Self::Missing,
        Self::Number,
        Self::Date,
        Self::OtherAccount,
        Self::Currency,
        Self::Direction,
        Self::WrongCount,
        Self::WrongSum,
        Self::Twice,
    ];

    /// A key for its text.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Unreadable => "payment-problem-unreadable",
            Self::Empty => "payment-problem-empty",
            Self::UnknownKind => "payment-problem-unknown-kind",
            Self::Cut => "payment-problem-cut",
            Self::TooLarge => "payment-problem-too-large",
            Self::RecordLength => "payment-problem-record-length",
            Self::RecordType => "payment-problem-record-type",
            Self::Malformed => "payment-problem-malformed",
            Self::Missing => "payment-problem-missing",
            Self::Number => "payment-problem-number",
            Self::Date => "payment-problem-date",
            Self::OtherAccount => "payment-problem-other-account",
            Self::Currency => "payment-problem-currency",
            Self::Direction => "payment-problem-direction",
            Self::WrongCount => "payment-problem-wrong-count",
            Self::WrongSum => "payment-problem-wrong-sum",
            Self::Twice => "payment-problem-twice",
        }
    }
}

/// Why a file is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub struct FileError {
    /// Where.
    pub place: Place,
    /// What.
    pub problem: Problem,
}

impl FileError {
    pub(crate) const fn new(place: Place, problem: Problem) -> Self {
        Self { place, problem }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Place::File => f.write_str(self.problem.key()),
            Place::Line(line) => write!(f, "line {line}: {}", self.problem.key()),
            Place::Entry(entry, element) => write!(f, "entry {entry}, {element}: {}", self.problem.key()),
        }
    }
}
