//! The exception of existing customers (Act 917/2014 section 200(3)): direct marketing by e-mail or text message without a consent,
//! of the seller's own similar products and services, to somebody whose address was obtained in connection with a sale and who
//! was told then, and is told in each message, that they may forbid it.
//!
//! It is never entered as such: it is counted of an order and of what was noted of that sale, and falls by itself when either goes.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use serde::Serialize;

use crate::consent::{Channel, LIFE_MONTHS, given_on};
use crate::field::{FieldError, FieldErrors, code};
use crate::id::{CompanyId, ExistingCustomerId, OrderId, PartyId};
use crate::order::OrderState;
use crate::restriction::needed;

/// For so many months after the order. The law sets no term; after that nobody reckons with being an existing customer.
pub const MONTHS: i32 = LIFE_MONTHS;

/// What was noted of a sale: the address was obtained in connection with it, and the customer was told of the right to forbid.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ExistingCustomer {
    /// Its id.
    pub id: ExistingCustomerId,
    /// Whose.
    pub party: PartyId,
    /// The company that sold.
    pub company: CompanyId,
    /// By which channel.
    pub channel: Channel,
    /// The order.
    pub order: OrderId,
    /// The day on which the customer was told that they may forbid it.
    pub told_on: Date,
    /// What shows that.
    pub evidence: String,
    /// Who noted it, as the log names them.
    pub entered_by: String,
    /// When.
    pub entered_at: Timestamp,
    /// How it stands.
    #[serde(skip)]
    pub sale: Sale,
}

/// What of a noted sale decides whether the exception holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sale {
    /// The day and the state of the order, as long as it is there and the customer's own of that company.
    pub order: Option<(Date, OrderState)>,
    /// Whether the address that was obtained is still the customer's.
    pub address_holds: bool,
    /// When it was noted.
    pub entered_at: Timestamp,
}

/// Why the exception does not hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NotExisting {
    /// The order is gone, or somebody else's.
    OrderGone,
    /// The order was not made, or was called off.
    NoSale,
    /// The sale is too long ago.
    TooLongAgo,
    /// The address that was obtained is not the customer's any more.
    AddressGone,
    /// The customer has withdrawn a consent by this channel since.
    Withdrawn,
    /// The customer has forbidden it.
    Forbidden,
}

impl NotExisting {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::OrderGone, Self::NoSale, Self::TooLongAgo, Self::AddressGone, Self::Withdrawn, Self::Forbidden];

    /// The name as key of its translations.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OrderGone => "order_gone",
            Self::NoSale => "no_sale",
            Self::TooLongAgo => "too_long_ago",
            Self::AddressGone => "address_gone",
            Self::Withdrawn => "withdrawn",
            Self::Forbidden => "forbidden",
        }
    }
}

impl Sale {
    /// Until which day it lets write without a consent, on `today`. `withdrawn`: when the customer last withdrew a consent to
    /// marketing of that company by that channel: who has said no is not written to because they bought something before. A
    /// prohibition beats all of it, and is looked at elsewhere.
    ///
    /// # Errors
    /// Why it does not.
    pub fn holds_until(&self, withdrawn: Option<Timestamp>, today: Date) -> Result<Date, NotExisting> {
        let (ordered_on, state) = self.order.ok_or(NotExisting::OrderGone)?;
        if matches!(state, OrderState::Draft | OrderState::Cancelled) {
            return Err(NotExisting::NoSale);
        }
        let until = ordered_on.checked_add(MONTHS.months()).unwrap_or(ordered_on);
        if today > until {
            return Err(NotExisting::TooLongAgo);
        }
        if !self.address_holds {
            return Err(NotExisting::AddressGone);
        }
        if withdrawn.is_some_and(|at| self.entered_at <= at) {
            return Err(NotExisting::Withdrawn);
        }
        Ok(until)
    }
}

/// What is noted of a sale, as a form gives it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SaleDraft {
    /// The order's id.
    pub order: String,
    /// The name of the channel.
    pub channel: String,
    /// The day on which the customer was told (`YYYY-MM-DD`); empty: today.
    pub told_on: String,
    /// What shows that the address was obtained in the sale and the customer told.
    pub evidence: String,
}

/// What is noted of a sale, checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValidSale {
    /// The order.
    pub order: OrderId,
    /// The channel.
    pub channel: Channel,
    /// The day on which the customer was told; none: today.
    pub told_on: Option<Date>,
    /// What shows it.
    pub evidence: String,
}

impl SaleDraft {
    /// Checks it.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn validate(&self, today: Date) -> Result<ValidSale, FieldErrors> {
        let mut errors = FieldErrors::default();
        let unknown = |field: &str| FieldError::new(field, code::CHOICE_UNKNOWN);
        let order = errors.keep(self.order.parse::<OrderId>().map_err(|_| unknown("order")));
        let channel = self.channel.parse::<Channel>().ok().filter(|channel| channel.is_electronic());
        let channel = errors.keep(channel.ok_or_else(|| unknown("channel")));
        let told_on =
            errors.keep(given_on(&self.told_on, today).map_err(|error| FieldError::new("told_on", error.code)));
        let evidence = errors.keep(needed("evidence", &self.evidence));
        match (order, channel, told_on, evidence) {
            (Some(order), Some(channel), Some(told_on), Some(evidence)) if errors.is_empty() => {
                Ok(ValidSale { order, channel, told_on, evidence })
            }
            _ => Err(errors),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_condition_of_the_exception_stops_it_alone() {
        let (today, entered_at) = (jiff::civil::date(2026, 11, 28), Timestamp::UNIX_EPOCH);
        let day = jiff::civil::date(2026, 11, 2);
        let sale = Sale { order: Some((day, OrderState::Confirmed)), address_holds: true, entered_at };
        assert_eq!(sale.holds_until(None, today), Ok(jiff::civil::date(2028, 11, 2)));
        assert_eq!(Sale { order: None, ..sale }.holds_until(None, today), Err(NotExisting::OrderGone));
        for state in [OrderState::Draft, OrderState::Cancelled] {
            let sale = Sale { order: Some((day, state)), ..sale };
            assert_eq!(sale.holds_until(None, today), Err(NotExisting::NoSale));
        }
        let late = jiff::civil::date(2028, 11, 3);
        assert_eq!(sale.holds_until(None, late), Err(NotExisting::TooLongAgo));
        assert_eq!(Sale { address_holds: false, ..sale }.holds_until(None, today), Err(NotExisting::AddressGone));
        assert_eq!(sale.holds_until(Some(entered_at), today), Err(NotExisting::Withdrawn));
        let before = entered_at.checked_sub(jiff::SignedDuration::from_secs(1)).unwrap();
        assert!(sale.holds_until(Some(before), today).is_ok(), "bought again and told again since");
    }

    #[test]
    fn only_electronic_channels_have_the_exception_and_it_is_shown_by_something() {
        let today = jiff::civil::date(2026, 11, 28);
        let draft = SaleDraft {
            order: "01890a5d-ac96-774b-bcce-b302099a8057".into(),
            channel: "email".into(),
            evidence: "Tilauslomakkeen kohta 4".into(),
            ..SaleDraft::default()
        };
        assert!(draft.validate(today).is_ok());
        let fields = |draft: SaleDraft| -> Vec<String> {
            draft.validate(today).unwrap_err().0.into_iter().map(|error| error.field).collect()
        };
        assert_eq!(fields(SaleDraft { channel: "post".into(), ..draft.clone() }), ["channel"]);
        assert_eq!(fields(SaleDraft { evidence: String::new(), ..draft.clone() }), ["evidence"]);
        assert_eq!(fields(SaleDraft { told_on: "2027-01-01".into(), ..draft }), ["told_on"]);
    }
}
