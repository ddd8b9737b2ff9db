//! A person of the register (*rekisteröity*).

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::address::PostalAddress;
use crate::draft::{Check, Contacts, DraftAddress, DraftText, OrganisationRef, is_shown};
use crate::email::Email;
use crate::field::{FieldError, FieldErrors, code, one_line};
use crate::id::{CompanyId, OrganisationId, PersonId, RepresentationId, SourceId};
use crate::kind::{Kind, Kinds};
use crate::language::Language;
use crate::name::{self, PersonName};
use crate::telephone::Telephone;
use crate::value::{NewValue, StoredValue, Value, holds};

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
    /// What is odd but was kept: an unverified telephone number, an unknown postal code.
    pub warnings: FieldErrors,
}

impl Person {
    /// The values of a kind, past ones too, in stored order.
    pub fn values_of(&self, kind: Kind) -> impl Iterator<Item = &StoredValue> {
        self.values.iter().filter(move |stored| stored.value.kind() == kind)
    }

    /// The values that hold on a day.
    pub fn values_on(&self, day: Date) -> impl Iterator<Item = &StoredValue> {
        self.values.iter().filter(move |stored| stored.holds_on(day))
    }

    /// The name: the one without an end, else the one entered last.
    #[must_use]
    pub fn name(&self) -> Option<&PersonName> {
        let latest =
            self.values_of(Kind::Name).max_by_key(|stored| (stored.valid_until.is_none(), stored.entered_at))?;
        if let Value::Name(name) = &latest.value { Some(name) } else { None }
    }

    /// What to call the person in a list: the name, else an e-mail address, a telephone number or a customer number.
    #[must_use]
    pub fn display_name(&self) -> String {
        if let Some(name) = self.name() {
            return name.display();
        }
        let kinds = [Kind::Email, Kind::Telephone, Kind::CustomerNumber];
        let other = kinds.into_iter().find_map(|kind| self.values_of(kind).next());
        other.map(|stored| stored.value.display()).unwrap_or_default()
    }

    /// The first e-mail address that holds on `day`.
    #[must_use]
    pub fn email(&self, day: Date) -> Option<&Email> {
        self.values_on(day).find_map(|stored| if let Value::Email(email) = &stored.value { Some(email) } else { None })
    }

    /// The first telephone number that holds on `day`.
    #[must_use]
    pub fn telephone(&self, day: Date) -> Option<&Telephone> {
        self.values_on(day)
            .find_map(|stored| if let Value::Telephone(number) = &stored.value { Some(number) } else { None })
    }

    /// The first postal address that holds on `day`.
    #[must_use]
    pub fn address(&self, day: Date) -> Option<&PostalAddress> {
        self.values_on(day).find_map(|stored| if let Value::PostalAddress(a) = &stored.value { Some(a) } else { None })
    }

    /// The customer number that holds on `day`.
    #[must_use]
    pub fn customer_number(&self, day: Date) -> Option<&str> {
        self.values_on(day)
            .find_map(|stored| if let Value::CustomerNumber(n) = &stored.value { Some(n.as_str()) } else { None })
    }

    /// The language in which the person is served on `day`.
    #[must_use]
    pub fn language(&self, day: Date) -> Option<Language> {
        self.values_on(day)
            .find_map(|stored| if let Value::Language(language) = stored.value { Some(language) } else { None })
    }

    /// The organisations that the person represents on `day`.
    pub fn representations_on(&self, day: Date) -> impl Iterator<Item = &Representation> {
        self.representations.iter().filter(move |r| holds(r.valid_from, r.valid_until, day))
    }

    /// The person as those see them who may not see a protected address (*turvakielto*, Act 661/2009 section 36): of
    /// each postal address, past ones too, only that there is one. Others are returned as they are.
    #[must_use]
    pub fn masked(mut self) -> Self {
        if self.protected_address {
            for stored in &mut self.values {
                if let Value::PostalAddress(address) = &mut stored.value {
                    *address = address.masked();
                }
            }
        }
        self
    }

    /// The person as a form shows them to be edited: the values that hold on `day` or will. Masked addresses are left
    /// out, so that an editor who may not see them cannot overwrite them.
    #[must_use]
    pub fn draft(&self, day: Date) -> PersonDraft {
        let contacts = Contacts::of(self.values.iter().filter(|stored| is_shown(stored, day)));
        let name = self.name().cloned().unwrap_or_default();
        let representation = self.representations_on(day).next();
        PersonDraft {
            given: name.given,
            family: name.family,
            customer_number: contacts.customer_number,
            language: contacts.language,
            emails: contacts.emails,
            telephones: contacts.telephones,
            addresses: contacts.addresses,
            organisation: representation.map(|r| OrganisationRef::Id(r.organisation)),
            title: representation.and_then(|r| r.title.clone()).unwrap_or_default(),
            companies: self.companies.iter().map(ToString::to_string).collect(),
            protected_address: self.protected_address,
        }
    }
}

impl PersonDraft {
    /// Checks and normalises the draft. `kinds` are those that the notice declares: a field of another kind is refused.
    /// At least one value must say who the person is.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the fields.
    pub fn validate(&self, kinds: Kinds, today: Date) -> Result<ValidPerson, FieldErrors> {
        let mut check = Check::new(kinds, today);
        self.check_name(&mut check);
        check.customer_number(&self.customer_number);
        self.check_language(&mut check);
        check.contacts(&self.emails, &self.telephones, &self.addresses);
        let organisation = self.check_organisation(&mut check);
        let title = self.check_title(&mut check);
        let companies = check.companies(&self.companies);
        let identifies = |kind| matches!(kind, Kind::Name | Kind::Email | Kind::Telephone | Kind::CustomerNumber);
        if check.errors.is_empty() && !check.values.iter().any(|new| identifies(new.value.kind())) {
            check.errors.push(FieldError::new("family", code::NOTHING_IDENTIFIES));
        }
        let (values, warnings, protected_address) = (check.values, check.warnings, self.protected_address);
        check.errors.into_result(ValidPerson { values, organisation, title, companies, protected_address, warnings })
    }

    /// Checks and normalises what a draft says beside what is known: it need not say who the person is.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the fields; nothing that is said at all.
    pub fn validate_part(&self, kinds: Kinds, today: Date) -> Result<Vec<NewValue>, FieldErrors> {
        let mut check = Check::new(kinds, today);
        self.check_name(&mut check);
        check.contacts(&self.emails, &self.telephones, &self.addresses);
        if check.errors.is_empty() && check.values.is_empty() {
            check.errors.push(FieldError::new("family", code::REQUIRED));
        }
        check.errors.into_result(check.values)
    }

    fn check_name(&self, check: &mut Check) {
        let field = if self.given.trim().is_empty() { "family" } else { "given" };
        if let Some(Some(name)) = check.errors.keep(PersonName::parse(&self.given, &self.family))
            && check.is_declared(field, Kind::Name)
        {
            check.add(Value::Name(name));
        }
    }

    fn check_language(&self, check: &mut Check) {
        let text = self.language.trim().to_lowercase();
        if text.is_empty() || !check.is_declared("language", Kind::Language) {
            return;
        }
        let language = language_named(&text).ok_or_else(|| FieldError::new("language", code::LANGUAGE_UNKNOWN));
        if let Some(language) = check.errors.keep(language) {
            check.add(Value::Language(language));
        }
    }

    fn check_organisation(&self, check: &mut Check) -> Option<OrganisationRef> {
        let checked = match self.organisation.as_ref()? {
            OrganisationRef::Id(id) => OrganisationRef::Id(*id),
            OrganisationRef::Named(text) => {
                let name = check.errors.keep(one_line("organisation", text, name::MAX))?;
                if name.is_empty() {
                    return None;
                }
                OrganisationRef::Named(name)
            }
        };
        check.is_declared("organisation", Kind::Organisation).then_some(checked)
    }

    /// A title is one's title somewhere: it belongs to the kind that says where.
    fn check_title(&self, check: &mut Check) -> Option<String> {
        let title = check.errors.keep(one_line("title", &self.title, name::MAX)).filter(|title| !title.is_empty())?;
        check.is_declared("title", Kind::Organisation).then_some(title)
    }
}

/// A language by tag or by its name in Finnish, Swedish or English, in lower case.
fn language_named(text: &str) -> Option<Language> {
    match text {
        "suomi" | "finska" | "finnish" | "fi-fi" | "fin" => Some(Language::Fi),
        "ruotsi" | "svenska" | "swedish" | "sv-fi" | "swe" => Some(Language::Sv),
        "englanti" | "engelska" | "english" | "eng" => Some(Language::En),
        tag => tag.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;
    use crate::draft::changes;
    use crate::id::ValueId;
    use crate::value::Label;

    const TODAY: Date = date(2026, 11, 23);

    fn all() -> Kinds {
        Kind::ALL.into_iter().collect()
    }

    fn draft() -> PersonDraft {
        PersonDraft {
            given: "Pirkko".into(),
            family: "Koskitalo".into(),
            customer_number: "WARTH".into(),
            language: "suomi".into(),
            emails: vec![DraftText::new("Pirkko@Example.com"), DraftText::default()],
            telephones: vec![DraftText { label: "mobile".into(), ..DraftText::new("040 123 4567") }],
            addresses: vec![DraftAddress {
                label: "billing".into(),
                street: "Torikatu 38".into(),
                postal_code: "90100".into(),
                ..DraftAddress::default()
            }],
            organisation: Some(OrganisationRef::Named(" Wartian  Herkku ".into())),
            title: "Accounting Manager".into(),
            companies: vec!["arjasmaa".into(), String::new(), "arjasmaa".into()],
            protected_address: false,
        }
    }

    fn person(valid: &ValidPerson) -> Person {
        let stored = |(number, new): (u128, &NewValue)| StoredValue {
            id: ValueId(Uuid::from_u128(number)),
            value: new.value.clone(),
            valid_from: new.valid_from,
            valid_until: new.valid_until,
            source: "customer".parse().unwrap(),
            entered_by: "Testi".into(),
            entered_at: Timestamp::UNIX_EPOCH,
        };
        Person {
            id: PersonId(Uuid::from_u128(1)),
            values: (1..).zip(&valid.values).map(stored).collect(),
            representations: Vec::new(),
            companies: valid.companies.clone(),
            protected_address: valid.protected_address,
            version: 1,
            created_at: Timestamp::UNIX_EPOCH,
            changed_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_good_draft_is_normalised() {
        let valid = draft().validate(all(), TODAY).unwrap();
        let shown: Vec<String> = valid.values.iter().map(|new| new.value.display()).collect();
        assert_eq!(
            shown,
            ["Pirkko Koskitalo", "WARTH", "Suomi", "Pirkko@example.com", "+358 40 1234567", "Torikatu 38, 90100 Oulu"]
        );
        assert_eq!(valid.values[4].value.label(), Some(Label::Mobile));
        assert_eq!(valid.organisation, Some(OrganisationRef::Named("Wartian Herkku".into())));
        assert_eq!(valid.companies.len(), 1);
        assert!(valid.warnings.is_empty());
    }

    #[test]
    fn a_telephone_belongs_to_the_country_of_the_address() {
        let mut draft = draft();
        draft.addresses[0] = DraftAddress { town: "Eugene".into(), country: "USA".into(), ..DraftAddress::default() };
        draft.telephones = vec![DraftText::new("(503) 555-7555"), DraftText::new("555 1234 ext")];
        let valid = draft.validate(all(), TODAY).unwrap();
        let numbers: Vec<String> = person(&valid).values_of(Kind::Telephone).map(|v| v.value.flat().text).collect();
        assert_eq!(numbers, ["+15035557555", "555 1234 ext"]);
        assert_eq!(valid.warnings.0, [FieldError::new("telephones.1.text", code::TELEPHONE_UNVERIFIED)]);
    }

    #[test]
    fn a_kind_that_the_notice_does_not_declare_does_not_exist() {
        for (kind, fields) in [
            (Kind::Name, vec!["given"]),
            (Kind::CustomerNumber, vec!["customer_number"]),
            (Kind::Language, vec!["language"]),
            (Kind::Email, vec!["emails.0"]),
            (Kind::Telephone, vec!["telephones.0"]),
            (Kind::PostalAddress, vec!["addresses.0"]),
            (Kind::Organisation, vec!["organisation", "title"]),
            (Kind::Orders, vec![]),
        ] {
            let found = draft().validate(all().without(kind), TODAY).err().unwrap_or_default();
            assert!(found.0.iter().all(|error| error.code == code::UNDECLARED), "{kind}: {found}");
            assert_eq!(found.0.iter().map(|error| error.field.as_str()).collect::<Vec<_>>(), fields, "{kind}");
        }
    }

    #[test]
    fn every_fault_is_named_at_its_field() {
        type Spoil = fn(&mut PersonDraft);
        let cases: [(Spoil, &str, &str); 14] = [
            (
                |d| *d = PersonDraft { language: "fi".into(), ..PersonDraft::default() },
                "family",
                code::NOTHING_IDENTIFIES,
            ),
            (|d| d.given = "x".repeat(300), "given", code::TOO_LONG),
            (|d| d.customer_number = "--".into(), "customer_number", code::CUSTOMER_NUMBER_INVALID),
            (|d| d.language = "klingon".into(), "language", code::LANGUAGE_UNKNOWN),
            (|d| d.emails[0].text = "pirkko".into(), "emails.0.text", code::EMAIL_INVALID),
            (|d| d.emails[0].label = "fax".into(), "emails.0.label", code::LABEL_UNKNOWN),
            (|d| d.telephones[0].text = "ei ole".into(), "telephones.0.text", code::TELEPHONE_INVALID),
            (|d| d.telephones[0].valid_from = "eilen".into(), "telephones.0.valid_from", code::DATE_INVALID),
            (|d| d.addresses[0].postal_code = "1".into(), "addresses.0.postal_code", code::POSTAL_CODE_INVALID),
            (|d| d.addresses[0].valid_until = "1.1.1800".into(), "addresses.0.valid_until", code::DATE_FAR),
            (
                |d| {
                    d.addresses[0].valid_from = "2.1.2026".into();
                    d.addresses[0].valid_until = "1.1.2026".into();
                },
                "addresses.0.valid_until",
                code::DATE_ORDER,
            ),
            (|d| d.emails = vec![DraftText::new("a@example.com"); 51], "emails", code::TOO_MANY),
            (|d| d.companies[0] = "Arjasmaa Oy".into(), "companies.0", code::COMPANY_UNKNOWN),
            (|d| d.title = "a\0b".into(), "title", code::CONTROL_CHARACTER),
        ];
        for (spoil, field, want) in cases {
            let mut draft = draft();
            spoil(&mut draft);
            let errors = draft.validate(all(), TODAY).unwrap_err();
            assert_eq!(errors.0.iter().map(|e| (e.field.as_str(), e.code)).collect::<Vec<_>>(), [(field, want)]);
        }
    }

    #[test]
    fn a_form_that_comes_back_untouched_changes_nothing() {
        let valid = draft().validate(all(), TODAY).unwrap();
        let mut person = person(&valid);
        person.values[3].valid_until = Some(date(2026, 1, 1));
        let mut form = person.draft(TODAY);
        assert!(form.emails.is_empty());
        let again = form.validate(all(), TODAY).unwrap();
        assert_eq!(changes(&person.values, &again.values, TODAY), crate::draft::Changes::default());
        form.telephones[0].text = "09 1234 5678".into();
        let changed = changes(&person.values, &form.validate(all(), TODAY).unwrap().values, TODAY);
        assert_eq!(changed.removed, [person.values[4].id]);
        assert_eq!(changed.added[0].value.display(), "+358 9 12345678");
    }

    #[test]
    fn a_protected_address_is_neither_seen_nor_lost() {
        let mut draft = draft();
        draft.protected_address = true;
        let valid = draft.validate(all(), TODAY).unwrap();
        let open = Person { protected_address: false, ..person(&valid) };
        assert_eq!(open.clone().masked(), open);
        let masked = person(&valid).masked();
        let json = serde_json::to_string(&masked).unwrap();
        assert!(!["Torikatu", "90100", "Oulu", "FI\""].iter().any(|part| json.contains(part)), "{json}");
        assert!(masked.address(TODAY).unwrap().is_masked());
        let form = masked.draft(TODAY);
        assert!(form.addresses.is_empty());
        let changed = changes(&masked.values, &form.validate(all(), TODAY).unwrap().values, TODAY);
        assert_eq!(changed, crate::draft::Changes::default());
    }

    #[test]
    fn what_holds_today_is_shown_first() {
        let mut person = person(&draft().validate(all(), TODAY).unwrap());
        assert_eq!(person.display_name(), "Pirkko Koskitalo");
        assert_eq!(person.email(TODAY).unwrap().address, "Pirkko@example.com");
        assert_eq!(person.customer_number(TODAY), Some("WARTH"));
        assert_eq!(person.language(TODAY), Some(Language::Fi));
        person.values[3].valid_from = Some(date(2027, 1, 1));
        assert_eq!(person.email(TODAY), None);
        let mut former = person.values[0].clone();
        former.value = Value::Name(PersonName { given: "Pirkko".into(), family: "Virta".into() });
        former.valid_until = Some(date(2020, 1, 1));
        person.values.insert(0, former);
        assert_eq!(person.name().unwrap().family, "Koskitalo");
        person.values.retain(|stored| stored.value.kind() == Kind::Telephone);
        assert_eq!(person.display_name(), "+358 40 1234567");
    }
}
