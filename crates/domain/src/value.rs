//! A value: one datum of a party, with where it came from. [`Flat`] is the same in the columns of a table.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::address::PostalAddress;
use crate::email::Email;
use crate::id::{SourceId, TagId, ValueId};
use crate::kind::Kind;
use crate::language::Language;
use crate::name::PersonName;
use crate::telephone::Telephone;

/// What an e-mail address, a telephone number or a postal address is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// Private, at home.
    Home,
    /// At work.
    Work,
    /// A mobile telephone.
    Mobile,
    /// A fax.
    Fax,
    /// Where one visits (*käyntiosoite*).
    Visiting,
    /// Where goods are taken.
    Delivery,
    /// Where invoices go.
    Billing,
}

impl Label {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Home, Self::Work, Self::Mobile, Self::Fax, Self::Visiting, Self::Delivery, Self::Billing];

    /// The name in the database, in forms and in import mappings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Work => "work",
            Self::Mobile => "mobile",
            Self::Fax => "fax",
            Self::Visiting => "visiting",
            Self::Delivery => "delivery",
            Self::Billing => "billing",
        }
    }

    /// Whether values of `kind` can carry this label.
    #[must_use]
    pub const fn fits(self, kind: Kind) -> bool {
        match self {
            Self::Home | Self::Work => matches!(kind, Kind::Email | Kind::Telephone | Kind::PostalAddress),
            Self::Mobile | Self::Fax => matches!(kind, Kind::Telephone),
            Self::Visiting | Self::Delivery => matches!(kind, Kind::PostalAddress),
            Self::Billing => matches!(kind, Kind::Email | Kind::PostalAddress),
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Not a label.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a label of a value")]
pub struct UnknownLabel;

impl FromStr for Label {
    type Err = UnknownLabel;
    fn from_str(text: &str) -> Result<Self, UnknownLabel> {
        Self::ALL.into_iter().find(|label| label.as_str() == text).ok_or(UnknownLabel)
    }
}

/// One datum of a person or an organisation.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Value {
    /// A person's name.
    Name(PersonName),
    /// A customer number, NFC, trimmed.
    CustomerNumber(String),
    /// The language of service.
    Language(Language),
    /// An e-mail address.
    Email(Email),
    /// A telephone number.
    Telephone(Telephone),
    /// A postal address.
    PostalAddress(PostalAddress),
    /// A tag, by its name in the catalogue.
    Tags(TagId),
}

/// A value as the columns of the value table.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Flat {
    /// [`Label::as_str`].
    pub label: Option<String>,
    /// Family name, number, language tag, e-mail address, telephone number, name of a tag, or street rows joined with `\n`.
    pub text: String,
    /// Given names.
    pub given: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Town.
    pub town: Option<String>,
    /// State, province or county.
    pub region: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// [`Value::match_key`].
    pub match_key: Option<String>,
}

/// Stored columns do not make a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a stored value of kind `{kind}` is corrupt: {why}")]
pub struct Corrupt {
    /// The kind that was expected.
    pub kind: Kind,
    /// Which rule the columns break.
    pub why: &'static str,
}

/// A value about to be stored.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct NewValue {
    /// The datum.
    pub value: Value,
    /// First day on which it holds; none: always did.
    pub valid_from: Option<Date>,
    /// Last day on which it holds; none: until further notice.
    pub valid_until: Option<Date>,
}

/// A value as it is stored.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StoredValue {
    /// Its id.
    pub id: ValueId,
    /// The datum.
    pub value: Value,
    /// First day on which it holds; none: always did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Date>,
    /// Last day on which it holds; none: until further notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Date>,
    /// Where it came from, as the notice names the source (Art. 14(2)(f)).
    pub source: SourceId,
    /// Who entered it: the user's name as it was then, or the import.
    pub entered_by: String,
    /// When it was entered.
    pub entered_at: Timestamp,
}

impl Value {
    /// Its kind in the catalogue.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Name(_) => Kind::Name,
            Self::CustomerNumber(_) => Kind::CustomerNumber,
            Self::Language(_) => Kind::Language,
            Self::Email(_) => Kind::Email,
            Self::Telephone(_) => Kind::Telephone,
            Self::PostalAddress(_) => Kind::PostalAddress,
            Self::Tags(_) => Kind::Tags,
        }
    }

    /// What it is for, where its kind has labels.
    #[must_use]
    pub const fn label(&self) -> Option<Label> {
        match self {
            Self::Email(email) => email.label,
            Self::Telephone(telephone) => telephone.label,
            Self::PostalAddress(address) => address.label,
            Self::Name(_) | Self::CustomerNumber(_) | Self::Language(_) | Self::Tags(_) => None,
        }
    }

    /// One line for pages and lists, in Finnish where words of ours are in it.
    #[must_use]
    pub fn display(&self) -> String {
        self.display_in(Language::Fi)
    }

    /// One line for pages and lists: names of countries and languages are in `language`.
    #[must_use]
    pub fn display_in(&self, language: Language) -> String {
        match self {
            Self::Name(name) => name.display(),
            Self::CustomerNumber(number) => number.clone(),
            Self::Language(own) => own.own_name().to_owned(),
            Self::Email(email) => email.address.clone(),
            Self::Telephone(telephone) => telephone.display(),
            Self::PostalAddress(address) => address.display(language),
            Self::Tags(tag) => tag.to_string(),
        }
    }

    /// The normalised value by which parties are found: e-mail in lower case, telephone in E.164, customer number, tag.
    /// None for other kinds that many people share, and for unverified telephone numbers.
    #[must_use]
    pub fn match_key(&self) -> Option<String> {
        match self {
            Self::Email(email) => Some(email.match_key()),
            Self::Telephone(telephone) => telephone.match_key(),
            Self::CustomerNumber(number) => Some(number.clone()),
            Self::Tags(tag) => Some(tag.to_string()),
            Self::Name(_) | Self::Language(_) | Self::PostalAddress(_) => None,
        }
    }

    /// Words for the search index, not folded: parts of names, the e-mail address and its parts, the telephone number
    /// in E.164 and as dialled at home, street, town, postal code, customer number. Languages and tags are not searched for.
    #[must_use]
    pub fn search_words(&self) -> Vec<String> {
        match self {
            Self::Name(name) => words(&[&name.given, &name.family]),
            Self::CustomerNumber(number) => words(&[number]),
            Self::Language(_) | Self::Tags(_) => Vec::new(),
            Self::Email(email) => {
                let mut found = vec![email.address.clone()];
                let (local, domain) = email.address.split_once('@').unwrap_or((&email.address, ""));
                let parts = local.split(['.', '_', '-', '+']).chain([domain]).filter(|part| !part.is_empty());
                found.extend(parts.map(str::to_owned));
                found
            }
            Self::Telephone(telephone) if telephone.e164 => {
                vec![telephone.number.clone(), telephone.national_digits()]
            }
            Self::Telephone(telephone) => vec![telephone.national_digits()],
            Self::PostalAddress(a) => words(&[&a.street, &a.postal_code, &a.town, &a.region]),
        }
    }

    /// The columns of the value table.
    #[must_use]
    pub fn flat(&self) -> Flat {
        let mut flat =
            Flat { label: self.label().map(|label| label.to_string()), match_key: self.match_key(), ..Flat::default() };
        match self {
            Self::Name(name) => {
                flat.text.clone_from(&name.family);
                flat.given = Some(name.given.clone());
            }
            Self::CustomerNumber(number) => flat.text.clone_from(number),
            Self::Language(language) => language.tag().clone_into(&mut flat.text),
            Self::Tags(tag) => tag.as_str().clone_into(&mut flat.text),
            Self::Email(email) => flat.text.clone_from(&email.address),
            Self::Telephone(telephone) => flat.text.clone_from(&telephone.number),
            Self::PostalAddress(address) => {
                flat.text.clone_from(&address.street);
                flat.postal_code = Some(address.postal_code.clone());
                flat.town = Some(address.town.clone());
                flat.region = Some(address.region.clone());
                flat.country = Some(address.country.clone());
            }
        }
        flat
    }

    /// The value of a row of the value table.
    ///
    /// # Errors
    /// [`Corrupt`], without the columns' contents.
    pub fn from_flat(kind: Kind, flat: Flat) -> Result<Self, Corrupt> {
        let corrupt = |why| Corrupt { kind, why };
        let label = flat.label.as_deref().map(str::parse).transpose().map_err(|_| corrupt("an unknown label"))?;
        if label.is_some_and(|label: Label| !label.fits(kind)) {
            return Err(corrupt("a label of another kind"));
        }
        Ok(match kind {
            Kind::Name => Self::Name(PersonName { given: flat.given.unwrap_or_default(), family: flat.text }),
            Kind::CustomerNumber => Self::CustomerNumber(flat.text),
            Kind::Language => Self::Language(flat.text.parse().map_err(|_| corrupt("an unknown language"))?),
            Kind::Email => Self::Email(Email { label, address: flat.text }),
            // Only a verified number has a key: the table needs no column for it.
            Kind::Telephone => {
                let e164 = flat.match_key.as_ref() == Some(&flat.text);
                Self::Telephone(Telephone { label, number: flat.text, e164 })
            }
            Kind::PostalAddress => Self::PostalAddress(PostalAddress {
                label,
                street: flat.text,
                postal_code: flat.postal_code.unwrap_or_default(),
                town: flat.town.unwrap_or_default(),
                region: flat.region.unwrap_or_default(),
                country: flat.country.ok_or_else(|| corrupt("an address without a country"))?,
            }),
            Kind::Tags => Self::Tags(flat.text.parse().map_err(|_| corrupt("not the name of a tag"))?),
            Kind::Organisation | Kind::Orders | Kind::Credit => {
                return Err(corrupt("a kind that is not kept as values"));
            }
        })
    }
}

fn words(texts: &[&str]) -> Vec<String> {
    texts.iter().flat_map(|text| text.split_whitespace()).map(str::to_owned).collect()
}

impl StoredValue {
    /// Whether it holds on `day`.
    #[must_use]
    pub fn holds_on(&self, day: Date) -> bool {
        holds(self.valid_from, self.valid_until, day)
    }
}

/// Whether `day` is within two days that may be open.
#[must_use]
pub fn holds(from: Option<Date>, until: Option<Date>, day: Date) -> bool {
    from.is_none_or(|from| from <= day) && until.is_none_or(|until| day <= until)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn label(kind: Kind) -> impl Strategy<Value = Option<Label>> {
        let fitting: Vec<Label> = Label::ALL.into_iter().filter(|label| label.fits(kind)).collect();
        prop::option::of(prop::sample::select(fitting))
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let text = "\\PC{0,20}";
        prop_oneof![
            (text, text).prop_map(|(given, family)| Value::Name(PersonName { given, family })),
            text.prop_map(Value::CustomerNumber),
            prop::sample::select(Language::ALL.to_vec()).prop_map(Value::Language),
            "[a-z][a-z0-9_-]{0,39}".prop_map(|tag| Value::Tags(tag.parse().unwrap())),
            (label(Kind::Email), text).prop_map(|(label, address)| Value::Email(Email { label, address })),
            (label(Kind::Telephone), text, any::<bool>())
                .prop_map(|(label, number, e164)| Value::Telephone(Telephone { label, number, e164 })),
            (label(Kind::PostalAddress), text, text, text, text, "[A-Z]{2}").prop_map(
                |(label, street, postal_code, town, region, country)| {
                    Value::PostalAddress(PostalAddress { label, street, postal_code, town, region, country })
                }
            ),
        ]
    }

    proptest! {
        #[test]
        fn columns_hold_the_whole_value(value in any_value()) {
            prop_assert_eq!(Value::from_flat(value.kind(), value.flat()), Ok(value));
        }

        #[test]
        fn sealed_history_holds_the_whole_value(value in any_value()) {
            let json = serde_json::to_string(&value).unwrap();
            prop_assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), value);
        }

        #[test]
        fn a_value_is_shown_and_searched_without_a_fall(value in any_value()) {
            for language in Language::ALL {
                let _ = value.display_in(language);
            }
            let _ = (value.search_words(), value.match_key());
        }
    }

    #[test]
    fn words_and_keys() {
        let email = Value::Email(Email { label: None, address: "Pirkko.Koskitalo@example.com".into() });
        assert_eq!(email.match_key().as_deref(), Some("pirkko.koskitalo@example.com"));
        assert_eq!(email.search_words(), ["Pirkko.Koskitalo@example.com", "Pirkko", "Koskitalo", "example.com"]);
        let number = Telephone { label: Some(Label::Mobile), number: "+358401234567".into(), e164: true };
        assert_eq!(Value::Telephone(number.clone()).search_words(), ["+358401234567", "0401234567"]);
        assert_eq!(Value::Telephone(number).flat().label.as_deref(), Some("mobile"));
        let name = Value::Name(PersonName { given: "Anna Maria".into(), family: "von Bär".into() });
        assert_eq!(name.search_words(), ["Anna", "Maria", "von", "Bär"]);
        assert_eq!(name.match_key(), None);
    }

    #[test]
    fn corrupt_rows_are_named_without_their_contents() {
        let flat = |label: &str| Flat { label: Some(label.into()), text: "secret".into(), ..Flat::default() };
        for (kind, row) in [
            (Kind::Email, flat("shoe")),
            (Kind::Email, flat("fax")),
            (Kind::Language, Flat { text: "secret".into(), ..Flat::default() }),
            (Kind::PostalAddress, Flat::default()),
            (Kind::Orders, Flat::default()),
            (Kind::Credit, Flat::default()),
        ] {
            let error = Value::from_flat(kind, row).unwrap_err();
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }

    #[test]
    fn validity_has_both_ends_in_it() {
        let day = |d| jiff::civil::date(2026, 11, d);
        for (from, until, want) in [
            (None, None, true),
            (Some(day(23)), Some(day(23)), true),
            (Some(day(24)), None, false),
            (None, Some(day(22)), false),
        ] {
            assert_eq!(holds(from, until, day(23)), want);
        }
    }
}
