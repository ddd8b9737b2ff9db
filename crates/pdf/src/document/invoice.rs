//! An invoice or a credit note.

use serde::Serialize;

use super::{Fact, OrderConfirmation};

/// An invoice: laid out as an order confirmation, with what a payer needs at its end.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Invoice {
    /// Seller, recipient, lines and sums.
    #[serde(flatten)]
    pub body: OrderConfirmation,
    /// How to pay; none on a credit note.
    pub slip: Option<Slip>,
}

/// What a payer needs, in a frame of its own.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Slip {
    /// The heading.
    pub heading: String,
    /// Payee, account, bank and payer.
    pub parties: Vec<Fact>,
    /// Reference, due date and amount.
    pub payment: Vec<Fact>,
    /// The bank barcode, where the account has one.
    pub barcode: Option<Barcode>,
}

/// A symbol of bars with the digits that it stands for: those who can not see the bars read the digits.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Barcode {
    /// What the digits are called.
    pub label: String,
    /// The digits.
    pub digits: String,
    /// Widths of bars and spaces in turn, in modules, beginning with a bar; without quiet zones.
    pub widths: Vec<u8>,
}
