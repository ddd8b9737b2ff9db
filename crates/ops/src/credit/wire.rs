//! The shape in which a credit service is asked and answers (docs/credit.md). What an answer has beside it is not kept.

use jiff::civil::Date;
use seloste_domain::credit::{Answer, Finding, MAX_CLASS, MAX_ENTRIES, MAX_REFERENCE, Proposal, Trouble, usable_until};
use seloste_domain::disclosure::Permit;
use seloste_domain::field::one_line;
use seloste_domain::id::CreditEnquiryId;
use seloste_domain::kind::{Kind, Kinds};
use seloste_store::StoreError;
use serde::{Deserialize, Serialize};

/// An enquiry.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Asking {
    /// Its id, which the answer repeats.
    pub(super) enquiry: CreditEnquiryId,
    /// Always `credit_granting` (Credit Data Act 527/2007 section 19).
    pub(super) purpose: String,
    /// The day of the application.
    pub(super) applied_on: Date,
    /// How much was applied for.
    pub(super) amount: Amount,
    /// Whom it is about.
    pub(super) subject: Subject,
}

impl Asking {
    /// The kinds of data in it.
    pub(super) fn kinds(&self) -> Kinds {
        let of_subject = match &self.subject {
            Subject::Person { address: None, .. } => vec![Kind::Name],
            Subject::Person { address: Some(_), .. } => vec![Kind::Name, Kind::PostalAddress],
            Subject::Organisation { .. } => vec![Kind::Organisation],
        };
        // That somebody applies for credit, when and how much, is data of its own.
        of_subject.into_iter().chain([Kind::Credit]).collect()
    }

    /// Its bytes. There are none without a permit for every kind in it.
    pub(super) fn written(&self, permit: &Permit) -> Result<String, StoreError> {
        if self.kinds().iter().any(|kind| !permit.has(kind)) {
            return Err(StoreError::Corrupt("an enquiry beyond its permit".into()));
        }
        serde_json::to_string(self).map_err(|error| StoreError::Corrupt(error.to_string()))
    }

    /// What was written.
    pub(super) fn read(text: &str) -> Result<Self, StoreError> {
        serde_json::from_str(text).map_err(|_| StoreError::Corrupt("an enquiry that can not be read".into()))
    }
}

/// A sum.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Amount {
    /// `EUR`.
    pub(super) currency: String,
    /// Hundredths.
    pub(super) cents: i64,
}

/// Whom an enquiry is about: what the notice declares, and no personal identity code or date of birth, which it does not.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Subject {
    /// A person.
    Person {
        /// Given name.
        given: String,
        /// Family name.
        family: String,
        /// Where they live, unless it is protected or not known.
        #[serde(skip_serializing_if = "Option::is_none")]
        address: Option<Address>,
    },
    /// An organisation.
    Organisation {
        /// Its name.
        name: String,
        /// Its business id.
        business_id: String,
    },
}

/// A postal address.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Address {
    /// Street, in rows.
    pub(super) street: String,
    /// Postal code.
    pub(super) postal_code: String,
    /// Town.
    pub(super) town: String,
    /// ISO 3166-1 alpha-2.
    pub(super) country: String,
}

#[derive(Deserialize)]
struct Said {
    enquiry: CreditEnquiryId,
    finding: Finding,
    #[serde(default)]
    entries: Option<u32>,
    #[serde(default)]
    class: Option<String>,
    #[serde(default)]
    proposal: Option<Proposal>,
    #[serde(default)]
    reference: Option<String>,
    #[serde(default)]
    register: Option<String>,
    #[serde(default)]
    valid_until: Option<Date>,
}

/// Most characters of the name of a register.
const MAX_REGISTER: usize = 200;

/// Reads an answer, and until when it may be used. `register` is what the service is set up to answer from.
///
/// # Errors
/// It is not of the shape, says one thing and another, is over already, or answers another enquiry.
pub(super) fn read(
    bytes: &[u8],
    asked: CreditEnquiryId,
    register: &str,
    today: Date,
) -> Result<(Answer, Date), Trouble> {
    let said: Said = serde_json::from_slice(bytes).map_err(|_| Trouble::Form)?;
    if said.enquiry != asked {
        return Err(Trouble::Other);
    }
    let line = |text: Option<String>, longest: usize| match text {
        None => Ok(None),
        Some(text) => one_line("", &text, longest).map(|line| (!line.is_empty()).then_some(line)),
    };
    let line = |text, longest| line(text, longest).map_err(|_| Trouble::Form);
    let counted = said.entries.unwrap_or(0);
    let contradicts = counted > 0 && said.finding != Finding::Entries;
    if contradicts || counted > MAX_ENTRIES || said.valid_until.is_some_and(|until| until < today) {
        return Err(Trouble::Form);
    }
    let answer = Answer {
        finding: said.finding,
        entries: said.entries,
        class: line(said.class, MAX_CLASS)?,
        proposal: said.proposal,
        reference: line(said.reference, MAX_REFERENCE)?,
        register: line(said.register, MAX_REGISTER)?.unwrap_or_else(|| register.to_owned()),
    };
    Ok((answer, usable_until(said.valid_until, today)))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const TODAY: Date = date(2026, 11, 28);

    fn id(last: u128) -> CreditEnquiryId {
        CreditEnquiryId(uuid::Uuid::from_u128(last))
    }

    fn said(rest: &str) -> Result<(Answer, Date), Trouble> {
        let text = format!("{{\"enquiry\":\"{}\",{rest}}}", id(1));
        read(text.as_bytes(), id(1), "Luottotietorekisteri", TODAY)
    }

    #[test]
    fn only_what_a_decision_needs_is_kept() {
        let (answer, until) = said(
            r#""finding":"entries","entries":2,"class":" C ","proposal":"refuse","reference":"x1","valid_until":"2026-12-01",
               "income":123456,"cohabitant":"Matti""#,
        )
        .unwrap();
        assert_eq!((answer.entries, answer.class.as_deref(), until), (Some(2), Some("C"), date(2026, 12, 1)));
        assert_eq!(answer.register, "Luottotietorekisteri");
        assert!(!serde_json::to_string(&answer).unwrap().contains("Matti"));
        assert_eq!(said(r#""finding":"clear""#).unwrap().1, date(2026, 12, 28), "a month at most");
        assert_eq!(said(r#""finding":"clear","valid_until":"2031-01-01""#).unwrap().1, date(2026, 12, 28));
        assert_eq!(said(r#""finding":"clear","register":"Toinen""#).unwrap().0.register, "Toinen");
    }

    #[test]
    fn what_is_wrong_is_refused() {
        let long = format!(r#""finding":"clear","class":"{}""#, "x".repeat(11));
        for wrong in [
            r#""finding":"bad""#,
            r#""entries":1"#,
            r#""finding":"clear","entries":1"#,
            r#""finding":"entries","entries":-1"#,
            r#""finding":"entries","entries":10001"#,
            r#""finding":"clear","valid_until":"2026-11-27""#,
            r#""finding":"clear","valid_until":"tomorrow""#,
            r#""finding":"clear","proposal":"refused""#,
            "\"finding\":\"clear\",\"reference\":\"a\\u0000\"",
            &long,
        ] {
            assert_eq!(said(wrong).unwrap_err(), Trouble::Form, "{wrong}");
        }
        assert_eq!(read(b"", id(1), "", TODAY).unwrap_err(), Trouble::Form);
        assert_eq!(read(b"<html>", id(1), "", TODAY).unwrap_err(), Trouble::Form);
        let other = format!("{{\"enquiry\":\"{}\",\"finding\":\"clear\"}}", id(2));
        assert_eq!(read(other.as_bytes(), id(1), "", TODAY).unwrap_err(), Trouble::Other);
    }
}
