//! A person of the register (*rekisteröity*).

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::draft::{DraftAddress, DraftText, OrganisationRef};
use crate::id::{CompanyId, OrganisationId, PersonId, RepresentationId, SourceId};
use crate::value::{NewValue, StoredValue};

/// A person with all that is known of them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// Name, customer number, language, e-mails, telephones and postal addresses, past ones too.
    pub values: Vec<StoredValue>,
    /// The organisations that they represent or represented.
    pub representations: Vec<Representation>,
    /// The companies of the group whose customer they are.
    pub companies: Vec<CompanyId>,
    /// Non-disclosure for personal safety (*turvakielto*): see [`Person::masked`].
    pub protected_address: bool,
    /// Grows by one with every change; a change names the version that it was made on.
    pub version: i64,
    /// When they were added.
    pub created_at: Timestamp,
    /// When anything of them last changed.
    pub changed_at: Timestamp,
}

/// The fact that a person represents an organisation for a time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Representation {
    /// Its id.
    pub id: RepresentationId,
    /// The organisation.
    pub organisation: OrganisationId,
    /// The organisation's name as it is now.
    pub organisation_name: String,
    /// The person's title there.
    pub title: Option<String>,
    /// First day; none: always did.
    pub valid_from: Option<Date>,
    /// Last day; none: until further notice.
    pub valid_until: Option<Date>,
    /// Where it came from, as the notice names the source.
    pub source: SourceId,
    /// Who entered it: the user's name as it was then, or the import.
    pub entered_by: String,
    /// When it was entered.
    pub entered_at: Timestamp,
}

/// A person as a form or an import row gives them: raw text, nothing checked yet.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PersonDraft {
    /// Given names.
    pub given: String,
    /// Family name.
    pub family: String,
    /// Customer number.
    pub customer_number: String,
    /// `fi`, `sv` or `en`, or empty.
    pub language: String,
    /// E-mail addresses.
    pub emails: Vec<DraftText>,
    /// Telephone numbers.
    pub telephones: Vec<DraftText>,
    /// Postal addresses.
    pub addresses: Vec<DraftAddress>,
    /// The organisation that the person represents.
    pub organisation: Option<OrganisationRef>,
    /// The person's title in it.
    pub title: String,
    /// Short names of companies of the group.
    pub companies: Vec<String>,
    /// Whether the person's address is protected (*turvakielto*).
    pub protected_address: bool,
}

/// A person checked and normalised, ready to be stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValidPerson {
    /// The values in the order of the form, each once.
    pub values: Vec<NewValue>,
    /// The organisation that the person represents; a name is cleaned.
    pub organisation: Option<OrganisationRef>,
    /// The person's title in it.
    pub title: Option<String>,
    /// The companies; whether the notice has them is for the caller to check.
    pub companies: Vec<CompanyId>,
    /// Whether the person's address is protected.
    pub protected_address: bool,
}
