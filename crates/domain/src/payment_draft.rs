//! A payment as a form gives it.

use jiff::civil::Date;

use crate::date::{self, DateOrder};
use crate::field::{FieldError, FieldErrors, code, one_line};
use crate::id::CompanyId;
use crate::money::{Cents, DecimalMark};
use crate::reference::{CreditorReference, Reference};

/// Most characters of a payer's name, and of what is noted when a payment is given back.
const MAX_TEXT: usize = 200;
/// The most that one payment can be: a hundred million euros.
const MOST: i64 = 10_000_000_000;

/// A payment as a form gives it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PaymentDraft {
    /// Short name of the company whose account it came to.
    pub company: String,
    /// The day on which it was paid.
    pub paid_on: String,
    /// How much.
    pub amount: String,
    /// Its reference, or empty.
    pub reference: String,
    /// Who paid, or empty.
    pub payer: String,
    /// How decimals are written.
    pub decimal_mark: DecimalMark,
}

/// A payment that was checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValidPayment {
    /// The company.
    pub company: CompanyId,
    /// The day on which it was paid.
    pub paid_on: Date,
    /// How much: more than nothing.
    pub amount: Cents,
    /// Its reference.
    pub reference: Option<Reference>,
    /// Who paid, or empty.
    pub payer: String,
}

impl PaymentDraft {
    /// Checks the draft. Nobody has paid later than `today`.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn validate(&self, today: Date) -> Result<ValidPayment, FieldErrors> {
        let mut errors = FieldErrors::default();
        let company = self.company.trim().parse().map_err(|_| FieldError::new("company", code::COMPANY_UNKNOWN));
        let company = errors.keep(company);
        let paid_on = errors.keep(past_day("paid_on", &self.paid_on, today));
        let amount = errors.keep(amount("amount", &self.amount, self.decimal_mark));
        let reference = errors.keep(reference(&self.reference));
        let payer = errors.keep(one_line("payer", &self.payer, MAX_TEXT));
        match (company, paid_on, amount, reference, payer) {
            (Some(company), Some(paid_on), Some(amount), Some(reference), Some(payer)) => {
                Ok(ValidPayment { company, paid_on, amount, reference, payer })
            }
            _ => Err(errors),
        }
    }
}

/// A day that is not later than today.
///
/// # Errors
/// At `field`.
pub fn past_day(field: &str, text: &str, today: Date) -> Result<Date, FieldError> {
    match date::parse_field(field, text, DateOrder::DayFirst)? {
        Some(day) if day <= today && day.year() >= 1990 => Ok(day),
        Some(_) => Err(FieldError::new(field, code::DATE_FAR)),
        None => Err(FieldError::new(field, code::REQUIRED)),
    }
}

/// An amount of more than nothing.
///
/// # Errors
/// At `field`.
pub fn amount(field: &str, text: &str, mark: DecimalMark) -> Result<Cents, FieldError> {
    if text.trim().is_empty() {
        return Err(FieldError::new(field, code::REQUIRED));
    }
    let amount = Cents::parse(field, text, mark)?;
    match amount.0 {
        1..=MOST => Ok(amount),
        ..=0 => Err(FieldError::new(field, code::AMOUNT_INVALID)),
        _ => Err(FieldError::new(field, code::AMOUNT_TOO_LARGE)),
    }
}

fn reference(text: &str) -> Result<Option<Reference>, FieldError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let creditor = || text.parse::<CreditorReference>().ok()?.national();
    text.parse().ok().or_else(creditor).map(Some).ok_or_else(|| FieldError::new("reference", code::REFERENCE_INVALID))
}

/// What is noted when a payment is given back.
///
/// # Errors
/// Empty, too long, or with control characters.
pub fn note(text: &str) -> Result<String, FieldError> {
    let note = one_line("note", text, MAX_TEXT)?;
    if note.is_empty() { Err(FieldError::new("note", code::REQUIRED)) } else { Ok(note) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_at_its_field() {
        let today = jiff::civil::date(2026, 11, 28);
        let good = PaymentDraft {
            company: "arjasmaa".into(),
            paid_on: "27.11.2026".into(),
            amount: "1 250,50".into(),
            reference: "RF34 1234 561".into(),
            ..PaymentDraft::default()
        };
        let valid = good.validate(today).unwrap();
        assert_eq!((valid.amount, valid.reference.unwrap().as_str()), (Cents(125_050), "1234561"));
        let wrong = PaymentDraft {
            company: "Äiti".into(),
            paid_on: "29.11.2026".into(),
            amount: "0".into(),
            reference: "1234562".into(),
            payer: "a".repeat(201),
            ..PaymentDraft::default()
        };
        let fields: Vec<_> = wrong.validate(today).unwrap_err().0.into_iter().map(|error| error.field).collect();
        assert_eq!(fields, ["company", "paid_on", "amount", "reference", "payer"]);
        for (text, code) in [
            ("", code::REQUIRED),
            ("-1", code::AMOUNT_INVALID),
            ("0,001", code::AMOUNT_INVALID),
            ("100 000 000,01", code::AMOUNT_TOO_LARGE),
        ] {
            assert_eq!(amount("amount", text, DecimalMark::Comma).unwrap_err().code, code, "{text}");
        }
    }
}
