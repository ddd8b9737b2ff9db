//! A value: one datum of a party, with where it came from. [`Flat`] is the same in the columns of a table.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::address::PostalAddress;
use crate::email::Email;
use crate::id::{SourceId, ValueId};
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
    /// A customer number, NFC, without white space.
    CustomerNumber(String),
    /// The language of service.
    Language(Language),
    /// An e-mail address.
    Email(Email),
    /// A telephone number.
    Telephone(Telephone),
    /// A postal address.
    PostalAddress(PostalAddress),
}

/// A value as the columns of the value table.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Flat {
    /// [`Label::as_str`].
    pub label: Option<String>,
    /// Family name, number, language tag, e-mail address, telephone number, or street rows joined with `\n`.
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
    pub valid_from: Option<Date>,
    /// Last day on which it holds; none: until further notice.
    pub valid_until: Option<Date>,
    /// Where it came from, as the notice names the source (Art. 14(2)(f)).
    pub source: SourceId,
    /// Who entered it: the user's name as it was then, or the import.
    pub entered_by: String,
    /// When it was entered.
    pub entered_at: Timestamp,
}
