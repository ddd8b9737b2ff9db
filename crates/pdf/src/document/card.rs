//! A customer card.

use serde::Serialize;

use super::{Language, Table};

/// What the register holds about a customer, on paper.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Card {
    /// The language.
    pub language: Language,
    /// The title: the customer's name.
    pub title: String,
    /// A line beneath it, such as the register and when it was printed by whom.
    pub note: String,
    /// The labels of the facts' columns.
    pub columns: CardColumns,
    /// The facts, in groups.
    pub groups: Vec<CardGroup>,
    /// Heading of the orders.
    pub orders_heading: String,
    /// The orders.
    pub orders: Option<Table>,
}

/// The labels of the columns.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct CardColumns {
    /// What the value is.
    pub label: String,
    /// The value.
    pub value: String,
    /// Where it comes from.
    pub source: String,
}

/// Facts that belong together.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct CardGroup {
    /// What they are about.
    pub title: String,
    /// The facts.
    pub facts: Vec<CardFact>,
}

/// A fact and where it comes from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct CardFact {
    /// The label.
    pub label: String,
    /// The value. A line feed in it begins a new line.
    pub value: String,
    /// The source.
    pub source: String,
}
