//! An order confirmation.

use serde::Serialize;

use super::{Block, Fact, Language, Table};

/// An order confirmation, with the customer's address in the window.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct OrderConfirmation {
    /// The language.
    pub language: Language,
    /// The title, with the order's number.
    pub title: String,
    /// The seller: the first line is the name.
    pub seller: Vec<String>,
    /// The customer's address, row by row. Rows longer than 30 characters are broken.
    pub recipient: Vec<String>,
    /// The date.
    pub date: String,
    /// Order number, order date, reference and the like.
    pub facts: Vec<Fact>,
    /// Text before the lines.
    pub introduction: Vec<Block>,
    /// The labels of the lines' columns.
    pub columns: OrderColumns,
    /// The lines.
    pub lines: Vec<OrderLine>,
    /// Sums; the last is the amount to be paid and is set apart.
    pub totals: Vec<Fact>,
    /// Heading of the breakdown of the value added tax.
    pub vat_heading: String,
    /// The breakdown: a row for each rate.
    pub vat: Table,
    /// Text after the sums, such as terms of delivery.
    pub text: Vec<Block>,
}

/// The labels of the columns.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct OrderColumns {
    /// The product's code.
    pub code: String,
    /// The product.
    pub name: String,
    /// How many.
    pub quantity: String,
    /// Of what unit.
    pub unit: String,
    /// The price of one.
    pub unit_price: String,
    /// The rate of the value added tax.
    pub vat: String,
    /// The line's sum.
    pub total: String,
}

/// A line of an order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct OrderLine {
    /// The product's code.
    pub code: String,
    /// The product.
    pub name: String,
    /// How many.
    pub quantity: String,
    /// Of what unit.
    pub unit: String,
    /// The price of one.
    pub unit_price: String,
    /// The rate of the value added tax.
    pub vat: String,
    /// The line's sum.
    pub total: String,
}
