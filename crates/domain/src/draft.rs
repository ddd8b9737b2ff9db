//! Values as a form or an import row gives them: raw text, nothing checked yet.

use serde::{Deserialize, Serialize};

use crate::id::OrganisationId;

/// An e-mail address or a telephone number as given.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DraftText {
    /// [`crate::value::Label`] by name, or empty.
    pub label: String,
    /// The address or the number; an entry with empty text is passed over.
    pub text: String,
    /// First day of validity, or empty.
    pub valid_from: String,
    /// Last day of validity, or empty.
    pub valid_until: String,
}

impl DraftText {
    /// An entry without label and validity.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

/// A postal address as given; one with all parts empty is passed over.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DraftAddress {
    /// [`crate::value::Label`] by name, or empty.
    pub label: String,
    /// Street rows.
    pub street: String,
    /// Postal code; `FI-00100` and `00100 Helsinki` are taken apart.
    pub postal_code: String,
    /// Town; may be empty when the Finnish postal code says it.
    pub town: String,
    /// State, province or county.
    pub region: String,
    /// A code or a name of a country; empty: Finland.
    pub country: String,
    /// First day of validity, or empty.
    pub valid_from: String,
    /// Last day of validity, or empty.
    pub valid_until: String,
}

/// An organisation as a draft names it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrganisationRef {
    /// One that is in the register.
    Id(OrganisationId),
    /// By name: found or added when the draft is stored.
    Named(String),
}
