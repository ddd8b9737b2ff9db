//! What money keeps from being erased: open invoices, collection, and what bookkeeping has to keep (promise P16).

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

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
    }
}

impl HoldGround {
    /// The article of the General Data Protection Regulation, and the law behind it.
    #[must_use]
    pub const fn article(self) -> &'static str {
        match self {
            Self::OpenInvoice | Self::Collection => "Art. 17(3)(e)",
            Self::Accounting => "Art. 17(3)(b); 1336/1997 2:10",
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
