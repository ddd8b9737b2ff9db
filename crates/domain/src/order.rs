//! Orders (*tilaukset*).

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::address::PostalAddress;
use crate::draft::DraftAddress;
use crate::id::{CompanyId, OrderId, OrganisationId, PersonId, SourceId};
use crate::money::Cents;
pub use crate::vat::Ratio;

/// Most lines that an order can have.
pub const MAX_LINES: usize = 10_000;

/// A quantity in thousandths: 1.5 kg is 1,500.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Quantity(pub i64);

/// A price of one unit without tax, in ten-thousandths of a euro: 9.80 EUR is 98,000.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnitPrice(pub i64);

/// How far an order has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// Being written.
    #[default]
    Draft,
    /// Agreed with the customer.
    Confirmed,
    /// Delivered.
    Delivered,
    /// Invoiced: a voucher refers to it (Accounting Act 1336/1997 2:7).
    Invoiced,
    /// Called off.
    Cancelled,
    /// Put away by the archiving rule; read only.
    Archived,
}

impl OrderState {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Draft, Self::Confirmed, Self::Delivered, Self::Invoiced, Self::Cancelled, Self::Archived];

    /// The name in the database and in files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Confirmed => "confirmed",
            Self::Delivered => "delivered",
            Self::Invoiced => "invoiced",
            Self::Cancelled => "cancelled",
            Self::Archived => "archived",
        }
    }
}

impl fmt::Display for OrderState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Not a state of an order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a state of an order")]
pub struct UnknownState;

impl FromStr for OrderState {
    type Err = UnknownState;
    fn from_str(text: &str) -> Result<Self, UnknownState> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or(UnknownState)
    }
}

/// Where an order was delivered, as it was then: later changes of the customer's address do not reach it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DeliveryAddress {
    /// Addressee.
    pub name: String,
    /// The address.
    pub address: PostalAddress,
}

/// A line of an order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OrderLine {
    /// Its number, from 1.
    pub number: i64,
    /// Product code.
    pub product: String,
    /// What it is.
    pub description: String,
    /// How many; negative on a return.
    pub quantity: Quantity,
    /// Price of one without tax.
    pub unit_price: UnitPrice,
    /// Discount as a share of the price, 0-10,000.
    pub discount: Ratio,
    /// VAT rate, 0-10,000.
    pub vat_rate: Ratio,
}

/// The sums of one VAT rate.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RateTotal {
    /// The rate.
    pub rate: Ratio,
    /// Sum of the lines' nets.
    pub net: Cents,
    /// Tax of that sum, rounded once per rate.
    pub vat: Cents,
}

/// The sums of an order.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Totals {
    /// Per VAT rate, the highest rate first.
    pub rates: Vec<RateTotal>,
    /// Without tax.
    pub net: Cents,
    /// Tax.
    pub vat: Cents,
    /// With tax.
    pub gross: Cents,
}

/// An order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// Its number, unique in the company.
    pub number: String,
    /// The company of the group that it was placed with.
    pub company: CompanyId,
    /// Who placed it.
    pub person: Option<PersonId>,
    /// On whose behalf.
    pub organisation: Option<OrganisationId>,
    /// The day of the order.
    pub ordered_on: Date,
    /// The day on which delivery was asked for.
    pub requested_on: Option<Date>,
    /// The day of delivery.
    pub delivered_on: Option<Date>,
    /// How far it has come.
    pub state: OrderState,
    /// Where to, as it was.
    pub delivery: Option<DeliveryAddress>,
    /// The lines by number.
    pub lines: Vec<OrderLine>,
    /// The sums of `lines`.
    pub totals: Totals,
    /// Where it came from, as the notice names the source.
    pub source: SourceId,
    /// Who entered it: the user's name as it was then, or the import.
    pub entered_by: String,
    /// When it was entered.
    pub entered_at: Timestamp,
    /// Grows by one with every change; a change names the version that it was made on.
    pub version: i64,
    /// When it last changed.
    pub changed_at: Timestamp,
}

/// An order line as a form or an import row gives it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LineDraft {
    /// Product code.
    pub product: String,
    /// What it is.
    pub description: String,
    /// How many.
    pub quantity: String,
    /// Price of one without tax.
    pub unit_price: String,
    /// `0.15` or `15 %`; empty: none.
    pub discount: String,
    /// `25.5`, `25,5 %` or `0.255`; empty: the standard rate on the day of the order.
    pub vat_rate: String,
}

/// An order as a form or an import gives it: raw text, nothing checked yet.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OrderDraft {
    /// Order number.
    pub number: String,
    /// Short name of the company of the group.
    pub company: String,
    /// Who placed it, found by the caller.
    pub person: Option<PersonId>,
    /// On whose behalf, found by the caller.
    pub organisation: Option<OrganisationId>,
    /// The day of the order.
    pub ordered_on: String,
    /// The day on which delivery was asked for, or empty.
    pub requested_on: String,
    /// The day of delivery, or empty.
    pub delivered_on: String,
    /// [`OrderState::as_str`]; empty: draft.
    pub state: String,
    /// Addressee.
    pub delivery_name: String,
    /// Delivery address.
    pub delivery: DraftAddress,
    /// The lines; those with all fields empty are passed over.
    pub lines: Vec<LineDraft>,
}

/// An order checked and counted, ready to be stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValidOrder {
    /// Order number.
    pub number: String,
    /// The company; whether the notice has it is for the caller to check.
    pub company: CompanyId,
    /// Who placed it.
    pub person: Option<PersonId>,
    /// On whose behalf.
    pub organisation: Option<OrganisationId>,
    /// The day of the order.
    pub ordered_on: Date,
    /// The day on which delivery was asked for.
    pub requested_on: Option<Date>,
    /// The day of delivery.
    pub delivered_on: Option<Date>,
    /// How far it has come.
    pub state: OrderState,
    /// Where to.
    pub delivery: Option<DeliveryAddress>,
    /// The lines, numbered from 1.
    pub lines: Vec<OrderLine>,
    /// The sums of `lines`.
    pub totals: Totals,
}
