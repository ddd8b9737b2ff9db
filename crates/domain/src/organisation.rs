//! An organisation that people represent (*edustama yhteisö*).

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::business_id::{self, BusinessId};
use crate::draft::{Check, Contacts, DraftAddress, DraftText};
use crate::field::{FieldError, FieldErrors, code, one_line};
use crate::id::{CompanyId, OrganisationId, SourceId};
use crate::kind::{Kind, Kinds};
use crate::name;
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
    /// What is odd but was kept: an unverified telephone number, an unknown postal code.
    pub warnings: FieldErrors,
}

impl Organisation {
    /// The values of a kind, past ones too, in stored order.
    pub fn values_of(&self, kind: Kind) -> impl Iterator<Item = &StoredValue> {
        self.values.iter().filter(move |stored| stored.value.kind() == kind)
    }

    /// The values that hold on a day.
    pub fn values_on(&self, day: Date) -> impl Iterator<Item = &StoredValue> {
        self.values.iter().filter(move |stored| stored.holds_on(day))
    }

    /// The organisation as a form shows it to be edited: the values that hold on `day` or will.
    #[must_use]
    pub fn draft(&self, day: Date) -> OrganisationDraft {
        let shown = |stored: &&StoredValue| stored.valid_until.is_none_or(|until| day <= until);
        let contacts = Contacts::of(self.values.iter().filter(shown));
        OrganisationDraft {
            name: self.name.clone(),
            business_id: self.business_id.clone().map(String::from).unwrap_or_default(),
            customer_number: contacts.customer_number,
            emails: contacts.emails,
            telephones: contacts.telephones,
            addresses: contacts.addresses,
            companies: self.companies.iter().map(ToString::to_string).collect(),
        }
    }
}

impl OrganisationDraft {
    /// Checks and normalises the draft. `kinds` are those that the notice declares: without
    /// [`Kind::Organisation`] there are no organisations, and a contact of another kind is refused.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the fields.
    pub fn validate(&self, kinds: Kinds, today: Date) -> Result<ValidOrganisation, FieldErrors> {
        let mut check = Check::new(kinds, today);
        if !check.is_declared("name", Kind::Organisation) {
            return Err(check.errors);
        }
        let name = check.errors.keep(one_line("name", &self.name, name::MAX)).unwrap_or_default();
        if check.errors.is_empty() && name.is_empty() {
            check.errors.push(FieldError::new("name", code::REQUIRED));
        }
        let business_id = check.errors.keep(self.checked_business_id()).flatten();
        check.customer_number(&self.customer_number);
        check.contacts(&self.emails, &self.telephones, &self.addresses);
        let companies = check.companies(&self.companies);
        let (values, warnings) = (check.values, check.warnings);
        check.errors.into_result(ValidOrganisation { name, business_id, values, companies, warnings })
    }

    fn checked_business_id(&self) -> Result<Option<BusinessId>, FieldError> {
        if self.business_id.trim().is_empty() {
            return Ok(None);
        }
        let found = business_id::parse(&self.business_id);
        found.map(Some).ok_or_else(|| FieldError::new("business_id", code::BUSINESS_ID_INVALID))
    }
}
