//! An organisation that people represent (*edustama yhteisö*).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::business_id::BusinessId;
use crate::draft::{DraftAddress, DraftText};
use crate::id::{CompanyId, OrganisationId, SourceId};
use crate::value::{NewValue, StoredValue};

/// An organisation with all that is known of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Organisation {
    /// Its id.
    pub id: OrganisationId,
    /// Its name.
    pub name: String,
    /// Its Finnish business id.
    pub business_id: Option<BusinessId>,
    /// Customer number, e-mails, telephones and postal addresses, past ones too.
    pub values: Vec<StoredValue>,
    /// The companies of the group whose customer it is.
    pub companies: Vec<CompanyId>,
    /// Grows by one with every change; a change names the version that it was made on.
    pub version: i64,
    /// Where name and business id came from, as the notice names the source.
    pub source: SourceId,
    /// Who entered name and business id: the user's name as it was then, or the import.
    pub entered_by: String,
    /// When name and business id were entered.
    pub entered_at: Timestamp,
    /// When it was added.
    pub created_at: Timestamp,
    /// When anything of it last changed.
    pub changed_at: Timestamp,
}

/// An organisation as a form or an import row gives it: raw text, nothing checked yet.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OrganisationDraft {
    /// Name.
    pub name: String,
    /// Business id, VAT number or OVT identifier, or empty.
    pub business_id: String,
    /// Customer number.
    pub customer_number: String,
    /// E-mail addresses.
    pub emails: Vec<DraftText>,
    /// Telephone numbers.
    pub telephones: Vec<DraftText>,
    /// Postal addresses.
    pub addresses: Vec<DraftAddress>,
    /// Short names of companies of the group.
    pub companies: Vec<String>,
}

/// An organisation checked and normalised, ready to be stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValidOrganisation {
    /// Name.
    pub name: String,
    /// Business id.
    pub business_id: Option<BusinessId>,
    /// The values in the order of the form, each once.
    pub values: Vec<NewValue>,
    /// The companies; whether the notice has them is for the caller to check.
    pub companies: Vec<CompanyId>,
}
