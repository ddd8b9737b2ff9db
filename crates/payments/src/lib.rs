//! Payments that a bank tells of: reference payment files (*KTL*, fixed columns) and camt.054 (ISO 20022, versions 02
//! and 08). A file is read as it streams in, and taken whole or not at all: what its control totals say has to hold.

mod camt;
mod ktl;
mod problem;

use std::io::BufRead;

use seloste_domain::iban::Iban;
use seloste_domain::payment::Incoming;

pub use self::problem::{FileError, Place, Problem};

/// What a file told.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PaymentFile {
    /// The payments, in the order of the file.
    pub payments: Vec<Incoming>,
    /// Entries that are no payments to us: not booked yet, or money that left the account.
    pub passed_over: usize,
}

/// The most that is read.
pub mod limit {
    /// Payments in a file.
    pub const PAYMENTS: usize = 100_000;
    /// Bytes of a file.
    pub const BYTES: u64 = 100_000_000;
    /// Bytes of a text in a file.
    pub const TEXT: usize = 2_000;
    /// Elements within each other.
    pub const DEPTH: usize = 40;
}

/// Reads a file of either kind: XML begins with `<`, a reference payment file with its header record. `accounts` are
/// those that may receive payments; a file of another account is refused.
///
/// # Errors
/// What is wrong and where. Nothing of the file is to be used then.
pub fn read(mut file: impl BufRead, accounts: &[Iban]) -> Result<PaymentFile, FileError> {
    let begin = file.fill_buf().map_err(|_| FileError::new(Place::File, Problem::Unreadable))?;
    let begin = begin.strip_prefix(b"\xef\xbb\xbf").unwrap_or(begin);
    let is_xml = match begin.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(first) => *first == b'<',
        None => return Err(FileError::new(Place::File, Problem::Empty)),
    };
    // One byte more than may be, so that a longer file is told from one that just fits.
    let file = std::io::Read::take(file, limit::BYTES + 1);
    if is_xml { camt::read(file, accounts) } else { ktl::read(file, accounts) }
}
