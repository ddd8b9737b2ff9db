//! What money keeps from being erased: open invoices, collection, and what bookkeeping has to keep (promise P16).

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

use crate::date::{DateOrder, parse_field};
use crate::field::{FieldError, FieldErrors, code, one_line};
use crate::id::{ClaimHoldId, CollectionId, InvoiceId};
use crate::invoice::InvoiceKind;
use crate::money::Cents;
use crate::word::words;

words! {
    /// Why something can not be erased yet.
    HoldGround {
        /// Something of an invoice is open: the claim has to be made (Art. 17(3)(e)).
        OpenInvoice = "open_invoice",
        /// An invoice is with a collection partner (Art. 17(3)(e)).
        Collection = "collection",
        /// A voucher of the accounts (Art. 17(3)(b); Accounting Act 1336/1997 2:10).
        Accounting = "accounting",
        /// An order was confirmed and not delivered: the data is still needed for the contract (Art. 17(1)(a), 6(1)(b)).
        OpenOrder = "open_order",
        /// A credit application waits for its decision (Art. 17(1)(a), 6(1)(b)).
        CreditPending = "credit_pending",
        /// A legal claim for which somebody decided that the data stays, with a reason and a day of review (Art. 17(3)(e)).
        LegalClaim = "legal_claim",
        /// The person asked that the data stays, restricted, for a claim of their own (Art. 18(1)(c)).
        RestrictedForClaims = "restricted_for_claims",
    }
}

impl HoldGround {
    /// The article of the General Data Protection Regulation, and the law behind it.
    #[must_use]
    pub const fn article(self) -> &'static str {
        match self {
            Self::OpenInvoice | Self::Collection | Self::LegalClaim => "Art. 17(3)(e)",
            Self::Accounting => "Art. 17(3)(b); 1336/1997 2:10",
            Self::OpenOrder | Self::CreditPending => "Art. 17(1)(a), 6(1)(b)",
            Self::RestrictedForClaims => "Art. 18(1)(c)",
        }
    }

    /// Whether it keeps all of a person's data, and not only an invoice: an order can not be delivered, and a claim not be
    /// met, without knowing who the person is.
    #[must_use]
    pub const fn keeps_all(self) -> bool {
        match self {
            Self::OpenInvoice | Self::Collection | Self::Accounting => false,
            Self::OpenOrder | Self::CreditPending | Self::LegalClaim | Self::RestrictedForClaims => true,
        }
    }

    /// Whether it ends in the course of business, without anybody having to decide about the person's data: a person who has
    /// themself erased may wait for it without asking staff. A claim is weighed by somebody, and ends when they say so.
    #[must_use]
    pub const fn ends_by_itself(self) -> bool {
        match self {
            Self::OpenInvoice | Self::Collection | Self::Accounting | Self::OpenOrder | Self::CreditPending => true,
            Self::LegalClaim | Self::RestrictedForClaims => false,
        }
    }
}

/// Something that can not be erased yet.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Hold {
    /// Why.
    pub ground: HoldGround,
    /// What, as the log names it: `invoice:...`, `collection:...`.
    pub object: String,
    /// What people call it: the invoice's number.
    pub name: String,
    /// Until that day, which is included; none: until it is settled.
    pub until: Option<Date>,
    /// The day on which a decision that has no end is looked at again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<Date>,
}

/// A legal claim for which somebody decided that a person's data stays.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClaimHold {
    /// Its id.
    pub id: ClaimHoldId,
    /// Which claim; sealed.
    pub reason: String,
    /// The day on which it is looked at again. It holds until somebody lifts it.
    pub review_on: Date,
    /// Who set it, as the log names them.
    pub set_by: String,
    /// When.
    pub set_at: Timestamp,
    /// Who lifted it, and when.
    pub lifted: Option<(String, Timestamp)>,
}

/// Most characters of the reason of a claim.
const MAX_REASON: usize = 500;
/// Most years until a claim is looked at again.
const MAX_YEARS: i16 = 3;

/// A claim as a form gives it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ClaimDraft {
    /// Which claim.
    pub reason: String,
    /// When it is looked at again.
    pub review_on: String,
}

impl ClaimDraft {
    /// Checks the draft.
    ///
    /// # Errors
    /// Everything that is wrong: no reason, or a day that is not in the three years to come.
    pub fn validate(&self, today: Date) -> Result<(String, Date), FieldErrors> {
        let mut errors = FieldErrors::default();
        let reason = errors.keep(one_line("reason", &self.reason, MAX_REASON)).unwrap_or_default();
        if reason.is_empty() && errors.is_empty() {
            errors.push(FieldError::new("reason", code::REQUIRED));
        }
        let day = errors.keep(parse_field("review_on", &self.review_on, DateOrder::DayFirst)).flatten();
        let last = today.saturating_add(MAX_YEARS.years());
        match day {
            Some(day) if day > today && day <= last && errors.is_empty() => return Ok((reason, day)),
            Some(day) if day <= today || day > last => errors.push(FieldError::new("review_on", code::REVIEW_DAY)),
            None if errors.0.iter().all(|error| error.field != "review_on") => {
                errors.push(FieldError::new("review_on", code::REQUIRED));
            }
            _ => {}
        }
        Err(errors)
    }
}

/// The month in which financial periods end, unless the company has another (Accounting Act 1:4).
pub const PERIOD_ENDS: i8 = 12;

/// What of a sent invoice decides how long it stays.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InvoiceFacts {
    /// Which.
    pub id: InvoiceId,
    /// Its number.
    pub number: String,
    /// A credit note is a voucher, too, but no claim.
    pub kind: InvoiceKind,
    /// Its day.
    pub date: Date,
    /// What is still to be paid.
    pub open: Cents,
    /// The last day on which something was booked on it, or a case about it ended.
    pub moved: Option<Date>,
    /// The case that a collection partner has.
    pub case: Option<CollectionId>,
}

impl InvoiceFacts {
    /// What keeps the invoice on `today`. The time of a voucher begins with the last thing that happened to it: money that
    /// came later belongs to the accounts of a later year.
    #[must_use]
    pub fn holds(&self, today: Date) -> Vec<Hold> {
        let hold = |ground, object, until| Hold { ground, object, name: self.number.clone(), until, review: None };
        let object = || format!("invoice:{}", self.id);
        let mut holds = Vec::new();
        if self.kind == InvoiceKind::Invoice && self.open.0 > 0 {
            holds.push(hold(HoldGround::OpenInvoice, object(), None));
        }
        if let Some(case) = self.case {
            holds.push(hold(HoldGround::Collection, format!("collection:{case}"), None));
        }
        let last = self.moved.map_or(self.date, |moved| moved.max(self.date));
        let until = vouchers_until(period_end(last, PERIOD_ENDS));
        if until >= today {
            holds.push(hold(HoldGround::Accounting, object(), Some(until)));
        }
        holds
    }
}

/// The last day until which vouchers are kept: the end of the sixth calendar year after that in which the financial period
/// ended (Accounting Act 2:10(2)).
#[must_use]
pub fn vouchers_until(period_end: Date) -> Date {
    Date::new(period_end.year().saturating_add(6), 12, 31).unwrap_or(Date::MAX)
}

/// The last day until which the books are kept: ten years from the end of the financial period (Accounting Act 2:10(1)).
#[must_use]
pub fn books_until(period_end: Date) -> Date {
    period_end.saturating_add(10.years())
}

/// The end of the financial period that a day is in, which ends on the last day of `month`.
#[must_use]
pub fn period_end(day: Date, month: i8) -> Date {
    let end = |year: i16| Date::new(year, month.clamp(1, 12), 1).map_or(Date::MAX, |first| first.last_of_month());
    let this = end(day.year());
    if day <= this { this } else { end(day.year().saturating_add(1)) }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn invoice(open: i64, moved: Option<Date>) -> InvoiceFacts {
        InvoiceFacts {
            id: InvoiceId(uuid::Uuid::nil()),
            number: "2026-00001".into(),
            kind: InvoiceKind::Invoice,
            date: date(2026, 11, 2),
            open: Cents(open),
            moved,
            case: None,
        }
    }

    #[test]
    fn an_invoice_stays_until_it_is_paid_and_its_voucher_is_old() {
        let grounds = |facts: &InvoiceFacts, today| {
            facts.holds(today).into_iter().map(|hold| (hold.ground, hold.until)).collect::<Vec<_>>()
        };
        let (open, paid) = (invoice(100, None), invoice(0, Some(date(2027, 1, 5))));
        let today = date(2026, 11, 28);
        let accounting = |year| (HoldGround::Accounting, Some(date(year, 12, 31)));
        assert_eq!(grounds(&open, today), [(HoldGround::OpenInvoice, None), accounting(2032)]);
        assert_eq!(grounds(&paid, today), [accounting(2033)]);
        assert_eq!(grounds(&paid, date(2033, 12, 31)), [accounting(2033)]);
        assert_eq!(grounds(&paid, date(2034, 1, 1)), []);
        // What was never paid stays, however old it is.
        assert_eq!(grounds(&open, date(2050, 1, 1)), [(HoldGround::OpenInvoice, None)]);
        let case = InvoiceFacts { case: Some(CollectionId(uuid::Uuid::nil())), ..invoice(0, None) };
        assert_eq!(grounds(&case, date(2050, 1, 1)), [(HoldGround::Collection, None)]);
    }

    #[test]
    fn vouchers_six_years_and_books_ten() {
        assert_eq!(vouchers_until(date(2024, 3, 31)), date(2030, 12, 31));
        assert_eq!(books_until(date(2024, 3, 31)), date(2034, 3, 31));
        for (day, month, end) in [
            (date(2026, 11, 28), 12, date(2026, 12, 31)),
            (date(2026, 3, 31), 3, date(2026, 3, 31)),
            (date(2026, 4, 1), 3, date(2027, 3, 31)),
            (date(2027, 12, 1), 2, date(2028, 2, 29)),
        ] {
            assert_eq!(period_end(day, month), end);
        }
    }
}
