//! camt.054, the bank's notification of credits and debits (ISO 20022; Finance Finland, ISO 20022 account statement
//! guide), versions 02 and 08. Only what is needed is kept, an entry at a time.

use std::collections::HashSet;
use std::io::BufRead;

use jiff::civil::Date;
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use seloste_domain::iban::Iban;
use seloste_domain::money::Cents;
use seloste_domain::payment::Incoming;
use seloste_domain::reference::{CreditorReference, Reference};

use crate::problem::{FileError, Place, Problem};
use crate::{PaymentFile, limit};

/// The namespaces that are read, without their version.
const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.";

/// A transaction of an entry.
#[derive(Default)]
struct Transaction {
    id: String,
    amount: Option<i64>,
    payer: String,
    reference: String,
    message: String,
    is_return: bool,
}

/// An entry.
#[derive(Default)]
struct Entry {
    id: String,
    own_id: String,
    amount: Option<i64>,
    direction: String,
    reversal: String,
    status: String,
    booked_on: String,
    paid_on: String,
    batch: Option<i64>,
    transactions: Vec<Transaction>,
}

/// A notification: the entries of one account.
#[derive(Default)]
struct Notification {
    account: Option<Iban>,
    said: Said,
    count: i64,
    sum: i64,
    credits: (i64, i64),
}

/// What a notification says of itself.
#[derive(Default)]
struct Said {
    count: Option<i64>,
    sum: Option<i64>,
    credit_count: Option<i64>,
    credit_sum: Option<i64>,
}

struct File<'a> {
    accounts: &'a [Iban],
    path: Vec<String>,
    text: String,
    currency: String,
    notification: Notification,
    entry: Entry,
    entries: u64,
    seen: HashSet<(Iban, String)>,
    found: PaymentFile,
}

pub(crate) fn read(file: impl BufRead, accounts: &[Iban]) -> Result<PaymentFile, FileError> {
    let mut reader = Reader::from_reader(file);
    let mut state = File {
        accounts,
        path: Vec::new(),
        text: String::new(),
        currency: String::new(),
        notification: Notification::default(),
        entry: Entry::default(),
        entries: 0,
        seen: HashSet::new(),
        found: PaymentFile::default(),
    };
    let (mut buffer, mut ended) = (Vec::new(), false);
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer);
        if reader.buffer_position() > limit::BYTES {
            return Err(state.fail("Document", Problem::TooLarge));
        }
        match event {
            // A tag that the end of the file cuts is an error of the reader, as a wrong one is.
            Err(quick_xml::Error::Syntax(_)) => return Err(state.fail("Document", Problem::Cut)),
            Err(_) => return Err(state.fail("Document", Problem::Malformed)),
            Ok(Event::Eof) if ended => return Ok(state.found),
            Ok(Event::Eof) => return Err(state.fail("Document", Problem::Cut)),
            Ok(Event::Start(start)) => state.open(&start)?,
            Ok(Event::Empty(start)) => {
                state.open(&start)?;
                state.close()?;
            }
            Ok(Event::End(_)) => {
                state.close()?;
                ended = state.path.is_empty();
            }
            Ok(Event::Text(text)) => state.take(&text)?,
            Ok(Event::CData(text)) => state.take(&text)?,
            Ok(Event::GeneralRef(name)) => {
                let number = name.resolve_char_ref().map_err(|_| state.fail("Document", Problem::Malformed))?;
                let named = || resolve_predefined_entity(&name);
                match number {
                    Some(c) => state.take(c.encode_utf8(&mut [0; 4]))?,
                    None => state.take(named().ok_or_else(|| state.fail("Document", Problem::Malformed))?)?,
                }
            }
            // Declarations of one's own entities have no place in a bank's file.
            Ok(Event::DocType(_)) => return Err(state.fail("Document", Problem::Malformed)),
            Ok(Event::Decl(_) | Event::PI(_) | Event::Comment(_)) => {}
        }
    }
}

impl File<'_> {
    fn fail(&self, element: &'static str, problem: Problem) -> FileError {
        let place = if self.entries == 0 { Place::File } else { Place::Entry(self.entries, element) };
        FileError::new(place, problem)
    }

    fn take(&mut self, text: &str) -> Result<(), FileError> {
        if self.text.len() + text.len() > limit::TEXT {
            // Space between elements is not kept, however much there is.
            if text.trim().is_empty() {
                return Ok(());
            }
            return Err(self.fail("Ntry", Problem::TooLarge));
        }
        self.text.push_str(text);
        Ok(())
    }

    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), FileError> {
        let name = start.local_name().as_ref().to_owned();
        if self.path.is_empty() {
            let is_known = name == "Document"
                && start.attributes().flatten().any(|attribute| {
                    let value = &attribute.value;
                    attribute.key.as_ref().starts_with("xmlns")
                        && value.strip_prefix(NAMESPACE).is_some_and(|version| matches!(version, "02" | "08"))
                });
            if !is_known {
                return Err(FileError::new(Place::File, Problem::UnknownKind));
            }
        }
        if self.path.len() >= limit::DEPTH {
            return Err(self.fail("Ntry", Problem::TooLarge));
        }
        match name.as_str() {
            "Ntfctn" => self.notification = Notification::default(),
            "Ntry" => {
                self.entry = Entry::default();
                self.entries += 1;
                if self.entries > limit::PAYMENTS as u64 {
                    return Err(self.fail("Ntry", Problem::TooLarge));
                }
            }
            "TxDtls" => self.entry.transactions.push(Transaction::default()),
            "RtrInf" => {
                if let Some(transaction) = self.entry.transactions.last_mut() {
                    transaction.is_return = true;
                }
            }
            _ => {}
        }
        let currency = start.attributes().flatten().find(|attribute| attribute.key.as_ref() == "Ccy");
        self.currency = currency.map(|found| found.value.into_owned()).unwrap_or_default();
        self.text.clear();
        self.path.push(name);
        Ok(())
    }

    fn close(&mut self) -> Result<(), FileError> {
        let text = std::mem::take(&mut self.text).trim().to_owned();
        let path: Vec<&str> = self.path.iter().skip(2).map(String::as_str).collect();
        match path.as_slice() {
            ["Ntfctn", "Acct", "Id", "IBAN"] => {
                let account = self.accounts.iter().find(|iban| text.parse().as_ref() == Ok(*iban));
                let account = account.cloned().ok_or_else(|| self.fail("Acct", Problem::OtherAccount))?;
                self.notification.account = Some(account);
            }
            ["Ntfctn", "Acct", "Ccy"] if text != "EUR" => return Err(self.fail("Acct", Problem::Currency)),
            ["Ntfctn", "TxsSummry", of, what] => {
                let (of, what) = ((*of).to_owned(), (*what).to_owned());
                self.said(&of, &what, &text)?;
            }
            ["Ntfctn"] => self.end_notification()?,
            ["Ntfctn", "Ntry"] => self.end_entry()?,
            ["Ntfctn", "Ntry", rest @ ..] => {
                let rest: Vec<String> = rest.iter().map(|name| (*name).to_owned()).collect();
                let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
                self.entry_field(&rest, text)?;
            }
            _ => {}
        }
        self.path.pop();
        Ok(())
    }

    fn said(&mut self, of: &str, what: &str, text: &str) -> Result<(), FileError> {
        let count = || text.parse().map_err(|_| self.fail("TxsSummry", Problem::Number));
        let sum = || cents(text).ok_or_else(|| self.fail("TxsSummry", Problem::Number));
        let (count, sum) = match what {
            "NbOfNtries" => (Some(count()?), None),
            "Sum" => (None, Some(sum()?)),
            _ => return Ok(()),
        };
        let said = &mut self.notification.said;
        match of {
            "TtlNtries" => (said.count, said.sum) = (count.or(said.count), sum.or(said.sum)),
            "TtlCdtNtries" => {
                (said.credit_count, said.credit_sum) = (count.or(said.credit_count), sum.or(said.credit_sum));
            }
            _ => {}
        }
        Ok(())
    }

    fn entry_field(&mut self, path: &[&str], text: String) -> Result<(), FileError> {
        match path {
            ["Amt"] => self.entry.amount = Some(self.amount("Amt", &text)?),
            ["CdtDbtInd"] => self.entry.direction = text,
            ["RvslInd"] => self.entry.reversal = text,
            ["Sts"] if !text.is_empty() => self.entry.status = text,
            ["Sts", "Cd"] => self.entry.status = text,
            ["BookgDt", "Dt" | "DtTm"] => self.entry.booked_on = text,
            ["ValDt", "Dt" | "DtTm"] => self.entry.paid_on = text,
            ["AcctSvcrRef"] => self.entry.id = text,
            ["NtryRef"] => self.entry.own_id = text,
            ["NtryDtls", "Btch", "NbOfTxs"] => {
                self.entry.batch = Some(text.parse().map_err(|_| self.fail("Btch", Problem::Number))?);
            }
            ["NtryDtls", "TxDtls", rest @ ..] => self.transaction_field(rest, text)?,
            _ => {}
        }
        Ok(())
    }

    fn transaction_field(&mut self, path: &[&str], text: String) -> Result<(), FileError> {
        let amount = match path {
            // In version 02 the amount is among the details, in 08 beside them too.
            ["Amt"] | ["AmtDtls", "TxAmt", "Amt"] => Some(self.amount("TxDtls", &text)?),
            _ => None,
        };
        let Some(transaction) = self.entry.transactions.last_mut() else { return Ok(()) };
        match path {
            ["Amt"] | ["AmtDtls", "TxAmt", "Amt"] => transaction.amount = amount,
            ["Refs", "AcctSvcrRef"] => transaction.id = text,
            ["RltdPties", "Dbtr", "Nm"] | ["RltdPties", "Dbtr", "Pty", "Nm"] => transaction.payer = text,
            ["RmtInf", "Strd", "CdtrRefInf", "Ref"] => transaction.reference = text,
            ["RmtInf", "Ustrd"] => transaction.message = text,
            _ => {}
        }
        Ok(())
    }

    fn amount(&self, element: &'static str, text: &str) -> Result<i64, FileError> {
        if self.currency != "EUR" {
            return Err(self.fail(element, Problem::Currency));
        }
        cents(text).ok_or_else(|| self.fail(element, Problem::Number))
    }

    fn end_entry(&mut self) -> Result<(), FileError> {
        let mut entry = std::mem::take(&mut self.entry);
        let amount = entry.amount.ok_or_else(|| self.fail("Amt", Problem::Missing))?;
        let account = self.notification.account.clone().ok_or_else(|| self.fail("Acct", Problem::Missing))?;
        let is_credit = match entry.direction.as_str() {
            "CRDT" => true,
            "DBIT" => false,
            _ => return Err(self.fail("CdtDbtInd", Problem::Direction)),
        };
        self.notification.count += 1;
        self.notification.sum = self.notification.sum.saturating_add(amount);
        if is_credit {
            self.notification.credits.0 += 1;
            self.notification.credits.1 = self.notification.credits.1.saturating_add(amount);
        }
        if entry.transactions.is_empty() {
            entry.transactions.push(Transaction::default());
        }
        let count = i64::try_from(entry.transactions.len()).unwrap_or(i64::MAX);
        if entry.batch.is_some_and(|said| said != count) {
            return Err(self.fail("Btch", Problem::WrongCount));
        }
        if let [only] = entry.transactions.as_mut_slice() {
            only.amount = only.amount.or(Some(amount));
        }
        let sum = entry.transactions.iter().try_fold(0_i64, |sum, transaction| sum.checked_add(transaction.amount?));
        if sum != Some(amount) {
            return Err(self.fail("TxDtls", Problem::WrongSum));
        }
        // What we get: credits. What is taken back of it: debits that reverse or return a credit.
        let reverses = entry.reversal == "true" || entry.reversal == "1";
        for (i, transaction) in entry.transactions.iter().enumerate() {
            let sign = match (is_credit, reverses || transaction.is_return) {
                (true, false) => 1,
                (false, true) => -1,
                _ => 0,
            };
            if entry.status != "BOOK" || sign == 0 {
                self.found.passed_over += 1;
                continue;
            }
            let payment = self.payment(&entry, transaction, (i, sign), &account)?;
            if !self.seen.insert((account.clone(), payment.archive_id.clone())) {
                return Err(self.fail("AcctSvcrRef", Problem::Twice));
            }
            if self.found.payments.len() >= limit::PAYMENTS {
                return Err(self.fail("TxDtls", Problem::TooLarge));
            }
            self.found.payments.push(payment);
        }
        Ok(())
    }

    fn payment(
        &self,
        entry: &Entry,
        transaction: &Transaction,
        (i, sign): (usize, i64),
        account: &Iban,
    ) -> Result<Incoming, FileError> {
        let of_entry = if entry.id.is_empty() { &entry.own_id } else { &entry.id };
        let archive_id = match (transaction.id.as_str(), of_entry.as_str(), entry.transactions.len()) {
            ("", "", _) => return Err(self.fail("AcctSvcrRef", Problem::Missing)),
            ("", of_entry, 1) => of_entry.to_owned(),
            ("", of_entry, _) => format!("{of_entry}#{}", i + 1),
            (own, _, _) => own.to_owned(),
        };
        // What is taken back may have the id of what came.
        let archive_id = if sign < 0 { format!("{archive_id}/1") } else { archive_id };
        let booked_on = day(&entry.booked_on).ok_or_else(|| self.fail("BookgDt", Problem::Date))?;
        let paid_on = if entry.paid_on.is_empty() { Some(booked_on) } else { day(&entry.paid_on) };
        Ok(Incoming {
            archive_id,
            account: account.clone(),
            booked_on,
            paid_on: paid_on.ok_or_else(|| self.fail("ValDt", Problem::Date))?,
            amount: Cents(sign * transaction.amount.unwrap_or_default()),
            reference: reference(&transaction.reference).or_else(|| reference(&transaction.message)),
            payer: transaction.payer.clone(),
        })
    }

    fn end_notification(&mut self) -> Result<(), FileError> {
        let notification = std::mem::take(&mut self.notification);
        let differs = |said: Option<i64>, counted: i64| said.is_some_and(|said| said != counted);
        let said = &notification.said;
        if differs(said.count, notification.count) || differs(said.credit_count, notification.credits.0) {
            return Err(self.fail("TxsSummry", Problem::WrongCount));
        }
        if differs(said.sum, notification.sum) || differs(said.credit_sum, notification.credits.1) {
            return Err(self.fail("TxsSummry", Problem::WrongSum));
        }
        Ok(())
    }
}

/// A Finnish reference number, also as a creditor reference.
fn reference(text: &str) -> Option<Reference> {
    text.parse().ok().or_else(|| text.parse::<CreditorReference>().ok()?.national())
}

/// The day of `2026-11-23` or of `2026-11-23T10:00:00+02:00`.
fn day(text: &str) -> Option<Date> {
    text.get(..10)?.parse().ok()
}

/// Euros with at most two decimals and a point, never negative: the direction tells the sign.
fn cents(text: &str) -> Option<i64> {
    let is_plain =
        text.bytes().all(|b| b.is_ascii_digit() || b == b'.') && text.starts_with(|c: char| c.is_ascii_digit());
    let amount = Decimal::from_str_exact(text).ok().filter(|_| is_plain)?.normalize();
    if amount.scale() > 2 { None } else { amount.checked_mul(Decimal::ONE_HUNDRED)?.to_i64() }
}
