//! What happens to a claim that is late: disputes, acknowledgements, and handing over to a collection partner.

use jiff::civil::Date;

use crate::address::PostalAddress;
use crate::disclosure::Permit;
use crate::field::{FieldError, FieldErrors, code, one_line};
use crate::kind::Kind;
use crate::payment::past_day;
use crate::reminder::Items;
use crate::word::words;

words! {
    /// What happened to a claim.
    DebtEventKind {
        /// The debtor disputes it: collection stops (Debt Collection Act section 4 b).
        Dispute = "dispute",
        /// A consumer asked in writing to suspend collection (section 4 c).
        Suspension = "suspension",
        /// The debtor acknowledged it (Limitation Act section 10).
        Acknowledgement = "acknowledgement",
        /// A judgment or another ground for enforcement (section 13).
        Judgment = "judgment",
    }
}

impl DebtEventKind {
    /// Whether reminders and collection stop until it ends.
    #[must_use]
    pub const fn stops(self) -> bool {
        matches!(self, Self::Dispute | Self::Suspension)
    }
}

words! {
    /// How a case at a collection partner stands.
    CollectionState {
        /// The partner has it.
        HandedOver = "handed_over",
        /// The partner gave it back, or it was asked back.
        Returned = "returned",
        /// It was settled.
        Closed = "closed",
    }
}

/// Most characters of a reason.
const MAX_REASON: usize = 500;

/// An event of a claim as a form gives it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DebtEventDraft {
    /// [`DebtEventKind::as_str`].
    pub kind: String,
    /// The day on which it happened or came.
    pub happened_on: String,
    /// Why, in short; sealed.
    pub reason: String,
}

/// An event that was checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValidDebtEvent {
    /// What happened.
    pub kind: DebtEventKind,
    /// When.
    pub happened_on: Date,
    /// Why; never empty of what stops collection.
    pub reason: String,
}

impl DebtEventDraft {
    /// Checks the draft.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn validate(&self, today: Date) -> Result<ValidDebtEvent, FieldErrors> {
        let mut errors = FieldErrors::default();
        let kind = self.kind.parse::<DebtEventKind>().map_err(|_| FieldError::new("kind", code::CHOICE_UNKNOWN));
        let kind = errors.keep(kind);
        let happened_on = errors.keep(past_day("happened_on", &self.happened_on, today));
        let reason = errors.keep(one_line("reason", &self.reason, MAX_REASON));
        if let (Some(kind), Some(reason)) = (kind, &reason)
            && kind.stops()
            && reason.is_empty()
        {
            errors.push(FieldError::new("reason", code::REQUIRED));
        }
        match (kind, happened_on, reason) {
            (Some(kind), Some(happened_on), Some(reason)) if errors.is_empty() => {
                Ok(ValidDebtEvent { kind, happened_on, reason })
            }
            _ => Err(errors),
        }
    }
}

/// What a collection partner gets of a claim: what is necessary to collect it, and nothing else (Debt Collection Act section
/// 16): who owes, where to write, what for, how much, what was sent. No e-mail address, telephone number, customer number,
/// order, or line of the invoice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HandOver {
    /// The case, by which the partner answers.
    pub case: String,
    /// The creditor's name and business id.
    pub creditor: (String, String),
    /// Where is to be paid: account and reference.
    pub account: (String, String),
    /// `consumer` or `business`.
    pub debtor_kind: &'static str,
    /// The debtor's name, and business id or empty.
    pub debtor: (String, String),
    /// The debtor's address.
    pub address: PostalAddress,
    /// The language in which to write.
    pub language: &'static str,
    /// The invoice: number, date, due date.
    pub invoice: (String, Date, Date),
    /// What is claimed.
    pub items: Items,
    /// The rate of late interest in per cent from the day on.
    pub interest: (String, Date),
    /// What was sent and when.
    pub sent: Vec<(&'static str, Date)>,
}

impl HandOver {
    /// The columns of the file, the names of its fields.
    pub const COLUMNS: [&'static str; 25] = [
        "case",
        "creditor",
        "creditor_business_id",
        "account",
        "reference",
        "debtor_kind",
        "debtor",
        "debtor_business_id",
        "street",
        "postal_code",
        "town",
        "country",
        "language",
        "invoice_number",
        "invoice_date",
        "due_date",
        "principal",
        "interest",
        "fees",
        "total",
        "interest_rate",
        "interest_from",
        "currency",
        "sent",
        "last_sent",
    ];

    /// The kinds of data that it needs.
    pub const FIELDS: [Kind; 3] = [Kind::Name, Kind::PostalAddress, Kind::Orders];

    /// The file: a header and a row, UTF-8, `;` between the cells, each in quotation marks. Only a permit lets it be made,
    /// and what the permit does not name is left out.
    #[must_use]
    pub fn file(&self, permit: &Permit) -> Vec<u8> {
        let line = |cells: &[String]| {
            let quoted: Vec<String> = cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
            format!("{}\r\n", quoted.join(";"))
        };
        let header: Vec<String> = Self::COLUMNS.iter().map(|name| (*name).to_owned()).collect();
        let mut row = self.row();
        for (name, cell) in Self::COLUMNS.iter().zip(&mut row) {
            let kind = match *name {
                "debtor" | "debtor_business_id" => Kind::Name,
                "street" | "postal_code" | "town" | "country" => Kind::PostalAddress,
                _ => Kind::Orders,
            };
            if !permit.has(kind) {
                cell.clear();
            }
        }
        format!("\u{feff}{}{}", line(&header), line(&row)).into_bytes()
    }

    /// The row of the file. Amounts have two decimals and a point; days are `2026-11-28`.
    #[must_use]
    pub fn row(&self) -> Vec<String> {
        let items = &self.items;
        let fees = crate::money::Cents(items.earlier_fees.0 + items.fee.0);
        let sent: Vec<String> = self.sent.iter().map(|(kind, day)| format!("{kind} {day}")).collect();
        vec![
            self.case.clone(),
            self.creditor.0.clone(),
            self.creditor.1.clone(),
            self.account.0.clone(),
            self.account.1.clone(),
            self.debtor_kind.to_owned(),
            self.debtor.0.clone(),
            self.debtor.1.clone(),
            self.address.street.replace('\n', ", "),
            self.address.postal_code.clone(),
            self.address.town.clone(),
            self.address.country.to_string(),
            self.language.to_owned(),
            self.invoice.0.clone(),
            self.invoice.1.to_string(),
            self.invoice.2.to_string(),
            items.principal.to_string(),
            items.interest.to_string(),
            fees.to_string(),
            items.total().to_string(),
            self.interest.0.clone(),
            self.interest.1.to_string(),
            "EUR".to_owned(),
            sent.join("; "),
            self.sent.last().map(|(_, day)| day.to_string()).unwrap_or_default(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stops_collection_has_a_reason() {
        let today = jiff::civil::date(2026, 11, 28);
        let draft = DebtEventDraft { kind: "dispute".into(), happened_on: "28.11.2026".into(), reason: " ".into() };
        assert_eq!(draft.validate(today).unwrap_err().0[0].field, "reason");
        assert!(DebtEventDraft { kind: "judgment".into(), ..draft.clone() }.validate(today).is_ok());
        let wrong = DebtEventDraft { kind: "x".into(), happened_on: "29.11.2026".into(), ..draft };
        let fields: Vec<_> = wrong.validate(today).unwrap_err().0.into_iter().map(|error| error.field).collect();
        assert_eq!(fields, ["kind", "happened_on"]);
    }
}
