//! A change of a party or an order: what stood before and what came instead. It is sealed under the owner's key, can
//! be read later, and can be put back.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::business_id::BusinessId;
use crate::id::{
    CompanyId, ConsentId, CreditApplicationId, ExistingCustomerId, InvoiceId, OrderId, PartyId, PersonId,
    ProhibitionId, RepresentationId, RestrictionId, SourceId,
};
use crate::kind::Kind;
use crate::letter::Letter;
use crate::mirror::Mirrored;
use crate::order::Order;
use crate::person::Representation;
use crate::prohibition::ProhibitionChange;
use crate::restriction::RestrictionChange;
use crate::value::StoredValue;

/// The name of an organisation, with where it came from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OrganisationName {
    /// The name.
    pub name: String,
    /// Its Finnish business id.
    pub business_id: Option<BusinessId>,
    /// Where it came from, as the notice names the source.
    pub source: SourceId,
    /// Who entered it.
    pub entered_by: String,
    /// When.
    pub entered_at: jiff::Timestamp,
}

/// What a thing was and what it became.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Changed<T> {
    /// Before; none when there was nothing.
    pub before: Option<T>,
    /// After; none when nothing is left.
    pub after: Option<T>,
}

impl<T> Changed<T> {
    fn inverse(self) -> Self {
        Self { before: self.after, after: self.before }
    }
}

/// A change of a person or an organisation. A corrected value is one removed and one added.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PartyChange {
    /// Whether the party was added by it.
    #[serde(skip_serializing_if = "is_false")]
    pub created: bool,
    /// Values that were taken out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<StoredValue>,
    /// Values that came in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<StoredValue>,
    /// Organisations that the person no longer is noted to represent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub representations_removed: Vec<Representation>,
    /// Organisations that the person now is noted to represent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub representations_added: Vec<Representation>,
    /// Companies of the group that no longer have the party.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub companies_removed: Vec<CompanyId>,
    /// Companies of the group that now have it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub companies_added: Vec<CompanyId>,
    /// Whether the address is protected: after the change, when the change was about that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protected_address: Option<bool>,
    /// An organisation's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Changed<OrganisationName>>,
    /// The record that was merged into this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received: Option<PartyId>,
    /// What went over to another record when this one was merged into it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved: Option<Box<Moved>>,
}

/// What a merged record gave to the one that was kept: what must come back when the merging is undone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Moved {
    /// The record that was kept.
    pub into: PartyId,
    /// Orders.
    pub orders: Vec<OrderId>,
    /// Invoices.
    #[serde(default)]
    pub invoices: Vec<InvoiceId>,
    /// Credit applications.
    #[serde(default)]
    pub credit_applications: Vec<CreditApplicationId>,
    /// What sources call it.
    pub references: Vec<(SourceId, String)>,
    /// Those who represent it, when it is an organisation.
    pub represented: Vec<(PersonId, RepresentationId)>,
    /// What it had forbidden.
    #[serde(default)]
    pub prohibitions: Vec<ProhibitionId>,
    /// Restrictions of its processing.
    #[serde(default)]
    pub restrictions: Vec<RestrictionId>,
    /// What it had consented to.
    #[serde(default)]
    pub consents: Vec<ConsentId>,
    /// What was noted of sales to it.
    #[serde(default)]
    pub sales: Vec<ExistingCustomerId>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

impl PartyChange {
    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The change that puts back what was before. A party that was added is not taken away by it: that is erasure.
    #[must_use]
    pub fn inverse(self) -> Self {
        Self {
            created: false,
            removed: self.added,
            added: self.removed,
            representations_removed: self.representations_added,
            representations_added: self.representations_removed,
            companies_removed: self.companies_added,
            companies_added: self.companies_removed,
            protected_address: self.protected_address.map(|protected| !protected),
            name: self.name.map(Changed::inverse),
            received: None,
            moved: None,
        }
    }

    /// Whether it is one half of a merging, which is undone as a whole or not at all.
    #[must_use]
    pub const fn is_merging(&self) -> bool {
        self.received.is_some() || self.moved.is_some()
    }

    /// Names of the fields that it touches, for the log: kinds of the catalogue and a few of the register's own.
    #[must_use]
    pub fn fields(&self) -> Vec<String> {
        let kinds = self.removed.iter().chain(&self.added).map(|stored| stored.value.kind());
        let represents = self.representations_removed.iter().chain(&self.representations_added);
        let mut fields: BTreeSet<&'static str> =
            kinds.chain(represents.map(|_| Kind::Organisation)).map(Kind::as_str).collect();
        if !(self.companies_added.is_empty() && self.companies_removed.is_empty()) {
            fields.insert("companies");
        }
        if self.protected_address.is_some() {
            fields.insert("protected_address");
        }
        if self.name.is_some() {
            fields.insert("organisation_name");
        }
        fields.into_iter().map(str::to_owned).collect()
    }
}

/// A sealed change, opened.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Of a person or an organisation.
    Party(Box<PartyChange>),
    /// Of an order.
    Order(Box<Changed<Order>>),
    /// Of an invoice of an accounting system.
    Mirrored(Box<Changed<Mirrored>>),
    /// Nothing changed: a letter was written to the person.
    Letter(Box<Letter>),
    /// Of what the customer has forbidden.
    Prohibition(Box<ProhibitionChange>),
    /// Of a restriction of processing.
    Restriction(Box<RestrictionChange>),
}
