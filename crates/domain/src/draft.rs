//! Values as a form or an import row gives them: raw text, nothing checked yet.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::address::PostalAddress;
use crate::country;
use crate::date::{self, DateOrder};
use crate::email::Email;
use crate::field::{FieldError, FieldErrors, code, one_line};
use crate::id::{CompanyId, OrganisationId, ValueId};
use crate::kind::{Kind, Kinds};
use crate::telephone::Telephone;
use crate::value::{Label, NewValue, StoredValue, Value};

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

impl DraftAddress {
    /// The address as a form shows it to be edited.
    #[must_use]
    pub fn of(address: &PostalAddress) -> Self {
        Self {
            label: address.label.map(|label| label.to_string()).unwrap_or_default(),
            street: address.street.clone(),
            postal_code: address.postal_code.clone(),
            town: address.town.clone(),
            region: address.region.clone(),
            country: address.country.clone(),
            ..Self::default()
        }
    }
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

/// Most e-mails, telephones or addresses of one party.
pub const MAX_ENTRIES: usize = 50;
/// Most characters in a customer number.
const MAX_NUMBER: usize = 40;
/// Most companies of the group.
const MAX_COMPANIES: usize = 100;

/// What has been found while a draft of a party is checked.
pub(crate) struct Check {
    pub(crate) kinds: Kinds,
    pub(crate) today: Date,
    pub(crate) values: Vec<NewValue>,
    pub(crate) errors: FieldErrors,
    pub(crate) warnings: FieldErrors,
}

impl Check {
    pub(crate) fn new(kinds: Kinds, today: Date) -> Self {
        Self { kinds, today, values: Vec::new(), errors: FieldErrors::default(), warnings: FieldErrors::default() }
    }

    /// Whether a field that was filled in is of a declared kind; notes the error when it is not (promise P10).
    pub(crate) fn is_declared(&mut self, field: &str, kind: Kind) -> bool {
        if !self.kinds.has(kind) {
            self.errors.push(FieldError::new(field, code::UNDECLARED));
        }
        self.kinds.has(kind)
    }

    /// Adds a value that holds without end.
    pub(crate) fn add(&mut self, value: Value) {
        self.add_within(value, Validity::default());
    }

    /// Adds a value unless it is there already.
    fn add_within(&mut self, value: Value, validity: Validity) {
        let new = NewValue { value, valid_from: validity.from, valid_until: validity.until };
        if !self.values.contains(&new) {
            self.values.push(new);
        }
    }

    pub(crate) fn customer_number(&mut self, text: &str) {
        const FIELD: &str = "customer_number";
        if text.trim().is_empty() || !self.is_declared(FIELD, Kind::CustomerNumber) {
            return;
        }
        match self.errors.keep(one_line(FIELD, text, MAX_NUMBER)) {
            Some(number) if number.chars().any(char::is_alphanumeric) => self.add(Value::CustomerNumber(number)),
            Some(_) => self.errors.push(FieldError::new(FIELD, code::CUSTOMER_NUMBER_INVALID)),
            None => {}
        }
    }

    /// E-mails, telephones and addresses. A telephone number without a country code belongs to the country of the first
    /// address, which is Finland when nothing else is said.
    pub(crate) fn contacts(&mut self, emails: &[DraftText], telephones: &[DraftText], addresses: &[DraftAddress]) {
        let given = addresses.iter().map(|address| address.country.trim()).find(|country| !country.is_empty());
        let country = given.and_then(country::code).unwrap_or(country::HOME);
        self.entries("emails", emails, |check, field, draft| check.email(field, draft));
        self.entries("telephones", telephones, |check, field, draft| check.telephone(field, draft, country));
        self.entries("addresses", addresses, |check, field, draft| check.address(field, draft));
    }

    fn entries<T>(&mut self, name: &str, drafts: &[T], mut each: impl FnMut(&mut Self, &str, &T)) {
        if drafts.len() > MAX_ENTRIES {
            self.errors.push(FieldError::new(name, code::TOO_MANY).with("max", MAX_ENTRIES));
            return;
        }
        for (i, draft) in drafts.iter().enumerate() {
            each(self, &format!("{name}.{i}"), draft);
        }
    }

    fn email(&mut self, field: &str, draft: &DraftText) {
        if draft.text.trim().is_empty() || !self.is_declared(field, Kind::Email) {
            return;
        }
        let label = self.label(field, &draft.label, Kind::Email);
        let validity = self.validity(field, &draft.valid_from, &draft.valid_until);
        let email = self.errors.keep(Email::parse(&format!("{field}.text"), label, &draft.text));
        if let Some(email) = email {
            self.add_within(Value::Email(email), validity);
        }
    }

    fn telephone(&mut self, field: &str, draft: &DraftText, country: &str) {
        if draft.text.trim().is_empty() || !self.is_declared(field, Kind::Telephone) {
            return;
        }
        let label = self.label(field, &draft.label, Kind::Telephone);
        let validity = self.validity(field, &draft.valid_from, &draft.valid_until);
        let at = format!("{field}.text");
        let Some(telephone) = self.errors.keep(Telephone::parse(&at, label, &draft.text, country)) else { return };
        if !telephone.e164 {
            self.warnings.push(FieldError::new(at, code::TELEPHONE_UNVERIFIED));
        }
        self.add_within(Value::Telephone(telephone), validity);
    }

    fn address(&mut self, field: &str, draft: &DraftAddress) {
        let Some(mut address) = PostalAddress::check(field, draft, &mut self.errors, &mut self.warnings) else {
            return;
        };
        if !self.is_declared(field, Kind::PostalAddress) {
            return;
        }
        address.label = self.label(field, &draft.label, Kind::PostalAddress);
        let validity = self.validity(field, &draft.valid_from, &draft.valid_until);
        self.add_within(Value::PostalAddress(address), validity);
    }

    fn label(&mut self, field: &str, text: &str, kind: Kind) -> Option<Label> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let label = text.parse().ok().filter(|label: &Label| label.fits(kind));
        self.errors.keep(label.ok_or_else(|| FieldError::new(format!("{field}.label"), code::LABEL_UNKNOWN)))
    }

    fn validity(&mut self, field: &str, from: &str, until: &str) -> Validity {
        let from = self.day(&format!("{field}.valid_from"), from);
        let at = format!("{field}.valid_until");
        let until = self.day(&at, until);
        if let (Some(from), Some(until)) = (from, until)
            && until < from
        {
            self.errors.push(FieldError::new(at, code::DATE_ORDER));
        }
        Validity { from, until }
    }

    fn day(&mut self, field: &str, text: &str) -> Option<Date> {
        let day = self.errors.keep(date::parse_field(field, text, DateOrder::DayFirst)).flatten()?;
        self.errors.keep(check_day(field, day, self.today))
    }

    /// Companies by short name, each once.
    pub(crate) fn companies(&mut self, names: &[String]) -> Vec<CompanyId> {
        if names.len() > MAX_COMPANIES {
            self.errors.push(FieldError::new("companies", code::TOO_MANY).with("max", MAX_COMPANIES));
            return Vec::new();
        }
        let mut companies = Vec::new();
        for (i, name) in names.iter().enumerate().filter(|(_, name)| !name.trim().is_empty()) {
            let company = name.trim().parse();
            let company = company.map_err(|_| FieldError::new(format!("companies.{i}"), code::COMPANY_UNKNOWN));
            companies.extend(self.errors.keep(company).filter(|company| !companies.contains(company)));
        }
        companies
    }
}

#[derive(Clone, Copy, Default)]
struct Validity {
    from: Option<Date>,
    until: Option<Date>,
}

/// A day within a hundred years of today: farther ones are slips of the keyboard.
pub(crate) fn check_day(field: &str, day: Date, today: Date) -> Result<Date, FieldError> {
    let years = i32::from(day.year()) - i32::from(today.year());
    if years.abs() <= 100 { Ok(day) } else { Err(FieldError::new(field, code::DATE_FAR)) }
}

fn as_text(day: Option<Date>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

/// The contact values of a party that hold on a day, as a form shows them to be edited.
#[derive(Default)]
pub(crate) struct Contacts {
    pub(crate) customer_number: String,
    pub(crate) language: String,
    pub(crate) emails: Vec<DraftText>,
    pub(crate) telephones: Vec<DraftText>,
    pub(crate) addresses: Vec<DraftAddress>,
}

impl Contacts {
    pub(crate) fn of<'a>(values: impl IntoIterator<Item = &'a StoredValue>) -> Self {
        let mut contacts = Self::default();
        for stored in values {
            contacts.take(stored);
        }
        contacts
    }

    fn take(&mut self, stored: &StoredValue) {
        let label = stored.value.label().map(|label| label.to_string()).unwrap_or_default();
        let (valid_from, valid_until) = (as_text(stored.valid_from), as_text(stored.valid_until));
        match &stored.value {
            Value::Name(_) | Value::Tags(_) => {}
            Value::CustomerNumber(number) => self.customer_number.clone_from(number),
            Value::Language(language) => language.tag().clone_into(&mut self.language),
            Value::Email(email) => {
                self.emails.push(DraftText { label, text: email.address.clone(), valid_from, valid_until });
            }
            Value::Telephone(telephone) => {
                self.telephones.push(DraftText { label, text: telephone.display(), valid_from, valid_until });
            }
            Value::PostalAddress(address) => {
                self.addresses.push(DraftAddress { valid_from, valid_until, ..DraftAddress::of(address) });
            }
        }
    }
}

/// What an edited form asks for, against what is stored.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Changes {
    /// Stored values that the form no longer has.
    pub removed: Vec<ValueId>,
    /// Values that are new in the form.
    pub added: Vec<NewValue>,
}

/// Compares the values of a party, as the editor was shown them on `day`, with those of the form that came back. A value
/// that is in both keeps its source, who entered it and when. What the editor was not shown stays: masked addresses, tags,
/// and values that ended before `day`.
#[must_use]
pub fn changes(stored: &[StoredValue], wanted: &[NewValue], day: Date) -> Changes {
    let is_same = |old: &StoredValue, new: &NewValue| {
        old.value == new.value && old.valid_from == new.valid_from && old.valid_until == new.valid_until
    };
    let removed = stored.iter().filter(|old| is_shown(old, day) && !wanted.iter().any(|new| is_same(old, new)));
    let added = wanted.iter().filter(|new| !stored.iter().any(|old| is_same(old, new)));
    Changes { removed: removed.map(|old| old.id).collect(), added: added.cloned().collect() }
}

/// Whether a form shows the value on `day`: it holds or will, is not masked, and is no tag (those are given and taken on
/// the card and in lists).
#[must_use]
pub fn is_shown(stored: &StoredValue, day: Date) -> bool {
    let is_masked = matches!(&stored.value, Value::PostalAddress(address) if address.is_masked());
    let is_tag = matches!(stored.value, Value::Tags(_));
    !is_masked && !is_tag && stored.valid_until.is_none_or(|until| day <= until)
}
