//! What a person gave, in a form that programs read (Art. 20; promise P25). Its JSON is described by
//! `docs/schema/portable-person.schema.json`; another register of this program brings it in as it is.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::draft::{DraftAddress, DraftText};
use crate::field::{FieldError, FieldErrors, code};
use crate::id::{PersonId, RegisterId};
use crate::kind::{Kind, Kinds};
use crate::notice::SourceKind;
use crate::person::PersonDraft;
use crate::value::{Label, NewValue, Value};

/// The version of the format.
pub const FORMAT: &str = "seloste-portable/1";
/// Most bytes of a file that is brought in.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Most values of a person.
const MAX_VALUES: usize = 1_000;

/// Whether what came from a source was given by the person: said by them, or made by their own acts in a service (Article 29
/// Working Party, WP 242). What others told or the controller derived is not (Art. 20(1)).
#[must_use]
pub const fn is_own(source: SourceKind) -> bool {
    matches!(source, SourceKind::DataSubject | SourceKind::Digital)
}

/// Whether a kind can be taken along as a value. What the register gives, such as a customer number or a tag, is not the
/// person's.
#[must_use]
pub const fn is_portable(kind: Kind) -> bool {
    matches!(kind, Kind::Name | Kind::Email | Kind::PostalAddress | Kind::Telephone | Kind::Language)
}

/// A person as they take themself along.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Portable {
    /// [`FORMAT`].
    pub format: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// The register that made it: with the person's id there it says whether the same was brought in before.
    pub register: RegisterId,
    /// The controller's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub controller: Option<String>,
    /// The person's id in that register.
    pub person: PersonId,
    /// The values.
    pub values: Vec<PortableValue>,
    /// The organisations that the person represents.
    pub represents: Vec<PortableRepresentation>,
    /// The orders that the person placed. They are not brought in elsewhere: they were placed with another company.
    pub orders: Vec<PortableOrder>,
    /// What the person consented to and has not withdrawn. It is not brought in elsewhere: a consent is to the one who asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consents: Vec<PortableConsent>,
}

/// A consent that the person gave.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortableConsent {
    /// The company that it was given to.
    pub company: String,
    /// The wording.
    pub text: String,
    /// When it was given.
    pub given_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// A value that the person gave.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PortableValue {
    /// The datum: `kind` and `value`.
    #[serde(flatten)]
    pub value: Value,
    /// First day on which it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Date>,
    /// Last day on which it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Date>,
}

/// An organisation that the person represents.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortableRepresentation {
    /// The organisation's name.
    pub organisation: String,
    /// The person's title in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// First day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Date>,
    /// Last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Date>,
}

/// An order that the person placed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortableOrder {
    /// Its number.
    pub number: String,
    /// The company that it was placed with.
    pub company: String,
    /// The day.
    pub ordered_on: Date,
    /// Sum with tax, in cents.
    pub gross_cents: i64,
    /// The lines.
    pub lines: Vec<PortableLine>,
}

/// A line of an order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortableLine {
    /// The product's code.
    pub product: String,
    /// What it is.
    pub description: String,
    /// How much, as a decimal number.
    pub quantity: String,
    /// The price of one without tax, as a decimal number.
    pub unit_price: String,
}

impl Portable {
    /// Reads a file. Nothing in it is trusted: values are checked as those of a form are.
    ///
    /// # Errors
    /// It is not such a file, is too large, or a value is none that the register could have.
    pub fn read(bytes: &[u8], kinds: Kinds, today: Date) -> Result<(Self, Vec<NewValue>), FieldErrors> {
        let invalid = || FieldErrors::from(FieldError::new("file", code::PORTABLE_INVALID));
        if bytes.len() > MAX_BYTES {
            return Err(invalid());
        }
        let portable: Self = serde_json::from_slice(bytes).map_err(|_| invalid())?;
        if portable.format != FORMAT || portable.values.len() > MAX_VALUES {
            return Err(invalid());
        }
        let mut errors = FieldErrors::default();
        let mut values = Vec::new();
        for value in &portable.values {
            // A kind that this register's notice does not declare is left where it came from (promise P10).
            if !is_portable(value.value.kind()) || !kinds.has(value.value.kind()) {
                continue;
            }
            match value.checked(kinds, today) {
                Some(new) => values.push(new),
                None => errors.push(FieldError::new("file", code::PORTABLE_INVALID)),
            }
        }
        if values.is_empty() {
            errors.push(FieldError::new("file", code::NOTHING_IDENTIFIES));
        }
        errors.into_result((portable, values))
    }
}

impl PortableValue {
    /// The value as the register keeps it, checked by the rules of forms.
    fn checked(&self, kinds: Kinds, today: Date) -> Option<NewValue> {
        let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
        let (valid_from, valid_until) = (day(self.valid_from), day(self.valid_until));
        let text = |label: Option<Label>, text: &str| DraftText {
            label: label.map(|label| label.to_string()).unwrap_or_default(),
            text: text.to_owned(),
            valid_from: valid_from.clone(),
            valid_until: valid_until.clone(),
        };
        // A name and a language have no days on forms.
        let ordered = self.valid_from.zip(self.valid_until).is_none_or(|(from, until)| from <= until);
        let is_near = |day: Option<Date>| day.is_none_or(|day| (1900..=2200).contains(&day.year()));
        if !ordered || !is_near(self.valid_from) || !is_near(self.valid_until) {
            return None;
        }
        let mut draft = PersonDraft::default();
        match &self.value {
            Value::Language(_) => {}
            Value::Name(name) => (draft.given, draft.family) = (name.given.clone(), name.family.clone()),
            Value::Email(email) => draft.emails = vec![text(email.label, &email.address)],
            Value::Telephone(telephone) => draft.telephones = vec![text(telephone.label, &telephone.number)],
            Value::PostalAddress(address) => {
                let address = DraftAddress::of(address);
                draft.addresses = vec![DraftAddress { valid_from, valid_until, ..address }];
            }
            Value::CustomerNumber(_) | Value::Tags(_) => return None,
        }
        if matches!(self.value, Value::Language(_)) {
            return Some(NewValue {
                value: self.value.clone(),
                valid_from: self.valid_from,
                valid_until: self.valid_until,
            });
        }
        let new = draft.validate_part(kinds, today).ok()?.into_iter().next()?;
        // A name of a form has no days.
        Some(NewValue { valid_from: self.valid_from, valid_until: self.valid_until, ..new })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::email::Email;
    use crate::name::PersonName;

    const TODAY: Date = date(2026, 11, 28);

    fn portable(value: Value) -> Portable {
        Portable {
            format: FORMAT.into(),
            made_at: Timestamp::UNIX_EPOCH,
            register: RegisterId(uuid::Uuid::nil()),
            controller: None,
            person: PersonId(uuid::Uuid::nil()),
            values: vec![PortableValue { value, valid_from: Some(date(2020, 1, 1)), valid_until: None }],
            represents: Vec::new(),
            orders: Vec::new(),
            consents: Vec::new(),
        }
    }

    fn read(portable: &Portable) -> Result<Vec<NewValue>, FieldErrors> {
        let kinds: Kinds = Kind::ALL.into_iter().collect();
        Portable::read(&serde_json::to_vec(portable).unwrap(), kinds, TODAY).map(|(_, values)| values)
    }

    #[test]
    fn what_was_taken_along_comes_in_as_it_was() {
        for value in [
            Value::Name(PersonName { given: "Åsa".into(), family: "Öhman".into() }),
            Value::Email(Email { label: Some(Label::Home), address: "asa@example.com".into() }),
            Value::Language(crate::language::Language::Sv),
        ] {
            let values = read(&portable(value.clone())).unwrap();
            assert_eq!((&values[0].value, values[0].valid_from), (&value, Some(date(2020, 1, 1))));
        }
    }

    #[test]
    fn what_no_form_could_enter_is_refused() {
        let email = Value::Email(Email { label: None, address: "ei osoite".into() });
        assert_eq!(read(&portable(email)).unwrap_err().0[0].code, code::PORTABLE_INVALID);
        let other = Portable { format: "muu/1".into(), ..portable(Value::Language(crate::language::Language::Fi)) };
        assert_eq!(read(&other).unwrap_err().0[0].code, code::PORTABLE_INVALID);
        let number = portable(Value::CustomerNumber("1".into()));
        assert_eq!(read(&number).unwrap_err().0[0].code, code::NOTHING_IDENTIFIES);
    }
}
