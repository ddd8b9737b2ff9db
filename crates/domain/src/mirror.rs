//! Invoices of an accounting system (*toisaalla laskutetut laskut*): a company that invoices elsewhere keeps in the
//! register what it needs of them, so that what a customer owes is known here. They are read, never made or changed here.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::date::{self, DateOrder};
use crate::draft::check_day;
use crate::field::{FieldError, FieldErrors, code, one_line};
use crate::fold::fold;
use crate::id::{CompanyId, OrganisationId, PersonId, SourceId};
use crate::invoice::{Balance, InvoiceKind};
use crate::kind::{Kind, Kinds};
use crate::money::{Cents, DecimalMark};
use crate::reference::{CreditorReference, Reference};
use crate::vat::PastPeriod;

/// Most characters of a number or a reference.
const MAX_CODE: usize = 40;

/// An invoice as a file or a program tells it: raw text.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MirrorDraft {
    /// Short name of the company of the group.
    pub company: String,
    /// The invoice's number.
    pub number: String,
    /// The day of the invoice.
    pub issued_on: String,
    /// The day until which it is to be paid; empty: that of the invoice.
    pub due_on: String,
    /// Without tax, or empty.
    pub net: String,
    /// Tax, or empty.
    pub vat: String,
    /// With tax; empty: the sum of the two others. Negative: a credit note.
    pub gross: String,
    /// What is still to be paid; empty: by the state.
    pub open: String,
    /// How the accounting system calls its state: `open`, `paid`, `credited`, or a word for it in Finnish, Swedish or
    /// English. It matters only where `open` says nothing, and for telling what is credited from what is paid.
    pub state: String,
    /// Reference number or RF reference, or empty.
    pub reference: String,
    /// How the dates are written, where they do not begin with the year.
    pub date_order: DateOrder,
    /// How the numbers are written.
    pub decimal_mark: DecimalMark,
}

/// What the accounting system said of an invoice.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MirroredInvoice {
    /// Invoice or credit note, by the sign of its sum.
    pub kind: InvoiceKind,
    /// Its number.
    pub number: String,
    /// Its reference as it is printed, or empty.
    pub reference: String,
    /// Its day.
    pub date: Date,
    /// The day until which it is to be paid.
    pub due: Date,
    /// Without tax, if it was told.
    pub net: Option<Cents>,
    /// Tax, if it was told.
    pub vat: Option<Cents>,
    /// With tax.
    pub gross: Cents,
    /// What was open.
    pub open: Cents,
    /// Whether it was taken back in whole.
    pub credited: bool,
    /// The customer's name as it was when the invoice first came.
    pub buyer_name: String,
}

/// An invoice of a row, checked; whose it is has to be found yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValidMirror {
    /// The company; whether it is the importer's is for the caller to check.
    pub company: CompanyId,
    /// What it says.
    pub invoice: MirroredInvoice,
}

/// All that is kept of a mirrored invoice, for its history and for undoing an import.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Mirrored {
    /// The company.
    pub company: CompanyId,
    /// The person who is to pay.
    pub person: Option<PersonId>,
    /// The organisation that is to pay.
    pub organisation: Option<OrganisationId>,
    /// The source, as the notice names it.
    pub source: SourceId,
    /// When its source knew it.
    pub as_of: Timestamp,
    /// What it says.
    pub invoice: MirroredInvoice,
}

impl MirroredInvoice {
    /// The period of its tax, when its return was due before `today`: what comes into it now was left out of the return, or
    /// is a mistake. An invoice without tax belongs to none; where the tax was not told, there may be some.
    #[must_use]
    pub fn reported_period(&self, today: Date) -> Option<PastPeriod> {
        let taxed = self.vat != Some(Cents::ZERO);
        PastPeriod::of(self.date, today).filter(|period| taxed && period.is_reported(today))
    }

    /// Whether the tax of both is the same: what was paid of an invoice or taken back changes nothing of its period.
    #[must_use]
    pub fn is_taxed_as(&self, other: &Self) -> bool {
        (self.date, self.net, self.vat, self.gross) == (other.date, other.net, other.vat, other.gross)
    }

    /// Its money, as that of an invoice that was sent here.
    #[must_use]
    pub const fn balance(&self) -> Balance {
        let settled = Cents(self.gross.0.saturating_sub(self.open.0));
        if self.credited {
            Balance { gross: self.gross, credited: Cents(self.gross.0.saturating_neg()), paid: Cents::ZERO }
        } else {
            Balance { gross: self.gross, credited: Cents::ZERO, paid: settled }
        }
    }
}

/// What accounting systems call it when nothing is to be paid any more.
const PAID: [&str; 9] =
    ["paid", "maksettu", "suoritettu", "betald", "betalt", "closed", "suljettu", "kuitattu", "settled"];
/// When it was taken back.
const CREDITED: [&str; 10] = [
    "credited",
    "hyvitetty",
    "krediterad",
    "cancelled",
    "canceled",
    "mitatoity",
    "peruttu",
    "annullerad",
    "makulerad",
    "voided",
];
/// When all of it is to be paid.
const OPEN: [&str; 13] = [
    "open",
    "avoin",
    "oppen",
    "overdue",
    "eraantynyt",
    "forfallen",
    "sent",
    "lahetetty",
    "skickad",
    "unpaid",
    "maksamatta",
    "obetald",
    "issued",
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Open,
    Paid,
    Credited,
}

fn word(text: &str) -> Option<Word> {
    // Marks above letters are no difference: files lose them.
    let plain: String = fold(text)
        .chars()
        .map(|c| match c {
            'ä' | 'å' => 'a',
            'ö' => 'o',
            other => other,
        })
        .collect();
    let is = |words: &[&str]| words.contains(&plain.trim());
    match () {
        () if is(&OPEN) => Some(Word::Open),
        () if is(&PAID) => Some(Word::Paid),
        () if is(&CREDITED) => Some(Word::Credited),
        () => None,
    }
}

impl MirrorDraft {
    /// Checks and normalises. `kinds` are those that the notice declares.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the fields.
    pub fn validate(&self, kinds: Kinds, today: Date) -> Result<ValidMirror, FieldErrors> {
        let mut errors = FieldErrors::default();
        if !kinds.has(Kind::Orders) {
            return Err(FieldError::new("number", code::UNDECLARED).into());
        }
        let company = self.company.trim().parse().map_err(|_| FieldError::new("company", code::COMPANY_UNKNOWN));
        let company = errors.keep(company);
        let number = errors.keep(one_line("number", &self.number, MAX_CODE)).unwrap_or_default();
        if number.is_empty() && errors.of("number").next().is_none() {
            errors.push(FieldError::new("number", code::REQUIRED));
        }
        let issued = self.day("issued_on", &self.issued_on, today, &mut errors);
        if issued.is_none() && errors.of("issued_on").next().is_none() {
            errors.push(FieldError::new("issued_on", code::REQUIRED));
        }
        let due = self.day("due_on", &self.due_on, today, &mut errors);
        if let (Some(issued), Some(due)) = (issued, due)
            && due < issued
        {
            errors.push(FieldError::new("due_on", code::DATE_ORDER));
        }
        let net = self.amount("net", &self.net, &mut errors);
        let vat = self.amount("vat", &self.vat, &mut errors);
        let gross = self.gross(net, vat, &mut errors);
        let open = self.amount("open", &self.open, &mut errors);
        let state = match self.state.trim() {
            "" => None,
            text => errors.keep(word(text).ok_or_else(|| FieldError::new("state", code::INVOICE_STATE_UNKNOWN))),
        };
        let reference = errors.keep(reference(&self.reference)).unwrap_or_default();
        let (Some(company), Some(date), Some(gross)) = (company, issued, gross) else { return Err(errors) };
        let open = match (open, state) {
            (Some(open), _) => open,
            (None, Some(Word::Open)) => gross,
            (None, Some(Word::Paid | Word::Credited)) => Cents::ZERO,
            (None, None) => {
                errors.push(FieldError::new("open", code::REQUIRED));
                Cents::ZERO
            }
        };
        if !errors.is_empty() {
            return Err(errors);
        }
        let kind = if gross.0 < 0 { InvoiceKind::CreditNote } else { InvoiceKind::Invoice };
        let credited = state == Some(Word::Credited) && open == Cents::ZERO && kind == InvoiceKind::Invoice;
        let (due, buyer_name) = (due.unwrap_or(date), String::new());
        let invoice =
            MirroredInvoice { kind, number, reference, date, due, net, vat, gross, open, credited, buyer_name };
        Ok(ValidMirror { company, invoice })
    }

    fn day(&self, field: &str, text: &str, today: Date, errors: &mut FieldErrors) -> Option<Date> {
        let day = errors.keep(date::parse_field(field, text, self.date_order)).flatten()?;
        errors.keep(check_day(field, day, today))
    }

    fn amount(&self, field: &str, text: &str, errors: &mut FieldErrors) -> Option<Cents> {
        match text.trim() {
            "" => None,
            text => errors.keep(Cents::parse(field, text, self.decimal_mark)),
        }
    }

    /// The sum with tax: as told, or of the two others. All three have to agree.
    fn gross(&self, net: Option<Cents>, vat: Option<Cents>, errors: &mut FieldErrors) -> Option<Cents> {
        let gross = self.amount("gross", &self.gross, errors);
        let sum = net.zip(vat).and_then(|(net, vat)| net.plus(vat).ok());
        match (gross, sum) {
            (Some(gross), Some(sum)) if gross != sum => {
                errors.push(FieldError::new("gross", code::INVOICE_SUMS_DIFFER));
                None
            }
            (None, None) => {
                if errors.of("gross").next().is_none() {
                    errors.push(FieldError::new("gross", code::REQUIRED));
                }
                None
            }
            (gross, sum) => gross.or(sum),
        }
    }
}

/// A reference as it is kept: a reference number without spaces and leading zeros, an RF reference, or any other text of
/// one line, since the accounting system is right about its own invoices.
fn reference(text: &str) -> Result<String, FieldError> {
    let text = one_line("reference", text, MAX_CODE)?;
    if let Ok(found) = text.parse::<Reference>() {
        return Ok(found.to_string());
    }
    Ok(text.parse::<CreditorReference>().map_or(text, |found| found.as_str().to_owned()))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn draft() -> MirrorDraft {
        MirrorDraft {
            company: "palvelut".into(),
            number: "10023".into(),
            issued_on: "1.10.2026".into(),
            due_on: "15.10.2026".into(),
            gross: "1 255,00".into(),
            open: "255,00 €".into(),
            reference: "0 12345 61".into(),
            decimal_mark: DecimalMark::Comma,
            ..MirrorDraft::default()
        }
    }

    fn read(draft: &MirrorDraft) -> Result<MirroredInvoice, Vec<(String, &'static str)>> {
        let all: Kinds = Kind::ALL.into_iter().collect();
        let read = draft.validate(all, date(2026, 11, 23)).map(|valid| valid.invoice);
        read.map_err(|errors| errors.0.into_iter().map(|error| (error.field, error.code)).collect())
    }

    #[test]
    fn a_row_becomes_an_invoice() {
        let invoice = read(&draft()).unwrap();
        assert_eq!((invoice.gross, invoice.open), (Cents(125_500), Cents(25_500)));
        assert_eq!((invoice.reference.as_str(), invoice.kind), ("1234561", InvoiceKind::Invoice));
        assert_eq!((invoice.balance().paid, invoice.balance().open()), (Cents(100_000), Cents(25_500)));
        let parts = MirrorDraft { gross: String::new(), net: "1000".into(), vat: "255".into(), ..draft() };
        assert_eq!(read(&parts).unwrap().gross, Cents(125_500));
        let note = MirrorDraft { gross: "-10".into(), open: "0".into(), due_on: String::new(), ..draft() };
        let note = read(&note).unwrap();
        assert_eq!((note.kind, note.due), (InvoiceKind::CreditNote, date(2026, 10, 1)));
    }

    #[test]
    fn the_period_of_an_invoice_is_closed_when_its_return_was_due() {
        let invoice = read(&draft()).unwrap();
        // October's return is due on the 14th of December, a Monday.
        assert_eq!(invoice.reported_period(date(2026, 12, 14)), None);
        let period = invoice.reported_period(date(2026, 12, 15)).unwrap();
        assert_eq!((period.month, period.return_due), (date(2026, 10, 1), date(2026, 12, 14)));
        let untaxed = MirroredInvoice { vat: Some(Cents::ZERO), ..invoice.clone() };
        assert_eq!(untaxed.reported_period(date(2026, 12, 15)), None);
        assert!(invoice.is_taxed_as(&MirroredInvoice { open: Cents::ZERO, ..invoice.clone() }));
        assert!(!invoice.is_taxed_as(&MirroredInvoice { gross: Cents(1), ..invoice.clone() }));
    }

    #[test]
    fn the_state_tells_what_the_open_sum_does_not() {
        for (state, open, paid, credited) in [
            ("Avoin", 125_500, 0, 0),
            ("erääntynyt", 125_500, 0, 0),
            ("MAKSETTU", 0, 125_500, 0),
            ("betald", 0, 125_500, 0),
            ("Hyvitetty", 0, 0, -125_500),
        ] {
            let told = MirrorDraft { open: String::new(), state: state.into(), ..draft() };
            let balance = read(&told).unwrap().balance();
            assert_eq!((balance.open().0, balance.paid.0, balance.credited.0), (open, paid, credited), "{state}");
        }
        // The open sum is the fact: a word does not change it.
        let both = MirrorDraft { state: "maksettu".into(), ..draft() };
        assert_eq!(read(&both).unwrap().open, Cents(25_500));
    }

    #[test]
    fn what_is_wrong_is_told_at_its_field() {
        type Change = fn(&mut MirrorDraft);
        let wrong: [(Change, &str, &str); 9] = [
            (|d| d.number.clear(), "number", code::REQUIRED),
            (|d| d.company = "?".into(), "company", code::COMPANY_UNKNOWN),
            (|d| d.issued_on.clear(), "issued_on", code::REQUIRED),
            (|d| d.due_on = "1.9.2026".into(), "due_on", code::DATE_ORDER),
            (|d| d.due_on = "1.9.2326".into(), "due_on", code::DATE_FAR),
            (|d| d.gross.clear(), "gross", code::REQUIRED),
            (|d| (d.net, d.vat) = ("1000".into(), "240".into()), "gross", code::INVOICE_SUMS_DIFFER),
            (|d| d.open.clear(), "open", code::REQUIRED),
            (|d| d.state = "ehkä".into(), "state", code::INVOICE_STATE_UNKNOWN),
        ];
        for (change, field, want) in wrong {
            let mut draft = draft();
            change(&mut draft);
            assert_eq!(read(&draft).unwrap_err(), [(field.to_owned(), want)]);
        }
        let none = draft().validate(Kinds::NONE, date(2026, 11, 23)).unwrap_err();
        assert_eq!(none.0[0].code, code::UNDECLARED);
    }
}
