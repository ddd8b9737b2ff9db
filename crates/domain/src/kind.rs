//! The catalogue of kinds of data that the code knows how to keep. A register keeps those that its notice declares,
//! and no others (Art. 13-14, promise P10).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A kind of personal data.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Given name and family name (*etu- ja sukunimi*).
    Name,
    /// The organisation that the person represents (*edustama yhteisö*).
    Organisation,
    /// E-mail address.
    Email,
    /// Postal address.
    PostalAddress,
    /// Telephone number.
    Telephone,
    /// Orders (*tiedot aikaisemmista tilauksista*).
    Orders,
    /// Customer number.
    CustomerNumber,
    /// The language in which the person is served.
    Language,
    /// Credit applications, what was asked about them elsewhere, and decisions.
    Credit,
    /// Tags of the register's own catalogue (*tunnisteet*): a controlled vocabulary, never free text.
    Tags,
}

impl Kind {
    /// The whole catalogue.
    pub const ALL: [Self; 10] = [
        Self::Name,
        Self::Organisation,
        Self::Email,
        Self::PostalAddress,
        Self::Telephone,
        Self::Orders,
        Self::CustomerNumber,
        Self::Language,
        Self::Credit,
        Self::Tags,
    ];

    /// The name in `notice.toml`, in the database and in the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Organisation => "organisation",
            Self::Email => "email",
            Self::PostalAddress => "postal_address",
            Self::Telephone => "telephone",
            Self::Orders => "orders",
            Self::CustomerNumber => "customer_number",
            Self::Language => "language",
            Self::Credit => "credit",
            Self::Tags => "tags",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Not in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a kind of data that the program knows")]
pub struct UnknownKind(pub String);

impl FromStr for Kind {
    type Err = UnknownKind;
    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        Self::ALL.into_iter().find(|k| k.as_str() == text).ok_or_else(|| UnknownKind(text.to_owned()))
    }
}

/// A set of kinds, small enough to copy.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Kinds(u32);

impl Kinds {
    /// No kind.
    pub const NONE: Self = Self(0);

    /// Whether `kind` is in the set.
    #[must_use]
    pub const fn has(self, kind: Kind) -> bool {
        self.0 & (1 << kind as u32) != 0
    }

    /// The set with `kind` in it.
    #[must_use]
    pub const fn with(self, kind: Kind) -> Self {
        Self(self.0 | (1 << kind as u32))
    }

    /// The set without `kind`.
    #[must_use]
    pub const fn without(self, kind: Kind) -> Self {
        Self(self.0 & !(1 << kind as u32))
    }

    /// The kinds in catalogue order.
    pub fn iter(self) -> impl Iterator<Item = Kind> {
        Kind::ALL.into_iter().filter(move |kind| self.has(*kind))
    }
}

impl FromIterator<Kind> for Kinds {
    fn from_iter<I: IntoIterator<Item = Kind>>(kinds: I) -> Self {
        kinds.into_iter().fold(Self::NONE, Self::with)
    }
}

impl Kinds {
    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The kinds of both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The kinds of either set.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The names of the kinds with a space between, as the database keeps them.
    #[must_use]
    pub fn names(self) -> String {
        self.iter().map(Kind::as_str).collect::<Vec<_>>().join(" ")
    }

    /// Reads what [`Kinds::names`] wrote.
    ///
    /// # Errors
    /// One is not in the catalogue.
    pub fn from_names(text: &str) -> Result<Self, UnknownKind> {
        text.split_whitespace().map(str::parse).collect()
    }
}

impl Serialize for Kinds {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Kinds {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<Kind>::deserialize(deserializer)?.into_iter().collect())
    }
}

impl fmt::Debug for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        for kind in Kind::ALL {
            assert_eq!(kind.as_str().parse::<Kind>(), Ok(kind));
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{kind}\""));
        }
        assert!("shoe_size".parse::<Kind>().is_err());
    }

    #[test]
    fn a_set_holds_what_was_put_in() {
        let set: Kinds = [Kind::Name, Kind::Email].into_iter().collect();
        assert!(set.has(Kind::Name) && set.has(Kind::Email) && !set.has(Kind::Orders));
        assert_eq!(set.without(Kind::Name).iter().collect::<Vec<_>>(), vec![Kind::Email]);
    }
}
