//! Postal addresses.

use serde::{Deserialize, Serialize};

use crate::value::Label;

/// A postal address. Any part may be empty, but not street, town and postal code all at once.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct PostalAddress {
    /// What it is for.
    pub label: Option<Label>,
    /// Street, unit, c/o and box: one or more rows joined with `\n`.
    pub street: String,
    /// Postal code as the country writes it.
    pub postal_code: String,
    /// Post town.
    pub town: String,
    /// State, province or county, where the country uses one.
    pub region: String,
    /// Country, ISO 3166-1 alpha-2, upper case.
    pub country: String,
}
