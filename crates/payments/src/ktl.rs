//! The Finnish reference payment file (*KTL*, Finance Finland): records of 90 characters in ISO-8859-1, a header `0`,
//! payments `3`, `5` and `7`, a trailer `9` with their count and sum. A file may hold several such batches.

use std::collections::HashSet;
use std::io::{BufRead, Read as _};

use jiff::civil::Date;
use seloste_domain::iban::Iban;
use seloste_domain::money::Cents;
use seloste_domain::payment::Incoming;

use crate::problem::{FileError, Place, Problem};
use crate::{PaymentFile, limit};

/// Characters of a record; programs on the way leave out spaces at its end, but never more than the last two fields.
const RECORD: usize = 90;
const PAYMENT: usize = 88;
const HEADER: usize = 23;
const TRAILER: usize = 35;

/// Counted as the trailer counts.
#[derive(Default)]
struct Batch {
    payments: (i64, i64),
    corrections: (i64, i64),
}

pub(crate) fn read(mut file: impl BufRead, accounts: &[Iban]) -> Result<PaymentFile, FileError> {
    let mut found = PaymentFile::default();
    let mut seen = HashSet::new();
    let mut batch: Option<Batch> = None;
    let (mut line, mut batches) = (0, 0);
    let mut record = Vec::with_capacity(RECORD + 2);
    loop {
        record.clear();
        line += 1;
        let fail = |problem| FileError::new(Place::Line(line), problem);
        // A line that never ends is not gathered.
        let most = (RECORD + 3) as u64;
        let size = file.by_ref().take(most).read_until(b'\n', &mut record).map_err(|_| fail(Problem::Unreadable))?;
        if size == 0 {
            break;
        }
        let text = latin_1(&record);
        let text = text.trim_end_matches(['\r', '\n']);
        if text.trim().is_empty() || text == "\u{1a}" {
            continue;
        }
        if text.chars().count() > RECORD {
            return Err(fail(Problem::RecordLength));
        }
        let fields = Fields { text: text.chars().collect(), line };
        match (fields.text.first(), &mut batch) {
            (Some('0'), None) => {
                fields.at_least(HEADER)?;
                if fields.part(23, 23) != "1" {
                    return Err(fail(Problem::Currency));
                }
                batch = Some(Batch::default());
            }
            (Some('3' | '5' | '7'), Some(batch)) => {
                let payment = fields.payment(accounts, batch)?;
                if !seen.insert((payment.account.clone(), payment.archive_id.clone())) {
                    return Err(fail(Problem::Twice));
                }
                if found.payments.len() >= limit::PAYMENTS {
                    return Err(fail(Problem::TooLarge));
                }
                found.payments.push(payment);
            }
            (Some('9'), Some(counted)) => {
                fields.trailer(counted)?;
                batch = None;
                batches += 1;
            }
            (_, None) if batches == 0 => return Err(FileError::new(Place::File, Problem::UnknownKind)),
            _ => return Err(fail(Problem::RecordType)),
        }
    }
    if batch.is_some() || batches == 0 {
        return Err(FileError::new(Place::Line(line), Problem::Cut));
    }
    Ok(found)
}

struct Fields {
    text: Vec<char>,
    line: u64,
}

impl Fields {
    fn fail(&self, problem: Problem) -> FileError {
        FileError::new(Place::Line(self.line), problem)
    }

    fn at_least(&self, length: usize) -> Result<(), FileError> {
        if self.text.len() >= length { Ok(()) } else { Err(self.fail(Problem::RecordLength)) }
    }

    /// The characters from `from` to `to`, counted from 1 as the format's description counts.
    fn part(&self, from: usize, to: usize) -> String {
        self.text.iter().skip(from - 1).take(to + 1 - from).collect::<String>().trim().to_owned()
    }

    fn number(&self, from: usize, to: usize) -> Result<i64, FileError> {
        let text = self.part(from, to);
        let is_number = text.len() == to + 1 - from && text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|_| is_number).ok_or_else(|| self.fail(Problem::Number))
    }

    /// `YYMMDD` of this century.
    fn date(&self, from: usize) -> Result<Date, FileError> {
        let [year, month, day] = [0, 2, 4].map(|at| self.number(from + at, from + at + 1));
        let fits = |number: i64| i8::try_from(number).unwrap_or_default();
        let year = i16::try_from(year?).unwrap_or_default() + 2_000;
        Date::new(year, fits(month?), fits(day?)).map_err(|_| self.fail(Problem::Date))
    }

    fn payment(&self, accounts: &[Iban], batch: &mut Batch) -> Result<Incoming, FileError> {
        self.at_least(PAYMENT)?;
        let account = self.part(2, 15);
        let account = accounts.iter().find(|iban| iban.finnish_account() == Some(account.as_str()));
        let account = account.cloned().ok_or_else(|| self.fail(Problem::OtherAccount))?;
        if self.part(76, 76) != "1" {
            return Err(self.fail(Problem::Currency));
        }
        let cents = self.number(78, 87)?;
        let archive_id = self.part(28, 43);
        if archive_id.is_empty() {
            return Err(self.fail(Problem::Missing));
        }
        // A correction has the id of what it takes back: the mark tells the two apart.
        let (counted, amount, archive_id) = match self.part(88, 88).as_str() {
            "0" | "" => (&mut batch.payments, cents, archive_id),
            "1" => (&mut batch.corrections, -cents, format!("{archive_id}/1")),
            _ => return Err(self.fail(Problem::Direction)),
        };
        counted.0 += 1;
        counted.1 += cents;
        Ok(Incoming {
            archive_id,
            account,
            booked_on: self.date(16)?,
            paid_on: self.date(22)?,
            amount: Cents(amount),
            reference: self.part(44, 63).parse().ok(),
            payer: self.part(64, 75),
        })
    }

    fn trailer(&self, counted: &Batch) -> Result<(), FileError> {
        self.at_least(TRAILER)?;
        let (payments, corrections) =
            ((self.number(2, 7)?, self.number(8, 18)?), (self.number(19, 24)?, self.number(25, 35)?));
        if (payments.0, corrections.0) != (counted.payments.0, counted.corrections.0) {
            return Err(self.fail(Problem::WrongCount));
        }
        if (payments.1, corrections.1) != (counted.payments.1, counted.corrections.1) {
            return Err(self.fail(Problem::WrongSum));
        }
        Ok(())
    }
}

/// ISO-8859-1; where a bank still writes letters by SFS 4017, brackets stand for Ä, Ö and Å.
fn latin_1(bytes: &[u8]) -> String {
    let letter = |byte: &u8| match byte {
        b'[' => 'Ä',
        b'\\' => 'Ö',
        b']' => 'Å',
        b'{' => 'ä',
        b'|' => 'ö',
        b'}' => 'å',
        byte => char::from(*byte),
    };
    bytes.iter().map(letter).collect()
}
