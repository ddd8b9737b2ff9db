//! What persons and organisations have in common in the interfaces. The fields have the names of the drafts that the
//! pages fill, so that errors name the same fields.

use seloste_domain::draft::{DraftAddress, DraftText};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An e-mail address or a telephone number.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Contact {
    /// What it is for (`work`, `home`, `mobile`, ...), or empty.
    label: String,
    /// The address or the number.
    text: String,
    /// The first day on which it holds (`2026-11-23`), or empty.
    valid_from: String,
    /// The last day on which it holds, or empty.
    valid_until: String,
}

impl From<DraftText> for Contact {
    fn from(draft: DraftText) -> Self {
        let DraftText { label, text, valid_from, valid_until } = draft;
        Self { label, text, valid_from, valid_until }
    }
}

impl From<Contact> for DraftText {
    fn from(contact: Contact) -> Self {
        let Contact { label, text, valid_from, valid_until } = contact;
        Self { label, text, valid_from, valid_until }
    }
}

/// A postal address.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Address {
    /// What it is for (`billing`, `delivery`, ...), or empty.
    label: String,
    /// Street rows.
    street: String,
    /// Postal code.
    postal_code: String,
    /// Town; may be empty when a Finnish postal code says it.
    town: String,
    /// State, province or county.
    region: String,
    /// Country as a code of two letters; empty: Finland.
    country: String,
    /// The first day on which it holds (`2026-11-23`), or empty.
    valid_from: String,
    /// The last day on which it holds, or empty.
    valid_until: String,
}

impl From<DraftAddress> for Address {
    fn from(draft: DraftAddress) -> Self {
        let DraftAddress { label, street, postal_code, town, region, country, valid_from, valid_until } = draft;
        Self { label, street, postal_code, town, region, country, valid_from, valid_until }
    }
}

impl From<Address> for DraftAddress {
    fn from(address: Address) -> Self {
        let Address { label, street, postal_code, town, region, country, valid_from, valid_until } = address;
        Self { label, street, postal_code, town, region, country, valid_from, valid_until }
    }
}

/// Each of a list as another type.
pub(crate) fn all<A, B: From<A>>(list: Vec<A>) -> Vec<B> {
    list.into_iter().map(B::from).collect()
}
