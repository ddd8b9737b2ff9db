//! What a company's invoices say of the company itself: address, account, VAT number, terms (*laskutustiedot*).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::address::PostalAddress;
use crate::business_id::BusinessId;
use crate::country;
use crate::draft::DraftAddress;
use crate::email::Email;
use crate::field::{FieldError, FieldErrors, code, one_line};
use crate::iban::{Bic, Iban};
use crate::money::DecimalMark;
use crate::telephone::Telephone;
use crate::vat::Ratio;

/// Most days of a payment term. Section 5 of Act 30/2013 has 30 between companies unless they agree otherwise.
pub const MAX_DAYS: u16 = 365;
/// Most characters of a name or a text of one line.
const MAX_TEXT: usize = 200;

/// Where electronic invoices reach a company.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct ElectronicAddress {
    /// OVT identifier, IBAN or another address of the operator: 2-35 letters and digits.
    pub address: String,
    /// The operator's or bank's code (`003721291126`, `DABAFIHH`), or empty.
    pub operator: String,
}

/// How references are printed and sent.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceForm {
    /// The Finnish reference number.
    #[default]
    National,
    /// The creditor reference RF, for payers abroad.
    Creditor,
}

impl ReferenceForm {
    /// The name in the database and in forms.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::National => "national",
            Self::Creditor => "creditor",
        }
    }
}

/// Not a form of references.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a form of references")]
pub struct UnknownReferenceForm;

impl FromStr for ReferenceForm {
    type Err = UnknownReferenceForm;
    fn from_str(text: &str) -> Result<Self, UnknownReferenceForm> {
        [Self::National, Self::Creditor].into_iter().find(|form| form.as_str() == text).ok_or(UnknownReferenceForm)
    }
}

/// Who sells, as it stands on the invoice.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Seller {
    /// Its name in the trade register.
    pub name: String,
    /// Its business id.
    pub business_id: BusinessId,
    /// Whether it is entered in the register of VAT payers: without, no line can be taxed.
    pub vat_registered: bool,
    /// The address.
    pub address: PostalAddress,
    /// E-mail address for questions, or empty.
    pub email: String,
    /// Telephone number for questions, or empty.
    pub telephone: String,
    /// Where it is to be paid.
    pub iban: Iban,
    /// The bank of the account.
    pub bic: Bic,
    /// Where electronic invoices are sent from.
    pub electronic: Option<ElectronicAddress>,
    /// How references are printed.
    pub reference_form: ReferenceForm,
    /// Late interest in per cent a year, or none: by law (Interest Act 633/1982 section 4).
    pub late_interest: Option<Ratio>,
}

/// A company's own part of its invoices.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Billing {
    /// Whether it is entered in the register of VAT payers.
    pub vat_registered: bool,
    /// The address.
    pub address: PostalAddress,
    /// E-mail address for questions, or empty.
    pub email: String,
    /// Telephone number for questions, or empty.
    pub telephone: String,
    /// Where it is to be paid.
    pub iban: Iban,
    /// The bank of the account.
    pub bic: Bic,
    /// Where electronic invoices are sent from.
    pub electronic: Option<ElectronicAddress>,
    /// How references are printed.
    pub reference_form: ReferenceForm,
    /// Days from the invoice to its due date, where an invoice says nothing else.
    pub payment_days: u16,
    /// Late interest in per cent a year, or none: by law.
    pub late_interest: Option<Ratio>,
}

impl Billing {
    /// The seller of an invoice that is sent now.
    #[must_use]
    pub fn seller(&self, name: &str, business_id: BusinessId) -> Seller {
        Seller {
            name: name.to_owned(),
            business_id,
            vat_registered: self.vat_registered,
            address: self.address.clone(),
            email: self.email.clone(),
            telephone: self.telephone.clone(),
            iban: self.iban.clone(),
            bic: self.bic.clone(),
            electronic: self.electronic.clone(),
            reference_form: self.reference_form,
            late_interest: self.late_interest,
        }
    }
}

/// [`Billing`] as a form gives it: raw text.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BillingDraft {
    /// Whether it is entered in the register of VAT payers.
    pub vat_registered: bool,
    /// The address.
    pub address: DraftAddress,
    /// E-mail address, or empty.
    pub email: String,
    /// Telephone number, or empty.
    pub telephone: String,
    /// Account.
    pub iban: String,
    /// Bank.
    pub bic: String,
    /// Address for electronic invoices, or empty.
    pub electronic_address: String,
    /// Its operator, or empty.
    pub electronic_operator: String,
    /// [`ReferenceForm::as_str`]; empty: national.
    pub reference_form: String,
    /// Days; empty: 14.
    pub payment_days: String,
    /// Per cent a year; empty: by law.
    pub late_interest: String,
}

/// Days to the due date where nothing is said.
const DEFAULT_DAYS: u16 = 14;

impl BillingDraft {
    /// Checks the draft.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the fields.
    pub fn validate(&self) -> Result<Billing, FieldErrors> {
        let (mut errors, mut warnings) = (FieldErrors::default(), FieldErrors::default());
        let address = PostalAddress::check("address", &self.address, &mut errors, &mut warnings);
        if address.is_none() && errors.is_empty() {
            errors.push(FieldError::new("address.street", code::REQUIRED));
        }
        let email = errors.keep(optional_email(&self.email)).unwrap_or_default();
        let telephone = errors.keep(optional_telephone(&self.telephone)).unwrap_or_default();
        let iban = errors.keep(read(&self.iban, "iban", code::IBAN_INVALID));
        let bic = errors.keep(read(&self.bic, "bic", code::BIC_INVALID));
        let electronic =
            errors.keep(electronic("electronic", &self.electronic_address, &self.electronic_operator)).flatten();
        let form = match self.reference_form.trim() {
            "" => Ok(ReferenceForm::default()),
            text => text.parse().map_err(|_| FieldError::new("reference_form", code::CHOICE_UNKNOWN)),
        };
        let reference_form = errors.keep(form);
        let payment_days = errors.keep(days("payment_days", &self.payment_days));
        let interest = match self.late_interest.trim() {
            "" => Ok(None),
            // Without the sign a small number would be read as a share of one.
            text => {
                Ratio::parse("late_interest", &format!("{} %", text.trim_end_matches([' ', '%'])), DecimalMark::Guess)
                    .map(Some)
            }
        };
        let late_interest = errors.keep(interest);
        match (address, iban, bic, reference_form, late_interest) {
            (Some(address), Some(iban), Some(bic), Some(reference_form), Some(late_interest)) if errors.is_empty() => {
                Ok(Billing {
                    vat_registered: self.vat_registered,
                    address,
                    email,
                    telephone,
                    iban,
                    bic,
                    electronic,
                    reference_form,
                    payment_days: payment_days.flatten().unwrap_or(DEFAULT_DAYS),
                    late_interest,
                })
            }
            _ => Err(errors),
        }
    }
}

impl Billing {
    /// As a form shows it.
    #[must_use]
    pub fn draft(&self, mark: DecimalMark) -> BillingDraft {
        let electronic = self.electronic.as_ref();
        BillingDraft {
            vat_registered: self.vat_registered,
            address: DraftAddress::of(&self.address),
            email: self.email.clone(),
            telephone: self.telephone.clone(),
            iban: self.iban.grouped(),
            bic: self.bic.to_string(),
            electronic_address: electronic.map(|to| to.address.clone()).unwrap_or_default(),
            electronic_operator: electronic.map(|to| to.operator.clone()).unwrap_or_default(),
            reference_form: self.reference_form.as_str().to_owned(),
            payment_days: self.payment_days.to_string(),
            late_interest: self.late_interest.map(|rate| mark.write(rate.percent())).unwrap_or_default(),
        }
    }
}

/// A number of days, or nothing.
pub(crate) fn days(field: &str, text: &str) -> Result<Option<u16>, FieldError> {
    match text.trim() {
        "" => Ok(None),
        text => match text.parse::<u16>() {
            Ok(days) if days <= MAX_DAYS => Ok(Some(days)),
            _ => Err(FieldError::new(field, code::DAYS_INVALID).with("max", MAX_DAYS)),
        },
    }
}

/// An address for electronic invoices at `{field}_address` and `{field}_operator`, or nothing.
pub(crate) fn electronic(field: &str, address: &str, operator: &str) -> Result<Option<ElectronicAddress>, FieldError> {
    let read = |part: &str, text: &str| {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let fits = text.is_empty() || (2..=35).contains(&text.len());
        let is_code =
            text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b':' || b == b'-' || b == b'_' || b == b'.');
        if fits && is_code {
            Ok(text)
        } else {
            Err(FieldError::new(format!("{field}_{part}"), code::ELECTRONIC_ADDRESS_INVALID))
        }
    };
    let (address, operator) = (read("address", address)?, read("operator", operator)?);
    if address.is_empty() && !operator.is_empty() {
        return Err(FieldError::new(format!("{field}_address"), code::REQUIRED));
    }
    Ok((!address.is_empty()).then_some(ElectronicAddress { address, operator }))
}

fn read<T: FromStr>(text: &str, field: &str, invalid: &'static str) -> Result<T, FieldError> {
    if text.trim().is_empty() {
        return Err(FieldError::new(field, code::REQUIRED));
    }
    text.parse().map_err(|_| FieldError::new(field, invalid))
}

fn optional_email(text: &str) -> Result<String, FieldError> {
    let text = one_line("email", text, MAX_TEXT)?;
    if text.is_empty() {
        return Ok(text);
    }
    Email::parse("email", None, &text).map(|_| text)
}

fn optional_telephone(text: &str) -> Result<String, FieldError> {
    let text = one_line("telephone", text, MAX_TEXT)?;
    if text.is_empty() {
        return Ok(text);
    }
    Telephone::parse("telephone", None, &text, country::HOME).map(|_| text)
}

impl fmt::Display for ReferenceForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> BillingDraft {
        BillingDraft {
            vat_registered: true,
            address: DraftAddress {
                street: "Satamakatu 1".into(),
                postal_code: "00100".into(),
                ..DraftAddress::default()
            },
            email: "laskutus@example.com".into(),
            telephone: "09 1234 5678".into(),
            iban: "FI79 4405 2020 0360 82".into(),
            bic: "ndeafihh".into(),
            electronic_address: "0037 2617416 4".into(),
            electronic_operator: "003721291126".into(),
            payment_days: "30".into(),
            late_interest: "11,5".into(),
            ..BillingDraft::default()
        }
    }

    #[test]
    fn a_company_that_can_send_invoices() {
        let billing = draft().validate().unwrap();
        assert_eq!(billing.address.town, "Helsinki");
        assert_eq!(billing.iban.as_str(), "FI7944052020036082");
        assert_eq!(billing.electronic.as_ref().unwrap().address, "003726174164");
        assert_eq!((billing.payment_days, billing.late_interest), (30, Some(Ratio(1_150))));
        assert_eq!(billing.draft(DecimalMark::Comma).validate(), Ok(billing));
        let plain =
            BillingDraft { payment_days: String::new(), late_interest: " ".into(), ..draft() }.validate().unwrap();
        assert_eq!((plain.payment_days, plain.late_interest), (14, None));
    }

    #[test]
    fn what_is_wrong_is_told_at_its_field() {
        let wrong = BillingDraft {
            email: "x".into(),
            telephone: "?".into(),
            iban: "FI79 4405 2020 0360 83".into(),
            bic: "NORDEA".into(),
            electronic_address: String::new(),
            payment_days: "-1".into(),
            late_interest: "paljon".into(),
            reference_form: "rf".into(),
            address: DraftAddress::default(),
            ..draft()
        };
        let errors = wrong.validate().unwrap_err();
        let fields: Vec<_> = errors.0.iter().map(|error| (error.field.as_str(), error.code)).collect();
        assert_eq!(
            fields,
            [
                ("address.street", code::REQUIRED),
                ("email", code::EMAIL_INVALID),
                ("telephone", code::TELEPHONE_INVALID),
                ("iban", code::IBAN_INVALID),
                ("bic", code::BIC_INVALID),
                ("electronic_address", code::REQUIRED),
                ("reference_form", code::CHOICE_UNKNOWN),
                ("payment_days", code::DAYS_INVALID),
                ("late_interest", code::PERCENTAGE_INVALID),
            ]
        );
    }
}
