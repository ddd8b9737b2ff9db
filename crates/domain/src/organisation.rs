//! An organisation that people represent (*edustama yhteisö*).

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::address::PostalAddress;
use crate::business_id::{self, BusinessId};
use crate::draft::{Check, Contacts, DraftAddress, DraftText, is_shown};
use crate::field::{FieldError, FieldErrors, code, one_line};
use crate::id::{CompanyId, OrganisationId, SourceId};
use crate::kind::{Kind, Kinds};
use crate::name;
use crate::prohibition::Marks;
use crate::value::{NewValue, StoredValue, Value};

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
    /// What it has forbidden, and whether the processing of its data is restricted.
    #[serde(default)]
    pub marks: Marks,
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

    /// What is shown of one whose processing is restricted to those who have to find its card: name and customer number.
    #[must_use]
    pub fn withheld(mut self) -> Self {
        self.values.retain(|stored| stored.value.kind() == Kind::CustomerNumber);
        self.business_id = None;
        self
    }

    /// It without the contact values that may not be used for direct marketing (Act 917/2014 section 202).
    #[must_use]
    pub fn for_marketing(mut self) -> Self {
        self.values.retain(|stored| self.marks.may_market_by(stored.value.kind(), false));
        self
    }

    /// Where to write to it on a day: the first postal address that holds.
    #[must_use]
    pub fn address(&self, day: Date) -> Option<&PostalAddress> {
        self.values_on(day).find_map(|stored| match &stored.value {
            Value::PostalAddress(address) => Some(address),
            _ => None,
        })
    }

    /// The organisation as a form shows it to be edited: the values that hold on `day` or will.
    #[must_use]
    pub fn draft(&self, day: Date) -> OrganisationDraft {
        let contacts = Contacts::of(self.values.iter().filter(|stored| is_shown(stored, day)));
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

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const TODAY: Date = date(2026, 11, 23);

    fn kinds() -> Kinds {
        [Kind::Organisation, Kind::Telephone, Kind::PostalAddress].into_iter().collect()
    }

    fn draft() -> OrganisationDraft {
        OrganisationDraft {
            name: " Wartian  Herkku ".into(),
            business_id: "FI26174164".into(),
            telephones: vec![
                DraftText::new("981-443655"),
                DraftText { label: "fax".into(), ..DraftText::new("981-443655") },
            ],
            addresses: vec![DraftAddress {
                street: "Torikatu 38".into(),
                postal_code: "90110".into(),
                town: "Oulu".into(),
                country: "Finland".into(),
                ..DraftAddress::default()
            }],
            ..OrganisationDraft::default()
        }
    }

    #[test]
    fn a_draft_is_normalised_and_oddities_are_kept() {
        let valid = draft().validate(kinds(), TODAY).unwrap();
        assert_eq!(valid.name, "Wartian Herkku");
        assert_eq!(valid.business_id.unwrap().as_str(), "2617416-4");
        assert_eq!(valid.values.len(), 3);
        let warned: Vec<_> = valid.warnings.0.iter().map(|warning| (warning.field.as_str(), warning.code)).collect();
        assert!(warned.contains(&("addresses.0.postal_code", code::POSTAL_CODE_UNKNOWN)), "{warned:?}");
    }

    #[test]
    fn every_fault_is_named_at_its_field() {
        type Spoil = fn(&mut OrganisationDraft);
        let cases: [(Spoil, &str, &str); 4] = [
            (|d| d.name = " ".into(), "name", code::REQUIRED),
            (|d| d.name = "x".repeat(201), "name", code::TOO_LONG),
            (|d| d.business_id = "2077474-1".into(), "business_id", code::BUSINESS_ID_INVALID),
            (|d| d.emails = vec![DraftText::new("a@example.com")], "emails.0", code::UNDECLARED),
        ];
        for (spoil, field, want) in cases {
            let mut draft = draft();
            spoil(&mut draft);
            let errors = draft.validate(kinds(), TODAY).unwrap_err();
            assert_eq!(errors.0.iter().map(|e| (e.field.as_str(), e.code)).collect::<Vec<_>>(), [(field, want)]);
        }
        let errors = draft().validate(kinds().without(Kind::Organisation), TODAY).unwrap_err();
        assert_eq!(errors.0, [FieldError::new("name", code::UNDECLARED)]);
    }

    #[test]
    fn a_form_that_comes_back_untouched_changes_nothing() {
        let valid = draft().validate(kinds(), TODAY).unwrap();
        let stored = |new: &NewValue| StoredValue {
            id: crate::id::ValueId(uuid::Uuid::from_u128(1)),
            value: new.value.clone(),
            valid_from: new.valid_from,
            valid_until: new.valid_until,
            source: "customer".parse().unwrap(),
            entered_by: "Testi".into(),
            entered_at: Timestamp::UNIX_EPOCH,
        };
        let organisation = Organisation {
            id: OrganisationId(uuid::Uuid::from_u128(1)),
            name: valid.name.clone(),
            business_id: valid.business_id.clone(),
            values: valid.values.iter().map(stored).collect(),
            companies: Vec::new(),
            marks: Marks::default(),
            version: 1,
            source: "customer".parse().unwrap(),
            entered_by: "Testi".into(),
            entered_at: Timestamp::UNIX_EPOCH,
            created_at: Timestamp::UNIX_EPOCH,
            changed_at: Timestamp::UNIX_EPOCH,
        };
        assert_eq!(organisation.draft(TODAY).validate(kinds(), TODAY), Ok(valid));
    }
}
